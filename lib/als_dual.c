/* Users of fewer cells than factors.
 *
 * In the basis of als_basis.h the system of persona q of a user is
 *
 *     (D + V_O' S_q V_O) x = V_O' S_q t,   D = diag(w0' E + lambda_u),
 *
 * V_O being the items of the user's cells, S_q = diag(rho a), t = b / a. With
 * W = V_O D^-1/2,
 *
 *     x = D^-1/2 W' (S_q^-1 + W W')^-1 t
 *
 * (Woodbury), where W W' is the same for all personas of the user. */
#include <string.h>

#include "als_batch.h"

/* Cell t is not there. */
static void leave_out(float *a, size_t n, size_t lda, size_t t, float *rhs)
{
    for (size_t j = t; j < n; j++)
        a[t * lda + j] = 0;
    for (size_t i = 0; i < t; i++)
        a[i * lda + t] = 0;
    a[t * lda + t] = 1;
    rhs[t] = 0;
}

/* S_q^-1 + W W' and t, from W W' in the scratch matrix or already in place. */
static void fill(als_batch *b, const als_row *row, uint32_t q, const float *products,
                 als_rho rho)
{
    als_work *w = b->work;
    size_t n = b->order, lda = b->columns;
    float *a = als_work_matrix(w, b->used), *rhs = als_work_rhs(w, b->used);
    /* where a does not vary, the quotients are those of one cell */
    float own = als_inverse(rho.own), sibling = als_inverse(rho.sibling);
    bool even = als_row_even(row) && own > 0 && sibling > 0;
    for (size_t i = 0; i < n; i++) {
        size_t at = i * lda + i / w->kernel->pad * w->kernel->pad;
        if (a != products)
            memcpy(a + at, products + at, ((i + 1) * lda - at) * sizeof *a);
        if (i >= row->n)
            a[i * lda + i] = 1;
        else if (even)
            a[i * lda + i] += q == row->z[i] ? own : sibling;
        rhs[i] = 1;
    }
    memset(rhs + row->n, 0, (lda - row->n) * sizeof *rhs);
    for (size_t t = 0; !even && t < row->n; t++) {
        double cell_b = als_cell_b(b->view, row, t);
        float more = q == row->z[t] ? own : sibling;
        rhs[t] = (float)cell_b;
        if (row->a) {
            double cell_a = (double)row->a[t];
            more = als_inverse((q == row->z[t] ? rho.own : rho.sibling) * cell_a);
            rhs[t] = (float)(cell_b / cell_a);
        }
        if (more > 0)
            a[t * lda + t] += more;
        else
            leave_out(a, n, lda, t, rhs);
    }
}

void als_add_dual(als_batch *b, const als_task *task, uint32_t nth)
{
    als_work *w = b->work;
    const als_row *row = task->row;
    uint32_t p = b->view->personas, width = w->width, lda = b->columns;
    float *panel = w->panel + (size_t)nth * w->cells * width;
    float *root = w->root + (size_t)nth * width;
    w->kernel->roots(root, width, b->view->basis->shared, task->ridge);
    w->kernel->gather(panel, row->n, row->n, row->item, 1, b->view->basis->rows, width,
                      NULL, root);
    memset(panel + row->n * width, 0, (lda - row->n) * width * sizeof *panel);
    w->kernel->transpose(w->turned, lda, width, panel);
    float *products = als_work_matrix(w, p == 1 ? b->used : w->systems);
    w->kernel->rank(lda, width, w->turned, products, false);
    for (uint32_t j = 0; j < task->kept.n; j++) {
        fill(b, row, task->kept.persona[j], products, task->rho);
        als_batch_add(b, task, j, panel, root);
    }
}
