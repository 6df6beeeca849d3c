/* als/order.h - the order in which rows are solved, and cells by item. */
#ifndef ALS_ORDER_H
#define ALS_ORDER_H

#include "als/context.h"

/* The rows of x, in stretches of so many, each by descending number of entries: long
 * ones first, and rows of similar length side by side. *order is the caller's to free.
 * Returns MF_OK or MF_ENOMEM. */
int mf__als_order_rows(uint32_t **order, const mf_csr *x, uint32_t stretch,
                       mf_err *err) MF_MUST_USE;

/* Set als->by_item, train transposed, without values unless `valued`. Returns MF_OK,
 * MF_ENOMEM or MF_EIO. */
int mf__als_cells_by_item(mf_als *als, bool valued, mf_err *err) MF_MUST_USE;

/* Copy values of the cells, of `size` bytes each, from the order of als->train to
 * that of als->by_item. */
void mf__als_copy_by_item(const mf_als *als, void *to, const void *from, size_t size);

#endif
