/* jobs/aggregate/spill.h - rows that do not fit in memory: sorted runs in temporary
 * files.
 *
 * A run has its rows in the order of the users' ids, and each row its sums in that of
 * the items. Users and items are written as codes: ranks change as long as new ids
 * come, though the order of two ids never does. MERGED runs of a level are merged into
 * one of the next, so that few files are open and each row is read and written O(log
 * runs) times. The files have no name: nothing is left of them however the program
 * ends. */
#ifndef JOBS_AGGREGATE_SPILL_H
#define JOBS_AGGREGATE_SPILL_H

#include <stdint.h>

#include "data/idtable.h"
#include "jobs/aggregate/rows.h"

typedef struct run {
    int fd, level;
} run;

typedef struct spill {
    const char *folder; /* for temporary files; borrowed */
    run *run;           /* [n] */
    size_t n, cap;
    uint64_t bytes; /* written so far */
} spill;

/* The ranks of all ids that are known so far, by code, and the other way round. */
typedef struct ranks {
    const name **user; /* [users], by rank */
    uint32_t users;
    const uint32_t *user_rank; /* by code */
    const name **item; /* the same of items; NULL: their codes are their ranks */
    const uint32_t *item_rank;
} ranks;

void mf__spill_free(spill *s);

/* Write the rows of all parts as a run. Returns MF_OK, MF_EIO or MF_ENOMEM. */
int mf__spill_put(spill *s, const part_rows parts[RECORD_PARTS], const ranks *now,
                  mf_err *err) MF_MUST_USE;

/* Merge all runs into rows, one for each user of `now`, in a file that belongs
 * to the spill. Returns as mf__spill_put. */
int mf__spill_merge(spill *s, const ranks *now, rows *out, mf_err *err) MF_MUST_USE;

#endif
