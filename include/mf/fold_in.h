/* mf/fold_in.h - personas for users that a model was not trained on.
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
 * users, order or threads. */
#ifndef MF_FOLD_IN_H
#define MF_FOLD_IN_H

#include <stddef.h>
#include <stdint.h>

#include "mf/als.h"
#include "mf/err.h"
#include "mf/tensor.h"

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

/* The personas that own a pair, as bits, which alone speak; all if none does. */
uint64_t mf_fold_speakers(const mf_fold_user *user, uint32_t personas);

#endif
