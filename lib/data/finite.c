#include "data/finite.h"

#include <stdint.h>

/* The loop has no way out, so that it is vector code. */
bool mf__floats_finite(const void *data, size_t n)
{
    const uint32_t *bits = data;
    unsigned wrong = 0;
#pragma omp simd reduction(| : wrong)
    for (size_t t = 0; t < n; t++)
        wrong |= (bits[t] & 0x7f800000u) == 0x7f800000u; /* all ones in the exponent */
    return !wrong;
}
