#include "math/rotation.h"

#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "base/mem.h"

int mf__rotation_open(mf_rotation *r, uint32_t k, int threads, mf_err *err)
{
    const mf_kernel *kernel = mf__kernel_choose();
    *r = (mf_rotation){.kernel = kernel, .k = k, .threads = threads};
    r->width = mf_rotation_width(kernel, k);
    r->slabs = mf__new_aligned((size_t)k * r->width, sizeof *r->slabs);
    r->rows =
        mf__new_aligned((size_t)threads * MF_TURNED * 2 * r->width, sizeof *r->rows);
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

void mf__turn_pack(const mf_kernel *kernel, uint32_t k, float *slabs, const double q[])
{
    for (uint32_t c = 0; c < k; c += kernel->slab)
        for (uint32_t j = 0; j < k; j++)
            for (uint32_t f = 0; f < kernel->slab; f++)
                *slabs++ = c + f < k ? (float)q[(size_t)j * k + c + f] : 0;
}

void mf__turn(const mf_kernel *kernel, uint32_t k, const float *slabs, size_t m,
              float *const row[], float *scratch)
{
    uint32_t width = mf_rotation_width(kernel, k);
    float *in = scratch, *out = in + (size_t)MF_TURNED * width;
    for (size_t i = 0; i < m; i++)
        memcpy(in + i * k, row[i], k * sizeof *in);
    for (uint32_t c = 0; c < k; c += kernel->slab)
        kernel->multiply(out + c, width, false, m, k - c, k, in, k, 1,
                         slabs + (size_t)c * k);
    for (size_t i = 0; i < m; i++)
        memcpy(row[i], out + i * width, k * sizeof *out);
}

void mf__rotate(const mf_rotation *r, float x[], size_t n, const uint32_t row[])
{
#pragma omp parallel for schedule(dynamic, 1) num_threads(r->threads)
    for (size_t at = 0; at < n; at += MF_TURNED) {
        float *turned[MF_TURNED];
        mf__disk_beat(r->disk);
        size_t m = n - at < MF_TURNED ? n - at : MF_TURNED;
        for (size_t i = 0; i < m; i++)
            turned[i] = x + (row ? row[at + i] : at + i) * r->k;
        mf__turn(r->kernel, r->k, r->slabs, m, turned,
                 r->rows + (size_t)omp_get_thread_num() * MF_TURNED * 2 * r->width);
    }
}
