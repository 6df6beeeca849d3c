/* jobs/recommend/job.h - the job of mf-recommend, from the outside in.
 *
 *     job.c           the model is read, what follows is called
 *     recommend.c     parameters
 *     users.c         the users of the model whose lists are asked for,
 *     new_user.c      or a new user, of one history,
 *     histories.c     or many, of a file of histories,
 *     new_users.c     who take their place,
 *     replay.c        whose cells become what those of the model are,
 *     similar.c       or items, whose neighbours are listed
 *     item_names.c    items by the names that people type
 *     popularity.c    the listeners of items; scores tempered by them
 *     candidates.c    which items may be listed, and for whom
 *     cells.c         the cells of a user, and which persona owns which
 *     batches.c       new users, some at a time
 *     lists.c         all lists: blocks of users, threads, order
 *     choose.c        a list, from a row of scores;
 *     diversify.c     by marginal relevance, or so that all of a history is shown;
 *     search.c        or by score alone, without computing most scores
 *     fallback.c      what is listed for users of whom the model knows nothing
 *     explain.c       what contributes to the score of an item
 *     formats.c       the text of a list: tsv.c, csv.c, json.c, trec.c
 *
 * Threads share a recommend_job, which does not change once it is open; each has a
 * workspace of its own. */
#ifndef JOBS_RECOMMEND_JOB_H
#define JOBS_RECOMMEND_JOB_H

#include "data/few.h"
#include "data/list_hint.h"
#include "data/names.h"
#include "jobs/shared/score.h"
#include "math/diversify.h"
#include "mf/fold_in.h"
#include "mf/model.h"
#include "mf/recommend.h"

/* The users, or items, whose lists are asked for, in the order of the lists. */
typedef struct asked {
    size_t n, cap;
    uint32_t *index; /* [n], of users of the model, or of items; owned */
} asked;

/* What is listed for users of whom the model knows nothing. */
typedef enum rec_fallback {
    FALLBACK_NONE,
    FALLBACK_POPULARITY,
    FALLBACK_BIAS
} rec_fallback;

typedef struct recommend_job {
    const mf_recommend_params *params;
    const char *name; /* of the model's file, for messages */
    mf_model model;   /* owned, as what follows */
    uint32_t batch;   /* new users who are listed at once; 0: by their memory */
    asked asked;
    size_t all, done;    /* of those asked for, and whose lists are written */
    bool last;           /* nobody comes after those who are asked for now */
    const mf_ids *names; /* of what is asked for, by index; borrowed */
    mf_scored scored;    /* what scores are made of; borrowed */
    mf_fold_in *fold;    /* NULL where no cells are looked at; owned, as what follows */
    double *weight;      /* [items], of math/rarity.h, or NULL */
    mf_mmr mmr;          /* cosines, for lists that are diverse */
    uint32_t *listeners; /* [items], training cells of each, or NULL: not counted, or
                            the bundle has no ratings */
    mf_names *lookup;    /* of items; NULL until a name is looked up */
    mf_few unknown;      /* names of items that were skipped, */
    mf_list_hint unknown_hint; /* and what their lists look like */
    uint64_t inexact;          /* users whose scores are not the sum of their parts */
    rec_fallback fallback;
    size_t strangers;        /* of whom the model knows nothing, so far, */
    bool none_left;          /* of one alone: nothing is left to be listed */
    char first_stranger[80]; /* and the first of them, clipped */
    uint8_t *stranger; /* [users of the model], 1: the model knows nothing of this one;
                          NULL: it knows something of all who are asked for */
    uint8_t *excluded; /* [items], 1: in nobody's list; NULL: all are candidates */
    mf_tensor unit;    /* vectors of the items with length 1 or 0, for similar items */
} recommend_job;

/* mf_recommend_run, with the size of batches. */
int mf__rec_run(mf_in *in, mf_out *out, const mf_recommend_params *params,
                uint32_t batch, mf_err *err) MF_MUST_USE;

/* Are users new to the model? */
static inline bool mf__rec_is_new(const mf_recommend_params *params)
{
    return params->history || params->histories;
}

#endif
