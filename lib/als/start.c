/* The two starts: random factors, or plain ALS and then a clustering of each
 * user's history. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "als/private.h"
#include "base/mem.h"
#include "base/rng.h"
#include "data/tensor.h"
#include "math/cluster.h"

static void draw(const mf_als *als, mf_tensor *t, uint64_t stream, double deviation)
{
    size_t width = (size_t)t->personas * t->k;
#pragma omp parallel for schedule(static) num_threads(als->threads)
    for (uint32_t r = 0; r < t->n; r++) {
        mf_rng rng = mf__rng_make(als->p.seed, stream, r);
        float *row = mf_tensor_at(t, r, 0);
        for (size_t i = 0; i < width; i++)
            row[i] = (float)(deviation * mf__rng_normal(&rng));
    }
}

/* A persona drawn for each cell: without it all personas would start, and
 * stay, the same. */
static void draw_personas(mf_als *als)
{
    for (uint32_t u = 0; u < als->train->rows; u++) {
        mf_rng rng = mf__rng_make(als->p.seed, MF_STREAM_CLUSTER, u);
        for (size_t t = als->train->ptr[u]; t < als->train->ptr[u + 1]; t++)
            als->z[t] = (uint8_t)mf__rng_below(&rng, als->users.personas);
    }
}

int mf__als_set_personas(mf_als *als, uint32_t p, mf_err *err)
{
    mf_tensor now = als->users;
    als_forget(als, true);
    if (p == now.personas)
        return MF_OK;
    als->users = (mf_tensor){0};
    int code = mf__tensor_room(&als->users, now.n, p, now.k, err);
    size_t size = now.k * sizeof *now.data;
    if (code == MF_OK) {
#pragma omp parallel for schedule(static) num_threads(als->threads)
        for (uint32_t u = 0; u < now.n; u++)
            for (uint32_t q = 0; q < p; q++)
                memcpy(mf_tensor_at(&als->users, u, q),
                       mf_tensor_at(&now, u, q % now.personas), size);
    }
    als->users.bias = now.bias;
    now.bias = NULL;
    mf_tensor_free(&now);
    return code;
}

/* Start from nothing: all users and biases 0. */
static int begin(mf_als *als, uint32_t p, mf_err *err)
{
    memset(als->users.data, 0,
           (size_t)als->users.n * als->users.k * als->users.personas *
               sizeof *als->users.data);
    memset(als->z, 0, als->train->nnz);
    if (als->p.bias) {
        memset(als->users.bias, 0, als->users.n * sizeof *als->users.bias);
        memset(als->items.bias, 0, als->items.n * sizeof *als->items.bias);
    }
    return mf__als_set_personas(als, p, err);
}

int mf__als_split_histories(mf_als *als, const uint8_t *have, mf_err *err)
{
    mf_tensor unit = {0};
    als_forget(als, false);
    size_t longest = 0, threads = (size_t)als->threads;
    for (uint32_t u = 0; u < als->train->rows; u++) {
        size_t n = als->train->ptr[u + 1] - als->train->ptr[u];
        longest = n > longest ? n : longest;
    }
    int code = mf__cluster_whiten(&unit, &als->items, als->threads, err);
    mf_cluster *work = mf__new0(threads, sizeof *work);
    if (!work)
        code = mf__nomem(err);
    for (size_t t = 0; code == MF_OK && t < threads; t++) {
        code = mf__cluster_open(&work[t], &unit, als->p.personas, longest, err);
        work[t].restarts = als->p.restarts;
    }
    if (code == MF_OK) {
#pragma omp parallel for schedule(dynamic, 64) num_threads(als->threads)
        for (uint32_t u = 0; u < als->train->rows; u++) {
            size_t begin = als->train->ptr[u];
            if (have && have[u] == als->p.personas)
                continue;
            mf__cluster_history_from(&work[omp_get_thread_num()], have ? have[u] : 0,
                                  als->train->ptr[u + 1] - begin,
                                  als->train->col + begin, als->p.seed, u,
                                  als->z + begin);
        }
    }
    for (size_t t = 0; work && t < threads; t++)
        mf__cluster_close(&work[t]);
    free(work);
    mf_tensor_free(&unit);
    return code;
}

/* The study draws both sides; else V is drawn, small, and U is solved. */
int mf__als_start_random(mf_als *als, mf_err *err)
{
    bool study = als->p.preset == MF_PRESET_STUDY;
    uint32_t p = als->p.init == MF_INIT_CLUSTER ? 1 : als->p.personas;
    double moved;
    int code = begin(als, p, err);
    if (code < 0)
        return code;
    draw(als, &als->items, MF_STREAM_ITEMS, study ? 1 : .1 / sqrt(als->p.k));
    if (study) {
        draw(als, &als->users, MF_STREAM_USERS, 1);
        mf_als_assign(als, &moved);
        return MF_OK;
    }
    if (p > 1)
        draw_personas(als);
    mf__als_solve_item_biases(als);
    return mf_als_solve_users(als, err);
}
