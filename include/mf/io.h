/* mf/io.h - bytes and lines in and out of file descriptors, and what a job reports.
 *
 * Short reads and writes and EINTR are retried; every other failure of the
 * operating system is an error that names the file. Descriptors belong to the
 * caller, except that mf_out_sync closes its own.
 *
 * A line of text ends with LF or CRLF; a byte order mark at the start is skipped;
 * the last line need not end. A NUL, bytes that are not UTF-8 and a line longer than
 * MF_LINE_MAX are errors with file and line; so is what begins as UTF-16, a zip
 * archive, a bundle or an array of NumPy.
 *
 * The library never prints: progress and notes of a job go to the callbacks of an
 * mf_report. */
#ifndef MF_IO_H
#define MF_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/err.h"

MF_BEGIN_DECLS

typedef struct mf_in mf_in;
typedef struct mf_out mf_out;

/* Read from `fd`, called `name` in messages (copied). The caller closes fd
 * after mf_in_close. Returns MF_OK or MF_ENOMEM. */
int mf_in_open(mf_in **out, int fd, const char *name, mf_err *err) MF_MUST_USE;
void mf_in_close(mf_in *in);

/* Let *data point at the unread bytes, *have of them: at least `want`, unless
 * the input ends before. The buffer grows only with bytes that came, so a lie
 * about a length reserves nothing. Borrowed until the next call on `in`.
 * Returns MF_OK, MF_ENOMEM or MF_EIO. */
int mf_in_peek(mf_in *in, size_t want, const uint8_t **data, size_t *have,
               mf_err *err) MF_MUST_USE;

/* Step over n bytes that mf_in_peek has shown. */
void mf_in_skip(mf_in *in, size_t n);

/* Fill data with the next n bytes and step over them; *got is less than n at the
 * end alone. What mf_in_peek has shown is among them. Large reads go to `data`
 * directly. Returns MF_OK, MF_EIO or MF_ENOMEM. */
int mf_in_read(mf_in *in, void *data, size_t n, size_t *got, mf_err *err) MF_MUST_USE;

/* Call `each` after every read of the descriptor, from the thread that reads: `done`
 * bytes came from it since mf_in_open; `total` is what a regular file had then, 0 for
 * others. */
typedef void mf_in_watcher(void *self, const char *name, uint64_t done, uint64_t total);
void mf_in_watch(mf_in *in, mf_in_watcher *each, void *self);

uint64_t mf_in_offset(const mf_in *in); /* bytes stepped over so far */
const char *mf_in_name(const mf_in *in);

/* Write to `fd`, called `name` in messages (copied), through a buffer. Returns MF_OK
 * or MF_ENOMEM.
 *
 * The first failure of a write sticks: every later call on `out` writes nothing and
 * fails with the same code and words. So a text of many pieces is put down piece by
 * piece and checked once, at its end; a long computation checks now and then. */
int mf_out_open(mf_out **out, int fd, const char *name, mf_err *err) MF_MUST_USE;

/* Return MF_OK, MF_EIO or, mf_out_printf, MF_ENOMEM. */
int mf_out_write(mf_out *out, const void *data, size_t n, mf_err *err);
int mf_out_printf(mf_out *out, mf_err *err, const char *format, ...) MF_PRINTF(3, 4);

/* What is written goes to a terminal: it is cleaned as by mf_err_clean, but for tabs
 * and line feeds. */
void mf_out_show(mf_out *out);

/* Call `first` once, before the first bytes go to the descriptor. */
void mf_out_before(mf_out *out, void (*first)(void *self), void *self);

/* MF_OK, or the failure that sticks. */
int mf_out_check(const mf_out *out, mf_err *err) MF_MUST_USE;

/* Hand everything to the operating system. Returns MF_OK or the failure that sticks. */
int mf_out_flush(mf_out *out, mf_err *err) MF_MUST_USE;

/* Flush, send a regular file to its disk, and close the descriptor: the last
 * place where a full disk can show itself. Returns MF_OK, MF_EIO or the failure that
 * sticks. */
int mf_out_sync(mf_out *out, mf_err *err) MF_MUST_USE;

/* Free the buffer; what is in it is lost unless flushed. */
void mf_out_close(mf_out *out);

/* --- lines --- */

enum { MF_LINE_MAX = 1 << 20 };

typedef struct mf_lines mf_lines;

/* A piece of a line; borrowed, not terminated. */
typedef struct mf_field {
    const char *text;
    size_t len;
} mf_field;

/* Read lines from `fd`, called `name` in messages. */
int mf_lines_open(mf_lines **out, int fd, const char *name, mf_err *err) MF_MUST_USE;
void mf_lines_close(mf_lines *lines);
void mf_lines_watch(mf_lines *lines, mf_in_watcher *each, void *self);

/* The next line, without its end; borrowed until the next call. Returns 1 for
 * a line, 0 at the end, MF_EFORMAT, MF_EIO or MF_ENOMEM. */
int mf_lines_next(mf_lines *lines, mf_field *line, mf_err *err) MF_MUST_USE;

const char *mf_lines_name(const mf_lines *lines);

/* The number of the line last read; the first is 1. */
uint64_t mf_lines_number(const mf_lines *lines);

/* The digest of the lines read so far that does not depend on their order:
 * the sum of XXH3-64 of each line without its end, modulo 2^64. */
uint64_t mf_lines_digest(const mf_lines *lines);

/* --- what a job reports --- */

/* How far a job is; borrowed for the call. */
typedef struct mf_progress {
    const char *what; /* it does, "training"; where this changes, another phase begins,
                         whose speed is another */
    const char *step; /* of that phase, "sweep 3 of 10", or NULL */
    const char *unit; /* of the numbers, "users", or NULL: nothing is counted */
    uint64_t done, total; /* total 0: unknown */
} mf_progress;

/* Any callback may be NULL. They are called from one thread at a time. */
typedef struct mf_report {
    void *self; /* handed to the callbacks */
    void (*progress)(void *self, const mf_progress *now);
    /* One line worth knowing, without its newline. */
    void (*note)(void *self, const char *line);
    /* One line that must be seen: the result is not all that was asked for. */
    void (*warn)(void *self, const char *line);
} mf_report;

MF_END_DECLS

#endif
