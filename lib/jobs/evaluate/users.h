/* jobs/evaluate/users.h - the users of a model who have test cells. */
#ifndef JOBS_EVALUATE_USERS_H
#define JOBS_EVALUATE_USERS_H

#include <stdint.h>

#include "mf/evaluate.h"

typedef struct test_users {
    const mf_ratings *ratings; /* of the model; borrowed */
    const char *name;          /* of its file, for messages; borrowed */
    uint32_t n, left_out; /* those of the shard who have test cells, and who do not */
    uint32_t *user;       /* [n], by index in the model; owned */
    uint32_t *place;      /* [n], by index in the evaluation; owned */
    uint32_t most;        /* test cells of any of them */
    uint8_t *part; /* [items], the part of the test cells that those of the item belong
                      to, from 1; NULL: there are no parts; owned */
} test_users;

/* Find those who are in the shard; `t` holds ratings and name. Free *t in any case.
 * Returns MF_OK, MF_EFORMAT (no test cells) or MF_ENOMEM. */
int mf__test_users_find(test_users *t, const mf_evaluate_params *params,
                        mf_err *err) MF_MUST_USE;
void mf__test_users_free(test_users *t);

/* Make those of the first model the users of the evaluation. */
int mf__test_users_adopt(mf_evaluation *e, const test_users *t,
                         mf_err *err) MF_MUST_USE;

/* Count the test cells of each user and part. */
int mf__test_users_count(const mf_evaluation *e, const test_users *t,
                         mf_test_cells *cells, mf_err *err) MF_MUST_USE;

/* Place those of a further model, *subject, in the evaluation. Its test cells must be
 * those of the first model, unless params allows others: then the users whom the first
 * model does not have are dropped from *t. Returns MF_OK, MF_EFORMAT or MF_ENOMEM. */
int mf__test_users_match(mf_evaluation *e, test_users *t, mf_subject *subject,
                         const mf_evaluate_params *params, mf_err *err) MF_MUST_USE;

#endif
