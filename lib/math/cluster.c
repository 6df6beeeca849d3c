/* Spherical k-means++ of a user's history: Arthur, Vassilvitskii 2007, with
 * 1 - cosine for the squared distance.
 *
 * With s_q the sum of the vectors of part q, a cell x has the cosine <x, s_q> / |s_q| to
 * its center, and |s_q|^2 is the sum of <x, s_q> over the cells of q. So the inner
 * products of the cells are all that is needed. A short history has them in a matrix,
 * and what a round costs is a row of it for each cell that moves; a long one goes by
 * s_q itself. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "math/basis.h"
#include "math/cluster.h"
#include "math/linalg.h"

enum {
    LLOYD_ROUNDS = 10,
    SHORT = 512 /* cells of the longest history whose products are kept */
};

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

int mf__als_cluster_space(mf_tensor *unit, const mf_tensor *items, int threads,
                          mf_err *err)
{
    uint32_t k = items->k;
    als_basis basis = {0};
    double *gram = mf__new((size_t)k * k, sizeof *gram);
    int code =
        gram ? mf__gram(gram, items->data, items->n, k, threads, err) : mf__nomem(err);
    if (code == MF_OK)
        code = mf__als_basis_make(&basis, items, gram, 1, threads, err);
    if (code == MF_OK)
        code = mf_tensor_alloc(unit, items->n, 1, k, err);
    if (code == MF_OK)
        whiten(unit, &basis);
    mf__als_basis_free(&basis);
    free(gram);
    return code;
}

static void free_room(als_cluster *c)
{
    free(c->score);
    free(c->far);
    free(c->given);
    free(c->was);
    free(c->kept);
    free(c->panel);
    free(c->turned);
    free(c->products);
    c->score = c->far = c->panel = c->turned = c->products = NULL;
    c->given = c->was = c->kept = NULL;
    c->longest = 0;
}

int mf__als_cluster_reserve(als_cluster *c, size_t longest, mf_err *err)
{
    if (longest <= c->longest)
        return MF_OK;
    free_room(c);
    size_t n = kernel_pad(c->kernel, longest < SHORT ? (uint32_t)longest : SHORT);
    size_t width = kernel_pad(c->kernel, c->unit->k);
    size_t stride = longest + KERNEL_BATCH; /* padded, whatever the level */
    c->score = mf__new(stride, c->personas * sizeof *c->score);
    c->far = mf__new(longest, sizeof *c->far);
    c->given = mf__new(longest, 1);
    c->was = mf__new(longest, 1);
    c->kept = mf__new(longest, 1);
    c->panel = mf__new(n * width, sizeof *c->panel);
    c->turned = mf__new(n * width, sizeof *c->turned);
    c->products = mf__new(n * n, sizeof *c->products);
    if (!c->score || !c->far || !c->given || !c->was || !c->kept || !c->panel ||
        !c->turned || !c->products) {
        free_room(c);
        return mf__nomem(err);
    }
    c->longest = longest;
    return MF_OK;
}

int mf__als_cluster_open(als_cluster *out, const mf_tensor *unit, uint32_t personas,
                         size_t longest, mf_err *err)
{
    *out = (als_cluster){.personas = personas,
                         .restarts = 1,
                         .unit = unit,
                         .kernel = mf__kernel_choose(),
                         .center = mf__new((size_t)personas * unit->k, sizeof(float)),
                         .sum = mf__new(unit->k, sizeof(double))};
    int code = out->center && out->sum ? mf__als_cluster_reserve(out, longest, err)
                                       : mf__nomem(err);
    if (code < 0)
        mf__als_cluster_close(out);
    return code;
}

void mf__als_cluster_close(als_cluster *c)
{
    free_room(c);
    free(c->center);
    free(c->sum);
    *c = (als_cluster){0};
}

static float *scores(const als_cluster *c, uint32_t q)
{
    return c->score + q * c->stride;
}

