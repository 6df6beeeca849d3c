/* als/items.h - item vectors, the users held fixed. */
#ifndef ALS_ITEMS_H
#define ALS_ITEMS_H

#include "als/context.h"

/* The side of the users, the same for all items. */
typedef struct als_item_side {
    mf_als *
        als; /* its user_gram is known, items are prepared, and where p > 1 the distinct
                    vectors are found; borrowed */
    float *gram; /* [width x width], w0' U'U, padded with ones on the diagonal; owned */
    /* of U'U, where a is 0, else NULL: */
    double *eigenvectors; /* [k x k], by rows; owned */
    double *eigenvalues;  /* [k]; owned */
} als_item_side;

/* Fill in *side, of which `als` is given. Returns MF_OK, MF_ENOMEM or MF_EMATH (U is
 * not finite). */
int mf__als_item_side_make(als_item_side *side, mf_err *err) MF_MUST_USE;
void mf__als_item_side_free(als_item_side *side);

/* Solve the vectors of n <= work->systems items, each with the same bits whatever
 * others are solved with it, and set als->gain of each. Returns UINT32_MAX, or the
 * first item whose system cannot be solved. */
uint32_t mf__als_items_solve(const als_item_side *side, uint32_t n,
                             const uint32_t item[], als_work *work) MF_MUST_USE;

/* What of the system of item i comes from its cells that are here: A, whose upper
 * triangle is valid, [width x width], and rhs [width]; false where a cell has no
 * weight, but a right-hand side. The same of rhs[k] alone, in double; and both added to
 * *w. */
bool mf__als_item_sum(const mf_als *als, uint32_t i, als_work *work, float *a,
                      float *rhs) MF_MUST_USE;
void mf__als_item_rhs(const mf_als *als, uint32_t i, als_work *work, double *rhs);
void mf__als_item_add(const mf_als *als, uint32_t i, mf_ridge *w);

/* Solve item i, given rhs[k] and the eigenvectors of the side. False if it is left to
 * mf__als_item_solve_in_double. */
bool mf__als_item_by_eigenvectors(const als_item_side *side, uint32_t i,
                                  const double rhs[], als_work *work) MF_MUST_USE;

/* <x, y> of k floats, summed in double. */
double mf__als_dot(const float *x, const float *y, uint32_t k);

/* Build and solve the system of item i in double, whatever has become of it before,
 * and set its gain. als->user_gram is known, and items are prepared. Returns MF_OK,
 * MF_EMATH or, as work->lacks says too, MF_ENOMEM. */
int mf__als_item_solve_in_double(mf_als *als, uint32_t i, als_work *work) MF_MUST_USE;

#endif
