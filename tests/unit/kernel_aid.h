/* kernel_aid.h - every level in turn, and numbers to try it on. */
#ifndef KERNEL_AID_H
#define KERNEL_AID_H

#include <stddef.h>

#include "base/rng.h"
#include "kernel/kernel.h"

/* The generator of aid_draw. */
extern mf_rng aid_rng;

/* Call check for each level, with the generator started anew. Levels that the machine
 * lacks are named and skipped. */
void aid_levels(void (*check)(const mf_kernel *kernel));

/* n numbers between -1 and 1; the caller frees them. */
float *aid_draw(size_t n);

/* n NaNs, to be overwritten; the caller frees them. */
float *aid_blank(size_t n);

/* Fail unless they differ by no more than rounding, 2e-6 (1 + scale). */
void aid_assert_near(double got, double want, double scale);

#endif
