/* jobs/evaluate/slices.h - slices of users by activity, and of test cells by the
 * popularity of their items. */
#ifndef JOBS_EVALUATE_SLICES_H
#define JOBS_EVALUATE_SLICES_H

#include "jobs/evaluate/users.h"

/* Which slice what belongs to, by the ratings of the first model. */
typedef struct slicing {
    mf_ids items;     /* of that model */
    uint8_t *of_item; /* [items.n], slices from 0, by popularity; or NULL; owned */
    uint8_t *of_user; /* [users of the evaluation], slices from 0, by activity; or NULL;
                         owned */
} slicing;

void mf__slices_free(slicing *by);

/* Name the slices. */
void mf__slices_name(mf_evaluation *e, mf_by by, uint32_t slices);

/* Cut the users, or the items, of the first model, and name the slices. */
int mf__slices_cut(slicing *by, mf_evaluation *e, const test_users *t,
                   const mf_evaluate_params *params, mf_err *err) MF_MUST_USE;

/* Set t->part by the slices of items, if there are such. */
int mf__slices_parts(test_users *t, const slicing *by, mf_err *err) MF_MUST_USE;

/* When all models are measured: users with test cells in all of them are in the first
 * slice, and in which others. Returns MF_OK, MF_EFORMAT (`must`, and there are none) or
 * MF_ENOMEM. */
int mf__slices_fill(mf_evaluation *e, const slicing *by, bool must,
                    mf_err *err) MF_MUST_USE;

#endif
