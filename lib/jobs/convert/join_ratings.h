/* jobs/convert/join_ratings.h - bundles of ratings become one. */
#ifndef JOBS_CONVERT_JOIN_RATINGS_H
#define JOBS_CONVERT_JOIN_RATINGS_H

#include "jobs/convert/join_chain.h"
#include "mf/convert.h"

/* What the bundles had in common. */
typedef struct join_sum {
    uint32_t shared; /* users that are in several */
    size_t merged;   /* cells that became part of another */
    bool widened;    /* counts of some became floats, as others have */
    bool ordered;    /* set by the caller: it wants to know the users in their order: */
    size_t users;
    uint32_t *owner, *row; /* [users], the part and its row; the caller's to free */
} join_sum;

/* Put all sections but the end. Returns MF_OK, MF_EFORMAT (times in some alone, a shard
 * that is missing, cells in different folds), MF_ERANGE, MF_EIO or MF_ENOMEM. */
int mf__join_ratings(const join_part *part, size_t parts, mf_duplicates rule,
                     const char *note, mf_bundle_writer *out, join_chain *chain,
                     join_sum *sum, mf_err *err) MF_MUST_USE;

#endif
