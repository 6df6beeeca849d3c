/* wire/reader.h - the state of reading a bundle, and what the readers of its frames
 * share. */
#ifndef WIRE_READER_H
#define WIRE_READER_H

#include "mf/bundle.h"
#include "wire/frame.h"
#include "wire/map.h"

struct frame_kind;

/* One frame of a record. A record has one, but for rows that were cut. */
typedef struct bundle_part {
    uint8_t *payload; /* [size] */
    size_t size;
    bool held;    /* the payload is a copy, owned: a later frame was read since */
    size_t cells; /* of an R frame */
} bundle_part;

/* The arrays grow with what comes and are owned. */
struct mf_bundle_reader {
    mf_in *in; /* borrowed */
    mf_frame_reader *frames;
    mf_frame frame; /* the one at hand, */
    wire_map map;   /* and its payload */
    mf_record record;
    bundle_part *part; /* [parts], the frames of the record */
    size_t parts, part_cap;

    const struct frame_kind *at; /* the section that the stream has reached, or NULL */
    uint64_t section[128];       /* frames by tag */
    bool ended;
    int failed; /* the code of the error that reading met */

    mf_header header;
    uint64_t minor; /* of its version */

    uint32_t next_id[2]; /* by axis */
    char *last_id;       /* [last_id_len], the id before the next one; for the order */
    size_t last_id_len, last_id_cap;

    uint32_t next_row;
    uint64_t cells;
    uint32_t *len, *item, *value; /* value: u32 or the bits of f32 */
    uint8_t *fold;
    int64_t *time;
    uint32_t *train; /* [next_row], training cells of each user */
    size_t len_cap, item_cap, value_cap, fold_cap, time_cap, train_cap;

    mf_card card;
    uint32_t next_factor[2]; /* by axis */
    float *data, *bias, *weight;
    size_t data_cap, bias_cap, weight_cap;
    bool biased; /* the factors have biases */

    mf_history_entry *history;
    size_t history_cap;

    wire_buffer tail;  /* a copy of E's payload */
    wire_map tail_map; /* over it */
    wire_span *stage;  /* [stages], its provenance */
    size_t stages;
};

/* Read the next frame, parse its map, and make it a part of the record. A stream that
 * ends here is an error. Returns MF_OK, MF_EFORMAT, MF_EIO or MF_ENOMEM. */
int mf__reader_next_frame(mf_bundle_reader *r, mf_err *err) MF_MUST_USE;

/* Forget the frames of the record. */
void mf__reader_drop_parts(mf_bundle_reader *r);

/* Fail for the frame at hand, with its tag before the words of a getter. Returns
 * MF_EFORMAT, or MF_ENOMEM for WIRE_NO_MEMORY. */
int mf__reader_bad(const mf_bundle_reader *r, mf_err *err, const char *why);

/* Copy the bin of a key, n elements of `size` bytes, to the array *block of *cap
 * elements, where it is aligned, after the first `at`. Returns MF_OK, MF_EFORMAT or
 * MF_ENOMEM. */
int mf__reader_copy_bin(mf_bundle_reader *r, const char *key, size_t n, size_t size,
                        void *block, size_t *cap, size_t at, mf_err *err) MF_MUST_USE;

#endif
