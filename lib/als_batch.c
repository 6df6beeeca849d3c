/* All personas of a few users at once, the items held fixed.
 *
 * In the basis of als_basis.h the system of persona q of a user is
 *
 *     (D + V_O' S_q V_O) x = V_O' S_q t,   D = diag(w0' E + lambda_u),
 *
 * V_O being the items of the user's cells, S_q = diag(rho a), t = b / a. A row of
 * fewer cells than factors is solved in its dual: with W = V_O D^-1/2,
 *
 *     x = D^-1/2 W' (S_q^-1 + W W')^-1 t
 *
 * (Woodbury), where W W' is the same for all personas of the user. A longer one
 * is summed as sibling weights for all cells, and what is more for its own. */
#include <math.h>
#include <string.h>

#include "als_private.h"

static bool all_finite(const float *x, uint32_t k)
{
    float sum = 0;
    for (uint32_t f = 0; f < k; f++)
        sum += x[f] * 0;
    return sum == 0;
}

/* A cell has no weight, but still an aim: only the double path knows how. */
static bool has_bare_aims(const als_view *view, const als_row *row)
{
    for (size_t t = 0; row->a && t < row->n; t++)
        if (!(row->a[t] > 1e-30f) && als_cell_b(view, row, t) != 0)
            return true;
    return false;
}

/* a and b of all cells are 1. */
static bool is_even(const als_row *row)
{
    return !row->a && !row->b && !row->bias;
}

/* --- finished systems --- */

typedef struct slot {
    als_row *row;
    uint32_t q;
    const float *panel, *root; /* of the dual: W, D^-1/2; else NULL */
} slot;

typedef struct batch {
    const als_view *view;
    als_work *work;
    uint32_t used;
    uint32_t order; /* of the systems, and their columns: */
    uint32_t columns;
    slot slot[KERNEL_BATCH];
    int code;
    als_row *failed;
} batch;

static float *vector_of(const slot *s, uint32_t k)
{
    return s->row->vectors + (size_t)s->q * k;
}

static void solve_again(batch *b, const slot *s)
{
    b->work->doubled++;
    if (als_row_solve(b->view, s->row, s->q, &b->work->ridge) < 0 && b->code == MF_OK) {
        b->code = MF_EMATH;
        b->failed = s->row;
    }
}

/* lambda_u */
static float ridge_of(const als_view *view, const als_row *row)
{
    return (float)als_ridge_user(view->p, view->personas, row->n, view->items->n);
}

/* Solve the systems that are ready, and put the vectors where they belong. */
static void run(batch *b)
{
    als_work *w = b->work;
    const als_basis *basis = b->view->basis;
    float *a[KERNEL_BATCH], *rhs[KERNEL_BATCH], loss[KERNEL_BATCH];
    uint32_t k = w->k, width = w->width;
    float *x = w->vector, *y = x + (size_t)w->systems * width;
    for (uint32_t s = 0; s < b->used; s++) {
        a[s] = als_work_matrix(w, s);
        rhs[s] = als_work_rhs(w, s);
    }
    if (b->used == 0)
        return;
    w->kernel->solve(b->order, b->columns, b->used, a, rhs, loss, w->room);
    for (uint32_t s = 0; s < b->used; s++) {
        float *to = x + (size_t)s * width;
        if (b->slot[s].panel) {
            const float *root = b->slot[s].root;
            w->kernel->combine(to, width, b->slot[s].row->n, b->slot[s].panel, rhs[s],
                               false);
#pragma omp simd
            for (uint32_t f = 0; f < width; f++)
                to[f] *= root[f];
        } else
            memcpy(to, rhs[s], width * sizeof *to);
    }
    if (basis->turned) {
        w->kernel->rotate(y, width, b->used, x, basis->back);
        x = y;
    }
    for (uint32_t s = 0; s < b->used; s++) {
        const float *from = x + (size_t)s * width;
        if (loss[s] <= ALS_LOSS_MAX && all_finite(from, k))
            memcpy(vector_of(&b->slot[s], k), from, k * sizeof *from);
        else
            solve_again(b, &b->slot[s]);
    }
    b->used = 0;
}

/* --- the dual --- */

/* 1 / weight, or 0 for a cell of no weight. */
static float inverse(double weight)
{
    return weight > 1e-30 ? (float)(1 / weight) : 0;
}

/* Cell t is not there. */
static void leave_out(float *a, size_t n, size_t lda, size_t t, float *rhs)
{
    for (size_t j = t; j < n; j++)
        a[t * lda + j] = 0;
    for (size_t i = 0; i < t; i++)
        a[i * lda + t] = 0;
    a[t * lda + t] = 1;
    rhs[t] = 0;
}

