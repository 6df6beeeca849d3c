/* als/woodbury.h - systems of fewer terms than factors, by their dual.
 *
 * The rows held fixed lie in the basis in which what all systems share is diagonal,
 * D = diag(shared + ridge). With Y the n rows of a system, S the diagonal of their
 * weights and W = Y D^-1/2,
 *
 *     (D + Y'S Y) x = Y'S t        x = D^-1/2 W' y,   (S^-1 + W W') y = t
 *
 * (Woodbury): a system of the order of the terms, which costs n^2 k in tiles that stay
 * in registers.
 *
 * It is asked for in two places, which put S^-1 on the diagonal and read y. als/dual.h
 * solves users, of up to about three quarters as many cells as factors, whose personas
 * share W W', and whose y are the scores of the observed cells. als/wide_row.h solves
 * rows of either side, the short ones among those that go by conjugate gradients, and
 * has x'A x - 2 b'x from y. Explanations have the same in double: als/explain.c. */
#ifndef ALS_WOODBURY_H
#define ALS_WOODBURY_H

#include "kernel/kernel.h"

/* The terms of a system. */
typedef struct als_dual_terms {
    size_t n;
    const uint32_t *row; /* [n]; row r begins at src + r * k */
    const float *src;
    uint32_t k;
    const float *shared; /* [k padded] */
    float ridge;
} als_dual_terms;

/* panel [lda x k padded] becomes W, filled up with rows of 0, root [k padded] becomes
 * D^-1/2, and products [lda x lda] W W'; lda is n or more, padded. transposed [k padded
 * x lda] is scratch. */
void mf__dual_products(const mf_kernel *kernel, const als_dual_terms *of, uint32_t lda,
                       float *panel, float *root, float *transposed, float *products);

/* x [width] = D^-1/2 W' y, width being k padded. */
void mf__dual_solution(const mf_kernel *kernel, uint32_t width, size_t n,
                       const float *panel, const float *root, const float *y, float *x);

#endif
