/* jobs/shared/in_order.h - blocks of work that threads do in any order and whose
 * results come out in the order of blocks, for the jobs that write lists: evaluate and
 * recommend. */
#ifndef JOBS_SHARED_IN_ORDER_H
#define JOBS_SHARED_IN_ORDER_H

#include <stddef.h>

#include "mf/err.h"

typedef struct in_order {
    const void *self; /* for the functions */
    int threads;
    size_t blocks;
    /* Do a block, as thread 0 .. threads - 1. */
    int (*make)(const void *self, int thread, size_t block, mf_err *err);
    /* Put out what the thread has just made: of one block at a time, from the first. */
    int (*put)(const void *self, int thread, size_t block, mf_err *err);
} in_order;

/* Do all blocks, or those before one that fails: its failure is returned, that of the
 * first where several do; the others soon stop. */
int mf__in_order(const in_order *work, mf_err *err) MF_MUST_USE;

#endif
