#include "als/order.h"

#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "base/mem.h"

typedef struct length {
    uint32_t class;
    uint32_t row;
} length;

/* Lengths that make no difference to the solvers are one class: by fours at first, then
 * eight classes to a doubling. The more rows a class has, the nearer in memory are rows
 * that are solved one after the other. */
static uint32_t class_of(size_t cells)
{
    uint32_t octave = 0;
    size_t fours = cells / 4 + (cells % 4 != 0);
    while (fours >= 16) {
        fours /= 2;
        octave++;
    }
    return octave * 8 + (uint32_t)fours;
}

static int by_length(const void *x, const void *y)
{
    const length *a = x, *b = y;
    if (a->class != b->class)
        return a->class > b->class ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

int mf__als_order_rows(uint32_t **order, const mf_csr *x, mf_err *err)
{
    length *all = mf__new(x->rows, sizeof *all);
    *order = mf__new(x->rows, sizeof **order);
    if (!all || !*order) {
        free(all);
        return mf__nomem(err);
    }
    for (uint32_t r = 0; r < x->rows; r++)
        all[r] = (length){class_of(x->ptr[r + 1] - x->ptr[r]), r};
    qsort(all, x->rows, sizeof *all, by_length);
    for (uint32_t r = 0; r < x->rows; r++)
        (*order)[r] = all[r].row;
    free(all);
    return MF_OK;
}

/* Copy the cells of items lo .. hi - 1; next[i] is the position of the next of item
 * i. */
static void copy_cells(const mf_csr *x, uint32_t lo, uint32_t hi, size_t *next,
                       char *to, const char *from, size_t size)
{
    for (size_t t = 0; t < x->nnz; t++)
        if (x->col[t] - lo < hi - lo) {
            size_t at = next[x->col[t]]++;
            if (size == 1)
                to[at] = from[t];
            else
                memcpy(to + at * size, from + t * size, size);
        }
}

/* Each thread reads all cells and copies those of its own items. */
void mf__als_copy_by_item(const mf_als *als, void *to, const void *from, size_t size)
{
    const mf_csr *x = &als->by_item;
    memcpy(als->next, x->ptr, x->rows * sizeof *als->next);
#pragma omp parallel num_threads(als->threads)
    {
        size_t threads = (size_t)omp_get_num_threads(),
               me = (size_t)omp_get_thread_num();
        uint32_t lo = 0, hi;
        while (lo < x->rows && x->ptr[lo] < x->nnz / threads * me)
            lo++;
        hi = lo;
        while (hi < x->rows &&
               (me + 1 == threads || x->ptr[hi] < x->nnz / threads * (me + 1)))
            hi++;
        copy_cells(als->train, lo, hi, als->next, to, from, size);
    }
}
