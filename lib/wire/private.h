/* wire/private.h - what the bundle's reader and writer share. */
#ifndef WIRE_PRIVATE_H
#define WIRE_PRIVATE_H

#include "mf/bundle.h"
#include "wire/frame.h"
#include "wire/wire.h"

enum { BUNDLE_STAGES_MAX = 1024 }; /* of provenance */

/* One frame of a record. A record has one, but for rows that were cut. */
typedef struct bundle_part {
    uint8_t *payload; /* the frame's own bytes; */
    size_t size;
    bool held;    /* malloced, because a later frame was read since */
    size_t cells; /* of an R frame */
} bundle_part;

struct mf_bundle_reader {
    mf_in *in;
    mf_frame_reader *frames;
    mf_frame frame;
    wire_map map;
    mf_record record;
    mf_header header;
    uint64_t minor; /* of its version */
    bool started, ended;
    int failed;            /* the code of the error that reading met */
    uint64_t section[128]; /* frames by tag */
    int phase;             /* the section that the stream has reached */

    uint32_t next_id[2]; /* by axis */
    char *last_id;       /* the id before the next one; for the order */
    size_t last_id_len, last_id_cap;

    uint32_t next_row;
    uint64_t cells;
    uint32_t *len, *item, *value; /* value: u32 or the bits of f32 */
    uint8_t *fold;
    size_t len_cap, item_cap, value_cap, fold_cap;

    mf_card card;
    uint32_t next_factor[2];
    float *data, *bias;
    size_t data_cap, bias_cap;
    bool biased; /* the factors have biases */

    mf_history_entry *history;
    size_t history_cap;

    bundle_part *part; /* the frames of the record */
    size_t parts, part_cap;

    wire_buffer tail;  /* a copy of E's payload */
    wire_map tail_map; /* over it */
    wire_span *stage;  /* its provenance, by stage */
    size_t stages;
};

/* Fail for the frame at hand, with its tag before the words of a getter. */
int mf__bundle_bad(const mf_bundle_reader *r, mf_err *err, const char *why);

/* Copy a bin of n elements of `size` bytes to where it is aligned, after `at`
 * elements that are there. */
int mf__bundle_copy_bin(mf_bundle_reader *r, const char *key, size_t n, size_t size,
                        void *block, size_t *cap, size_t at, mf_err *err);

/* True if none of n floats, at a multiple of 4, is NaN or infinite. */
bool mf__bundle_all_finite(const void *data, size_t n);

/* Read the next frame and parse its map. Its end without E is an error. */
int mf__bundle_next_frame(mf_bundle_reader *r, mf_err *err);

/* Note the frame at hand, an R frame of so many cells, as part of the record. */
int mf__bundle_add_part(mf_bundle_reader *r, size_t cells, mf_err *err);

/* R, M, F and h, from the parsed map into the record. */
int mf__bundle_read_rows(mf_bundle_reader *r, mf_err *err);
int mf__bundle_read_card(mf_bundle_reader *r, mf_err *err);
int mf__bundle_read_factors(mf_bundle_reader *r, mf_err *err);
int mf__bundle_read_history(mf_bundle_reader *r, mf_err *err);

/* The keys of an R frame that we know; marks them in a parsed map. */
void mf__bundle_know_rows(wire_map *map);

/* The keys of E that a stage replaces. */
void mf__bundle_know_end(wire_map *map);

/* An entry of history to msgpack and back. `map` is room for the way back. */
void mf__bundle_pack_entry(msgpack_packer *pack, const mf_history_entry *e);
const char *mf__bundle_unpack_entry(wire_span span, mf_history_entry *e, wire_map *map);

/* A stage to msgpack and back. */
void mf__bundle_pack_stage(msgpack_packer *pack, const mf_stage *stage);
const char *mf__bundle_unpack_stage(wire_span span, mf_stage *stage);

/* For tests: start R frames of at most this many cells. */
void mf__bundle_writer_row_cells(mf_bundle_writer *w, size_t cells);

#endif
