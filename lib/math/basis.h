/* math/basis.h - the side held fixed, rotated so that V'V is diagonal.
 *
 * With V'V = Q E Q', the system of a row whose ridge is lambda is, in the
 * coordinates of the columns of Q, diag(w0' E + lambda) + sum_obs a v v': the term
 * that all rows share costs a row nothing, whatever its lambda. */
#ifndef MATH_BASIS_H
#define MATH_BASIS_H

#include "base/ranks.h"
#include "kernel/kernel.h"
#include "mf/matrix.h"

typedef struct mf_basis {
    const mf_kernel *kernel;
    uint32_t k, width; /* width: k padded */
    uint32_t n;
    const float *rows;    /* [n x stride], V Q */
    size_t stride;        /* floats from row to row: width, or k without a copy */
    float *copy;          /* the rows, or NULL: V itself; owned, like what follows */
    double *eigenvalues;  /* [k], E, ascending, none below 0 */
    float *shared;        /* [width], w0' E, padded with 1 */
    double *eigenvectors; /* [k x k], the columns of Q: row j is the j-th; NULL where V
                             is not copied */
    float *back;  /* Q', packed for mf__turn: rows in the basis times it are rows;
                       NULL where V is not copied */
    bool rotated; /* false: V is not rotated, Q is not set and E is 0 */
} mf_basis;

/* Make *b the basis of V, given V'V. For w0' = 0, V is only copied. *b is zeroed or
 * holds an earlier basis, whose memory is reused. Returns MF_OK, MF_ENOMEM or MF_EMATH
 * (V is not finite). */
int mf__basis_make(mf_basis *b, const mf_tensor *v, const double *gram, double w0,
                   int threads, mf_err *err) MF_MUST_USE;

/* The same without a copy of V, which the basis borrows: v->data becomes V Q, and what
 * is solved in the basis stays in it. For vectors whose other side is made anew. For
 * w0' > 0, gram[k * k] is worked in, and becomes that of V Q. All of `ranks` take the
 * eigenvectors of the first. */
int mf__basis_turn(mf_basis *b, mf_tensor *v, double *gram, double w0, int threads,
                   mf_ranks *ranks, mf_err *err) MF_MUST_USE;

/* The basis of the same V for another w0', both more than 0. */
void mf__basis_share(mf_basis *b, double w0);

/* True if vectors that are solved in the basis are to be turned out of it. */
static inline bool mf_basis_turns_back(const mf_basis *b)
{
    return b->rotated && b->copy;
}

void mf__basis_free(mf_basis *b);

#endif
