/* math/linalg.h - small dense algebra for ridge systems.
 *
 * Matrices are k x k, symmetric, row-major, of which the upper triangle is
 * read and written unless said otherwise. Factors are float; sums over many
 * rows are double. Every call computes with one thread; callers run many. */
#ifndef MATH_LINALG_H
#define MATH_LINALG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/disk.h"
#include "mf/err.h"

/* Pin BLAS to one thread. Its number of threads is a setting of the process and changes
 * the last bits of its results, so each job calls this first. Where BLAS is built on
 * OpenMP, this also makes 1 the default of the calling thread's later parallel regions;
 * ours name their number of threads. */
void mf__linalg_serial(void);

/* Make sure that BLAS has the buffers, of 128 MB of addresses each, that it takes for
 * `threads` threads that call it at once: it would wait for ever for memory that is not
 * there. Where there is room for fewer, they take turns: see mf__linalg_enter. To be
 * called while no thread uses BLAS; costs nothing for threads that it was called for
 * before. Returns MF_OK, or MF_ENOMEM if there is no room for one. */
int mf__linalg_reserve(int threads, mf_err *err) MF_MUST_USE;

/* Around each call of BLAS or LAPACK that takes a buffer, in a thread of OpenMP, after
 * mf__linalg_reserve. `alone` is what mf__linalg_enter returned. */
bool mf__linalg_enter(void) MF_MUST_USE;
void mf__linalg_leave(bool alone);

/* G = X'X for X [n x k] in float, both triangles. X is cut into parts by position,
 * whose sums are added in order, in double: the same bits for any number of threads.
 * Returns MF_OK or MF_ENOMEM. */
int mf__gram(double g[], const float x[], size_t n, uint32_t k, int threads,
             mf_err *err) MF_MUST_USE;

/* The same of G = X' diag(weight) X, for weight[n] >= 0, or NULL: 1. X may be on disk,
 * or `disk` is NULL. */
int mf__gram_weighted(double g[], const float x[], const float weight[], size_t n,
                      uint32_t k, int threads, mf_disk *disk, mf_err *err) MF_MUST_USE;

/* The rounding of those, and of eigenvalues in float, in shares of the largest
 * eigenvalue: a ridge that is smaller than this would be lost in it. */
#define MF_GRAM_ROUNDING 1e-6f

/* The same, every product and sum in double: several times as slow. */
int mf__gram_in_double(double g[], const float x[], const float weight[], size_t n,
                       uint32_t k, int threads, mf_disk *disk, mf_err *err) MF_MUST_USE;

/* Such a function. */
typedef int mf_gram(double g[], const float x[], const float weight[], size_t n,
                    uint32_t k, int threads, mf_disk *disk, mf_err *err);

/* The eigenvalues of G = X'X [k x k], ascending, and its eigenvectors: row j of
 * vectors [k x k], which may be G, is the j-th. O(k^3). Returns MF_OK, MF_ENOMEM or
 * MF_EMATH (G is not finite). */
int mf__eigenvectors(double vectors[], double values[], const double g[], uint32_t k,
                     mf_err *err) MF_MUST_USE;

/* The same in float, in half the time: eigenvectors are orthogonal to about 1e-6. */
int mf__eigenvectors_float(float vectors[], float values[], const double g[],
                           uint32_t k, mf_err *err) MF_MUST_USE;

enum { MF_PANEL_ROWS = 64 };

/* Workspace to build and solve one ridge system of order k, all in double: slow, for
 * systems that float is not precise enough for, and to test the fast way. */
typedef struct mf_ridge {
    uint32_t k;
    size_t rows;   /* of the panel that are filled */
    double *panel; /* [MF_PANEL_ROWS * k], rows not yet added to A; owned */
    double *a;     /* [k * k], owned */
    double *rhs;   /* [k], owned */
} mf_ridge;

int mf__ridge_alloc(mf_ridge *out, uint32_t k, mf_err *err) MF_MUST_USE;
void mf__ridge_free(mf_ridge *r);

/* A = scale * G + ridge * I, rhs = 0. g may be NULL: A = ridge * I. */
void mf__ridge_begin(mf_ridge *r, const double g[], double scale, double ridge);

/* A += weight * x x', for weight >= 0. Rows are collected in a panel: A is complete
 * once it is factored or solved. */
void mf__ridge_add(mf_ridge *r, const float x[], double weight);

/* rhs += weight * x. */
void mf__ridge_add_rhs(mf_ridge *r, const float x[], double weight);

/* Make A complete. */
void mf__ridge_complete(mf_ridge *r);

/* Solve A x = rhs by Cholesky in double; A and rhs are overwritten. Returns MF_OK, or
 * MF_EMATH if A is not positive definite or x not finite. */
int mf__ridge_solve(mf_ridge *r, float x[]) MF_MUST_USE;

/* Its two halves, for many right-hand sides: factor A in place, leaving rhs as it is,
 * then x = A^-1 x. Returns MF_OK or MF_EMATH. */
int mf__ridge_factor(mf_ridge *r) MF_MUST_USE;
void mf__ridge_apply(const mf_ridge *r, double x[]);

/* <x, y>, in float. */
float mf__dot(const float x[], const float y[], uint32_t k);

#endif
