/* jobs/score/fault.h - the words for a line that is wrong. */
#ifndef JOBS_SCORE_FAULT_H
#define JOBS_SCORE_FAULT_H

#include "jobs/score/header.h"
#include "jobs/score/job.h"

/* Fail at a line, the first of the input or not, that is no pair of a user and an item
 * of the model; the words do not say where it stands. Returns MF_EFORMAT. */
int mf__score_fault(const score_job *job, const score_places *places, mf_field line,
                    bool first, mf_err *err);

#endif
