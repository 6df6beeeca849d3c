/* jobs/score/stream.h - lines in, lines out. */
#ifndef JOBS_SCORE_STREAM_H
#define JOBS_SCORE_STREAM_H

#include "jobs/score/job.h"

/* Score all lines of `pairs`, and report what was left out and who is a stranger.
 * Returns MF_OK, MF_EFORMAT, MF_EIO or MF_ENOMEM. */
int mf__score_stream(const score_job *job, mf_in *pairs, mf_out *out,
                     mf_err *err) MF_MUST_USE;

#endif