/* The history that is at hand from now on. */
static void take(als_cluster *c, size_t n, const uint32_t *item, uint8_t *z)
{
    const mf_kernel *kernel = c->kernel;
    uint32_t k = c->unit->k, width = kernel_pad(kernel, k);
    c->n = n;
    c->item = item;
    c->z = z;
    c->brief = n <= SHORT;
    c->stride = c->brief ? kernel_pad(kernel, (uint32_t)n) : n;
    if (!c->brief)
        return;
    size_t wide = c->stride;
    kernel->gather(c->panel, n, n, item, 1, c->unit->data, k, NULL, NULL);
    memset(c->panel + n * width, 0, (wide - n) * width * sizeof *c->panel);
    kernel->transpose(c->turned, (uint32_t)wide, width, c->panel);
    kernel->rank((uint32_t)wide, width, c->turned, c->products, false);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            c->products[i * wide + j] = c->products[j * wide + i];
}

/* --- the scores of a part --- */

/* Part q is one cell, its center for the moment. */
static void seed_part(als_cluster *c, uint32_t q, size_t cell)
{
    uint32_t k = c->unit->k;
    float *center = c->center + (size_t)q * k;
    c->part[q] = (als_part){.square = 1};
    if (c->brief) {
        memcpy(scores(c, q), c->products + cell * c->stride, c->n * sizeof(float));
        return;
    }
    memcpy(center, mf_tensor_at(c->unit, c->item[cell], 0), k * sizeof *center);
    c->kernel->dots(scores(c, q), c->n, c->n, c->item, c->unit->data, k, 1, center);
}

