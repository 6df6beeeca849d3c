/* All personas of all users with the item are rows of one sum. */
#include "als/items.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <lapacke.h>

#include "base/mem.h"

/* As for users, without a quadratic term all systems have the same eigenvectors. */
static int find_eigenvectors(als_item_side *side, mf_err *err)
{
    const mf_als *als = side->als;
    lapack_int k = (lapack_int)als->p.k;
    size_t square = (size_t)als->p.k * als->p.k;
    side->turn = mf__new(square, sizeof *side->turn);
    side->eigen = mf__new(als->p.k, sizeof *side->eigen);
    if (!side->turn || !side->eigen)
        return mf__nomem(err);
    memcpy(side->turn, als->gram, square * sizeof *side->turn);
    for (size_t i = 0; i < square; i++)
        if (!isfinite(als->gram[i]))
            return mf_fail(err, MF_EMATH,
                           "factors overflow; raise --lambda or check the values");
    if (LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'L', k, side->turn, k, side->eigen) != 0)
        return mf_fail(err, MF_EMATH, "factors have no eigenvectors; raise --lambda");
    return MF_OK;
}

int mf__als_item_side_make(als_item_side *side, mf_err *err)
{
    mf_als *als = side->als;
    size_t k = als->p.k, width = als->work[0].width;
    double w0 = als_unobserved(&als->p, als->users.personas);
    side->gram = mf__new0(width * width, sizeof *side->gram);
    int code = side->gram ? MF_OK : mf__nomem(err);
    for (size_t i = 0; code == MF_OK && i < width; i++) {
        for (size_t j = 0; i < k && j < k; j++)
            side->gram[i * width + j] = (float)(w0 * als->gram[i * k + j]);
        if (i >= k)
            side->gram[i * width + i] = 1;
    }
    if (code == MF_OK && als_even_a(&als->p) == 0)
        code = find_eigenvectors(side, err);
    if (code < 0)
        mf__als_item_side_free(side);
    return code;
}

void mf__als_item_side_free(als_item_side *side)
{
    free(side->gram);
    free(side->turn);
    free(side->eigen);
    *side = (als_item_side){.als = side->als};
}

/* List the vectors of the users of the cells from *t on, with weights and aims, after
 * the `have` that are in the list, while there is room. Returns how many there are, or
 * SIZE_MAX where a cell has no weight, but still an aim. */
static size_t list_cells(const mf_als *als, uint32_t i, size_t *t, size_t have,
                         als_work *w)
{
    const mf_csr *x = &als->by_item;
    uint32_t p = als->users.personas;
    size_t end = x->ptr[i + 1], room = als_work_list(w) - p;
    bool even = mf__als_is_even(als);
    for (; *t < end && have <= room; ++*t) {
        uint32_t u = x->col[*t];
        if (*t + 32 < end)
            __builtin_prefetch(als->voices.data + x->col[*t + 32] * als->voices.stride);
        als_voice v = als_voice_of(&als->voices, u);
        uint32_t mine = v.of[als->item_z[*t]];
        uint32_t *index = w->index + have;
        float *scale = w->scale + have, *aim = w->aim + have;
        size_t n = v.n;
        for (uint32_t j = 0; j < p && n == p; j++) { /* usually */
            index[j] = u * p + j;
            scale[j] = v.sibling;
        }
        for (uint32_t j = 0; j < p && n < p; j++) { /* as many for all: no branch */
            index[j] = u * p + v.persona[j];
            scale[j] = als_voice_sibling(&als->voices, &v, j);
        }
        scale[mine] = als_voice_own(&v, mine);
        for (uint32_t j = 0; als->p.k <= 16 && j < v.n; j++) /* a line each */
            __builtin_prefetch(als->users.data + (size_t)index[j] * als->p.k);
        if (v.sibling == 0) { /* nobody else counts */
            index[0] = index[mine];
            scale[0] = scale[mine];
            n = 1;
        }
        have += n;
        if (even)
            continue; /* the aims are the weights */
        float a = (float)als_item_a(als, *t), b = (float)mf__als_item_b(als, u, i, *t);
        if (!(a > MF_TINY) && b != 0)
            return SIZE_MAX;
        float root = sqrtf(a);
        for (size_t j = 0; j < n; j++) {
            aim[j] = a > MF_TINY ? scale[j] * (b / root) : 0;
            scale[j] *= root;
        }
    }
    return have;
}

/* Sum over the cells of an item, all vectors of a user in a row. Likewise. */
static bool sum_voices(const mf_als *als, uint32_t i, als_work *w, als_sum *sum)
{
    bool even = mf__als_is_even(als);
    size_t t = als->by_item.ptr[i], have = 0;
    while ((have = list_cells(als, i, &t, have, w)) > 0) {
        if (have == SIZE_MAX)
            return false;
        size_t m = have < w->chunk ? have : w->chunk;
        mf__als_sum_add(sum, m, have, w->index, als->users.data, als->p.k, w->scale,
                        even ? w->scale : w->aim);
        have -= m;
        memmove(w->index, w->index + m, have * sizeof *w->index);
        memmove(w->scale, w->scale + m, have * sizeof *w->scale);
        memmove(w->aim, w->aim + m, have * sizeof *w->aim);
    }
    return true;
}

