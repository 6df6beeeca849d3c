/* wire/note.h - texts of notes. */
#ifndef WIRE_NOTE_H
#define WIRE_NOTE_H

#include "mf/bundle.h"

/* What keeps a text from being a note, as in "the note is empty", or NULL. */
const char *mf__note_fault(const char *text, size_t len);

/* A copy with a NUL, the caller's to free. Returns MF_OK or MF_ENOMEM. */
int mf__note_copy(char **out, const mf_note *note, mf_err *err) MF_MUST_USE;

#endif
