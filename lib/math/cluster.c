/* k-means++ of Arthur, Vassilvitskii 2007, with 1 - cosine for the squared distance.
 *
 * With s_q the sum of the vectors of part q, the cosine of a cell x to its center is
 * <x, s_q> / |s_q|, and |s_q|^2 is the sum of <x, s_q> over the cells of q. So only the
 * inner products of the cells are needed. For a short history they are
 * computed once, as a matrix, and a round costs a row of it for each cell that
 * moves. For a longer one s_q itself is summed, from a copy of its rows; for the longest
 * from where they are. */
#include "math/cluster.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

enum {
    LLOYD_ROUNDS = 10,
    ROWS = 512,       /* cells of the longest history whose rows are copied, ... */
    FLOATS = 1 << 16, /* ... or so many floats, if that is longer */
    PRODUCTS = 128,   /* cells of the longest history whose products are stored */
    BEYOND = 16       /* bytes of z that are read after the last */
};

/* The most cells whose rows are copied. */
static size_t rows_max(const mf_cluster *c)
{
    size_t most = FLOATS / kernel_pad(c->kernel, c->space->k);
    return most > ROWS ? most : ROWS;
}

/* The most cells whose products are computed. They cost n^2 k / 2 once, and then n for
 * each cell that moves; without them each scoring of a center costs n k. */
static size_t products_max(const mf_cluster *c)
{
    uint32_t k = c->space->k;
    return (size_t)PRODUCTS * k / (k + 28);
}

static void free_buffers(mf_cluster *c)
{
    free(c->score);
    free(c->scale);
    free(c->distance);
    free(c->initial);
    free(c->previous);
    free(c->z);
    free(c->best);
    free(c->panel);
    free(c->transposed);
    free(c->products);
    free(c->moved);
    c->moved = NULL;
    c->score = c->scale = c->distance = c->panel = c->transposed = c->products = NULL;
    c->initial = c->previous = c->z = c->best = NULL;
    c->longest = 0;
}

int mf__cluster_reserve(mf_cluster *c, size_t longest, mf_err *err)
{
    if (longest <= c->longest)
        return MF_OK;
    free_buffers(c);
    size_t most = rows_max(c), width = kernel_pad(c->kernel, c->space->k);
    size_t n = (longest < most ? longest : most) + KERNEL_BATCH;
    size_t square = n < PRODUCTS + KERNEL_BATCH ? n : PRODUCTS + KERNEL_BATCH;
    size_t stride = longest + KERNEL_BATCH; /* padded, whatever the level */
    c->score = mf__new(stride, c->personas * sizeof *c->score);
    c->scale = mf__new(longest, sizeof *c->scale);
    c->distance = mf__new(stride, sizeof *c->distance);
    c->initial = mf__new(longest, 1);
    c->previous = mf__new0(longest + BEYOND, 1);
    c->z = mf__new0(longest + BEYOND, 1);
    c->best = mf__new(longest, 1);
    c->panel = mf__new(n * width, sizeof *c->panel);
    c->transposed = mf__new(n * width, sizeof *c->transposed);
    c->products = mf__new(square * square, sizeof *c->products);
    c->moved = mf__new(2 * c->personas * n, sizeof *c->moved);
    if (!c->score || !c->scale || !c->distance || !c->initial || !c->previous ||
        !c->z || !c->best || !c->panel || !c->transposed || !c->products || !c->moved) {
        free_buffers(c);
        return mf__nomem(err);
    }
    c->longest = longest;
    return MF_OK;
}

int mf__cluster_open(mf_cluster *out, const mf_whitened *space, uint32_t personas,
                     size_t longest, mf_err *err)
{
    size_t floats = (size_t)personas * (space->k + KERNEL_BATCH);
    *out = (mf_cluster){.personas = personas,
                        .parts = personas,
                        .restarts = 1,
                        .space = space,
                        .kernel = mf__kernel_choose(),
                        .center = mf__new(floats, sizeof(float)),
                        .direction = mf__new(floats, sizeof(float)),
                        .sum = mf__new(space->k, sizeof(double))};
    int code = out->center && out->direction && out->sum
                   ? mf__cluster_reserve(out, longest, err)
                   : mf__nomem(err);
    if (code < 0)
        mf__cluster_close(out);
    return code;
}

