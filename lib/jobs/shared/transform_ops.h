/* jobs/shared/transform_ops.h - the operations of mf-transform on one row, for rewrite
 * and, since a new user's values are treated as the model's were, for recommend. */
#ifndef JOBS_SHARED_TRANSFORM_OPS_H
#define JOBS_SHARED_TRANSFORM_OPS_H

#include <stdint.h>

#include "mf/ratings.h"
#include "mf/transform.h"

/* What tfidf and bm25 need of all rows; empty for other operations. What they need of
 * the user alone is taken from the row at hand, so that memory does not grow with the
 * users. */
typedef struct op_stats {
    double
        *of_item; /* [items]; where users are documents: idf, or df while it is counted;
                        where items are: the sum of each; owned */
    size_t users, items;
    double sum, mean; /* of the lengths of documents */
} op_stats;

typedef struct op_row {
    uint32_t user;
    size_t n;
    const uint32_t *item; /* [n] */
    const uint8_t *fold;  /* [n] */
    double *x;            /* [n], in and out */
} op_row;

/* True if statistics may be taken from a cell of this fold. */
static inline bool op_known(uint8_t fold)
{
    return fold == MF_TRAIN || fold == MF_FOLD_IN;
}

/* True if the operation needs statistics of all rows. */
bool mf__op_needs_stats(const mf_transform_op *op);

/* Start, add the known cells of a row, settle. The first returns MF_OK or
 * MF_ENOMEM. */
int mf__op_stats_open(op_stats *s, uint32_t users, uint32_t items,
                      mf_err *err) MF_MUST_USE;
void mf__op_stats_add(op_stats *s, const mf_transform_op *op, const op_row *row);
void mf__op_stats_settle(op_stats *s, const mf_transform_op *op);
void mf__op_stats_free(op_stats *s);

/* Apply one operation. False: the user's mean is 0. Values that are not finite
 * are the caller's to find. */
bool mf__op_apply(const mf_transform_op *op, const op_stats *s, const op_row *row);

#endif
