/* k-means++ of Arthur, Vassilvitskii 2007, with 1 - cosine for the squared distance.
 *
 * With s_q the sum of the vectors of part q, the cosine of a cell x to its center is
 * <x, s_q> / |s_q|, and |s_q|^2 is the sum of <x, s_q> over the cells of q. So only the
 * inner products of the cells are needed. For a short history they are
 * computed once, as a matrix, and a round costs a row of it for each cell that
 * moves; for a long one s_q itself is updated. */
#include "math/cluster.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "math/basis.h"
#include "math/linalg.h"

enum {
    LLOYD_ROUNDS = 10,
    SHORT = 512 /* cells of the longest history whose products are stored */
};

/* Divide each coordinate of the rotated vectors by the root of its eigenvalue;
 * directions in which no item has a component count nothing. */
static void whiten(mf_tensor *out, const mf_basis *basis)
{
    uint32_t k = basis->k;
    double least = 1e-10 * basis->eigenvalues[k - 1];
    for (uint32_t i = 0; i < out->n; i++) {
        const float *row = basis->rows + (size_t)i * basis->width;
        float *to = mf_tensor_at(out, i, 0);
        double norm = 0;
        for (uint32_t f = 0; f < k; f++) {
            double e = basis->eigenvalues[f],
                   x = e > least ? (double)row[f] / sqrt(e) : 0;
            to[f] = (float)x;
            norm += x * x;
        }
        for (uint32_t f = 0; f < k; f++)
            to[f] = norm > 0 ? (float)((double)to[f] / sqrt(norm)) : 0;
    }
}

int mf__cluster_whiten(mf_tensor *unit, const mf_tensor *items, int threads,
                       mf_err *err)
{
    uint32_t k = items->k;
    mf_basis basis = {0};
    double *gram = mf__new((size_t)k * k, sizeof *gram);
    int code =
        gram ? mf__gram(gram, items->data, items->n, k, threads, err) : mf__nomem(err);
    if (code == MF_OK)
        code = mf__basis_make(&basis, items, gram, 1, threads, err);
    if (code == MF_OK)
        code = mf_tensor_alloc(unit, items->n, 1, k, err);
    if (code == MF_OK)
        whiten(unit, &basis);
    mf__basis_free(&basis);
    free(gram);
    return code;
}

static void free_buffers(mf_cluster *c)
{
    free(c->score);
    free(c->distance);
    free(c->initial);
    free(c->previous);
    free(c->best);
    free(c->panel);
    free(c->transposed);
    free(c->products);
    c->score = c->distance = c->panel = c->transposed = c->products = NULL;
    c->initial = c->previous = c->best = NULL;
    c->longest = 0;
}

int mf__cluster_reserve(mf_cluster *c, size_t longest, mf_err *err)
{
    if (longest <= c->longest)
        return MF_OK;
    free_buffers(c);
    size_t n = kernel_pad(c->kernel, longest < SHORT ? (uint32_t)longest : SHORT);
    size_t width = kernel_pad(c->kernel, c->unit->k);
    size_t stride = longest + KERNEL_BATCH; /* padded, whatever the level */
    c->score = mf__new(stride, c->personas * sizeof *c->score);
    c->distance = mf__new(longest, sizeof *c->distance);
    c->initial = mf__new(longest, 1);
    c->previous = mf__new(longest, 1);
    c->best = mf__new(longest, 1);
    c->panel = mf__new(n * width, sizeof *c->panel);
    c->transposed = mf__new(n * width, sizeof *c->transposed);
    c->products = mf__new(n * n, sizeof *c->products);
    if (!c->score || !c->distance || !c->initial || !c->previous || !c->best ||
        !c->panel || !c->transposed || !c->products) {
        free_buffers(c);
        return mf__nomem(err);
    }
    c->longest = longest;
    return MF_OK;
}

int mf__cluster_open(mf_cluster *out, const mf_tensor *unit, uint32_t personas,
                     size_t longest, mf_err *err)
{
    *out = (mf_cluster){.personas = personas,
                        .parts = personas,
                        .restarts = 1,
                        .unit = unit,
                        .kernel = mf__kernel_choose(),
                        .center = mf__new((size_t)personas * unit->k, sizeof(float)),
                        .sum = mf__new(unit->k, sizeof(double))};
    int code = out->center && out->sum ? mf__cluster_reserve(out, longest, err)
                                       : mf__nomem(err);
    if (code < 0)
        mf__cluster_close(out);
    return code;
}

void mf__cluster_close(mf_cluster *c)
{
    free_buffers(c);
    free(c->center);
    free(c->sum);
    *c = (mf_cluster){0};
}

static float *scores_of(const mf_cluster *c, uint32_t q)
{
    return c->score + q * c->stride;
}

