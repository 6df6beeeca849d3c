#include "als/start.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "als/bias.h"
#include "als/split.h"
#include "als/steps.h"
#include "base/mem.h"
#include "base/rng.h"
#include "data/tensor.h"
#include "math/cluster.h"

/* --- random factors --- */

static void draw(const mf_als *als, mf_tensor *t, uint64_t first, uint64_t stream,
                 double deviation)
{
    size_t width = (size_t)t->personas * t->k;
#pragma omp parallel for schedule(static) num_threads(als->threads)
    for (uint32_t r = 0; r < t->n; r++) {
        mf__als_beat(als, r);
        mf_rng rng = mf__rng_make(als->p.seed, stream, first + r);
        float *row = mf_tensor_at(t, r, 0);
        for (size_t i = 0; i < width; i++)
            row[i] = (float)(deviation * mf__rng_normal(&rng));
    }
}

/* Draw z: otherwise all personas would start, and stay, the same. */
static void draw_personas(mf_als *als)
{
    for (uint32_t u = 0; u < als->train->rows; u++) {
        mf_rng rng = mf__rng_make(als->p.seed, MF_STREAM_CLUSTER, als->first + u);
        uint32_t parts = mf__als_parts(&als->p, als->users.personas,
                                       als->train->ptr[u + 1] - als->train->ptr[u]);
        for (size_t t = als->train->ptr[u]; t < als->train->ptr[u + 1]; t++) {
            mf__disk_beat_at(als->p.disk, t);
            als->z[t] = (uint8_t)mf__rng_below(&rng, parts);
        }
    }
}

int mf__als_set_personas(mf_als *als, uint32_t p, mf_err *err)
{
    mf_tensor before = als->users;
    als_invalidate(als, true);
    if (p == before.personas)
        return MF_OK;
    als->users = (mf_tensor){0};
    int code = mf__als_tensor(als, &als->users, before.n, p, err);
    size_t size = before.k * sizeof *before.data;
    if (code == MF_OK) {
#pragma omp parallel for schedule(static) num_threads(als->threads)
        for (uint32_t u = 0; u < before.n; u++) {
            mf__als_beat(als, u);
            for (uint32_t q = 0; q < p; q++)
                memcpy(mf_tensor_at(&als->users, u, q),
                       mf_tensor_at(&before, u, q % before.personas), size);
        }
    }
    als->users.bias = before.bias;
    before.bias = NULL;
    mf__als_tensor_free(als, &before);
    return mf_ranks_agree(als->ranks, code, err);
}

int mf__als_new_personas(mf_als *als, uint32_t p, mf_err *err)
{
    uint32_t n = als->users.n;
    if (als->users.bias)
        return mf__als_set_personas(als, p, err);
    als_invalidate(als, true);
    mf__als_tensor_free(als, &als->users);
    int code = mf__als_tensor(als, &als->users, n, p, err);
    if (code == MF_OK)
        mf__als_zero_users(als);
    return mf_ranks_agree(als->ranks, code, err);
}

/* Set users, z and biases to 0, with p personas. */
static int clear(mf_als *als, uint32_t p, mf_err *err)
{
    mf__als_zero_users(als);
    mf__disk_zero(als->p.disk, als->z, als->train->nnz);
    if (als->p.bias) {
        memset(als->users.bias, 0, als->users.n * sizeof *als->users.bias);
        memset(als->items.bias, 0, als->items.n * sizeof *als->items.bias);
    }
    return mf__als_set_personas(als, p, err);
}

/* The study draws both sides; otherwise V is drawn, small, and U is solved. */
int mf__als_start_random(mf_als *als, mf_err *err)
{
    bool study = als->p.preset == MF_PRESET_STUDY;
    uint32_t p = als->p.init == MF_INIT_CLUSTER ? 1 : als->p.personas;
    double moved;
    als->basis_current = false;
    int code = clear(als, p, err);
    if (code < 0)
        return code;
    draw(als, &als->items, 0, MF_STREAM_ITEMS, study ? 1 : .1 / sqrt(als->p.k));
    if (study) {
        draw(als, &als->users, als->first, MF_STREAM_USERS, 1);
        mf_als_assign(als, &moved);
        return MF_OK;
    }
    if (p > 1)
        draw_personas(als);
    if (als->p.bias) {
        mf__als_prepare_items(als);
        if ((code = mf__als_solve_item_biases(als, err)) < 0)
            return code;
    }
    return mf_als_solve_users(als, err);
}

