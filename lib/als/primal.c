/* Users of more cells than factors: sums over the cells of each persona, of which the
 * system of each is a combination, since a sibling's cell counts the same to all. */
#include <math.h>
#include <string.h>

#include "als/batch.h"

/* The next cells of persona q, or with q == p of all, at most a chunk, in w->index,
 * and their scales and aims. *t is moved past them. Returns how many. */
static size_t pick_cells(const als_view *view, const als_row *row, uint32_t q,
                         size_t *t, als_work *w)
{
    size_t m = 0, at = *t;
    bool even = als_row_even(row);
    for (; even && at < row->n && m < w->chunk;
         at++) { /* no branch: z is hard to predict */
        w->index[m] = row->item[at];
        m += q >= view->personas || row->z[at] == q;
    }
    for (size_t i = 0; even && i < m; i++)
        w->scale[i] = w->aim[i] = 1;
    for (; at < row->n && m < w->chunk; at++) {
        double a = als_cell_a(view, row, at), b = als_cell_b(view, row, at);
        if ((q < view->personas && row->z[at] != q) || !(a > (double)MF_TINY))
            continue;
        w->index[m] = row->item[at];
        w->scale[m] = (float)sqrt(a);
        w->aim[m++] = (float)(b / sqrt(a));
    }
    *t = at;
    return m;
}

/* A = sum a v v' and rhs = sum b v over the cells of persona q, or with q == p over
 * all. */
static void sum_cells(const als_view *view, const als_row *row, uint32_t q, als_work *w,
                      float *a, float *rhs)
{
    als_sum sum = mf__als_sum_begin(w, a, rhs);
    for (size_t t = 0, m; t < row->n;)
        if ((m = pick_cells(view, row, q, &t, w)) > 0)
            mf__als_sum_add(&sum, m, m, w->index, view->basis->rows, w->width, w->scale,
                            w->aim);
    mf__als_sum_end(&sum);
}

static void add_plain(als_batch *b, const als_task *task)
{
    als_work *w = b->work;
    const als_view *view = b->view;
    float *a = als_work_matrix(w, b->used), *rhs = als_work_rhs(w, b->used);
    sum_cells(view, task->row, view->personas, w, a, rhs);
    for (size_t i = 0; i < w->width; i++)
        a[i * w->width + i] += view->basis->shared[i] + task->ridge;
    mf__als_batch_add(b, task, 0, NULL, NULL);
}

/* The sums of the j-th persona that is kept; false if it owns no cell. */
static bool sum_own(als_batch *b, const als_task *task, uint32_t j, uint32_t slot)
{
    uint32_t q = task->kept.persona[j];
    if (!(task->kept.owners >> q & 1))
        return false;
    sum_cells(b->view, task->row, q, b->work, als_work_matrix(b->work, slot),
              als_work_rhs(b->work, slot));
    return true;
}

/* (own - sibling) times its own cells and sibling times all, and D. */
static void put_together(als_batch *b, const als_task *task, uint32_t slot, bool owns)
{
    als_work *w = b->work;
    uint32_t width = w->width;
    als_rho rho = task->rho;
    float more = (float)(rho.own - rho.sibling), sibling = (float)rho.sibling;
    float *a = als_work_matrix(w, slot), *rhs = als_work_rhs(w, slot);
    const float *all = als_work_matrix(w, w->systems),
                *aims = als_work_rhs(w, w->systems);
    if (!owns) {
        memcpy(a, all, (size_t)width * width * sizeof *a);
        memcpy(rhs, aims, width * sizeof *rhs);
        more = sibling;
        sibling = 0;
    }
    w->kernel->merge(width, more, a, sibling, all, task->ridge);
    for (size_t i = 0; i < width; i++) {
        rhs[i] = more * rhs[i] + sibling * aims[i];
        a[i * width + i] += b->view->basis->shared[i];
    }
}

void mf__als_add_primal(als_batch *b, const als_task *task)
{
    als_work *w = b->work;
    uint32_t p = b->view->personas, width = w->width, n = task->kept.n;
    float *all = als_work_matrix(w, w->systems), *aims = als_work_rhs(w, w->systems);
    bool owns[KERNEL_BATCH], many = als_too_many(b, task);
    if (p == 1) {
        add_plain(b, task);
        return;
    }
    if (many)
        sum_cells(b->view, task->row, p, w, all, aims);
    else if (b->used + n > w->systems)
        mf__als_batch_run(b);
    bool first = true;
    for (uint32_t j = 0; !many && j < n; j++) {
        const float *a = als_work_matrix(w, b->used + j),
                    *rhs = als_work_rhs(w, b->used + j);
        if (!(owns[j] = sum_own(b, task, j, b->used + j)))
            continue;
        if (first) {
            memcpy(all, a, (size_t)width * width * sizeof *all);
            memcpy(aims, rhs, width * sizeof *aims);
        } else {
            w->kernel->merge(width, 1, all, 1, a, 0);
            for (size_t i = 0; i < width; i++)
                aims[i] += rhs[i];
        }
        first = false;
    }
    for (uint32_t j = 0; j < n; j++) {
        put_together(b, task, b->used, many ? sum_own(b, task, j, b->used) : owns[j]);
        mf__als_batch_add(b, task, j, NULL, NULL);
    }
}

/* One persona. */
static void solve_diagonal(als_batch *b, const als_task *task, uint32_t nth)
{
    const als_row *row = task->row;
    uint32_t q = task->kept.persona[nth];
    als_work *w = b->work;
    const als_view *view = b->view;
    uint32_t k = w->k, width = w->width;
    als_rho rho = task->rho;
    float *x = w->vector, *y = x + width;
    memset(w->sum, 0, width * sizeof *w->sum);
    for (size_t t = 0; t < row->n;) {
        size_t m = row->n - t < w->chunk ? row->n - t : w->chunk;
        for (size_t i = 0; i < m; i++)
            w->aim[i] = (float)((q == row->z[t + i] ? rho.own : rho.sibling) *
                                als_cell_b(view, row, t + i));
        w->kernel->gather(w->panel, m, row->n - t, row->item + t, 1, view->basis->rows,
                          width, NULL, NULL);
        w->kernel->combine(x, width, m, w->panel, w->aim, false);
        for (uint32_t f = 0; f < width; f++)
            w->sum[f] += (double)x[f];
        t += m;
    }
    double w0 = als_unobserved(view->p, view->personas);
    double ridge = mf__als_ridge_user(view->p, view->personas, row->n, view->items->n);
    for (uint32_t f = 0; f < k; f++)
        x[f] = (float)(w->sum[f] / (w0 * view->basis->eigenvalues[f] + ridge));
    memset(x + k, 0, (width - k) * sizeof *x);
    if (view->basis->rotated)
        w->kernel->rotate(y, width, 1, x, view->basis->from_basis);

    memcpy(row->vectors + (size_t)q * k, view->basis->rotated ? y : x, k * sizeof *x);
    if (!als_all_finite(row->vectors + (size_t)q * k, k))
        mf__als_batch_double(b, task, nth);
}

void mf__als_solve_diagonal(als_batch *b, const als_task *task)
{
    for (uint32_t j = 0; j < task->kept.n; j++)
        solve_diagonal(b, task, j);
}
