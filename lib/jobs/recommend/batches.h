/* jobs/recommend/batches.h - lists of users who are new to the model, some at a time.
 *
 * What takes memory is their vectors, 4 bytes for each factor of each persona: a
 * million users of 512 factors and three personas would want 6 GB. */
#ifndef JOBS_RECOMMEND_BATCHES_H
#define JOBS_RECOMMEND_BATCHES_H

#include "jobs/recommend/job.h"

/* How many users are placed at once: job->batch or, if that is 0, as many as have 256
 * MB of vectors. */
uint32_t mf__rec_batch_users(const recommend_job *job);

/* Do what `list` does with all who are asked for, batch by batch: each time they are
 * the users of the model, without vectors, and job->last says if they are the last.
 * With nobody it is called once. Returns what `list` does, or MF_ENOMEM. */
int mf__rec_in_batches(recommend_job *job, mf_out *out,
                       int (*list)(recommend_job *job, mf_out *out, mf_err *err),
                       mf_err *err) MF_MUST_USE;

#endif
