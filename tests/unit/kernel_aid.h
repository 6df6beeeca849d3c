/* kernel_aid.h - every level in turn, and numbers to try it on. */
#ifndef KERNEL_AID_H
#define KERNEL_AID_H

#include <stddef.h>

#include "base/rng.h"
#include "kernel/kernel.h"

/* Of the numbers that aid_draw makes. */
extern mf_rng aid_rng;

/* For each level, with the generator started anew; the ones that the machine
 * lacks are skipped, and named. */
void aid_levels(void (*check)(const mf_kernel *kernel));

/* n numbers between -1 and 1; the caller frees them. */
float *aid_draw(size_t n);

/* n that must be overwritten: NaN; the caller frees them. */
float *aid_blank(size_t n);

/* They differ by no more than rounding, 2e-6 (1 + scale). */
void aid_assert_near(double got, double want, double scale);

#endif
