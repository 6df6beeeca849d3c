/* The two starts: random factors, or plain ALS and then a clustering of each
 * user's history. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "als_private.h"
#include "mf/mem.h"
#include "mf/rng.h"

enum { LLOYD_ROUNDS = 10 };

static void draw(const mf_als *als, mf_tensor *t, uint64_t stream, double deviation)
{
    size_t width = (size_t)t->personas * t->k;
#pragma omp parallel for schedule(static) num_threads(als->threads)
    for (uint32_t r = 0; r < t->n; r++) {
        mf_rng rng = mf_rng_make(als->p.seed, stream, r);
        float *row = mf_tensor_at(t, r, 0);
        for (size_t i = 0; i < width; i++)
            row[i] = (float)(deviation * mf_rng_normal(&rng));
    }
}

/* A persona drawn for each cell: without it all personas would start, and
 * stay, the same. */
static void draw_personas(mf_als *als)
{
    for (uint32_t u = 0; u < als->train->rows; u++) {
        mf_rng rng = mf_rng_make(als->p.seed, MF_STREAM_CLUSTER, u);
        for (size_t t = als->train->ptr[u]; t < als->train->ptr[u + 1]; t++)
            als->z[t] = (uint8_t)mf_rng_below(&rng, als->users.personas);
    }
}

int als_set_personas(mf_als *als, uint32_t p, mf_err *err)
{
    mf_tensor_free(&als->users);
    return mf_tensor_alloc(&als->users, als->train->rows, p, als->p.k, err);
}

/* Room for clustering one history. */
typedef struct cluster_work {
    float *center; /* [p * k] */
    double *sum;   /* [k] */
    double *far;   /* [longest row], 1 - cosine to the nearest center */
} cluster_work;

/* Spherical k-means++ (Arthur, Vassilvitskii 2007, with 1 - cosine): the next
 * center is drawn in proportion to its distance from those there are, `have` of
 * them. */
static void seed_centers(const mf_als *als, cluster_work *w, const mf_tensor *unit,
                         const uint32_t *item, size_t n, uint32_t have, mf_rng *rng)
{
    uint32_t p = als->p.personas, k = als->p.k;
    if (have == 0) {
        uint32_t first = mf_rng_below(rng, (uint32_t)n);
        memcpy(w->center, mf_tensor_at(unit, item[first], 0), k * sizeof *w->center);
        have = 1;
    }
    for (size_t t = 0; t < n; t++) {
        w->far[t] = 2;
        for (uint32_t q = 0; q + 1 < have; q++) {
            double far = 1 - (double)mf_dot(w->center + (size_t)q * k,
                                            mf_tensor_at(unit, item[t], 0), k);
            if (far < w->far[t])
                w->far[t] = far < 0 ? 0 : far;
        }
    }
    for (uint32_t q = have; q < p; q++) {
        double total = 0;
        const float *last = w->center + (size_t)(q - 1) * k;
        for (size_t t = 0; t < n; t++) {
            double far = 1 - (double)mf_dot(last, mf_tensor_at(unit, item[t], 0), k);
            if (far < w->far[t])
                w->far[t] = far < 0 ? 0 : far;
            total += w->far[t];
        }
        double mark = mf_rng_uniform(rng) * total;
        size_t pick = 0;
        while (pick + 1 < n && (mark -= w->far[pick]) > 0)
            pick++;
        memcpy(w->center + (size_t)q * k, mf_tensor_at(unit, item[pick], 0),
               k * sizeof *w->center);
    }
}

static void nearest_centers(const mf_als *als, const cluster_work *w, const mf_tensor *unit,
                            const uint32_t *item, size_t n, uint8_t *z)
{
    uint32_t k = als->p.k;
    for (size_t t = 0; t < n; t++) {
        float best = -INFINITY;
        for (uint32_t q = 0; q < als->p.personas; q++) {
            float cosine = mf_dot(w->center + (size_t)q * k, mf_tensor_at(unit, item[t], 0), k);
            if (cosine > best) {
                best = cosine;
                z[t] = (uint8_t)q;
            }
        }
    }
}

