/* counts.h - which counts the minimums leave. */
#ifndef COUNTS_H
#define COUNTS_H

#include "mf/aggregate.h"
#include "rows.h"

typedef struct counts {
    rows rows;
    uint32_t items;
    uint32_t heard, present; /* items, and users, that have any cells */
    int threads;
    uint32_t min_artists;
    /* after counts_filter: a cell is left where neither of these is 0 */
    uint32_t *kept;      /* [rows.n], cells of each user that are left */
    uint32_t *listeners; /* [items], users of each that are left */
    /* of what is left */
    uint64_t cells, plays, lines;
    uint64_t filtered; /* lines of the others */
    uint32_t over_user, over_item; /* the first sum, in order, that is too large */
} counts;

void counts_free(counts *c);

/* Apply the minimums to the rows. O(cells), with `core` too while rows are in
 * memory; from a file, `core` reads it until nothing changes any more. Returns
 * MF_OK, MF_EIO, MF_ENOMEM, or MF_ERANGE with over_user and over_item. */
int counts_filter(counts *c, const mf_aggregate_params *params,
                  mf_err *err) MF_MUST_USE;

#endif
