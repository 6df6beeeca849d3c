/* als/wide_row.h - one system of many factors.
 *
 * The rows y held fixed lie in the basis in which their Gram matrix is diagonal, so
 * that the system of a row is
 *
 *     (diag(share shared + ridge) + sum s y y') x = sum t y
 *
 * over its m terms. Short ones are solved exactly in their dual, by als/woodbury.h,
 * long ones by steps of conjugate gradients from where x stands. */
#ifndef ALS_WIDE_ROW_H
#define ALS_WIDE_ROW_H

#include "kernel/kernel.h"
#include "mf/err.h"

/* What all systems of a half-step share. */
typedef struct als_wide_side {
    uint32_t k, n;       /* factors, and rows held fixed */
    const float *rows;   /* [n * k] */
    const float *shared; /* [k, padded], the eigenvalues of w0' Y'Y, padded with 1 */
    uint32_t steps, steps_max; /* as in kernel_system */
    double tolerance;
    float least_ridge; /* at a share of 1: a row of less is not solved */
    uint32_t dual_max; /* terms of the longest row that is solved in its dual */
} als_wide_side;

typedef struct als_wide_system {
    size_t m;
    const uint32_t *row;              /* [m] */
    const float *weight, *rhs_weight; /* [m], s >= 0 and t; NULL: 1 */
    float share, ridge;
    float *x;     /* [k], from which conjugate gradients begin; the solution */
    double value; /* of the solution: x'A x - 2 b'x */
    bool failed;  /* it is not solved: the ridge is too small for floats, or conjugate
                     gradients did not get there */
} als_wide_system;

/* How rows were solved. */
typedef struct als_wide_counts {
    size_t dual, cg;
    size_t longer; /* of cg, rows that took more steps than asked for */
} als_wide_counts;

/* The workspace of one thread. */
typedef struct als_wide_work {
    const mf_kernel *kernel;
    const als_wide_side *side;
    uint32_t k, width, dual_max;
    uint32_t slots, used;    /* of a batch of duals */
    uint32_t order, columns; /* of all systems of the batch, as in the kernel `solve` */
    als_wide_system **slot;  /* [slots]; owned, like what follows */
    uint32_t *source;        /* [slots], the slot whose panel and root are used */
    float *panel;            /* [slots * dual_max * width], Y D^-1/2 of each */
    float *transposed;       /* [width * dual_max] */
    float *shared;           /* [width], the side's times the share of a row */
    float *root;             /* [slots * width], D^-1/2 */
    float *matrix;           /* [slots * stride] */
    size_t stride;
    float *diagonal; /* [slots * dual_max], of W W' */
    float *given;    /* [slots * dual_max], t */
    float *target;   /* [slots * dual_max], t / s */
    float *rhs;      /* [slots * dual_max] */
    float *scratch;  /* [KERNEL_SCRATCH(dual_max)] */
    float *cg;       /* [KERNEL_CG_SCRATCH(k)] */
    uint32_t *index; /* lists that the caller fills, see mf__als_wide_reserve */
    float *weight, *rhs_weight;
    size_t index_cap, weight_cap, rhs_weight_cap;
    als_wide_counts counts;
} als_wide_work;

int mf__als_wide_work_open(als_wide_work *w, uint32_t k, uint32_t dual_max,
                           mf_err *err) MF_MUST_USE;
void mf__als_wide_work_close(als_wide_work *w);

/* Room for a list of m terms in index, weight and rhs_weight. */
int mf__als_wide_reserve(als_wide_work *w, size_t m, mf_err *err) MF_MUST_USE;

/* Fetch the first rows of a system that will be solved next. */
void mf__als_wide_fetch(const als_wide_work *w, size_t m, const uint32_t row[]);

/* Solve a system, now or by mf__als_wide_flush: until then *s must stay. What its lists
 * hold is read now. */
void mf__als_wide_add(als_wide_work *w, als_wide_system *s);
void mf__als_wide_flush(als_wide_work *w);

#endif
