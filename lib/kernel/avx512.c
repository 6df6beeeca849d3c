/* x86-64 with AVX512: vectors of 16. */
#include "kernel/levels.h"

#ifdef KERNEL_X86
/* Included first, so that their functions are not compiled for this level. */
#include <immintrin.h>
#include <math.h>
#include <string.h>

#ifdef __clang__
#pragma clang attribute push(                                                          \
    __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma"))),            \
    apply_to = function)
#else
#pragma GCC target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")
#endif
#define WIDTH 16
#define LOAD_PART(p, n) _mm512_maskz_loadu_ps((__mmask16)((1u << (n)) - 1), p)
#define LEVEL mf__kernel_avx512
#define LEVEL_NAME "avx512"
#include "kernel/body.h"
#ifdef __clang__
#pragma clang attribute pop
#endif
#else
typedef int kernel_avx512_is_for_x86; /* a file is never empty */
#endif
