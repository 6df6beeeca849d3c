#include "als/wide_row.h"

#include <stdlib.h>
#include <string.h>

#include "als/woodbury.h"
#include "als/work.h"
#include "base/mem.h"

enum { BATCH_FLOATS = 1 << 18, PADDING = 16 };

int mf__als_wide_work_open(als_wide_work *w, uint32_t k, uint32_t dual_max, mf_err *err)
{
    const mf_kernel *kernel = mf__kernel_choose();
    uint32_t width = kernel_pad(kernel, k), fit;
    *w = (als_wide_work){.kernel = kernel, .k = k, .width = width};
    w->dual_max = kernel_pad(kernel, dual_max);
    fit = BATCH_FLOATS / width / w->dual_max;
    w->slots = fit < 4 ? 4 : fit > kernel->batch ? kernel->batch : fit;
    size_t slots = w->slots, order = w->dual_max;
    w->stride = order * order + PADDING;
    w->slot = mf__new(slots, sizeof *w->slot);
    w->panel = mf__new_aligned(slots * order * width, sizeof *w->panel);
    w->transposed = mf__new_aligned(order * width, sizeof *w->transposed);
    w->shared = mf__new_aligned(width, sizeof *w->shared);
    w->root = mf__new_aligned(slots * width, sizeof *w->root);
    w->matrix = mf__new_aligned(slots * w->stride, sizeof *w->matrix);
    w->source = mf__new(slots, sizeof *w->source);
    w->diagonal = mf__new_aligned(slots * order, sizeof *w->diagonal);
    w->given = mf__new_aligned(slots * order, sizeof *w->given);
    w->target = mf__new_aligned(slots * order, sizeof *w->target);
    w->rhs = mf__new_aligned(slots * order, sizeof *w->rhs);
    w->scratch = mf__new_aligned(KERNEL_SCRATCH(order), sizeof *w->scratch);
    w->cg = mf__new_aligned(KERNEL_CG_SCRATCH(k), sizeof *w->cg);
    if (w->slot && w->panel && w->transposed && w->shared && w->root && w->matrix &&
        w->rhs && w->source && w->diagonal && w->target && w->given && w->scratch &&
        w->cg)
        return MF_OK;
    mf__als_wide_work_close(w);
    return mf__nomem(err);
}

void mf__als_wide_work_close(als_wide_work *w)
{
    free(w->slot);
    free(w->panel);
    free(w->transposed);
    free(w->shared);
    free(w->root);
    free(w->matrix);
    free(w->source);
    free(w->diagonal);
    free(w->given);
    free(w->target);
    free(w->rhs);
    free(w->scratch);
    free(w->cg);
    free(w->index);
    free(w->weight);
    free(w->rhs_weight);
    *w = (als_wide_work){0};
}

int mf__als_wide_reserve(als_wide_work *w, size_t m, mf_err *err)
{
    int code = mf__reserve(&w->index, &w->index_cap, m, sizeof *w->index, err);
    if (code == MF_OK)
        code = mf__reserve(&w->weight, &w->weight_cap, m, sizeof *w->weight, err);
    return code == MF_OK ? mf__reserve(&w->rhs_weight, &w->rhs_weight_cap, m,
                                       sizeof *w->rhs_weight, err)
                         : code;
}

/* What all rows share, as far as this one does: until the next call. */
static const float *shared_of(als_wide_work *w, const als_wide_system *s)
{
    const float *all = w->side->shared;
    if (s->share == 1)
        return all;
    for (uint32_t f = 0; f < w->width; f++)
        w->shared[f] = s->share * all[f];
    return w->shared;
}

/* --- conjugate gradients --- */

static void solve_cg(als_wide_work *w, als_wide_system *s)
{
    const als_wide_side *side = w->side;
    kernel_system system = {.k = w->k,
                            .m = s->m,
                            .row = s->row,
                            .src = side->rows,
                            .weight = s->weight,
                            .rhs_weight = s->rhs_weight,
                            .shared = shared_of(w, s),
                            .ridge = s->ridge,
                            .steps = side->steps,
                            .steps_max = side->steps_max,
                            .tolerance = side->tolerance};
    kernel_solution solution = w->kernel->cg(&system, s->x, w->cg);
    s->value = solution.value;
    s->failed = !(solution.bound <= side->tolerance * -solution.value) &&
                !(solution.bound <= (double)MF_TINY);
    s->failed |= !als_all_finite(s->x, w->k);
    w->counts.cg++;
    w->counts.longer += solution.steps > side->steps;
}

/* --- duals --- */

/* The t of als/woodbury.h is t / s, by the t of als/wide_row.h, of which
 *
 *     Y x = S^-1 (t - y),   x'A x - 2 b'x = -b'x = -t'Y x
 */

static bool same_terms(const als_wide_system *s, const als_wide_system *t)
{
    return s->m == t->m && s->row == t->row && s->share == t->share &&
           s->ridge == t->ridge;
}

