#include "als/task.h"

#include <string.h>

static void find_solved(als_solved *solved, const als_view *view, const als_row *row)
{
    uint32_t p = view->personas, others = 0;
    solved->owners = p == 1;
    solved->n = 0;
    for (size_t t = 0; p > 1 && t < row->n; t++)
        solved->owners |= (uint64_t)1 << row->z[t];
    for (uint32_t q = 0; q < p; q++) {
        bool owns = solved->owners >> q & 1;
        if (!owns && ++others > 1)
            continue;
        solved->persona[solved->n] = (uint8_t)q;
        solved->multiplicity[solved->n++] = 1;
    }
    for (uint32_t j = 0; others > 1 && j < solved->n; j++)
        if (!(solved->owners >> solved->persona[j] & 1))
            solved->multiplicity[j] = (uint8_t)others;
}

void mf__als_task_make(als_task *task, const als_view *view, als_row *row)
{
    task->row = row;
    task->rho = mf__als_rho(view->p, view->personas, row->n);
    task->ridge =
        (float)mf__als_lambda_u(view->p, view->personas, row->n, view->weights);
    find_solved(&task->solved, view, row);
}

void mf__als_task_copy_shared(const als_task *task, const als_view *view)
{
    const als_solved *solved = &task->solved;
    uint32_t k = view->items->k;
    float *vectors = task->row->vectors;
    for (uint32_t j = 0; j < solved->n; j++)
        for (uint32_t q = solved->persona[j] + 1u;
             solved->multiplicity[j] > 1 && q < view->personas; q++)
            if (!(solved->owners >> q & 1))
                memcpy(vectors + (size_t)q * k,
                       vectors + (size_t)solved->persona[j] * k, k * sizeof *vectors);
}
