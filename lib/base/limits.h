/* base/limits.h - numbers that several layers share. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* The smallest divisor: what is not above it counts as 0, and nothing is divided by
 * it. */
#define MF_TINY 1e-30f

/* Bytes of the buffers of what is read and written, and of a block of lines. Harnesses
 * have smaller ones: short inputs go past their ends. */
#ifndef MF_BUFFER
#define MF_BUFFER (1 << 18)
#endif

#endif
