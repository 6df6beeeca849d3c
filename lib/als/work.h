/* als/work.h - the workspace of one thread, to build and solve systems in batches. */
#ifndef ALS_WORK_H
#define ALS_WORK_H

#include "kernel/kernel.h"
#include "math/linalg.h"
#include "mf/matrix.h"

/* A system is solved again in double if elimination takes away more than this from a
 * diagonal element: see the kernel `solve`. */
#define ALS_LOSS_MAX 6.f

typedef struct als_work {
    const mf_kernel *kernel;
    uint32_t k, width; /* width: k padded */
    uint32_t systems;  /* of a batch */
    uint32_t dual_max; /* cells of the longest row that is solved in its dual, padded */
    uint32_t dual_faster; /* cells up to which that is the faster way */
    uint32_t chunk;       /* rows that are summed at a time */
    size_t stride;        /* floats from matrix to matrix */
    bool primal;   /* there is room for systems of the order of the factors in float */
    float *matrix; /* [(systems + 1) * stride]; owned, like what follows */
    float *rhs;    /* [(systems + 1) * the larger of width and dual_max] */
    float *panel;  /* [systems * dual_max * width], at least [chunk * width] */
    float *transposed; /* [dual_max * width] */
    /* a list of rows to sum, each array [als_work_list_size]: */
    uint32_t *index;
    float *scale;
    float *rhs_weight;
    const float **next;  /* [chunk], rows that come after this chunk; see als/sum.h */
    size_t fetched;      /* the first of those, which were fetched */
    float *inverse_root; /* [systems * width], D^-1/2 of each row of a batch */
    float *vector;       /* [systems * width], solutions */
    float *turning;      /* scratch of mf__turn */
    float
        *saved_rhs; /* [systems * width], right-hand sides, which `solve` overwrites */
    float *scratch; /* [KERNEL_SCRATCH] */
    double *sum;    /* [width * (width + 1)], a matrix and a right-hand side; without
                    `primal` [2 * width] */
    mf_ridge ridge; /* systems in double: see mf__als_work_ridge */
    bool lacks;     /* there was no memory for them */
    size_t double_solves;
} als_work;

/* For rows of up to `longest` cells, `systems` of which are solved together. *w is
 * zeroed or closed. */
int mf__als_work_open(als_work *w, uint32_t k, uint32_t systems, size_t longest,
                      mf_err *err) MF_MUST_USE;
/* Free all; the count of double_solves stays, and w can be opened again. */
void mf__als_work_close(als_work *w);

/* The workspace for systems in double, and `sum` for a vector, made when they are first
 * wanted: few rows are solved so, and it takes 8 k^2 bytes. NULL if there is no
 * memory, which `lacks` notes. */
mf_ridge *mf__als_work_ridge(als_work *w);

/* The matrix and the right-hand side of a slot <= systems. */
static inline float *als_work_matrix(const als_work *w, uint32_t slot)
{
    return w->matrix + slot * w->stride;
}

static inline float *als_work_rhs(const als_work *w, uint32_t slot)
{
    return w->rhs + (size_t)slot * (w->width > w->dual_max ? w->width : w->dual_max);
}

/* Rows in a list: a chunk, those of the next chunk, and those of one more user. */
static inline size_t als_work_list_size(const als_work *w)
{
    return 2 * (size_t)w->chunk + MF_PERSONAS_MAX;
}

static inline bool als_all_finite(const float *x, uint32_t k)
{
    float sum = 0;
    for (uint32_t f = 0; f < k; f++)
        sum += x[f] * 0;
    return sum == 0;
}

/* True if x is finite and stays so in any other basis: it grows by at most k^1/2. */
static inline bool als_can_be_turned(const float *x, uint32_t k)
{
    uint32_t large = 0;
    for (uint32_t f = 0; f < k; f++)
        large += !(x[f] > -1e36f && x[f] < 1e36f);
    return large == 0;
}

#endif
