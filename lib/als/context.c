/* What the steps read of a training. */
#include "als/context.h"

#include <math.h>

#include "als/cells.h"
#include "als/order.h"
#include "base/mem.h"
#include "data/tensor.h"

void mf__als_note_failure(uint32_t row, uint32_t *failed)
{
#pragma omp critical(mf__als_failure)
    if (row < *failed)
        *failed = row;
}

/* --- arrays that may be on disk --- */

int mf__als_tensor(const mf_als *als, mf_tensor *out, uint32_t n, uint32_t personas,
                   mf_err *err)
{
    uint32_t k = als->p.k;
    if (mf__disk_relaxed(als->p.disk))
        return mf__tensor_room(out, n, personas, k, err);
    *out = (mf_tensor){.n = n, .personas = personas, .k = k};
    size_t rows = (size_t)n * personas; /* both factors are 32 bits */
    int code = mf__disk_keep(als->p.disk, &out->data, rows, k * sizeof *out->data, err);
    if (code < 0)
        *out = (mf_tensor){0};
    return code;
}

void mf__als_tensor_free(const mf_als *als, mf_tensor *t)
{
    mf__disk_free(als->p.disk, t->data);
    t->data = NULL;
    mf_tensor_free(t);
}

void mf__als_zero_users(mf_als *als)
{
    mf_tensor *u = &als->users;
    mf__disk_zero(als->p.disk, u->data,
                  (size_t)u->n * u->personas * u->k * sizeof *u->data);
}

void mf__als_csr_free(const mf_als *als, mf_csr *x)
{
    mf__disk_free(als->p.disk, x->col);
    mf__disk_free(als->p.disk, x->val);
    x->col = NULL;
    x->val = NULL;
    mf_csr_free(x);
}

/* --- users --- */

static size_t cells_of(const mf_csr *x, uint32_t row)
{
    return x->ptr[row + 1] - x->ptr[row];
}

als_view mf__als_view_of(const mf_als *als)
{
    return (als_view){.p = &als->p,
                      .solver = als->p.solver,
                      .personas = als->users.personas,
                      .mu = als->mu,
                      .items = &als->items,
                      .weights = als->weights,
                      .gram = als->item_gram,
                      .kernel = als->kernel,
                      .basis = &als->basis};
}

als_row mf__als_row_of(const mf_als *als, uint32_t u)
{
    size_t begin = als->train->ptr[u];
    const float *b = als->b;
    if (!b && als->p.preset != MF_PRESET_IMPLICIT)
        b = als->train->val;
    return (als_row){.n = cells_of(als->train, u),
                     .ahead = als->train->nnz - begin,
                     .item = als->train->col + begin,
                     .a = als->a ? als->a + begin : NULL,
                     .b = b ? b + begin : NULL,
                     .z = als->z + begin,
                     .next_z = als->next_z ? als->next_z + begin : NULL,
                     .vectors = mf_tensor_at(&als->users, u, 0),
                     .bias = als->users.bias ? &als->users.bias[u] : NULL};
}

uint64_t mf__als_active_of(const mf_als *als, uint32_t u)
{
    return mf__als_cells_active(als, als->z, u);
}

double mf__als_lambda_user(const mf_als *als, uint32_t u)
{
    return mf__als_lambda_u(&als->p, als->users.personas, cells_of(als->train, u),
                            als->weights);
}

double mf__als_beta_user(const mf_als *als, uint32_t u)
{
    return mf__als_beta(&als->p, als->users.personas, cells_of(als->train, u));
}

/* --- items --- */

void mf__als_prepare_items(mf_als *als)
{
#pragma omp parallel for schedule(static) num_threads(als->threads)
    for (uint32_t u = 0; u < als->train->rows; u++) {
        als_rho rho =
            mf__als_rho(&als->p, als->users.personas, cells_of(als->train, u));
        als->own[u] = (float)sqrt(rho.own);
        als->sibling[u] = (float)sqrt(rho.sibling);
    }
    if (als->users.personas > 1)
        mf__als_copy_by_item(als, als->item_z, als->z, 1);
}

double mf__als_lambda_item(const mf_als *als, uint32_t i)
{
    return mf__als_lambda_i(&als->p, als->users.personas, als->item_cells[i],
                            als_item_weight(&als->items, i) * als->rows);
}

double mf__als_beta_item(const mf_als *als, uint32_t i)
{
    return mf__als_beta(&als->p, als->users.personas, als->item_cells[i]);
}

double mf__als_item_b(const mf_als *als, uint32_t u, uint32_t i, size_t at)
{
    if (als->item_b)
        return (double)als->item_b[at];
    if (als->p.preset == MF_PRESET_IMPLICIT)
        return 1;
    return (double)als->by_item.val[at] - als_offset(als, u, i);
}

/* --- Gram matrices --- */

int mf__als_make_user_gram(mf_als *als, mf_gram *gram, mf_err *err)
{
    size_t vectors = (size_t)als->users.n * als->users.personas;
    int code;
    if (als->user_gram_known)
        return MF_OK;
    code = gram(als->user_gram, als->users.data, NULL, vectors, als->p.k, als->threads,
                als->p.disk, err);
    code = mf__ranks_sum(als->ranks, code, RANKS_GRAM, als->user_gram,
                         (size_t)als->p.k * als->p.k, err);
    als->user_gram_known = code == MF_OK;
    return code;
}

int mf__als_make_item_gram(mf_als *als, mf_gram *gram, mf_err *err)
{
    return gram(als->item_gram, als->items.data, als->items.weight, als->items.n,
                als->p.k, als->threads, NULL, err);
}

int mf__als_make_basis_by(mf_als *als, mf_gram *gram, mf_err *err)
{
    int code = mf__als_make_item_gram(als, gram, err);
    if (code == MF_OK)
        code = mf__basis_make(&als->basis, &als->items, als->item_gram,
                              als_unobserved(&als->p, als->users.personas),
                              als->threads, err);
    als->basis_current = code == MF_OK && gram == mf__gram_weighted;
    return code;
}

int mf__als_make_basis(mf_als *als, mf_err *err)
{
    if (!als->basis_current)
        return mf__als_make_basis_by(als, mf__gram_weighted, err);
    mf__basis_share(&als->basis, als_unobserved(&als->p, als->users.personas));
    return MF_OK;
}

int mf__als_turn_items(mf_als *als, mf_err *err)
{
    int code = mf_ranks_agree(als->ranks,
                              mf__als_make_item_gram(als, mf__gram_weighted, err), err);
    if (code == MF_OK)
        code = mf__basis_turn(&als->basis, &als->items, als->item_gram,
                              als_unobserved(&als->p, als->users.personas),
                              als->threads, als->ranks, err);
    code = mf_ranks_agree(als->ranks, code, err);
    als->basis_current = code == MF_OK;
    mf__mem_trim();
    return code;
}
