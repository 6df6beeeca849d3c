/* The three block minimizations: z, V and U. Each row is solved by one thread. */
#include "als/steps.h"

#include <math.h>
#include <string.h>

#include <omp.h>

#include "als/apart.h"
#include "als/bias.h"
#include "als/items.h"
#include "als/loss.h"
#include "als/users.h"
#include "als/wide.h"
#include "base/err.h"

static bool lacks_memory(const mf_als *als)
{
    bool lacks = false;
    for (int t = 0; t < als->threads; t++)
        lacks |= als->work[t].lacks;
    return lacks;
}

static int report(mf_als *als, bool item, uint32_t failed, mf_err *err)
{
    if (failed == UINT32_MAX)
        return MF_OK;
    if (lacks_memory(als))
        return mf__nomem(err);
    als->failed_item = item;
    als->failed = failed;
    return mf_fail(err, MF_EMATH,
                   "the system of %s %u cannot be solved: " MF__ALS_SINGULAR,
                   item ? "column" : "row", failed);
}

/* --- z --- */

void mf_als_assign(mf_als *als, double *moved)
{
    size_t changed = 0;
    als_view view = mf__als_view_of(als);
    *moved = 0;
    als->loss.known = false;
    if (view.personas == 1 || als->cells == 0)
        return;
    if (als->next_z_known) {
        mf__disk_copy(als->p.disk, als->z, als->next_z, als->train->nnz);
        *moved = (double)als->next_z_moved / als->cells;
        als->next_z_known = false;
        return;
    }
#pragma omp parallel for schedule(dynamic, 64) num_threads(als->threads) reduction(+ : changed)
    for (uint32_t u = 0; u < als->train->rows; u++) {
        als_row row = mf__als_row_of(als, u);
        mf__als_beat(als, u);
        changed += mf__als_row_assign(&view, &row);
    }
    *moved = (double)changed;
    mf__ranks_total(als->ranks, moved, 1);
    *moved /= als->cells;
}

/* --- V --- */

/* rho, summed over cells and personas. */
static double sum_of_rho(const mf_als *als)
{
    const mf_csr *x = als->train;
    uint32_t p = als->users.personas;
    double sum = 0;
    if (p == 1)
        return (double)x->nnz;
    for (uint32_t u = 0; u < x->rows; u++) {
        size_t cells = x->ptr[u + 1] - x->ptr[u];
        als_rho rho = mf__als_rho(&als->p, p, cells);
        sum += (double)cells * (rho.own + (p - 1) * rho.sibling);
    }
    return sum;
}

/* Derive L. At its minimum along V it is what it would be with V = 0, less what the
 * step took off for each item. */
static void derive_loss_after_items(mf_als *als)
{
    double sums[] = {sum_of_rho(als), mf__als_user_ridge(als)};
    for (uint32_t i = 0; i < als->items.n; i++)
        sums[0] -= als->gain[i];
    mf__ranks_total(als->ranks, sums, 2);
    als->loss = (als_loss){.known = true,
                           .users = sums[1],
                           .items = mf__als_item_ridge(als),
                           .square = NAN};
    als->loss.prediction = sums[0] - als->loss.items;
}

static void solve_items(const als_item_side *side, uint32_t *failed)
{
    mf_als *als = side->als;
    uint32_t batch = als->work[0].systems;
#pragma omp parallel for schedule(dynamic, 1) num_threads(als->threads)
    for (uint32_t at = 0; at < als->items.n; at += batch) {
        uint32_t n = als->items.n - at < batch ? als->items.n - at : batch;
        uint32_t bad = mf__als_items_solve(side, n, als->item_order + at,
                                           &als->work[omp_get_thread_num()]);
        if (bad != UINT32_MAX)
            mf__als_note_failure(bad, failed);
        mf__tally_add(&als->tally, n);
    }
}

static int solve_items_by(mf_als *als, mf_gram *gram, uint32_t *failed, mf_err *err)
{
    als_item_side side = {.als = als};
    int code = mf_ranks_agree(als->ranks, mf__linalg_reserve(als->threads, err), err);
    *failed = UINT32_MAX;
    if (code < 0 || (code = mf__als_make_user_gram(als, gram, err)) < 0)
        return code;
    code = mf_ranks_agree(als->ranks, mf__als_item_side_make(&side, err), err);
    if (code < 0) {
        mf__als_item_side_free(&side);
        return code;
    }
    if (mf__ranks_many(als->ranks))
        code = mf__als_apart_items(&side, failed, err);
    else
        solve_items(&side, failed);
    mf__als_item_side_free(&side);
    return code;
}

/* All items by Cholesky. Where a system cannot be solved, the rounding of the Gram matrix
 * may be more than the ridge: then once more without it. */
static int solve_items_exactly(mf_als *als, uint32_t *failed, mf_err *err)
{
    int code = solve_items_by(als, mf__gram_weighted, failed, err);
    if (code < 0 || *failed == UINT32_MAX || lacks_memory(als))
        return code;
    als->user_gram_known = false;
    return solve_items_by(als, mf__gram_in_double, failed, err);
}

