#include "math/linalg.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cblas.h>
#include <lapacke.h>
#include <omp.h>

#include "base/mem.h"
#include "base/par.h"
#include "kernel/kernel.h"

void mf__linalg_serial(void)
{
    openblas_set_num_threads(1);
    if (openblas_get_parallel() == OPENBLAS_OPENMP)
        omp_set_num_threads(1); /* its threads are OpenMP's */
}

enum { GRAM_ROWS = 64, GRAM_SPILL = 1024 };

/* sum += X'X for n rows, both padded: in float for up to GRAM_SPILL rows, then added to
 * the sum in double. */
static void gram_part(const mf_kernel *kernel, double sum[], float update[],
                      float panel[], const float x[], size_t n, uint32_t k)
{
    uint32_t width = kernel_pad(kernel, k);
    size_t since = 0;
    for (size_t at = 0; at < n; at += GRAM_ROWS) {
        size_t rows = n - at < GRAM_ROWS ? n - at : GRAM_ROWS;
        const float *from = x + at * k;
        for (size_t r = 0; k != width && r < rows; r++) {
            memcpy(panel + r * width, from + r * k, k * sizeof *x);
            memset(panel + r * width + k, 0, (width - k) * sizeof *x);
        }
        kernel->rank_update(width, rows, k == width ? from : panel, update, since > 0);
        since += rows;
        if (since >= GRAM_SPILL || at + rows == n) {
            kernel->spill(width, sum, update);
            since = 0;
        }
    }
}

int mf__gram(double g[], const float x[], size_t n, uint32_t k, int threads,
             mf_err *err)
{
    const mf_kernel *kernel = mf__kernel_choose();
    size_t width = kernel_pad(kernel, k), square = width * width;
    double *sums = mf__new0(MF_PAR_PARTS * square, sizeof *sums);
    float *updates = mf__new_aligned(MF_PAR_PARTS * square, sizeof *updates);
    float *panels = mf__new_aligned(MF_PAR_PARTS * GRAM_ROWS * width, sizeof *panels);
    if (!sums || !updates || !panels) {
        free(sums);
        free(updates);
        free(panels);
        return mf__nomem(err);
    }
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (size_t part = 0; part < MF_PAR_PARTS; part++) {
        size_t lo, hi;
        mf__par_part(n, (int)part, &lo, &hi);
        gram_part(kernel, sums + part * square, updates + part * square,
                  panels + part * GRAM_ROWS * width, x + lo * k, hi - lo, k);
    }
    for (size_t i = 0; i < k; i++)
        for (size_t j = i; j < k; j++) {
            double sum = 0;
            for (size_t part = 0; part < MF_PAR_PARTS; part++)
                sum += sums[part * square + i * width + j];
            g[i * k + j] = g[j * k + i] = sum;
        }
    free(sums);
    free(updates);
    free(panels);
    return MF_OK;
}

int mf__eigenvectors(double vectors[], double values[], const double g[], uint32_t k,
                     mf_err *err)
{
    size_t square = (size_t)k * k;
    lapack_int order = (lapack_int)k;
    memcpy(vectors, g, square * sizeof *g);
    for (size_t i = 0; i < square; i++)
        if (!isfinite(g[i]))
            return mf_fail(err, MF_EMATH,
                           "factors overflow; raise --lambda or check the values");
    /* Columns, in column-major order: eigenvectors by rows. */
    if (LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'L', order, vectors, order, values) != 0)
        return mf_fail(err, MF_EMATH, "factors have no eigenvectors; raise --lambda");
    return MF_OK;
}

int mf__ridge_alloc(mf_ridge *out, uint32_t k, mf_err *err)
{
    size_t square = (size_t)k * k;
    *out = (mf_ridge){.k = k};
    out->panel = mf__new_aligned((size_t)MF_PANEL_ROWS * k, sizeof *out->panel);
    out->a = mf__new_aligned(square, sizeof *out->a);
    out->rhs = mf__new_aligned(k, sizeof *out->rhs);
    if (!out->panel || !out->a || !out->rhs) {
        mf__ridge_free(out);
        return mf__nomem(err);
    }
    return MF_OK;
}

void mf__ridge_free(mf_ridge *r)
{
    free(r->panel);
    free(r->a);
    free(r->rhs);
    *r = (mf_ridge){0};
}

void mf__ridge_begin(mf_ridge *r, const double g[], double scale, double ridge)
{
    size_t k = r->k;
    r->rows = 0;
    for (size_t i = 0; i < k * k; i++)
        r->a[i] = g ? scale * g[i] : 0;
    for (size_t i = 0; i < k; i++) {
        r->a[i * k + i] += ridge;
        r->rhs[i] = 0;
    }
}

/* Add the rows of the panel to A. */
static void flush(mf_ridge *r)
{
    if (r->rows > 0)
        cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, (int)r->k, (int)r->rows, 1,
                    r->panel, (int)r->k, 1, r->a, (int)r->k);
    r->rows = 0;
}

void mf__ridge_add(mf_ridge *r, const float x[], double weight)
{
    if (r->rows == MF_PANEL_ROWS)
        flush(r);
    double root = sqrt(weight), *row = r->panel + r->rows++ * r->k;
    for (size_t i = 0; i < r->k; i++)
        row[i] = root * (double)x[i];
}

void mf__ridge_add_rhs(mf_ridge *r, const float x[], double weight)
{
    for (size_t i = 0; i < r->k; i++)
        r->rhs[i] += weight * (double)x[i];
}

/* LAPACK takes an infinite diagonal: it reports success and x = 0. */
static bool all_finite(const mf_ridge *r)
{
    for (size_t i = 0; i < r->k; i++)
        if (!isfinite(r->a[i * r->k + i]) || !isfinite(r->rhs[i]))
            return false;
    return true;
}

int mf__ridge_factor(mf_ridge *r)
{
    lapack_int k = (lapack_int)r->k;
    flush(r);
    /* The upper triangle by rows is the lower one by columns: nothing is transposed. */
    if (!all_finite(r) || LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', k, r->a, k) != 0)
        return MF_EMATH;
    return MF_OK;
}

void mf__ridge_apply(const mf_ridge *r, double x[])
{
    lapack_int k = (lapack_int)r->k;
    (void)LAPACKE_dpotrs_work(LAPACK_COL_MAJOR, 'L', k, 1, r->a, k, x, k);
}

int mf__ridge_solve(mf_ridge *r, float x[])
{
    if (mf__ridge_factor(r) < 0)
        return MF_EMATH;
    mf__ridge_apply(r, r->rhs);
    for (size_t i = 0; i < r->k; i++) {
        x[i] = (float)r->rhs[i];
        if (!isfinite(x[i]))
            return MF_EMATH;
    }
    return MF_OK;
}

float mf__dot(const float x[], const float y[], uint32_t k)
{
    return cblas_sdot((int)k, x, 1, y, 1);
}
