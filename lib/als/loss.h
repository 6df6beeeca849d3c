/* als/loss.h - L, its ridge terms, and the errors of scores. */
#ifndef ALS_LOSS_H
#define ALS_LOSS_H

#include "als/context.h"

/* The ridge terms of the users of one block; of U alone, without biases. */
double mf__als_block_ridge(const mf_als *als, uint32_t block);

/* The same of all users of this rank, summed by blocks. */
double mf__als_user_ridge(mf_als *als);

/* The ridge terms of V and b_i. */
double mf__als_item_ridge(const mf_als *als);

/* Fill in *state as mf_als_measure does, from als->loss, which is known; `valid` is NaN
 * unless the last step was that of the users. */
void mf__als_derive_state(const mf_als *als, mf_als_state *state);

#endif
