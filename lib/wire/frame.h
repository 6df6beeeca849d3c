/* wire/frame.h - the framing of a bundle: tagged, chained, checksummed.
 *
 * A frame is the msgpack array [tag, payload, check]: a one-character str, a
 * bin, and the XXH3-64 of tag byte then payload, seeded with the check of the
 * frame before (the first with 0), as a 9-byte uint64. The chain makes a cut,
 * flipped, dropped, doubled or swapped frame an error. mf-bundle(5) has the
 * bytes; mf/bundle.h says what is in a payload. */
#ifndef WIRE_FRAME_H
#define WIRE_FRAME_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/io.h"

enum {
    MF_FRAME_WRITE_MAX = 8 << 20, /* bytes of payload that may be written */
    MF_FRAME_READ_MAX = 16 << 20  /* and that are accepted */
};

typedef struct mf_frame {
    char tag;
    const uint8_t *payload; /* [size]; borrowed until the next call */
    size_t size;
    uint64_t index;  /* of the frame in the stream, from 0 */
    uint64_t offset; /* of its first byte in the stream */
} mf_frame;

typedef struct mf_frame_reader mf_frame_reader;
typedef struct mf_frame_writer mf_frame_writer;

/* Read frames from `in`, which is borrowed. Returns MF_OK or MF_ENOMEM. */
int mf__frame_reader_open(mf_frame_reader **out, mf_in *in, mf_err *err) MF_MUST_USE;
void mf__frame_reader_close(mf_frame_reader *r);

/* The next frame, its check verified. Returns 1 for a frame, 0 where the bytes
 * end after a frame (whether they may end there is for the caller to judge),
 * MF_EFORMAT, MF_EIO or MF_ENOMEM. */
int mf__frame_next(mf_frame_reader *r, mf_frame *frame, mf_err *err) MF_MUST_USE;

/* The check of the last frame: the digest of the stream so far. */
uint64_t mf__frame_reader_digest(const mf_frame_reader *r);

/* Fail with "file: frame I@OFFSET: " before the words, for the frame last
 * read. Returns MF_EFORMAT. */
int mf__frame_fail(const mf_frame_reader *r, mf_err *err, const char *format, ...)
    MF_PRINTF(3, 4);
int mf__frame_vfail(const mf_frame_reader *r, mf_err *err, const char *format,
                    va_list args) MF_PRINTF(3, 0);

/* Write frames to `out`, which is borrowed. Returns MF_OK or MF_ENOMEM. */
int mf__frame_writer_open(mf_frame_writer **result, mf_out *out,
                          mf_err *err) MF_MUST_USE;
void mf__frame_writer_close(mf_frame_writer *w);

/* Write one frame. Returns MF_OK, MF_EIO, or MF_ERANGE if it is too large. */
int mf__frame_put(mf_frame_writer *w, char tag, const void *payload, size_t size,
                  mf_err *err) MF_MUST_USE;

/* The same for a payload that was read, and may be as large as one that is accepted. */
int mf__frame_pass(mf_frame_writer *w, char tag, const void *payload, size_t size,
                   mf_err *err) MF_MUST_USE;

uint64_t mf__frame_writer_digest(const mf_frame_writer *w);

#endif
