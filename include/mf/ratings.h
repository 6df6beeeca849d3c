/* mf/ratings.h - who played what, with ids and folds.
 *
 * The in-memory form of a bundle's first three sections: X is users x items,
 * and each cell belongs to a fold. */
#ifndef MF_RATINGS_H
#define MF_RATINGS_H

#include <stdbool.h>

#include "mf/csr.h"
#include "mf/ids.h"

/* Folds of a cell. "Seen" is what a user is known to know. */
enum {
    MF_TRAIN = 0,
    MF_VALID = 1,
    MF_TEST = 2,
    MF_FOLD_IN = 3, /* known history of a held-out user: places, never trains */
    MF_FOLDS = 4
};

typedef struct mf_ratings {
    mf_ids users, items; /* sorted by bytes; owned */
    mf_csr x;            /* [users.n x items.n]; owned */
    uint32_t *count;     /* [x.nnz], the values as integers, or NULL: values are float;
                            owned. x.val rounds counts past 2^24, this does not */
    uint8_t *fold;       /* [x.nnz], each < MF_FOLDS; owned */
} mf_ratings;

void mf_ratings_free(mf_ratings *r);

/* The cells of the folds in `mask` (1 << MF_TRAIN | ...) as a matrix of the
 * same shape. Returns MF_OK or MF_ENOMEM. */
int mf_ratings_folds(mf_csr *out, const mf_ratings *r, unsigned mask,
                     mf_err *err) MF_MUST_USE;

/* Digest of a set of cells that does not depend on their order: the sum over
 * the cells of the folds in `mask` of XXH3-64 of user id, 0 byte, item id,
 * modulo 2^64. With `values`, the bits of each value (x.val) seed its hash.
 * Returns MF_OK or MF_ENOMEM. */
int mf_ratings_digest(const mf_ratings *r, unsigned mask, bool values, uint64_t *digest,
                      mf_err *err) MF_MUST_USE;

/* Buffers for hashing cells: user id, 0 byte, item id. */
typedef struct mf_cell_hash {
    char *text;    /* the user's bytes several times, each with room for an item's */
    size_t stride; /* from one to the next */
    size_t cap, prefix;
} mf_cell_hash;

/* Start a user's cells. Returns MF_OK or MF_ENOMEM. */
int mf_cell_hash_user(mf_cell_hash *h, const mf_ids *users, uint32_t user,
                      mf_err *err) MF_MUST_USE;

/* XXH3-64 of (user id, 0 byte, item id) under `seed`. The item's id is one that
 * mf_id_fault accepts, as all in a bundle are: there is room for MF_ID_MAX bytes. */
uint64_t mf_cell_hash_item(mf_cell_hash *h, const mf_ids *items, uint32_t item,
                           uint64_t seed);

/* The same of n items, into hash[n]. */
void mf_cell_hash_items(mf_cell_hash *h, const mf_ids *items, const uint32_t item[],
                        size_t n, uint64_t seed, uint64_t hash[]);
void mf_cell_hash_free(mf_cell_hash *h);

#endif