/* Gather W, and multiply it with its transpose, unless the slot before has the same. */
static void multiply_terms(als_wide_work *w, uint32_t nth)
{
    const als_wide_system *s = w->slot[nth];
    uint32_t width = w->width, lda = w->columns;
    size_t panel_size = (size_t)w->dual_max * width;
    float *matrix = w->matrix + nth * w->stride;
    float *diagonal = w->diagonal + nth * w->dual_max;
    w->source[nth] = nth;
    if (nth > 0 && s->row != w->index && same_terms(s, w->slot[nth - 1])) {
        w->source[nth] = w->source[nth - 1];
        memcpy(matrix, matrix - w->stride, (size_t)lda * lda * sizeof *matrix);
        memcpy(diagonal, diagonal - w->dual_max, lda * sizeof *diagonal);
        return;
    }
    als_dual_terms terms = {.n = s->m,
                            .row = s->row,
                            .src = w->side->rows,
                            .k = w->k,
                            .shared = shared_of(w, s),
                            .ridge = s->ridge};
    mf__dual_products(w->kernel, &terms, lda, w->panel + nth * panel_size,
                      w->root + (size_t)nth * width, w->transposed, matrix);
    for (uint32_t t = 0; t < lda; t++)
        diagonal[t] = matrix[(size_t)t * lda + t];
}

static void add_dual(als_wide_work *w, als_wide_system *s)
{
    uint32_t order = (uint32_t)(s->m + 7) / 8 * 8;
    if (w->used == w->slots || order > w->order)
        mf__als_wide_flush(w);
    if (w->used == 0) {
        w->order = order;
        w->columns = kernel_pad(w->kernel, order);
    }
    uint32_t nth = w->used++, lda = w->columns;
    float *matrix = w->matrix + nth * w->stride, *rhs = w->rhs + nth * w->dual_max;
    w->slot[nth] = s;
    multiply_terms(w, nth);
    float *given = w->given + nth * w->dual_max,
          *target = w->target + nth * w->dual_max;
    for (uint32_t t = 0; t < lda; t++) {
        float inverse = t < s->m && s->weight ? 1 / s->weight[t] : 1;
        matrix[(size_t)t * lda + t] = w->diagonal[nth * w->dual_max + t] + inverse;
        given[t] = t >= s->m ? 0 : s->rhs_weight ? s->rhs_weight[t] : 1;
        rhs[t] = target[t] = given[t] * inverse;
    }
}

/* The solution of a slot from y. */
static void finish_dual(als_wide_work *w, uint32_t nth)
{
    als_wide_system *s = w->slot[nth];
    uint32_t from = w->source[nth], width = w->width;
    const float *y = w->rhs + nth * w->dual_max, *root = w->root + (size_t)from * width;
    const float *target = w->target + nth * w->dual_max;
    const float *given = w->given + nth * w->dual_max;
    float *x = w->cg;
    mf__dual_solution(w->kernel, width, s->m,
                      w->panel + (size_t)from * w->dual_max * width, root, y, x);
    memcpy(s->x, x, w->k * sizeof *x);
    s->value = 0; /* of t (target - y / s) */
    for (size_t t = 0; t < s->m; t++)
        s->value -= (double)(target[t] * (given[t] - y[t]));
    w->counts.dual++;
}

void mf__als_wide_flush(als_wide_work *w)
{
    float *a[KERNEL_BATCH], *rhs[KERNEL_BATCH], loss[KERNEL_BATCH];
    uint32_t used = w->used;
    w->used = w->order = 0;
    if (used == 0)
        return;
    for (uint32_t s = 0; s < used; s++) {
        a[s] = w->matrix + s * w->stride;
        rhs[s] = w->rhs + s * w->dual_max;
    }
    w->kernel->solve((w->columns + 7) / 8 * 8, w->columns, used, a, rhs, loss,
                     w->scratch);
    for (uint32_t s = 0; s < used; s++) {
        finish_dual(w, s);
        if (!(loss[s] <= ALS_LOSS_MAX) || !als_all_finite(w->slot[s]->x, w->k))
            w->slot[s]->failed = true;
    }
}

/* --- */

enum { FETCHED = 1 << 13 }; /* floats: more would not stay in the first cache */

void mf__als_wide_fetch(const als_wide_work *w, size_t m, const uint32_t row[])
{
    size_t most = FETCHED / w->width;
    for (size_t t = 0; t < m && t < most && t < 24; t++) {
        const float *y = w->side->rows + (size_t)row[t] * w->k;
        for (uint32_t f = 0; f < w->k; f += 16)
            __builtin_prefetch(y + f);
    }
}

static bool has_dual(const als_wide_work *w, const als_wide_system *s)
{
    if (s->m > w->side->dual_max)
        return false;
    for (size_t t = 0; s->weight && t < s->m; t++)
        if (!(s->weight[t] > MF_TINY))
            return false;
    return true;
}

void mf__als_wide_add(als_wide_work *w, als_wide_system *s)
{
    s->value = 0;
    s->failed = false;
    if (s->m == 0)
        memset(s->x, 0, w->k * sizeof *s->x);
    else if (s->ridge < s->share * w->side->least_ridge)
        s->failed = true;
    else if (has_dual(w, s))
        add_dual(w, s);
    else
        solve_cg(w, s);
}
