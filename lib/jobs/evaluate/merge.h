/* jobs/evaluate/merge.h - from what was measured of all users to the result. */
#ifndef JOBS_EVALUATE_MERGE_H
#define JOBS_EVALUATE_MERGE_H

#include "jobs/evaluate/slices.h"

/* Fill in the slices, the scores and the differences, and note what was found. Returns
 * MF_OK, MF_EFORMAT (no user has test cells in all models) or MF_ENOMEM. */
int mf__evaluation_settle(mf_evaluation *e, const slicing *by,
                          const mf_evaluate_params *params, mf_err *err) MF_MUST_USE;

#endif
