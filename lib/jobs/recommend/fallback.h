/* jobs/recommend/fallback.h - lists for users of whom the model knows nothing.
 *
 * What is listed for them (jobs/shared/stranger.h) is said to be something else. */
#ifndef JOBS_RECOMMEND_FALLBACK_H
#define JOBS_RECOMMEND_FALLBACK_H

#include "jobs/recommend/workspace.h"

/* Find those among the users whose lists are asked for. Settles job->fallback and
 * job->stranger, and counts. Returns MF_OK or MF_ENOMEM. */
int mf__rec_fallback_open(recommend_job *job, mf_err *err) MF_MUST_USE;

/* Warn of those who were counted, if there are any. */
void mf__rec_fallback_warn(const recommend_job *job);

/* Is `user` one of them? */
static inline bool mf__rec_falls_back(const recommend_job *job, uint32_t user)
{
    return job->stranger && job->stranger[user];
}

/* The list of one; borrowed from `w` until its next list. */
void mf__rec_fallback_list(item_list *out, const recommend_job *job, workspace *w,
                           uint32_t user);

#endif
