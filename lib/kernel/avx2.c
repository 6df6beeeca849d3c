/* x86-64 with AVX2: vectors of 8, with FMA. */
#include "kernel/levels.h"

#ifdef KERNEL_X86
/* Included first, so that their functions are not compiled for this level. */
#include <immintrin.h>
#include <math.h>
#include <string.h>

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif
#define WIDTH 8
#define LOAD_PART(p, n)                                                                \
    _mm256_maskload_ps(p,                                                              \
                       _mm256_cmpgt_epi32(_mm256_set1_epi32((int)(n)),                 \
                                          _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)))
#define LEVEL mf__kernel_avx2
#define LEVEL_NAME "avx2"
#include "kernel/body.h"
#ifdef __clang__
#pragma clang attribute pop
#endif
#else
typedef int kernel_avx2_is_for_x86; /* a file is never empty */
#endif
