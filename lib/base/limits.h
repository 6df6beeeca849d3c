/* base/limits.h - numbers that several layers share. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* The smallest divisor: what is not above it counts as 0, and nothing is divided by
 * it. */
#define MF_TINY 1e-30f

#endif
