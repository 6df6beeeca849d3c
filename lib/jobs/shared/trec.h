/* jobs/shared/trec.h - lines of TREC files, for the jobs that write them: evaluate and
 * recommend.
 *
 * trec_eval does not read the rank: it sorts by score, and where scores are equal by
 * item, last name first. So every score that is written lies below the one before it:
 * that of an item that ties, by as little as a float can be. */
#ifndef JOBS_SHARED_TREC_H
#define JOBS_SHARED_TREC_H

#include <stdint.h>

#include "jobs/shared/page.h"
#include "mf/ratings.h"

/* An id as a field (mf__text_trec). */
void mf__trec_put_id(page *to, const mf_ids *ids, uint32_t index);

/* The list of one user as lines of a run, from the first item to the last. */
typedef struct trec_list {
    page *to; /* borrowed, as all here */
    const mf_ids *users, *items;
    uint32_t user;
    const char *tag; /* of the run */
    /* of the lines so far; 0 at the start */
    uint32_t n;
    float last; /* score that was written */
} trec_list;

/* The line `user Q0 item rank score tag` of the next item. */
void mf__trec_put_item(trec_list *list, uint32_t item, float score);

#endif
