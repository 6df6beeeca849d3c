/* als/apart.h - item vectors, where the users of an item are with several ranks.
 *
 * Users, their cells and U stay where they are; V is with all ranks. Each rank solves
 * some of the items, block by block: what it needs of the users of another rank comes
 * in one of two forms, whichever is shorter,
 *
 *     sums      A and rhs of the item over those users: k (k + 3) / 2 floats
 *     vectors   of those users, k floats each, with their weights
 *
 * and is added in the order of the ranks. With many factors (als/wide.h) short items
 * are solved where their users' vectors come together, and of long ones products move,
 * of the matrix and the vector of each step of conjugate gradients: 2 k floats a step.
 * Then all ranks get the new vectors. */
#ifndef ALS_APART_H
#define ALS_APART_H

#include "als/items.h"
#include "als/wide_row.h"

/* Solve all items exactly, as mf__als_items_solve does each; *failed becomes the first
 * whose system cannot be solved, on all ranks. Returns MF_OK, MF_ENOMEM or MF_EMATH. */
int mf__als_apart_items(const als_item_side *side, uint32_t *failed,
                        mf_err *err) MF_MUST_USE;

/* Lists the terms of item i in the lists of *work, and fills in *s. */
typedef void als_apart_list(const mf_als *als, als_wide_work *work, uint32_t i,
                            als_wide_system *s);

/* The same with many factors: `side` and work[threads] are ready, `list` lists the
 * users that are here. */
int mf__als_apart_wide(mf_als *als, const als_wide_side *side, als_wide_work work[],
                       als_apart_list *list, uint32_t *failed, mf_err *err) MF_MUST_USE;

/* Solve in double the items whose vectors begin with NaN, on all ranks. als->user_gram
 * is known. */
int mf__als_apart_in_double(mf_als *als, uint32_t *failed, mf_err *err) MF_MUST_USE;

#endif
