/* data/tensor.h - more of factors than callers need. */
#ifndef DATA_TENSOR_H
#define DATA_TENSOR_H

#include "mf/matrix.h"

/* Factors whose values are not set yet, for a caller that writes them all. On failure
 * *out is empty. Returns MF_OK or MF_ENOMEM. */
int mf__tensor_room(mf_tensor *out, uint32_t n, uint32_t personas, uint32_t k,
                    mf_err *err) MF_MUST_USE;

/* T with each vector divided by its length, zero where it is zero, without biases.
 * On failure *out is empty. Returns MF_OK or MF_ENOMEM. */
int mf__tensor_unit(mf_tensor *out, const mf_tensor *t, mf_err *err) MF_MUST_USE;

/* The personas that are active for a user, as bits: those that own one of the n cells
 * whose personas are z[n]; all `personas` of them if none does, or if z is NULL. */
uint64_t mf__active_personas(const uint8_t z[], size_t n, uint32_t personas);

/* The same for row r, whose cells are z[ptr[r] .. ptr[r+1]). */
static inline uint64_t mf__active_in_row(const size_t ptr[], const uint8_t z[],
                                         uint32_t r, uint32_t personas)
{
    return z ? mf__active_personas(z + ptr[r], ptr[r + 1] - ptr[r], personas)
             : mf__active_personas(NULL, 0, personas);
}

/* The same where some users were folded in: folded[r], their active personas as bits, or
 * 0 for the others. It may be NULL. */
static inline uint64_t mf__active_or_folded(const uint64_t folded[], const size_t ptr[],
                                            const uint8_t z[], uint32_t r,
                                            uint32_t personas)
{
    return folded && folded[r] ? folded[r] : mf__active_in_row(ptr, z, r, personas);
}

#endif
