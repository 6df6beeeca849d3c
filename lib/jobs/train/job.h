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

struct train_stream;

/* The same of ratings that ranks share, each with its own; `data` is the digest of the
 * whole, for checkpoints, by the next. Unless `stream` is NULL, cells are its own. */
int mf__train_dealt(mf_ratings *x, struct train_stream *stream,
                    const mf_train_params *params, uint64_t data, double began,
                    mf_bundle_writer *w, mf_stage *stage, mf_err *err) MF_MUST_USE;

/* A digest of all that training reads from the ratings, and of the ids in their order,
 * where a checkpoint will ask for it; else 0. Returns MF_OK or MF_ENOMEM. */
int mf__train_digest(const mf_train_params *params, const mf_ratings *x, uint64_t *data,
                     mf_err *err) MF_MUST_USE;

/* mf__train_ratings in two steps, for who looks at a training before it is written.
 * It is as if the sweeps after the best one had not been made: what is written is
 * what mf-als writes that is asked for so many. The ids of x are borrowed until
 * mf__train_close, and so are the parameters. On failure *out is NULL. err is not
 * NULL. */
typedef struct train_run train_run;

int mf__train_keep(train_run **out, const mf_ratings *x, const mf_train_params *params,
                   double began, mf_err *err) MF_MUST_USE;
void mf__train_close(train_run *r);

/* The watched metric of the result, NaN where nothing is watched, and its sweeps. */
double mf__train_value(const train_run *r, uint32_t *sweeps);

int mf__train_write(const train_run *r, mf_bundle_writer *w, mf_stage *stage,
                    mf_err *err) MF_MUST_USE;

#endif
