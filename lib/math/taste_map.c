/* The map of items: B, a sparse matrix plus one of rank 1, at low rank. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <lapacke.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "math/linalg.h"
#include "math/taste.h"

enum { WIDTH = MF_TASTE_WIDTH, SQUARE = WIDTH * WIDTH, START_SEED = 1 };

/* Smaller numbers are rounding: squares of singular values, relative to the largest; a
 * singular value; the length of an item. */
static const double LEAST_SQUARE = 1e-12, LEAST_SINGULAR = 1e-4, LEAST_LENGTH = 1e-6;

/* One side of B: X or X', and for each row its sum and 1 / sqrt(sum + mean). */
typedef struct side {
    const mf_csr *x;
    double *sum, *scale; /* [x->rows]; owned */
    float *panel;        /* [x->rows x WIDTH]; owned */
} side;

typedef struct mapping {
    side users, items;
    int threads;
    double sums[MF_PAR_PARTS * SQUARE], work[4 * WIDTH];
    double gram[SQUARE], value[WIDTH]; /* of a panel P: P'P, then its eigenvectors, one
                                          in each row; its eigenvalues, ascending */
} mapping;

static int side_open(side *s, const mf_csr *x, mf_err *err)
{
    double some = 0;
    *s = (side){.x = x,
                .sum = mf__new(x->rows, sizeof *s->sum),
                .scale = mf__new(x->rows, sizeof *s->scale),
                .panel = mf__new0((size_t)x->rows * WIDTH, sizeof *s->panel)};
    if (!s->sum || !s->scale || !s->panel)
        return mf__nomem(err);
    for (uint32_t r = 0; r < x->rows; r++) {
        s->sum[r] = (double)(x->ptr[r + 1] - x->ptr[r]);
        some += s->sum[r] > 0;
    }
    double mean = some > 0 ? (double)x->nnz / some : 1;
    for (uint32_t r = 0; r < x->rows; r++)
        s->scale[r] = 1 / sqrt(s->sum[r] + mean);
    return MF_OK;
}

static void side_close(side *s)
{
    free(s->sum);
    free(s->scale);
    free(s->panel);
}

/* to->panel = B from->panel, or B' for the other direction. */
static void multiply(side *to, const side *from, int threads)
{
    double common[WIDTH] = {0};
    for (uint32_t r = 0; r < from->x->rows; r++)
        for (size_t j = 0; j < WIDTH; j++)
            common[j] += from->scale[r] * from->sum[r] / (double)from->x->nnz *
                         (double)from->panel[(size_t)r * WIDTH + j];
#pragma omp parallel for num_threads(threads) schedule(dynamic, 64)
    for (uint32_t r = 0; r < to->x->rows; r++) {
        double row[WIDTH];
        for (size_t j = 0; j < WIDTH; j++)
            row[j] = -to->sum[r] * common[j];
        for (size_t t = to->x->ptr[r]; t < to->x->ptr[r + 1]; t++) {
            uint32_t c = to->x->col[t];
            const float *x = from->panel + (size_t)c * WIDTH;
            for (size_t j = 0; j < WIDTH; j++)
                row[j] += from->scale[c] * (double)x[j];
        }
        for (size_t j = 0; j < WIDTH; j++)
            to->panel[(size_t)r * WIDTH + j] = (float)(to->scale[r] * row[j]);
    }
}

/* The Gram matrix of a panel, all in double: mf__gram adds its rows in float, which
 * would hide small singular values. */
static void make_gram(mapping *m, const side *s)
{
    memset(m->sums, 0, sizeof m->sums);
    memset(m->gram, 0, sizeof m->gram);
#pragma omp parallel for num_threads(m->threads) schedule(dynamic, 1)
    for (int part = 0; part < MF_PAR_PARTS; part++) {
        double *sum = m->sums + (size_t)part * SQUARE;
        size_t lo, hi;
        mf__par_part(s->x->rows, part, &lo, &hi);
        for (size_t r = lo; r < hi; r++) {
            const float *x = s->panel + r * WIDTH;
            for (size_t i = 0; i < WIDTH; i++)
                for (size_t j = 0; j < WIDTH; j++)
                    sum[i * WIDTH + j] += (double)x[i] * (double)x[j];
        }
    }
    for (size_t part = 0; part < MF_PAR_PARTS; part++)
        for (size_t i = 0; i < SQUARE; i++)
            m->gram[i] += m->sums[part * SQUARE + i];
}

/* The eigenvalues and eigenvectors of the Gram matrix of a panel. */
static int decompose(mapping *m, const side *s, mf_err *err)
{
    make_gram(m, s);
    if (LAPACKE_dsyev_work(LAPACK_COL_MAJOR, 'V', 'U', WIDTH, m->gram, WIDTH, m->value,
                           m->work, 4 * WIDTH) == 0)
        return MF_OK;
    return mf_fail(err, MF_EMATH, "the map of tastes: eigenvalues do not converge");
}