/* S_q^-1 + W W' and t, from W W' in the scratch matrix or already in place. */
static void fill_dual(batch *b, als_row *row, uint32_t q, const float *products,
                      als_rho rho)
{
    als_work *w = b->work;
    size_t n = b->order, lda = b->columns;
    float *a = als_work_matrix(w, b->used), *rhs = als_work_rhs(w, b->used);
    /* where a does not vary, the quotients are those of one cell */
    float own = inverse(rho.own), sibling = inverse(rho.sibling);
    bool even = is_even(row) && own > 0 && sibling > 0;
    for (size_t i = 0; i < n; i++) {
        size_t at = i * lda + i / w->kernel->pad * w->kernel->pad;
        if (a != products)
            memcpy(a + at, products + at, ((i + 1) * lda - at) * sizeof *a);
        if (i >= row->n)
            a[i * lda + i] = 1;
        else if (even)
            a[i * lda + i] += q == row->z[i] ? own : sibling;
        rhs[i] = 1;
    }
    memset(rhs + row->n, 0, (lda - row->n) * sizeof *rhs);
    for (size_t t = 0; !even && t < row->n; t++) {
        double cell_b = als_cell_b(b->view, row, t);
        float more = q == row->z[t] ? own : sibling;
        rhs[t] = (float)cell_b;
        if (row->a) {
            double cell_a = (double)row->a[t];
            more = inverse((q == row->z[t] ? rho.own : rho.sibling) * cell_a);
            rhs[t] = (float)(cell_b / cell_a);
        }
        if (more > 0)
            a[t * lda + t] += more;
        else
            leave_out(a, n, lda, t, rhs);
    }
}

static void add_dual(batch *b, als_row *row, uint32_t nth)
{
    als_work *w = b->work;
    uint32_t p = b->view->personas, width = w->width, lda = b->columns;
    float *panel = w->panel + (size_t)nth * w->cells * width;
    float *root = w->root + (size_t)nth * width;
    als_rho rho = als_rho_of(b->view->p, p, row->n);
    w->kernel->roots(root, width, b->view->basis->shared, ridge_of(b->view, row));
    w->kernel->gather(panel, row->n, row->n, row->item, 1, b->view->basis->rows, width,
                      NULL, root);
    memset(panel + row->n * width, 0, (lda - row->n) * width * sizeof *panel);
    w->kernel->transpose(w->turned, lda, width, panel);
    float *products = als_work_matrix(w, p == 1 ? b->used : w->systems);
    w->kernel->rank(lda, width, w->turned, products, false, NULL);
    for (uint32_t q = 0; q < p; q++) {
        fill_dual(b, row, q, products, rho);
        b->slot[b->used++] = (slot){row, q, panel, root};
        if (b->used == w->systems)
            run(b);
    }
}

/* --- the primal --- */

/* The next cells of persona q, or with q == p of all, at most a chunk, in w->index,
 * and their scales and aims. *t is moved past them. Returns how many. */
static size_t pick_cells(const als_view *view, const als_row *row, uint32_t q,
                         double more, size_t *t, als_work *w)
{
    float root = (float)sqrt(more);
    size_t m = 0, at = *t;
    if (is_even(row)) { /* no branch: z is hard to predict */
        for (; at < row->n && m < w->chunk; at++) {
            w->index[m] = row->item[at];
            m += q >= view->personas || row->z[at] == q;
        }
        for (size_t i = 0; i < m; i++)
            w->scale[i] = w->aim[i] = root;
        *t = at;
        return m;
    }
    for (; at < row->n && m < w->chunk; at++) {
        double b = als_cell_b(view, row, at);
        if (q < view->personas && row->z[at] != q)
            continue;
        w->index[m] = row->item[at];
        w->scale[m] = root;
        w->aim[m] = root * (float)b;
        if (row->a) {
            double weight = more * (double)row->a[at];
            if (!(weight > 1e-30))
                continue;
            w->scale[m] = (float)sqrt(weight);
            w->aim[m] = (float)(more * b / sqrt(weight));
        }
        m++;
    }
    *t = at;
    return m;
}

/* A = more of the cells of persona q, or with q == p of all cells. */
static void sum_cells(const als_view *view, const als_row *row, uint32_t q, double more,
                      als_work *w, float *a, float *rhs)
{
    als_sum sum = als_sum_begin(w, a, rhs);
    for (size_t t = 0; more > 1e-30 && t < row->n;) {
        size_t m = pick_cells(view, row, q, more, &t, w);
        if (m > 0)
            als_sum_add(&sum, m, m, w->index, 1, view->basis->rows, w->width, w->scale,
                        w->aim);
    }
    als_sum_end(&sum);
}

