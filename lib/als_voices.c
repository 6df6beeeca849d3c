/* Vectors of a user that are the same: of personas that own no cell. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "als_private.h"
#include "mf/mem.h"

/* Write the record of user u at `at`. */
static void find(const mf_als *als, uint32_t u, uint8_t *at)
{
    uint32_t p = als->users.personas, n = 0, times[64];
    size_t bytes = als->p.k * sizeof(float);
    als_rho rho = als_rho_of(&als->p, p, als->train->ptr[u + 1] - als->train->ptr[u]);
    uint32_t row[64];
    uint8_t *of = at + 12 * p;
    for (uint32_t q = 0; q < p; q++) {
        const float *x = mf_tensor_at(&als->users, u, q);
        uint32_t j = 0;
        while (j < n &&
               memcmp(x, mf_tensor_at(&als->users, u, row[j] - u * p), bytes) != 0)
            j++;
        if (j == n) {
            row[n] = u * p + q;
            times[n++] = 0;
        }
        of[q] = (uint8_t)j;
        times[j]++;
    }
    of[p] = (uint8_t)n;
    memcpy(at + 2 * p * sizeof(float), row, p * sizeof *row);
    for (uint32_t j = n; j < p; j++) { /* read, but not used */
        row[j] = row[0];
        times[j] = 1;
    }
    for (uint32_t j = 0; j < p; j++) {
        float sibling = (float)sqrt(times[j] * rho.sibling);
        float own = (float)sqrt((times[j] - 1) * rho.sibling + rho.own);
        memcpy(at + j * sizeof sibling, &sibling, sizeof sibling);
        memcpy(at + (p + j) * sizeof own, &own, sizeof own);
    }
}

int als_find_voices(mf_als *als, mf_err *err)
{
    uint32_t p = als->users.personas;
    als_voices *all = &als->voices;
    if (all->personas != p) {
        free(all->data);
        size_t stride = 16; /* of a line, or of several */
        while (stride < 13 * (size_t)p + 1)
            stride *= 2;
        *all = (als_voices){p, stride, mf_new_scattered(als->users.n, stride)};
        if (!all->data) {
            all->personas = 0;
            return mf_nomem(err);
        }
    }
#pragma omp parallel for schedule(static) num_threads(als->threads)
    for (uint32_t u = 0; u < als->users.n; u++)
        find(als, u, all->data + u * all->stride);
    return MF_OK;
}