int mf_als_solve_items(mf_als *als, mf_err *err)
{
    uint32_t failed = UINT32_MAX;
    int code = MF_OK;
    als_invalidate(als, false);
    als->basis_current = false;
    mf__als_prepare_items(als);
    if ((code = mf__als_solve_item_biases(als, err)) < 0)
        return code;
    if (als->users.personas > 1)
        code = mf__als_distinct_find(&als->distinct, &als->users, als->own,
                                     als->sibling, als->threads, als->p.disk, err);
    code = mf_ranks_agree(als->ranks, code, err);
    if (code == MF_OK)
        code = als->wide ? mf__als_wide_items(als, &failed, err)
                         : solve_items_exactly(als, &failed, err);
    if (code < 0)
        return code;
    if (als->unit && failed == UINT32_MAX)
        derive_loss_after_items(als);
    return mf_ranks_agree(als->ranks, report(als, true, failed, err), err);
}

/* --- U --- */

/* Derive L and the next z from the terms of the blocks. */
static void derive_loss_after_users(mf_als *als)
{
    als_terms all = {0};
    for (uint32_t block = 0; block < als_blocks(als); block++) {
        all.observed += als->user_terms[block].observed;
        all.everywhere += als->user_terms[block].everywhere;
        all.square += als->user_terms[block].square;
        all.ridge += als->user_terms[block].ridge;
        all.moved += als->user_terms[block].moved;
    }
    als->user_ridge = all.ridge;
    als->user_ridge_known = true;
    double sums[] = {all.observed, all.everywhere, all.ridge, all.square,
                     (double)all.moved};
    mf__ranks_total(als->ranks, sums, 5);
    als->loss = (als_loss){.known = true,
                           .prediction = sums[0] + sums[1],
                           .users = sums[2],
                           .items = mf__als_item_ridge(als),
                           .square = sums[3]};
    als->next_z_known = als->users.personas > 1;
    als->next_z_moved = (size_t)sums[4];
}

static void solve_block(mf_als *als, const als_view *view, uint32_t block,
                        uint32_t *failed)
{
    als_row row[ALS_BLOCK];
    als_terms terms = {0};
    const uint32_t *user = als->user_order + (size_t)block * ALS_BLOCK;
    uint32_t n = als_block_size(als, block);
    mf__disk_beat(als->p.disk);
    for (uint32_t r = 0; r < n; r++)
        row[r] = mf__als_row_of(als, user[r]);
    als_row *bad = mf__als_users_solve(view, row, n, &als->work[omp_get_thread_num()],
                                       als->unit ? &terms : NULL);
    if (bad)
        mf__als_note_failure(user[bad - row], failed);
    terms.ridge = mf__als_block_ridge(als, block);
    als->user_terms[block] = terms;
}

/* In the basis that there is. */
static void solve_all_blocks(mf_als *als, uint32_t *failed)
{
    *failed = UINT32_MAX;
    als_view view = mf__als_view_of(als);
#pragma omp parallel for schedule(dynamic, 1) num_threads(als->threads)
    for (uint32_t block = 0; block < als_blocks(als); block++) {
        solve_block(als, &view, block, failed);
        mf__tally_add(&als->tally, als_block_size(als, block));
    }
}

/* All users by Cholesky, or in their dual. As for items, once more where a system cannot
 * be solved. */
static int solve_blocks(mf_als *als, uint32_t *failed, mf_err *err)
{
    int code = mf__als_make_basis(als, err);
    if (code < 0)
        return code;
    solve_all_blocks(als, failed);
    if (*failed == UINT32_MAX || lacks_memory(als))
        return MF_OK;
    code = mf__als_make_basis_by(als, mf__gram_in_double, err);
    if (code == MF_OK)
        solve_all_blocks(als, failed);
    return code;
}

static int solve_users(mf_als *als, bool exact, mf_err *err)
{
    uint32_t failed = UINT32_MAX;
    als_invalidate(als, true);
    mf__als_solve_user_biases(als);
    int code = als->wide && !exact ? mf__als_wide_users(als, &failed, err)
                                   : solve_blocks(als, &failed, err);
    if (code == MF_OK)
        code = report(als, false, failed, err);
    if ((code = mf_ranks_agree(als->ranks, code, err)) < 0)
        return code;
    als->users_current = true;
    if (als->unit)
        derive_loss_after_users(als);
    return MF_OK;
}

int mf_als_solve_users(mf_als *als, mf_err *err)
{
    return solve_users(als, false, err);
}

int mf__als_solve_users_exactly(mf_als *als, mf_err *err)
{
    if (!als->wide)
        return solve_users(als, true, err);
    int code = mf_ranks_agree(als->ranks, mf__als_open_work(als, err), err);
    if (code == MF_OK)
        code = solve_users(als, true, err);
    mf__basis_free(&als->basis);
    als->basis_current = false;
    for (int t = 0; t < als->threads; t++)
        mf__als_work_close(&als->work[t]);
    return code;
}