void mf__cluster_close(mf_cluster *c)
{
    free_buffers(c);
    free(c->center);
    free(c->direction);
    free(c->sum);
    *c = (mf_cluster){0};
}

static float *scores_of(const mf_cluster *c, uint32_t q)
{
    return c->score + q * c->stride;
}

static const float *row_of(const mf_cluster *c, size_t cell)
{
    return c->space->rows + (size_t)c->item[cell] * c->space->k;
}

/* Cluster this history from now on. */
static void set_history(mf_cluster *c, size_t n, const uint32_t *item)
{
    const mf_kernel *kernel = c->kernel;
    const mf_whitened *space = c->space;
    uint32_t width = kernel_pad(kernel, space->k);
    c->n = n;
    c->item = item;
    c->has_rows = n <= rows_max(c);
    c->has_products = n <= products_max(c);
    c->stride = kernel_pad(kernel, (uint32_t)n);
    for (size_t t = 0; t < n; t++)
        c->scale[t] = space->scale[item[t]];
    if (!c->has_rows)
        return;
    size_t wide = c->stride;
    kernel->gather(c->panel, n, n, item, 1, space->rows, space->k, c->scale,
                   space->dim);
    memset(c->panel + n * width, 0, (wide - n) * width * sizeof *c->panel);
    kernel->transpose(c->transposed, (uint32_t)wide, width, c->panel);
    if (!c->has_products)
        return;
    kernel->rank_update((uint32_t)wide, width, c->transposed, c->products, false);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            c->products[i * wide + j] = c->products[j * wide + i];
}

/* --- the parts of a long history --- */

/* With a the sum of the scaled rows of a part and d the scales of dimensions, s is d a,
 * and the score of a cell is its scale times <row, d^2 a>. */

/* Let the direction of part q follow its center. */
static void aim(mf_cluster *c, uint32_t q)
{
    uint32_t k = c->space->k;
    const float *center = c->center + (size_t)q * k, *dim = c->space->dim;
    float *direction = c->direction + (size_t)q * k, square = 0;
#pragma omp simd reduction(+ : square)
    for (uint32_t f = 0; f < k; f++) {
        direction[f] = dim[f] * dim[f] * center[f];
        square += direction[f] * center[f];
    }
    c->part[q].square = (double)square;
}

/* The scores of parts q to q + parts - 1. */
static void score_parts(mf_cluster *c, uint32_t q, uint32_t parts)
{
    uint32_t k = c->space->k;
    c->kernel->dots_across(scores_of(c, q), c->stride, c->n, c->n, c->item,
                           c->space->rows, k, parts, c->direction + (size_t)q * k);
    for (uint32_t j = q; j < q + parts; j++)
#pragma omp simd
        for (size_t t = 0; t < c->n; t++)
            c->score[j * c->stride + t] *= c->scale[t];
}

static void add_to_center(mf_cluster *c, uint32_t q, size_t t, float sign)
{
    uint32_t k = c->space->k;
    const float *x = row_of(c, t);
    float *center = c->center + (size_t)q * k, scale = sign * c->scale[t];
#pragma omp simd
    for (uint32_t f = 0; f < k; f++)
        center[f] += scale * x[f];
}

static void move_long(mf_cluster *c, const bool from_zero[])
{
    uint32_t k = c->space->k;
    for (uint32_t q = 0; q < c->parts; q++)
        if (from_zero[q])
            memset(c->center + (size_t)q * k, 0, k * sizeof *c->center);
    for (size_t t = 0; t < c->n; t++) {
        uint8_t from = c->previous[t], to = c->z[t];
        if (to == from)
            continue;
        add_to_center(c, to, t, 1);
        if (from < c->parts && c->part[from].summed && !from_zero[from])
            add_to_center(c, from, t, -1);
    }
    for (uint32_t q = 0; q < c->parts; q++)
        aim(c, q);
    score_parts(c, 0, c->parts);
}

