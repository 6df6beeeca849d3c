/* kernel/kernel.h - the inner loops of training and scoring, once for each kind of
 * processor.
 *
 * A level is a table of functions. All levels are compiled from one source,
 * kernel/body.h, with vectors of different widths: avx512, avx2 (with FMA), and
 * base, which runs everywhere. The level is chosen at run time, and the order of
 * every sum depends on the level alone: within one, a row's result has the same
 * bits whatever rows it is computed with. Between levels, results differ by
 * rounding.
 *
 * Matrices are row-major floats; of symmetric ones only the upper triangle counts.
 * Orders and row lengths called "padded" are multiples of `pad`. No pointer needs to
 * be aligned. */
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

/* How scores become errors, and errors become the choice of a persona: see `assign`. */
typedef struct kernel_assign {
    float base, own, sibling;
    const uint8_t *persona;    /* [p] */
    const float *multiplicity; /* [p], the personas that have these scores */
    const float *inactive;     /* [p], 0 where the persona is active, else infinite */
    bool squares;
} kernel_assign;

/* Sums over cells. */
typedef struct kernel_sums {
    double all;   /* of the squared errors of all personas */
    double own;   /* of the squared error of the persona z */
    double least; /* of the square of the least error of an active persona */
    size_t moved; /* cells whose next persona is not z */
} kernel_sums;

/* Rows y of k floats, of which s^2 y y' and s t y are summed. */
typedef struct kernel_rows {
    size_t m, ahead;     /* the rows from m to `ahead` follow in a later call */
    const uint32_t *row; /* [ahead] */
    const float *src;    /* row r begins at src + r * k */
    uint32_t k;
    const float *scale;       /* [m], s; NULL: 1 */
    const float *rhs_weight;  /* [m], t */
    size_t fetched;           /* the first rows, which have been fetched already */
    const float *const *next; /* [next_count], rows to fetch meanwhile */
    size_t next_count;
} kernel_rows;

/* The system (diag(shared + ridge) + sum s y y') x = sum t y, of m rows y of k
 * floats. */
typedef struct kernel_system {
    uint32_t k;
    size_t m;
    const uint32_t *row; /* [m]; row r begins at src + r * k */
    const float *src;
    const float *weight, *rhs_weight; /* [m], s and t; NULL: 1 */
    const float *shared;              /* [k, padded]; more than -ridge */
    float ridge;
    /* At least `steps` are taken unless x solves the system, and more, up to steps_max,
     * while the bound is more than tolerance times -value. */
    uint32_t steps, steps_max;
    double tolerance;
} kernel_system;

/* Where conjugate gradients end. For the system A x = b, */
typedef struct kernel_solution {
    double value; /* x'A x - 2 b'x: at the solution its least, -b'x */
    double
        bound; /* r' diag^-1 r, r = b - A x: value is at most so far from the least */
    uint32_t steps;
} kernel_solution;

