#include "math/basis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cblas.h>
#include <lapacke.h>

#include "base/mem.h"

enum { BLOCK = 64 }; /* rows that are turned together */

void mf__als_basis_free(als_basis *b)
{
    free(b->rows);
    free(b->eigen);
    free(b->shared);
    free(b->turn);
    free(b->back);
    free(b->there);
    *b = (als_basis){0};
}

static int allocate(als_basis *b, uint32_t n, uint32_t k, mf_err *err)
{
    if (b->rows && b->n == n && b->k == k)
        return MF_OK;
    mf__als_basis_free(b);
    const mf_kernel *kernel = mf__kernel_choose();
    *b = (als_basis){.kernel = kernel, .k = k, .width = kernel_pad(kernel, k), .n = n};
    size_t square = (size_t)k * k, width = b->width;
    b->rows = mf__new_scattered((size_t)n * width, sizeof *b->rows);
    b->eigen = mf__new(k, sizeof *b->eigen);
    b->shared = mf__new_aligned(width, sizeof *b->shared);
    b->turn = mf__new(square, sizeof *b->turn);
    b->back = mf__new_aligned(width * width, sizeof *b->back);
    b->there = mf__new_aligned(width * width, sizeof *b->there);
    if (b->rows && b->eigen && b->shared && b->turn && b->back && b->there)
        return MF_OK;
    mf__als_basis_free(b);
    return mf__nomem(err);
}

static int find_eigenvectors(als_basis *b, const double *gram, mf_err *err)
{
    lapack_int k = (lapack_int)b->k;
    size_t square = (size_t)b->k * b->k;
    memcpy(b->turn, gram, square * sizeof *gram);
    for (size_t i = 0; i < square; i++)
        if (!isfinite(gram[i]))
            return mf_fail(err, MF_EMATH,
                           "factors overflow; raise --lambda or check the values");
    /* columns, by column major: eigenvectors by rows */
    if (LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'L', k, b->turn, k, b->eigen) != 0)
        return mf_fail(err, MF_EMATH, "factors have no eigenvectors; raise --lambda");
    for (uint32_t j = 0; j < b->k; j++)
        if (!(b->eigen[j] > 0)) /* rounding */
            b->eigen[j] = 0;
    memset(b->back, 0, (size_t)b->width * b->width * sizeof *b->back);
    for (uint32_t j = 0; j < b->k; j++)
        for (uint32_t f = 0; f < b->k; f++)
            b->back[(size_t)j * b->width + f] = (float)b->turn[(size_t)j * b->k + f];
    b->kernel->transpose(b->there, b->width, b->width, b->back);
    return MF_OK;
}

/* In double: a coordinate along a small eigenvalue must not drown in the
 * rounding of the large ones. */
static void turn_block(als_basis *b, const mf_tensor *v, size_t lo, size_t hi,
                       double *in, double *out)
{
    size_t k = b->k, m = hi - lo;
    for (size_t i = 0; i < m * k; i++)
        in[i] = (double)v->data[lo * k + i];
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)k, (int)k, 1, in,
                (int)k, b->turn, (int)k, 0, out, (int)k);
    for (size_t i = 0; i < m; i++) {
        float *row = b->rows + (lo + i) * b->width;
        for (size_t f = 0; f < k; f++)
            row[f] = (float)out[i * k + f];
        memset(row + k, 0, (b->width - k) * sizeof *row);
    }
}

static int turn_rows(als_basis *b, const mf_tensor *v, int threads, mf_err *err)
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
                turn_block(b, v, lo, hi, in, in + room);
        }
        if (!in)
#pragma omp atomic write
            lacking = true;
        free(in);
    }
    return lacking ? mf__nomem(err) : MF_OK;
}

static void copy_rows(als_basis *b, const mf_tensor *v, int threads)
{
#pragma omp parallel for schedule(static) num_threads(threads)
    for (size_t i = 0; i < v->n; i++) {
        float *row = b->rows + i * b->width;
        memcpy(row, v->data + i * b->k, b->k * sizeof *row);
        memset(row + b->k, 0, (b->width - b->k) * sizeof *row);
    }
}

int mf__als_basis_make(als_basis *b, const mf_tensor *v, const double *gram, double w0,
                       int threads, mf_err *err)
{
    int code = allocate(b, v->n, v->k, err);
    if (code < 0)
        return code;
    b->turned = w0 > 0;
    memset(b->eigen, 0, b->k * sizeof *b->eigen);
    if (!b->turned)
        copy_rows(b, v, threads);
    else if ((code = find_eigenvectors(b, gram, err)) == MF_OK)
        code = turn_rows(b, v, threads, err);
    for (uint32_t j = 0; j < b->width; j++)
        b->shared[j] = j < b->k ? (float)(w0 * b->eigen[j]) : 1;
    return code;
}
