#include "als/sum.h"

#include <string.h>

enum {
    SPILL = 1024
}; /* rows that are summed in float before they are added in double */

als_sum mf__als_sum_begin(als_work *work, float *a, float *rhs)
{
    return (als_sum){.work = work, .a = a, .rhs = rhs};
}

/* Add what was summed in float to the sums in double. */
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

/* List up to m rows that come next, after the first m of these or in another sum.
 * Rows of up to SHORT factors are fetched by the kernel as it reads row[]; of those,
 * only the first FEW of another sum are listed. Returns how many are. */
static size_t list_next(const als_sum *sum, size_t m, size_t ahead, const uint32_t *row,
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
    if (sum->rows + m > SPILL)
        spill(sum);
    kernel_rows rows = {.m = m,
                        .ahead = ahead,
                        .row = row,
                        .src = src,
                        .k = k,
                        .scale = s,
                        .rhs_weight = t,
                        .fetched = w->fetched,
                        .next = w->next,
                        .next_count = list_next(sum, m, ahead, row, src, k)};
    w->kernel->accumulate(sum->a, sum->rhs, sum->rows > 0, &rows, w->panel);
    w->fetched = rows.next_count;
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