static void add_primal(batch *b, als_row *row)
{
    als_work *w = b->work;
    const als_view *view = b->view;
    uint32_t p = view->personas, width = w->width;
    als_rho rho = als_rho_of(view->p, p, row->n);
    float ridge = ridge_of(view, row);
    float *shared = als_work_matrix(w, w->systems), *aims = als_work_rhs(w, w->systems);
    if (p > 1)
        sum_cells(view, row, p, rho.sibling, w, shared, aims);
    for (uint32_t q = 0; q < p; q++) {
        float *a = als_work_matrix(w, b->used), *rhs = als_work_rhs(w, b->used);
        if (p > 1)
            sum_cells(view, row, q, rho.own - rho.sibling, w, a, rhs);
        else
            sum_cells(view, row, p, rho.own, w, a, rhs);
        if (p > 1)
            w->kernel->merge(width, a, shared, 0);
        for (size_t i = 0; i < width; i++) {
            rhs[i] += p > 1 ? aims[i] : 0;
            a[i * width + i] += view->basis->shared[i] + ridge;
        }
        b->slot[b->used++] = (slot){row, q, NULL, NULL};
        if (b->used == w->systems)
            run(b);
    }
}

/* --- no quadratic term: the system is D --- */

static void solve_even(batch *b, als_row *row, uint32_t q)
{
    als_work *w = b->work;
    const als_view *view = b->view;
    uint32_t k = w->k, width = w->width;
    als_rho rho = als_rho_of(view->p, view->personas, row->n);
    float *x = w->vector, *y = x + width;
    memset(w->sum, 0, width * sizeof *w->sum);
    for (size_t t = 0; t < row->n;) {
        size_t m = row->n - t < w->chunk ? row->n - t : w->chunk;
        for (size_t i = 0; i < m; i++)
            w->aim[i] = (float)((q == row->z[t + i] ? rho.own : rho.sibling) *
                                als_cell_b(view, row, t + i));
        w->kernel->gather(w->panel, m, row->n - t, row->item + t, 1, view->basis->rows,
                          width, NULL, NULL);
        w->kernel->combine(x, width, m, w->panel, w->aim, false);
        for (uint32_t f = 0; f < width; f++)
            w->sum[f] += (double)x[f];
        t += m;
    }
    double w0 = als_unobserved(view->p, view->personas);
    double ridge = als_ridge_user(view->p, view->personas, row->n, view->items->n);
    for (uint32_t f = 0; f < k; f++)
        x[f] = (float)(w->sum[f] / (w0 * view->basis->eigen[f] + ridge));
    memset(x + k, 0, (width - k) * sizeof *x);
    if (view->basis->turned)
        w->kernel->rotate(y, width, 1, x, view->basis->back);

    memcpy(row->vectors + (size_t)q * k, view->basis->turned ? y : x, k * sizeof *x);
    if (!all_finite(row->vectors + (size_t)q * k, k))
        solve_again(b, &(slot){row, q, NULL, NULL});
}

/* --- conjugate gradients --- */

/* In the coordinates D^1/2 x the system is I + W' S W: of its eigenvalues only as
 * many as the user has cells are not 1. From x, turned, to x. */
static void step_down(batch *b, const slot *s, float *x)
{
    als_work *w = b->work;
    const als_view *view = b->view;
    const als_row *row = s->row;
    uint32_t width = w->width;
    als_rho rho = als_rho_of(view->p, view->personas, row->n);
    float *root = w->root, *weight = als_work_matrix(w, 0), *aim = weight + row->n;
    if (s->q == 0 || s == b->slot) {
        w->kernel->roots(root, width, view->basis->shared, ridge_of(view, row));
        w->kernel->gather(w->panel, row->n, row->n, row->item, 1, view->basis->rows,
                          width, NULL, root);
    }
    bool even = is_even(row);
    for (size_t t = 0; t < row->n; t++) {
        double own = s->q == row->z[t] ? rho.own : rho.sibling;
        weight[t] = aim[t] = (float)own;
        if (!even) {
            weight[t] = (float)(own * als_cell_a(view, row, t));
            aim[t] = (float)(own * als_cell_b(view, row, t));
        }
    }
#pragma omp simd
    for (uint32_t f = 0; f < width; f++)
        x[f] /= root[f];
    w->kernel->descend(width, row->n, w->panel, weight, aim, view->p->steps, x,
                       aim + row->n);
#pragma omp simd
    for (uint32_t f = 0; f < width; f++)
        x[f] *= root[f];
}

