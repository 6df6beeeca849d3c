/* jobs/aggregate/private.h - what reading and writing of the job share. */
#ifndef JOBS_AGGREGATE_PRIVATE_H
#define JOBS_AGGREGATE_PRIVATE_H

#include "jobs/aggregate/counts.h"
#include "jobs/aggregate/tracks.h"
#include "jobs/aggregate/triplets.h"
#include "mf/aggregate.h"

typedef struct aggregate {
    const mf_aggregate_io *io;
    const mf_aggregate_params *params;
    const mf_report *report;
    tracks tracks;
    mf_ids items;       /* of all, in order */
    triplets triplets;  /* with the tables of songs and users */
    const name **users; /* by rank */
    counts counts;
    /* lines == kept + unknown + mismatch + filtered */
    tally tally;
    uint64_t kept, filtered;
    uint32_t users_left, items_left;
} aggregate;

/* Tell in notes, and in io->stats, what was read and kept; then write the bundle. */
int mf__aggregate_write(aggregate *a, mf_err *err) MF_MUST_USE;

#endif
