/* als/batch.h - systems of users that are solved together. Each way of solving (dual.h,
 * primal.h, cg.h) adds systems to a batch; als/users.h chooses the way. */
#ifndef ALS_BATCH_H
#define ALS_BATCH_H

#include "als/terms.h"
#include "als/work.h"
#include "math/rotation.h"

/* One system. */
typedef struct als_slot {
    const als_task *task;
    uint32_t nth;                      /* of the personas that are solved */
    const float *panel, *inverse_root; /* in the dual: W, D^-1/2; else NULL */
} als_slot;

typedef struct als_batch {
    const als_view *view;
    als_work *work;
    als_terms *terms;        /* to add terms of L to, or NULL */
    uint32_t used;           /* slots */
    uint32_t order, columns; /* of the systems, as the kernel `solve` takes them */
    als_slot slot[KERNEL_BATCH];
    uint32_t turning; /* solutions that are still in the basis */
    float *turn[MF_TURNED];
    int code;        /* MF_OK or MF_EMATH */
    als_row *failed; /* the first row that could not be solved */
} als_batch;

static inline uint32_t als_slot_persona(const als_slot *s)
{
    return s->task->solved.persona[s->nth];
}

/* Where its solution belongs. */
static inline float *als_slot_vector(const als_slot *s, uint32_t k)
{
    return s->task->row->vectors + (size_t)als_slot_persona(s) * k;
}

/* True of a user whose systems do not all fit into one batch. */
static inline bool als_exceeds_batch(const als_batch *b, const als_task *task)
{
    return task->solved.n > b->work->systems;
}

/* sum_f d_f x_f^2 */
static inline double als_weighted_squares(const float *d, const float *x, size_t k)
{
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t f = 0; f < k; f++)
        sum += d[f] * x[f] * x[f];
    return (double)sum;
}

/* Add the system of the nth solved persona, which is in the matrix and the
 * right-hand side of the next free slot. The batch runs when it is full. */
void mf__als_batch_add(als_batch *b, const als_task *task, uint32_t nth,
                       const float *panel, const float *inverse_root);

/* Solve all systems, store the vectors and add the terms; the batch is then empty.
 * Vectors may stay in the basis until mf__als_batch_turn. */
void mf__als_batch_run(als_batch *b);

/* A vector is stored, but in the basis. */
void mf__als_batch_leave(als_batch *b, float *vector);

/* Turn vectors out of the basis, all that are still in it. */
void mf__als_batch_turn(als_batch *b);

/* Solve the system of the nth solved persona in double. */
void mf__als_batch_double(als_batch *b, const als_task *task, uint32_t nth);

#endif
