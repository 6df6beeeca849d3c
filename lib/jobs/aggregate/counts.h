/* jobs/aggregate/counts.h - which counts the minimums leave. */
#ifndef JOBS_AGGREGATE_COUNTS_H
#define JOBS_AGGREGATE_COUNTS_H

#include "jobs/aggregate/rows.h"
#include "mf/aggregate.h"

/* More threads than this do not pay where each has an array of items. */
enum { COUNTS_THREADS = 8 };

typedef struct counts {
    rows rows;
    uint32_t items;
    uint32_t heard, present; /* items, and users, that have any cells */
    int threads;
    uint32_t min_artists;
    /* Of all rows, once they were counted; after mf__counts_filter, of what is left:
     * a cell is where neither its user's `kept` nor its item's `listeners` is 0. */
    totals left;
    bool counted;
    uint32_t *kept;                /* [rows.n], cells of each user that are left */
    uint64_t filtered;             /* lines of the others */
    uint32_t over_user, over_item; /* the first sum, in order, that is too large */
} counts;

void mf__counts_free(counts *c);

/* Add what was found as rows were made, of the same items; then they need not
 * be counted. Returns MF_OK or MF_ENOMEM. */
int mf__counts_add(counts *c, uint32_t items, const totals *found,
                   mf_err *err) MF_MUST_USE;

/* Apply the minimums to the rows. O(cells), with `core` too while rows are in
 * memory; from a file, `core` reads it until nothing changes any more. Returns
 * MF_OK, MF_EIO, MF_ENOMEM, or MF_ERANGE with over_user and over_item. */
int mf__counts_filter(counts *c, const mf_aggregate_params *params,
                      mf_err *err) MF_MUST_USE;

#endif
