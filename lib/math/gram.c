/* G = X'X or X' diag(weight) X, whose rows are scaled by the roots of their weights on
 * the way: X is read in blocks of rows. With few factors each part of the rows has a
 * sum of its own; with many there is one sum, whose tiles are shared out. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "kernel/kernel.h"
#include "math/linalg.h"

enum { GRAM_ROWS = 64, GRAM_SPILL = 1024, FEW = 160 };

/* to = root x, for k floats */
static void scale_row(float *to, const float *x, float root, size_t k)
{
#pragma omp simd
    for (size_t f = 0; f < k; f++)
        to[f] = root * x[f];
}

/* --- few factors --- */

/* sum += X'X for n rows, both padded: in float for up to GRAM_SPILL rows, then added to
 * the sum in double. */
static void gram_part(const mf_kernel *kernel, double sum[], float update[],
                      float panel[], const float x[], const float weight[], size_t n,
                      uint32_t k, mf_disk *disk)
{
    uint32_t width = kernel_pad(kernel, k);
    size_t since = 0;
    for (size_t at = 0; at < n; at += GRAM_ROWS) {
        size_t rows = n - at < GRAM_ROWS ? n - at : GRAM_ROWS;
        const float *from = x + at * k;
        bool copied = k != width || weight;
        for (size_t r = 0; copied && r < rows; r++) {
            if (weight)
                scale_row(panel + r * width, from + r * k, sqrtf(weight[at + r]), k);
            else
                memcpy(panel + r * width, from + r * k, k * sizeof *x);
            memset(panel + r * width + k, 0, (width - k) * sizeof *x);
        }
        kernel->rank_update(width, rows, copied ? panel : from, update, since > 0);
        since += rows;
        if (since >= GRAM_SPILL || at + rows == n) {
            kernel->spill(width, sum, update);
            since = 0;
            mf__disk_beat(disk);
        }
    }
}

static int gram_of_few(double g[], const float x[], const float weight[], size_t n,
                       uint32_t k, int threads, mf_disk *disk, mf_err *err)
{
    const mf_kernel *kernel = mf__kernel_choose();
    size_t width = kernel_pad(kernel, k), square = width * width;
    double *sums = mf__new0(MF_PAR_PARTS * square, sizeof *sums);
    float *updates = mf__new_aligned(MF_PAR_PARTS * square, sizeof *updates);
    float *panels = mf__new_aligned(MF_PAR_PARTS * GRAM_ROWS * width, sizeof *panels);
    if (!sums || !updates || !panels) {
        free(sums);
        free(updates);
        free(panels);
        return mf__nomem(err);
    }
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (size_t part = 0; part < MF_PAR_PARTS; part++) {
        size_t lo, hi;
        mf__par_part(n, (int)part, &lo, &hi);
        gram_part(kernel, sums + part * square, updates + part * square,
                  panels + part * GRAM_ROWS * width, x + lo * k,
                  weight ? weight + lo : NULL, hi - lo, k, disk);
    }
    for (size_t i = 0; i < k; i++)
        for (size_t j = i; j < k; j++) {
            double sum = 0;
            for (size_t part = 0; part < MF_PAR_PARTS; part++)
                sum += sums[part * square + i * width + j];
            g[i * k + j] = g[j * k + i] = sum;
        }
    free(sums);
    free(updates);
    free(panels);
    return MF_OK;
}

/* --- many factors --- */

enum {
    BLOCK =
        128, /* rows that are multiplied at a time: a slab stays in the first cache */
    BLOCKS = GRAM_SPILL / BLOCK,
    STRIP = 144,  /* columns that one thread packs */
    SIDE_MAX = 96 /* columns on the side of a tile */
};

typedef struct tiles {
    const mf_kernel *kernel;
    uint32_t k, slab;     /* slab: as in the kernel */
    uint32_t side, sides; /* a tile is side x side; sides: along G */
    float *slabs;         /* [BLOCKS][BLOCK x k padded], each block in slabs */
    double *g;            /* [k * k] */
} tiles;

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The slab of a block of m rows that begins with column c. */
static float *slab_at(const tiles *t, size_t block, size_t m, uint32_t c)
{
    size_t width = ((size_t)t->k + t->slab - 1) / t->slab * t->slab;
    return t->slabs + block * BLOCK * width + m * c;
}

