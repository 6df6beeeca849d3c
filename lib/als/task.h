/* als/task.h - one user to be solved, the items held fixed. */
#ifndef ALS_TASK_H
#define ALS_TASK_H

#include "als/row.h"
#include "base/limits.h"

/* The personas of a user whose systems are solved: those that own cells, and the
 * first of the others, whose vectors are all the same. */
typedef struct als_solved {
    uint32_t n;
    uint8_t persona[MF_PERSONAS_MAX];      /* [n], ascending */
    uint8_t multiplicity[MF_PERSONAS_MAX]; /* [n], the personas that get its vector */
    uint64_t owners;                       /* those that own cells, as bits */
} als_solved;

typedef struct als_task {
    als_row *row;
    als_solved solved;
    als_rho rho;
    float ridge; /* lambda_u */
} als_task;

void mf__als_task_make(als_task *task, const als_view *view, als_row *row);

/* Copy the vectors of the solved personas to those that share them. */
void mf__als_task_copy_shared(const als_task *task, const als_view *view);

/* True if a and b of all cells of the row are 1. */
static inline bool als_row_is_unit(const als_row *row)
{
    return !row->a && !row->b && !row->bias;
}

/* 1 / weight, or 0 for a cell of no weight. */
static inline float als_inverse(double weight)
{
    return weight > (double)MF_TINY ? (float)(1 / weight) : 0;
}

#endif
