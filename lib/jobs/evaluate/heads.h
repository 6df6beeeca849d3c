/* jobs/evaluate/heads.h - the first items of users' lists, found without most of the
 * scores (mf/search.h): where no metric looks further, that is all that is needed, and
 * the values are the same to the bit. */
#ifndef JOBS_EVALUATE_HEADS_H
#define JOBS_EVALUATE_HEADS_H

#include "jobs/shared/score.h"
#include "mf/evaluate.h"
#include "mf/search.h"

typedef struct heads heads;

/* How many items of a list the metrics look at, if they look at heads alone and a
 * search is quicker than scoring all items; else 0. */
uint32_t mf__heads_depth(const mf_evaluate_params *params, uint32_t items);

/* Get ready to find the lists of `depth` items of the model's users, with as many
 * threads as the scorer has; both are borrowed until the close. Returns MF_OK,
 * MF_EINVAL or MF_ENOMEM. */
int mf__heads_open(heads **out, const mf_scorer *scorer, const mf_ratings *ratings,
                   uint32_t depth, mf_err *err) MF_MUST_USE;
void mf__heads_close(heads *h);

/* Find the lists of n <= MF_SEARCH_USERS users, without what they have seen. Returns
 * MF_OK or MF_ENOMEM. */
int mf__heads_find(heads *h, int thread, uint32_t n, const uint32_t user[],
                   mf_err *err) MF_MUST_USE;

/* That of the jth of them, or of a row of scores, -infinity for what is left out: *n
 * items. Borrowed until the next call of the thread. */
const uint32_t *mf__heads_list(heads *h, int thread, uint32_t j, uint32_t *n);
const uint32_t *mf__heads_of_scores(heads *h, int thread, const float score[],
                                    uint32_t *n);

#endif
