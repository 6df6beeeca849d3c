#include "math/beyond.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "data/ratings.h"
#include "data/tensor.h"

/* --- what metrics need --- */

/* Shares of the users of `train`, what is liked, who have any item. */
static int count_listeners(mf_list_data *out, const mf_csr *train, mf_err *err)
{
    double users = 0, *n = out->share = mf__new0(train->cols, sizeof *n);
    out->information = mf__new0(train->cols, sizeof *out->information);
    if (!out->share || !out->information)
        return mf__nomem(err);
    for (uint32_t u = 0; u < train->rows; u++)
        users += train->ptr[u + 1] > train->ptr[u];
    for (size_t t = 0; t < train->nnz; t++)
        n[train->col[t]]++;
    for (uint32_t i = 0; users > 0 && i < train->cols; i++) {
        out->information[i] = log2(users / fmax(n[i], 1));
        out->share[i] = n[i] / users;
    }
    return MF_OK;
}

int mf__list_data_open(mf_list_data *out, unsigned needs, const mf_ratings *r,
                       const mf_tensor *items, int threads, mf_err *err)
{
    mf_csr train = {0};
    bool map = needs & (MF_NEEDS_MAP | MF_NEEDS_TASTES);
    int code = MF_OK;
    *out = (mf_list_data){0};
    if (map || needs & MF_NEEDS_LISTENERS)
        code = mf__ratings_liked(&train, r, 1 << MF_TRAIN, err);
    if (code == MF_OK && needs & MF_NEEDS_LISTENERS)
        code = count_listeners(out, &train, err);
    if (code == MF_OK && map)
        code = mf__taste_map(&out->map, &train, threads, err);
    if (code == MF_OK && needs & MF_NEEDS_VECTORS)
        code = mf__tensor_unit(&out->unit, items, err);
    mf_csr_free(&train);
    return code;
}

void mf__list_data_free(mf_list_data *data)
{
    free(data->share);
    free(data->information);
    mf_tensor_free(&data->map);
    mf_tensor_free(&data->unit);
    *data = (mf_list_data){0};
}

/* --- the list of one user --- */

/* The mean of a number of each item. */
static double mean_of_items(const double x[], const mf_user_list *list)
{
    double sum = 0;
    for (uint32_t i = 0; i < list->n; i++)
        sum += x[list->top[i].item];
    return list->n ? sum / list->n : NAN;
}

/* The mean of 1 - cosine over pairs, by |sum of x|^2 = sum of |x|^2 + 2 sum over pairs
 * of <x, y>. */
static double spread(const mf_tensor *unit, const mf_user_list *list)
{
    double whole = 0, own = 0, n = list->n, pairs = n * (n - 1) / 2;
    if (list->n < 2)
        return NAN;
    for (uint32_t f = 0; f < unit->k; f++) {
        double sum = 0;
        for (uint32_t i = 0; i < list->n; i++) {
            double x = (double)mf_tensor_at(unit, list->top[i].item, 0)[f];
            sum += x;
            own += x * x;
        }
        whole += sum * sum;
    }
    return 1 - (whole - own) / 2 / pairs;
}

double mf__list_novelty(const mf_list_data *data, const mf_user_list *list)
{
    return mean_of_items(data->information, list);
}

double mf__list_popularity(const mf_list_data *data, const mf_user_list *list)
{
    return mean_of_items(data->share, list);
}

double mf__list_diversity(const mf_list_data *data, const mf_user_list *list)
{
    return spread(&data->unit, list);
}

double mf__list_variety(const mf_list_data *data, const mf_user_list *list)
{
    return spread(&data->map, list);
}

double mf__list_tastes(const mf_list_data *data, const mf_user_list *list)
{
    (void)data;
    return mf__taste_met(list->taste, list->n, list->top);
}

double mf__list_entropy(const mf_list_data *data, const mf_user_list *list)
{
    size_t count[UINT8_MAX + 1] = {0};
    (void)data;
    for (uint32_t i = 0; list->persona && i < list->n; i++)
        count[list->persona[list->top[i].item]]++;
    return mf__entropy(count, list->personas);
}

/* --- the lists of all users --- */

double mf__coverage(uint32_t times[], uint32_t items)
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

/* --- personas --- */

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

uint32_t mf__persona_cosines(const mf_tensor *t, uint32_t row, uint64_t active,
                             double *sum)
{
    uint32_t pairs = 0;
    *sum = 0;
    for (uint32_t q = 0; q < t->personas; q++)
        for (uint32_t r = q + 1; r < t->personas; r++) {
            const float *x = mf_tensor_at(t, row, q), *y = mf_tensor_at(t, row, r);
            double xx = 0, xy = 0, yy = 0;
            if (!(active >> q & active >> r & 1))
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
