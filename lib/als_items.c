/* All personas of all users with the item are rows of one sum. */
#include "als_items.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <lapacke.h>

#include "mf/mem.h"

/* As for users, without a quadratic term all systems have the same eigenvectors. */
static int find_eigenvectors(als_item_side *side, mf_err *err)
{
    const mf_als *als = side->als;
    lapack_int k = (lapack_int)als->p.k;
    size_t square = (size_t)als->p.k * als->p.k;
    side->turn = mf_new(square, sizeof *side->turn);
    side->eigen = mf_new(als->p.k, sizeof *side->eigen);
    if (!side->turn || !side->eigen)
        return mf_nomem(err);
    memcpy(side->turn, als->gram, square * sizeof *side->turn);
    for (size_t i = 0; i < square; i++)
        if (!isfinite(als->gram[i]))
            return mf_fail(err, MF_EMATH,
                           "factors overflow; raise --lambda or check the values");
    if (LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'L', k, side->turn, k, side->eigen) != 0)
        return mf_fail(err, MF_EMATH, "factors have no eigenvectors; raise --lambda");
    return MF_OK;
}

int als_item_side_make(als_item_side *side, mf_err *err)
{
    mf_als *als = side->als;
    size_t k = als->p.k, width = als->work[0].width;
    double w0 = als_unobserved(&als->p, als->users.personas);
    side->gram = mf_new0(width * width, sizeof *side->gram);
    int code = side->gram ? MF_OK : mf_nomem(err);
    for (size_t i = 0; code == MF_OK && i < width; i++) {
        for (size_t j = 0; i < k && j < k; j++)
            side->gram[i * width + j] = (float)(w0 * als->gram[i * k + j]);
        if (i >= k)
            side->gram[i * width + i] = 1;
    }
    if (code == MF_OK && als_even_a(&als->p) == 0)
        code = find_eigenvectors(side, err);
    if (code < 0)
        als_item_side_free(side);
    return code;
}

void als_item_side_free(als_item_side *side)
{
    free(side->gram);
    free(side->turn);
    free(side->eigen);
    *side = (als_item_side){.als = side->als};
}

/* Weights of m cells from t on, for all personas, where each cell's a and b are 1: its
 * aims are the same. */
static void weigh_evenly(const mf_als *als, size_t t, size_t m, float *scale)
{
    const uint32_t *user = als->by_item.col + t;
    const uint8_t *z = als->item_z + t;
    uint32_t p = als->users.personas;
    for (size_t c = 0; c < m; c++, scale += p) {
        float sibling = als->sibling[user[c]];
        for (uint32_t q = 0; q < p; q += 4) /* there is room for what is too much */
            for (uint32_t l = 0; l < 4; l++)
                scale[q + l] = sibling;
        scale[z[c]] = als->own[user[c]];
    }
}

/* Weights and aims of m cells from t on, for all personas. False if a cell has no
 * weight, but still an aim. */
static bool weigh(const mf_als *als, uint32_t i, size_t t, size_t m, als_work *w)
{
    const uint32_t *user = als->by_item.col + t;
    const uint8_t *z = als->item_z + t;
    uint32_t p = als->users.personas;
    float *scale = w->scale, *aim = w->aim;
    for (size_t c = 0; c < m; c++) {
        float a = (float)als_item_a(als, t + c);
        float b = (float)als_item_b(als, user[c], i, t + c), root = sqrtf(a);
        if (!(a > 1e-30f) && b != 0)
            return false;
        b = a > 1e-30f ? b / root : 0;
        for (uint32_t q = 0; q < p; q++) {
            float rho = q == z[c] ? als->own[user[c]] : als->sibling[user[c]];
            *scale++ = rho * root;
            *aim++ = rho * b;
        }
    }
    return true;
}

/* Sum over the cells of an item, all personas of a user together. Likewise. */
static bool sum_cells(const als_item_side *side, uint32_t i, als_work *w, float *a,
                      float *rhs)
{
    const mf_als *als = side->als;
    const mf_csr *x = &als->by_item;
    uint32_t p = als->users.personas;
    size_t step = w->chunk / p, end = x->ptr[i + 1];
    bool even = !als->item_a && als->p.preset == MF_PRESET_IMPLICIT;
    bool plain = p == 1 && even;
    als_sum sum = als_sum_begin(w, a, rhs);
    for (size_t c = 0; plain && c < w->chunk; c++)
        w->aim[c] = 1;
    for (size_t t = x->ptr[i]; t < end;) {
        size_t m = end - t < step ? end - t : step;
        if (even && !plain)
            weigh_evenly(als, t, m, w->scale);
        else if (!plain && !weigh(als, i, t, m, w))
            return false;
        als_sum_add(&sum, m, end - t, x->col + t, p, als->users.data, als->p.k,
                    plain ? NULL : w->scale, even && !plain ? w->scale : w->aim);
        t += m;
    }
    als_sum_end(&sum);
    return true;
}

