/* data/finite.h - are all numbers finite? */
#ifndef DATA_FINITE_H
#define DATA_FINITE_H

#include <stdbool.h>
#include <stddef.h>

/* True if none of n floats, given by their bits at a multiple of 4, is NaN or
 * infinite. */
bool mf__floats_finite(const void *data, size_t n);

#endif
