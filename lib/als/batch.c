/* Systems that are ready: solved together, turned back, put where they belong. */
#include "als/batch.h"

#include <math.h>
#include <string.h>

void mf__als_keep(als_kept *kept, const als_view *view, const als_row *row)
{
    uint32_t p = view->personas, others = 0;
    kept->owners = p == 1;
    kept->n = 0;
    for (size_t t = 0; p > 1 && t < row->n; t++)
        kept->owners |= (uint64_t)1 << row->z[t];
    for (uint32_t q = 0; q < p; q++) {
        bool owns = kept->owners >> q & 1;
        if (!owns && ++others > 1)
            continue;
        kept->persona[kept->n] = (uint8_t)q;
        kept->times[kept->n++] = 1;
    }
    for (uint32_t j = 0; others > 1 && j < kept->n; j++)
        if (!(kept->owners >> kept->persona[j] & 1))
            kept->times[j] = (uint8_t)others;
}

void mf__als_batch_double(als_batch *b, const als_task *task, uint32_t nth)
{
    b->work->doubled++;
    if (mf__als_row_solve(b->view, task->row, task->kept.persona[nth],
                          &b->work->ridge) < 0 &&
        b->code == MF_OK) {
        b->code = MF_EMATH;
        b->failed = task->row;
    }
}

/* --- what the solutions tell --- */

/* Of K a = 1 - S^-1 a the left side are the scores. */
static void tally_dual(als_batch *b, const als_task *task, const float *a,
                       size_t stride)
{
    if (b->view->personas == 1) { /* S is 1 */
        double sum = als_squares(a, task->row->n);
        b->tally->cells += sum;
        b->tally->square += sum;
        return;
    }
    als_rho rho = task->rho;
    als_error error = {0, als_inverse(rho.own), als_inverse(rho.sibling)};
    mf__als_tally_cells(b->tally, b->view, task, 0, task->row->n, a, stride, error);
}

/* From x, turned, of all personas that are kept. */
static void tally_primal(als_batch *b, const als_task *task, const float *x)
{
    enum { CELLS = 64 };
    const als_row *row = task->row;
    const mf_basis *basis = b->view->basis;
    float score[KERNEL_BATCH * CELLS];
    for (size_t t = 0; t < row->n; t += CELLS) {
        size_t m = row->n - t < CELLS ? row->n - t : CELLS;
        b->view->kernel->dots_across(score, CELLS, m, row->n - t, row->item + t,
                                     basis->rows, basis->width, task->kept.n, x);
        mf__als_tally_cells(b->tally, b->view, task, t, m, score, CELLS, ALS_OF_SCORE);
    }
}

/* A cell of no weight is left out of the dual, which then does not know its score. */
static bool all_weigh(const als_task *task)
{
    return als_inverse(task->rho.own) > 0 && als_inverse(task->rho.sibling) > 0;
}

/* One persona: what is minimized has the value n - b'x at its minimum. */
static void tally_plain(als_batch *b, const als_task *task, const float *x,
                        const float *aims)
{
    const float *shared = b->view->basis->shared;
    double pull = 0, ridge = (double)task->ridge;
    uint32_t k = b->work->k;
#pragma omp simd reduction(+ : pull)
    for (uint32_t f = 0; f < k; f++)
        pull += (double)(aims[f] * x[f]);
    double cells = (double)task->row->n - pull - als_weigh(shared, x, k) -
                   ridge * als_squares(x, k);
    b->tally->cells += cells;
    b->tally->square += cells;
}

/* x: turned; aims: right-hand sides as they were. */
static void tally(als_batch *b, const float *x, const float *aims, const bool again[])
{
    als_work *w = b->work;
    size_t stride = (size_t)(als_work_rhs(w, 1) - als_work_rhs(w, 0));
    for (uint32_t s = 0, count; s < b->used; s += count) {
        const als_task *task = b->slot[s].task;
        const float *from = x + (size_t)s * w->width;
        bool any = false;
        double everywhere = 0;
        for (count = 0; s + count < b->used && b->slot[s + count].task == task;
             count++) {
            any |= again[s + count];
            everywhere +=
                task->kept.times[b->slot[s + count].nth] *
                als_weigh(b->view->basis->shared, from + count * w->width, w->k);
        }
        if (als_too_many(b, task))
            continue; /* later */
        if (any) {
            mf__als_tally_row(b->tally, b->view, task);
            continue;
        }
        b->tally->everywhere += everywhere;
        if (b->slot[s].panel && all_weigh(task))
            tally_dual(b, task, als_work_rhs(w, s), stride);
        else if (b->view->personas > 1)
            tally_primal(b, task, from);
        else
            tally_plain(b, task, from, aims + (size_t)s * w->width);
    }
}

/* --- the run --- */

void mf__als_batch_run(als_batch *b)
{
    als_work *w = b->work;
    const mf_basis *basis = b->view->basis;
    float *a[KERNEL_BATCH], *rhs[KERNEL_BATCH], loss[KERNEL_BATCH];
    uint32_t k = w->k, width = w->width;
    bool again[KERNEL_BATCH];
    float *x = w->vector, *y = x + (size_t)w->systems * width;
    if (b->used == 0)
        return;
    for (uint32_t s = 0; s < b->used; s++) {
        a[s] = als_work_matrix(w, s);
        rhs[s] = als_work_rhs(w, s);
        if (b->tally && !b->slot[s].panel)
            memcpy(w->aims + (size_t)s * width, rhs[s], width * sizeof *rhs[s]);
    }
    w->kernel->solve(b->order, b->columns, b->used, a, rhs, loss, w->room);
    for (uint32_t s = 0; s < b->used; s++) {
        float *to = x + (size_t)s * width;
        if (b->slot[s].panel) {
            const float *root = b->slot[s].root;
            w->kernel->combine(to, width, b->slot[s].task->row->n, b->slot[s].panel,
                               rhs[s], false);
#pragma omp simd
            for (uint32_t f = 0; f < width; f++)
                to[f] *= root[f];
        } else
            memcpy(to, rhs[s], width * sizeof *to);
    }
    if (basis->rotated)
        w->kernel->rotate(y, width, b->used, x, basis->from_basis);
    for (uint32_t s = 0; s < b->used; s++) {
        const float *from = (basis->rotated ? y : x) + (size_t)s * width;
        again[s] = !(loss[s] <= ALS_LOSS_MAX) || !als_all_finite(from, k);
        if (again[s])
            mf__als_batch_double(b, b->slot[s].task, b->slot[s].nth);
        else
            memcpy(als_slot_vector(&b->slot[s], k), from, k * sizeof *from);
    }
    if (b->tally)
        tally(b, x, w->aims, again);
    b->used = 0;
}

void mf__als_batch_add(als_batch *b, const als_task *task, uint32_t nth,
                       const float *panel, const float *root)
{
    b->slot[b->used++] = (als_slot){task, nth, panel, root};
    if (b->used == b->work->systems)
        mf__als_batch_run(b);
}
