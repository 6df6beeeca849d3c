/* The context of a training. */
#include "als/context.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "als/cells.h"
#include "als/order.h"
#include "als/wide.h"
#include "base/mem.h"
#include "base/par.h"
#include "data/tensor.h"

/* --- opening --- */

int mf__als_open_work(mf_als *als, mf_err *err)
{
    size_t longest = als->wide ? 0 : SIZE_MAX; /* items: of the order of the factors */
    int code = MF_OK;
    for (uint32_t u = 0; u < als->train->rows; u++) {
        size_t n = als->train->ptr[u + 1] - als->train->ptr[u];
        longest = n > longest ? n : longest;
    }
    for (int t = 0; code == MF_OK && t < als->threads; t++) {
        mf__als_work_close(&als->work[t]);
        code = mf__als_work_open(&als->work[t], als->p.k, KERNEL_BATCH, longest, err);
    }
    return code;
}

static int allocate(mf_als *als, mf_err *err)
{
    const mf_csr *train = als->train;
    size_t m = train->rows, n = train->cols, square = (size_t)als->p.k * als->p.k;
    als->user_gram = mf__new(square, sizeof *als->user_gram);
    als->item_gram = mf__new(square, sizeof *als->item_gram);
    als->work = mf__new0((size_t)als->threads, sizeof *als->work);
    als->next = mf__new(n, sizeof *als->next);
    als->own = mf__new(m, sizeof *als->own);
    als->sibling = mf__new(m, sizeof *als->sibling);
    als->gain = mf__new(n, sizeof *als->gain);
    als->user_terms = mf__new(m / ALS_BLOCK + 1, sizeof *als->user_terms);
    if (!als->user_gram || !als->item_gram || !als->work ||
        !als->next || !als->own || !als->sibling || !als->gain || !als->user_terms)
        return mf__nomem(err);
    int code = mf_tensor_alloc(&als->items, train->cols, 1, als->p.k, err);
    if (code == MF_OK)
        code = mf__als_tensor(als, &als->users, train->rows, 1, err);
    if (code == MF_OK)
        mf__als_zero_users(als);
    if (code == MF_OK)
        code = mf__disk_new(als->p.disk, &als->z, train->nnz + ALS_BEYOND, 1, err);
    if (code == MF_OK)
        code = mf__disk_new(als->p.disk, &als->item_z, train->nnz, 1, err);
    if (code == MF_OK && als->p.personas > 1)
        code = mf__disk_new(als->p.disk, &als->next_z, train->nnz, 1, err);
    for (int t = 0; t < als->threads; t++)
        als->work[t].k = als->p.k;
    return code == MF_OK && !mf__als_is_wide(&als->p) ? mf__als_open_work(als, err)
                                                      : code;
}

/* The cells by item, and the orders of users and items. */
static int arrange(mf_als *als, mf_err *err)
{
    bool valued =
        als->p.preset != MF_PRESET_IMPLICIT && !mf__als_has_confidence(&als->p);
    int code = mf__als_cells_by_item(als, valued, err);
    if (code == MF_OK)
        code = mf__als_order_rows(&als->user_order, als->train, ALS_STRETCH, err);
    return code == MF_OK ? mf__als_order_rows(&als->item_order, &als->by_item,
                                              UINT32_MAX, err)
                         : code;
}

/* What there is of all ranks: item_cells, rows and cells. */
static int count_all(mf_als *als, int code, mf_err *err)
{
    uint32_t n = als->train->cols;
    uint64_t rows, valid = als->valid ? als->valid->nnz : 0;
    bool many = mf__ranks_many(als->ranks);
    double *count = NULL;
    if (code == MF_OK && !(als->item_cells = mf__new(n, sizeof *als->item_cells)))
        code = mf__nomem(err);
    if (code == MF_OK && many && !(count = mf__new(n, sizeof *count)))
        code = mf__nomem(err);
    for (uint32_t i = 0; code == MF_OK && i < n; i++)
        als->item_cells[i] = als->by_item.ptr[i + 1] - als->by_item.ptr[i];
    for (uint32_t i = 0; code == MF_OK && many && i < n; i++)
        count[i] = (double)als->item_cells[i];
    code = mf__ranks_sum(als->ranks, code, RANKS_DATA, count, n, err);
    for (uint32_t i = 0; code == MF_OK && many && i < n; i++)
        als->item_cells[i] = (size_t)count[i];
    free(count);
    if (code < 0)
        return code;
    als->first = mf__ranks_before(als->ranks, als->train->rows, &rows);
    double sums[] = {(double)als->train->nnz, (double)valid};
    mf__ranks_total(als->ranks, sums, 2);
    als->rows = (double)rows;
    als->cells = sums[0];
    als->valid_cells = sums[1];
    return MF_OK;
}

/* The coefficients of the cells, where they vary. */
static int weigh_cells(mf_als *als, mf_err *err)
{
    const mf_csr *x = als->train;
    bool confident = mf__als_has_confidence(&als->p);
    als->unit = als->p.preset == MF_PRESET_IMPLICIT && !confident && !als->dislikes;
    if (als->unit || mf__als_takes_numbers(&als->p))
        return MF_OK;
    mf_disk *disk = als->p.disk;
    int code = mf__disk_new(disk, &als->b, x->nnz, sizeof *als->b, err);
    if (code == MF_OK)
        code = mf__disk_new(disk, &als->item_b, x->nnz, sizeof *als->item_b, err);
    if (code == MF_OK && confident)
        code = mf__disk_new(disk, &als->a, x->nnz, sizeof *als->a, err);
    if (code == MF_OK && confident)
        code = mf__disk_new(disk, &als->item_a, x->nnz, sizeof *als->item_a, err);
    if (code < 0)
        return code;
    for (size_t t = 0; t < x->nnz; t++) {
        float a;
        mf__disk_beat_at(disk, t);
        if (!mf__als_coefficients(&als->p, x->val[t], &a, &als->b[t]))
            return mf_fail(err, MF_EFORMAT, "the value %g " MF__ALS_OVERFLOW,
                           (double)x->val[t]);
        if (confident)
            als->a[t] = a;
    }
    if (confident)
        mf__als_copy_by_item(als, als->item_a, als->a, sizeof *als->a);
    mf__als_copy_by_item(als, als->item_b, als->b, sizeof *als->b);
    return MF_OK;
}

