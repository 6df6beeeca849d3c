/* data/cell_hash.h - hashes of cells by the ids of user and item, many at a time. */
#ifndef DATA_CELL_HASH_H
#define DATA_CELL_HASH_H

#include "data/ids.h"
#include "mf/ratings.h"

/* Buffers for hashing cells: user id, 0 byte, item id. */
typedef struct mf_cell_hash {
    char *text;    /* the user's bytes several times, each with room for an item's */
    size_t stride; /* from one to the next */
    size_t cap, prefix;
} mf_cell_hash;

/* Start a user's cells. Returns MF_OK or MF_ENOMEM. */
int mf__cell_hash_user(mf_cell_hash *h, const mf_ids *users, uint32_t user,
                       mf_err *err) MF_MUST_USE;

/* XXH3-64 of (user id, 0 byte, item id) under `seed`. The item's id is one that
 * mf__id_fault accepts, as all in a bundle are: there is room for MF_ID_MAX bytes. */
uint64_t mf__cell_hash_item(mf_cell_hash *h, const mf_ids *items, uint32_t item,
                            uint64_t seed);

/* The same of n items, into hash[n]. */
void mf__cell_hash_items(mf_cell_hash *h, const mf_ids *items, const uint32_t item[],
                         size_t n, uint64_t seed, uint64_t hash[]);
void mf__cell_hash_free(mf_cell_hash *h);

#endif
