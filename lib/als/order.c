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

int mf__als_order_rows(uint32_t **order, const mf_csr *x, uint32_t stretch, mf_err *err)
{
    size_t most = x->rows < stretch ? x->rows : stretch;
    length *all = mf__new(most, sizeof *all);
    *order = mf__new(x->rows, sizeof **order);
    if (!all || !*order) {
        free(all);
        return mf__nomem(err);
    }
    for (size_t lo = 0; lo < x->rows; lo += most) {
        size_t n = x->rows - lo < most ? x->rows - lo : most;
        for (size_t r = 0; r < n; r++)
            all[r] = (length){class_of(x->ptr[lo + r + 1] - x->ptr[lo + r]),
                              (uint32_t)(lo + r)};
        qsort(all, n, sizeof *all, by_length);
        for (size_t r = 0; r < n; r++)
            (*order)[lo + r] = all[r].row;
    }
    free(all);
    return MF_OK;
}

/* --- cells by item --- */

/* Copy the cells of items lo .. hi - 1; next[i] is the position of the next of item i.
 * Without `from` it is their users that are copied. */
static void copy_cells(const mf_als *als, uint32_t lo, uint32_t hi, char *to,
                       const char *from, size_t size)
{
    const mf_csr *x = als->train;
    for (uint32_t u = 0; u < x->rows && !from; u++)
        for (size_t t = x->ptr[u]; t < x->ptr[u + 1]; t++) {
            mf__disk_beat_at(als->p.disk, t);
            if (x->col[t] - lo < hi - lo)
                memcpy(to + als->next[x->col[t]]++ * size, &u, sizeof u);
        }
    for (size_t t = 0; t < x->nnz && from; t++) {
        mf__disk_beat_at(als->p.disk, t);
        if (x->col[t] - lo < hi - lo) {
            size_t at = als->next[x->col[t]]++;
            if (size == 1)
                to[at] = from[t];
            else
                memcpy(to + at * size, from + t * size, size);
        }
    }
}

/* The item in whose row, or behind whose rows, the cell stands. */
static uint32_t item_at(const mf_csr *x, size_t cell, uint32_t from)
{
    while (from < x->rows && x->ptr[from] < cell)
        from++;
    return from;
}

/* Each thread reads all cells and copies those of its own items, of cells lo .. hi - 1
 * of by_item. */
static void copy_part(const mf_als *als, size_t lo, size_t hi, char *to,
                      const char *from, size_t size)
{
    const mf_csr *x = &als->by_item;
#pragma omp parallel num_threads(als->threads)
    {
        size_t threads = (size_t)omp_get_num_threads(), n = hi - lo,
               me = (size_t)omp_get_thread_num();
        bool last = me + 1 == threads && hi == x->nnz;
        uint32_t begin = item_at(x, lo + n / threads * me, 0);
        uint32_t end = last ? x->rows
                            : item_at(x, me + 1 == threads ? hi : lo + n / threads * (me + 1),
                                      begin);
        if (begin < end)
            copy_cells(als, begin, end, to, from, size);
    }
}

/* What is written here and there is to lie in memory: it is written in parts, each by
 * reading all cells. */
void mf__als_copy_by_item(const mf_als *als, void *to, const void *from, size_t size)
{
    const mf_csr *x = &als->by_item;
    size_t part = mf__disk_room(als->p.disk) / 2 / size;
    memcpy(als->next, x->ptr, x->rows * sizeof *als->next);
    for (size_t lo = 0, n; lo < x->nnz; lo += n) {
        n = x->nnz - lo < part ? x->nnz - lo : part;
        copy_part(als, lo, lo + n, to, from, size);
    }
}

int mf__als_cells_by_item(mf_als *als, bool valued, mf_err *err)
{
    const mf_csr *x = als->train;
    mf_csr *out = &als->by_item;
    *out = (mf_csr){.rows = x->cols, .cols = x->rows, .nnz = x->nnz};
    if (!(out->ptr = mf__new0((size_t)out->rows + 1, sizeof *out->ptr)))
        return mf__nomem(err);
    int code = mf__disk_new(als->p.disk, &out->col, x->nnz, sizeof *out->col, err);
    if (code == MF_OK && valued)
        code = mf__disk_new(als->p.disk, &out->val, x->nnz, sizeof *out->val, err);
    if (code < 0)
        return code;
    for (size_t t = 0; t < x->nnz; t++) {
        mf__disk_beat_at(als->p.disk, t);
        out->ptr[x->col[t] + 1]++;
    }
    for (uint32_t i = 0; i < out->rows; i++)
        out->ptr[i + 1] += out->ptr[i];
    mf__als_copy_by_item(als, out->col, NULL, sizeof *out->col);
    if (valued)
        mf__als_copy_by_item(als, out->val, x->val, sizeof *out->val);
    return MF_OK;
}
