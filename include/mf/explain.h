/* mf/explain.h - why a persona likes an item.
 *
 * The vector of a persona solves a ridge system, A U[u][q] = sum_j rho_j b_j v_j
 * over the cells j of the user's history (mf/als.h), so its score of any item is
 * a sum over the history:
 *
 *     <U[u][q], V[i]> = sum_j part_j,  part_j = rho_j b_j v_j' A^-1 v_i
 *
 * Exactly so, for the items that U was solved with: training ends on U, and so
 * does fold-in. mu and biases stand beside the sum; b_j is what is left of the
 * value without them. A part below 0 speaks against the item.
 *
 *     mf_explain_persona(model, work, &user, q, &err), then
 *     for each item: mf_explain_item(model, work, &user, item, part) */
#ifndef MF_EXPLAIN_H
#define MF_EXPLAIN_H

#include <stdint.h>

#include "mf/err.h"
#include "mf/fold_in.h"

/* Get ready to explain persona q of a user whose z and, in a model with biases,
 * bias are given; the vectors are not looked at and may be NULL. Until the next
 * call of this or of a fold-in, `work` holds the system. O(n k^2 + k^3). Returns
 * MF_OK, MF_EINVAL, MF_EFORMAT, MF_EMATH (as fold-in does) or MF_ENOMEM. */
int mf_explain_persona(const mf_fold_in *model, mf_fold_work *work,
                       const mf_fold_user *user, uint32_t q, mf_err *err) MF_MUST_USE;

/* part[user->n] of that persona's score of an item. O((k + n) k). */
void mf_explain_item(const mf_fold_in *model, mf_fold_work *work,
                     const mf_fold_user *user, uint32_t item, double part[]);

/* part[user->n] of <U[u][q], x> for any vector x[k]: with x = U[u][q] itself, what
 * each cell adds to the square of the persona's length. */
void mf_explain_vector(const mf_fold_in *model, mf_fold_work *work,
                       const mf_fold_user *user, const float x[], double part[]);

/* The largest of n parts, largest first, smaller positions first among equals,
 * and only those above 0: their positions to which[most], and to share[most]
 * what they are of the sum of all parts above 0. Returns how many there are. */
uint32_t mf_explain_top(size_t n, const double part[], uint32_t most, size_t which[],
                        double share[]);

#endif