typedef struct mf_kernel {
    const char *name;
    uint32_t batch; /* systems that are factored together */
    uint32_t pad;   /* 8 or 16 */
    uint32_t slab;  /* columns that `multiply` takes: see `pack` */

    /* panel[r] = scale[r] * dim * row r, padded with 0, for m groups of p rows of k
     * floats: group i is src + group[i] * p * k. scale [m * p] and dim [k] may be
     * NULL: 1. Rows of the groups up to `ahead` >= m are fetched in advance. */
    void (*gather)(float *panel, size_t m, size_t ahead, const uint32_t *group,
                   uint32_t p, const float *src, uint32_t k, const float *scale,
                   const float *dim);

    /* A (+)= P'P for m rows of padded length n; what is below the diagonal of A may
     * change too. */
    void (*rank_update)(uint32_t n, size_t m, const float *panel, float *a, bool add);

    /* A (+)= sum s^2 y y', as rank_update does, and rhs (+)= sum s t y. panel [m * n],
     * n being k padded, is scratch. */
    void (*accumulate)(float *a, float *rhs, bool add, const kernel_rows *of,
                       float *panel);

    /* out = P' for P [rows x n], both padded. */
    void (*transpose)(float *out, uint32_t rows, uint32_t n, const float *panel);

    /* out (+)= P' weight, for m rows of padded length n. */
    void (*combine)(float *out, uint32_t n, size_t m, const float *panel,
                    const float *weight, bool add);

    /* A = x A + y B, and d more on the diagonal, for order n padded. */
    void (*merge)(uint32_t n, float x, float *a, float y, const float *b, float d);

    /* to_s = A + diag(d_s) for s < systems, where order n and lda columns are those of
     * `solve`. A may be one of the to_s. */
    void (*add_diagonals)(uint32_t n, uint32_t lda, const float *a, uint32_t systems,
                          float *const to[], const float *const d[]);

    /* sum += A, both [n x n], n padded. */
    void (*spill)(uint32_t n, double *sum, const float *a);

    /* out = 1 / sqrt(d + ridge), for n padded. */
    void (*inverse_roots)(float *out, uint32_t n, const float *d, float ridge);

    /* Solve A_u x = b_u for u < systems <= batch by Cholesky. A_u [n rows of lda
     * columns] is overwritten, b_u [lda] becomes x; n is a multiple of 8, lda is
     * padded; columns n to lda of A_u are 0. scratch: KERNEL_SCRATCH(n) floats.
     * loss[u] is how much elimination takes away from a diagonal element at worst,
     * max_j A_jj / pivot_j; infinite or NaN where A_u is not positive definite. */
    void (*solve)(uint32_t n, uint32_t lda, uint32_t systems, float *const a[],
                  float *const b[], float *loss, float *scratch);

    /* Steps of conjugate gradients from x[k] towards the solution of a system, with its
     * diagonal as the preconditioner. scratch: KERNEL_CG_SCRATCH(k) floats, aligned for
     * doubles. */
    kernel_solution (*cg)(const kernel_system *of, float *x, float *scratch);

    /* out = sum (t - s <y, x>) y over the rows y of a system, or with rhs false t being
     * 0. out, x and `wide`, scratch, are padded. Unless squares is NULL, sum s <y, x>^2
     * - 2 t <y, x> is added to it. */
    void (*pass)(const kernel_system *of, float *out, bool rhs, const float *x,
                 double *squares, double *wide);

    /* Cut X [rows x k], whose rows begin `stride` floats apart, into slabs of `slab`
     * columns: float c of row r of slab s goes to slabs[(s * rows + r) * slab + c].
     * Columns beyond k are 0. */
    void (*pack)(float *slabs, size_t rows, uint32_t k, const float *x, size_t stride);

    /* C (+)= A B for one slab B [depth], of which `columns` <= slab are wanted: row r
     * of C begins at r * ldc, and element d of row r of A lies at r * row_step + d *
     * depth_step. The last vector of C is set whole. */
    void (*multiply)(float *c, size_t ldc, bool add, size_t rows, uint32_t columns,
                     size_t depth, const float *a, size_t row_step, size_t depth_step,
                     const float *slab);

    /* out[i * p + q] = <row item[i] of src, x_q>, for m rows of k floats and p vectors
     * of k floats. Rows up to `ahead` >= m are fetched in advance. */
    void (*dots)(float *out, size_t m, size_t ahead, const uint32_t *item,
                 const float *src, uint32_t k, uint32_t p, const float *x);

    /* The same to out[q * stride + i], summed in another order. */
    void (*dots_across)(float *out, size_t stride, size_t m, size_t ahead,
                        const uint32_t *item, const float *src, uint32_t k, uint32_t p,
                        const float *x);

    /* Turn the scores of n cells by p personas into errors: that of cell i and
     * persona[j] is base + own * score[j * stride + i] if z[i] is persona[j], else
     * base + sibling * score[j * stride + i]. next_z[i] becomes the persona of the
     * least cost, which is its error or, with `squares`, its square; the first of
     * equals. next_z may be NULL. Up to 15 scores and z beyond the n are read, but do
     * not count. */
    void (*assign)(kernel_sums *sums, size_t n, uint32_t p, const float *score,
                   size_t stride, const kernel_assign *how, const uint8_t *z,
                   uint8_t *next_z);

    /* best[i], for i < n, is the q < p of the largest scale[q] * score[q * stride + i];
     * the first of equals. Up to 15 scores beyond the n are read. */
    void (*nearest)(uint8_t *best, size_t n, uint32_t p, const float *score,
                    size_t stride, const float *scale);

    /* sum[q] = the sum of score[q * stride + i] over the i < n with z[i] = q, for
     * q < p. Up to 15 scores and z beyond the n are read. */
    void (*sum_own)(float *sum, size_t n, uint32_t p, const float *score, size_t stride,
                    const uint8_t *z);

    /* distance[i] becomes 1 - scale * score[i], but no less than 0, where that is less
     * than it was. Returns the sum of all n. Up to 15 beyond the n are read and set. */
    float (*approach)(float *distance, size_t n, const float *score, float scale);

    /* out (+)= sign times the sum of m rows of src, each of padded length n. */
    void (*add_rows)(float *out, uint32_t n, bool add, float sign, size_t m,
                     const uint16_t *row, const float *src);

    /* out[j * stride + i] = <x[j], item i>, for n vectors of k floats and a panel
     * [k x KERNEL_PANEL]. Each is a sum over the factors in their order. */
    void (*score)(float *out, size_t stride, uint32_t n, const float *const x[],
                  uint32_t k, const float *panel);

    /* out[i] = <x[i], y[i]>, for n pairs of vectors of k floats: with the bits of
     * `score`. */
    void (*pairs)(float *out, size_t n, uint32_t k, const float *const x[],
                  const float *const y[]);

    /* The i < n with x[i] >= least, ascending, to out, which has room for n + 16.
     * Returns how many there are. */
    uint32_t (*above)(uint32_t *out, const float *x, uint32_t n, float least);

    /* How many of x[n] are greater than y or, with `equal`, not less. */
    uint32_t (*count)(const float *x, uint32_t n, float y, bool equal);
} mf_kernel;

/* Floats of scratch that solve() needs for order n. */
#define KERNEL_SCRATCH(n) ((size_t)(n) * (8 + 1 + 1) * KERNEL_BATCH)

/* Floats of scratch that cg() needs for k factors. */
#define KERNEL_CG_SCRATCH(k) (((size_t)(k) + 16) * 8)

/* n padded. */
static inline uint32_t kernel_pad(const mf_kernel *kernel, uint32_t n)
{
    return (n + kernel->pad - 1) / kernel->pad * kernel->pad;
}

/* The best level of this machine, or the one that the environment variable
 * MF_KERNEL names, if the machine has it. Names that are unknown are ignored here;
 * mf_kernel_check refuses them. */
const mf_kernel *mf__kernel_choose(void);

/* The level of that name; NULL if there is none, or not on this machine. */
const mf_kernel *mf__kernel_find(const char *name);

/* Names of all levels, best first, ended by NULL. */
extern const char *const mf__kernel_names[];

#endif
