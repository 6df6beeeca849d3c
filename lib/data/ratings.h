/* data/ratings.h - more of ratings than callers need. */
#ifndef DATA_RATINGS_H
#define DATA_RATINGS_H

#include "mf/ratings.h"

/* Wherever cells are counted as what users like, as relevant, or as what makes an item
 * popular, a value above 0 is liked; 0 says nothing, and below 0 is a dislike. */
static inline bool mf__likes(float value)
{
    return value > 0;
}

/* The cells of the folds in `mask` that are liked, as a matrix of the same shape.
 * Returns MF_OK or MF_ENOMEM. */
int mf__ratings_liked(mf_csr *out, const mf_ratings *r, unsigned mask,
                      mf_err *err) MF_MUST_USE;

/* How many of a user's cells are in a fold. */
static inline size_t mf__cells_in_fold(const mf_ratings *r, uint32_t user, uint8_t fold)
{
    size_t n = 0;
    for (size_t t = r->x.ptr[user]; t < r->x.ptr[user + 1]; t++)
        n += r->fold[t] == fold;
    return n;
}

#endif
