/* jobs/recommend/new_user.h - a new user, from a history that people type. */
#ifndef JOBS_RECOMMEND_NEW_USER_H
#define JOBS_RECOMMEND_NEW_USER_H

#include "jobs/recommend/job.h"

/* Read the history of params and put its user, alone, in the place of the users
 * and ratings of the model: one row of fold-in cells, still to be folded in.
 * Returns MF_OK, MF_EFORMAT, MF_EIO or MF_ENOMEM. */
int mf__rec_new_user(recommend_job *job, mf_err *err) MF_MUST_USE;

#endif
