/* jobs/rewrite/peel.h - users with few items and items with few users go. */
#ifndef JOBS_REWRITE_PEEL_H
#define JOBS_REWRITE_PEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/err.h"

/* Cells by row: those of user u are item[ptr[u] .. ptr[u + 1]). */
typedef struct peel_cells {
    uint32_t users, items;
    const size_t *ptr; /* [users + 1] */
    const uint32_t *item;
} peel_cells;

/* What is left of the cells of each user and item, 0 for those who go; on entry what
 * they had. Without `core` items with fewer than min_users go, then users with fewer
 * than min_items that are left; with it both, until none does: the largest part of the
 * cells in which both minimums hold. Both are at least 1. O(cells) in any case. Returns
 * MF_OK or MF_ENOMEM. */
int mf__peel(const peel_cells *cells, uint32_t min_items, uint32_t min_users, bool core,
             uint32_t of_user[], uint32_t of_item[], mf_err *err) MF_MUST_USE;

#endif
