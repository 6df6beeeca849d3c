#include "als/batch.h"

#include <math.h>
#include <string.h>

#include "als/woodbury.h"

void mf__als_batch_double(als_batch *b, const als_task *task, uint32_t nth)
{
    b->work->double_solves++;
    mf_ridge *ridge = mf__als_work_ridge(b->work);
    if ((!ridge ||
         mf__als_row_solve(b->view, task->row, task->solved.persona[nth], ridge) < 0) &&
        b->code == MF_OK) {
        b->code = MF_EMATH;
        b->failed = task->row;
    }
}

/* --- terms of L, from the solutions --- */

/* sum_f x_f^2 */
static double squares(const float *x, size_t k)
{
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t f = 0; f < k; f++)
        sum += x[f] * x[f];
    return (double)sum;
}

/* The dual solves (S^-1 + K) y = 1, where K y are the scores: the errors are S^-1 y. */
static void add_dual_terms(als_batch *b, const als_task *task, const float *y,
                           size_t stride)
{
    if (b->view->personas == 1) { /* S is 1 */
        double sum = squares(y, task->row->n);
        b->terms->observed += sum;
        b->terms->square += sum;
        return;
    }
    als_rho rho = task->rho;
    als_error error = {0, als_inverse(rho.own), als_inverse(rho.sibling)};
    mf__als_terms_add_cells(b->terms, b->view, task, 0, task->row->n, y, stride, error);
}

/* A cell of no weight is left out of the dual, so its score is not known. */
static bool dual_has_all_scores(const als_task *task)
{
    return als_inverse(task->rho.own) > 0 && als_inverse(task->rho.sibling) > 0;
}

/* From the solutions x of all solved personas, in the basis, whose rows are padded as
 * they are. */
static void add_primal_terms(als_batch *b, const als_task *task, const float *x)
{
    enum { CELLS = 64 };
    const als_row *row = task->row;
    const mf_basis *basis = b->view->basis;
    float score[KERNEL_BATCH * CELLS];
    for (size_t t = 0; t < row->n; t += CELLS) {
        size_t m = row->n - t < CELLS ? row->n - t : CELLS;
        b->view->kernel->dots_across(score, CELLS, m, row->n - t, row->item + t,
                                     basis->rows, basis->width, task->solved.n, x);
        mf__als_terms_add_cells(b->terms, b->view, task, t, m, score, CELLS,
                                ALS_ERROR_OF_SCORE);
    }
}

/* With one persona no scores are needed. The user's part of L has the minimum n - b'x,
 * b being the right-hand side; the other terms are subtracted from it. */
static void add_plain_terms(als_batch *b, const als_task *task, const float *x,
                            const float *rhs)
{
    const float *shared = b->view->basis->shared;
    double product = 0, ridge = (double)task->ridge;
    uint32_t k = b->work->k;
#pragma omp simd reduction(+ : product)
    for (uint32_t f = 0; f < k; f++)
        product += (double)(rhs[f] * x[f]);
    double observed = (double)task->row->n - product -
                      als_weighted_squares(shared, x, k) - ridge * squares(x, k);
    b->terms->observed += observed;
    b->terms->square += observed;
}

/* The terms of the user whose systems begin at slot s, by the solutions x in the basis.
 * in_double[s]: x is not the solution. Returns how many slots are the user's. */
static uint32_t add_terms(als_batch *b, uint32_t s, const float *x,
                          const bool in_double[])
{
    als_work *w = b->work;
    const als_task *task = b->slot[s].task;
    const mf_basis *basis = b->view->basis;
    const float *from = x + (size_t)s * w->width;
    uint32_t count = 0;
    bool any = false;
    double everywhere = 0;
    for (; s + count < b->used && b->slot[s + count].task == task; count++) {
        any |= in_double[s + count];
        everywhere +=
            task->solved.multiplicity[b->slot[s + count].nth] *
            als_weighted_squares(basis->shared, from + count * w->width, w->k);
    }
    if (als_exceeds_batch(b, task))
        return count; /* once all its batches have run: als/users.c */
    if (any) {
        mf__als_batch_turn(b);
        mf__als_terms_add_row(b->terms, b->view, task);
        return count;
    }
    b->terms->everywhere += everywhere;
    if (b->slot[s].panel && dual_has_all_scores(task))
        add_dual_terms(b, task, als_work_rhs(w, s),
                       (size_t)(als_work_rhs(w, 1) - als_work_rhs(w, 0)));
    else if (b->view->personas > 1 && basis->stride != basis->width)
        mf__als_terms_add_scores(b->terms, b->view, task);
    else if (b->view->personas > 1)
        add_primal_terms(b, task, from);
    else
        add_plain_terms(b, task, from, w->saved_rhs + (size_t)s * w->width);
    return count;
}

/* --- out of the basis --- */

void mf__als_batch_turn(als_batch *b)
{
    if (b->turning > 0)
        mf__turn(b->work->kernel, b->work->k, b->view->basis->back, b->turning, b->turn,
                 b->work->turning);
    b->turning = 0;
}

void mf__als_batch_leave(als_batch *b, float *vector)
{
    if (!mf_basis_turns_back(b->view->basis))
        return;
    b->turn[b->turning++] = vector;
    if (b->turning == MF_TURNED)
        mf__als_batch_turn(b);
}

/* --- the run --- */

/* Solve the systems; x[s * width] becomes the solution of slot s in the basis. */
static void solve_slots(als_batch *b, float *x, float loss[])
{
    als_work *w = b->work;
    float *a[KERNEL_BATCH], *rhs[KERNEL_BATCH];
    uint32_t width = w->width;
    for (uint32_t s = 0; s < b->used; s++) {
        a[s] = als_work_matrix(w, s);
        rhs[s] = als_work_rhs(w, s);
        if (b->terms && !b->slot[s].panel)
            memcpy(w->saved_rhs + (size_t)s * width, rhs[s], width * sizeof *rhs[s]);
    }
    w->kernel->solve(b->order, b->columns, b->used, a, rhs, loss, w->scratch);
    for (uint32_t s = 0; s < b->used; s++) {
        const als_slot *slot = &b->slot[s];
        float *to = x + (size_t)s * width;
        if (!slot->panel) {
            memcpy(to, rhs[s], width * sizeof *to);
            continue;
        }
        mf__dual_solution(w->kernel, width, slot->task->row->n, slot->panel,
                          slot->inverse_root, rhs[s], to);
    }
}

void mf__als_batch_run(als_batch *b)
{
    als_work *w = b->work;
    float loss[KERNEL_BATCH], *x = w->vector;
    bool in_double[KERNEL_BATCH];
    if (b->used == 0)
        return;
    solve_slots(b, x, loss);
    for (uint32_t s = 0; s < b->used; s++) {
        const float *from = x + (size_t)s * w->width;
        float *to = als_slot_vector(&b->slot[s], w->k);
        in_double[s] = !(loss[s] <= ALS_LOSS_MAX) || !als_can_be_turned(from, w->k);
        if (in_double[s]) {
            mf__als_batch_double(b, b->slot[s].task, b->slot[s].nth);
            continue;
        }
        memcpy(to, from, w->k * sizeof *to);
        mf__als_batch_leave(b, to);
    }
    for (uint32_t s = 0; b->terms && s < b->used;)
        s += add_terms(b, s, x, in_double);
    b->used = 0;
}

void mf__als_batch_add(als_batch *b, const als_task *task, uint32_t nth,
                       const float *panel, const float *inverse_root)
{
    b->slot[b->used++] = (als_slot){task, nth, panel, inverse_root};
    if (b->used == b->work->systems)
        mf__als_batch_run(b);
}
