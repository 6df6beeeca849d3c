/* jobs/convert/zip.h - a zip archive in memory, as far as numpy's .npz needs it.
 *
 * Members are stored or deflated, below 4 GiB, not encrypted. zlib has the two things
 * that are needed, inflating and check sums, and is on every machine; libzip would bring
 * ciphers and time stamps that vary. */
#ifndef JOBS_CONVERT_ZIP_H
#define JOBS_CONVERT_ZIP_H

#include <stddef.h>
#include <stdint.h>

#include "mf/io.h"

/* Unpack the member `name` of the archive into *out, [*size], the caller's to
 * free. Memory grows with what comes out, never with what is declared. Returns
 * MF_OK, MF_ENOMEM or MF_EFORMAT, its message beginning with `source`. */
int mf__zip_extract(const uint8_t *archive, size_t bytes, const char *name,
                    const char *source, uint8_t **out, size_t *size,
                    mf_err *err) MF_MUST_USE;

enum { ZIP_MEMBERS = 8 };

/* An archive in the making: stored, dated 1980-01-01. */
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
