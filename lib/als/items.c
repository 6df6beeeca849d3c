/* The system of an item is one sum over all personas of all users who have it. */
#include "als/items.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "als/sum.h"
#include "base/mem.h"

/* As for users, where a is 0 all systems have the same eigenvectors. */
static int find_eigenvectors(als_item_side *side, mf_err *err)
{
    uint32_t k = side->als->p.k;
    side->eigenvectors = mf__new((size_t)k * k, sizeof *side->eigenvectors);
    side->eigenvalues = mf__new(k, sizeof *side->eigenvalues);
    if (!side->eigenvectors || !side->eigenvalues)
        return mf__nomem(err);
    return mf__eigenvectors(side->eigenvectors, side->eigenvalues, side->als->user_gram,
                            k, err);
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
            side->gram[i * width + j] = (float)(w0 * als->user_gram[i * k + j]);
        if (i >= k)
            side->gram[i * width + i] = 1;
    }
    if (code == MF_OK && als_constant_a(&als->p) == 0)
        code = find_eigenvectors(side, err);
    if (code < 0)
        mf__als_item_side_free(side);
    return code;
}

void mf__als_item_side_free(als_item_side *side)
{
    free(side->gram);
    free(side->eigenvectors);
    free(side->eigenvalues);
    *side = (als_item_side){.als = side->als};
}

/* --- sums over the cells of an item --- */

/* List the distinct vectors of user u, with the roots of the weights of a cell that
 * persona z owns. Returns how many there are. */
static inline size_t list_user(const mf_als *als, uint32_t u, uint8_t z,
                               uint32_t *index, float *scale)
{
    uint32_t p = als->users.personas;
    als_distinct_row d = als_distinct_of(&als->distinct, u);
    uint32_t own = d.of[z];
    for (uint32_t j = 0; j < p && d.n == p; j++) { /* usually */
        index[j] = u * p + j;
        scale[j] = d.sibling;
    }
    for (uint32_t j = 0; j < p && d.n < p; j++) { /* as many for all: no branch */
        index[j] = u * p + d.persona[j];
        scale[j] = als_distinct_sibling(&als->distinct, &d, j);
    }
    scale[own] = als_distinct_own(&d, own);
    for (uint32_t j = 0; als->p.k <= 16 && j < d.n; j++) /* of one line each */
        __builtin_prefetch(als->users.data + (size_t)index[j] * als->p.k);
    if (d.sibling > 0)
        return d.n;
    index[0] = index[own]; /* siblings count nothing */
    scale[0] = scale[own];
    return 1;
}

/* List the vectors of the users of the cells from *t on, with scales and weights on
 * the right-hand side, after the `have` that are in the list, while there is room.
 * Returns how many there are in all, or SIZE_MAX where a cell has no weight, but a
 * right-hand side. */
static size_t list_cells(const mf_als *als, uint32_t i, size_t *t, size_t have,
                         als_work *w)
{
    const mf_csr *x = &als->by_item;
    const als_distinct *distinct = &als->distinct;
    size_t end = x->ptr[i + 1], room = als_work_list_size(w) - als->users.personas;
    bool unit = als->unit;
    for (; *t < end && have <= room; ++*t) {
        uint32_t u = x->col[*t];
        if (*t + 32 < end)
            __builtin_prefetch(distinct->data + x->col[*t + 32] * distinct->stride);
        float *scale = w->scale + have, *rhs_weight = w->rhs_weight + have;
        size_t n = list_user(als, u, als->item_z[*t], w->index + have, scale);
        have += n;
        if (unit)
            continue; /* s is the weight on the right-hand side too */
        float a = (float)als_item_a(als, *t), b = (float)mf__als_item_b(als, u, i, *t);
        if (!(a > MF_TINY) && b != 0)
            return SIZE_MAX;
        float root = sqrtf(a);
        for (size_t j = 0; j < n; j++) {
            rhs_weight[j] = a > MF_TINY ? scale[j] * (b / root) : 0;
            scale[j] *= root;
        }
    }
    return have;
}

/* Sum over the cells of an item, all distinct vectors of a user in a row. False as for
 * sum_cells. */
static bool sum_distinct(const mf_als *als, uint32_t i, als_work *w, als_sum *sum)
{
    bool unit = als->unit;
    size_t t = als->by_item.ptr[i], have = 0;
    while ((have = list_cells(als, i, &t, have, w)) > 0) {
        if (have == SIZE_MAX)
            return false;
        size_t m = have < w->chunk ? have : w->chunk;
        mf__disk_beat(als->p.disk);
        mf__als_sum_add(sum, m, have, w->index, als->users.data, als->p.k, w->scale,
                        unit ? w->scale : w->rhs_weight);
        have -= m;
        memmove(w->index, w->index + m, have * sizeof *w->index);
        memmove(w->scale, w->scale + m, have * sizeof *w->scale);
        memmove(w->rhs_weight, w->rhs_weight + m, have * sizeof *w->rhs_weight);
    }
    return true;
}

