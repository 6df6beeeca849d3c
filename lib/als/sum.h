/* als/sum.h - A = sum s^2 y y' and rhs = sum s t y, over rows y that come in chunks:
 * the observed cells' part of a row's normal equations. */
#ifndef ALS_SUM_H
#define ALS_SUM_H

#include "als/work.h"

typedef struct als_sum {
    als_work *work;
    float *a, *rhs; /* [width * width], [width] */
    size_t rows;    /* summed in float since they were last added to work->sum */
    bool spilled;   /* work->sum holds rows of this sum */
    /* rows that another sum begins with, to be fetched at the end of this one: */
    const uint32_t *after; /* [afters], groups of rows */
    size_t afters;
    uint32_t group; /* rows of each group */
} als_sum;

als_sum mf__als_sum_begin(als_work *work, float *a, float *rhs);

/* Add s^2 y y' to A and s t y to rhs, for m <= work->chunk rows y = src + row[i] * k. s
 * may be NULL: 1. The rows from m to `ahead` come next. */
void mf__als_sum_add(als_sum *sum, size_t m, size_t ahead, const uint32_t *row,
                     const float *src, uint32_t k, const float *s, const float *t);

/* Complete A, whose upper triangle is valid, and rhs. */
void mf__als_sum_end(als_sum *sum);

#endif
