#include "math/linalg.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cblas.h>
#include <lapacke.h>
#include <omp.h>

#include "base/mem.h"

void mf__linalg_serial(void)
{
    openblas_set_num_threads(1);
    if (openblas_get_parallel() == OPENBLAS_OPENMP)
        omp_set_num_threads(1); /* its threads are OpenMP's */
}

/* What both say of factors that are no numbers, or too large. */
static int check_finite(const double g[], size_t square, mf_err *err)
{
    for (size_t i = 0; i < square; i++)
        if (!isfinite(g[i]))
            return mf_fail(err, MF_EMATH,
                           "factors overflow; raise --lambda or check the values");
    return MF_OK;
}

static int no_eigenvectors(mf_err *err)
{
    return mf_fail(err, MF_EMATH, "factors have no eigenvectors; raise --lambda");
}

/* How many numbers syevd needs to work with: what it asks for comes as a floating-point
 * number, which a float rounds down from 2^24 on; so never less than LAPACK documents. */
static lapack_int room_of(uint32_t k, double asked)
{
    double least = 1 + 6 * (double)k + 2 * (double)k * k;
    return (lapack_int)(asked > least ? asked : least);
}

/* The workspaces are ours: those of LAPACKE, where there is no memory for them, would be
 * missed in a line on stdout. */
int mf__eigenvectors_float(float vectors[], float values[], const double g[],
                           uint32_t k, mf_err *err)
{
    size_t square = (size_t)k * k;
    lapack_int order = (lapack_int)k;
    int code = check_finite(g, square, err);
    if (code < 0)
        return code;
    for (size_t i = 0; i < square; i++)
        vectors[i] = (float)g[i];
    float size;
    lapack_int n, m;
    if (LAPACKE_ssyevd_work(LAPACK_COL_MAJOR, 'V', 'L', order, vectors, order, values,
                            &size, -1, &m, -1) != 0)
        return no_eigenvectors(err);
    n = room_of(k, (double)size);
    float *work = mf__new((size_t)n, sizeof *work);
    lapack_int *numbers = mf__new((size_t)m, sizeof *numbers), info = 0;
    code = work && numbers ? mf__linalg_reserve(1, err) : mf__nomem(err);
    if (code == MF_OK)
        info = LAPACKE_ssyevd_work(LAPACK_COL_MAJOR, 'V', 'L', order, vectors, order,
                                   values, work, n, numbers, m);
    free(work);
    free(numbers);
    return info == 0 ? code : no_eigenvectors(err);
}

int mf__eigenvectors(double vectors[], double values[], const double g[], uint32_t k,
                     mf_err *err)
{
    size_t square = (size_t)k * k;
    lapack_int order = (lapack_int)k;
    int code = check_finite(g, square, err);
    if (code < 0)
        return code;
    if (vectors != g)
        memcpy(vectors, g, square * sizeof *g);
    double size;
    lapack_int n, m;
    /* Columns, in column-major order: eigenvectors by rows. */
    if (LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, 'V', 'L', order, vectors, order, values,
                            &size, -1, &m, -1) != 0)
        return no_eigenvectors(err);
    n = room_of(k, size);
    double *work = mf__new((size_t)n, sizeof *work);
    lapack_int *numbers = mf__new((size_t)m, sizeof *numbers), info = 0;
    code = work && numbers ? mf__linalg_reserve(1, err) : mf__nomem(err);
    if (code == MF_OK)
        info = LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, 'V', 'L', order, vectors, order,
                                   values, work, n, numbers, m);
    free(work);
    free(numbers);
    return info == 0 ? code : no_eigenvectors(err);
}

int mf__ridge_alloc(mf_ridge *out, uint32_t k, mf_err *err)
{
    size_t square = (size_t)k * k;
    *out = (mf_ridge){.k = k};
    out->panel = mf__new_aligned((size_t)MF_PANEL_ROWS * k, sizeof *out->panel);
    out->a = mf__new_aligned(square, sizeof *out->a);
    out->rhs = mf__new_aligned(k, sizeof *out->rhs);
    int code =
        out->panel && out->a && out->rhs ? mf__linalg_reserve(1, err) : mf__nomem(err);
    if (code < 0)
        mf__ridge_free(out);
    return code;
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
void mf__ridge_complete(mf_ridge *r)
{
    if (r->rows == 0)
        return;
    bool alone = mf__linalg_enter();
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, (int)r->k, (int)r->rows, 1,
                r->panel, (int)r->k, 1, r->a, (int)r->k);
    mf__linalg_leave(alone);
    r->rows = 0;
}

void mf__ridge_add(mf_ridge *r, const float x[], double weight)
{
    if (r->rows == MF_PANEL_ROWS)
        mf__ridge_complete(r);
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

/* True if elimination left no more of a diagonal element than its rounding: the sign of
 * that is chance, and LAPACK notices where it is not positive alone. */
static bool is_singular(const mf_ridge *r, const double diagonal[])
{
    for (size_t i = 0; i < r->k; i++) {
        double root = r->a[i * r->k + i];
        if (!(root * root > 8 * DBL_EPSILON * diagonal[i]))
            return true;
    }
    return false;
}

int mf__ridge_factor(mf_ridge *r)
{
    lapack_int k = (lapack_int)r->k;
    double *diagonal = r->panel; /* which is empty then */
    mf__ridge_complete(r);
    if (!all_finite(r))
        return MF_EMATH;
    for (size_t i = 0; i < r->k; i++)
        diagonal[i] = r->a[i * r->k + i];
    /* The upper triangle by rows is the lower one by columns: nothing is transposed. */
    bool alone = mf__linalg_enter();
    lapack_int info = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', k, r->a, k);
    mf__linalg_leave(alone);
    return info == 0 && !is_singular(r, diagonal) ? MF_OK : MF_EMATH;
}

void mf__ridge_apply(const mf_ridge *r, double x[])
{
    lapack_int k = (lapack_int)r->k;
    bool alone = mf__linalg_enter();
    (void)LAPACKE_dpotrs_work(LAPACK_COL_MAJOR, 'L', k, 1, r->a, k, x, k);
    mf__linalg_leave(alone);
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
