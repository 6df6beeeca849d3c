/* tool_private.h - what the modules of tool.h share. */
#ifndef TOOL_PRIVATE_H
#define TOOL_PRIVATE_H

#include "tool.h"

/* tool_messages.c */

/* The name that messages begin with. */
void tool_messages_name(const char *name);

/* Do not say what is wrong with the usage: another process does. */
void tool_messages_mute(void);

/* From here on what ends the program is told to others before it is said: `agree` makes
 * of *why what they all say (its code MF_EINVAL is wrong usage), and returns whether
 * this one says it. NULL: no more. */
void tool_messages_agree(bool (*agree)(mf_err *why));

/* Print *why as one line, if `says`; remove the temporary files; exit with the status
 * of wrong usage where the code is MF_EINVAL, else of a failure. */
_Noreturn void tool_messages_end(const mf_err *why, bool says);

/* The callbacks of io->report; they print unless -q, notes only with -v. */
void tool_messages_note(void *io, const char *line);
void tool_messages_warn(void *io, const char *line);

/* tool_die with these words. */
_Noreturn void tool_messages_fail(tool_io *io, const char *format, ...) MF_PRINTF(2, 3);

/* tool_room.c */

enum { TOOL_THREADS_MAX = 1024 };

/* Let the stacks of all threads have what they need; dies where they may not have
 * it. */
void tool_room_stacks(tool_io *io);

/* Want no more threads than can be started. */
void tool_room_threads(tool_io *io);

/* tool_replace.c */

/* Open a file that is to appear at file->path; the slot is set too. Returns a
 * descriptor to be written to and synced, or -1. */
int tool_replace_begin(tool_file *file, mf_err *err);

/* Let it appear; once that is done, or if there is no file, do nothing. Returns MF_OK
 * or MF_EIO. */
int tool_replace_end(tool_file *file, mf_err *err);

/* tool_temporaries.c: the temporary files that are there, by slots; 0 is that of -o */

/* Note what is there; NULL: nothing is any more. The path is borrowed until then. */
void tool_temporaries_set(int slot, const char *path);

/* A slot other than 0 that is free, or -1. */
int tool_temporaries_free(void);

/* Remove the files. Safe in a signal handler. */
void tool_temporaries_remove(void);

/* tool_signals.c */

/* Signals that end the program remove temporary files and the line of progress. */
void tool_signals_catch(void);

/* tool_names.c */

/* The descriptor that the name leads to, as /dev/stdout and /dev/fd/N do, or -1. */
int tool_names_descriptor(const char *path);

/* The path of the file that the name leads to, there or not; to be freed, may be
 * NULL. */
char *tool_names_target(const char *path);

/* An input that is opened; unless the tool has named it already, its name is noted. */
void tool_names_input(tool_io *io, const char *path);

void tool_names_free(tool_io *io);

#endif
