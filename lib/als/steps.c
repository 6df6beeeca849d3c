/* The three block minimizations. Each row is one thread's alone. */
#include <math.h>
#include <string.h>

#include <omp.h>

#include "als/items.h"
#include "als/private.h"

static size_t cells_of(const mf_csr *x, uint32_t row)
{
    return x->ptr[row + 1] - x->ptr[row];
}

double mf__als_lambda_user(const mf_als *als, uint32_t user)
{
    return mf__als_ridge_user(&als->p, als->users.personas, cells_of(als->train, user),
                              als->train->cols);
}

double mf__als_lambda_item(const mf_als *als, uint32_t item)
{
    double cells = (double)cells_of(&als->by_item, item);
    double weight = als->users.personas * als_mean_rho(&als->p, als->users.personas) *
                    (cells + als->p.unobserved * als->train->rows);
    return als->p.lambda_items * mf__als_scaling(&als->p, weight);
}

double mf__als_beta_user(const mf_als *als, uint32_t user)
{
    return mf__als_ridge_bias(&als->p, als->users.personas, cells_of(als->train, user));
}

double mf__als_beta_item(const mf_als *als, uint32_t item)
{
    return mf__als_ridge_bias(&als->p, als->users.personas,
                              cells_of(&als->by_item, item));
}

als_view mf__als_view_of(const mf_als *als)
{
    return (als_view){.p = &als->p,
                      .personas = als->users.personas,
                      .mu = als->mu,
                      .items = &als->items,
                      .gram = als->gram,
                      .kernel = als->work[0].kernel,
                      .basis = &als->basis};
}

als_row mf__als_row_of(const mf_als *als, uint32_t user)
{
    size_t begin = als->train->ptr[user];
    const float *b = als->p.preset == MF_PRESET_IMPLICIT ? NULL : als->train->val;
    return (als_row){.n = cells_of(als->train, user),
                     .ahead = als->train->nnz - begin,
                     .item = als->train->col + begin,
                     .a = als->a ? als->a + begin : NULL,
                     .b = als->b ? als->b + begin
                          : b    ? b + begin
                                 : NULL,
                     .z = als->z + begin,
                     .owner = als->item_z + begin,
                     .vectors = mf_tensor_at(&als->users, user, 0),
                     .bias = als->users.bias ? &als->users.bias[user] : NULL};
}

double mf__als_b(const mf_als *als, uint32_t user, uint32_t item, size_t cell)
{
    if (als->b)
        return (double)als->b[cell];
    if (als->p.preset == MF_PRESET_IMPLICIT)
        return 1;
    double b = (double)als->train->val[cell];
    if (als->users.bias)
        b -= als->mu + (double)als->users.bias[user] + (double)als->items.bias[item];
    return b;
}

double mf__als_item_b(const mf_als *als, uint32_t user, uint32_t item, size_t at)
{
    if (als->item_b)
        return (double)als->item_b[at];
    if (als->p.preset == MF_PRESET_IMPLICIT)
        return 1;
    double b = (double)als->by_item.val[at];
    if (als->users.bias)
        b -= als->mu + (double)als->users.bias[user] + (double)als->items.bias[item];
    return b;
}

void mf_als_assign(mf_als *als, double *moved)
{
    size_t changed = 0;
    als_view view = mf__als_view_of(als);
    *moved = 0;
    als->sums.known = false;
    if (view.personas == 1 || als->train->nnz == 0)
        return;
    if (als->owners_known) { /* the measures had all scores */
        memcpy(als->z, als->item_z, als->train->nnz);
        *moved = (double)als->owners_move / (double)als->train->nnz;
        als->owners_known = false;
        return;
    }
#pragma omp parallel for schedule(dynamic, 64) num_threads(als->threads) reduction(+ : changed)
    for (uint32_t u = 0; u < als->train->rows; u++) {
        als_row row = mf__als_row_of(als, u);
        changed += mf__als_row_assign(&view, &row);
    }
    *moved = (double)changed / (double)als->train->nnz;
}

void mf__als_solve_user_biases(mf_als *als)
{
    als_view view = mf__als_view_of(als);
    if (!als->users.bias)
        return;
#pragma omp parallel for schedule(dynamic, 64) num_threads(als->threads)
    for (uint32_t u = 0; u < als->users.n; u++) {
        als_row row = mf__als_row_of(als, u);
        mf__als_row_solve_bias(&view, &row);
    }
}

