/* split_aid.h - bundles in memory, for tests of the stages that rewrite rows. */
#ifndef SPLIT_AID_H
#define SPLIT_AID_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mf/bundle.h"
#include "mf/model.h"

/* What a bundle is made of: user u is "user<u>", item i "item<i>", of four
 * digits; user u has the items where split_aid_has(u, i). */
typedef struct split_aid_shape {
    uint32_t users, items;
    uint32_t skip_users, skip_items; /* leave out the first: a part of the whole */
    uint32_t percent;                /* of the places that are cells, about */
    uint32_t frame_cells;            /* cells of a frame, 0: the default */
    mf_value value;
    const uint32_t *count; /* values by place [users * items], or NULL */
    const float *real;
    const uint8_t *fold; /* folds by place, or NULL: all train */
    bool model;          /* with card, factors and history */
    bool strange;        /* with an unknown key in every map, a safe
                            frame s and an unsafe frame u */
} split_aid_shape;

bool split_aid_has(uint32_t user, uint32_t item, uint32_t percent);

/* Write it to a memory file. The caller closes the descriptor. */
int split_aid_bundle(const split_aid_shape *shape);

/* A new memory file. */
int split_aid_file(void);

/* Open from its start, for reading or writing. */
mf_in *split_aid_in(int fd);
mf_out *split_aid_out(int fd);

/* All of a memory file; the caller frees it. */
uint8_t *split_aid_bytes(int fd, size_t *size);

/* The ratings of a bundle in a memory file, verified. */
void split_aid_load(mf_model *model, int fd);

void split_aid_same_bytes(int a, int b);

/* The frames with this tag, and those of them with the key "strange". */
void split_aid_count_frames(int fd, char tag, size_t *frames, size_t *strange);

#endif
