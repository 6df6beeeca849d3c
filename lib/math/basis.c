#include "math/basis.h"

#include <stdlib.h>
#include <string.h>

#include <cblas.h>

#include "base/mem.h"
#include "math/linalg.h"
#include "math/rotation.h"

enum { BLOCK = 64 }; /* rows that are rotated together */

void mf__basis_free(mf_basis *b)
{
    free(b->copy);
    free(b->eigenvalues);
    free(b->shared);
    free(b->eigenvectors);
    free(b->back);
    *b = (mf_basis){0};
}

static int allocate(mf_basis *b, uint32_t n, uint32_t k, mf_err *err)
{
    const mf_kernel *kernel = mf__kernel_choose();
    *b = (mf_basis){.kernel = kernel, .k = k, .width = kernel_pad(kernel, k), .n = n};
    b->eigenvalues = mf__new0(k, sizeof *b->eigenvalues);
    b->shared = mf__new_aligned(b->width, sizeof *b->shared);
    if (b->eigenvalues && b->shared)
        return MF_OK;
    mf__basis_free(b);
    return mf__nomem(err);
}

/* Room for a basis beside V, unless there is. */
static int allocate_copy(mf_basis *b, uint32_t n, uint32_t k, mf_err *err)
{
    if (b->copy && b->n == n && b->k == k)
        return MF_OK;
    mf__basis_free(b);
    int code = allocate(b, n, k, err);
    if (code < 0)
        return code;
    b->eigenvectors = mf__new((size_t)k * k, sizeof *b->eigenvectors);
    b->copy = mf__new_scattered((size_t)n * b->width, sizeof *b->copy);
    b->back =
        mf__new_aligned((size_t)k * mf_rotation_width(b->kernel, k), sizeof *b->back);
    b->rows = b->copy;
    b->stride = b->width;
    if (b->eigenvectors && b->copy && b->back)
        return MF_OK;
    mf__basis_free(b);
    return mf__nomem(err);
}

/* vectors [k x k]: the Gram matrix, or room beside it. */
static int find_eigenvectors(mf_basis *b, double *vectors, const double *gram,
                             mf_err *err)
{
    int code = mf__eigenvectors(vectors, b->eigenvalues, gram, b->k, err);
    if (code < 0)
        return code;
    for (uint32_t j = 0; j < b->k; j++)
        if (!(b->eigenvalues[j] > 0)) /* rounding */
            b->eigenvalues[j] = 0;
    return MF_OK;
}

/* Rotate rows lo to hi - 1 of V to `to`, where rows begin b->stride floats apart; it may
 * be V. In double: a coordinate along a small eigenvalue must not be lost in the rounding
 * of the large ones. */
static void rotate_block(const mf_basis *b, const double *vectors, float *to,
                         const mf_tensor *v, size_t lo, size_t hi, double *in,
                         double *out)
{
    size_t k = b->k, m = hi - lo;
    for (size_t i = 0; i < m * k; i++)
        in[i] = (double)v->data[lo * k + i];
    bool alone = mf__linalg_enter();
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)k, (int)k, 1, in,
                (int)k, vectors, (int)k, 0, out, (int)k);
    mf__linalg_leave(alone);
    for (size_t i = 0; i < m; i++) {
        float *row = to + (lo + i) * b->stride;
        for (size_t f = 0; f < k; f++)
            row[f] = (float)out[i * k + f];
        memset(row + k, 0, (b->stride - k) * sizeof *row);
    }
}

static int rotate_rows(const mf_basis *b, const double *vectors, float *to,
                       const mf_tensor *v, int threads, mf_err *err)
{
    size_t room = (size_t)BLOCK * b->k, blocks = (v->n + (size_t)BLOCK - 1) / BLOCK;
    bool lacking = false;
#pragma omp parallel num_threads(threads)
    {
        double *in = mf__new(2 * room, sizeof *in);
#pragma omp for schedule(static)
        for (size_t block = 0; block < blocks; block++) {
            size_t lo = block * BLOCK, hi = lo + BLOCK < v->n ? lo + BLOCK : v->n;
            if (in)
                rotate_block(b, vectors, to, v, lo, hi, in, in + room);
        }
        if (!in)
#pragma omp atomic write
            lacking = true;
        free(in);
    }
    return lacking ? mf__nomem(err) : MF_OK;
}

static void copy_rows(mf_basis *b, const mf_tensor *v, int threads)
{
#pragma omp parallel for schedule(static) num_threads(threads)
    for (size_t i = 0; i < v->n; i++) {
        float *row = b->copy + i * b->width;
        memcpy(row, v->data + i * b->k, b->k * sizeof *row);
        memset(row + b->k, 0, (b->width - b->k) * sizeof *row);
    }
}

void mf__basis_share(mf_basis *b, double w0)
{
    for (uint32_t j = 0; j < b->width; j++)
        b->shared[j] = j < b->k ? (float)(w0 * b->eigenvalues[j]) : 1;
}

int mf__basis_make(mf_basis *b, const mf_tensor *v, const double *gram, double w0,
                   int threads, mf_err *err)
{
    int code = allocate_copy(b, v->n, v->k, err);
    if (code < 0)
        return code;
    b->rotated = w0 > 0;
    code = mf__linalg_reserve(threads, err);
    if (code < 0)
        return code;
    memset(b->eigenvalues, 0, b->k * sizeof *b->eigenvalues);
    if (!b->rotated)
        copy_rows(b, v, threads);
    else if ((code = find_eigenvectors(b, b->eigenvectors, gram, err)) == MF_OK)
        code = rotate_rows(b, b->eigenvectors, b->copy, v, threads, err);
    if (code == MF_OK && b->rotated)
        mf__turn_pack(b->kernel, b->k, b->back, b->eigenvectors);
    mf__basis_share(b, w0);
    return code;
}

int mf__basis_turn(mf_basis *b, mf_tensor *v, double *gram, double w0, int threads,
                   mf_ranks *ranks, mf_err *err)
{
    size_t k = v->k;
    mf__basis_free(b);
    int code = mf__linalg_reserve(threads, err);
    if (code == MF_OK)
        code = allocate(b, v->n, v->k, err);
    if (code == MF_OK && w0 > 0)
        code = find_eigenvectors(b, gram, gram, err);
    if ((code = mf_ranks_agree(ranks, code, err)) < 0)
        return code;
    b->rows = v->data;
    b->stride = k;
    b->rotated = w0 > 0;
    if (b->rotated) { /* on all ranks the same, whatever their processors */
        mf__ranks_broadcast(ranks, RANKS_GRAM, gram, k * k * sizeof *gram, 0);
        mf__ranks_broadcast(ranks, RANKS_GRAM, b->eigenvalues,
                            k * sizeof *b->eigenvalues, 0);
        code = rotate_rows(b, gram, v->data, v, threads, err);
    }
    if (b->rotated && code == MF_OK) {
        memset(gram, 0, k * k * sizeof *gram);
        for (size_t f = 0; f < k; f++)
            gram[f * k + f] = b->eigenvalues[f];
    }
    if (code == MF_OK)
        mf__basis_share(b, w0);
    return code;
}
