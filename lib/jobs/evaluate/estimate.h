/* jobs/evaluate/estimate.h - from the numbers of users to values, intervals,
 * differences and p-values. */
#ifndef JOBS_EVALUATE_ESTIMATE_H
#define JOBS_EVALUATE_ESTIMATE_H

#include "mf/evaluate.h"

/* Fill e->score and e->difference from the users of each slice. The first `models` of
 * e->subjects are models and lists, the others baselines. Returns MF_OK or
 * MF_ENOMEM. */
int mf__evaluation_estimate(mf_evaluation *e, size_t models,
                            const mf_evaluate_params *params, mf_err *err) MF_MUST_USE;

#endif
