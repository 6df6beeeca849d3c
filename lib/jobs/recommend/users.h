/* jobs/recommend/users.h - the users of the model whose lists are asked for. */
#ifndef JOBS_RECOMMEND_USERS_H
#define JOBS_RECOMMEND_USERS_H

#include "jobs/recommend/job.h"

/* Find them: all users, or those that params names, and then those of its list. Returns
 * MF_OK, MF_EFORMAT (one is unknown), MF_EIO or MF_ENOMEM. */
int mf__rec_find_users(asked *out, const recommend_job *job, mf_err *err) MF_MUST_USE;

#endif
