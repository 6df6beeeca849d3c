#include "als/wide.h"

#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "als/apart.h"
#include "als/batch.h"
#include "als/items.h"
#include "als/loss.h"
#include "als/wide_row.h"
#include "base/mem.h"
#include "math/rotation.h"

enum {
    WIDE = 128,      /* factors from which `auto` goes this way */
    STEPS_MAX = 200, /* more do not help: the system needs double */
    DUAL_MAX = 128,  /* terms of the longest dual, at any number of factors */
    ITEMS = 16       /* that one thread takes at a time */
};

/* The bound of what is left, in shares of what the row takes off L. */
static const double TOLERANCE = .02;

struct als_wide {
    mf_rotation rotation;
    double *gram;    /* [k * k], of the side held fixed; owned */
    float *vectors;  /* [k * k], its eigenvectors; owned */
    float *values;   /* [k], its eigenvalues; owned */
    float *shared;   /* [k padded], w0' times them; owned */
    uint32_t *turn;  /* [rows of either side], vectors that are turned; owned */
    uint8_t *failed; /* [rows of either side], systems to be solved in double; owned */
    als_wide_work *work;      /* [threads]; owned */
    als_wide_system **system; /* [threads], each [ALS_BLOCK * personas]; owned */
    mf_als_solves before;     /* how systems were solved before the last rest */
};

