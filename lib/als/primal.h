/* als/primal.h - users of more cells than factors, by systems of the order of the
 * factors; and systems that are diagonal. */
#ifndef ALS_PRIMAL_H
#define ALS_PRIMAL_H

#include "als/batch.h"

/* Add all systems of a user. */
void mf__als_primal_add(als_batch *b, const als_task *task);

/* Solve all systems of a user of a model whose a is 0: in the basis they are
 * diagonal. */
void mf__als_diagonal_solve(als_batch *b, const als_task *task);

#endif
