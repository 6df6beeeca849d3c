/* n, a note. */
#include "wire/note.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "wire/kinds.h"
#include "wire/reader.h"
#include "wire/rows.h"
#include "wire/writer.h"

const char *mf__note_fault(const char *text, size_t len)
{
    if (len == 0)
        return "the note is empty";
    if (len > MF_NOTE_MAX)
        return "the note has more than 65536 bytes";
    if (memchr(text, 0, len) || !mf__utf8_valid(text, len))
        return "the note is not UTF-8 without NUL";
    return NULL;
}

int mf__note_copy(char **out, const mf_note *note, mf_err *err)
{
    if (!(*out = mf__new(note->len + 1, 1)))
        return mf__nomem(err);
    memcpy(*out, note->text, note->len);
    (*out)[note->len] = '\0';
    return MF_OK;
}

int mf__note_read(mf_bundle_reader *r, mf_err *err)
{
    mf_note *note = &r->record.note;
    *note = (mf_note){NULL, 0};
    const char *why = mf__map_str(&r->map, "text", true, &note->text, &note->len);
    if (!why)
        why = mf__note_fault(note->text, note->len);
    return why ? mf__reader_bad(r, err, why) : MF_OK;
}

int mf_bundle_put_note(mf_bundle_writer *w, const char *text, mf_err *err)
{
    const char *why = mf__note_fault(text, strlen(text));
    if (!why && w->section['n'])
        why = "a bundle has one note";
    if (why)
        return mf_fail(err, MF_ERANGE, "%s", why);
    int code = mf__rows_send(w, err);
    if (code < 0)
        return code;
    msgpack_packer *pack = mf__writer_begin(w, 2);
    mf__pack_key_bool(pack, "safe", true);
    mf__pack_key_str(pack, "text", text);
    return mf__writer_put(w, 'n', err);
}
