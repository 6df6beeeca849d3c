/* Spherical k-means++ of a user's history: Arthur, Vassilvitskii 2007, with
 * 1 - cosine for the squared distance. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "als_private.h"
#include "mf/mem.h"
#include "mf/rng.h"

enum { LLOYD_ROUNDS = 10 };

/* Of the turned vectors each coordinate by the root of its eigenvalue; what there is
 * nothing of counts nothing. */
static void whiten(mf_tensor *out, const als_basis *basis)
{
    uint32_t k = basis->k;
    double least = 1e-10 * basis->eigen[k - 1];
    for (uint32_t i = 0; i < out->n; i++) {
        const float *row = basis->rows + (size_t)i * basis->width;
        float *to = mf_tensor_at(out, i, 0);
        double norm = 0;
        for (uint32_t f = 0; f < k; f++) {
            double e = basis->eigen[f], x = e > least ? (double)row[f] / sqrt(e) : 0;
            to[f] = (float)x;
            norm += x * x;
        }
        for (uint32_t f = 0; f < k; f++)
            to[f] = norm > 0 ? (float)((double)to[f] / sqrt(norm)) : 0;
    }
}

int als_cluster_space(mf_tensor *unit, const mf_tensor *items, int threads, mf_err *err)
{
    uint32_t k = items->k;
    als_basis basis = {0};
    double *gram = mf_new((size_t)k * k, sizeof *gram);
    int code =
        gram ? mf_gram(gram, items->data, items->n, k, threads, err) : mf_nomem(err);
    if (code == MF_OK)
        code = als_basis_make(&basis, items, gram, 1, threads, err);
    if (code == MF_OK)
        code = mf_tensor_alloc(unit, items->n, 1, k, err);
    if (code == MF_OK)
        whiten(unit, &basis);
    als_basis_free(&basis);
    free(gram);
    return code;
}

int als_cluster_open(als_cluster *out, const mf_tensor *unit, uint32_t personas,
                     size_t longest, mf_err *err)
{
    *out = (als_cluster){
        .personas = personas, .unit = unit, .far_cap = longest, .kept_cap = longest};
    out->kernel = kernel_choose();
    out->center = mf_new((size_t)personas * unit->k, sizeof *out->center);
    out->sum = mf_new(unit->k, sizeof *out->sum);
    out->far = mf_new(longest, sizeof *out->far);
    out->kept = mf_new(longest, sizeof *out->kept);
    out->given = mf_new((size_t)personas * unit->k, sizeof *out->given);
    out->restarts = 1;
    if (out->center && out->sum && out->far && out->kept && out->given)
        return MF_OK;
    als_cluster_close(out);
    return mf_nomem(err);
}

void als_cluster_close(als_cluster *c)
{
    free(c->center);
    free(c->sum);
    free(c->far);
    free(c->kept);
    free(c->given);
    *c = (als_cluster){0};
}

/* The distances, now that there is center q. Returns their sum. */
static double come_near(als_cluster *c, uint32_t q, size_t n, const uint32_t *item)
{
    enum { CELLS = 256 };
    uint32_t k = c->unit->k;
    float cosine[CELLS];
    double total = 0;
    for (size_t from = 0; from < n; from += CELLS) {
        size_t m = n - from < CELLS ? n - from : CELLS;
        c->kernel->dots(cosine, m, n - from, item + from, c->unit->data, k, 1,
                        c->center + (size_t)q * k);
        for (size_t t = 0; t < m; t++) {
            double far = 1 - (double)cosine[t];
            if (far < c->far[from + t])
                c->far[from + t] = far < 0 ? 0 : far;
            total += c->far[from + t];
        }
    }
    return total;
}

/* The next center is drawn in proportion to its distance from those there are,
 * `have` of them; the first of all, evenly. */
