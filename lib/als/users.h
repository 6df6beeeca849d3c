/* als/users.h - persona vectors of users, the items held fixed. */
#ifndef ALS_USERS_H
#define ALS_USERS_H

#include "als/row.h"
#include "als/terms.h"
#include "als/work.h"

/* Solve all U[u] of n users, given all else, each with the same bits whatever others
 * are solved with it. Unless `terms` is NULL, add their terms of L but the ridge,
 * and set the next z: a and b of all cells must then be 1. Returns NULL, or the
 * first row whose system cannot be solved. */
als_row *mf__als_users_solve(const als_view *view, als_row rows[], uint32_t n,
                             als_work *work, als_terms *terms) MF_MUST_USE;

#endif
