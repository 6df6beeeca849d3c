/* Users are solved a batch at a time, each by the way that is fastest for it. */
#include "als/users.h"

#include <string.h>

#include "als/dual.h"
#include "als/primal.h"

/* True if a cell has no weight, but a right-hand side: only the double path can do
 * that. */
static bool has_bare_rhs(const als_view *view, const als_row *row)
{
    for (size_t t = 0; row->a && t < row->n; t++)
        if (!(row->a[t] > MF_TINY) && als_cell_b(view, row, t) != 0)
            return true;
    return false;
}

enum way { NOTHING, DIAGONAL, DUAL, PRIMAL, DOUBLE };

static enum way way_of(const als_view *view, const als_task *task, const als_work *w)
{
    const als_row *row = task->row;
    if (row->n == 0)
        return NOTHING;
    if (als_constant_a(view->p) == 0)
        return DIAGONAL;
    if (has_bare_rhs(view, row))
        return DOUBLE;
    const float *shared = view->basis->shared;
    float least = shared[0] + task->ridge;
    /* Without a ridge, what is left of the least eigenvalue may be rounding alone. */
    if (task->ridge == 0 && least < MF_GRAM_ROUNDING * shared[view->items->k - 1])
        return DOUBLE;
    mf_solver solver = view->solver;
    if (!(least > MF_TINY && least < 1e30f) || solver == MF_SOLVER_CHOLESKY)
        return w->primal ? PRIMAL : DOUBLE;
    bool dual = row->n <= (solver == MF_SOLVER_DUAL ? w->dual_max : w->dual_faster);
    return dual ? DUAL : PRIMAL;
}

/* --- prefetching --- */

enum { AHEAD = 8 }; /* rows */

/* Always inlined: gcc drops calls of functions that do nothing but fetch. */
#define INLINED static inline __attribute__((always_inline))

/* Fetch the numbers of a row's items, and z. */
INLINED void fetch_cells(const als_row *row)
{
    for (size_t t = 0; t < row->n && t < 64; t += 16)
        __builtin_prefetch(row->item + t);
    __builtin_prefetch(row->z);
    if (row->n > 0) { /* they may end on one more line */
        __builtin_prefetch(row->item + row->n - 1);
        __builtin_prefetch(row->z + row->n - 1);
    }
}

/* Fetch the vectors of a row's first items. */
INLINED void fetch_items(const als_view *view, const als_row *row)
{
    size_t width = view->basis->stride, n = row->n < 24 ? row->n : 24;
    for (size_t t = 0; t < n; t++)
        for (size_t f = 0; f < width; f += 16)
            __builtin_prefetch(view->basis->rows + row->item[t] * width + f);
}

/* --- batches --- */

/* Make tasks of the first users whose systems fit into a batch: at least one.
 * Returns how many there are. */
static uint32_t make_tasks(const als_view *view, const als_work *w, als_row rows[],
                           uint32_t n, als_task task[KERNEL_BATCH],
                           enum way way[KERNEL_BATCH])
{
    uint32_t systems = 0, count = 0;
    for (; count < n && count < w->systems; count++) {
        mf__als_task_make(&task[count], view, &rows[count]);
        way[count] = way_of(view, &task[count], w);
        systems += task[count].solved.n;
        if (systems > w->systems && count > 0)
            break;
    }
    return count;
}

/* Solve those of n tasks that go by the dual: all systems have the order of the longest
 * row. `left` rows lie in memory from the first task's on. */
static void solve_dual(als_batch *b, als_task task[], const enum way way[], uint32_t n,
                       uint32_t left)
{
    const als_row *rows = task[0].row;
    uint32_t longest = 0;
    for (uint32_t r = 0; r < n; r++)
        if (way[r] == DUAL && rows[r].n > longest)
            longest = (uint32_t)rows[r].n;
    b->order = (longest + 7) / 8 * 8;
    b->columns = kernel_pad(b->work->kernel, longest);
    for (uint32_t r = 0; r < n; r++) {
        if (r + AHEAD < left)
            fetch_cells(&rows[r + AHEAD]);
        if (r + 1 < left)
            fetch_items(b->view, &rows[r + 1]);
        if (way[r] == DUAL)
            mf__als_dual_add(b, &task[r], r);
    }
    mf__als_batch_run(b);
}

static void solve_primal(als_batch *b, als_task task[], const enum way way[],
                         uint32_t n)
{
    b->order = b->columns = b->work->width;
    for (uint32_t r = 0; r < n; r++)
        if (way[r] == PRIMAL)
            mf__als_primal_add(b, &task[r]);
    mf__als_batch_run(b);
}

static void solve_others(als_batch *b, als_task task[], const enum way way[],
                         uint32_t n)
{
    uint32_t p = b->view->personas;
    for (uint32_t r = 0; r < n; r++) {
        als_row *row = task[r].row;
        if (way[r] == DIAGONAL)
            mf__als_diagonal_solve(b, &task[r]);
        else if (way[r] == NOTHING)
            memset(row->vectors, 0, (size_t)p * b->work->k * sizeof *row->vectors);
        for (uint32_t j = 0; way[r] == DOUBLE && j < task[r].solved.n; j++)
            mf__als_batch_double(b, &task[r], j);
    }
}

als_row *mf__als_users_solve(const als_view *view, als_row rows[], uint32_t n,
                             als_work *w, als_terms *terms)
{
    als_batch b = {.view = view, .work = w, .terms = terms, .code = MF_OK};
    for (uint32_t r = 0; r < n && r < AHEAD; r++)
        fetch_cells(&rows[r]);
    for (uint32_t at = 0, step; at < n; at += step) {
        enum way way[KERNEL_BATCH];
        als_task task[KERNEL_BATCH];
        step = make_tasks(view, w, rows + at, n - at, task, way);
        solve_dual(&b, task, way, step, n - at);
        solve_primal(&b, task, way, step);
        solve_others(&b, task, way, step);
        for (uint32_t r = 0; r < step; r++) {
            bool exact = way[r] == DUAL || way[r] == PRIMAL;
            bool late = terms && (way[r] == DOUBLE ||
                                  (exact && als_exceeds_batch(&b, &task[r])));
            if (late || task[r].solved.n < view->personas)
                mf__als_batch_turn(&b);
            if (late)
                mf__als_terms_add_row(terms, view, &task[r]);
            mf__als_task_copy_shared(&task[r], view);
        }
    }
    mf__als_batch_turn(&b);
    return b.failed;
}
