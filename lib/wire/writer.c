#include "wire/writer.h"

#include <stdlib.h>

#include "base/mem.h"
#include "wire/map.h"

int mf_bundle_writer_open(mf_bundle_writer **result, mf_out *out, mf_err *err)
{
    mf_bundle_writer *w = *result = mf__new0(1, sizeof *w);
    if (!w)
        return mf__nomem(err);
    w->out = out;
    w->row_cells = MF_ROWS_CELLS;
    w->pack = mf__packer(&w->payload);
    int code = mf__frame_writer_open(&w->frames, out, err);
    if (code < 0) {
        free(w);
        *result = NULL;
    }
    return code;
}

void mf_bundle_writer_close(mf_bundle_writer *w)
{
    if (!w)
        return;
    mf__frame_writer_close(w->frames);
    mf__pack_free(&w->payload);
    free(w->len);
    free(w->item);
    free(w->value);
    free(w->fold);
    free(w->time);
    free(w);
}

void mf__writer_row_cells(mf_bundle_writer *w, size_t cells)
{
    w->row_cells = cells ? cells : 1;
}

msgpack_packer *mf__writer_begin(mf_bundle_writer *w, size_t keys)
{
    mf__pack_clear(&w->payload);
    w->keys = keys;
    msgpack_pack_map(&w->pack, keys);
    return &w->pack;
}

int mf__writer_put(mf_bundle_writer *w, char tag, mf_err *err)
{
    if (w->payload.failed)
        return mf__nomem(err);
    if (w->keys > WIRE_KEYS_MAX)
        return mf_fail(err, MF_ERANGE,
                       "a frame %c of %zu keys, with those passed on, has "
                       "too many to be read",
                       tag, w->keys);
    w->section[(unsigned char)tag & 127]++;
    w->written++;
    return mf__frame_put(w->frames, tag, w->payload.data, w->payload.size, err);
}