/* The vectors that were collected, turned together there and back. */
static void run_steps(batch *b)
{
    als_work *w = b->work;
    const als_basis *basis = b->view->basis;
    uint32_t k = w->k, width = w->width;
    float *x = w->vector, *y = x + (size_t)w->systems * width;
    for (uint32_t s = 0; s < b->used; s++) {
        float *to = (basis->turned ? y : x) + (size_t)s * width;
        memcpy(to, vector_of(&b->slot[s], k), k * sizeof *to);
        memset(to + k, 0, (width - k) * sizeof *to);
    }
    if (basis->turned)
        w->kernel->rotate(x, width, b->used, y, basis->there);
    for (uint32_t s = 0; s < b->used; s++)
        step_down(b, &b->slot[s], x + (size_t)s * width);
    if (basis->turned)
        w->kernel->rotate(y, width, b->used, x, basis->back);
    for (uint32_t s = 0; s < b->used; s++) {
        const float *from = (basis->turned ? y : x) + (size_t)s * width;
        memcpy(vector_of(&b->slot[s], k), from, k * sizeof *from);
        if (!all_finite(from, k))
            solve_again(b, &b->slot[s]);
    }
    b->used = 0;
}

static void add_steps(batch *b, als_row *row)
{
    for (uint32_t q = 0; q < b->view->personas; q++) {
        b->slot[b->used++] = (slot){row, q, NULL, NULL};
        if (b->used == b->work->systems)
            run_steps(b);
    }
}

/* --- all --- */

enum way { NOTHING, EVEN, DUAL, PRIMAL, STEPS, DOUBLE };

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

static enum way way_of(const als_view *view, const als_row *row, const als_work *w)
{
    if (row->n == 0)
        return NOTHING;
    if (als_even_a(view->p) == 0)
        return EVEN;
    if (has_bare_aims(view, row))
        return DOUBLE;
    float least = view->basis->shared[0] + ridge_of(view, row);
    mf_solver solver = view->p->solver;
    if (!(least > 1e-30f && least < 1e30f) || solver == MF_SOLVER_CHOLESKY)
        return PRIMAL;
    enum way exact =
        row->n <= (solver == MF_SOLVER_DUAL ? w->cells : w->few) ? DUAL : PRIMAL;
    return solver == MF_SOLVER_CG && row->n <= als_work_steps(w) &&
                   steps_are_fewer(view, row, exact == DUAL)
               ? STEPS
               : exact;
}

/* Have the items of the row that comes next on their way, and the numbers of those of a
 * later one. */
static void fetch_row(const als_view *view, const als_row *row, const als_row *later)
{
    for (size_t t = 0; t < later->n && t < 64; t += 16)
        __builtin_prefetch(later->item + t);
    __builtin_prefetch(later->z);
    size_t width = view->basis->width, n = row->n < 64 ? row->n : 64;
    for (size_t t = 0; t < n; t++)
        for (size_t f = 0; f < width; f += 16)
            __builtin_prefetch(view->basis->rows + row->item[t] * width + f);
}

als_row *als_rows_solve(const als_view *view, als_row rows[], uint32_t n, als_work *w)
{
    batch b = {.view = view, .work = w, .code = MF_OK};
    uint32_t k = w->k;
    for (uint32_t at = 0; at < n;) {
        enum way way[KERNEL_BATCH];
        uint32_t step = w->systems / view->personas, longest = 0;
        step = step < 1 ? 1 : step;
        step = step < n - at ? step : n - at;
        for (uint32_t r = 0; r < step; r++) {
            way[r] = way_of(view, &rows[at + r], w);
            if (way[r] == DUAL && rows[at + r].n > longest)
                longest = (uint32_t)rows[at + r].n;
        }
        b.order = (longest + 7) / 8 * 8;
        b.columns = kernel_pad(w->kernel, longest);
        for (uint32_t r = 0; r < step; r++) {
            if (at + r + 1 < n)
                fetch_row(view, &rows[at + r + 1],
                          &rows[at + r + 4 < n ? at + r + 4 : n - 1]);
            if (way[r] == DUAL)
                add_dual(&b, &rows[at + r], r);
        }
        run(&b);
        b.order = b.columns = w->width;
        for (uint32_t r = 0; r < step; r++)
            if (way[r] == PRIMAL)
                add_primal(&b, &rows[at + r]);
        run(&b);
        for (uint32_t r = 0; r < step; r++) {
            if (way[r] == STEPS)
                add_steps(&b, &rows[at + r]);
            for (uint32_t q = 0; q < view->personas; q++)
                if (way[r] == NOTHING)
                    memset(rows[at + r].vectors + (size_t)q * k, 0,
                           k * sizeof *rows->vectors);
                else if (way[r] == EVEN)
                    solve_even(&b, &rows[at + r], q);
                else if (way[r] == DOUBLE)
                    solve_again(&b, &(slot){&rows[at + r], q, NULL, NULL});
        }
        run_steps(&b);
        at += step;
    }
    return b.failed;
}
