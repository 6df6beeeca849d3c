/* jobs/score/lines.h - a block of lines, with their scores. */
#ifndef JOBS_SCORE_LINES_H
#define JOBS_SCORE_LINES_H

#include "data/blocks.h"
#include "data/few.h"
#include "jobs/score/header.h"
#include "jobs/score/job.h"
#include "jobs/shared/page.h"

/* What a block has to say when its turn comes. */
typedef struct score_found {
    uint64_t lines;          /* that were read */
    mf_few users, items;     /* lines left out: their unknown users, or items */
    uint64_t strangers;      /* lines of users of whom the model knows nothing, */
    uint32_t first_stranger; /* and the first of these */
} score_found;

/* Of one thread. */
typedef struct score_lines score_lines;

/* Borrows both. */
int mf__score_lines_open(score_lines **out, const score_job *job,
                         const score_places *places, mf_err *err) MF_MUST_USE;
void mf__score_lines_close(score_lines *lines);

/* The first line of a block; whatever its text is. */
mf_field mf__score_lines_first(const text_block *block);

/* Score the lines of a block onto `to`, which is emptied before, and say what was
 * found. Returns MF_OK; MF_EFORMAT with the line in the block, from 1, that is wrong;
 * or MF_ENOMEM with *bad 0. */
int mf__score_lines_block(score_lines *lines, const text_block *block, page *to,
                          score_found *found, uint64_t *bad, mf_err *err) MF_MUST_USE;

#endif
