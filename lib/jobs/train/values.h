/* jobs/train/values.h - what the values of the training cells say, in messages. */
#ifndef JOBS_TRAIN_VALUES_H
#define JOBS_TRAIN_VALUES_H

#include "mf/als.h"
#include "mf/io.h"
#include "mf/matrix.h"

/* Refuse cells none of which is liked, where a model learns from likes: it would be the
 * zero vectors. No cells at all are no error. O(nnz). Returns MF_OK or MF_EFORMAT. */
int mf__values_check(const mf_als_params *p, const mf_csr *train,
                     mf_err *err) MF_MUST_USE;

/* Note how many cells are liked, say nothing and are dislikes, unless they are numbers
 * to be predicted. O(nnz) */
void mf__values_note(const mf_als_params *p, const mf_csr *train,
                     const mf_report *report);

/* Values that look like ratings: multiples of one half up to 10, three to eleven
 * different ones above 0, the least no more than half of the largest, and either some
 * that are no whole numbers, or 50 cells and more of which most are above 2, as is the
 * most frequent value: of counts that is 1. Nothing is below 0. */
typedef struct values_ratings {
    double least, most, often;
} values_ratings;

/* True if the n values look so; *out is what they are. O(n) */
bool mf__values_are_ratings(size_t n, const float value[], values_ratings *out);

/* Warn of values that look like ratings, where the model takes each one for a like.
 * O(nnz) */
void mf__values_warn(const mf_als_params *p, const mf_csr *train,
                     const mf_report *report);

#endif