static void seed_centers(als_cluster *c, uint32_t have, size_t n, const uint32_t *item,
                         mf_rng *rng)
{
    uint32_t p = c->personas, k = c->unit->k;
    if (have == 0) {
        uint32_t first = mf_rng_below(rng, (uint32_t)n);
        memcpy(c->center, mf_tensor_at(c->unit, item[first], 0), k * sizeof *c->center);
        have = 1;
    }
    for (size_t t = 0; t < n; t++)
        c->far[t] = 2;
    for (uint32_t q = 0; q + 1 < have; q++)
        come_near(c, q, n, item);
    for (uint32_t q = have; q < p; q++) {
        double total = come_near(c, q - 1, n, item);
        double mark = mf_rng_uniform(rng) * total;
        size_t pick = 0;
        while (pick + 1 < n && (mark -= c->far[pick]) > 0)
            pick++;
        memcpy(c->center + (size_t)q * k, mf_tensor_at(c->unit, item[pick], 0),
               k * sizeof *c->center);
    }
}

/* True if a cell has another center than before. */
static bool nearest_centers(const als_cluster *c, size_t n, const uint32_t *item,
                            uint8_t *z)
{
    enum { CELLS = 32 };
    uint32_t k = c->unit->k, p = c->personas;
    float cosine[CELLS * 64];
    bool moved = false;
    for (size_t from = 0; from < n; from += CELLS) {
        size_t m = n - from < CELLS ? n - from : CELLS;
        c->kernel->dots(cosine, m, n - from, item + from, c->unit->data, k, p,
                        c->center);
        for (size_t t = 0; t < m; t++) {
            uint8_t best = 0;
            for (uint32_t q = 1; q < p; q++)
                if (cosine[t * p + q] > cosine[t * p + best])
                    best = (uint8_t)q;
            moved |= z[from + t] != best;
            z[from + t] = best;
        }
    }
    return moved;
}

static void add_vector(double *sum, const float *x, uint32_t k)
{
#pragma omp simd
    for (uint32_t i = 0; i < k; i++)
        sum[i] += (double)x[i];
}

/* A center that owns nothing stays where it is. Returns the sum of the cosines of
 * the cells to the centers that own them now. */
static double move_centers(als_cluster *c, size_t n, const uint32_t *item,
                           const uint8_t *z)
{
    double near = 0;
    uint32_t k = c->unit->k;
    for (uint32_t q = 0; q < c->personas; q++) {
        double norm = 0;
        memset(c->sum, 0, k * sizeof *c->sum);
        for (size_t t = 0; t < n; t++)
            if (z[t] == q)
                add_vector(c->sum, mf_tensor_at(c->unit, item[t], 0), k);
        for (uint32_t i = 0; i < k; i++)
            norm += c->sum[i] * c->sum[i];
        if (norm > 0)
            for (uint32_t i = 0; i < k; i++)
                c->center[(size_t)q * k + i] = (float)(c->sum[i] / sqrt(norm));
        near += sqrt(norm);
    }
    return near;
}

void als_cluster_history(als_cluster *c, size_t n, const uint32_t item[], uint64_t seed,
                         uint64_t index, uint8_t z[])
{
    als_cluster_split(c, 0, n, item, seed, index, z);
}

void als_cluster_split(als_cluster *c, uint32_t have, size_t n, const uint32_t item[],
                       uint64_t seed, uint64_t index, uint8_t z[])
{
    if (n <= c->personas) {
        for (size_t t = 0; t < n; t++)
            z[t] = (uint8_t)t;
        return;
    }
    mf_rng rng = mf_rng_make(seed, MF_STREAM_CLUSTER, index);
    memset(c->center, 0, (size_t)c->personas * c->unit->k * sizeof *c->center);
    if (have > 0)
        move_centers(c, n, item, z); /* others own nothing and stay */
    size_t size = (size_t)c->personas * c->unit->k * sizeof *c->center;
    memcpy(c->given, c->center, size);
    double best = -1;
    for (uint32_t start = 0; start < c->restarts; start++) {
        double near = 0;
        memcpy(c->center, c->given, size);
        seed_centers(c, have, n, item, &rng);
        memset(z, UINT8_MAX, n);
        for (int i = 0; i < LLOYD_ROUNDS && nearest_centers(c, n, item, z); i++)
            near = move_centers(c, n, item, z);
        if (near > best) {
            best = near;
            memcpy(c->kept, z, n);
        }
    }
    memcpy(z, c->kept, n);
}
