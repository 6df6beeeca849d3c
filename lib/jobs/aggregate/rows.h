/* jobs/aggregate/rows.h - the rows of all users, in memory or in a temporary file.
 *
 * They are in the order of the users' ids, and are read window by window, from the
 * first row to the last; in memory, all rows are one window. */
#ifndef JOBS_AGGREGATE_ROWS_H
#define JOBS_AGGREGATE_ROWS_H

#include <stdint.h>

#include "jobs/aggregate/records.h"
#include "mf/io.h"

typedef struct rows {
    uint32_t n;
    uint32_t *len; /* [n], sums in each; owned */
    /* in memory */
    const item_sum **at; /* [n]; the array is owned, what it points at is borrowed */
    /* in a file: one row after the other */
    int fd; /* borrowed, open for reading */
    mf_in *in;
    item_sum *sum; /* of the window */
    size_t *start; /* [hi - lo], where the rows of the window begin in it */
    size_t sum_cap, start_cap;
    uint32_t lo, hi;
} rows;

void mf__rows_free(rows *w);

/* Back to before the first window. Returns MF_OK, MF_EIO or MF_ENOMEM. */
int mf__rows_rewind(rows *w, mf_err *err) MF_MUST_USE;

/* Go to the next window, rows lo .. hi - 1. Returns 1, 0 after the last, MF_EIO or
 * MF_ENOMEM. */
int mf__rows_window(rows *w, mf_err *err) MF_MUST_USE;

/* A row of the window; borrowed until the next window. Rows in memory lie here and
 * there: the beginning of one that comes later is prefetched. */
static inline const item_sum *rows_row(const rows *w, uint32_t r)
{
    enum { AHEAD = 8, LINE = 64 };
    if (w->at && w->n - r > AHEAD)
        for (size_t i = 0; i < 4; i++)
            __builtin_prefetch((const char *)w->at[r + AHEAD] + i * LINE);
    return w->at ? w->at[r] : w->sum + w->start[r - w->lo];
}

#endif
