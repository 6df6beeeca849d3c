#include "math/beyond.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

int mf__self_information(double **out, const mf_csr *train, mf_err *err)
{
    double users = 0, *x = *out = mf__new0(train->cols, sizeof *x);
    if (!x)
        return mf__nomem(err);
    for (uint32_t u = 0; u < train->rows; u++)
        users += train->ptr[u + 1] > train->ptr[u];
    for (size_t t = 0; t < train->nnz; t++)
        x[train->col[t]]++;
    for (uint32_t i = 0; i < train->cols; i++)
        x[i] = users > 0 ? log2(users / fmax(x[i], 1)) : 0;
    return MF_OK;
}

double mf__list_novelty(const double information[], uint32_t n, const mf_ranked list[])
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += information[list[i].item];
    return n ? sum / n : NAN;
}

/* |sum of x|^2 = sum of |x|^2 + 2 sum over pairs of <x, y>. */
double mf__list_diversity(const mf_tensor *unit, uint32_t n, const mf_ranked list[])
{
    double whole = 0, own = 0, pairs = (double)n * ((double)n - 1) / 2;
    if (n < 2)
        return NAN;
    for (uint32_t f = 0; f < unit->k; f++) {
        double sum = 0;
        for (uint32_t i = 0; i < n; i++) {
            double x = (double)mf_tensor_at(unit, list[i].item, 0)[f];
            sum += x;
            own += x * x;
        }
        whole += sum * sum;
    }
    return 1 - (whole - own) / 2 / pairs;
}

double mf__coverage(const uint32_t times[], uint32_t items)
{
    double covered = 0;
    for (uint32_t i = 0; i < items; i++)
        covered += times[i] > 0;
    return covered / items;
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

double mf__gini(uint32_t times[], uint32_t items)
{
    double sum = 0, weighted = 0;
    qsort(times, items, sizeof *times, ascending);
    for (uint32_t j = 0; j < items; j++) {
        sum += times[j];
        weighted += (2 * ((double)j + 1) - items - 1) * times[j];
    }
    return weighted / (items * sum);
}

double mf__entropy(const size_t count[], uint32_t n)
{
    double sum = 0, bits = 0;
    for (uint32_t q = 0; q < n; q++)
        sum += (double)count[q];
    for (uint32_t q = 0; q < n; q++)
        if (count[q] > 0)
            bits -= (double)count[q] / sum * log2((double)count[q] / sum);
    return sum > 0 ? bits : NAN;
}

uint32_t mf__persona_cosines(const mf_tensor *t, uint32_t row, uint64_t who,
                             double *sum)
{
    uint32_t pairs = 0;
    *sum = 0;
    for (uint32_t q = 0; q < t->personas; q++)
        for (uint32_t r = q + 1; r < t->personas; r++) {
            const float *x = mf_tensor_at(t, row, q), *y = mf_tensor_at(t, row, r);
            double xx = 0, xy = 0, yy = 0;
            if (!(who >> q & who >> r & 1))
                continue;
            for (uint32_t f = 0; f < t->k; f++) {
                xx += (double)x[f] * (double)x[f];
                xy += (double)x[f] * (double)y[f];
                yy += (double)y[f] * (double)y[f];
            }
            if (xx > 0 && yy > 0) {
                *sum += xy / sqrt(xx * yy);
                pairs++;
            }
        }
    return pairs;
}