/* Where there is one persona: the users are listed as they are. */
static bool sum_plain(const mf_als *als, uint32_t i, als_work *w, als_sum *sum)
{
    const mf_csr *x = &als->by_item;
    size_t end = x->ptr[i + 1];
    bool even = mf__als_is_even(als);
    for (size_t c = 0; even && c < w->chunk; c++)
        w->aim[c] = 1;
    for (size_t t = x->ptr[i], m; t < end; t += m) {
        m = end - t < w->chunk ? end - t : w->chunk;
        for (size_t c = 0; !even && c < m; c++) {
            float a = (float)als_item_a(als, t + c), root = sqrtf(a);
            float b = (float)mf__als_item_b(als, x->col[t + c], i, t + c);
            if (!(a > MF_TINY) && b != 0)
                return false;
            w->scale[c] = root;
            w->aim[c] = a > MF_TINY ? b / root : 0;
        }
        mf__als_sum_add(sum, m, end - t, x->col + t, als->users.data, als->p.k,
                        even ? NULL : w->scale, w->aim);
    }
    return true;
}

/* after: the item whose sum is next, or UINT32_MAX. */
static bool sum_cells(const mf_als *als, uint32_t i, uint32_t after, als_work *w,
                      float *a, float *rhs)
{
    const mf_csr *x = &als->by_item;
    als_sum sum = mf__als_sum_begin(w, a, rhs);
    sum.group = als->users.personas;
    if (after != UINT32_MAX) {
        sum.after = x->col + x->ptr[after];
        sum.afters = x->ptr[after + 1] - x->ptr[after];
    }
    bool all = als->users.personas > 1 ? sum_voices(als, i, w, &sum)
                                       : sum_plain(als, i, w, &sum);
    mf__als_sum_end(&sum);
    return all;
}

/* The whole system in double. */
static int solve_again(const als_item_side *side, uint32_t i, als_work *work)
{
    mf_als *als = side->als;
    mf_ridge *w = &work->ridge;
    const mf_csr *x = &als->by_item;
    uint32_t p = als->users.personas;
    work->doubled++;
    mf__ridge_begin(w, als->gram, als_unobserved(&als->p, p),
                    mf__als_lambda_item(als, i));
    for (size_t t = x->ptr[i]; t < x->ptr[i + 1]; t++) {
        double a = als_item_a(als, t), b = mf__als_item_b(als, x->col[t], i, t);
        for (uint32_t q = 0; q < p; q++) {
            uint32_t u = x->col[t];
            double root = (double)(q == als->item_z[t] ? als->own[u] : als->sibling[u]);
            double rho = root * root;
            const float *y = mf_tensor_at(&als->users, u, q);
            if (rho * a > 0)
                mf__ridge_add(w, y, rho * a);
            mf__ridge_add_rhs(w, y, rho * b);
        }
    }
    float *v = mf_tensor_at(&als->items, i, 0);
    double *aims = work->sum;
    memcpy(aims, w->rhs, als->p.k * sizeof *aims);
    int code = mf__ridge_solve(w, v);
    als->gain[i] = 0;
    for (uint32_t f = 0; f < als->p.k; f++)
        als->gain[i] += aims[f] * (double)v[f];
    return code;
}

/* (w0' U'U + lambda I) v = rhs, by eigenvectors, in double. */
static int solve_even(const als_item_side *side, uint32_t i, als_work *w)
{
    const mf_als *als = side->als;
    const mf_csr *x = &als->by_item;
    uint32_t p = als->users.personas, k = als->p.k;
    double *rhs = w->sum, *turned = rhs + w->width;
    double w0 = als_unobserved(&als->p, p), ridge = mf__als_lambda_item(als, i);
    size_t step = w->chunk / p, end = x->ptr[i + 1];
    memset(rhs, 0, 2 * (size_t)w->width * sizeof *rhs);
    for (size_t t = x->ptr[i]; t < end;) {
        size_t m = end - t < step ? end - t : step;
        for (size_t c = 0; c < m; c++) {
            uint32_t u = x->col[t + c];
            float b = (float)mf__als_item_b(als, u, i, t + c);
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

static double dot(const float *x, const float *y, uint32_t k)
{
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (uint32_t f = 0; f < k; f++)
        sum += (double)(x[f] * y[f]);
    return sum;
}

uint32_t mf__als_items_solve(const als_item_side *side, uint32_t n,
                             const uint32_t item[], als_work *w)
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
        als->gain[i] = 0;
        if (als->by_item.ptr[i] == als->by_item.ptr[i + 1])
            memset(v, 0, k * sizeof *v);
        else if (side->turn)
            code = solve_even(side, i, w);
        else if (sum_cells(als, i, s + 1 < n ? item[s + 1] : UINT32_MAX, w, a[used],
                           rhs[used])) {
            w->kernel->merge(w->width, 1, a[used], 1, side->gram,
                             (float)mf__als_lambda_item(als, i));
            memcpy(w->aims + (size_t)used * w->width, rhs[used], k * sizeof *rhs[used]);
            owner[used++] = i;
        } else
            code = solve_again(side, i, w);
        if (code < 0 && i < failed)
            failed = i;
    }
    if (used > 0)
        w->kernel->solve(w->width, w->width, used, a, rhs, loss, w->room);
    for (uint32_t s = 0; s < used; s++)
        if (loss[s] <= ALS_LOSS_MAX && als_all_finite(rhs[s], k)) {
            memcpy(mf_tensor_at(&als->items, owner[s], 0), rhs[s], k * sizeof *rhs[s]);
            als->gain[owner[s]] = dot(w->aims + (size_t)s * w->width, rhs[s], k);
        } else if (solve_again(side, owner[s], w) < 0 && owner[s] < failed)
            failed = owner[s];
    return failed;
}
