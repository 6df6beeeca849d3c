/* data/tensor.h - more of factors than callers need. */
#ifndef DATA_TENSOR_H
#define DATA_TENSOR_H

#include "mf/matrix.h"

/* Factors whose values are not set yet, for a caller that writes them all. On failure
 * *out is empty. Returns MF_OK or MF_ENOMEM. */
int mf__tensor_room(mf_tensor *out, uint32_t n, uint32_t personas, uint32_t k,
                    mf_err *err) MF_MUST_USE;

/* T with each vector divided by its length, zero where it is zero, without biases
 * and weights.
 * On failure *out is empty. Returns MF_OK or MF_ENOMEM. */
int mf__tensor_unit(mf_tensor *out, const mf_tensor *t, mf_err *err) MF_MUST_USE;

/* The personas that are active for a user, as bits: those that own one of the n cells
 * whose personas are z[n], of those whose value is above 0 unless `value` is NULL; all
 * `personas` of them if none does, or if z is NULL. */
uint64_t mf__active_personas(const uint8_t z[], const float value[], size_t n,
                             uint32_t personas);

/* The first of the personas in a set, which is not empty. */
static inline uint8_t mf__first_persona(uint64_t set)
{
    uint8_t first = 0;
    while (!(set >> first & 1))
        first++;
    return first;
}

#endif
