/* Gram matrices without the rounding of mf__gram: a block of rows is converted, then each
 * strip of G adds what the block gives, by one call, whatever the thread. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cblas.h>

#include "base/mem.h"
#include "math/linalg.h"

enum { ROWS = 256, STRIP = 64 };

static void convert_row(double to[], const float x[], double root, size_t k)
{
    for (size_t f = 0; f < k; f++)
        to[f] = root * (double)x[f];
}

/* Rows i to i + STRIP of G, from the diagonal on, += those of the block's Gram matrix. */
static void add_strip(double g[], const double block[], size_t rows, size_t k, size_t i)
{
    size_t height = k - i < STRIP ? k - i : STRIP;
    bool alone = mf__linalg_enter();
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)height, (int)(k - i),
                (int)rows, 1, block + i, (int)k, block + i, (int)k, 1, g + i * k + i,
                (int)k);
    mf__linalg_leave(alone);
}

int mf__gram_in_double(double g[], const float x[], const float weight[], size_t n,
                       uint32_t k, int threads, mf_disk *disk, mf_err *err)
{
    size_t square = (size_t)k * k;
    double *block = mf__new((size_t)ROWS * k, sizeof *block);
    int code = block ? mf__linalg_reserve(threads, err) : mf__nomem(err);
    if (code < 0) {
        free(block);
        return code;
    }
    memset(g, 0, square * sizeof *g);
#pragma omp parallel num_threads(threads)
    for (size_t at = 0; at < n; at += ROWS) {
        size_t rows = n - at < ROWS ? n - at : ROWS;
        mf__disk_beat(disk);
#pragma omp for schedule(static)
        for (size_t r = 0; r < rows; r++)
            convert_row(block + r * k, x + (at + r) * k,
                        weight ? sqrt((double)weight[at + r]) : 1, k);
#pragma omp for schedule(dynamic, 1)
        for (size_t i = 0; i < k; i += STRIP)
            add_strip(g, block, rows, k, i);
    }
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < i; j++)
            g[i * k + j] = g[j * k + i];
    free(block);
    return MF_OK;
}
