/* Users, a batch at a time, each by the way that is fastest for it. */
#include <string.h>

#include "als/batch.h"

/* A cell has no weight, but still an aim: only the double path knows how. */
static bool has_bare_aims(const als_view *view, const als_row *row)
{
    for (size_t t = 0; row->a && t < row->n; t++)
        if (!(row->a[t] > MF_TINY) && als_cell_b(view, row, t) != 0)
            return true;
    return false;
}

enum way { NOTHING, DIAGONAL, DUAL, PRIMAL, STEPS, DOUBLE };

/* Conjugate gradients cost less than the exact solution. Theirs is a stream of vectors,
 * which takes about twice the time of as many multiplications in tiles. */
static bool steps_are_fewer(const als_view *view, const als_row *row, bool dual)
{
    double k = view->basis->width, n = (double)row->n, p = view->personas;
    double stream = 2 * n * k * (view->p->steps + 1.);
    double factor = dual ? n : k;
    double tiles = (p > 1 && !dual ? n * k * k : n * k * factor / 2) / p +
                   factor * factor * factor / 6;
    return 2 * stream < tiles;
}

static enum way way_of(const als_view *view, const als_task *task, const als_work *w)
{
    const als_row *row = task->row;
    if (row->n == 0)
        return NOTHING;
    if (als_even_a(view->p) == 0)
        return DIAGONAL;
    if (has_bare_aims(view, row))
        return DOUBLE;
    float least = view->basis->shared[0] + task->ridge;
    mf_solver solver = view->p->solver;
    if (!(least > MF_TINY && least < 1e30f) || solver == MF_SOLVER_CHOLESKY)
        return PRIMAL;
    enum way exact =
        row->n <= (solver == MF_SOLVER_DUAL ? w->cells : w->few) ? DUAL : PRIMAL;
    return solver == MF_SOLVER_CG && row->n <= als_work_steps(w) &&
                   steps_are_fewer(view, row, exact == DUAL)
               ? STEPS
               : exact;
}

enum { AHEAD = 8 }; /* rows */

/* A call that does nothing but fetch has no effect, and gcc drops it. */
#define INLINED static inline __attribute__((always_inline))

/* Have the numbers of a row's items on their way. */
INLINED void fetch_cells(const als_row *row)
{
    for (size_t t = 0; t < row->n && t < 64; t += 16)
        __builtin_prefetch(row->item + t);
    __builtin_prefetch(row->z);
    if (row->n > 0) { /* they may end on a line more */
        __builtin_prefetch(row->item + row->n - 1);
        __builtin_prefetch(row->z + row->n - 1);
    }
}

/* The items themselves. */
INLINED void fetch_row(const als_view *view, const als_row *row)
{
    size_t width = view->basis->width, n = row->n < 24 ? row->n : 24;
    for (size_t t = 0; t < n; t++)
        for (size_t f = 0; f < width; f += 16)
            __builtin_prefetch(view->basis->rows + row->item[t] * width + f);
}

/* Users whose systems make up a batch, of those that are left: at least one. */
static uint32_t choose(const als_view *view, const als_work *w, als_row rows[],
                       uint32_t n, als_task task[KERNEL_BATCH],
                       enum way way[KERNEL_BATCH])
{
    uint32_t used = 0, count = 0;
    for (; count < n && count < w->systems; count++) {
        const als_row *row = &rows[count];
        double ridge =
            mf__als_ridge_user(view->p, view->personas, row->n, view->items->n);
        task[count].row = &rows[count];
        task[count].rho = mf__als_rho_of(view->p, view->personas, row->n);
        task[count].ridge = (float)ridge;
        mf__als_keep(&task[count].kept, view, row);
        way[count] = way_of(view, &task[count], w);
        used += task[count].kept.n;
        if (used > w->systems && count > 0)
            break;
    }
    return count;
}

/* The personas that were not kept. */
static void copy_others(const als_view *view, const als_task *task)
{
    const als_kept *kept = &task->kept;
    uint32_t k = view->items->k;
    for (uint32_t j = 0; j < kept->n; j++)
        for (uint32_t q = kept->persona[j] + 1u;
             kept->times[j] > 1 && q < view->personas; q++)
            if (!(kept->owners >> q & 1))
                memcpy(task->row->vectors + (size_t)q * k,
                       task->row->vectors + (size_t)kept->persona[j] * k,
                       k * sizeof *task->row->vectors);
}

static void solve_alone(als_batch *b, const als_task *task, enum way way)
{
    als_row *row = task->row;
    if (way == STEPS)
        mf__als_add_steps(b, task);
    else if (way == DIAGONAL)
        mf__als_solve_diagonal(b, task);
    else if (way == NOTHING)
        memset(row->vectors, 0,
               (size_t)b->view->personas * b->work->k * sizeof *row->vectors);
    for (uint32_t j = 0; way == DOUBLE && j < task->kept.n; j++)
        mf__als_batch_double(b, task, j);
}

als_row *mf__als_rows_solve(const als_view *view, als_row rows[], uint32_t n,
                            als_work *w, als_tally *tally)
{
    als_batch b = {.view = view, .work = w, .tally = tally, .code = MF_OK};
    for (uint32_t r = 0; r < n && r < AHEAD; r++)
        fetch_cells(&rows[r]);
    for (uint32_t at = 0, step; at < n; at += step) {
        enum way way[KERNEL_BATCH];
        als_task task[KERNEL_BATCH];
        uint32_t longest = 0;
        step = choose(view, w, rows + at, n - at, task, way);
        for (uint32_t r = 0; r < step; r++)
            if (way[r] == DUAL && rows[at + r].n > longest)
                longest = (uint32_t)rows[at + r].n;
        b.order = (longest + 7) / 8 * 8;
        b.columns = kernel_pad(w->kernel, longest);
        for (uint32_t r = 0; r < step; r++) {
            if (at + r + AHEAD < n)
                fetch_cells(&rows[at + r + AHEAD]);
            if (at + r + 1 < n)
                fetch_row(view, &rows[at + r + 1]);
            if (way[r] == DUAL)
                mf__als_add_dual(&b, &task[r], r);
        }
        mf__als_batch_run(&b);
        b.order = b.columns = w->width;
        for (uint32_t r = 0; r < step; r++)
            if (way[r] == PRIMAL)
                mf__als_add_primal(&b, &task[r]);
        mf__als_batch_run(&b);
        for (uint32_t r = 0; r < step; r++)
            solve_alone(&b, &task[r], way[r]);
        mf__als_run_steps(&b);
        for (uint32_t r = 0; r < step; r++) {
            bool exact = way[r] == DUAL || way[r] == PRIMAL;
            if (tally && (way[r] == DOUBLE || (exact && als_too_many(&b, &task[r]))))
                mf__als_tally_row(tally, view, &task[r]);
            copy_others(view, &task[r]);
        }
    }
    return b.failed;
}