/* Cell t comes to part q, or, with sign -1, goes. */
static void change_part(als_cluster *c, uint32_t q, size_t t, float sign)
{
    if (c->brief) {
        const float *x = c->products + t * c->stride;
        float *score = scores(c, q);
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

static void empty_part(als_cluster *c, uint32_t q)
{
    uint32_t k = c->unit->k;
    c->part[q].square = 0;
    if (c->brief)
        memset(scores(c, q), 0, c->stride * sizeof *c->score);
    else
        memset(c->center + (size_t)q * k, 0, k * sizeof *c->center);
}

/* The scores with the centers, and the centers' lengths. */
static void score_centers(als_cluster *c)
{
    uint32_t k = c->unit->k;
    c->kernel->dots_across(c->score, c->n, c->n, c->n, c->item, c->unit->data, k,
                           c->personas, c->center);
    for (uint32_t q = 0; q < c->personas; q++) {
        const float *center = c->center + (size_t)q * k;
        c->part[q].square = (double)mf__dot(center, center, k);
    }
}

/* Centers go to the middle of their cells. One that owns nothing stays where it is, and
 * is summed anew when it owns something again. Returns the sum of the cosines of the
 * cells to the centers that own them now. */
static double move_centers(als_cluster *c)
{
    bool anew[MF_PERSONAS_MAX];
    double near = 0;
    for (uint32_t q = 0; q < c->personas; q++) {
        als_part *part = &c->part[q];
        anew[q] = part->n > 0 && !part->summed;
        part->summed = part->n > 0;
        if (anew[q])
            empty_part(c, q);
    }
    for (size_t t = 0; t < c->n; t++) {
        uint8_t from = c->was[t], to = c->z[t];
        if (anew[to] || to != from)
            change_part(c, to, t, 1);
        if (to != from && from < c->personas && c->part[from].summed && !anew[from])
            change_part(c, from, t, -1);
    }
    if (!c->brief)
        score_centers(c);
    for (uint32_t q = 0; q < c->personas; q++)
        if (c->part[q].n > 0)
            near += sqrt(fmax(c->part[q].square, 0));
    return near;
}

/* 1 / |s_q|; 0 where the vectors cancel out, and there is no center. */
static float scale_of(const als_part *part)
{
    return part->square > 1e-6 ? (float)(1 / sqrt(part->square)) : 0;
}

/* --- rounds --- */

/* The distances, now that there is center q. Returns their sum. */
static double come_near(als_cluster *c, uint32_t q)
{
    const float *score = scores(c, q);
    float scale = scale_of(&c->part[q]), total = 0;
#pragma omp simd reduction(+ : total)
    for (size_t t = 0; t < c->n; t++) {
        float far = 1 - scale * score[t];
        far = far > 0 ? far : 0;
        c->far[t] = far < c->far[t] ? far : c->far[t];
        total += c->far[t];
    }
    return (double)total;
}

/* The next center is drawn in proportion to its distance from those there are,
 * `have` of them; the first of all, evenly. */
static void seed_centers(als_cluster *c, uint32_t have, mf_rng *rng)
{
    if (have == 0)
        seed_part(c, have++, mf__rng_below(rng, (uint32_t)c->n));
    for (size_t t = 0; t < c->n; t++)
        c->far[t] = 2;
    for (uint32_t q = 0; q + 1 < have; q++)
        come_near(c, q);
    for (uint32_t q = have; q < c->personas; q++) {
        double total = come_near(c, q - 1);
        double mark = mf__rng_uniform(rng) * total;
        size_t pick = 0;
        while (pick + 1 < c->n && (mark -= (double)c->far[pick]) > 0)
            pick++;
        seed_part(c, q, pick);
    }
}

/* Gives the cells to the nearest centers; c->was is what they had. True if a cell
 * has another one. */
static bool go_to_nearest(als_cluster *c)
{
    float scale[MF_PERSONAS_MAX];
    memcpy(c->was, c->z, c->n);
    for (uint32_t q = 0; q < c->personas; q++)
        scale[q] = scale_of(&c->part[q]);
    c->kernel->nearest(c->z, c->n, c->personas, c->score, c->stride, scale);
    if (memcmp(c->z, c->was, c->n) == 0)
        return false;
    for (size_t t = 0; t < c->n; t++) {
        if (c->z[t] == c->was[t])
            continue;
        if (c->was[t] < c->personas)
            c->part[c->was[t]].n--;
        c->part[c->z[t]].n++;
    }
    return true;
}

/* The centers of the parts that the history has; others are nowhere. All cells are about
 * to go to the nearest. */
static void begin(als_cluster *c, uint32_t have)
{
    memset(c->part, 0, sizeof c->part);
    if (have > 0) {
        memset(c->score, 0, c->personas * c->stride * sizeof *c->score);
        memset(c->center, 0, (size_t)c->personas * c->unit->k * sizeof *c->center);
        memcpy(c->z, c->given, c->n);
        memcpy(c->was, c->given, c->n);
        for (size_t t = 0; t < c->n; t++)
            c->part[c->z[t]].n++;
        move_centers(c);
    }
    for (uint32_t q = 0; q < have; q++) {
        c->part[q].n = 0;
        c->part[q].summed = false;
    }
}

void mf__als_cluster_history(als_cluster *c, size_t n, const uint32_t item[],
                             uint64_t seed, uint64_t index, uint8_t z[])
{
    mf__als_cluster_split(c, 0, n, item, seed, index, z);
}

void mf__als_cluster_split(als_cluster *c, uint32_t have, size_t n,
                           const uint32_t item[], uint64_t seed, uint64_t index,
                           uint8_t z[])
{
    if (n <= c->personas) {
        for (size_t t = 0; t < n; t++)
            z[t] = (uint8_t)t;
        return;
    }
    mf_rng rng = mf__rng_make(seed, MF_STREAM_CLUSTER, index);
    take(c, n, item, z);
    if (have > 0)
        memcpy(c->given, z, n);
    double best = -1;
    for (uint32_t start = 0; start < c->restarts; start++) {
        double near = 0;
        begin(c, have);
        seed_centers(c, have, &rng);
        memset(z, UINT8_MAX, n);
        for (int i = 0; i < LLOYD_ROUNDS && go_to_nearest(c); i++)
            near = move_centers(c);
        if (near > best) {
            best = near;
            memcpy(c->kept, z, n);
        }
    }
    memcpy(z, c->kept, n);
}

void mf__als_cluster_center(als_cluster *c, uint32_t q, size_t n, const uint32_t item[],
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
