/* als/steps.h - the block minimizations of a sweep: more of mf/als.h. */
#ifndef ALS_STEPS_H
#define ALS_STEPS_H

#include "als/context.h"

/* mf_als_solve_users by another solver than p.solver. */
int mf__als_solve_users_by(mf_als *als, mf_solver solver, mf_err *err) MF_MUST_USE;

#endif
