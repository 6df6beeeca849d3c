/* als/cells.h - the cells that are trained on, and those that say nothing.
 *
 * Training works on the cells that say something (als/params.h), as if the others were
 * not there. Callers give and get z of all cells: one that says nothing belongs to the
 * first active persona of its user, so that it makes none active. */
#ifndef ALS_CELLS_H
#define ALS_CELLS_H

#include "als/context.h"

/* Set als->train, and what else depends on what the values of als->given say. Returns
 * MF_OK or MF_ENOMEM. */
int mf__als_cells_open(mf_als *als, mf_err *err) MF_MUST_USE;

/* From z[train->nnz] to that of all given cells, and back. */
void mf__als_cells_give(const mf_als *als, const uint8_t z[], uint8_t given[]);
void mf__als_cells_take(const mf_als *als, const uint8_t given[], uint8_t z[]);

/* The active personas of user u by z[train->nnz], as bits. */
uint64_t mf__als_cells_active(const mf_als *als, const uint8_t z[], uint32_t u);

#endif