/* --- the parts of a history whose rows, or their products, are at hand --- */

/* What is summed over the cells of a part: their products with all cells, which gives the
 * scores, or else their rows, which gives the center. */
static float *sum_of(const mf_cluster *c, uint32_t q, uint32_t *width)
{
    if (c->has_products) {
        *width = (uint32_t)c->stride;
        return scores_of(c, q);
    }
    *width = kernel_pad(c->kernel, c->space->k);
    return c->center + (size_t)q * *width;
}

/* The scores of part q, after its sum has changed. */
static void score_part(const mf_cluster *c, uint32_t q)
{
    uint32_t width;
    const float *center = sum_of(c, q, &width);
    if (!c->has_products)
        c->kernel->combine(scores_of(c, q), (uint32_t)c->stride, width, c->transposed,
                           center, false);
}

/* Where the cells are listed that come to part q, or leave it. */
static uint16_t *moved(const mf_cluster *c, uint32_t q, bool leave)
{
    return c->moved + ((size_t)leave * c->personas + q) * c->stride;
}

/* List the cells that moved, and count those of each part anew. Of eight cells at a time
 * it is seen whether any did. */
static void list_moved(mf_cluster *c)
{
    for (uint32_t q = 0; q < c->parts; q++)
        c->come[q] = c->leave[q] = 0;
    for (size_t at = 0; at < c->n; at += 8) {
        uint64_t now, before, differ;
        memcpy(&now, c->z + at, sizeof now);
        memcpy(&before, c->previous + at, sizeof before);
        differ = now ^ before;
        for (size_t t = at; differ && t < at + 8 && t < c->n; t++) {
            uint8_t from = c->previous[t], to = c->z[t];
            if (from == to)
                continue;
            moved(c, to, false)[c->come[to]++] = (uint16_t)t;
            if (from < c->parts)
                moved(c, from, true)[c->leave[from]++] = (uint16_t)t;
        }
    }
    for (uint32_t q = 0; q < c->parts; q++)
        c->part[q].n += (size_t)c->come[q] - c->leave[q];
}

static void move_short(mf_cluster *c, const bool from_zero[])
{
    float square[MF_PERSONAS_MAX];
    const float *rows = c->has_products ? c->products : c->panel;
    for (uint32_t q = 0; q < c->parts; q++) {
        uint32_t width;
        float *sum = sum_of(c, q, &width);
        bool comes = from_zero[q] || c->come[q] > 0;
        bool leaves = c->leave[q] > 0 && c->part[q].summed && !from_zero[q];
        if (comes)
            c->kernel->add_rows(sum, width, !from_zero[q], 1, c->come[q],
                                moved(c, q, false), rows);
        if (leaves)
            c->kernel->add_rows(sum, width, true, -1, c->leave[q], moved(c, q, true),
                                rows);
        if (comes || leaves)
            score_part(c, q);
    }
    c->kernel->sum_own(square, c->n, c->parts, c->score, c->stride, c->z);
    for (uint32_t q = 0; q < c->parts; q++)
        if (c->part[q].summed)
            c->part[q].square = (double)square[q];
}

/* --- rounds --- */

/* The center of part q is one cell, until the part has cells of its own. */
static void start_part(mf_cluster *c, uint32_t q, size_t cell)
{
    uint32_t k = c->space->k;
    float *center = c->center + (size_t)q * k;
    if (c->has_rows) {
        uint32_t width;
        float *sum = sum_of(c, q, &width);
        const float *rows = c->has_products ? c->products : c->panel;
        memcpy(sum, rows + cell * width, width * sizeof *sum);
        score_part(c, q);
    } else {
        memset(center, 0, k * sizeof *center);
        add_to_center(c, q, cell, 1);
        aim(c, q);
        score_parts(c, q, 1);
    }
    c->part[q] = (mf_cluster_part){.square = 1};
}

/* Move each center to the sum of its cells. One without cells stays where it is, and is
 * summed from nothing when it has cells again; then they have all moved. Returns the sum
 * of the cosines of the cells to their new centers. */
