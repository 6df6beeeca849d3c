/* jobs/aggregate/core.h - both minimums until they hold together.
 *
 * The largest part of the data in which they do is unique, so that dropping users and
 * items from a list of work ends in the same part as passes over all rows again and
 * again, of which a chain of users and items takes as many as it is long. */
#ifndef JOBS_AGGREGATE_CORE_H
#define JOBS_AGGREGATE_CORE_H

#include "jobs/aggregate/counts.h"

/* Drop users of fewer than c->min_artists items and items of fewer than
 * `min_listeners` users. Before, a cell is left where its user's c->kept and its
 * item's c->left.listeners are above 0, and both are the numbers of such cells; so
 * it is afterwards. Each row that is dropped is read once more. Rows in a file: what
 * the users of each item are stands in another one, in c->folder, which is made by
 * reading the rows once for each quarter of c->memory that its 4 bytes a cell fill.
 * Memory: 17 bytes for each user and item, and 4 a cell where rows are in memory.
 * Returns MF_OK, MF_EIO or MF_ENOMEM. */
int mf__counts_core(counts *c, uint32_t min_listeners, mf_err *err) MF_MUST_USE;

#endif