/* What the items' steps read of their cells: rho of each user, and z in their order. */
static void prepare_items(mf_als *als)
{
#pragma omp parallel for schedule(static) num_threads(als->threads)
    for (uint32_t u = 0; u < als->train->rows; u++) {
        als_rho rho =
            mf__als_rho_of(&als->p, als->users.personas, cells_of(als->train, u));
        als->own[u] = (float)sqrt(rho.own);
        als->sibling[u] = (float)sqrt(rho.sibling);
    }
    if (als->users.personas > 1)
        mf__als_by_item(als, als->item_z, als->z, 1);
}

static float item_bias(mf_als *als, uint32_t i)
{
    const mf_csr *x = &als->by_item;
    double sum = 0, weight = mf__als_beta_item(als, i);
    als->items.bias[i] = 0;
    if (x->ptr[i] == x->ptr[i + 1])
        return 0;
    for (size_t t = x->ptr[i]; t < x->ptr[i + 1]; t++) {
        uint32_t u = x->col[t];
        for (uint32_t q = 0; q < als->users.personas; q++) {
            double root = (double)(q == als->item_z[t] ? als->own[u] : als->sibling[u]);
            double rho = root * root;
            double s = (double)mf__dot(mf_tensor_at(&als->users, u, q),
                                       mf_tensor_at(&als->items, i, 0), als->p.k);
            sum += rho * (mf__als_item_b(als, u, i, t) - s);
            weight += rho;
        }
    }
    return (float)(sum / weight);
}

void mf__als_solve_item_biases(mf_als *als)
{
    if (!als->items.bias)
        return;
    prepare_items(als);
#pragma omp parallel for schedule(dynamic, 8) num_threads(als->threads)
    for (uint32_t i = 0; i < als->items.n; i++)
        als->items.bias[i] = item_bias(als, i);
}

/* Keep the first row that cannot be solved, whichever thread met it first. */
static void note_failure(uint32_t row, uint32_t *failed)
{
#pragma omp critical(mf__als_failure)
    if (row < *failed)
        *failed = row;
}

static int report(const char *side, uint32_t failed, mf_err *err)
{
    if (failed == UINT32_MAX)
        return MF_OK;
    return mf_fail(err, MF_EMATH,
                   "the system of %s %u cannot be solved: it is singular or "
                   "overflows; raise --lambda or check the values",
                   side, failed);
}

int mf__als_user_gram(mf_als *als, mf_err *err)
{
    uint32_t k = als->p.k;
    size_t vectors = (size_t)als->users.n * als->users.personas;
    int code = MF_OK;
    if (!als->gram_known)
        code = mf__gram(als->user_gram, als->users.data, vectors, k, als->threads, err);
    als->gram_known = code == MF_OK;
    memcpy(als->gram, als->user_gram, (size_t)k * k * sizeof *als->gram);
    return code;
}

bool mf__als_is_even(const mf_als *als)
{
    return als->p.preset == MF_PRESET_IMPLICIT && !mf__als_varies(&als->p);
}

static double block_ridge(const mf_als *als, uint32_t block)
{
    size_t width = (size_t)als->users.personas * als->p.k;
    uint32_t lo = block * ALS_ROWS, m = als->users.n;
    double sum = 0;
    for (uint32_t at = lo; at < m && at < lo + ALS_ROWS; at++) {
        uint32_t u = als->user_order[at];
        sum += mf__als_lambda_user(als, u) *
               mf__als_squared_norm(mf_tensor_at(&als->users, u, 0), width);
    }
    return sum;
}

static uint32_t blocks_of(const mf_als *als)
{
    return als->users.n / ALS_ROWS + (als->users.n % ALS_ROWS != 0);
}

double mf__als_user_ridge(mf_als *als)
{
    if (!als->ridge_known) {
        als->user_ridge = 0;
        for (uint32_t block = 0; block < blocks_of(als); block++)
            als->user_ridge += block_ridge(als, block);
        als->ridge_known = true;
    }
    return als->user_ridge;
}

