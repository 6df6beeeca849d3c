/* als/batch.h - users whose systems are solved together, the items held fixed.
 *
 * Between the ways of solving them, which are a file each, and what collects them. */
#ifndef ALS_BATCH_H
#define ALS_BATCH_H

#include "als/private.h"

/* The personas of a user that need a system of their own: those that own cells, and
 * the first of the others, whose vectors are all the same. */
typedef struct als_kept {
    uint32_t n;
    uint8_t persona[MF_PERSONAS_MAX]; /* [n], ascending */
    uint8_t times[MF_PERSONAS_MAX];   /* [n], how many personas each stands for */
    uint64_t owners;                  /* those that own cells, as bits */
} als_kept;

void mf__als_keep(als_kept *kept, const als_view *view, const als_row *row);

typedef struct als_task {
    als_row *row;
    als_kept kept;
    als_rho rho;
    float ridge; /* lambda_u */
} als_task;

/* One system. */
typedef struct als_slot {
    const als_task *task;
    uint32_t nth;              /* of the personas that are kept */
    const float *panel, *root; /* of the dual: W, D^-1/2; else NULL */
} als_slot;

typedef struct als_batch {
    const als_view *view;
    als_work *work;
    als_tally *tally; /* or NULL */
    uint32_t used;
    uint32_t order; /* of the systems, and their columns: */
    uint32_t columns;
    als_slot slot[KERNEL_BATCH];
    int code;
    als_row *failed;
} als_batch;

static inline uint32_t als_slot_persona(const als_slot *s)
{
    return s->task->kept.persona[s->nth];
}

static inline float *als_slot_vector(const als_slot *s, uint32_t k)
{
    return s->task->row->vectors + (size_t)als_slot_persona(s) * k;
}

/* a and b of all cells are 1. */
static inline bool als_row_even(const als_row *row)
{
    return !row->a && !row->b && !row->bias;
}

/* sum_f x_f^2 */
static inline double als_squares(const float *x, size_t k)
{
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t f = 0; f < k; f++)
        sum += x[f] * x[f];
    return (double)sum;
}

/* sum_f d_f x_f^2 */
static inline double als_weigh(const float *d, const float *x, size_t k)
{
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t f = 0; f < k; f++)
        sum += d[f] * x[f] * x[f];
    return (double)sum;
}

/* 1 / weight, or 0 for a cell of no weight. */
static inline float als_inverse(double weight)
{
    return weight > (double)MF_TINY ? (float)(1 / weight) : 0;
}

/* A user whose systems do not all fit into one batch. */
static inline bool als_too_many(const als_batch *b, const als_task *task)
{
    return task->kept.n > b->work->systems;
}

/* One more system; the batch runs when it is full. */
void mf__als_batch_add(als_batch *b, const als_task *task, uint32_t nth,
                       const float *panel, const float *root);

/* Solve the systems that are ready, and put the vectors where they belong. */
void mf__als_batch_run(als_batch *b);

/* The same system in double. */
void mf__als_batch_double(als_batch *b, const als_task *task, uint32_t nth);

/* All systems of a user, in the dual, the nth of the batch; or in the primal. */
void mf__als_add_dual(als_batch *b, const als_task *task, uint32_t nth);
void mf__als_add_primal(als_batch *b, const als_task *task);

/* The same by conjugate gradients; mf__als_run_steps solves what was added. */
void mf__als_add_steps(als_batch *b, const als_task *task);
void mf__als_run_steps(als_batch *b);

/* Where no cell has a quadratic term: the system is diagonal. */
void mf__als_solve_diagonal(als_batch *b, const als_task *task);

/* --- what the solutions tell: of users whose cells are even --- */

/* An error is base + own * x or base + sibling * x: of its own cells, and of others. */
typedef struct als_error {
    float base, own, sibling;
} als_error;

/* x being the score */
static const als_error ALS_OF_SCORE = {1, -1, -1};

/* Take in m cells from t on. x[j * stride + c] tells the error of the c-th, for the j-th
 * persona that is kept. If there is room for owners, they are set. */
void mf__als_tally_cells(als_tally *tally, const als_view *view, const als_task *task,
                         size_t t, size_t m, const float x[], size_t stride,
                         als_error error);

/* Take in all of a user, from its vectors. */
void mf__als_tally_row(als_tally *tally, const als_view *view, const als_task *task);

#endif
