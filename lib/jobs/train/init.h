/* jobs/train/init.h - the factors of another model, rearranged for these ratings. */
#ifndef JOBS_TRAIN_INIT_H
#define JOBS_TRAIN_INIT_H

#include "mf/als.h"
#include "mf/io.h"
#include "mf/ratings.h"

/* Read a model for mf_als_start_from: users and items are matched by id, those
 * that it does not know are zero vectors, those that it alone knows are dropped.
 * z is that of the model for cells that it was trained on. `train` is the digest
 * of the training cells of `r`. A model that has seen held-out cells of `r`, or may
 * have, is reported as a warning. On failure *out is empty. Returns MF_OK,
 * MF_EFORMAT (no model, other k, more personas, no item in common), MF_EIO or
 * MF_ENOMEM. */
int mf__train_init_load(mf_als_factors *out, mf_in *in, const mf_ratings *r,
                        uint64_t train, const mf_als_params *params, uint64_t *digest,
                        const mf_report *report, mf_err *err) MF_MUST_USE;

#endif
