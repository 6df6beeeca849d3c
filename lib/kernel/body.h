/* kernel/body.h - the source of every level: kernel.h says what each function does.
 *
 * Included once by the source of each level (base.c, avx2.c, avx512.c), which defines
 * WIDTH, the floats of a vector, LEVEL, the name of the table, and LOAD_PART where the
 * machine can load a part of a vector. Loops over the rows of a tile are unrolled, so
 * that the tile stays in registers. Each element of a result is summed in one order,
 * whatever tile it falls into. */
#include <math.h>
#include <string.h>

#include "kernel/kernel.h"

#define W WIDTH
#define PAD (W > 8 ? W : 8)
#define SUB (W > 8 ? 8 : 4) /* rows of a tile: 32 registers, or 16 */
#define INLINE static inline __attribute__((always_inline))
#ifdef __clang__
#define UNROLL _Pragma("unroll")
#define UNROLL_IF_KNOWN /* clang unrolls anyway, and warns if the count is not known */
#else
#define UNROLL _Pragma("GCC unroll 16")
#define UNROLL_IF_KNOWN UNROLL
#endif

typedef float vec __attribute__((vector_size(4 * W)));
typedef int32_t ivec __attribute__((vector_size(4 * W)));

INLINE vec load(const float *p)
{
    vec x;
    memcpy(&x, p, sizeof x);
    return x;
}

INLINE void store(float *p, vec x)
{
    memcpy(p, &x, sizeof x);
}

INLINE vec all(float x)
{
    return x - (vec){0};
}

/* The first n < W floats, then zeros. */
INLINE vec load_part(const float *p, size_t n)
{
#ifdef LOAD_PART
    return (vec)LOAD_PART(p, n);
#else
    vec x = {0};
    memcpy(&x, p, n * sizeof *p);
    return x;
#endif
}

/* --- transposing 8 columns --- */

/* KEEP(d): lane l of x if l has no bit d, else lane l - d of y; TAKE(d): lane l + d
 * of x, else lane l of y. Together they swap blocks of d x d; with d = 4, 2 and 1 they
 * transpose 8 x 8, in both halves of 16 lanes at once. */
#if W == 16
#define HALVES(x, y, ...) __builtin_shufflevector(x, y, __VA_ARGS__)
#define KEEP4(x, y)                                                                    \
    HALVES(x, y, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27)
#define TAKE4(x, y)                                                                    \
    HALVES(x, y, 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31)
#define KEEP2(x, y)                                                                    \
    HALVES(x, y, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
#define TAKE2(x, y)                                                                    \
    HALVES(x, y, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)
#define KEEP1(x, y)                                                                    \
    HALVES(x, y, 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30)
#define TAKE1(x, y)                                                                    \
    HALVES(x, y, 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31)
#elif W == 8
#define KEEP4(x, y) __builtin_shufflevector(x, y, 0, 1, 2, 3, 8, 9, 10, 11)
#define TAKE4(x, y) __builtin_shufflevector(x, y, 4, 5, 6, 7, 12, 13, 14, 15)
#define KEEP2(x, y) __builtin_shufflevector(x, y, 0, 1, 8, 9, 4, 5, 12, 13)
#define TAKE2(x, y) __builtin_shufflevector(x, y, 2, 3, 10, 11, 6, 7, 14, 15)
#define KEEP1(x, y) __builtin_shufflevector(x, y, 0, 8, 2, 10, 4, 12, 6, 14)
#define TAKE1(x, y) __builtin_shufflevector(x, y, 1, 9, 3, 11, 5, 13, 7, 15)
#else
#define KEEP2(x, y) __builtin_shufflevector(x, y, 0, 1, 4, 5)
#define TAKE2(x, y) __builtin_shufflevector(x, y, 2, 3, 6, 7)
#define KEEP1(x, y) __builtin_shufflevector(x, y, 0, 4, 2, 6)
#define TAKE1(x, y) __builtin_shufflevector(x, y, 1, 5, 3, 7)
#endif

#define SWAP(d, x, y)                                                                  \
    do {                                                                               \
        vec keep_ = KEEP##d(x, y);                                                     \
        (y) = TAKE##d(x, y);                                                           \
        (x) = keep_;                                                                   \
    } while (0)

/* Transpose 8 x 8 in the lanes of 8 vectors; with W == 4, 4 x 4 in each four. */
INLINE void transpose_8(vec x[8])
{
#if W > 4
    UNROLL
    for (int i = 0; i < 4; i++)
        SWAP(4, x[i], x[i + 4]);
#endif
    UNROLL
    for (int i = 0; i < 8; i += 4) {
        SWAP(2, x[i], x[i + 2]);
        SWAP(2, x[i + 1], x[i + 3]);
        SWAP(1, x[i], x[i + 1]);
        SWAP(1, x[i + 2], x[i + 3]);
    }
}

/* out[c], lane u = src[u][c] for 8 columns c and W systems u. */
INLINE void interleave(const float *const src[], size_t at, vec out[8])
{
    UNROLL
    for (int u = 0; u < 8; u++) {
#if W == 16
        typedef float half __attribute__((vector_size(32)));
        half low, high;
        memcpy(&low, src[u] + at, sizeof low);
        memcpy(&high, src[u + 8] + at, sizeof high);
        out[u] = __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
                                         11, 12, 13, 14, 15);
#elif W == 8
        out[u] = load(src[u] + at);
#else
        out[u] = load(src[u % 4] + at + u / 4 * 4);
#endif
    }
    transpose_8(out);
}