/* The same with one persona: the users are the rows, in the order of the cells. */
static bool sum_plain(const mf_als *als, uint32_t i, als_work *w, als_sum *sum)
{
    const mf_csr *x = &als->by_item;
    size_t end = x->ptr[i + 1];
    bool unit = als->unit;
    for (size_t c = 0; unit && c < w->chunk; c++)
        w->rhs_weight[c] = 1;
    for (size_t t = x->ptr[i], m; t < end; t += m) {
        m = end - t < w->chunk ? end - t : w->chunk;
        mf__disk_beat(als->p.disk);
        for (size_t c = 0; !unit && c < m; c++) {
            float a = (float)als_item_a(als, t + c), root = sqrtf(a);
            float b = (float)mf__als_item_b(als, x->col[t + c], i, t + c);
            if (!(a > MF_TINY) && b != 0)
                return false;
            w->scale[c] = root;
            w->rhs_weight[c] = a > MF_TINY ? b / root : 0;
        }
        mf__als_sum_add(sum, m, end - t, x->col + t, als->users.data, als->p.k,
                        unit ? NULL : w->scale, w->rhs_weight);
    }
    return true;
}

/* A and rhs of item i, without the Gram matrix and the ridge. `after` is the item whose
 * sum is next, or UINT32_MAX. False where a cell has no weight, but a right-hand
 * side. */
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
    bool all = als->users.personas > 1 ? sum_distinct(als, i, w, &sum)
                                       : sum_plain(als, i, w, &sum);
    mf__als_sum_end(&sum);
    return all;
}

bool mf__als_item_sum(const mf_als *als, uint32_t i, als_work *work, float *a,
                      float *rhs)
{
    return sum_cells(als, i, UINT32_MAX, work, a, rhs);
}

/* --- systems --- */

