/* jobs/train/watch.h - a metric on the validation cells while training goes on, and when
 * to stop. */
#ifndef JOBS_TRAIN_WATCH_H
#define JOBS_TRAIN_WATCH_H

#include "mf/als.h"
#include "mf/bundle.h"
#include "mf/matrix.h"
#include "mf/metrics.h"

/* Whose lists are looked at: users with validation cells whom the model knows, by
 * training cells or else by fold-in cells, from which they are folded in. */
typedef struct watch {
    mf_metric metric;
    bool stored;                 /* the target is the value, not 1 */
    const mf_als_params *params; /* of the training; borrowed, as what follows */
    const mf_csr *train, *valid;
    const mf_csr *known;   /* fold-in cells, seen like those of train */
    uint32_t users, *user; /* [users], those with training cells first; owned */
    uint32_t trained;      /* how many of them have some */
    uint32_t most;         /* validation cells of any of them */
} watch;

/* Get ready to measure `metric`. */
int mf__watch_open(watch *w, const mf_metric *metric, bool stored,
                   const mf_als_params *params, const mf_csr *train,
                   const mf_csr *valid, const mf_csr *known, mf_err *err) MF_MUST_USE;
void mf__watch_close(watch *w);

/* The metric of the factors that there are now; NaN without users. Exact, as
 * mf-eval computes it: O(users x items x personas x k). */
int mf__watch_measure(const watch *w, const mf_als *als, double *value,
                      mf_err *err) MF_MUST_USE;

/* When to stop, and which sweep was best. All follows from the history. */
typedef struct stop_rule {
    uint32_t patience; /* 0: never for the metric */
    double tol;        /* 0: never for the loss */
    bool more;         /* a larger metric is better */
    bool start;        /* the start is a model that may be kept */
    uint32_t warmup;   /* sweeps that do not count */
    /* what was seen */
    bool any;            /* a best is known */
    uint32_t best, last; /* sweeps */
    double best_value;
    double loss, loss_before; /* after the last sweep and the one before; NaN */
} stop_rule;

stop_rule mf__stop_make(const mf_metric *metric, uint32_t patience, double tol,
                        bool start, uint32_t warmup);

/* Take note of a half-sweep. True if its state is the best so far. */
bool mf__stop_see(stop_rule *s, const mf_history_entry *e);

/* Why training is to stop now, in a few words, or NULL. */
const char *mf__stop_why(const stop_rule *s);

#endif
