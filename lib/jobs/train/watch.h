/* jobs/train/watch.h - a metric on the validation cells while training goes on. */
#ifndef JOBS_TRAIN_WATCH_H
#define JOBS_TRAIN_WATCH_H

#include "mf/als.h"
#include "mf/bundle.h"
#include "mf/matrix.h"
#include "mf/metrics.h"
#include "mf/ratings.h"

/* The users who are measured: those with validation cells, for a ranking with relevant
 * ones, whose value is above 0, whom the model knows, by training cells or else by
 * fold-in cells, from which they are folded in. Cells that say nothing do not count. */
typedef struct watch {
    mf_metric metric;
    bool stored;       /* the target is the value, not whether it is above 0 */
    const mf_ids *ids; /* of the users, for messages; borrowed */
    const mf_als_params *params; /* of the training; borrowed, as what follows */
    const mf_csr *train, *valid;
    const mf_csr
        *known; /* fold-in cells; their items are left out, as those of train */
    uint32_t users, *user; /* [users], those with training cells first; owned */
    uint32_t trained;      /* how many of them have training cells */
    uint64_t all, all_trained; /* the same of all ranks */
    uint32_t most; /* validation cells of a user that the metric looks at, at most */
} watch;

/* Get ready to measure `metric`. Returns MF_OK or MF_ENOMEM. */
int mf__watch_open(watch *w, const mf_metric *metric, bool stored,
                   const mf_als_params *params, const mf_csr *train,
                   const mf_csr *valid, const mf_csr *known, const mf_ids *ids,
                   mf_err *err) MF_MUST_USE;
void mf__watch_close(watch *w);

/* The error that there is nobody to measure: why, and what to do; `option` is the one
 * that names the metric. Returns MF_EFORMAT. */
int mf__watch_nobody(const watch *w, const char *option, mf_err *err) MF_MUST_USE;

/* Measure no more than `most` users of all ranks, spread evenly over all. */
void mf__watch_thin(watch *w, uint32_t most);

/* The metric of the factors as they are; NaN without users. Exact, as mf-eval computes
 * it: O(users x items x personas x k). Returns MF_OK, MF_ERANGE, MF_EMATH or
 * MF_ENOMEM. */
int mf__watch_measure(const watch *w, const mf_als *als, double *value,
                      mf_err *err) MF_MUST_USE;

#endif
