/* In the coordinates D^1/2 x the system is I + W' S W: only as many of its eigenvalues
 * differ from 1 as the user has cells. */
#include "als/cg.h"

#include <math.h>
#include <string.h>

/* True if work->score has room for the scores of all personas at once. */
static bool scores_fit(const als_task *task)
{
    return task->row->n * task->solved.n <= ALS_CELLS;
}

/* Add terms from W D^1/2 x, the scores; `scaled` is D^1/2 x. */
static void add_terms(als_batch *b, const als_slot *s, const float *scaled,
                      const float *x)
{
    als_work *w = b->work;
    const als_task *task = s->task;
    size_t n = task->row->n;
    float *score = w->score + s->nth * n;
    w->kernel->apply(score, w->width, n, w->panel, scaled);
    b->terms->everywhere += task->solved.multiplicity[s->nth] *
                            als_weighted_squares(b->view->basis->shared, x, w->k);
    if (s->nth + 1 == task->solved.n)
        mf__als_terms_add_cells(b->terms, b->view, task, 0, n, w->score, n,
                                ALS_ERROR_OF_SCORE);
}

/* S, and the weights of the cells on the right-hand side. */
static void find_weights(const als_view *view, const als_slot *s, float *weight,
                         float *rhs_weight)
{
    const als_row *row = s->task->row;
    als_rho rho = s->task->rho;
    uint32_t q = als_slot_persona(s);
    bool unit = als_row_is_unit(row);
    for (size_t t = 0; t < row->n; t++) {
        double own = q == row->z[t] ? rho.own : rho.sibling;
        weight[t] = rhs_weight[t] = (float)own;
        if (!unit) {
            weight[t] = (float)(own * als_cell_a(view, row, t));
            rhs_weight[t] = (float)(own * als_cell_b(view, row, t));
        }
    }
}

/* Move x, in the basis, towards the solution. */
static void take_steps(als_batch *b, const als_slot *s, float *x)
{
    als_work *w = b->work;
    const als_view *view = b->view;
    const als_row *row = s->task->row;
    uint32_t width = w->width;
    float *root = w->inverse_root, *weight = als_work_matrix(w, 0),
          *rhs_weight = weight + row->n;
    if (s->nth == 0 || s == b->slot) { /* another user */
        w->kernel->inverse_roots(root, width, view->basis->shared, s->task->ridge);
        w->kernel->gather(w->panel, row->n, row->n, row->item, 1, view->basis->rows,
                          width, NULL, root);
    }
    find_weights(view, s, weight, rhs_weight);
#pragma omp simd
    for (uint32_t f = 0; f < width; f++)
        x[f] /= root[f];
    w->kernel->cg(width, row->n, w->panel, weight, rhs_weight, view->p->steps, x,
                  rhs_weight + row->n);
    float *scaled = w->transposed;
    memcpy(scaled, x, width * sizeof *x);
#pragma omp simd
    for (uint32_t f = 0; f < width; f++)
        x[f] *= root[f];
    if (b->terms && scores_fit(s->task))
        add_terms(b, s, scaled, x);
}

/* All vectors are rotated together, into the basis and back. */
void mf__als_cg_run(als_batch *b)
{
    als_work *w = b->work;
    const mf_basis *basis = b->view->basis;
    uint32_t k = w->k, width = w->width;
    float *x = w->vector, *y = x + (size_t)w->systems * width;
    for (uint32_t s = 0; s < b->used; s++) {
        float *to = (basis->rotated ? y : x) + (size_t)s * width;
        memcpy(to, als_slot_vector(&b->slot[s], k), k * sizeof *to);
        memset(to + k, 0, (width - k) * sizeof *to);
    }
    if (basis->rotated)
        w->kernel->rotate(x, width, b->used, y, basis->to_basis);
    for (uint32_t s = 0; s < b->used; s++)
        take_steps(b, &b->slot[s], x + (size_t)s * width);
    if (basis->rotated)
        w->kernel->rotate(y, width, b->used, x, basis->from_basis);
    for (uint32_t s = 0; s < b->used; s++) {
        const als_task *task = b->slot[s].task;
        const float *from = (basis->rotated ? y : x) + (size_t)s * width;
        memcpy(als_slot_vector(&b->slot[s], k), from, k * sizeof *from);
        if (!als_all_finite(from, k))
            mf__als_batch_double(b, task, b->slot[s].nth);
        if (b->terms && !scores_fit(task) && b->slot[s].nth + 1 == task->solved.n)
            mf__als_terms_add_row(b->terms, b->view, task);
    }
    b->used = 0;
}

void mf__als_cg_add(als_batch *b, const als_task *task)
{
    for (uint32_t j = 0; j < task->solved.n; j++) {
        b->slot[b->used++] = (als_slot){task, j, NULL, NULL};
        if (b->used == b->work->systems)
            mf__als_cg_run(b);
    }
}
