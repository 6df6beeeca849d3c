/* Users of any number of cells, by steps of conjugate gradients from where they are.
 *
 * In the coordinates D^1/2 x the system is I + W' S W: of its eigenvalues only as many
 * as the user has cells are not 1. */
#include <math.h>
#include <string.h>

#include "als/batch.h"

/* What W x, the scores, tell, if there is room for those of all personas at once. */
static bool fits(const als_task *task)
{
    return task->row->n * task->kept.n <= ALS_CELLS;
}

static void tally_scores(als_batch *b, const als_slot *s, const float *scaled,
                         const float *x)
{
    als_work *w = b->work;
    const als_task *task = s->task;
    size_t n = task->row->n;
    float *score = w->score + s->nth * n;
    w->kernel->apply(score, w->width, n, w->panel, scaled);
    b->tally->everywhere +=
        task->kept.times[s->nth] * als_weigh(b->view->basis->shared, x, w->k);
    if (s->nth + 1 == task->kept.n)
        mf__als_tally_cells(b->tally, b->view, task, 0, n, w->score, n, ALS_OF_SCORE);
}

/* From x, turned, to x. */
static void step_down(als_batch *b, const als_slot *s, float *x)
{
    als_work *w = b->work;
    const als_view *view = b->view;
    const als_row *row = s->task->row;
    uint32_t width = w->width, q = als_slot_persona(s);
    als_rho rho = s->task->rho;
    float *root = w->root, *weight = als_work_matrix(w, 0), *aim = weight + row->n;
    if (s->nth == 0 || s == b->slot) {
        w->kernel->inverse_roots(root, width, view->basis->shared, s->task->ridge);
        w->kernel->gather(w->panel, row->n, row->n, row->item, 1, view->basis->rows,
                          width, NULL, root);
    }
    bool even = als_row_even(row);
    for (size_t t = 0; t < row->n; t++) {
        double own = q == row->z[t] ? rho.own : rho.sibling;
        weight[t] = aim[t] = (float)own;
        if (!even) {
            weight[t] = (float)(own * als_cell_a(view, row, t));
            aim[t] = (float)(own * als_cell_b(view, row, t));
        }
    }
#pragma omp simd
    for (uint32_t f = 0; f < width; f++)
        x[f] /= root[f];
    w->kernel->cg(width, row->n, w->panel, weight, aim, view->p->steps, x,
                       aim + row->n);
    float *scaled = w->turned;
    memcpy(scaled, x, width * sizeof *x);
#pragma omp simd
    for (uint32_t f = 0; f < width; f++)
        x[f] *= root[f];
    if (b->tally && fits(s->task))
        tally_scores(b, s, scaled, x);
}

/* The vectors that were collected, turned together there and back. */
void mf__als_run_steps(als_batch *b)
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
        step_down(b, &b->slot[s], x + (size_t)s * width);
    if (basis->rotated)
        w->kernel->rotate(y, width, b->used, x, basis->from_basis);
    for (uint32_t s = 0; s < b->used; s++) {
        const als_task *task = b->slot[s].task;
        const float *from = (basis->rotated ? y : x) + (size_t)s * width;
        memcpy(als_slot_vector(&b->slot[s], k), from, k * sizeof *from);
        if (!als_all_finite(from, k))
            mf__als_batch_double(b, task, b->slot[s].nth);
        if (b->tally && !fits(task) && b->slot[s].nth + 1 == task->kept.n)
            mf__als_tally_row(b->tally, b->view, task);
    }
    b->used = 0;
}

void mf__als_add_steps(als_batch *b, const als_task *task)
{
    for (uint32_t j = 0; j < task->kept.n; j++) {
        b->slot[b->used++] = (als_slot){task, j, NULL, NULL};
        if (b->used == b->work->systems)
            mf__als_run_steps(b);
    }
}
