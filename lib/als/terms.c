#include "als/terms.h"

#include <math.h>

void mf__als_terms_add_cells(als_terms *terms, const als_view *view,
                             const als_task *task, size_t t, size_t m, const float x[],
                             size_t stride, als_error error)
{
    const als_solved *solved = &task->solved;
    const als_row *row = task->row;
    als_rho rho = task->rho;
    float multiplicity[MF_PERSONAS_MAX], inactive[MF_PERSONAS_MAX];
    for (uint32_t j = 0; j < solved->n; j++) {
        multiplicity[j] = solved->multiplicity[j];
        inactive[j] = solved->owners >> solved->persona[j] & 1 ? 0 : INFINITY;
    }
    kernel_assign how = {.base = error.base,
                         .own = error.own,
                         .sibling = error.sibling,
                         .persona = solved->persona,
                         .multiplicity = multiplicity,
                         .inactive = inactive,
                         .squares = view->p->assign == MF_ASSIGN_LOSS};
    kernel_sums sums;
    view->kernel->assign(&sums, m, solved->n, x, stride, &how, row->z + t,
                         row->next_z ? row->next_z + t : NULL);
    terms->observed += rho.sibling * sums.all + (rho.own - rho.sibling) * sums.own;
    terms->square += sums.least;
    terms->moved += sums.moved;
}

/* sum_q s' V' diag(h) V s over the vectors s of a user's personas */
static double sum_everywhere(const als_view *view, const als_task *task)
{
    uint32_t k = view->items->k;
    double sum = 0;
    for (uint32_t j = 0; j < task->solved.n; j++) {
        const float *x = task->row->vectors + (size_t)task->solved.persona[j] * k;
        for (uint32_t f = 0; f < k; f++)
            for (uint32_t g = 0; g < k; g++)
                sum += task->solved.multiplicity[j] * view->gram[f * k + g] *
                       (double)x[f] * (double)x[g];
    }
    return sum;
}

void mf__als_terms_add_scores(als_terms *terms, const als_view *view,
                              const als_task *task)
{
    enum { CELLS = 32 };
    const als_row *row = task->row;
    uint32_t p = view->personas;
    float all[CELLS * MF_PERSONAS_MAX], score[CELLS * MF_PERSONAS_MAX];
    for (size_t t = 0; t < row->n; t += CELLS) {
        size_t m = row->n - t < CELLS ? row->n - t : CELLS;
        mf__als_row_scores(view, row, t, m, all);
        for (uint32_t j = 0; j < task->solved.n; j++)
            for (size_t c = 0; c < m; c++)
                score[j * CELLS + c] = all[c * p + task->solved.persona[j]];
        mf__als_terms_add_cells(terms, view, task, t, m, score, CELLS,
                                ALS_ERROR_OF_SCORE);
    }
}

void mf__als_terms_add_row(als_terms *terms, const als_view *view, const als_task *task)
{
    mf__als_terms_add_scores(terms, view, task);
    terms->everywhere +=
        als_unobserved(view->p, view->personas) * sum_everywhere(view, task);
}
