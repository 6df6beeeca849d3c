/* mf/fold_in.h - personas for users that a model was not trained on, and
 * why a persona likes an item.
 *
 * A new user is a history: pairs of item and value. With V fixed, the steps of
 * training (mf/als.h) place the user: for p > 1 spherical k-means++ of the
 * history gives z, then b_u and U, together, then z again, until z stays, for at
 * most MF_FOLD_IN_ROUNDS. V'V is computed once for all users:
 *
 *     mf_fold_in *model;
 *     mf_fold_work *work; (one for each thread)
 *     mf_fold_in_open(&model, &items, &params, mu, &err) and
 *     mf_fold_work_open(&work, model, &err)
 *     for each user: mf_als_fold_in(model, work, &user, &err)
 *
 * The result depends on the model and the user's history alone, not on other
 * users, order or threads.
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
#ifndef MF_FOLD_IN_H
#define MF_FOLD_IN_H

#include <stddef.h>
#include <stdint.h>

#include "mf/als.h"

MF_BEGIN_DECLS

enum { MF_FOLD_IN_ROUNDS = 20 };

/* A user to be folded in. Items that the model was not trained on are the zero
 * vector; they count as cells. */
typedef struct mf_fold_user {
    size_t n;             /* pairs; 0 gives zero vectors and bias 0 */
    const uint32_t *item; /* [n], each < items; borrowed */
    const float *value;   /* [n], finite; borrowed */
    /* the result; room is the caller's */
    float *vectors; /* [personas x k] */
    uint8_t *z;     /* [n], the persona of each pair */
    float bias;     /* b_u; 0 in a model without biases */
} mf_fold_user;

typedef struct mf_fold_in mf_fold_in;     /* the model: read by all threads */
typedef struct mf_fold_work mf_fold_work; /* scratch of one thread */

/* Get ready to fold users into a model of these items [n x 1 x k], with their
 * biases if it has them, of the parameters that it was trained with (threads
 * is for this call) and of this mu. `items` is borrowed until the close.
 * O(n k^2). Pins BLAS to one thread. Returns MF_OK, MF_EINVAL or MF_ENOMEM. */
int mf_fold_in_open(mf_fold_in **out, const mf_tensor *items,
                    const mf_als_params *params, double mu, mf_err *err) MF_MUST_USE;
void mf_fold_in_close(mf_fold_in *model);

int mf_fold_work_open(mf_fold_work **out, const mf_fold_in *model,
                      mf_err *err) MF_MUST_USE;
void mf_fold_work_close(mf_fold_work *work);

/* Place a user. O(rounds x personas x (n k^2 + k^3)). Returns MF_OK, MF_EINVAL
 * (an item or value outside), MF_EFORMAT (a value that has no confidence),
 * MF_EMATH (a singular system) or MF_ENOMEM. */
int mf_als_fold_in(const mf_fold_in *model, mf_fold_work *work, mf_fold_user *user,
                   mf_err *err) MF_MUST_USE;

/* U alone, for given z and bias: the last step of training. */
int mf_als_fold_in_given(const mf_fold_in *model, mf_fold_work *work,
                         mf_fold_user *user, mf_err *err) MF_MUST_USE;

/* The personas that own a pair, as bits, which alone active; all if none does. */
uint64_t mf_fold_active(const mf_fold_user *user, uint32_t personas);

/* --- explanations --- */

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

MF_END_DECLS

#endif