/* The whole system in double. */
static int solve_again(const als_item_side *side, uint32_t i, als_work *work)
{
    mf_als *als = side->als;
    mf_ridge *w = &work->ridge;
    const mf_csr *x = &als->by_item;
    uint32_t p = als->users.personas;
    work->doubled++;
    mf_ridge_begin(w, als->gram, als_unobserved(&als->p, p), als_lambda_item(als, i));
    for (size_t t = x->ptr[i]; t < x->ptr[i + 1]; t++) {
        double a = als_item_a(als, t), b = als_item_b(als, x->col[t], i, t);
        for (uint32_t q = 0; q < p; q++) {
            uint32_t u = x->col[t];
            double root = (double)(q == als->item_z[t] ? als->own[u] : als->sibling[u]);
            double rho = root * root;
            const float *y = mf_tensor_at(&als->users, u, q);
            if (rho * a > 0)
                mf_ridge_add(w, y, rho * a);
            mf_ridge_aim(w, y, rho * b);
        }
    }
    return mf_ridge_solve(w, mf_tensor_at(&als->items, i, 0));
}

/* (w0' U'U + lambda I) v = rhs, by eigenvectors, in double. */
static int solve_even(const als_item_side *side, uint32_t i, als_work *w)
{
    const mf_als *als = side->als;
    const mf_csr *x = &als->by_item;
    uint32_t p = als->users.personas, k = als->p.k;
    double *rhs = w->sum, *turned = rhs + w->width;
    double w0 = als_unobserved(&als->p, p), ridge = als_lambda_item(als, i);
    size_t step = w->chunk / p, end = x->ptr[i + 1];
    memset(rhs, 0, 2 * (size_t)w->width * sizeof *rhs);
    for (size_t t = x->ptr[i]; t < end;) {
        size_t m = end - t < step ? end - t : step;
        for (size_t c = 0; c < m; c++) {
            uint32_t u = x->col[t + c];
            float b = (float)als_item_b(als, u, i, t + c);
            for (uint32_t q = 0; q < p; q++) {
                float root = q == als->item_z[t + c] ? als->own[u] : als->sibling[u];
                w->aim[c * p + q] = b * root * root;
            }
        }
        w->kernel->gather(w->panel, m, end - t, x->col + t, p, als->users.data, k, NULL,
                          NULL);
        w->kernel->combine(w->vector, w->width, m * p, w->panel, w->aim, false);
        for (uint32_t f = 0; f < k; f++)
            rhs[f] += (double)w->vector[f];
        t += m;
    }
    for (uint32_t j = 0; j < k; j++) {
        const double *vector = side->turn + (size_t)j * k;
        double along = 0, d = w0 * side->eigen[j] + ridge;
        for (uint32_t f = 0; f < k; f++)
            along += vector[f] * rhs[f];
        if (!(d > 1e-12 * (w0 * side->eigen[k - 1] + ridge)))
            return solve_again(side, i, w);
        for (uint32_t f = 0; f < k; f++)
            turned[f] += along / d * vector[f];
    }
    float *v = mf_tensor_at(&als->items, i, 0);
    for (uint32_t f = 0; f < k; f++) {
        v[f] = (float)turned[f];
        if (!isfinite(v[f]))
            return MF_EMATH;
    }
    return MF_OK;
}

static bool all_finite(const float *x, uint32_t k)
{
    float sum = 0;
    for (uint32_t f = 0; f < k; f++)
        sum += x[f] * 0;
    return sum == 0;
}

uint32_t als_items_solve(const als_item_side *side, uint32_t n, const uint32_t item[],
                         als_work *w)
{
    mf_als *als = side->als;
    uint32_t used = 0, owner[KERNEL_BATCH], k = als->p.k, failed = UINT32_MAX;
    float *a[KERNEL_BATCH], *rhs[KERNEL_BATCH], loss[KERNEL_BATCH];
    for (uint32_t s = 0; s < n; s++) {
        uint32_t i = item[s];
        float *v = mf_tensor_at(&als->items, i, 0);
        int code = MF_OK;
        a[used] = als_work_matrix(w, used);
        rhs[used] = als_work_rhs(w, used);
        if (als->by_item.ptr[i] == als->by_item.ptr[i + 1])
            memset(v, 0, k * sizeof *v);
        else if (side->turn)
            code = solve_even(side, i, w);
        else if (sum_cells(side, i, w, a[used], rhs[used])) {
            w->kernel->merge(w->width, a[used], side->gram,
                             (float)als_lambda_item(als, i));
            owner[used++] = i;
        } else
            code = solve_again(side, i, w);
        if (code < 0 && i < failed)
            failed = i;
    }
    if (used > 0)
        w->kernel->solve(w->width, w->width, used, a, rhs, loss, w->room);
    for (uint32_t s = 0; s < used; s++)
        if (loss[s] <= ALS_LOSS_MAX && all_finite(rhs[s], k))
            memcpy(mf_tensor_at(&als->items, owner[s], 0), rhs[s], k * sizeof *rhs[s]);
        else if (solve_again(side, owner[s], w) < 0 && owner[s] < failed)
            failed = owner[s];
    return failed;
}
