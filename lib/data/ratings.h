/* data/ratings.h - more of ratings than callers need. */
#ifndef DATA_RATINGS_H
#define DATA_RATINGS_H

#include "mf/ratings.h"

/* How many of a user's cells are in a fold. */
static inline size_t mf__cells_in_fold(const mf_ratings *r, uint32_t user, uint8_t fold)
{
    size_t n = 0;
    for (size_t t = r->x.ptr[user]; t < r->x.ptr[user + 1]; t++)
        n += r->fold[t] == fold;
    return n;
}

#endif
