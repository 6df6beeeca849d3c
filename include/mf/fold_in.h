/* mf/fold_in.h - personas for users that a model was not trained on, and why a
 * persona likes an item.
 *
 * A new user is a history: pairs of item and value. With V fixed, the steps of
 * training (mf/als.h) place the user: for p > 1, spherical k-means++ of the history
 * gives z, and b_u and U are solved together. Where histories were divided after the
 * last sweep, that is all, and a user of training, in a model without biases, gets the
 * vectors of training, to the bit (MF_SOLVER_CG: to rounding); else z is set anew and
 * U solved again, until z stays the same, for at most MF_FOLD_IN_ROUNDS rounds. V'V is
 * computed once for all users:
 *
 *     mf_fold_in *model;
 *     mf_fold_work *work; (one for each thread)
 *     mf_fold_in_open(&model, &items, &params, mu, &err);
 *     mf_fold_work_open(&work, model, &err);
 *     for each user: mf_als_fold_in(model, work, &user, &err);
 *
 * Values say what they say in training: in `implicit` and `wrmf` a pair of value 0 says
 * nothing and changes nothing, one below 0 is a dislike, which adds nothing to a score.
 *
 * The result depends on the model and on the user's history alone, not on other
 * users, their order or threads.
 *
 * The vector of a persona solves a ridge system, A U[u][q] = sum_j rho_j b_j v_j
 * over the cells j of the user's history (mf/als.h), so its score of any item is a
 * sum over the history:
 *
 *     <U[u][q], V[i]> = sum_j part_j,  part_j = rho_j b_j v_j' A^-1 v_i
 *
 * That is exact for the items that U was solved with: training ends on U, and so
 * does fold-in. mu and biases are not part of the sum; they have been subtracted in
 * b_j. A part below 0 counts against the item.
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

/* A user to be folded in. Items without training cells have the zero vector; they
 * count as cells. */
typedef struct mf_fold_user {
    size_t n;             /* pairs; 0 gives zero vectors and bias 0 */
    const uint32_t *item; /* [n], each < items; borrowed. An item that is named twice is
                             two cells */
    const float *value;   /* [n], finite; borrowed */
    /* the result, in the caller's memory: */
    float *vectors; /* [personas x k] */
    uint8_t *z;     /* [n], the persona of each pair; the first active one for a pair
                       that says nothing */
    float bias;     /* b_u; 0 in a model without biases */
} mf_fold_user;

typedef struct mf_fold_in mf_fold_in;     /* the model: read by all threads */
typedef struct mf_fold_work mf_fold_work; /* the workspace of one thread */

/* Prepare to fold users into a model: its items [n x 1 x k], with their biases and
 * weights if it has them, the parameters that it was trained with, w0 as a plain number
 * (mf_als_settle), and its mu: of a stored model
 * mf/fold_model.h takes them from its card. Users are solved exactly, also where
 * params->solver is MF_SOLVER_CG. params->threads are used by this call alone. `items`
 * is borrowed until the close. O(n k^2). Pins BLAS to one thread. Returns MF_OK,
 * MF_EINVAL, MF_EMATH (V is not finite) or MF_ENOMEM. */
int mf_fold_in_open(mf_fold_in **out, const mf_tensor *items,
                    const mf_als_params *params, double mu, mf_err *err) MF_MUST_USE;
void mf_fold_in_close(mf_fold_in *model);

int mf_fold_work_open(mf_fold_work **out, const mf_fold_in *model,
                      mf_err *err) MF_MUST_USE;
void mf_fold_work_close(mf_fold_work *work);

/* Place a user: set all that is the result. O(rounds x personas x (n k^2 + k^3)).
 * Returns MF_OK, MF_EINVAL (an item or value outside), MF_EFORMAT (a value whose
 * confidence overflows), MF_EMATH (a singular system) or MF_ENOMEM. */
int mf_als_fold_in(const mf_fold_in *model, mf_fold_work *work, mf_fold_user *user,
                   mf_err *err) MF_MUST_USE;

/* Set the vectors alone, for given z and bias: the last step of training. */
int mf_als_fold_in_given(const mf_fold_in *model, mf_fold_work *work,
                         mf_fold_user *user, mf_err *err) MF_MUST_USE;

/* The active personas by the user's z, as bits: those that own a pair that is liked (in
 * `explicit` and `study` any pair); all if none does. */
uint64_t mf_fold_active(const mf_fold_in *model, const mf_fold_user *user);

/* --- explanations --- */

/* Prepare to explain persona q of a user whose z and, in a model with biases, bias
 * are given; the vectors are not read and may be NULL. `work` holds the system until
 * the next call of this function or of a fold-in. O(n^2 k + n^3) for up to k / 2 pairs,
 * else O(n k^2 + k^3). Returns MF_OK,
 * MF_EINVAL, MF_EFORMAT, MF_EMATH (as fold-in does) or MF_ENOMEM. */
int mf_explain_persona(const mf_fold_in *model, mf_fold_work *work,
                       const mf_fold_user *user, uint32_t q, mf_err *err) MF_MUST_USE;

/* Set part[user->n] of that persona's score of an item. O(n k), for more than k / 2
 * pairs O((k + n) k). */
void mf_explain_item(const mf_fold_in *model, mf_fold_work *work,
                     const mf_fold_user *user, uint32_t item, double part[]);

/* Set part[user->n] of <U[u][q], x> for any vector x[k]: with x = U[u][q] itself, what
 * each cell adds to the square of the persona's length. */
void mf_explain_vector(const mf_fold_in *model, mf_fold_work *work,
                       const mf_fold_user *user, const float x[], double part[]);

/* Find the largest of n parts, at most `most` and only those above 0: which[] gets
 * their positions, largest part first and smaller position first among equals, and
 * share[] what share of the sum of all parts above 0 each is. Returns how many there
 * are. */
uint32_t mf_explain_top(size_t n, const double part[], uint32_t most, size_t which[],
                        double share[]);

MF_END_DECLS

#endif