/* L, its minimum along V, is what it would be with V = 0 less what each item takes off. */
static void tell_items(mf_als *als)
{
    uint32_t p = als->users.personas;
    double loss = (double)als->train->nnz * p * als_mean_rho(&als->p, p);
    for (uint32_t i = 0; i < als->items.n; i++)
        loss -= als->gain[i];
    als->sums = (als_sums){.known = true,
                           .users = mf__als_user_ridge(als),
                           .items = mf__als_item_ridge(als),
                           .square = NAN};
    als->sums.prediction = loss - als->sums.items;
}

int mf_als_solve_items(mf_als *als, mf_err *err)
{
    uint32_t failed = UINT32_MAX;
    als_forget(als, false);
    mf__als_solve_item_biases(als);
    prepare_items(als);
    int code = mf__als_user_gram(als, err);
    als_item_side side = {.als = als};
    if (code == MF_OK && als->users.personas > 1)
        code = mf__als_find_voices(als, err);
    if (code < 0 || (code = mf__als_item_side_make(&side, err)) < 0)
        return code;
    uint32_t batch = als->work[0].systems;
#pragma omp parallel for schedule(dynamic, 1) num_threads(als->threads)
    for (uint32_t at = 0; at < als->items.n; at += batch) {
        uint32_t n = als->items.n - at < batch ? als->items.n - at : batch;
        uint32_t bad = mf__als_items_solve(&side, n, als->item_order + at,
                                           &als->work[omp_get_thread_num()]);
        if (bad != UINT32_MAX)
            note_failure(bad, &failed);
    }
    mf__als_item_side_free(&side);
    if (mf__als_is_even(als) && failed == UINT32_MAX)
        tell_items(als);
    return report("item", failed, err);
}

/* L along U, and the owners to be. */
static void tell_users(mf_als *als, double item_ridge)
{
    als_tally all = {0};
    for (uint32_t block = 0; block < blocks_of(als); block++) {
        all.cells += als->tally[block].cells;
        all.everywhere += als->tally[block].everywhere;
        all.square += als->tally[block].square;
        all.ridge += als->tally[block].ridge;
        all.moved += als->tally[block].moved;
    }
    als->user_ridge = all.ridge;
    als->ridge_known = true;
    als->sums = (als_sums){.known = true,
                           .prediction = all.cells + all.everywhere,
                           .users = all.ridge,
                           .items = item_ridge,
                           .square = all.square};
    als->owners_known = als->users.personas > 1;
    als->owners_move = all.moved;
}

int mf_als_solve_users(mf_als *als, mf_err *err)
{
    uint32_t failed = UINT32_MAX, k = als->p.k, p = als->users.personas;
    double item_ridge = als->sums.known ? als->sums.items : mf__als_item_ridge(als);
    als_forget(als, true);
    int code = mf__gram(als->gram, als->items.data, als->items.n, k, als->threads, err);
    if (code == MF_OK)
        code = mf__basis_make(&als->basis, &als->items, als->gram,
                                  als_unobserved(&als->p, p), als->threads, err);
    if (code < 0)
        return code;
    mf__als_solve_user_biases(als);
    als_view view = mf__als_view_of(als);
    bool even = mf__als_is_even(als);
#pragma omp parallel for schedule(dynamic, 1) num_threads(als->threads)
    for (uint32_t block = 0; block < blocks_of(als); block++) {
        als_row row[ALS_ROWS], *bad;
        als_tally *tally = even ? &als->tally[block] : NULL;
        uint32_t at = block * ALS_ROWS, left = als->users.n - at;
        uint32_t n = left < ALS_ROWS ? left : ALS_ROWS;
        for (uint32_t r = 0; r < n; r++)
            row[r] = mf__als_row_of(als, als->user_order[at + r]);
        als->tally[block] = (als_tally){0};
        bad =
            mf__als_rows_solve(&view, row, n, &als->work[omp_get_thread_num()], tally);
        if (bad)
            note_failure(als->user_order[at + (uint32_t)(bad - row)], &failed);
        als->tally[block].ridge = block_ridge(als, block);
    }
    als->users_newest = true;
    if (even && failed == UINT32_MAX)
        tell_users(als, item_ridge);
    return report("user", failed, err);
}
