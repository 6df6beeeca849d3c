/* jobs/shared/score.h - scoring the users of a model, for the jobs that rank items:
 * train, evaluate and recommend. */
#ifndef JOBS_SHARED_SCORE_H
#define JOBS_SHARED_SCORE_H

#include <stdbool.h>
#include <stdint.h>

#include "math/rank.h"
#include "mf/err.h"
#include "mf/metrics.h"
#include "mf/model.h"
#include "mf/search.h"

/* Sets of folds, as bits: the cells from which a model knows a user, and those whose
 * items are left out of lists. */
enum { MF_KNOWN = 1 << MF_TRAIN | 1 << MF_FOLD_IN, MF_SEEN = MF_KNOWN | 1 << MF_VALID };

/* What scores are made of; all borrowed. */
typedef struct mf_scored {
    const mf_tensor *users, *items;
    double mu;
    const mf_model
        *model; /* whose users they are: mf_model_active says which personas are
                              active; or NULL */
    const uint64_t
        *active;   /* [users], their active personas, as bits, where there is no
                               model; NULL: all */
    struct mf_disk *disk; /* where users may be, or NULL */
    uint64_t only; /* these personas are active for everybody, as bits; 0: those that
                      follow from the cells */
} mf_scored;

/* That of a model with factors. */
mf_scored mf__scored_model(const mf_model *model);

/* The personas that are active for a user, as bits: `only`, or else as above. */
uint64_t mf__scored_active(const mf_scored *scored, uint32_t user);

/* Factors and a block of scores for each thread. */
typedef struct mf_scorer {
    mf_scored what;
    mf_panels panels;     /* the items, owned */
    int threads;          /* of the parallel regions that may use it */
    mf_rank_block *block; /* [threads], owned */
} mf_scorer;

/* Get ready to score `users` users with `threads` threads (0: all) or fewer if
 * that is enough. On failure *out is empty. Returns MF_OK, MF_ERANGE (see
 * mf_search_check) or MF_ENOMEM. */
int mf__scorer_open(mf_scorer *out, const mf_scored *what, uint32_t users, int threads,
                    mf_err *err) MF_MUST_USE;
void mf__scorer_close(mf_scorer *scorer);

/* Score n <= MF_RANK_USERS users into the block of `thread`, which is returned. */
const mf_rank_block *mf__scorer_users(const mf_scorer *scorer, int thread, uint32_t n,
                                      const uint32_t user[]);

/* Leave out of a row of scores, of `user`, the items of which the user has a
 * cell in a fold of `mask`. */
void mf__score_hide(const mf_ratings *ratings, uint32_t user, unsigned mask,
                    float score[]);

/* What to search (math/search.h) for n users, without the items of which they have a
 * cell in a fold of `mask`; these are listed in *hide [*cap], room that grows as
 * needed, is the caller's and must stay while the queries are used. Returns MF_OK or
 * MF_ENOMEM. */
int mf__scored_queries(mf_query query[], const mf_scored *what,
                       const mf_ratings *ratings, unsigned mask, uint32_t n,
                       const uint32_t user[], uint32_t **hide, size_t *cap,
                       mf_err *err) MF_MUST_USE;

/* The errors of a row of scores on n held-out cells, relevant or not. The target is the
 * value where the model predicts `numbers`, else 1 if the cell is liked and 0 if
 * not. */
void mf__score_errors(mf_outcome *outcome, const float score[], bool numbers,
                      uint32_t n, const uint32_t item[], const float value[]);

/* The ranks of n relevant held-out items in a row of scores, from which what the user
 * has seen is left out. rank[n] and found[n] are room that *outcome borrows. */
void mf__score_ranks(mf_outcome *outcome, const float score[], uint32_t items,
                     uint32_t n, const uint32_t item[], uint32_t rank[],
                     mf_ranked found[]);

#endif
