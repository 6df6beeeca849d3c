/* jobs/aggregate/counts.h - which users and items the minimums leave. */
#ifndef JOBS_AGGREGATE_COUNTS_H
#define JOBS_AGGREGATE_COUNTS_H

#include "jobs/aggregate/rows.h"
#include "mf/aggregate.h"

/* Each thread has an array over the items, so more threads than this do not pay. */
enum { COUNTS_THREADS = 8 };

typedef struct counts {
    rows rows;
    uint32_t items;
    uint32_t items_present, users_present; /* those that have any cells at all */
    int threads;
    const char *folder; /* for temporary files, where rows are in one; borrowed */
    size_t memory;      /* bytes that may be used, more or less */
    uint32_t min_artists;
    /* The sums of all rows; after mf__counts_filter, those of the cells that are left:
     * where neither the user's `kept` nor the item's `listeners` is 0. */
    totals left;
    bool counted;      /* `left` is known */
    uint32_t *kept;    /* [rows.n], cells of each user that are left */
    uint64_t filtered; /* lines of the cells that are not */
    uint32_t overflow_user,
        overflow_item; /* the first sum, in order, that is too large */
} counts;

void mf__counts_free(counts *c);

/* Add the sums of some rows over these items, found as the rows were made. Once all
 * are added, the filter need not sum them again. Returns MF_OK or MF_ENOMEM. */
int mf__counts_add(counts *c, uint32_t items, const totals *found,
                   mf_err *err) MF_MUST_USE;

/* Apply the minimums to the rows. O(cells). Returns MF_OK, MF_EIO, MF_ENOMEM, or
 * MF_ERANGE with overflow_user and overflow_item. */
int mf__counts_filter(counts *c, const mf_aggregate_params *params,
                      mf_err *err) MF_MUST_USE;

#endif
