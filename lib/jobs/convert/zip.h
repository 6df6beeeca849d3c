/* jobs/convert/zip.h - zip archives, as far as numpy's .npz needs them.
 *
 * libarchive reads them. We write them ourselves: libarchive puts time stamps and the
 * owner of a file into each member, and its sizes behind it, and both change with the
 * version. */
#ifndef JOBS_CONVERT_ZIP_H
#define JOBS_CONVERT_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/io.h"

/* --- reading --- */

/* An archive, read once from its first byte to its last, which never lies in memory. */
typedef struct zip_reader zip_reader;

/* `in` is borrowed. Returns MF_OK, MF_ENOMEM, MF_EIO or MF_EFORMAT: it is no zip. */
int mf__zip_open(zip_reader **out, mf_in *in, mf_err *err) MF_MUST_USE;
void mf__zip_close(zip_reader *z);

/* The next member. *name is borrowed until the next call; *size is what its header
 * says, or UINT64_MAX. Returns 1, 0 after the last, once the directory was seen to be
 * whole, or a failure. */
int mf__zip_next(zip_reader *z, const char **name, uint64_t *size,
                 mf_err *err) MF_MUST_USE;

/* Up to n bytes of the member at hand; *got is less than n at its end alone, once its
 * check sum was compared. Returns MF_OK or a failure. */
int mf__zip_read(zip_reader *z, void *to, size_t n, size_t *got,
                 mf_err *err) MF_MUST_USE;

/* After the last member: XXH3-64 of all bytes of the archive. */
uint64_t mf__zip_digest(const zip_reader *z);

/* --- writing --- */

enum { ZIP_MEMBERS = 8 };

/* An archive in the making: stored, below 4 GiB, dated 1980-01-01. */
typedef struct zip_writer {
    mf_out *out; /* borrowed */
    uint64_t offset;
    size_t n;
    struct {
        const char *name; /* borrowed */
        uint32_t crc, size, offset;
    } member[ZIP_MEMBERS];
} zip_writer;

/* Add a member of `head` then `data`. MF_ERANGE if it grows past 4 GiB. */
int mf__zip_put(zip_writer *z, const char *name, const void *head, size_t head_bytes,
                const void *data, size_t data_bytes, mf_err *err) MF_MUST_USE;
int mf__zip_end(zip_writer *z, mf_err *err) MF_MUST_USE;

#endif
