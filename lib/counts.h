/* counts.h - counts by user and item: gathered, summed, filtered.
 *
 * First records in any order (counts_add), then rows (counts_group), then what
 * the minimums leave (counts_filter). Users and items come with numbers in order
 * of appearance; counts_group gives items their rank in the order of the axis
 * instead. */
#ifndef COUNTS_H
#define COUNTS_H

#include "mf/aggregate.h"
#include "mf/ids.h"

typedef struct cell {
    union {
        uint32_t user;  /* of a record */
        uint32_t lines; /* of a cell in a row: how many went in; at most count */
    };
    uint32_t item, count;
} cell;

typedef struct counts {
    size_t n, cap;
    cell *cell; /* [n] records, then rows */
    uint32_t users, items;
    /* after counts_group */
    size_t *ptr;   /* [users + 1]; row u is cell[ptr[u]] .. cell[ptr[u] + len[u] - 1] */
    uint32_t *len; /* [users] */
    uint32_t heard; /* items that anybody has */
    /* after counts_filter: a cell is left where neither of these is 0 */
    uint32_t *kept;      /* [users], cells of each that are left */
    uint32_t *listeners; /* [items], users of each that are left */
} counts;

void counts_free(counts *c);

int counts_add(counts *c, uint32_t user, uint32_t item, uint32_t count,
               mf_err *err) MF_MUST_USE;

/* Sort into rows and sum what is equal. order[r] is the number of the item of
 * rank r; from here on items are ranks, and rows ascend. O(n), but for the
 * sorting within a row. A sum past 2^32 - 1 is MF_ERANGE and names the ids. */
int counts_group(counts *c, const mf_ids *users, const mf_ids *items,
                 const uint32_t order[], mf_err *err) MF_MUST_USE;

/* Apply the minimums. O(n), with `core` too. Returns MF_OK or MF_ENOMEM. */
int counts_filter(counts *c, const mf_aggregate_params *params,
                  mf_err *err) MF_MUST_USE;

#endif
