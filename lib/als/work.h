/* als/work.h - what one thread needs to build and solve systems in batches. */
#ifndef ALS_WORK_H
#define ALS_WORK_H

#include "kernel/kernel.h"
#include "math/linalg.h"
#include "mf/matrix.h"

enum {
    ALS_SPILL = 1024, /* rows that are summed in float, before they go to double */
    ALS_CELLS = 1 << 14
};

/* Elimination may take away this much of a diagonal element: beyond it, a system
 * is solved again in double. */
#define ALS_LOSS_MAX 6.f

typedef struct als_work {
    const mf_kernel *kernel;
    uint32_t k, width; /* width: k padded */
    uint32_t systems;  /* of a batch */
    uint32_t cells;    /* longest row that is solved in its dual, padded */
    uint32_t few;      /* where that is faster */
    uint32_t chunk;    /* rows of a panel that is used up at once */
    size_t stride;     /* floats from matrix to matrix */
    float *matrix;     /* [(systems + 1) * stride]; owned, like what follows */
    float *rhs;    /* [(systems + 1) * side], side being the larger of width, cells */
    float *panel;  /* [systems * cells * width], and at least [chunk * width] */
    float *turned; /* [cells * width] */
    float *scale, *aim; /* [als_work_list], rows that are to be summed */
    uint32_t *index;    /* [als_work_list] */
    const float **next; /* [chunk], rows of the chunk after this, ... */
    size_t warm;        /* so many: they were fetched */
    float *root;        /* [systems * width], D^-1/2 of each row of a batch */
    float *vector;      /* [2 * systems * width] */
    float *aims;        /* [systems * width], right-hand sides that are solved */
    float *score;       /* [ALS_CELLS + 16], of the cells of a user */
    float *room;        /* KERNEL_SCRATCH */
    double *sum;        /* [width * (width + 1)], of long rows */
    mf_ridge ridge;     /* the double path */
    size_t doubled;     /* systems that it solved */
} als_work;

int mf__als_work_open(als_work *w, uint32_t k, uint32_t systems,
                      mf_err *err) MF_MUST_USE;
void mf__als_work_close(als_work *w);

static inline float *als_work_matrix(const als_work *w, uint32_t slot)
{
    return w->matrix + slot * w->stride;
}

static inline float *als_work_rhs(const als_work *w, uint32_t slot)
{
    return w->rhs + (size_t)slot * (w->width > w->cells ? w->width : w->cells);
}

/* Rows that are listed at a time: a chunk, those that come next, and one user more. */
static inline size_t als_work_list(const als_work *w)
{
    return 2 * (size_t)w->chunk + MF_PERSONAS_MAX;
}

/* Longest row that conjugate gradients have room for: the panel has, and so have the
 * matrices for all else. */
static inline size_t als_work_steps(const als_work *w)
{
    size_t rows = (size_t)w->systems * w->cells, floats = w->systems * w->stride;
    size_t others = (floats - 3 * (size_t)w->width) / 3;
    return w->width < 16 || rows < others ? rows : others;
}

/* --- A = sum s^2 y y', rhs = sum t y over rows y that come in chunks --- */

typedef struct als_sum {
    als_work *work;
    float *a, *rhs; /* [width * width], [width] */
    size_t rows;    /* since the last spill */
    bool spilled;
    const uint32_t *after; /* [afters], groups of rows that another sum begins with */
    size_t afters;
    uint32_t group; /* rows of each */
} als_sum;

als_sum mf__als_sum_begin(als_work *work, float *a, float *rhs);

/* Of each of m <= chunk rows y of `src`, s^2 y y' is added to A and s t y to rhs. s may
 * be NULL: 1. The rows up to `ahead` come next. */
void mf__als_sum_add(als_sum *sum, size_t m, size_t ahead, const uint32_t *row,
                     const float *src, uint32_t k, const float *s, const float *t);

/* A, whose upper triangle is valid, and rhs are complete. */
void mf__als_sum_end(als_sum *sum);

#endif
