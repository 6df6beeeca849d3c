/* mf/io.h - bytes in and out of file descriptors.
 *
 * Short reads and writes and EINTR are retried; every other failure of the
 * operating system is an error that names the file. Descriptors belong to the
 * caller, but for mf_out_sync. */
#ifndef MF_IO_H
#define MF_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/err.h"

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

/* True if the input is a regular file, so that it can be read again. */
bool mf_in_can_rewind(const mf_in *in);

/* Back to the first byte. Returns MF_OK or MF_EIO. */
int mf_in_rewind(mf_in *in, mf_err *err) MF_MUST_USE;

uint64_t mf_in_offset(const mf_in *in); /* bytes stepped over so far */
const char *mf_in_name(const mf_in *in);

/* Write to `fd`, called `name` in messages (copied), through a buffer. */
int mf_out_open(mf_out **out, int fd, const char *name, mf_err *err) MF_MUST_USE;

int mf_out_write(mf_out *out, const void *data, size_t n, mf_err *err) MF_MUST_USE;
int mf_out_printf(mf_out *out, mf_err *err, const char *format, ...)
    MF_PRINTF(3, 4) MF_MUST_USE;

/* Hand everything to the operating system. Returns MF_OK or MF_EIO. */
int mf_out_flush(mf_out *out, mf_err *err) MF_MUST_USE;

/* Flush, send a regular file to its disk, and close the descriptor: the last
 * place where a full disk can show itself. Returns MF_OK or MF_EIO. */
int mf_out_sync(mf_out *out, mf_err *err) MF_MUST_USE;

/* Free the buffer; what is in it is lost unless flushed. */
void mf_out_close(mf_out *out);

#endif
