/* jobs/recommend/popularity.h - the listeners of items, and scores tempered by them. */
#ifndef JOBS_RECOMMEND_POPULARITY_H
#define JOBS_RECOMMEND_POPULARITY_H

#include "jobs/recommend/job.h"

/* Count the listeners of each item, if there are ratings and it was not done: before a
 * new user takes the place of those who are counted. Returns MF_OK or MF_ENOMEM. */
int mf__rec_count_listeners(recommend_job *job, mf_err *err) MF_MUST_USE;

/* Settle job->weight, likewise. Returns MF_OK or MF_ENOMEM. */
int mf__rec_rarity_open(recommend_job *job, mf_err *err) MF_MUST_USE;

/* Temper a row of scores, if there are weights. */
void mf__rec_rarity_apply(const recommend_job *job, float score[]);

#endif
