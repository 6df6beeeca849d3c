/* jobs/shared/stranger.h - users of whom a model knows nothing, and what is ranked for
 * them instead.
 *
 * Of a user without known cells, or whose vectors are all zero, a model says the same
 * of every item but for the items' biases. What is ranked then is what is rated
 * highest, if the model has such, or else what is popular: for all tools the same. */
#ifndef JOBS_SHARED_STRANGER_H
#define JOBS_SHARED_STRANGER_H

#include "jobs/shared/score.h"

/* Does the model know nothing of the user? `ratings` are those of the model, or NULL if
 * it came without: then its vectors alone say so. */
bool mf__is_stranger(const mf_scored *scored, const mf_ratings *ratings, uint32_t user);

/* Count the listeners of each item, the users with a training cell of it that is liked:
 * (*out)[r->items.n] is the caller's to free. Returns MF_OK or MF_ENOMEM. */
int mf__listeners_count(uint32_t **out, const mf_ratings *r, mf_err *err) MF_MUST_USE;

/* What is ranked for a stranger, as scores of all items: by the number of their
 * `listeners` or, where that is NULL, by the items' biases, which the model then
 * has. */
void mf__stranger_score(const mf_scored *scored, const uint32_t listeners[],
                        uint32_t user, float score[]);

#endif
