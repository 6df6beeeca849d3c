/* als/noise.h - how much more lambda the training cells want than their numbers say.
 *
 * Numbers do not tell how much of the cells is chance. A small model does: one cell of
 * some users is hidden, and what counts is whether more lambda finds it better. Where
 * tastes are plain it does not. Where histories are short, or no two users have more in
 * common than chance gives them, directions that follow chance alone must go first. */
#ifndef ALS_NOISE_H
#define ALS_NOISE_H

#include "mf/als.h"

/* Set shape->noise, s of MF_ALS_AUTO, given the rest of *shape, that of `train`, in
 * implicit and wrmf. Of fewer than 2,000 users, one cell each is hidden in up to four
 * rounds. The same for any params->seed and number of threads. Where training fails the
 * noise is 1. Returns MF_OK or MF_ENOMEM. */
int mf__als_measure_noise(mf_als_shape *shape, const mf_als_params *params,
                          const mf_csr *train, mf_err *err) MF_MUST_USE;

#endif
