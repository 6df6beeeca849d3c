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

/* The personas of row r that speak, as bits: those that own one of its cells,
 * whose personas are z[ptr[r] .. ptr[r+1]); all `personas` if none does, or if z
 * is NULL. */
uint64_t mf__tensor_speakers(const size_t *ptr, const uint8_t *z, uint32_t r,
                             uint32_t personas);

#endif
