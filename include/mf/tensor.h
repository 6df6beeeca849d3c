/* mf/tensor.h - factors: k floats for each of n rows and its personas.
 *
 * T is [n x personas x k], row-major: the vector of row r and persona q starts
 * at data[(r * personas + q) * k]. Items have one persona. A model with biases
 * has one for each row. */
#ifndef MF_TENSOR_H
#define MF_TENSOR_H

#include <stddef.h>
#include <stdint.h>

#include "mf/err.h"

typedef struct mf_tensor {
    uint32_t n, personas, k;
    float *data; /* [n * personas * k], 64-byte aligned; owned */
    float *bias; /* [n], or NULL: no biases; owned */
} mf_tensor;

/* Zeroed factors without biases. On failure *out is empty. Returns MF_OK or MF_ENOMEM. */
int mf_tensor_alloc(mf_tensor *out, uint32_t n, uint32_t personas, uint32_t k,
                    mf_err *err) MF_MUST_USE;

/* The same with values that are anything, for who writes them all. */
int mf_tensor_room(mf_tensor *out, uint32_t n, uint32_t personas, uint32_t k,
                   mf_err *err) MF_MUST_USE;
void mf_tensor_free(mf_tensor *t);

/* Give T zeroed biases if it has none. Returns MF_OK or MF_ENOMEM. */
int mf_tensor_add_bias(mf_tensor *t, mf_err *err) MF_MUST_USE;

/* T with each vector divided by its length, zero where it is zero, without biases.
 * On failure *out is empty. Returns MF_OK or MF_ENOMEM. */
int mf_tensor_unit(mf_tensor *out, const mf_tensor *t, mf_err *err) MF_MUST_USE;

/* The k factors of row r, persona q. */
static inline float *mf_tensor_at(const mf_tensor *t, uint32_t r, uint32_t q)
{
    return t->data + ((size_t)r * t->personas + q) * t->k;
}

/* The personas of row r that speak, as bits: those that own one of its cells,
 * whose personas are z[ptr[r] .. ptr[r+1]); all `personas` if none does, or if z
 * is NULL. */
uint64_t mf_tensor_speakers(const size_t *ptr, const uint8_t *z, uint32_t r,
                            uint32_t personas);

#endif
