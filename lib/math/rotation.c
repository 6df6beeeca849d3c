#include "math/rotation.h"

#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "base/mem.h"

enum { ROWS = 96 }; /* that are turned together, while a slab is in the cache */

int mf__rotation_open(mf_rotation *r, uint32_t k, int threads, mf_err *err)
{
    const mf_kernel *kernel = mf__kernel_choose();
    *r = (mf_rotation){.kernel = kernel, .k = k, .threads = threads};
    r->width = (k + kernel->slab - 1) / kernel->slab * kernel->slab;
    r->slabs = mf__new_aligned((size_t)k * r->width, sizeof *r->slabs);
    r->rows = mf__new_aligned((size_t)threads * ROWS * 2 * r->width, sizeof *r->rows);
    if (r->slabs && r->rows)
        return MF_OK;
    mf__rotation_close(r);
    return mf__nomem(err);
}

void mf__rotation_close(mf_rotation *r)
{
    free(r->slabs);
    free(r->rows);
    *r = (mf_rotation){0};
}

void mf__rotation_set(mf_rotation *r, const float vectors[])
{
    uint32_t k = r->k, slab = r->kernel->slab;
#pragma omp parallel for schedule(static) num_threads(r->threads)
    for (uint32_t c = 0; c < r->width; c += slab)
        for (uint32_t j = 0; j < slab; j++)
            for (uint32_t f = 0; f < k; f++)
                r->slabs[(size_t)c * k + f * slab + j] =
                    c + j < k ? vectors[(size_t)(c + j) * k + f] : 0;
}

/* Turn m <= ROWS rows. */
static void turn(const mf_rotation *r, float x[], size_t m, const uint32_t row[],
                 size_t first, float *scratch)
{
    uint32_t k = r->k, slab = r->kernel->slab;
    float *in = scratch, *out = in + (size_t)ROWS * r->width;
    for (size_t i = 0; i < m; i++)
        memcpy(in + i * k, x + (row ? row[i] : first + i) * k, k * sizeof *in);
    for (uint32_t c = 0; c < r->width; c += slab)
        r->kernel->multiply(out + c, r->width, false, m, k, in, k, 1,
                            r->slabs + (size_t)c * k);
    for (size_t i = 0; i < m; i++)
        memcpy(x + (row ? row[i] : first + i) * k, out + i * r->width, k * sizeof *out);
}

void mf__rotate(const mf_rotation *r, float x[], size_t n, const uint32_t row[])
{
#pragma omp parallel for schedule(dynamic, 1) num_threads(r->threads)
    for (size_t at = 0; at < n; at += ROWS)
        turn(r, x, n - at < ROWS ? n - at : ROWS, row ? row + at : NULL, at,
             r->rows + (size_t)omp_get_thread_num() * ROWS * 2 * r->width);
}