/* Cluster this history from now on. */
static void set_history(mf_cluster *c, size_t n, const uint32_t *item, uint8_t *z)
{
    const mf_kernel *kernel = c->kernel;
    uint32_t k = c->unit->k, width = kernel_pad(kernel, k);
    c->n = n;
    c->item = item;
    c->z = z;
    c->is_short = n <= SHORT;
    c->stride = c->is_short ? kernel_pad(kernel, (uint32_t)n) : n;
    if (!c->is_short)
        return;
    size_t wide = c->stride;
    kernel->gather(c->panel, n, n, item, 1, c->unit->data, k, NULL, NULL);
    memset(c->panel + n * width, 0, (wide - n) * width * sizeof *c->panel);
    kernel->transpose(c->transposed, (uint32_t)wide, width, c->panel);
    kernel->rank_update((uint32_t)wide, width, c->transposed, c->products, false);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            c->products[i * wide + j] = c->products[j * wide + i];
}

/* --- one part --- */

/* The center of part q is one cell, until the part has cells of its own. */
static void start_part(mf_cluster *c, uint32_t q, size_t cell)
{
    uint32_t k = c->unit->k;
    float *center = c->center + (size_t)q * k;
    c->part[q] = (mf_cluster_part){.square = 1};
    if (c->is_short) {
        memcpy(scores_of(c, q), c->products + cell * c->stride, c->n * sizeof(float));
        return;
    }
    memcpy(center, mf_tensor_at(c->unit, c->item[cell], 0), k * sizeof *center);
    c->kernel->dots(scores_of(c, q), c->n, c->n, c->item, c->unit->data, k, 1, center);
}

/* Add cell t to the sum of part q or, with sign -1, subtract it. */
static void add_to_part(mf_cluster *c, uint32_t q, size_t t, float sign)
{
    if (c->is_short) {
        const float *x = c->products + t * c->stride;
        float *score = scores_of(c, q);
        c->part[q].square += (double)sign * 2 * (double)score[t] + (double)x[t];
        c->kernel->combine(score, (uint32_t)c->stride, 1, x, &sign, true);
        return;
    }
    uint32_t k = c->unit->k;
    const float *x = mf_tensor_at(c->unit, c->item[t], 0);
    float *center = c->center + (size_t)q * k;
#pragma omp simd
    for (uint32_t f = 0; f < k; f++)
        center[f] += sign * x[f];
}

static void empty_part(mf_cluster *c, uint32_t q)
{
    uint32_t k = c->unit->k;
    c->part[q].square = 0;
    if (c->is_short)
        memset(scores_of(c, q), 0, c->stride * sizeof *c->score);
    else
        memset(c->center + (size_t)q * k, 0, k * sizeof *c->center);
}

/* The scores of a long history, and the lengths of its centers. */
static void score_centers(mf_cluster *c)
{
    uint32_t k = c->unit->k;
    c->kernel->dots_across(c->score, c->n, c->n, c->n, c->item, c->unit->data, k,
                           c->parts, c->center);
    for (uint32_t q = 0; q < c->parts; q++) {
        const float *center = c->center + (size_t)q * k;
        c->part[q].square = (double)mf__dot(center, center, k);
    }
}

/* Move each center to the sum of its cells. One without cells stays where it is, and is
 * summed from nothing when it has cells again. Returns the sum of the cosines of the
 * cells to their new centers. */
static double move_centers(mf_cluster *c)
{
    bool from_zero[MF_PERSONAS_MAX];
    double cosines = 0;
    for (uint32_t q = 0; q < c->parts; q++) {
        mf_cluster_part *part = &c->part[q];
        from_zero[q] = part->n > 0 && !part->summed;
        part->summed = part->n > 0;
        if (from_zero[q])
            empty_part(c, q);
    }
    for (size_t t = 0; t < c->n; t++) {
        uint8_t from = c->previous[t], to = c->z[t];
        if (from_zero[to] || to != from)
            add_to_part(c, to, t, 1);
        if (to != from && from < c->parts && c->part[from].summed && !from_zero[from])
            add_to_part(c, from, t, -1);
    }
    if (!c->is_short)
        score_centers(c);
    for (uint32_t q = 0; q < c->parts; q++)
        if (c->part[q].n > 0)
            cosines += sqrt(fmax(c->part[q].square, 0));
    return cosines;
}

/* 1 / |s_q|; 0 where the vectors cancel out and there is no center. */
static float scale_of(const mf_cluster_part *part)
{
    return part->square > 1e-6 ? (float)(1 / sqrt(part->square)) : 0;
}

/* --- rounds --- */

