/* jobs/recommend/similar.h - items whose most similar items are asked for. */
#ifndef JOBS_RECOMMEND_SIMILAR_H
#define JOBS_RECOMMEND_SIMILAR_H

#include "jobs/recommend/job.h"

/* Find those that params names: settle job->asked, names and scored. Returns MF_OK,
 * MF_EFORMAT or MF_ENOMEM. */
int mf__rec_similar_open(recommend_job *job, mf_err *err) MF_MUST_USE;

#endif
