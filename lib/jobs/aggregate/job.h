/* jobs/aggregate/job.h - the state of the job: reading fills it, writing puts it
 * out. */
#ifndef JOBS_AGGREGATE_JOB_H
#define JOBS_AGGREGATE_JOB_H

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
    line_counts lines; /* lines.read == kept + unknown + mismatch + filtered */
    uint64_t kept, filtered;
    uint32_t users_left, items_left;
} aggregate;

/* Report in notes, and in io->stats, what was read and kept; then write the bundle. */
int mf__aggregate_write(aggregate *a, mf_err *err) MF_MUST_USE;

#endif
