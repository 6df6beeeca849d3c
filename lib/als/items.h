/* als/items.h - item vectors, the users held fixed. */
#ifndef ALS_ITEMS_H
#define ALS_ITEMS_H

#include "als/private.h"

/* What all items see. */
typedef struct als_item_side {
    mf_als *als; /* its gram is U'U */
    float *gram; /* [width x width], w0' U'U, padded with ones on the diagonal; owned */
    double *turn;  /* [k x k], its eigenvectors by rows, where no cell has a quadratic
                     term, else NULL; owned */
    double *eigen; /* [k]; owned */
} als_item_side;

int mf__als_item_side_make(als_item_side *side, mf_err *err) MF_MUST_USE;
void mf__als_item_side_free(als_item_side *side);

/* The vectors of n items, no more than work->systems, each with the same bits
 * whatever others are solved with it. Returns UINT32_MAX, or the first item whose
 * system cannot be solved. */
uint32_t mf__als_items_solve(const als_item_side *side, uint32_t n,
                             const uint32_t item[], als_work *work) MF_MUST_USE;

#endif
