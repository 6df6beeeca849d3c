/* jobs/recommend/candidates.h - which items may be listed, and for whom. */
#ifndef JOBS_RECOMMEND_CANDIDATES_H
#define JOBS_RECOMMEND_CANDIDATES_H

#include "jobs/recommend/job.h"

/* Settle job->excluded from the files of candidates and of excluded items; unless
 * candidates are named, what somebody knows in training and nobody likes is excluded
 * too. Returns MF_OK, MF_EFORMAT, MF_EIO or MF_ENOMEM. */
int mf__rec_candidates_read(recommend_job *job, mf_err *err) MF_MUST_USE;

/* Exclude one more item. Returns MF_OK or MF_ENOMEM. */
int mf__rec_exclude(recommend_job *job, uint32_t item, mf_err *err) MF_MUST_USE;

/* Leave out of a row of scores what is no candidate for the user, or item, `owner`. */
void mf__rec_hide(const recommend_job *job, uint32_t owner, float score[]);

#endif
