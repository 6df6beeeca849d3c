/* mf/ratings.h - who played what, with ids and folds.
 *
 * The in-memory form of a bundle's first three sections: X is users x items,
 * each cell belongs to a fold, and each axis has ids.
 *
 * An id is 1 to MF_ID_MAX bytes of UTF-8 without NUL, TAB or newline. Both
 * axes of a bundle are sorted by the bytes of the id, so that an index means
 * the same in every run and a lookup is a binary search. */
#ifndef MF_RATINGS_H
#define MF_RATINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/matrix.h"

MF_BEGIN_DECLS

enum { MF_ID_MAX = 65535 };

typedef struct mf_ids {
    uint32_t n;
    size_t *off; /* [n + 1], byte offsets into text; owned; NULL while n == 0 */
    char *text;  /* [off[n]], concatenated, no terminators; owned */
    size_t off_cap, text_cap;
} mf_ids;

void mf_ids_free(mf_ids *ids);

/* Id i and its length; borrowed, not terminated. */
const char *mf_ids_get(const mf_ids *ids, uint32_t i, size_t *len);

/* Append one id. Order is the caller's business. Returns MF_OK, MF_ENOMEM or
 * MF_ERANGE (2^32 - 1 ids are there). */
int mf_ids_append(mf_ids *ids, const char *text, size_t len, mf_err *err) MF_MUST_USE;

/* The index of an id in sorted ids. O(log n). False if it is not there. */
bool mf_ids_find(const mf_ids *ids, const char *text, size_t len, uint32_t *index);

/* --- ratings --- */

/* Folds of a cell. */
enum {
    MF_TRAIN = 0,
    MF_VALID = 1,
    MF_TEST = 2,
    MF_FOLD_IN = 3, /* known history of a held-out user, who is folded in from it; it
                       never trains */
    MF_FOLDS = 4
};

typedef struct mf_ratings {
    mf_ids users, items; /* sorted by bytes; owned */
    mf_csr x;            /* [users.n x items.n]; owned */
    uint32_t *count;     /* [x.nnz], the values as integers, which x.val rounds past
                            2^24; NULL: they are floats; owned */
    uint8_t *fold;       /* [x.nnz], each < MF_FOLDS; owned */
    int64_t *time;       /* [x.nnz] seconds since 1970, or NULL */
} mf_ratings;

void mf_ratings_free(mf_ratings *r);

/* Read a moment: whole seconds since 1970, or ISO 8601, UTC where it names no zone.
 * False for anything else and outside the years 0000 to 9999. */
bool mf_time_parse(const char *text, int64_t *seconds);

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

MF_END_DECLS

#endif
