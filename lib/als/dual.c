/* In als/woodbury.h S is diag(rho a), by the persona that owns a cell, and t = b / a. W W'
 * is the same for all personas of the user. */
#include "als/dual.h"

#include <string.h>

#include "als/woodbury.h"

/* Make cell t count nothing: its row and column become those of the identity. */
static void leave_out(float *a, size_t n, size_t lda, size_t t, float *rhs)
{
    for (size_t j = t; j < n; j++)
        a[t * lda + j] = 0;
    for (size_t i = 0; i < t; i++)
        a[i * lda + t] = 0;
    a[t * lda + t] = 1;
    rhs[t] = 0;
}

/* S_q^-1, and 1 for the rows that fill up the order. */
static void find_inverses(const als_batch *b, const als_task *task, uint32_t q,
                          float *d)
{
    const als_row *row = task->row;
    float own = als_inverse(task->rho.own), sibling = als_inverse(task->rho.sibling);
#pragma omp simd
    for (size_t t = 0; t < row->n; t++)
        d[t] = q == row->z[t] ? own : sibling;
    for (size_t t = 0; row->a && t < row->n; t++) {
        double rho = q == row->z[t] ? task->rho.own : task->rho.sibling;
        d[t] = als_inverse(rho * (double)row->a[t]);
    }
    for (size_t t = row->n; t < b->order; t++)
        d[t] = 1;
}

/* Set rhs to t. It holds S_q^-1 before, which is 0 for cells of no weight: these are
 * left out. */
static void set_rhs(const als_batch *b, const als_task *task, float *a, float *rhs)
{
    const als_row *row = task->row;
    size_t n = b->order, lda = b->columns;
    bool unit = als_row_is_unit(row) && als_inverse(task->rho.own) > 0 &&
                als_inverse(task->rho.sibling) > 0;
    for (size_t t = 0; unit && t < row->n; t++)
        rhs[t] = 1;
    for (size_t t = 0; !unit && t < row->n; t++) {
        bool weighs = rhs[t] > 0;
        rhs[t] = 1;
        if (!als_row_is_unit(row))
            rhs[t] =
                (float)(als_cell_b(b->view, row, t) / (row->a ? (double)row->a[t] : 1));
        if (!weighs)
            leave_out(a, n, lda, t, rhs);
    }
    memset(rhs + row->n, 0, (lda - row->n) * sizeof *rhs);
}

/* Add the systems of the nth solved persona and of those after it while there are free
 * slots. Returns how many. */
static uint32_t add_some(als_batch *b, const als_task *task, uint32_t nth,
                         const float *products, const float *panel,
                         const float *inverse_root)
{
    als_work *w = b->work;
    uint32_t n = task->solved.n - nth, room = w->systems - b->used, first = b->used;
    float *a[KERNEL_BATCH] = {0}, *rhs[KERNEL_BATCH];
    const float *d[KERNEL_BATCH] = {0};
    n = n < room ? n : room;
    for (uint32_t s = 0; s < n; s++) {
        a[s] = als_work_matrix(w, first + s);
        d[s] = rhs[s] = als_work_rhs(w, first + s);
        find_inverses(b, task, task->solved.persona[nth + s], rhs[s]);
    }
    w->kernel->add_diagonals(b->order, b->columns, products, n, a, d);
    for (uint32_t s = 0; s < n; s++)
        set_rhs(b, task, a[s], rhs[s]);
    for (uint32_t s = 0; s < n; s++)
        mf__als_batch_add(b, task, nth + s, panel, inverse_root);
    return n;
}

void mf__als_dual_add(als_batch *b, const als_task *task, uint32_t nth)
{
    als_work *w = b->work;
    const als_row *row = task->row;
    const mf_basis *basis = b->view->basis;
    uint32_t p = b->view->personas, width = w->width;
    float *panel = w->panel + (size_t)nth * w->dual_max * width;
    float *root = w->inverse_root + (size_t)nth * width;
    float *products = als_work_matrix(w, p == 1 ? b->used : w->systems);
    als_dual_terms terms = {.n = row->n,
                            .row = row->item,
                            .src = basis->rows,
                            .k = (uint32_t)basis->stride,
                            .shared = basis->shared,
                            .ridge = task->ridge};
    mf__dual_products(w->kernel, &terms, b->columns, panel, root, w->transposed,
                      products);
    for (uint32_t j = 0; j < task->solved.n;)
        j += add_some(b, task, j, products, panel, root);
}
