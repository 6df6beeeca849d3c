/* The limits of this machine, for one thread and for all: products of float matrices,
 * fused multiply-adds in registers, and memory that is read in order or by random rows.
 * Prints a table, TSV: what, threads, value, unit.
 *
 *     roofline_bench [SECONDS OF EACH]
 *
 * Each figure is the best of as many repetitions as fit into that time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cblas.h>
#include <omp.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"

/* Debian's OpenBLAS has this function; another BLAS may not. */
__attribute__((weak)) void openblas_set_num_threads(int n);

enum {
    ORDER = 2048,        /* of the matrices */
    LINE = 64,           /* floats in a row that is fetched */
    ROWS = 1 << 20,      /* 256 MB: larger than any cache */
    FETCHES = 1 << 20,   /* in one repetition */
    AHEAD = 16,          /* rows prefetched */
    FMA_TIMES = 1 << 22, /* steps of the register loop */
    CHAINS = 8,          /* independent sums in it, to cover latency times units */
    WIDTH = 16           /* floats in a vector of the loop */
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef struct bench {
    float *a, *b, *c; /* [ORDER * ORDER] */
    float *rows;      /* [ROWS * LINE] */
    uint32_t *order;  /* [FETCHES] */
    float sink;
} bench;

static double gigaflops(double n, double seconds)
{
    return n / seconds * 1e-9;
}

/* One large product, on OpenBLAS's own threads. */
static double sgemm(bench *b, int threads)
{
    if (openblas_set_num_threads)
        openblas_set_num_threads(threads);
    double began = now();
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, ORDER, ORDER, ORDER, 1, b->a,
                ORDER, b->b, ORDER, 0, b->c, ORDER);
    return gigaflops(2.0 * ORDER * ORDER * ORDER, now() - began);
}

typedef float vec __attribute__((vector_size(WIDTH * sizeof(float))));

/* The loop, once for each instruction set. */
#define SPIN(name, isa)                                                                \
    __attribute__((target(isa), noinline)) static float name(int times)                \
    {                                                                                  \
        vec x = {0}, y = {0};                                                          \
        for (int w = 0; w < WIDTH; w++) {                                              \
            x[w] = 1.0f - 1e-7f * (float)w;                                            \
            y[w] = 1e-6f;                                                              \
        }                                                                              \
        vec a = y, b = a + y, c = b + y, d = c + y; /* all different */                \
        vec e = d + y, f = e + y, g = f + y, h = g + y;                                \
        for (int t = 0; t < times; t++) {                                              \
            a = a * x + y, b = b * x + y, c = c * x + y, d = d * x + y;                \
            e = e * x + y, f = f * x + y, g = g * x + y, h = h * x + y;                \
        }                                                                              \
        a += b + c + d + e + f + g + h;                                                \
        return a[0] + a[WIDTH - 1];                                                    \
    }
SPIN(spin_avx512, "avx512f")
SPIN(spin_avx2, "avx2,fma")
SPIN(spin_any, "sse2")

static float spin(int times)
{
    return __builtin_cpu_supports("avx512f") ? spin_avx512(times)
           : __builtin_cpu_supports("avx2")  ? spin_avx2(times)
                                             : spin_any(times);
}

static double fma_rate(bench *b, int threads)
{
    float all = 0;
    int times = FMA_TIMES;
    double began = now();
#pragma omp parallel for num_threads(threads) reduction(+ : all)
    for (int t = 0; t < threads; t++)
        all += spin(times);
    b->sink += all;
    return gigaflops(2.0 * FMA_TIMES * CHAINS * WIDTH * threads, now() - began);
}