/* --- the parts of a model --- */

static bool is_zero(const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (x[i] != 0)
            return false;
    return true;
}

/* Give each cell of no persona to the persona that fits it best. */
static void assign_free_cells(mf_als *als, uint32_t u)
{
    als_view view = mf__als_view_of(als);
    als_row row = mf__als_row_of(als, u), cell = row;
    cell.n = cell.ahead = 1;
    for (size_t t = 0; t < row.n; t++) {
        cell.item = row.item + t;
        cell.a = row.a ? row.a + t : NULL;
        cell.b = row.b ? row.b + t : NULL;
        cell.z = row.z + t;
        if (*cell.z >= view.personas)
            mf__als_row_assign(&view, &cell);
    }
}

void mf__als_find_parts(mf_als *als, uint8_t have[])
{
    uint32_t p = als->users.personas;
    size_t width = (size_t)p * als->p.k;
#pragma omp parallel for schedule(dynamic, 64) num_threads(als->threads)
    for (uint32_t u = 0; u < als->train->rows; u++) {
        mf__als_beat(als, u);
        have[u] = 0;
        if (p == 1 && als->p.personas > 1)
            continue;
        if (p > 1 && is_zero(mf_tensor_at(&als->users, u, 0), width))
            continue;
        assign_free_cells(als, u);
        have[u] = (uint8_t)p;
    }
}

/* --- clustering --- */

static void split_users(mf_als *als, const uint8_t *have, als_split work[])
{
    const mf_csr *x = als->train;
#pragma omp parallel for schedule(dynamic, 64) num_threads(als->threads)
    for (uint32_t u = 0; u < x->rows; u++) {
        size_t begin = x->ptr[u];
        mf__als_beat(als, u);
        if (u % 64 == 0) /* threads take so many at a time */
            mf__tally_add(&als->tally, x->rows - u < 64 ? x->rows - u : 64);
        if (have && have[u] == als->p.personas)
            continue;
        mf__als_split_history(&work[omp_get_thread_num()], have ? have[u] : 0,
                              x->ptr[u + 1] - begin, x->col + begin,
                              als->dislikes ? x->val + begin : NULL, als->p.seed, 0,
                              als->z + begin);
    }
}

static size_t longest_history(const mf_csr *x)
{
    size_t longest = 0;
    for (uint32_t u = 0; u < x->rows; u++)
        if (x->ptr[u + 1] - x->ptr[u] > longest)
            longest = x->ptr[u + 1] - x->ptr[u];
    return longest;
}

/* The space of the items: in the basis that the users' step has, or is about to need,
 * where that is one of V'V. */
static int make_space(mf_als *als, mf_whitened *space, mf_err *err)
{
    bool shared = !als->items.weight && (!als->wide || als->basis_current) &&
                  als_unobserved(&als->p, als->users.personas) > 0;
    *space = (mf_whitened){0};
    if (!shared)
        return mf__whiten(space, &als->items, als->threads, err);
    int code = mf__als_make_basis(als, err);
    return code == MF_OK ? mf__whiten_in(space, &als->basis, als->threads, err) : code;
}

int mf__als_split_histories(mf_als *als, const uint8_t *have, mf_err *err)
{
    mf_whitened space;
    size_t longest = longest_history(als->train), threads = (size_t)als->threads;
    als_invalidate(als, false);
    als_phase(als, "clustering", "users", als->users.n);
    int code = make_space(als, &space, err);
    als_split *work = mf__new0(threads, sizeof *work);
    if (!work)
        code = mf__nomem(err);
    for (size_t t = 0; code == MF_OK && t < threads; t++)
        code = mf__als_split_open(&work[t], &space, &als->p, longest, err);
    if (code == MF_OK)
        split_users(als, have, work);
    for (size_t t = 0; work && t < threads; t++)
        mf__als_split_close(&work[t]);
    free(work);
    mf__whitened_free(&space);
    return mf_ranks_agree(als->ranks, code, err);
}