void mf__als_item_add(const mf_als *als, uint32_t i, mf_ridge *w)
{
    const mf_csr *x = &als->by_item;
    uint32_t p = als->users.personas;
    for (size_t t = x->ptr[i]; t < x->ptr[i + 1]; t++) {
        double a = als_item_a(als, t), b = mf__als_item_b(als, x->col[t], i, t);
        if (t % 64 == 0)
            mf__disk_beat(als->p.disk);
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
}

int mf__als_item_solve_in_double(mf_als *als, uint32_t i, als_work *work)
{
    mf_ridge *w = mf__als_work_ridge(work);
    if (!w)
        return MF_ENOMEM;
    work->double_solves++;
    mf__ridge_begin(w, als->user_gram,
                    als_unobserved(&als->p, als->users.personas) *
                        als_item_weight(&als->items, i),
                    mf__als_lambda_item(als, i));
    mf__als_item_add(als, i, w);
    float *v = mf_tensor_at(&als->items, i, 0);
    double *rhs = work->sum;
    memcpy(rhs, w->rhs, als->p.k * sizeof *rhs);
    int code = mf__ridge_solve(w, v);
    als->gain[i] = 0;
    for (uint32_t f = 0; f < als->p.k; f++)
        als->gain[i] += rhs[f] * (double)v[f];
    return code;
}

/* rhs[k] = sum rho b y over the cells of item i, in double. */
void mf__als_item_rhs(const mf_als *als, uint32_t i, als_work *w, double *rhs)
{
    const mf_csr *x = &als->by_item;
    uint32_t p = als->users.personas, k = als->p.k;
    size_t step = w->chunk / p, end = x->ptr[i + 1];
    for (size_t t = x->ptr[i], m; t < end; t += m) {
        m = end - t < step ? end - t : step;
        mf__disk_beat(als->p.disk);
        for (size_t c = 0; c < m; c++) {
            uint32_t u = x->col[t + c];
            float b = (float)mf__als_item_b(als, u, i, t + c);
            for (uint32_t q = 0; q < p; q++) {
                float root = q == als->item_z[t + c] ? als->own[u] : als->sibling[u];
                w->rhs_weight[c * p + q] = b * root * root;
            }
        }
        w->kernel->gather(w->panel, m, end - t, x->col + t, p, als->users.data, k, NULL,
                          NULL);
        w->kernel->combine(w->vector, w->width, m * p, w->panel, w->rhs_weight, false);
        for (uint32_t f = 0; f < k; f++)
            rhs[f] += (double)w->vector[f];
    }
}

/* (w0' U'U + lambda I) v = rhs, by eigenvectors, in double: where a is 0, and all
 * weights are 1. */
bool mf__als_item_by_eigenvectors(const als_item_side *side, uint32_t i,
                                  const double rhs[], als_work *w)
{
    const mf_als *als = side->als;
    uint32_t k = als->p.k;
    double *solution = w->sum + w->width;
    double w0 = als_unobserved(&als->p, als->users.personas),
           ridge = mf__als_lambda_item(als, i);
    memset(solution, 0, w->width * sizeof *solution);
    for (uint32_t j = 0; j < k; j++) {
        const double *vector = side->eigenvectors + (size_t)j * k;
        double along = 0, d = w0 * side->eigenvalues[j] + ridge;
        for (uint32_t f = 0; f < k; f++)
            along += vector[f] * rhs[f];
        if (!(d > 1e-12 * (w0 * side->eigenvalues[k - 1] + ridge)))
            return false;
        for (uint32_t f = 0; f < k; f++)
            solution[f] += along / d * vector[f];
    }
    float *v = mf_tensor_at(&als->items, i, 0);
    for (uint32_t f = 0; f < k; f++) {
        v[f] = (float)solution[f];
        if (!isfinite(v[f]))
            return false;
    }
    return true;
}

static int solve_by_eigenvectors(const als_item_side *side, uint32_t i, als_work *w)
{
    memset(w->sum, 0, w->width * sizeof *w->sum);
    mf__als_item_rhs(side->als, i, w, w->sum);
    return mf__als_item_by_eigenvectors(side, i, w->sum, w)
               ? MF_OK
               : mf__als_item_solve_in_double(side->als, i, w);
}

double mf__als_dot(const float *x, const float *y, uint32_t k)
{
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (uint32_t f = 0; f < k; f++)
        sum += (double)(x[f] * y[f]);
    return sum;
}

/* Solve `used` systems, of the items owner[], in one batch. Returns what
 * mf__als_items_solve does. */
static uint32_t solve_batch(const als_item_side *side, uint32_t used,
                            const uint32_t owner[], als_work *w)
{
    mf_als *als = side->als;
    uint32_t k = als->p.k, failed = UINT32_MAX;
    float *a[KERNEL_BATCH], *rhs[KERNEL_BATCH], loss[KERNEL_BATCH];
    for (uint32_t s = 0; s < used; s++) {
        a[s] = als_work_matrix(w, s);
        rhs[s] = als_work_rhs(w, s);
    }
    if (used > 0)
        w->kernel->solve(w->width, w->width, used, a, rhs, loss, w->scratch);
    for (uint32_t s = 0; s < used; s++)
        if (loss[s] <= ALS_LOSS_MAX && als_all_finite(rhs[s], k)) {
            memcpy(mf_tensor_at(&als->items, owner[s], 0), rhs[s], k * sizeof *rhs[s]);
            als->gain[owner[s]] =
                mf__als_dot(w->saved_rhs + (size_t)s * w->width, rhs[s], k);
        } else if (mf__als_item_solve_in_double(als, owner[s], w) < 0 &&
                   owner[s] < failed)
            failed = owner[s];
    return failed;
}

uint32_t mf__als_items_solve(const als_item_side *side, uint32_t n,
                             const uint32_t item[], als_work *w)
{
    mf_als *als = side->als;
    uint32_t used = 0, owner[KERNEL_BATCH], k = als->p.k, failed = UINT32_MAX;
    for (uint32_t s = 0; s < n; s++) {
        uint32_t i = item[s], after = s + 1 < n ? item[s + 1] : UINT32_MAX;
        float *v = mf_tensor_at(&als->items, i, 0), *a = als_work_matrix(w, used),
              *rhs = als_work_rhs(w, used);
        int code = MF_OK;
        mf__disk_beat(als->p.disk);
        als->gain[i] = 0;
        if (als->by_item.ptr[i] == als->by_item.ptr[i + 1])
            memset(v, 0, k * sizeof *v);
        else if (side->eigenvectors)
            code = solve_by_eigenvectors(side, i, w);
        else if (sum_cells(als, i, after, w, a, rhs)) {
            w->kernel->merge(w->width, 1, a, (float)als_item_weight(&als->items, i),
                             side->gram, (float)mf__als_lambda_item(als, i));
            memcpy(w->saved_rhs + (size_t)used * w->width, rhs, k * sizeof *rhs);
            owner[used++] = i;
        } else
            code = mf__als_item_solve_in_double(side->als, i, w);
        if (code < 0 && i < failed)
            failed = i;
    }
    uint32_t bad = solve_batch(side, used, owner, w);
    return bad < failed ? bad : failed;
}
