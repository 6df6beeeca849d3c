/* als/cg.h - users of any number of cells, by steps of conjugate gradients from where
 * they are. */
#ifndef ALS_CG_H
#define ALS_CG_H

#include "als/batch.h"

/* Add the systems of a user, of at most als_work_cg_cells cells; the batch runs when it
 * is full. */
void mf__als_cg_add(als_batch *b, const als_task *task);

/* Take view->p->steps steps in all systems that were added, store the vectors and
 * add the terms; the batch is then empty. */
void mf__als_cg_run(als_batch *b);

#endif
