/* jobs/evaluate/truth.h - the test cells of the first model, whose values say for all
 * models of the same test cells which of these are relevant.
 *
 * Models are in memory one after the other, and their values may be others, as after
 * mf-transform(1): what counts as a hit must not depend on which of them is asked. */
#ifndef JOBS_EVALUATE_TRUTH_H
#define JOBS_EVALUATE_TRUTH_H

#include "jobs/evaluate/users.h"

struct truth {
    const mf_ids *users; /* of the first model, those with test cells, of all shards; of
                            the evaluation, and borrowed, or in */
    mf_ids own;          /* owned, as what follows */
    uint32_t skip;       /* users of shards before that of the evaluation */
    mf_ids items;        /* of the first model */
    size_t *first;       /* [users->n + 1], where a user's test cells begin in */
    uint32_t *item;      /* [cells], by index in `items`, ascending for each user, */
    float *value;        /* [cells], and their values */
};

/* Take the test cells of the first model, whose users, or a shard of them, are those of
 * the evaluation. Free *out in any case. Returns MF_OK or MF_ENOMEM. */
int mf__truth_take(truth *out, const mf_evaluation *e, const test_users *t,
                   mf_err *err) MF_MUST_USE;
void mf__truth_free(truth *known);

/* How the test cells of a further model differ from these. */
typedef struct truth_match {
    uint64_t cells;          /* of the model */
    uint64_t added, missing; /* cells that only the model has, or only the first */
    uint64_t values, likes;  /* cells of both, of another value; and where only one of
                                the values is liked */
    double least, most; /* of what the values of the model are more than those of the
                           first, in cells of both */
    double size;        /* the largest of these values, without its sign */
    char example_added[200], example_missing[200]; /* user and item of the first, for
                                                      people */
} truth_match;

/* True if the values are those of the first model, moved by one number: but for the
 * rounding of floats. */
bool mf__truth_is_moved(const truth_match *match);

/* Returns MF_OK or MF_ENOMEM. */
int mf__truth_match(truth_match *out, const truth *known, const test_users *t,
                    mf_err *err) MF_MUST_USE;

#endif
