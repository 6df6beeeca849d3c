/* wire/writer.h - the state of writing a bundle, and what the writers of its frames
 * share.
 *
 * Rows wait for their frame: a writer of any other frame that may follow rows calls
 * mf__rows_send first (wire/rows.h). */
#ifndef WIRE_WRITER_H
#define WIRE_WRITER_H

#include "base/disk.h"
#include "mf/bundle.h"
#include "wire/frame.h"
#include "wire/pack.h"

/* The arrays grow with what comes and are owned. */
struct mf_bundle_writer {
    mf_out *out; /* borrowed */
    mf_frame_writer *frames;
    wire_buffer payload;
    msgpack_packer pack; /* into payload */
    size_t keys;         /* of the map at hand */

    mf_header header;
    uint64_t section[128], written; /* frames, by tag and in all */
    uint32_t ids[2], rows_put;      /* ids by axis; whole rows */
    uint64_t cells;

    /* rows that wait for their frame */
    size_t row_cells; /* cells in a frame, at most */
    uint32_t first, rows;
    size_t waiting; /* cells */
    uint32_t *len, *item, *value;
    uint8_t *fold;
    int64_t *time;
    size_t len_cap, item_cap, value_cap, fold_cap, time_cap;
};

/* Start a payload, a map of `keys` keys, to be packed with what is returned. */
msgpack_packer *mf__writer_begin(mf_bundle_writer *w, size_t keys);

/* Put the payload as a frame. Returns MF_OK, MF_EIO, MF_ENOMEM or MF_ERANGE. */
int mf__writer_put(mf_bundle_writer *w, char tag, mf_err *err) MF_MUST_USE;

/* For tests: start R frames of at most this many cells. */
void mf__writer_row_cells(mf_bundle_writer *w, size_t cells);

/* mf_bundle_put_factors, of factors and personas that may be on disk. */
int mf__factors_put(mf_bundle_writer *w, mf_axis side, const mf_tensor *factors,
                    const size_t *zptr, const uint8_t *z, mf_disk *disk,
                    mf_err *err) MF_MUST_USE;

#endif
