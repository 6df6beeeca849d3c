#include "mf/matrix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/tensor.h"

int mf__tensor_room(mf_tensor *out, uint32_t n, uint32_t personas, uint32_t k,
                    mf_err *err)
{
    *out = (mf_tensor){.n = n, .personas = personas, .k = k};
    size_t rows = (size_t)n * personas, floats; /* both factors are 32 bits */
    if (__builtin_mul_overflow(rows, (size_t)k, &floats) ||
        !(out->data = mf__new_scattered(floats, sizeof *out->data))) {
        *out = (mf_tensor){0};
        return mf__nomem(err);
    }
    return MF_OK;
}

int mf_tensor_alloc(mf_tensor *out, uint32_t n, uint32_t personas, uint32_t k,
                    mf_err *err)
{
    int code = mf__tensor_room(out, n, personas, k, err);
    if (code == MF_OK)
        memset(out->data, 0, (size_t)n * personas * k * sizeof *out->data);
    return code;
}

int mf_tensor_add_bias(mf_tensor *t, mf_err *err)
{
    if (!t->bias && !(t->bias = mf__new0(t->n, sizeof *t->bias)))
        return mf__nomem(err);
    return MF_OK;
}

void mf_tensor_free(mf_tensor *t)
{
    free(t->data);
    free(t->bias);
    free(t->weight);
    *t = (mf_tensor){0};
}

int mf__tensor_unit(mf_tensor *out, const mf_tensor *t, mf_err *err)
{
    uint32_t k = t->k;
    int code = mf_tensor_alloc(out, t->n, t->personas, k, err);
    size_t vectors = (size_t)t->n * t->personas;
    for (size_t v = 0; code == MF_OK && v < vectors; v++) {
        const float *x = t->data + v * k;
        double norm = 0;
        for (uint32_t f = 0; f < k; f++)
            norm += (double)x[f] * (double)x[f];
        for (uint32_t f = 0; f < k; f++)
            out->data[v * k + f] = norm > 0 ? (float)((double)x[f] / sqrt(norm)) : 0;
    }
    return code;
}

uint64_t mf__active_personas(const uint8_t z[], const float value[], size_t n,
                             uint32_t personas)
{
    uint64_t set = 0;
    for (size_t t = 0; z && t < n; t++)
        if (!value || value[t] > 0)
            set |= (uint64_t)1 << z[t];
    return set ? set : UINT64_MAX >> (MF_PERSONAS_MAX - personas);
}
