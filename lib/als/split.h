/* als/split.h - the history of a user divided into personas, by clustering
 * (math/cluster.h) what is liked: a dislike goes to the part whose center is nearest to
 * it. */
#ifndef ALS_SPLIT_H
#define ALS_SPLIT_H

#include "als/params.h"
#include "math/cluster.h"

/* The workspace of one thread. */
typedef struct als_split {
    const mf_als_params *p; /* borrowed */
    mf_cluster cluster;
    size_t item_cap, z_cap;
    uint32_t *item; /* [item_cap], items that are liked; owned, as what follows */
    uint8_t *z;     /* [z_cap], their parts */
    float *center;  /* [personas * k], directions of mf__cluster_center */
} als_split;

/* Workspace for histories of up to `longest` cells of items in a space, borrowed as *p
 * is. Close it in any case. Returns MF_OK or
 * MF_ENOMEM. */
int mf__als_split_open(als_split *s, const mf_whitened *space, const mf_als_params *p,
                       size_t longest, mf_err *err) MF_MUST_USE;
void mf__als_split_close(als_split *s);

/* Make room for histories of `longest` cells. Returns MF_OK or MF_ENOMEM. */
int mf__als_split_reserve(als_split *s, size_t longest, mf_err *err) MF_MUST_USE;

/* Set z of n cells, in as many parts as such a history has but no fewer than `have`, as
 * mf__cluster_history_from does, by those whose value is above 0,
 * or by all if value is NULL. Where no value is above 0, z is 0. */
void mf__als_split_history(als_split *s, uint32_t have, size_t n, const uint32_t item[],
                           const float value[], uint64_t seed, uint64_t index,
                           uint8_t z[]);

#endif
