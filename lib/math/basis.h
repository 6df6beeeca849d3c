/* math/basis.h - the side held fixed, turned so that V'V is diagonal.
 *
 * With V'V = Q E Q', the system of a row whose ridge is lambda is, in the
 * coordinates of the columns of Q, diag(w0 E + lambda) + sum_obs a v v': what
 * all rows share costs a row nothing, whatever its lambda. */
#ifndef MATH_BASIS_H
#define MATH_BASIS_H

#include "kernel/kernel.h"
#include "mf/matrix.h"

typedef struct als_basis {
    const mf_kernel *kernel;
    uint32_t k, width; /* width: k padded */
    uint32_t n;
    float *rows;   /* [n x width], V Q; owned */
    double *eigen; /* [k], E, ascending, none below 0; owned */
    float *shared; /* [width], w0' E, padded with 1; owned */
    double *turn;  /* [k x k], Q by columns: row j is the j-th eigenvector; owned */
    float *back;   /* [width x width], the same, padded: x = x' back; owned */
    float *there;  /* its transpose: x' = x there; owned */
    bool turned;   /* false: Q is not used and E is 0 */
} als_basis;

/* Make *b the basis of V, given V'V. For w0' = 0, V is only copied.
 * *b is zeroed or was made before. Returns MF_OK, MF_ENOMEM or MF_EMATH (V is not
 * finite). */
int mf__als_basis_make(als_basis *b, const mf_tensor *v, const double *gram, double w0,
                       int threads, mf_err *err) MF_MUST_USE;
void mf__als_basis_free(als_basis *b);

#endif