/* Add the sum over n packed rows to the tile that begins at row i and column j of G. */
static void add_tile(const tiles *t, size_t n, uint32_t i, uint32_t j)
{
    float sum[SIDE_MAX * SIDE_MAX];
    uint32_t rows = smaller(t->side, t->k - i), columns = smaller(t->side, t->k - j);
    for (size_t at = 0; at < n; at += BLOCK) {
        size_t m = n - at < BLOCK ? n - at : BLOCK;
        for (uint32_t c = 0; c < columns; c += t->slab)
            for (uint32_t r = 0; r < rows; r += t->slab)
                t->kernel->multiply(
                    sum + r * t->side + c, t->side, at > 0, smaller(t->slab, rows - r),
                    smaller(t->slab, columns - c), m, slab_at(t, at / BLOCK, m, i + r),
                    1, t->slab, slab_at(t, at / BLOCK, m, j + c));
    }
    for (uint32_t r = 0; r < rows; r++)
        for (uint32_t c = 0; c < columns; c++)
            t->g[(size_t)(i + r) * t->k + j + c] += (double)sum[r * t->side + c];
}

/* Pack columns c to c + STRIP of a block of m rows. */
static void pack_strip(const tiles *t, size_t block, const float x[],
                       const float weight[], size_t m, uint32_t c)
{
    float scaled[BLOCK * STRIP], *to = slab_at(t, block, m, c);
    uint32_t columns = smaller(STRIP, t->k - c);
    if (!weight) {
        t->kernel->pack(to, m, columns, x + c, t->k);
        return;
    }
    for (size_t r = 0; r < m; r++)
        scale_row(scaled + r * columns, x + r * t->k + c, sqrtf(weight[r]), columns);
    t->kernel->pack(to, m, columns, scaled, columns);
}

/* g += X'X for n <= GRAM_SPILL rows. Called by all threads of a team. */
static void add_rows(const tiles *t, const float x[], const float weight[], size_t n)
{
    uint32_t strips = (t->k + STRIP - 1) / STRIP, all = t->sides * t->sides;
#pragma omp for schedule(dynamic, 1)
    for (uint32_t s = 0; s < strips * BLOCKS; s++) {
        size_t block = s % BLOCKS, lo = block * BLOCK;
        if (lo < n)
            pack_strip(t, block, x + lo * t->k, weight ? weight + lo : NULL,
                       n - lo < BLOCK ? n - lo : BLOCK, s / BLOCKS * STRIP);
    }
#pragma omp for schedule(dynamic, 1)
    for (uint32_t tile = 0; tile < all; tile++) {
        uint32_t i = tile / t->sides, j = tile % t->sides;
        if (i <= j)
            add_tile(t, n, i * t->side, j * t->side);
    }
}

static int gram_of_many(double g[], const float x[], const float weight[], size_t n,
                        uint32_t k, int threads, mf_disk *disk, mf_err *err)
{
    const mf_kernel *kernel = mf__kernel_choose();
    uint32_t slab = kernel->slab, side = SIDE_MAX / slab * slab;
    size_t width = ((size_t)k + slab - 1) / slab * slab;
    tiles t = {kernel, k, slab, side, (k + side - 1) / side, NULL, g};
    t.slabs = mf__new_aligned(GRAM_SPILL * width, sizeof *t.slabs);
    if (!t.slabs)
        return mf__nomem(err);
    memset(g, 0, (size_t)k * k * sizeof *g);
#pragma omp parallel num_threads(threads)
    for (size_t at = 0; at < n; at += GRAM_SPILL) {
        mf__disk_beat(disk);
        add_rows(&t, x + at * k, weight ? weight + at : NULL,
                 n - at < GRAM_SPILL ? n - at : GRAM_SPILL);
    }
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < i; j++)
            g[i * k + j] = g[j * k + i];
    free(t.slabs);
    return MF_OK;
}

int mf__gram_weighted(double g[], const float x[], const float weight[], size_t n,
                      uint32_t k, int threads, mf_disk *disk, mf_err *err)
{
    return k <= FEW ? gram_of_few(g, x, weight, n, k, threads, disk, err)
                    : gram_of_many(g, x, weight, n, k, threads, disk, err);
}

int mf__gram(double g[], const float x[], size_t n, uint32_t k, int threads,
             mf_err *err)
{
    return mf__gram_weighted(g, x, NULL, n, k, threads, NULL, err);
}