/* Update the distances for the new center q. Returns their sum. */
static double update_distances(mf_cluster *c, uint32_t q)
{
    const float *score = scores_of(c, q);
    float scale = scale_of(&c->part[q]), total = 0;
#pragma omp simd reduction(+ : total)
    for (size_t t = 0; t < c->n; t++) {
        float distance = 1 - scale * score[t];
        distance = distance > 0 ? distance : 0;
        c->distance[t] = distance < c->distance[t] ? distance : c->distance[t];
        total += c->distance[t];
    }
    return (double)total;
}

/* k-means++: each center after the first `have` is drawn with a probability
 * proportional to its distance from those before it; the very first one, uniformly. */
static void seed_centers(mf_cluster *c, uint32_t have, mf_rng *rng)
{
    if (have == 0)
        start_part(c, have++, mf__rng_below(rng, (uint32_t)c->n));
    for (size_t t = 0; t < c->n; t++)
        c->distance[t] = 2;
    for (uint32_t q = 0; q + 1 < have; q++)
        update_distances(c, q);
    for (uint32_t q = have; q < c->parts; q++) {
        double total = update_distances(c, q - 1);
        double left = mf__rng_uniform(rng) * total;
        size_t pick = 0;
        while (pick + 1 < c->n && (left -= (double)c->distance[pick]) > 0)
            pick++;
        start_part(c, q, pick);
    }
}

/* Assign each cell to the nearest center, saving z in c->previous. True if any cell
 * moved. */
static bool assign_to_nearest(mf_cluster *c)
{
    float scale[MF_PERSONAS_MAX];
    memcpy(c->previous, c->z, c->n);
    for (uint32_t q = 0; q < c->parts; q++)
        scale[q] = scale_of(&c->part[q]);
    c->kernel->nearest(c->z, c->n, c->parts, c->score, c->stride, scale);
    if (memcmp(c->z, c->previous, c->n) == 0)
        return false;
    for (size_t t = 0; t < c->n; t++) {
        if (c->z[t] == c->previous[t])
            continue;
        if (c->previous[t] < c->parts)
            c->part[c->previous[t]].n--;
        c->part[c->z[t]].n++;
    }
    return true;
}

/* Start with the centers of the `have` initial parts. Their cells are all to be
 * assigned to the nearest center, so none counts yet. */
static void begin_attempt(mf_cluster *c, uint32_t have)
{
    memset(c->part, 0, sizeof c->part);
    if (have > 0) {
        memset(c->score, 0, c->parts * c->stride * sizeof *c->score);
        memset(c->center, 0, (size_t)c->parts * c->unit->k * sizeof *c->center);
        memcpy(c->z, c->initial, c->n);
        memcpy(c->previous, c->initial, c->n);
        for (size_t t = 0; t < c->n; t++)
            c->part[c->z[t]].n++;
        move_centers(c);
    }
    for (uint32_t q = 0; q < have; q++) {
        c->part[q].n = 0;
        c->part[q].summed = false;
    }
}

void mf__cluster_history(mf_cluster *c, size_t n, const uint32_t item[], uint64_t seed,
                         uint64_t index, uint8_t z[])
{
    mf__cluster_history_from(c, 0, n, item, seed, index, z);
}

void mf__cluster_history_from(mf_cluster *c, uint32_t have, size_t n,
                              const uint32_t item[], uint64_t seed, uint64_t index,
                              uint8_t z[])
{
    if (n <= c->parts) {
        for (size_t t = 0; t < n; t++)
            z[t] = (uint8_t)t;
        return;
    }
    mf_rng rng = mf__rng_make(seed, MF_STREAM_CLUSTER, index);
    set_history(c, n, item, z);
    if (have > 0)
        memcpy(c->initial, z, n);
    double best = -1;
    for (uint32_t start = 0; start < c->restarts; start++) {
        double cosines = 0;
        begin_attempt(c, have);
        seed_centers(c, have, &rng);
        memset(z, UINT8_MAX, n);
        for (int i = 0; i < LLOYD_ROUNDS && assign_to_nearest(c); i++)
            cosines = move_centers(c);
        if (cosines > best) {
            best = cosines;
            memcpy(c->best, z, n);
        }
    }
    memcpy(z, c->best, n);
}

void mf__cluster_center(mf_cluster *c, uint32_t q, size_t n, const uint32_t item[],
                        const uint8_t z[], float center[])
{
    uint32_t k = c->unit->k;
    double square = 0;
    memset(c->sum, 0, k * sizeof *c->sum);
    for (size_t t = 0; t < n; t++)
        for (uint32_t f = 0; f < k && z[t] == q; f++)
            c->sum[f] += (double)mf_tensor_at(c->unit, item[t], 0)[f];
    for (uint32_t f = 0; f < k; f++)
        square += c->sum[f] * c->sum[f];
    for (uint32_t f = 0; f < k; f++)
        center[f] = square > 0 ? (float)(c->sum[f] / sqrt(square)) : 0;
}
