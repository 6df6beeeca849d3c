/* jobs/tune/optimizer.h - where next to evaluate a function that is dear, to find its
 * largest value.
 *
 * It knows nothing of what is evaluated. A place is a point of a lattice: on each axis
 * a whole number, 0 where the search starts. First come the start and, on each axis,
 * the last one first, the points half a unit of length to either side; then always the
 * point where most is expected above the best (surface.h), no more than half a unit
 * away from that on any axis: so the range moves with the best. Where nothing more is
 * expected, the points half a unit from the best along what two axes trade are tried,
 * and points half a unit from the best, on one axis or two, are tried, until
 * three in a row, those of the first round left out, were no better. Everything follows
 * from what was evaluated, in its order. */
#ifndef JOBS_TUNE_OPTIMIZER_H
#define JOBS_TUNE_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>

#include "mf/err.h"

enum { OPTIMIZER_AXES = 6 };

typedef struct optimizer_axis {
    int low, high; /* low <= 0 <= high: the ends of the lattice */
    int unit;      /* > 0: so many points are a unit of length, over which the function
                      changes by some percent to some tens */
    bool trades;   /* two such axes make up for each other: surface.h */
} optimizer_axis;

typedef struct optimizer_point {
    int at[OPTIMIZER_AXES];
} optimizer_point;

/* *found is false where nothing more than a share of `least` above the best of
 * value[n], logarithms of what is to be large, is expected anywhere, and the points
 * around the best were tried. Returns MF_OK or
 * MF_ENOMEM. */
int mf__optimizer_next(size_t axes, const optimizer_axis axis[], size_t n,
                       const optimizer_point point[], const double value[],
                       double least, optimizer_point *next, bool *found,
                       mf_err *err) MF_MUST_USE;

/* The best of n > 0 values; of equals the first. */
size_t mf__optimizer_best(size_t n, const double value[]);

/* On which side of what was tried the best point lies on an axis: -1, 1 or, where there
 * is something beyond on both, 0. */
int mf__optimizer_rim(size_t axis, size_t n, const optimizer_point point[],
                      size_t best);

#endif
