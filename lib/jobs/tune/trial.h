/* jobs/tune/trial.h - one training with settings that may be the best, and what it is
 * worth on the validation cells. */
#ifndef JOBS_TUNE_TRIAL_H
#define JOBS_TUNE_TRIAL_H

#include "jobs/train/watch.h"
#include "mf/train.h"

/* What all trials share; all borrowed. */
typedef struct trial_data {
    const mf_csr *train;
    watch *watch;
    const mf_report *report;
    void (*tick)(void *self, uint32_t sweep); /* after each sweep; or NULL */
    void *self;
} trial_data;

/* The factors of plain sweeps, for trials that differ in what divides histories alone,
 * personas and overlap: with a warm-up of all sweeps these do not touch them. */
typedef struct trial_plain {
    bool known;
    mf_als_params p;        /* of the trial that made them */
    double early;           /* its result after plan.early sweeps */
    mf_als_factors factors; /* owned */
} trial_plain;

/* How long it lasts. */
typedef struct trial_plan {
    uint32_t early; /* the metric is measured after so many sweeps too; 0: it is not */
    double floor;   /* a score that is below this then ends the trial */
    bool finish;    /* measure what mf_als_finish makes of the last sweep, with the
                       personas, instead of the sweep */
    const trial_plain *have; /* sweeps of an earlier trial, or NULL; borrowed */
    trial_plain *make;       /* gets those of this one, unless `have` has them; or NULL;
                                borrowed */
} trial_plan;

typedef enum trial_end { TRIAL_WHOLE, TRIAL_DROPPED, TRIAL_FAILED } trial_end;

typedef struct trial_result {
    trial_end end;
    uint32_t sweeps;      /* after which `metric` was measured */
    double metric, early; /* NaN: not measured */
} trial_result;

void mf__trial_plain_free(trial_plain *plain);

/* The logarithm of the metric, its negative where less is better: differences of
 * scores are relative, and more is better. */
double mf__trial_score(const mf_metric *metric, double value);

/* Train with `params`, which are canonical, for params->iterations sweeps. A system
 * that cannot be solved is a trial that failed, and `why` says of what; other failures
 * are errors: MF_EFORMAT (c overflows), MF_ERANGE, MF_ENOMEM. */
int mf__trial_run(trial_result *out, const trial_data *data,
                  const mf_als_params *params, const trial_plan *plan, mf_err *why,
                  mf_err *err) MF_MUST_USE;

#endif
