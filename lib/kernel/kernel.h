/* kernel/kernel.h - the inner loops of training, once for each kind of processor.
 *
 * A level is a table of functions. All are compiled from one source,
 * kernel_body.h, with vectors of another width: avx512, avx2 (with FMA), and
 * base, which runs everywhere. The level is chosen at run time, and every sum
 * is taken in an order that depends on the level alone: within one, a row's
 * result has the same bits whatever rows it is computed with. Between levels
 * results differ by rounding.
 *
 * Matrices are row-major floats; of symmetric ones the upper triangle counts.
 * Orders and row lengths called "padded" are multiples of `pad`. No alignment
 * is asked for. */
#ifndef KERNEL_KERNEL_H
#define KERNEL_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

enum {
    KERNEL_BATCH = 16, /* the widest batch of any level */
    KERNEL_PANEL = 64  /* items that are scored together */
};

typedef struct kernel_settle {
    float base, own, sibling;
    const uint8_t *persona; /* [p] */
    const float *times;     /* [p], what the persona counts in `all` */
    const float *silent;    /* [p], 0 where the persona active, else infinite */
    bool squares;
} kernel_settle;

/* Sums over cells: of the squared errors of all personas, and of the persona z; of the
 * square of the least error of those that active; how many owners are not z. */
typedef struct kernel_sums {
    double all, own, least;
    size_t moved;
} kernel_sums;

/* Rows y of k floats, to be summed with s^2 and s t. */
typedef struct kernel_rows {
    size_t m, ahead;     /* the rows from m to `ahead` come next */
    const uint32_t *row; /* [ahead] */
    const float *src;    /* row r begins at src + r * k */
    uint32_t k;
    const float *scale, *aim; /* [m], s and t; scale may be NULL: 1 */
    size_t warm;              /* rows that have been fetched */
    const float *const *next; /* [nexts], rows that are fetched meanwhile */
    size_t nexts;
} kernel_rows;