/* Bytes read in order, GB/s. */
static double stream(bench *b, int threads)
{
    float all = 0;
    double began = now();
#pragma omp parallel for num_threads(threads) reduction(+ : all) schedule(static)
    for (size_t i = 0; i < (size_t)ROWS; i++) {
        const float *row = b->rows + i * LINE;
        vec sum = {0}, part;
        for (int f = 0; f < LINE; f += WIDTH) {
            memcpy(&part, row + f, sizeof part);
            sum += part;
        }
        all += sum[0] + sum[WIDTH - 1];
    }
    b->sink += all;
    return (double)ROWS * LINE * sizeof(float) / (now() - began) * 1e-9;
}

/* Random rows of 256 bytes, prefetched or not: ns for each row and thread. */
static double fetch(bench *b, int threads, int ahead)
{
    float all = 0;
    double began = now();
#pragma omp parallel for num_threads(threads) reduction(+ : all) schedule(static)
    for (int i = 0; i < FETCHES; i++) {
        const float *row = b->rows + (size_t)b->order[i] * LINE;
        if (ahead && i + ahead < FETCHES) {
            const float *next = b->rows + (size_t)b->order[i + ahead] * LINE;
            for (int f = 0; f < LINE; f += WIDTH)
                __builtin_prefetch(next + f);
        }
        for (int f = 0; f < LINE; f += WIDTH)
            all += row[f];
    }
    b->sink += all;
    return (now() - began) * threads / FETCHES * 1e9;
}

static double fetch_plain(bench *b, int threads)
{
    return fetch(b, threads, 0);
}

static double fetch_ahead(bench *b, int threads)
{
    return fetch(b, threads, AHEAD);
}

static int fill(bench *b)
{
    mf_rng rng = mf__rng_make(1, MF_STREAM_TEST, 0);
    size_t square = (size_t)ORDER * ORDER, cells = (size_t)ROWS * LINE;
    b->a = mf__new_aligned(square, sizeof *b->a);
    b->b = mf__new_aligned(square, sizeof *b->b);
    b->c = mf__new_aligned(square, sizeof *b->c);
    b->rows = mf__new_aligned(cells, sizeof *b->rows);
    b->order = mf__new(FETCHES, sizeof *b->order);
    if (!b->a || !b->b || !b->c || !b->rows || !b->order)
        return -1;
    for (size_t i = 0; i < square; i++)
        b->a[i] = b->b[i] = (float)(i % 97) * .01f;
    for (size_t i = 0; i < cells; i++)
        b->rows[i] = (float)(i % 7);
    for (int i = 0; i < FETCHES; i++)
        b->order[i] = mf__rng_below(&rng, ROWS);
    return 0;
}

int main(int argc, char *argv[])
{
    static const struct {
        const char *what, *unit;
        double (*run)(bench *b, int threads);
        int less_is_better;
    } all[] = {{"sgemm", "GF/s", sgemm, 0},
               {"fma", "GF/s", fma_rate, 0},
               {"read", "GB/s", stream, 0},
               {"random 256-byte row", "ns", fetch_plain, 1},
               {"random row, prefetched", "ns", fetch_ahead, 1}};
    double limit = argc > 1 ? strtod(argv[1], NULL) : 1;
    bench b = {0};
    if (!(limit > 0)) {
        fprintf(stderr, "usage: roofline_bench [SECONDS OF EACH]\n");
        return 2;
    }
    if (fill(&b) < 0) {
        fprintf(stderr, "roofline_bench: out of memory\n");
        return 1;
    }
    int most = mf__par_threads(0);
    printf("what\tthreads\tvalue\tunit\n");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        for (int threads = 1; threads <= most;
             threads = threads < most ? most : most + 1) {
            double best = 0, began = now();
            do {
                double rate = all[i].run(&b, threads);
                if (best == 0 || (all[i].less_is_better ? rate < best : rate > best))
                    best = rate;
            } while (now() - began < limit);
            printf("%s\t%d\t%.4g\t%s\n", all[i].what, threads, best, all[i].unit);
        }
    free(b.a);
    free(b.b);
    free(b.c);
    free(b.rows);
    free(b.order);
    return b.sink == -1 || ferror(stdout) || fflush(stdout) != 0;
}
