#include "wire/frame.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/mem.h"
#include "base/number.h"
#include "wire/pack.h"
#include "wire/sniff.h"

struct mf_frame_reader {
    mf_in *in;
    XXH3_state_t *hash;
    uint64_t digest, index, offset; /* index and offset of the frame last read */
    uint64_t next;                  /* index of the one to come */
    size_t pending;                 /* bytes of the last frame, to be stepped over */
};

struct mf_frame_writer {
    mf_out *out;
    XXH3_state_t *hash;
    uint64_t digest;
    wire_buffer head; /* scratch for the bytes around a payload */
};

static uint64_t chain(XXH3_state_t *hash, uint64_t before, char tag,
                      const void *payload, size_t size)
{
    XXH3_64bits_reset_withSeed(hash, before);
    XXH3_64bits_update(hash, &tag, 1);
    XXH3_64bits_update(hash, payload, size);
    return XXH3_64bits_digest(hash);
}

int mf__frame_reader_open(mf_frame_reader **out, mf_in *in, mf_err *err)
{
    mf_frame_reader *r = *out = mf__new0(1, sizeof *r);
    if (!r)
        return mf__nomem(err);
    r->in = in;
    if (!(r->hash = XXH3_createState())) {
        mf__frame_reader_close(r);
        *out = NULL;
        return mf__nomem(err);
    }
    return MF_OK;
}

void mf__frame_reader_close(mf_frame_reader *r)
{
    if (!r)
        return;
    XXH3_freeState(r->hash);
    free(r);
}

int mf__frame_vfail(const mf_frame_reader *r, mf_err *err, const char *format,
                    va_list args)
{
    char what[400];
    mf__vsnprintf(what, sizeof what, format, args);
    return mf_fail(err, MF_EFORMAT, "%s: frame %llu@%llu: %s", mf_in_name(r->in),
                   (unsigned long long)r->index, (unsigned long long)r->offset, what);
}

int mf__frame_fail(const mf_frame_reader *r, mf_err *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int code = mf__frame_vfail(r, err, format, args);
    va_end(args);
    return code;
}

static uint64_t big_endian(const uint8_t *p, size_t bytes)
{
    uint64_t x = 0;
    for (size_t i = 0; i < bytes; i++)
        x = x << 8 | p[i];
    return x;
}

/* Read the msgpack head of a bin at p. Returns its bytes, or 0 if it is none. */
static size_t bin_head(const uint8_t *p, size_t *size)
{
    size_t width = p[0] == 0xc4 ? 1 : p[0] == 0xc5 ? 2 : p[0] == 0xc6 ? 4 : 0;
    *size = (size_t)big_endian(p + 1, width);
    return width ? 1 + width : 0;
}

/* At the first frame the input may be anything: say what it is. */
static int no_frame(mf_frame_reader *r, mf_err *err)
{
    const uint8_t *p;
    size_t have;
    if (r->index > 0)
        return mf__frame_fail(r, err, "the bytes are no frame; damaged");
    int code = mf_in_peek(r->in, SNIFF_BYTES, &p, &have, err);
    if (code < 0)
        return code;
    return mf__frame_fail(r, err, "not a bundle: %s",
                          mf__sniff(p, have < SNIFF_BYTES ? have : SNIFF_BYTES));
}

int mf__frame_next(mf_frame_reader *r, mf_frame *frame, mf_err *err)
{
    enum { TAG_BYTES = 3, HEAD_MAX = 8, CHECK_BYTES = 9 };
    const uint8_t *p;
    size_t have, size;

    mf_in_skip(r->in, r->pending);
    r->pending = 0;
    int code = mf_in_peek(r->in, HEAD_MAX, &p, &have, err);
    if (code < 0)
        return code;
    if (have == 0)
        return 0;
    r->index = r->next++;
    r->offset = mf_in_offset(r->in);

    if (p[0] != 0x93 || (have > 1 && p[1] != 0xa1))
        return no_frame(r, err);
    if (have < HEAD_MAX)
        return mf__frame_fail(r, err, "the input is cut short inside a frame");
    size_t head = bin_head(p + TAG_BYTES, &size);
    char tag = (char)p[2];
    bool letter = (tag >= 'A' && tag <= 'Z') || (tag >= 'a' && tag <= 'z');
    if (!head || !letter)
        return no_frame(r, err);
    if (size > MF_FRAME_READ_MAX)
        return mf__frame_fail(r, err, "payload of %zu bytes; at most %d are allowed",
                              size, MF_FRAME_READ_MAX);

    size_t whole = TAG_BYTES + head + size + CHECK_BYTES;
    code = mf_in_peek(r->in, whole, &p, &have, err);
    if (code < 0)
        return code;
    if (have < whole)
        return mf__frame_fail(r, err, "the input is cut short inside a frame");
    const uint8_t *payload = p + TAG_BYTES + head, *check = payload + size;
    uint64_t digest = chain(r->hash, r->digest, tag, payload, size);
    if (check[0] != 0xcf || big_endian(check + 1, 8) != digest)
        return mf__frame_fail(r, err,
                              "check does not match: damaged, or frames are missing "
                              "before it");
    r->digest = digest;
    r->pending = whole;
    *frame = (mf_frame){.tag = tag,
                        .payload = payload,
                        .size = size,
                        .index = r->index,
                        .offset = r->offset};
    return 1;
}

uint64_t mf__frame_reader_digest(const mf_frame_reader *r)
{
    return r->digest;
}

int mf__frame_writer_open(mf_frame_writer **result, mf_out *out, mf_err *err)
{
    mf_frame_writer *w = *result = mf__new0(1, sizeof *w);
    if (!w)
        return mf__nomem(err);
    w->out = out;
    if (!(w->hash = XXH3_createState())) {
        mf__frame_writer_close(w);
        *result = NULL;
        return mf__nomem(err);
    }
    return MF_OK;
}

void mf__frame_writer_close(mf_frame_writer *w)
{
    if (!w)
        return;
    XXH3_freeState(w->hash);
    mf__pack_free(&w->head);
    free(w);
}

static int put(mf_frame_writer *w, char tag, const void *payload, size_t size,
               size_t max, mf_err *err)
{
    if (size > max)
        return mf_fail(err, MF_ERANGE, "a frame %c of %zu bytes is too large to write",
                       tag, size);
    w->digest = chain(w->hash, w->digest, tag, payload, size);

    mf__pack_clear(&w->head);
    msgpack_packer pack = mf__packer(&w->head);
    msgpack_pack_array(&pack, 3);
    msgpack_pack_str(&pack, 1);
    msgpack_pack_str_body(&pack, &tag, 1);
    msgpack_pack_bin(&pack, size);
    if (w->head.failed)
        return mf__nomem(err);
    int code = mf_out_write(w->out, w->head.data, w->head.size, err);
    if (code < 0 || (code = mf_out_write(w->out, payload, size, err)) < 0)
        return code;

    mf__pack_clear(&w->head);
    msgpack_pack_fix_uint64(&pack, w->digest);
    if (w->head.failed)
        return mf__nomem(err);
    return mf_out_write(w->out, w->head.data, w->head.size, err);
}

int mf__frame_put(mf_frame_writer *w, char tag, const void *payload, size_t size,
                  mf_err *err)
{
    return put(w, tag, payload, size, MF_FRAME_WRITE_MAX, err);
}

int mf__frame_pass(mf_frame_writer *w, char tag, const void *payload, size_t size,
                   mf_err *err)
{
    return put(w, tag, payload, size, MF_FRAME_READ_MAX, err);
}

uint64_t mf__frame_writer_digest(const mf_frame_writer *w)
{
    return w->digest;
}
