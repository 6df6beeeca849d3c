/* jobs/evaluate/users.h - the users of a model who have test cells. */
#ifndef JOBS_EVALUATE_USERS_H
#define JOBS_EVALUATE_USERS_H

#include <math.h>
#include <stdint.h>

#include "data/ratings.h"
#include "mf/evaluate.h"

/* True if a test cell of this value is relevant. */
static inline bool is_relevant(const mf_evaluate_params *params, float value)
{
    return isnan(params->relevant) ? mf__likes(value) : value >= params->relevant;
}

typedef struct truth truth; /* see truth.h */

typedef struct test_users {
    const mf_evaluate_params *params; /* borrowed */
    const mf_ratings *ratings;        /* of the model; borrowed */
    const char *name;                 /* of its file, for messages; borrowed */
    uint32_t all;         /* those who have test cells; the shard is a part of them: */
    uint32_t *of_all;     /* [all], by index in the model; owned, as all here */
    uint32_t first;       /* of the first model, where in of_all the shard begins */
    uint32_t n, left_out; /* those of the shard, and who stands by these without any */
    uint32_t *user;       /* [n], by index in the model */
    uint32_t *place;      /* [n], by index in the evaluation */
    uint32_t most;        /* test cells of any of all */
    uint8_t *part; /* [items], the part of the test cells that those of the item belong
                      to, from 1; NULL: there are no parts */
    const truth *truth; /* whose values say which test cells are relevant; NULL: those
                           of the model do; borrowed */
} test_users;

/* Is a test cell of the user at `place` in the evaluation relevant, the nth of the
 * user's, which has this value? */
bool mf__test_cell_relevant(const test_users *t, uint32_t place, size_t nth,
                            float value);

/* True if some metric looks at ranks, lists or personas, and so at which test cells are
 * relevant: predictions take all. */
bool mf__needs_relevant(const mf_metric_list *metrics);

/* Find them, and which of the first model are in the shard; `t` holds parameters,
 * ratings and name. Free *t in any case. Returns MF_OK, MF_EFORMAT (no test cells) or
 * MF_ENOMEM. */
int mf__test_users_find(test_users *t, mf_err *err) MF_MUST_USE;

/* Refuse test cells of the first of `models` models none of which is relevant, where a
 * metric looks at these. Returns MF_OK or MF_EFORMAT. */
int mf__test_users_check(const test_users *t, size_t models, mf_err *err) MF_MUST_USE;
void mf__test_users_free(test_users *t);

/* Make those of the first model the users of the evaluation. */
int mf__test_users_adopt(mf_evaluation *e, const test_users *t,
                         mf_err *err) MF_MUST_USE;

/* Count the test cells of each user and part, and find the relevant ones. */
int mf__test_users_count(const mf_evaluation *e, const test_users *t,
                         mf_test_cells *cells, mf_err *err) MF_MUST_USE;

/* Place those of a further model, *subject, in the evaluation. If its test cells, those
 * of all shards, are those of the first model, `known`, the values of that one say what
 * is relevant. Others are an error unless params allows them: then its own values say
 * so, and the users whom the first model does not have are dropped from *t. Returns
 * MF_OK, MF_EFORMAT or MF_ENOMEM. */
int mf__test_users_match(mf_evaluation *e, test_users *t, mf_subject *subject,
                         const truth *known, mf_err *err) MF_MUST_USE;

#endif