bool mf__als_is_wide(const mf_als_params *p)
{
    return als_constant_a(p) > 0 &&
           (p->solver == MF_SOLVER_CG || (p->solver == MF_SOLVER_AUTO && p->k >= WIDE));
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

int mf__als_wide_open(mf_als *als, mf_err *err)
{
    als->wide = mf__new0(1, sizeof *als->wide);
    return als->wide ? MF_OK : mf__nomem(err);
}

static int open_threads(mf_als *als, mf_err *err)
{
    struct als_wide *w = als->wide;
    size_t threads = (size_t)als->threads;
    int code = MF_OK;
    w->work = mf__new0(threads, sizeof *w->work);
    w->system = mf__new0(threads, sizeof *w->system);
    if (!w->work || !w->system)
        return mf__nomem(err);
    for (size_t t = 0; code == MF_OK && t < threads; t++) {
        w->system[t] =
            mf__new((size_t)ALS_BLOCK * als->p.personas, sizeof *w->system[t]);
        code = w->system[t]
                   ? mf__als_wide_work_open(&w->work[t], als->p.k, DUAL_MAX, err)
                   : mf__nomem(err);
    }
    return code;
}

/* Make what half-steps work with, unless it is there. */
static int reserve(mf_als *als, mf_err *err)
{
    struct als_wide *w = als->wide;
    size_t k = als->p.k, m = als->train->rows, n = als->train->cols;
    if (w->shared)
        return MF_OK;
    w->gram = mf__new(k * k, sizeof *w->gram);
    w->vectors = mf__new(k * k, sizeof *w->vectors);
    w->values = mf__new(k, sizeof *w->values);
    w->turn = mf__new(larger(m * als->p.personas, n), sizeof *w->turn);
    w->failed = mf__new0(larger(m, n), 1);
    int code = w->gram && w->vectors && w->values && w->turn && w->failed
                   ? mf__rotation_open(&w->rotation, als->p.k, als->threads, err)
                   : mf__nomem(err);
    if (code == MF_OK)
        code = open_threads(als, err);
    if (code == MF_OK) {
        size_t width = w->work[0].width;
        w->shared = mf__new_aligned(width, sizeof *w->shared);
        code = w->shared ? MF_OK : mf__nomem(err);
        for (size_t f = k; code == MF_OK && f < width; f++)
            w->shared[f] = 1;
    }
    if (code < 0)
        mf__als_wide_rest(als);
    return code;
}

void mf__als_wide_rest(mf_als *als)
{
    struct als_wide *w = als->wide;
    mf_als_solves solves = {0};
    if (!w)
        return;
    mf__als_wide_count(als, &solves);
    for (int t = 0; t < als->threads; t++) {
        if (w->work)
            mf__als_wide_work_close(&w->work[t]);
        if (w->system)
            free(w->system[t]);
    }
    mf__rotation_close(&w->rotation);
    free(w->work);
    free(w->system);
    free(w->gram);
    free(w->vectors);
    free(w->values);
    free(w->shared);
    free(w->turn);
    free(w->failed);
    *w = (struct als_wide){.before = solves};
    mf__mem_trim();
}

void mf__als_wide_close(mf_als *als)
{
    mf__als_wide_rest(als);
    free(als->wide);
    als->wide = NULL;
}

void mf__als_wide_count(const mf_als *als, mf_als_solves *sum)
{
    const struct als_wide *w = als->wide;
    if (!w)
        return;
    sum->dual += w->before.dual;
    sum->cg += w->before.cg;
    sum->longer += w->before.longer;
    for (int t = 0; w->work && t < als->threads; t++) {
        const als_wide_counts *counts = &w->work[t].counts;
        sum->dual += counts->dual;
        sum->cg += counts->cg;
        sum->longer += counts->longer;
    }
}

/* --- the basis --- */

/* The longest row that is solved in its dual. It costs n^2 k in tiles; two steps of
 * conjugate gradients stream 12 n k and turn the row, 2 k^2. */
static uint32_t dual_max(uint32_t k)
{
    uint32_t n = k < 40 ? k : 40 + k / 40;
    return n < DUAL_MAX ? n : DUAL_MAX;
}

/* List the vectors of long rows of the side that is solved. Returns how many there
 * are. */
static size_t list_long(const mf_als *als, bool items, uint32_t dual)
{
    struct als_wide *w = als->wide;
    const mf_tensor *side = items ? &als->items : &als->users;
    const size_t *ptr = als->train->ptr;
    size_t n = 0, p = side->personas, personas = items ? als->users.personas : 1;
    bool unit = als->unit;
    for (uint32_t r = 0; r < side->n; r++) {
        size_t m = items ? als->item_cells[r] * personas : ptr[r + 1] - ptr[r];
        for (uint32_t q = 0; (m > dual || (!unit && m > 0)) && q < p; q++)
            w->turn[n++] = (uint32_t)(r * p + q);
    }
    return n;
}

static int turn_to(mf_als *als, mf_tensor *fixed, mf_tensor *solved, size_t turn,
                   mf_err *err)
{
    struct als_wide *w = als->wide;
    uint32_t k = als->p.k;
    size_t rows = (size_t)fixed->n * fixed->personas;
    mf_ranks *ranks = als->ranks;
    int code = mf__gram_weighted(w->gram, fixed->data, fixed->weight, rows, k,
                                 als->threads, als->p.disk, err);
    if (fixed == &als->users)
        code = mf__ranks_sum(ranks, code, RANKS_GRAM, w->gram, (size_t)k * k, err);
    if (code == MF_OK && mf_ranks_rank(ranks) == 0)
        code = mf__eigenvectors_float(w->vectors, w->values, w->gram, k, err);
    if ((code = mf_ranks_agree(ranks, code, err)) < 0)
        return code;
    mf__ranks_broadcast(ranks, RANKS_GRAM, w->vectors,
                        (size_t)k * k * sizeof *w->vectors, 0);
    mf__ranks_broadcast(ranks, RANKS_GRAM, w->values, k * sizeof *w->values, 0);
    w->rotation.disk = als->p.disk;
    mf__rotation_set(&w->rotation, w->vectors);
    mf__rotate(&w->rotation, fixed->data, rows, NULL);
    mf__rotate(&w->rotation, solved->data, turn, w->turn);
    return MF_OK;
}

/* Turn both sides; fill in *side. */
static int begin(mf_als *als, als_wide_side *side, bool items, mf_err *err)
{
    struct als_wide *w = als->wide;
    mf_tensor *fixed = items ? &als->users : &als->items,
              *solved = items ? &als->items : &als->users;
    uint32_t p = als->users.personas, k = als->p.k;
    double w0 = als_unobserved(&als->p, p);
    *side = (als_wide_side){.k = k,
                            .rows = fixed->data,
                            .shared = w->shared,
                            .steps = mf__als_steps(&als->p),
                            .steps_max = STEPS_MAX,
                            .tolerance = TOLERANCE,
                            .dual_max = dual_max(k)};
    if (side->steps_max < side->steps)
        side->steps_max = side->steps;
    size_t turn = list_long(als, items, side->dual_max);
    int code = MF_OK;
    if (w0 > 0)
        code = turn_to(als, fixed, solved, turn, err);
    for (uint32_t f = 0; f < k; f++)
        w->shared[f] =
            w0 > 0 && w->values[f] > 0 ? (float)(w0 * (double)w->values[f]) : 0;
    side->least_ridge = MF_GRAM_ROUNDING * w->shared[k - 1];
    for (int t = 0; t < als->threads; t++)
        w->work[t].side = side;
    return code;
}

/* --- users --- */

/* The system of the j-th solved persona. Lists the cells that weigh, unless all have
 * the weight 1. */
static void list_cells(als_wide_work *w, const als_view *view, const als_task *task,
                       uint32_t j, als_wide_system *s)
{
    const als_row *row = task->row;
    als_rho rho = task->rho;
    uint32_t q = task->solved.persona[j];
    bool unit = als_row_is_unit(row), all = rho.sibling > 0;
    size_t m = 0;
    *s = (als_wide_system){.share = 1,
                           .ridge = task->ridge,
                           .x = row->vectors + (size_t)q * w->k,
                           .m = row->n,
                           .row = row->item};
    if (unit && view->personas == 1)
        return;
    for (size_t t = 0; t < row->n; t++) {
        double own = q == row->z[t] ? rho.own : rho.sibling;
        if (!(own > 0) && !(unit && all))
            continue;
        w->index[m] = row->item[t];
        w->weight[m] = (float)(unit ? own : own * als_cell_a(view, row, t));
        w->rhs_weight[m++] = (float)(unit ? own : own * als_cell_b(view, row, t));
    }
    if (m < row->n || !unit)
        s->row = w->index;
    s->m = m;
    s->weight = w->weight;
    s->rhs_weight = unit ? w->weight : w->rhs_weight;
}

/* Add the terms of a user whose systems were solved. */
static void add_terms(const als_view *view, const als_task *task, const float *shared,
                      const als_wide_system s[], als_terms *terms)
{
    uint32_t k = view->items->k;
    double everywhere = 0, ridge = 0;
    for (uint32_t j = 0; j < task->solved.n; j++) {
        double times = task->solved.multiplicity[j];
        everywhere += times * als_weighted_squares(shared, s[j].x, k);
        for (uint32_t f = 0; view->personas == 1 && f < k; f++)
            ridge += (double)(task->ridge * s[j].x[f] * s[j].x[f]);
    }
    terms->everywhere += everywhere;
    if (view->personas > 1) {
        mf__als_terms_add_scores(terms, view, task);
        return;
    }
    double observed = (double)task->row->n + s->value - everywhere - ridge;
    terms->observed += observed;
    terms->square += observed;
}

typedef struct user_block {
    uint32_t n;
    const uint32_t *user;
    als_row row[ALS_BLOCK];
    als_task task[ALS_BLOCK];
    als_wide_system *system[ALS_BLOCK]; /* those of each user */
} user_block;

static void fetch_next(const als_wide_work *w, const mf_csr *cells, uint32_t row)
{
    mf__als_wide_fetch(w, cells->ptr[row + 1] - cells->ptr[row],
                       cells->col + cells->ptr[row]);
}

static void list_block(const mf_als *als, uint32_t block, user_block *b)
{
    uint32_t left = als->users.n - block * ALS_BLOCK;
    b->n = left < ALS_BLOCK ? left : ALS_BLOCK;
    b->user = als->user_order + (size_t)block * ALS_BLOCK;
}

static void solve_block(mf_als *als, const als_view *view, uint32_t block)
{
    struct als_wide *w = als->wide;
    als_wide_work *work = &w->work[omp_get_thread_num()];
    als_wide_system *next = w->system[omp_get_thread_num()];
    user_block b;
    als_terms terms = {0};
    list_block(als, block, &b);
    mf__disk_beat(als->p.disk);
    for (uint32_t r = 0; r < b.n; r++) {
        b.row[r] = mf__als_row_of(als, b.user[r]);
        if (r + 1 < b.n)
            fetch_next(work, als->train, b.user[r + 1]);
        mf__als_task_make(&b.task[r], view, &b.row[r]);
        b.system[r] = next;
        for (uint32_t j = 0; j < b.task[r].solved.n; j++, next++) {
            list_cells(work, view, &b.task[r], j, next);
            mf__als_wide_add(work, next);
        }
    }
    mf__als_wide_flush(work);
    for (uint32_t r = 0; r < b.n; r++) {
        bool failed = false;
        for (uint32_t j = 0; j < b.task[r].solved.n; j++)
            failed |= b.system[r][j].failed;
        w->failed[b.user[r]] = failed;
        if (als->unit && !failed)
            add_terms(view, &b.task[r], w->shared, b.system[r], &terms);
        mf__als_task_copy_shared(&b.task[r], view);
    }
    terms.ridge = mf__als_block_ridge(als, block);
    als->user_terms[block] = terms;
}

static bool any_failed(const uint8_t failed[], uint32_t n)
{
    return memchr(failed, 1, n) != NULL;
}

/* The user at this place of the order; false if a system has no solution, or there is no
 * memory for it. */
static bool solve_in_double(mf_als *als, const als_view *view, uint32_t at,
                            als_work *work)
{
    als_row row = mf__als_row_of(als, als->user_order[at]);
    als_terms *terms = &als->user_terms[at / ALS_BLOCK];
    als_task task;
    mf_ridge *ridge = mf__als_work_ridge(work);
    bool solved = ridge != NULL;
    mf__als_task_make(&task, view, &row);
    for (uint32_t j = 0; ridge && j < task.solved.n; j++)
        solved &= mf__als_row_solve(view, &row, task.solved.persona[j], ridge) == MF_OK;
    work->double_solves += task.solved.n;
    mf__als_task_copy_shared(&task, view);
    if (als->unit)
        mf__als_terms_add_row(terms, view, &task);
    terms->ridge = mf__als_block_ridge(als, at / ALS_BLOCK);
    return solved;
}

/* Solve in double what floats could not. */
static int solve_failed_users(mf_als *als, uint32_t *failed, mf_err *err)
{
    struct als_wide *w = als->wide;
    if (!any_failed(w->failed, als->users.n))
        return MF_OK;
    int code = mf__als_make_item_gram(als, mf__gram_in_double, err);
    if (code < 0)
        return code;
    als_view view = mf__als_view_of(als);
#pragma omp parallel for schedule(dynamic, 1) num_threads(als->threads)
    for (uint32_t block = 0; block < als_blocks(als); block++)
        for (uint32_t j = 0, at; j < ALS_BLOCK; j++)
            if ((at = block * ALS_BLOCK + j) < als->users.n &&
                w->failed[als->user_order[at]] &&
                !solve_in_double(als, &view, at, &als->work[omp_get_thread_num()]))
                mf__als_note_failure(als->user_order[at], failed);
    return MF_OK;
}

/* Room for the lists of the longest row. */
static int reserve_lists(mf_als *als, const mf_csr *cells, uint32_t personas,
                         mf_err *err)
{
    size_t longest = 0;
    int code = MF_OK;
    for (uint32_t r = 0; r < cells->rows; r++)
        longest = larger(longest, cells->ptr[r + 1] - cells->ptr[r]);
    for (int t = 0; code == MF_OK && t < als->threads; t++)
        code = mf__als_wide_reserve(&als->wide->work[t], longest * personas, err);
    return code;
}

int mf__als_wide_users(mf_als *als, uint32_t *failed, mf_err *err)
{
    als_wide_side side;
    bool plain = als->unit && als->users.personas == 1;
    int code = reserve(als, err);
    if (code == MF_OK && !plain)
        code = reserve_lists(als, als->train, 1, err);
    code = mf_ranks_agree(als->ranks, code, err);
    if (code < 0 || (code = begin(als, &side, false, err)) < 0)
        return code;
    als_view view = mf__als_view_of(als);
#pragma omp parallel for schedule(dynamic, 1) num_threads(als->threads)
    for (uint32_t block = 0; block < als_blocks(als); block++) {
        solve_block(als, &view, block);
        mf__tally_add(&als->tally, als_block_size(als, block));
    }
    return solve_failed_users(als, failed, err);
}

/* --- items --- */

/* The terms of the personas of one user, from the `have`-th of the lists on. Returns
 * how many there are then. */
static size_t list_user(const mf_als *als, als_wide_work *w, size_t have, uint32_t u,
                        uint8_t z, float a, float b)
{
    als_distinct_row d = als_distinct_of(&als->distinct, u);
    uint32_t own = d.of[z];
    for (uint32_t j = 0; j < d.n; j++) {
        float root = j == own ? als_distinct_own(&d, j)
                              : als_distinct_sibling(&als->distinct, &d, j);
        if (!(root > 0))
            continue;
        w->index[have] = u * als->users.personas + d.persona[j];
        w->weight[have] = root * root * a;
        w->rhs_weight[have++] = root * root * b;
    }
    return have;
}

static void list_item(const mf_als *als, als_wide_work *w, uint32_t i,
                      als_wide_system *s)
{
    const mf_csr *x = &als->by_item;
    size_t begin = x->ptr[i], end = x->ptr[i + 1], m = 0;
    *s = (als_wide_system){.m = end - begin,
                           .row = x->col + begin,
                           .share = (float)als_item_weight(&als->items, i),
                           .ridge = (float)mf__als_lambda_item(als, i),
                           .x = mf_tensor_at(&als->items, i, 0)};
    if (als->unit && als->users.personas == 1)
        return;
    for (size_t t = begin; t < end; t++) {
        float a = (float)als_item_a(als, t),
              b = (float)mf__als_item_b(als, x->col[t], i, t);
        if (als->users.personas > 1) {
            m = list_user(als, w, m, x->col[t], als->item_z[t], a, b);
            continue;
        }
        w->index[m] = x->col[t];
        w->weight[m] = a;
        w->rhs_weight[m++] = b;
    }
    s->m = m;
    s->row = w->index;
    s->weight = w->weight;
    s->rhs_weight = als->unit ? w->weight : w->rhs_weight;
}

static void solve_items(mf_als *als, uint32_t n, const uint32_t item[])
{
    struct als_wide *w = als->wide;
    als_wide_work *work = &w->work[omp_get_thread_num()];
    als_wide_system system[ITEMS];
    for (uint32_t s = 0; s < n; s++) {
        mf__disk_beat(als->p.disk);
        if (s + 1 < n && als->users.personas == 1)
            fetch_next(work, &als->by_item, item[s + 1]);
        list_item(als, work, item[s], &system[s]);
        mf__als_wide_add(work, &system[s]);
    }
    mf__als_wide_flush(work);
    for (uint32_t s = 0; s < n; s++) {
        als->gain[item[s]] = -system[s].value;
        w->failed[item[s]] = system[s].failed;
    }
}

static int solve_failed_items(mf_als *als, uint32_t *failed, mf_err *err)
{
    struct als_wide *w = als->wide;
    if (!any_failed(w->failed, als->items.n))
        return MF_OK;
    als->user_gram_known = false; /* that of before they were turned */
    int code = mf__als_make_user_gram(als, mf__gram_in_double, err);
    if (code < 0)
        return code;
#pragma omp parallel for schedule(dynamic, 1) num_threads(als->threads)
    for (uint32_t i = 0; i < als->items.n; i++)
        if (w->failed[i] &&
            mf__als_item_solve_in_double(als, i, &als->work[omp_get_thread_num()]) < 0)
            mf__als_note_failure(i, failed);
    return MF_OK;
}

int mf__als_wide_items(mf_als *als, uint32_t *failed, mf_err *err)
{
    als_wide_side side;
    uint32_t p = als->users.personas;
    int code = reserve(als, err);
    if (code == MF_OK && !(als->unit && p == 1))
        code = reserve_lists(als, &als->by_item, p, err);
    code = mf_ranks_agree(als->ranks, code, err);
    if (code < 0 || (code = begin(als, &side, true, err)) < 0)
        return code;
    als->user_gram_known = als->user_ridge_known = false; /* users were turned */
    if (mf__ranks_many(als->ranks))
        return mf__als_apart_wide(als, &side, als->wide->work, list_item, failed, err);
#pragma omp parallel for schedule(dynamic, 1) num_threads(als->threads)
    for (uint32_t at = 0; at < als->items.n; at += ITEMS) {
        uint32_t n = als->items.n - at < ITEMS ? als->items.n - at : ITEMS;
        solve_items(als, n, als->item_order + at);
        mf__tally_add(&als->tally, n);
    }
    return solve_failed_items(als, failed, err);
}
