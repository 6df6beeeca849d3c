/* jobs/train/job.h - what mf_train_run does between reading and the end. */
#ifndef JOBS_TRAIN_JOB_H
#define JOBS_TRAIN_JOB_H

#include "mf/bundle.h"
#include "mf/train.h"

/* Train on ratings that have been read, which are freed, and write card, factors and
 * history; *stage is what the end frame says. `began` is when the job began, by
 * mf__train_clock. err is not NULL. Returns as mf_train_run does. */
int mf__train_ratings(mf_ratings *x, const mf_train_params *params, double began,
                      mf_bundle_writer *w, mf_stage *stage, mf_err *err) MF_MUST_USE;

#endif
