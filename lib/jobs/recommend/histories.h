/* jobs/recommend/histories.h - many new users, from one file. */
#ifndef JOBS_RECOMMEND_HISTORIES_H
#define JOBS_RECOMMEND_HISTORIES_H

#include "jobs/recommend/job.h"

/* Read the histories of params and put their users, in the order of their first lines,
 * in the place of the users and ratings of the model: rows of fold-in cells, still to
 * be folded in. A user of whose items none is known has an empty row. Returns MF_OK,
 * MF_EFORMAT, MF_ERANGE, MF_EIO or MF_ENOMEM. */
int mf__rec_histories(recommend_job *job, mf_err *err) MF_MUST_USE;

#endif
