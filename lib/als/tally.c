/* Scores of cells, on the way: terms of L, and the owners to be. */
#include <math.h>

#include "als/batch.h"

void mf__als_tally_cells(als_tally *tally, const als_view *view, const als_task *task,
                         size_t t, size_t m, const float x[], size_t stride,
                         als_error error)
{
    const als_kept *kept = &task->kept;
    const als_row *row = task->row;
    als_rho rho = task->rho;
    float times[MF_PERSONAS_MAX], silent[MF_PERSONAS_MAX];
    for (uint32_t j = 0; j < kept->n; j++) {
        times[j] = kept->times[j];
        silent[j] = kept->owners >> kept->persona[j] & 1 ? 0 : INFINITY;
    }
    kernel_assign how = {.base = error.base,
                         .own = error.own,
                         .sibling = error.sibling,
                         .persona = kept->persona,
                         .multiplicity = times,
                         .inactive = silent,
                         .squares = view->p->assign == MF_ASSIGN_LOSS};
    kernel_sums sums;
    view->kernel->assign(&sums, m, kept->n, x, stride, &how, row->z + t,
                         row->owner ? row->owner + t : NULL);
    tally->cells += rho.sibling * sums.all + (rho.own - rho.sibling) * sums.own;
    tally->square += sums.least;
    tally->moved += sums.moved;
}

void mf__als_tally_row(als_tally *tally, const als_view *view, const als_task *task)
{
    enum { CELLS = 32 };
    const als_row *row = task->row;
    uint32_t p = view->personas, k = view->items->k;
    float score[CELLS * MF_PERSONAS_MAX], kept[CELLS * MF_PERSONAS_MAX];
    for (size_t t = 0; t < row->n; t += CELLS) {
        size_t m = row->n - t < CELLS ? row->n - t : CELLS;
        mf__als_row_scores(view, row, t, m, score);
        for (uint32_t j = 0; j < task->kept.n; j++)
            for (size_t c = 0; c < m; c++)
                kept[j * CELLS + c] = score[c * p + task->kept.persona[j]];
        mf__als_tally_cells(tally, view, task, t, m, kept, CELLS, ALS_OF_SCORE);
    }
    double sum = 0;
    for (uint32_t j = 0; j < task->kept.n; j++) {
        const float *x = row->vectors + (size_t)task->kept.persona[j] * k;
        for (uint32_t f = 0; f < k; f++)
            for (uint32_t g = 0; g < k; g++)
                sum += task->kept.times[j] * view->gram[f * k + g] * (double)x[f] *
                       (double)x[g];
    }
    tally->everywhere += als_unobserved(view->p, p) * sum;
}
