/* jobs/aggregate/rows.h - the sums of all users, in memory or in a temporary file.
 *
 * Rows stand in the order of the users' ids. They are read in windows, from the
 * first row to the last; in memory there is one window, which is all. */
#ifndef JOBS_AGGREGATE_ROWS_H
#define JOBS_AGGREGATE_ROWS_H

#include <stdint.h>

#include "jobs/aggregate/records.h"
#include "mf/io.h"

typedef struct rows {
    uint32_t n;
    uint32_t *len; /* [n], cells of each; owned */
    /* in memory */
    const cell **at; /* [n], borrowed cells; the array is owned */
    /* in a file: cells one after the other */
    int fd; /* borrowed, open for reading */
    mf_in *in;
    cell *cell;    /* of the window */
    size_t *start; /* [hi - lo], where the rows of the window begin in it */
    size_t cell_cap, start_cap;
    uint32_t lo, hi;
} rows;

void mf__rows_free(rows *w);

/* Back to before the first window. Returns MF_OK, MF_EIO or MF_ENOMEM. */
int mf__rows_rewind(rows *w, mf_err *err) MF_MUST_USE;

/* Turn to the next window, rows lo .. hi - 1. Returns 1; 0 after the last;
 * MF_EIO or MF_ENOMEM. */
int mf__rows_window(rows *w, mf_err *err) MF_MUST_USE;

/* The cells of a row of the window; borrowed until the next. Rows in memory lie
 * here and there: the first cells of one that comes later are asked for. */
static inline const cell *rows_row(const rows *w, uint32_t r)
{
    enum { AHEAD = 8, LINE = 64 };
    if (w->at && w->n - r > AHEAD)
        for (size_t i = 0; i < 4; i++)
            __builtin_prefetch((const char *)w->at[r + AHEAD] + i * LINE);
    return w->at ? w->at[r] : w->cell + w->start[r - w->lo];
}

#endif
