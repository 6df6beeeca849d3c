/* mf/train.h - the job of mf-als: a bundle of ratings in, the same with a
 * model out. */
#ifndef MF_TRAIN_H
#define MF_TRAIN_H

#include "mf/als.h"
#include "mf/io.h"
#include "mf/report.h"

/* Read a bundle from `in`, train on its training cells, and write the bundle
 * with model card, factors and history to `out`. A model that was there is
 * replaced. Users without training cells get zero vectors. Validation cells,
 * if there are any, are measured and never trained on.
 * Returns MF_OK or the first failure; what was written then has no end frame. */
int mf_train_run(mf_in *in, mf_out *out, const mf_als_params *params,
                 const mf_report *report, mf_err *err) MF_MUST_USE;

#endif
