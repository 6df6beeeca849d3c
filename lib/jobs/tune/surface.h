/* jobs/tune/surface.h - what a function is like, by the places where it was evaluated.
 *
 * Regression by a Gaussian process (Rasmussen, Williams, Gaussian Processes for Machine
 * Learning, 2006) whose covariance is that of a quadratic function, which is what a
 * smooth function looks like around its largest value whatever the direction of its
 * ridge, and of what that leaves over:
 *
 *     A (1 + (x - c)'(y - c))^2 + B exp(-|x - y|^2 / (2 R^2))
 *
 * with c the place of the largest value. Where two axes trade, so that each makes up
 * for the other, less is expected beforehand the farther across that a place lies: -C
 * (sum of x - c over such axes)^2. Values are relative logarithms: their scale, and
 * that of the places, is what the constants in surface.c are for. */
#ifndef JOBS_TUNE_SURFACE_H
#define JOBS_TUNE_SURFACE_H

#include <stdbool.h>
#include <stddef.h>

#include "mf/err.h"

typedef struct surface {
    size_t n, axes;
    const double *x;     /* [n x axes], borrowed */
    const double *peak;  /* [axes], c: one of these */
    double *factor;      /* [n x n], Cholesky of the covariance, lower; owned */
    double *coefficient; /* [n]; owned */
    const bool *trades;  /* [axes], borrowed; or NULL: none does */
    double scale;        /* of the deviations, by maximum likelihood */
    double *work;        /* [n]; owned */
} surface;

/* Fit to the values y [n], n > 0, which are finite. On failure *out is empty. O(n^3).
 * Returns MF_OK or MF_ENOMEM. */
int mf__surface_fit(surface *out, size_t n, size_t axes, const double x[],
                    const double y[], const bool trades[], mf_err *err) MF_MUST_USE;
void mf__surface_free(surface *s);

/* How much more than the largest value so far is expected at x [axes]: the mean of
 * max(0, f(x) - max y) (Jones, Schonlau, Welch, Efficient global optimization of
 * expensive black-box functions, 1998). O(n^2) */
double mf__surface_expect(const surface *s, const double x[]);

#endif