static double move_centers(mf_cluster *c)
{
    bool from_zero[MF_PERSONAS_MAX];
    double cosines = 0;
    for (uint32_t q = 0; q < c->parts; q++) {
        mf_cluster_part *part = &c->part[q];
        from_zero[q] = part->n > 0 && !part->summed;
        part->summed = part->n > 0;
    }
    if (c->has_rows)
        move_short(c, from_zero);
    else
        move_long(c, from_zero);
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

/* k-means++: each center after the first `have` is drawn with a probability
 * proportional to its distance from those before it; the very first one, uniformly. */
static void seed_centers(mf_cluster *c, uint32_t have, mf_rng *rng)
{
    if (have == 0)
        start_part(c, have++, mf__rng_below(rng, (uint32_t)c->n));
    for (size_t t = 0; t < c->n; t++)
        c->distance[t] = 2;
    for (uint32_t q = 0; q + 1 < have; q++)
        c->kernel->approach(c->distance, c->n, scores_of(c, q), scale_of(&c->part[q]));
    for (uint32_t q = have; q < c->parts; q++) {
        float total = c->kernel->approach(c->distance, c->n, scores_of(c, q - 1),
                                          scale_of(&c->part[q - 1]));
        double left = mf__rng_uniform(rng) * (double)total;
        size_t pick = 0;
        while (pick + 1 < c->n && (left -= (double)c->distance[pick]) > 0)
            pick++;
        start_part(c, q, pick);
    }
}

/* The cells of each part, after z has changed from c->previous. */
static void count_cells(mf_cluster *c)
{
    if (c->has_rows) {
        list_moved(c);
        return;
    }
    for (uint32_t q = 0; q < c->parts; q++)
        c->part[q].n = 0;
    for (size_t t = 0; t < c->n; t++)
        c->part[c->z[t]].n++;
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
    count_cells(c);
    return true;
}

/* Start with the centers of the `have` initial parts. Their cells are all to be
 * assigned to the nearest center, so none counts yet. */
static void begin_attempt(mf_cluster *c, uint32_t have)
{
    memset(c->part, 0, c->parts * sizeof *c->part);
    if (have > 0) {
        memset(c->score, 0, c->parts * c->stride * sizeof *c->score);
        memset(c->center, 0,
               (size_t)c->parts * (c->space->k + KERNEL_BATCH) * sizeof *c->center);
        memcpy(c->z, c->initial, c->n);
        memset(c->previous, UINT8_MAX, c->n);
        count_cells(c);
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
    set_history(c, n, item);
    if (have > 0)
        memcpy(c->initial, z, n);
    double best = -1;
    for (uint32_t start = 0; start < c->restarts; start++) {
        double cosines = 0;
        begin_attempt(c, have);
        seed_centers(c, have, &rng);
        memset(c->z, UINT8_MAX, n);
        for (int i = 0; i < LLOYD_ROUNDS && assign_to_nearest(c); i++)
            cosines = move_centers(c);
        if (cosines > best) {
            best = cosines;
            memcpy(c->best, c->z, n);
        }
    }
    memcpy(z, c->best, n);
}

void mf__cluster_center(mf_cluster *c, uint32_t q, size_t n, const uint32_t item[],
                        const uint8_t z[], float direction[])
{
    const mf_whitened *space = c->space;
    uint32_t k = space->k;
    double square = 0;
    memset(c->sum, 0, k * sizeof *c->sum);
    for (size_t t = 0; t < n; t++) {
        const float *row = space->rows + (size_t)item[t] * k;
        for (uint32_t f = 0; f < k && z[t] == q; f++)
            c->sum[f] += (double)(space->scale[item[t]] * row[f]);
    }
    for (uint32_t f = 0; f < k; f++)
        square += c->sum[f] * c->sum[f] * (double)(space->dim[f] * space->dim[f]);
    for (uint32_t f = 0; f < k; f++)
        direction[f] = square > 0 ? (float)(c->sum[f] / sqrt(square)) * space->dim[f] *
                                        space->dim[f]
                                  : 0;
}