/* The inverse of interleave, for the first `systems` systems. x is overwritten. */
INLINE void deinterleave(float *const dst[], uint32_t systems, size_t at, vec x[8])
{
    transpose_8(x);
    for (uint32_t u = 0; u < 8; u++) {
#if W == 4
        if (u % 4 < systems)
            store(dst[u % 4] + at + u / 4 * 4, x[u]);
#else
        if (u < systems)
            memcpy(dst[u] + at, &x[u], 8 * sizeof(float));
        if (u + 8 < systems)
            memcpy(dst[u + 8] + at, (const char *)&x[u] + 8 * sizeof(float),
                   8 * sizeof(float));
#endif
    }
}

/* out[i] = the sum of the lanes of s[i]. */
INLINE void sum_lanes(vec s[8], float out[8])
{
#if W > 4
    UNROLL
    for (int i = 0; i < 4; i++)
        s[i] = KEEP4(s[i], s[i + 4]) + TAKE4(s[i], s[i + 4]);
    s[0] = KEEP2(s[0], s[2]) + TAKE2(s[0], s[2]);
    s[1] = KEEP2(s[1], s[3]) + TAKE2(s[1], s[3]);
    s[0] = KEEP1(s[0], s[1]) + TAKE1(s[0], s[1]);
#if W == 16
    s[0] += __builtin_shufflevector(s[0], s[0], 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2,
                                    3, 4, 5, 6, 7);
#endif
    memcpy(out, &s[0], 8 * sizeof *out);
#else
    for (int i = 0; i < 8; i += 4) {
        vec x = KEEP2(s[i], s[i + 2]) + TAKE2(s[i], s[i + 2]);
        vec y = KEEP2(s[i + 1], s[i + 3]) + TAKE2(s[i + 1], s[i + 3]);
        store(out + i, KEEP1(x, y) + TAKE1(x, y));
    }
#endif
}

/* The order matters: each uses functions of those before it. */
#include "kernel/panel.h"

#include "kernel/rank_update.h"

#include "kernel/score.h"

#include "kernel/solve.h"

#include "kernel/cg.h"

#include "kernel/product.h"

#include "kernel/assign.h"

const mf_kernel LEVEL = {
    .name = LEVEL_NAME,
    .batch = W,
    .pad = PAD,
    .gather = gather,
    .rank_update = rank_update,
    .accumulate = accumulate,
    .transpose = transpose,
    .combine = combine,
    .merge = merge,
    .add_diagonals = add_diagonals,
    .spill = spill,
    .inverse_roots = inverse_roots,
    .solve = solve,
    .cg = cg,
    .pass = pass_all,
    .slab = SLAB,
    .pack = pack,
    .multiply = multiply,
    .dots = dots,
    .dots_across = dots_across,
    .assign = assign,
    .nearest = nearest,
    .sum_own = sum_own,
    .approach = approach,
    .add_rows = add_rows,
    .score = score,
    .pairs = pairs,
    .above = above,
    .count = count,
};