/* A center that owns nothing stays where it is. */
static void move_centers(const mf_als *als, cluster_work *w, const mf_tensor *unit,
                         const uint32_t *item, size_t n, const uint8_t *z,
                         uint32_t centers)
{
    uint32_t k = als->p.k;
    for (uint32_t q = 0; q < centers; q++) {
        double norm = 0;
        memset(w->sum, 0, k * sizeof *w->sum);
        for (size_t t = 0; t < n; t++)
            if (z[t] == q)
                for (uint32_t i = 0; i < k; i++)
                    w->sum[i] += (double)mf_tensor_at(unit, item[t], 0)[i];
        for (uint32_t i = 0; i < k; i++)
            norm += w->sum[i] * w->sum[i];
        if (norm > 0)
            for (uint32_t i = 0; i < k; i++)
                w->center[(size_t)q * k + i] = (float)(w->sum[i] / sqrt(norm));
    }
}

static void cluster_history(mf_als *als, cluster_work *w, const mf_tensor *unit, uint32_t u,
                            uint32_t have)
{
    size_t begin = als->train->ptr[u], n = als->train->ptr[u + 1] - begin;
    const uint32_t *item = als->train->col + begin;
    uint8_t *z = als->z + begin;
    if (n <= als->p.personas) {
        for (size_t t = 0; t < n; t++)
            z[t] = (uint8_t)t;
        return;
    }
    mf_rng rng = mf_rng_make(als->p.seed, MF_STREAM_CLUSTER, u);
    if (have > 0) {
        memset(w->center, 0, (size_t)have * als->p.k * sizeof *w->center);
        move_centers(als, w, unit, item, n, z, have);
    }
    seed_centers(als, w, unit, item, n, have, &rng);
    for (int round = 0; round < LLOYD_ROUNDS; round++) {
        nearest_centers(als, w, unit, item, n, z);
        move_centers(als, w, unit, item, n, z, als->p.personas);
    }
}

static void normalize(const mf_als *als, mf_tensor *unit)
{
    uint32_t k = als->p.k;
    for (uint32_t i = 0; i < unit->n; i++) {
        const float *v = mf_tensor_at(&als->items, i, 0);
        double norm = 0;
        for (uint32_t f = 0; f < k; f++)
            norm += (double)v[f] * (double)v[f];
        for (uint32_t f = 0; f < k; f++)
            mf_tensor_at(unit, i, 0)[f] = norm > 0 ? (float)((double)v[f] / sqrt(norm)) : 0;
    }
}

int als_cluster(mf_als *als, const uint8_t *have, mf_err *err)
{
    mf_tensor unit = {0};
    size_t longest = 0, threads = (size_t)als->threads;
    for (uint32_t u = 0; u < als->train->rows; u++) {
        size_t n = als->train->ptr[u + 1] - als->train->ptr[u];
        longest = n > longest ? n : longest;
    }
    int code = mf_tensor_alloc(&unit, als->items.n, 1, als->p.k, err);
    cluster_work *work = mf_new0(threads, sizeof *work);
    for (size_t t = 0; work && t < threads; t++) {
        work[t].center = mf_new((size_t)als->p.personas * als->p.k, sizeof(float));
        work[t].sum = mf_new(als->p.k, sizeof(double));
        work[t].far = mf_new(longest, sizeof(double));
        if (!work[t].center || !work[t].sum || !work[t].far)
            code = mf_nomem(err);
    }
    if (!work)
        code = mf_nomem(err);
    if (code == MF_OK) {
        normalize(als, &unit);
#pragma omp parallel for schedule(dynamic, 64) num_threads(als->threads)
        for (uint32_t u = 0; u < als->train->rows; u++)
            if (!have || have[u] < als->p.personas)
                cluster_history(als, &work[omp_get_thread_num()], &unit, u,
                                have ? have[u] : 0);
    }
    for (size_t t = 0; work && t < threads; t++) {
        free(work[t].center);
        free(work[t].sum);
        free(work[t].far);
    }
    free(work);
    mf_tensor_free(&unit);
    return code;
}

/* The study draws both sides; else V is drawn, small, and U is solved. */
int als_start_random(mf_als *als, mf_err *err)
{
    bool study = als->p.preset == MF_PRESET_STUDY;
    uint32_t p = als->p.init == MF_INIT_CLUSTER ? 1 : als->p.personas;
    double moved;
    int code = als_set_personas(als, p, err);
    if (code < 0)
        return code;
    memset(als->z, 0, als->train->nnz);
    draw(als, &als->items, MF_STREAM_ITEMS, study ? 1 : .1 / sqrt(als->p.k));
    if (study) {
        draw(als, &als->users, MF_STREAM_USERS, 1);
        mf_als_assign(als, &moved);
        return MF_OK;
    }
    if (p > 1)
        draw_personas(als);
    return mf_als_solve_users(als, err);
}
