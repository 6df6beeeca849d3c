#include "als/distinct.h"

#include <stdlib.h>

#include "base/mem.h"

/* Write the record of user u to `at`. */
static void find(const mf_tensor *users, uint32_t u, float own, float sibling,
                 uint8_t *at)
{
    uint32_t p = users->personas, n = 0;
    size_t bytes = users->k * sizeof(float);
    float rho[2] = {sibling, own};
    uint8_t *of = at + sizeof rho + 1, *persona = of + p, *multiplicity = persona + p;
    memcpy(at, rho, sizeof rho);
    for (uint32_t q = 0; q < p; q++) {
        const float *x = mf_tensor_at(users, u, q);
        uint32_t j = 0;
        while (j < n && memcmp(x, mf_tensor_at(users, u, persona[j]), bytes) != 0)
            j++;
        if (j == n) {
            persona[n] = (uint8_t)q;
            multiplicity[n++] = 0;
        }
        of[q] = (uint8_t)j;
        multiplicity[j]++;
    }
    at[sizeof rho] = (uint8_t)n;
    for (uint32_t j = n; j < p; j++) { /* read, but not used */
        persona[j] = persona[0];
        multiplicity[j] = 1;
    }
}

static int allocate(als_distinct *all, const mf_tensor *users, mf_err *err)
{
    uint32_t p = users->personas;
    size_t stride = 16; /* within a cache line, or of whole ones */
    if (all->personas == p)
        return MF_OK;
    mf__als_distinct_free(all);
    while (stride < 2 * sizeof(float) + 1 + 3 * (size_t)p)
        stride *= 2;
    all->data = mf__new_scattered(users->n, stride);
    if (!all->data)
        return mf__nomem(err);
    all->personas = p;
    all->stride = stride;
    for (int t = 0; t <= MF_PERSONAS_MAX; t++)
        all->root[t] = sqrtf((float)t);
    return MF_OK;
}

int mf__als_distinct_find(als_distinct *all, const mf_tensor *users, const float own[],
                          const float sibling[], int threads, mf_disk *disk,
                          mf_err *err)
{
    int code = allocate(all, users, err);
    if (code < 0)
        return code;
#pragma omp parallel for schedule(static) num_threads(threads)
    for (uint32_t u = 0; u < users->n; u++) {
        mf__disk_beat_at(disk, (size_t)u << 11); /* of 32 users */
        find(users, u, own[u], sibling[u], all->data + u * all->stride);
    }
    return MF_OK;
}

void mf__als_distinct_free(als_distinct *all)
{
    free(all->data);
    *all = (als_distinct){0};
}
