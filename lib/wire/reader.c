#include "wire/reader.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "typed arrays are little-endian on the wire and copied as they are");

int mf_bundle_reader_open(mf_bundle_reader **out, mf_in *in, mf_err *err)
{
    mf_bundle_reader *r = *out = mf__new0(1, sizeof *r);
    if (!r)
        return mf__nomem(err);
    r->in = in;
    r->record.from = r;
    int code = mf__frame_reader_open(&r->frames, in, err);
    if (code < 0) {
        free(r);
        *out = NULL;
    }
    return code;
}

void mf__reader_drop_parts(mf_bundle_reader *r)
{
    for (size_t i = 0; i < r->parts; i++)
        if (r->part[i].held)
            free(r->part[i].payload);
    r->parts = 0;
}

void mf_bundle_reader_close(mf_bundle_reader *r)
{
    if (!r)
        return;
    mf__reader_drop_parts(r);
    mf__frame_reader_close(r->frames);
    free(r->part);
    free(r->last_id);
    free(r->len);
    free(r->item);
    free(r->value);
    free(r->fold);
    free(r->time);
    free(r->train);
    free(r->data);
    free(r->bias);
    free(r->weight);
    free(r->history);
    free(r->stage);
    mf__pack_free(&r->tail);
    free(r);
}

int mf_bundle_fail(const mf_bundle_reader *r, mf_err *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int code = mf__frame_vfail(r->frames, err, format, args);
    va_end(args);
    return code;
}

int mf__reader_bad(const mf_bundle_reader *r, mf_err *err, const char *why)
{
    if (strcmp(why, WIRE_NO_MEMORY) == 0)
        return mf__nomem(err);
    return mf_bundle_fail(r, err, "%c: %s", r->frame.tag, why);
}

static int add_part(mf_bundle_reader *r, mf_err *err)
{
    if (mf__reserve(&r->part, &r->part_cap, r->parts + 1, sizeof *r->part, err) < 0)
        return MF_ENOMEM;
    union {
        const uint8_t *in;
        uint8_t *out;
    } payload = {r->frame.payload}; /* only ever read, or freed if held */
    r->part[r->parts++] = (bundle_part){.payload = payload.out, .size = r->frame.size};
    return MF_OK;
}

int mf__reader_next_frame(mf_bundle_reader *r, mf_err *err)
{
    int code = mf__frame_next(r->frames, &r->frame, err);
    if (code < 0)
        return code;
    if (code == 0)
        return mf_fail(err, MF_EFORMAT,
                       r->at ? "%s: frame %llu@%llu: the input ends without its end "
                               "frame E: it was cut, or what wrote it failed"
                             : "%s: frame %llu@%llu: the input is empty, not a bundle: "
                               "what wrote it may have failed",
                       mf_in_name(r->in),
                       (unsigned long long)(r->at ? r->frame.index + 1 : 0),
                       (unsigned long long)mf_in_offset(r->in));
    const char *why = mf__map_parse(&r->map, r->frame.payload, r->frame.size);
    if (why)
        return mf__reader_bad(r, err, why);
    r->section[(unsigned char)r->frame.tag & 127]++;
    return add_part(r, err);
}

int mf__reader_copy_bin(mf_bundle_reader *r, const char *key, size_t n, size_t size,
                        void *block, size_t *cap, size_t at, mf_err *err)
{
    wire_span bin;
    const char *why = mf__map_bin(&r->map, key, true, &bin);
    if (why)
        return mf__reader_bad(r, err, why);
    if (bin.size / size != n || bin.size % size != 0)
        return mf_bundle_fail(r, err, "%c: '%s' has %zu bytes, not %zu times %zu",
                              r->frame.tag, key, bin.size, n, size);
    if (mf__reserve(block, cap, at + n + 1, size, err) < 0) /* never NULL */
        return MF_ENOMEM;
    uint8_t *to;
    memcpy(&to, block, sizeof to);
    if (n)
        memcpy(to + at * size, bin.data, bin.size);
    return MF_OK;
}

const mf_header *mf_bundle_header(const mf_bundle_reader *r)
{
    return &r->header;
}

uint64_t mf_bundle_digest(const mf_bundle_reader *r)
{
    return mf__frame_reader_digest(r->frames);
}

uint64_t mf_bundle_cells(const mf_bundle_reader *r)
{
    return r->cells;
}

uint64_t mf_bundle_section(const mf_bundle_reader *r, char tag)
{
    return r->section[(unsigned char)tag & 127];
}