bool mf_als_find_overflow(const mf_als_params *params, const mf_csr *train,
                          size_t *cell)
{
    float a, b;
    if (!mf__als_has_confidence(params))
        return false;
    for (*cell = 0; *cell < train->nnz; ++*cell) {
        mf__disk_beat_at(params->disk, *cell);
        if (!mf__als_coefficients(params, train->val[*cell], &a, &b))
            return true;
    }
    return false;
}

/* mu and room for biases, if the model has them. */
static int open_biases(mf_als *als, mf_err *err)
{
    double sum = 0;
    if (!als->p.bias)
        return MF_OK;
    for (size_t t = 0; t < als->train->nnz; t++) {
        mf__disk_beat_at(als->p.disk, t);
        sum += (double)als->train->val[t];
    }
    mf__ranks_total(als->ranks, &sum, 1);
    als->mu = als->cells > 0 ? sum / als->cells : 0;
    int code = mf_tensor_add_bias(&als->items, err);
    return code == MF_OK ? mf_tensor_add_bias(&als->users, err) : code;
}

int mf__als_open(mf_als **out, const mf_csr *train, const mf_csr *valid,
                 const mf_als_params *params, mf_err *err)
{
    int code;
    *out = NULL;
    mf_als *als = mf__new0(1, sizeof *als);
    mf_ranks *ranks = params->ranks;
    if ((code = mf_ranks_agree(ranks, als ? MF_OK : mf__nomem(err), err)) < 0) {
        free(als);
        return code;
    }
    als->p = *params;
    als->failed = UINT32_MAX;
    als->ranks = ranks;
    als->given = train;
    als->valid = valid;
    als->threads = mf__par_threads(params->threads);
    als->kernel = mf__kernel_choose();
    if ((code = mf__als_cells_open(als, err)) == MF_OK &&
        (code = allocate(als, err)) == MF_OK && (code = arrange(als, err)) == MF_OK)
        code = weigh_cells(als, err);
    if ((code = count_all(als, code, err)) == MF_OK &&
        (code = open_biases(als, err)) == MF_OK)
        code =
            mf__als_weigh_items(&als->items, &als->p, als->item_cells, als->cells, err);
    if (code == MF_OK && mf__als_is_wide(params))
        code = mf__als_wide_open(als, err);
    if ((code = mf_ranks_agree(ranks, code, err)) < 0) {
        mf_als_close(als);
        return code;
    }
    als->weights = mf__als_sum_weights(&als->items);
    mf__linalg_serial();
    *out = als;
    return MF_OK;
}

static void free_cells(mf_als *als)
{
    void *of[] = {als->z,          als->item_z,     als->next_z, als->a,
                  als->b,          als->item_a,     als->item_b, als->given_z[0],
                  als->given_z[1]};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        mf__disk_free(als->p.disk, of[i]);
    mf__als_csr_free(als, &als->said);
    mf__als_csr_free(als, &als->by_item);
}

void mf_als_close(mf_als *als)
{
    if (!als)
        return;
    for (int t = 0; als->work && t < als->threads; t++)
        mf__als_work_close(&als->work[t]);
    free(als->work);
    mf__als_wide_close(als);
    mf__basis_free(&als->basis);
    mf__als_distinct_free(&als->distinct);
    free(als->user_gram);
    free(als->item_gram);
    free_cells(als);
    free(als->user_order);
    free(als->item_order);
    free(als->item_cells);
    free(als->next);
    free(als->own);
    free(als->sibling);
    free(als->gain);
    free(als->user_terms);
    mf__als_tensor_free(als, &als->users);
    mf_tensor_free(&als->items);
    free(als);
}

/* --- what callers see --- */

const mf_tensor *mf_als_users(const mf_als *als)
{
    return &als->users;
}

const mf_tensor *mf_als_items(const mf_als *als)
{
    return &als->items;
}

double mf_als_mu(const mf_als *als)
{
    return als->mu;
}

const uint8_t *mf_als_personas(const mf_als *als)
{
    if (als->train == als->given)
        return als->z;
    mf__als_cells_give(als, als->z, als->given_z[0]);
    return als->given_z[0];
}

const uint8_t *mf_als_next_personas(const mf_als *als)
{
    if (!als->next_z_known || als->train == als->given)
        return als->next_z_known ? als->next_z : NULL;
    mf__als_cells_give(als, als->next_z, als->given_z[1]);
    return als->given_z[1];
}

uint64_t mf_als_active(const mf_als *als, uint32_t user)
{
    return mf__als_active_of(als, user);
}

bool mf_als_failed(const mf_als *als, bool *item, uint32_t *row)
{
    *item = als->failed_item;
    *row = als->failed;
    return als->failed != UINT32_MAX;
}

uint32_t mf_als_iteration(const mf_als *als)
{
    return als->iteration;
}

bool mf_als_warms_up(const mf_als *als)
{
    return als->users.personas < als->p.personas;
}

mf_als_solves mf_als_count_solves(const mf_als *als)
{
    mf_als_solves sum = {0};
    for (int t = 0; t < als->threads; t++)
        sum.in_double += als->work[t].double_solves;
    mf__als_wide_count(als, &sum);
    return sum;
}
