/* als/bias.h - b_u and b_i, each given all else. */
#ifndef ALS_BIAS_H
#define ALS_BIAS_H

#include "als/context.h"

/* All b_u; nothing in a model without biases. */
void mf__als_solve_user_biases(mf_als *als);

/* All b_i, likewise; mf__als_prepare_items comes first. Returns MF_OK or MF_ENOMEM. */
int mf__als_solve_item_biases(mf_als *als, mf_err *err) MF_MUST_USE;

/* U[u] and, if there is one, b_u, together, given all else. Returns MF_OK or
 * MF_EMATH. */
int mf__als_row_solve_all(const als_view *view, als_row *row,
                          als_work *work) MF_MUST_USE;

#endif
