/* A cell counts the same for all siblings of its owner. So sums are taken once, over
 * the cells of each persona, and the system of each persona is a combination of its own
 * sum and of that over all cells. */
#include "als/primal.h"

#include <math.h>
#include <string.h>

#include "als/sum.h"

/* List the next cells of persona q, or with q == p of all, at most a chunk: their
 * items, scales and weights on the right-hand side. *t is moved past them. Returns
 * how many there are. */
static size_t list_cells(const als_view *view, const als_row *row, uint32_t q,
                         size_t *t, als_work *w)
{
    size_t m = 0, at = *t;
    bool unit = als_row_is_unit(row);
    for (; unit && at < row->n && m < w->chunk;
         at++) { /* no branch: z is hard to predict */
        w->index[m] = row->item[at];
        m += q >= view->personas || row->z[at] == q;
    }
    for (size_t i = 0; unit && i < m; i++)
        w->scale[i] = w->rhs_weight[i] = 1;
    for (; at < row->n && m < w->chunk; at++) {
        double a = als_cell_a(view, row, at), b = als_cell_b(view, row, at);
        if ((q < view->personas && row->z[at] != q) || !(a > (double)MF_TINY))
            continue;
        w->index[m] = row->item[at];
        w->scale[m] = (float)sqrt(a);
        w->rhs_weight[m++] = (float)(b / sqrt(a));
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
        if ((m = list_cells(view, row, q, &t, w)) > 0)
            mf__als_sum_add(&sum, m, m, w->index, view->basis->rows,
                            (uint32_t)view->basis->stride, w->scale, w->rhs_weight);
    mf__als_sum_end(&sum);
}

/* Add the system of a user of one persona. */
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

/* Sum over the cells of the j-th solved persona; false if it owns none. */
static bool sum_own(als_batch *b, const als_task *task, uint32_t j, uint32_t slot)
{
    uint32_t q = task->solved.persona[j];
    if (!(task->solved.owners >> q & 1))
        return false;
    sum_cells(b->view, task->row, q, b->work, als_work_matrix(b->work, slot),
              als_work_rhs(b->work, slot));
    return true;
}

/* Sum over all cells, from the sums over those of each persona. */
static void sum_all(als_batch *b, const als_task *task, bool owns[])
{
    als_work *w = b->work;
    uint32_t width = w->width;
    float *all = als_work_matrix(w, w->systems), *all_rhs = als_work_rhs(w, w->systems);
    bool first = true;
    for (uint32_t j = 0; j < task->solved.n; j++) {
        const float *a = als_work_matrix(w, b->used + j),
                    *rhs = als_work_rhs(w, b->used + j);
        if (!(owns[j] = sum_own(b, task, j, b->used + j)))
            continue;
        if (first) {
            memcpy(all, a, (size_t)width * width * sizeof *all);
            memcpy(all_rhs, rhs, width * sizeof *all_rhs);
        } else {
            w->kernel->merge(width, 1, all, 1, a, 0);
            for (size_t i = 0; i < width; i++)
                all_rhs[i] += rhs[i];
        }
        first = false;
    }
}

/* (own - sibling) times its own sum, sibling times that over all, and D. */
static void put_together(als_batch *b, const als_task *task, uint32_t slot, bool owns)
{
    als_work *w = b->work;
    uint32_t width = w->width;
    als_rho rho = task->rho;
    float more = (float)(rho.own - rho.sibling), sibling = (float)rho.sibling;
    float *a = als_work_matrix(w, slot), *rhs = als_work_rhs(w, slot);
    const float *all = als_work_matrix(w, w->systems),
                *all_rhs = als_work_rhs(w, w->systems);
    if (!owns) {
        memcpy(a, all, (size_t)width * width * sizeof *a);
        memcpy(rhs, all_rhs, width * sizeof *rhs);
        more = sibling;
        sibling = 0;
    }
    w->kernel->merge(width, more, a, sibling, all, task->ridge);
    for (size_t i = 0; i < width; i++) {
        rhs[i] = more * rhs[i] + sibling * all_rhs[i];
        a[i * width + i] += b->view->basis->shared[i];
    }
}

void mf__als_primal_add(als_batch *b, const als_task *task)
{
    als_work *w = b->work;
    uint32_t p = b->view->personas, n = task->solved.n;
    bool owns[KERNEL_BATCH], exceeds = als_exceeds_batch(b, task);
    if (p == 1) {
        add_plain(b, task);
        return;
    }
    if (exceeds)
        sum_cells(b->view, task->row, p, w, als_work_matrix(w, w->systems),
                  als_work_rhs(w, w->systems));
    else {
        if (b->used + n > w->systems)
            mf__als_batch_run(b);
        sum_all(b, task, owns);
    }
    for (uint32_t j = 0; j < n; j++) {
        put_together(b, task, b->used,
                     exceeds ? sum_own(b, task, j, b->used) : owns[j]);
        mf__als_batch_add(b, task, j, NULL, NULL);
    }
}

/* work->sum = sum rho b v over the cells, in the basis, for persona q. */
static void sum_rhs(const als_view *view, const als_task *task, uint32_t q, als_work *w)
{
    const als_row *row = task->row;
    uint32_t width = w->width;
    float *x = w->vector;
    memset(w->sum, 0, width * sizeof *w->sum);
    for (size_t t = 0, m; t < row->n; t += m) {
        m = row->n - t < w->chunk ? row->n - t : w->chunk;
        for (size_t i = 0; i < m; i++)
            w->rhs_weight[i] =
                (float)((q == row->z[t + i] ? task->rho.own : task->rho.sibling) *
                        als_cell_b(view, row, t + i));
        w->kernel->gather(w->panel, m, row->n - t, row->item + t, 1, view->basis->rows,
                          (uint32_t)view->basis->stride, NULL, NULL);
        w->kernel->combine(x, width, m, w->panel, w->rhs_weight, false);
        for (uint32_t f = 0; f < width; f++)
            w->sum[f] += (double)x[f];
    }
}

static void solve_diagonal(als_batch *b, const als_task *task, uint32_t nth)
{
    const als_row *row = task->row;
    als_work *w = b->work;
    const als_view *view = b->view;
    const mf_basis *basis = view->basis;
    uint32_t q = task->solved.persona[nth], k = w->k;
    float *vector = row->vectors + (size_t)q * k;
    double w0 = als_unobserved(view->p, view->personas);
    double ridge = mf__als_lambda_u(view->p, view->personas, row->n, view->weights);
    sum_rhs(view, task, q, w);
    for (uint32_t f = 0; f < k; f++)
        vector[f] = (float)(w->sum[f] / (w0 * basis->eigenvalues[f] + ridge));
    if (als_can_be_turned(vector, k))
        mf__als_batch_leave(b, vector);
    else
        mf__als_batch_double(b, task, nth);
}

void mf__als_diagonal_solve(als_batch *b, const als_task *task)
{
    for (uint32_t j = 0; j < task->solved.n; j++)
        solve_diagonal(b, task, j);
}
