/* Vectors of a user that are the same: of personas that own no cell. */
#include <stdlib.h>

#include "als/private.h"
#include "base/mem.h"

/* Write the record of user u at `at`. */
static void find(const mf_als *als, uint32_t u, uint8_t *at)
{
    uint32_t p = als->users.personas, n = 0;
    size_t bytes = als->p.k * sizeof(float);
    float rho[2] = {als->sibling[u], als->own[u]};
    uint8_t *of = at + sizeof rho + 1, *persona = of + p, *times = persona + p;
    memcpy(at, rho, sizeof rho);
    for (uint32_t q = 0; q < p; q++) {
        const float *x = mf_tensor_at(&als->users, u, q);
        uint32_t j = 0;
        while (j < n && memcmp(x, mf_tensor_at(&als->users, u, persona[j]), bytes) != 0)
            j++;
        if (j == n) {
            persona[n] = (uint8_t)q;
            times[n++] = 0;
        }
        of[q] = (uint8_t)j;
        times[j]++;
    }
    at[sizeof rho] = (uint8_t)n;
    for (uint32_t j = n; j < p; j++) { /* read, but not used */
        persona[j] = persona[0];
        times[j] = 1;
    }
}

int mf__als_find_voices(mf_als *als, mf_err *err)
{
    uint32_t p = als->users.personas;
    als_voices *all = &als->voices;
    if (all->personas != p) {
        free(all->data);
        size_t stride = 16; /* of a line, or of several */
        while (stride < 2 * sizeof(float) + 1 + 3 * (size_t)p)
            stride *= 2;
        *all = (als_voices){p, stride, mf__new_scattered(als->users.n, stride), {0}};
        for (int t = 0; t < 65; t++)
            all->times[t] = sqrtf((float)t);
        if (!all->data) {
            all->personas = 0;
            return mf__nomem(err);
        }
    }
#pragma omp parallel for schedule(static) num_threads(als->threads)
    for (uint32_t u = 0; u < als->users.n; u++)
        find(als, u, all->data + u * all->stride);
    return MF_OK;
}