typedef struct mf_kernel {
    const char *name;
    uint32_t batch; /* systems that are factored together */
    uint32_t pad;   /* 8 or 16 */

    /* panel[r] = scale[r] * dim * row r, padded with 0, for m groups of p rows of k
     * floats: group i is src + group[i] * p * k. scale [m * p] and dim [k] may be
     * NULL: 1. Rows of the groups up to `ahead` >= m are fetched in advance. */
    void (*gather)(float *panel, size_t m, size_t ahead, const uint32_t *group,
                   uint32_t p, const float *src, uint32_t k, const float *scale,
                   const float *dim);

    /* A (+)= P'P for m rows of padded length n; whatever is below the diagonal of A
     * may change too. */
    void (*rank)(uint32_t n, size_t m, const float *panel, float *a, bool add);

    /* A (+)= sum s^2 y y', as rank does, and rhs (+)= sum s t y. panel [m * n], n being k
     * padded, is room. */
    void (*accumulate)(float *a, float *rhs, bool add, const kernel_rows *of,
                       float *panel);

    /* out = P' for P [rows x n], both padded. */
    void (*transpose)(float *out, uint32_t rows, uint32_t n, const float *panel);

    /* out (+)= sum_i weight[i] * row i, for m rows of padded length n. */
    void (*combine)(float *out, uint32_t n, size_t m, const float *panel,
                    const float *weight, bool add);

    /* out[i] = P_i . x, for m rows of padded length n. */
    void (*apply)(float *out, uint32_t n, size_t m, const float *panel, const float *x);

    /* Row r of out = row r of X times Q, for Q [n x n], n padded. */
    void (*rotate)(float *out, uint32_t n, size_t rows, const float *x, const float *q);

    /* A = x A + y B, and d more on the diagonal, for order n padded. */
    void (*merge)(uint32_t n, float x, float *a, float y, const float *b, float d);

    /* to_s = A + diag(d_s) for s < systems, for order n and lda columns as of solve. A
     * may be one of them. */
    void (*spread)(uint32_t n, uint32_t lda, const float *a, uint32_t systems,
                   float *const to[], const float *const d[]);

    /* sum += A, both [n x n], n padded. */
    void (*spill)(uint32_t n, double *sum, const float *a);

    /* out = 1 / sqrt(d + ridge), for n padded. */
    void (*roots)(float *out, uint32_t n, const float *d, float ridge);

    /* Solve A_u x = b_u for u < systems <= batch by Cholesky. A_u [n of lda columns]
     * is used up, b_u [lda] becomes x; n is a multiple of 8, lda is padded; columns
     * n to lda of A_u are 0. room: KERNEL_ROOM(n) floats. loss[u] is how much of a
     * diagonal element elimination took away at the worst: max_j A_jj / pivot_j;
     * infinite or NaN where A_u is not positive definite. */
    void (*solve)(uint32_t n, uint32_t lda, uint32_t systems, float *const a[],
                  float *const b[], float *loss, float *room);

    /* `steps` steps of conjugate gradients from x towards (I + P' diag(weight) P) x =
     * P' aim, for m rows of padded length n. room: 3 n + m floats. */
    void (*descend)(uint32_t n, size_t m, const float *panel, const float *weight,
                    const float *aim, uint32_t steps, float *x, float *room);

    /* out[i * p + q] = <row item[i] of src, x_q>, for m rows of k floats and p vectors
     * of k floats. Rows up to `ahead` >= m are fetched in advance. */
    void (*dots)(float *out, size_t m, size_t ahead, const uint32_t *item,
                 const float *src, uint32_t k, uint32_t p, const float *x);

    /* The same to out[q * stride + i], by sums of an order of its own. */
    void (*dots_across)(float *out, size_t stride, size_t m, size_t ahead,
                        const uint32_t *item, const float *src, uint32_t k, uint32_t p,
                        const float *x);

    /* Of the scores of n cells by p personas: score[j * stride + i], where z[i] is
     * persona[j], stands for the error base + own * score, else for base + sibling *
     * score. owner[i] is the persona of the least cost, its error or, if `squares`, its
     * square; the first of equals. Up to 15 scores and z after the n are read, and
     * nothing is made of them. */
    void (*settle)(kernel_sums *sums, size_t n, uint32_t p, const float *score,
                   size_t stride, const kernel_settle *how, const uint8_t *z,
                   uint8_t *owner);

    /* best[i], for i < n, is the q < p of the most scale[q] * score[q * stride + i]; the
     * first of equals. Up to 15 scores after the n are read. */
    void (*nearest)(uint8_t *best, size_t n, uint32_t p, const float *score,
                    size_t stride, const float *scale);

    /* out[j * stride + i] = <x[j], item i>, for n vectors of k floats and a panel
     * [k x KERNEL_PANEL]. Each is a sum over the factors in their order. */
    void (*score)(float *out, size_t stride, uint32_t n, const float *const x[],
                  uint32_t k, const float *panel);

    /* The i < n with x[i] >= least, ascending, to out, which has room for n + 16.
     * Returns how many. */
    uint32_t (*above)(uint32_t *out, const float *x, uint32_t n, float least);

    /* How many of x[n] are more than y, or, with `equal`, not less. */
    uint32_t (*count)(const float *x, uint32_t n, float y, bool equal);
} mf_kernel;

/* Floats that solve() needs for order n. */
#define KERNEL_ROOM(n) ((size_t)(n) * (8 + 1 + 1) * KERNEL_BATCH)

/* n padded. */
static inline uint32_t kernel_pad(const mf_kernel *kernel, uint32_t n)
{
    return (n + kernel->pad - 1) / kernel->pad * kernel->pad;
}

/* The best level of this machine, or the one that the environment variable
 * MF_KERNEL names, if the machine has it; mf_kernel_check sees to it that it names
 * one. */
const mf_kernel *mf__kernel_choose(void);

/* Level by name; NULL if there is none, or not on this machine. */
const mf_kernel *mf__kernel_find(const char *name);

/* Names of all levels, best first, ended by NULL. */
extern const char *const mf__kernel_names[];

#endif
