/* als/steps.h - the block minimizations of a sweep: more of mf/als.h. */
#ifndef ALS_STEPS_H
#define ALS_STEPS_H

#include "als/context.h"

/* Solve all users as far as floats go, where mf_als_solve_users only comes near. */
int mf__als_solve_users_exactly(mf_als *als, mf_err *err) MF_MUST_USE;

#endif
