/* als/dual.h - users of fewer cells than factors, by systems of the order of the cells:
 * see als/woodbury.h. */
#ifndef ALS_DUAL_H
#define ALS_DUAL_H

#include "als/batch.h"

/* Add all systems of a user, the nth of the rows that are solved together, of at most
 * b->order cells. */
void mf__als_dual_add(als_batch *b, const als_task *task, uint32_t nth);

#endif
