/* math/rotation.h - rows, turned in place into another basis. */
#ifndef MATH_ROTATION_H
#define MATH_ROTATION_H

#include "base/disk.h"
#include "kernel/kernel.h"
#include "mf/err.h"

enum { MF_TURNED = 96 }; /* rows that are turned together: a slab is in the cache */

/* Turn m <= MF_TURNED rows of k floats, x' = x Q. slabs: Q [k x k], packed (see
 * kernel/kernel.h), scratch: [2 * MF_TURNED * width], both aligned; width is k in whole
 * slabs. The bits of a row do not depend on the others. */
void mf__turn(const mf_kernel *kernel, uint32_t k, const float *slabs, size_t m,
              float *const row[], float *scratch);

/* Pack Q [k x k], in double, for mf__turn. */
void mf__turn_pack(const mf_kernel *kernel, uint32_t k, float *slabs, const double q[]);

static inline uint32_t mf_rotation_width(const mf_kernel *kernel, uint32_t k)
{
    return (k + kernel->slab - 1) / kernel->slab * kernel->slab;
}

/* All rows of a matrix, by several threads. */
typedef struct mf_rotation {
    const mf_kernel *kernel;
    uint32_t k, width; /* width: k, in whole slabs */
    float *slabs;      /* Q, packed: see kernel/kernel.h; owned */
    float *rows;       /* scratch of all threads; owned */
    int threads;
    mf_disk *disk; /* where rows may be, or NULL; borrowed */
} mf_rotation;

int mf__rotation_open(mf_rotation *r, uint32_t k, int threads, mf_err *err) MF_MUST_USE;
void mf__rotation_close(mf_rotation *r);

/* Let column j of Q be row j of vectors [k x k], as mf__eigenvectors_float gives
 * them. */
void mf__rotation_set(mf_rotation *r, const float vectors[]);

/* Turn n rows of k floats of X: those of row[n], or with NULL the first n. O(n k^2).
 * The bits of a row do not depend on the others, nor on the number of threads. */
void mf__rotate(const mf_rotation *r, float x[], size_t n, const uint32_t row[]);

#endif
