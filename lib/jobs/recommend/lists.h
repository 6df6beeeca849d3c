/* jobs/recommend/lists.h - all lists, one after the other. */
#ifndef JOBS_RECOMMEND_LISTS_H
#define JOBS_RECOMMEND_LISTS_H

#include "jobs/recommend/job.h"

/* Choose and write those of job->asked, after what stands above all lists if they are
 * the first; job->done counts them. Returns MF_OK, MF_EFORMAT, MF_ERANGE, MF_EMATH,
 * MF_EIO or MF_ENOMEM. */
int mf__rec_write_lists(recommend_job *job, mf_out *out, mf_err *err) MF_MUST_USE;

#endif
