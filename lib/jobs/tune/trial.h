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

/* How long it lasts. */
typedef struct trial_plan {
    uint32_t early; /* the metric is measured after so many sweeps too; 0: it is not */
    double floor;   /* a score that is below this then ends the trial */
    uint32_t patience; /* > 0: measure after each sweep that counts, stop when so many
                          were no better, and take the best */
} trial_plan;

typedef enum trial_end { TRIAL_WHOLE, TRIAL_DROPPED, TRIAL_FAILED } trial_end;

typedef struct trial_result {
    trial_end end;
    uint32_t sweeps;      /* after which `metric` was measured */
    double metric, early; /* NaN: not measured */
} trial_result;

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
