/* base/unpack.h - compressed input, read as the bytes that were compressed.
 *
 * gzip, zstd, xz and bzip2 are told by their first bytes. What was compressed in
 * several pieces, one after the other, is read as one; what was compressed twice, one
 * in the other, is refused. zlib decodes gzip, because
 * libarchive does not hold what it decodes against the checksum; libarchive decodes the
 * others. */
#ifndef BASE_UNPACK_H
#define BASE_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/err.h"

enum { MF_UNPACK_HEAD = 6 }; /* first bytes that tell the compression */

/* What compressed data that begin with head[n] are called, or NULL. *more: further
 * bytes, up to MF_UNPACK_HEAD, could still make it compressed. */
const char *mf__unpack_kind(const uint8_t head[], size_t n, bool *more);

typedef struct mf_unpacker mf_unpacker;

/* Where compressed bytes come from: up to `cap` of them to `to`. Returns their number,
 * 0 at the end, or a failure. */
typedef long long mf_unpack_source(void *self, uint8_t *to, size_t cap, mf_err *err);

/* Decode data of this kind, called `name` in messages: head[n], copied, then what
 * `source` gives. `name` and `self` are borrowed. Returns MF_OK, MF_EFORMAT or
 * MF_ENOMEM. */
int mf__unpack_open(mf_unpacker **out, const char *kind, const char *name,
                    const uint8_t head[], size_t n, mf_unpack_source *source,
                    void *self, mf_err *err) MF_MUST_USE;
void mf__unpack_close(mf_unpacker *u);

/* Up to `cap` decoded bytes to `to`. Returns their number; 0 at the end, once all
 * checks that the data carry have been made; MF_EFORMAT (damaged, they end early,
 * or what they hold is compressed too), MF_EIO or MF_ENOMEM. */
long long mf__unpack_read(mf_unpacker *u, uint8_t *to, size_t cap, mf_err *err);

#endif
