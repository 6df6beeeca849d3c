/* jobs/score/job.h - the job of mf-score, from the outside in.
 *
 *     score.c     parameters; the model is read, the lines go through
 *     subjects.c  who and what can be scored: ids, users, items
 *     stream.c    blocks of lines: threads, order, what is said at the end
 *     header.c    which fields are the user and the item
 *     lines.c     the lines of a block: parsed, looked up, scored, written
 *     fault.c     the words for a line that is wrong
 *
 * Threads share a score_job, which does not change once it is open. */
#ifndef JOBS_SCORE_JOB_H
#define JOBS_SCORE_JOB_H

#include "data/idtable.h"
#include "jobs/shared/score.h"
#include "mf/model.h"
#include "mf/score.h"

typedef struct score_job {
    const mf_score_params *params;
    const char *name;       /* of the model's file, for messages */
    mf_model model;         /* owned, as what follows */
    mf_scored scored;       /* what scores are made of; borrowed */
    idtable *users, *items; /* values are indexes in the model */
    uint64_t *active;    /* [users], the personas that speak, as bits; 0: a stranger */
    uint32_t *listeners; /* [items], or NULL: they say nothing */
} score_job;

/* Settle all but the model, which is read. Returns MF_OK, MF_EFORMAT, MF_ERANGE,
 * MF_EMATH or MF_ENOMEM. */
int mf__score_subjects_open(score_job *job, mf_err *err) MF_MUST_USE;
void mf__score_subjects_close(score_job *job);

#endif
