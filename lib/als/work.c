#include "als/work.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
    PANEL_FLOATS = 8192,    /* of a chunk: it stays in the first cache */
    BATCH_FLOATS = 1 << 22, /* of all matrices of a batch, unless one is larger */
    APART = 16              /* floats that keep matrices off the same cache sets */
};

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

int mf__als_work_open(als_work *w, uint32_t k, uint32_t systems, mf_err *err)
{
    const mf_kernel *kernel = mf__kernel_choose();
    size_t width = kernel_pad(kernel, k), square = width * width;
    uint32_t fit = BATCH_FLOATS / square > 1 ? (uint32_t)(BATCH_FLOATS / square) : 1;
    *w = (als_work){.kernel = kernel, .k = k, .width = (uint32_t)width};
    w->systems = smaller(smaller(systems, fit), kernel->batch);
    w->cells = w->width;
    w->few = w->cells * 3 / 4;
    w->chunk = (uint32_t)(PANEL_FLOATS / width);
    w->chunk = w->chunk < 64 ? 64 : w->chunk > 512 ? 512 : w->chunk;
    w->stride = square + APART;
    size_t slots = w->systems + (size_t)1, panel = w->systems * square;
    if (panel < w->chunk * width)
        panel = w->chunk * width;
    w->matrix = mf__new_aligned(slots * w->stride, sizeof *w->matrix);
    w->rhs = mf__new_aligned(slots * width, sizeof *w->rhs);
    w->panel = mf__new_aligned(panel, sizeof *w->panel);
    w->turned = mf__new_aligned(square, sizeof *w->turned);
    w->scale = mf__new(als_work_list(w), sizeof *w->scale);
    w->aim = mf__new(als_work_list(w), sizeof *w->aim);
    w->index = mf__new(als_work_list(w), sizeof *w->index);
    w->next = mf__new(w->chunk, sizeof *w->next);
    w->root = mf__new_aligned(w->systems * width, sizeof *w->root);
    w->vector = mf__new_aligned(2 * w->systems * width, sizeof *w->vector);
    w->aims = mf__new_aligned(w->systems * width, sizeof *w->aims);
    w->score = mf__new_aligned(ALS_CELLS + 16, sizeof *w->score);
    w->room = mf__new_aligned(KERNEL_SCRATCH(width), sizeof *w->room);
    w->sum = mf__new_aligned(width * (width + 1), sizeof *w->sum);
    if (w->matrix && w->rhs && w->panel && w->turned && w->scale && w->aim &&
        w->index && w->next && w->root && w->vector && w->aims && w->score && w->room &&
        w->sum && mf__ridge_alloc(&w->ridge, k, err) == MF_OK)
        return MF_OK;
    mf__als_work_close(w);
    return mf__nomem(err);
}

void mf__als_work_close(als_work *w)
{
    free(w->matrix);
    free(w->rhs);
    free(w->panel);
    free(w->turned);
    free(w->scale);
    free(w->aim);
    free(w->index);
    free(w->next);
    free(w->root);
    free(w->vector);
    free(w->aims);
    free(w->score);
    free(w->room);
    free(w->sum);
    mf__ridge_free(&w->ridge);
    *w = (als_work){0};
}

als_sum mf__als_sum_begin(als_work *work, float *a, float *rhs)
{
    return (als_sum){.work = work, .a = a, .rhs = rhs};
}

/* What was summed in float goes to the sums in double. */
static void spill(als_sum *sum)
{
    als_work *w = sum->work;
    size_t n = w->width;
    if (!sum->spilled)
        memset(w->sum, 0, n * (n + 1) * sizeof *w->sum);
    w->kernel->spill(w->width, w->sum, sum->a);
    for (size_t i = 0; i < n; i++)
        w->sum[n * n + i] += (double)sum->rhs[i];
    sum->spilled = true;
    sum->rows = 0;
}

enum { SHORT = 16, FEW = 32 };

/* Name up to m rows that come next, after the first m of these or in another sum. Short
 * ones are fetched as they are listed: of those, the first in another sum are enough.
 * Returns how many. */
static size_t name_next(const als_sum *sum, size_t m, size_t ahead, const uint32_t *row,
                        const float *src, uint32_t k)
{
    const float **next = sum->work->next;
    uint32_t group = sum->group;
    size_t n = ahead - m;
    bool within = n > 0;
    if (!within)
        n = sum->afters * group;
    n = n > m ? m : n;
    if (k <= SHORT)
        n = within ? 0 : n < FEW ? n : FEW;
    for (size_t i = 0; within && i < n; i++)
        next[i] = src + (size_t)row[m + i] * k;
    for (size_t i = 0, at = 0; !within && i < n; at++)
        for (uint32_t q = 0; q < group && i < n; q++)
            next[i++] = src + ((size_t)sum->after[at] * group + q) * k;
    return n;
}

void mf__als_sum_add(als_sum *sum, size_t m, size_t ahead, const uint32_t *row,
                     const float *src, uint32_t k, const float *s, const float *t)
{
    als_work *w = sum->work;
    if (sum->rows + m > ALS_SPILL)
        spill(sum);
    kernel_rows rows = {.m = m,
                        .ahead = ahead,
                        .row = row,
                        .src = src,
                        .k = k,
                        .scale = s,
                        .rhs_weight = t,
                        .fetched = w->warm,
                        .next = w->next,
                        .next_count = name_next(sum, m, ahead, row, src, k)};
    w->kernel->accumulate(sum->a, sum->rhs, sum->rows > 0, &rows, w->panel);
    w->warm = rows.next_count;
    sum->rows += m;
}

void mf__als_sum_end(als_sum *sum)
{
    als_work *w = sum->work;
    size_t n = w->width;
    if (sum->rows == 0 && !sum->spilled) {
        memset(sum->a, 0, n * n * sizeof *sum->a);
        memset(sum->rhs, 0, n * sizeof *sum->rhs);
    }
    if (!sum->spilled)
        return;
    if (sum->rows > 0)
        spill(sum);
    for (size_t i = 0; i < n; i++)
        for (size_t j = i; j < n; j++)
            sum->a[i * n + j] = (float)w->sum[i * n + j];
    for (size_t i = 0; i < n; i++)
        sum->rhs[i] = (float)w->sum[n * n + i];
}