/* Each row x of the panel becomes, in column j, <eigenvector j, x> weight[j]. */
static void rotate(const mapping *m, side *s, const double weight[])
{
#pragma omp parallel for num_threads(m->threads) schedule(dynamic, 64)
    for (uint32_t r = 0; r < s->x->rows; r++) {
        float *x = s->panel + (size_t)r * WIDTH, y[WIDTH];
        for (size_t j = 0; j < WIDTH; j++) {
            double sum = 0;
            for (size_t i = 0; i < WIDTH; i++)
                sum += m->gram[j * WIDTH + i] * (double)x[i];
            y[j] = (float)(weight[j] * sum);
        }
        memcpy(x, y, sizeof y);
    }
}

/* Make the columns of the panel orthonormal, or 0 beyond its rank. Twice, since
 * the first time leaves an error in proportion to the condition. */
static int orthonormalize(mapping *m, side *s, mf_err *err)
{
    double weight[WIDTH];
    for (int time = 0; time < 2; time++) {
        int code = decompose(m, s, err);
        if (code < 0)
            return code;
        double least = LEAST_SQUARE * m->value[WIDTH - 1];
        for (size_t j = 0; j < WIDTH; j++)
            weight[j] = m->value[j] > least ? 1 / sqrt(m->value[j]) : 0;
        rotate(m, s, weight);
    }
    return MF_OK;
}

/* From an orthonormal panel of items to V S^2, the largest singular value last. */
static int scale_by_singular_values(mapping *m, mf_err *err)
{
    double weight[WIDTH] = {0};
    multiply(&m->users, &m->items, m->threads);
    int code = decompose(m, &m->users, err);
    for (size_t j = WIDTH - MF_TASTE_RANK; j < WIDTH; j++)
        if (m->value[j] > LEAST_SINGULAR * LEAST_SINGULAR)
            weight[j] = m->value[j];
    if (code == MF_OK)
        rotate(m, &m->items, weight);
    return code;
}

static int iterate(mapping *m, mf_err *err)
{
    uint32_t n = m->items.x->rows;
    for (uint32_t i = 0; i < n; i++) {
        mf_rng rng = mf__rng_make(START_SEED, MF_STREAM_TASTES, i);
        for (size_t j = 0; j < WIDTH; j++)
            m->items.panel[(size_t)i * WIDTH + j] = (float)mf__rng_normal(&rng);
    }
    int code = orthonormalize(m, &m->items, err);
    for (int sweep = 0; code == MF_OK && sweep < MF_TASTE_SWEEPS; sweep++) {
        multiply(&m->users, &m->items, m->threads);
        multiply(&m->items, &m->users, m->threads);
        code = orthonormalize(m, &m->items, err);
    }
    return code == MF_OK ? scale_by_singular_values(m, err) : code;
}

/* The columns that count, each row of length 1 or 0. */
static void take(mf_tensor *out, const mapping *m)
{
    for (uint32_t i = 0; i < out->n; i++) {
        const float *x = m->items.panel + (size_t)i * WIDTH + WIDTH - MF_TASTE_RANK;
        float *unit = mf_tensor_at(out, i, 0);
        double square = 0;
        for (size_t j = 0; j < MF_TASTE_RANK; j++)
            square += (double)x[j] * (double)x[j];
        bool there = m->items.sum[i] > 0 && square > LEAST_LENGTH * LEAST_LENGTH;
        for (size_t j = 0; j < MF_TASTE_RANK; j++)
            unit[j] = there ? (float)((double)x[j] / sqrt(square)) : 0;
    }
}

int mf__taste_map(mf_tensor *out, const mf_csr *train, int threads, mf_err *err)
{
    mapping *m = mf__new0(1, sizeof *m);
    mf_csr by_item = {0};
    *out = (mf_tensor){0};
    mf__linalg_serial();
    int code = m ? mf_csr_transpose(&by_item, train, NULL, err) : mf__nomem(err);
    if (code == MF_OK)
        code = mf__linalg_reserve(1, err);
    if (code == MF_OK) {
        m->threads = mf__par_threads(threads);
        code = side_open(&m->users, train, err);
    }
    if (code == MF_OK)
        code = side_open(&m->items, &by_item, err);
    if (code == MF_OK && train->nnz)
        code = iterate(m, err);
    if (code == MF_OK)
        code = mf_tensor_alloc(out, train->cols, 1, MF_TASTE_RANK, err);
    if (code == MF_OK)
        take(out, m);
    if (m) {
        side_close(&m->users);
        side_close(&m->items);
    }
    mf_csr_free(&by_item);
    free(m);
    return code;
}
