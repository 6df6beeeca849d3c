/* math/whitened.h - the space in which histories are clustered: V (V'V)^-1/2, each
 * vector scaled to length 1 unless it is 0. In it no direction counts more than another
 * because all items vary along it.
 *
 * In the eigenbasis of V'V this is a scale for each dimension and one for each item, so
 * the vectors are not stored beside the basis. */
#ifndef MATH_WHITENED_H
#define MATH_WHITENED_H

#include "math/basis.h"

typedef struct mf_whitened {
    uint32_t n, k;     /* k: floats of a row, those that pad it included */
    const float *rows; /* [n x k]; borrowed */
    float *dim;        /* [k], E^-1/2; 0 where no item has a component; owned */
    float *scale;      /* [n], 1 / |dim * row|, or 0 where that is 0; owned */
    mf_basis own;      /* whose rows these are, where it was made for the space */
} mf_whitened;

/* The space of V, whose basis is made for it. *s is zeroed by a failure. Returns MF_OK,
 * MF_ENOMEM or MF_EMATH (V is not finite). */
int mf__whiten(mf_whitened *s, const mf_tensor *v, int threads,
               mf_err *err) MF_MUST_USE;

/* The same in the basis of V'V, which is borrowed and rotated. Returns MF_OK or
 * MF_ENOMEM. */
int mf__whiten_in(mf_whitened *s, const mf_basis *basis, int threads,
                  mf_err *err) MF_MUST_USE;

/* Vectors [n x 1 x k] as they are, each of length 1 or 0; borrowed. Returns MF_OK or
 * MF_ENOMEM. */
int mf__whiten_units(mf_whitened *s, const mf_tensor *unit, mf_err *err) MF_MUST_USE;

void mf__whitened_free(mf_whitened *s);

#endif
