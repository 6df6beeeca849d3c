#include "mf/bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/report.h"
#include "base/rng.h"

static double statistic(mf_form form, double num, double den)
{
    switch (form) {
    case MF_FORM_RATIO: return num / den;
    case MF_FORM_ROOT: return sqrt(num / den);
    case MF_FORM_SUM: return num;
    }
    return NAN;
}

/* The sum of x[u], `times[u]` times each (NULL: once); x NULL: of ones. Four
 * sums at a time, always the same four: fast, and the same in every run. */
static double weighted_sum(const double *x, const uint32_t *times, size_t users)
{
    double sum[4] = {0};
    size_t whole = x && times ? users / 4 * 4 : 0;
    for (size_t u = 0; u < whole; u += 4)
        for (size_t i = 0; i < 4; i++) /* signed: what there are instructions for */
            sum[i] += x[u + i] * (int32_t)times[u + i];
    for (size_t u = whole; u < users; u++)
        sum[u % 4] += (x ? x[u] : 1) * (times ? times[u] : 1);
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static double sample(const mf_series *s, const uint32_t *times, size_t users)
{
    return statistic(s->form, weighted_sum(s->num, times, users),
                     s->den ? weighted_sum(s->den, times, users) : (double)users);
}

double mf_series_value(const mf_series *series, size_t users)
{
    double value = users ? sample(series, NULL, users) : NAN;
    return isnan(value) ? NAN : value; /* 0 / 0 has a sign, which printf shows */
}

/* Little work is done by one thread before others could start. */
static int threads_for(const mf_resampling *how, size_t users, size_t series)
{
    double work = (double)how->replicates * (double)users * (double)series;
    return work < 1e6 ? 1 : mf__par_threads(how->threads);
}

void mf_bootstrap_free(mf_bootstrap *b)
{
    free(b->stat);
    *b = (mf_bootstrap){0};
}

int mf_bootstrap_run(mf_bootstrap *out, const mf_resampling *how, size_t users,
                     size_t n, const mf_series series[], mf_err *err)
{
    int threads = threads_for(how, users, n + 1);
    *out = (mf_bootstrap){.replicates = users ? how->replicates : 0, .series = n};
    out->stat = mf__new((size_t)out->replicates * n, sizeof *out->stat);
    uint32_t *room = mf__new((size_t)threads * users, sizeof *room);
    if (!out->stat || !room) {
        free(room);
        mf_bootstrap_free(out);
        return mf__nomem(err);
    }
    mf_tally tally = {how->report,
                      {.what = "sampling", .total = out->replicates}};
#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (uint32_t b = 0; b < out->replicates; b++) {
        uint32_t *times = room + (size_t)omp_get_thread_num() * users;
        mf_rng rng = mf__rng_make(how->seed, MF_STREAM_BOOTSTRAP, b);
        memset(times, 0, users * sizeof *times);
        for (size_t draw = 0; draw < users; draw++)
            times[mf__rng_below(&rng, (uint32_t)users)]++;
        for (size_t s = 0; s < n; s++)
            out->stat[b * n + s] = sample(&series[s], times, users);
        mf__tally_add(&tally, 1);
    }
    free(room);
    return MF_OK;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Quantile q of n > 0 sorted numbers, between neighbours by their distance. */
static double quantile(const double x[], size_t n, double q)
{
    double place = q * (double)(n - 1), below = floor(place);
    size_t i = (size_t)below;
    return i + 1 < n ? x[i] + (place - below) * (x[i + 1] - x[i]) : x[i];
}

/* The interval of series s, less series *t where t is not NULL. */
static int interval(const mf_bootstrap *b, size_t s, const size_t *t, mf_interval *out,
                    mf_err *err)
{
    double *x = mf__new(b->replicates, sizeof *x);
    size_t n = 0;
    *out = (mf_interval){NAN, NAN};
    if (!x)
        return mf__nomem(err);
    for (size_t r = 0; r < b->replicates; r++) {
        const double *stat = b->stat + r * b->series;
        x[n] = stat[s] - (t ? stat[*t] : 0);
        n += isfinite(x[n]) != 0;
    }
    qsort(x, n, sizeof *x, ascending);
    if (n)
        *out = (mf_interval){quantile(x, n, 0.025), quantile(x, n, 0.975)};
    free(x);
    return MF_OK;
}

int mf_bootstrap_interval(const mf_bootstrap *b, size_t s, mf_interval *out,
                          mf_err *err)
{
    return interval(b, s, NULL, out, err);
}

int mf_bootstrap_difference(const mf_bootstrap *b, size_t s, size_t t, mf_interval *out,
                            mf_err *err)
{
    return interval(b, s, &t, out, err);
}

/* The sum of x - y over the users that a permutation swaps: a bit for each. */
static double swapped_sum(mf_rng rng, const double *less, size_t users)
{
    double sum[4] = {0};
    uint64_t bits = 0;
    for (size_t u = 0; u < users; u++, bits >>= 1) {
        if (u % 64 == 0)
            bits = mf__rng_u64(&rng);
        sum[u % 4] += (double)(bits & 1) * less[u];
    }
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* x[u] - y[u], where NULL is 1 for each user. NULL if memory ran out. */
static double *less(const double *x, const double *y, size_t users)
{
    double *d = mf__new(users, sizeof *d);
    for (size_t u = 0; d && u < users; u++)
        d[u] = (x ? x[u] : 1) - (y ? y[u] : 1);
    return d;
}

int mf_permutation_test(const mf_resampling *how, size_t users, const mf_series *x,
                        const mf_series *y, double *p, mf_err *err)
{
    *p = NAN;
    if (how->replicates == 0 || users == 0)
        return MF_OK;
    double *num = less(x->num, y->num, users), *den = less(x->den, y->den, users);
    if (!num || !den) {
        free(num);
        free(den);
        return mf__nomem(err);
    }
    double x_num = weighted_sum(x->num, NULL, users),
           x_den = weighted_sum(x->den, NULL, users);
    double y_num = weighted_sum(y->num, NULL, users),
           y_den = weighted_sum(y->den, NULL, users);
    double seen =
        fabs(statistic(x->form, x_num, x_den) - statistic(y->form, y_num, y_den));
    /* A difference that is equal but for rounding is a hit. */
    double least = seen * (1 - 1e-12);
    uint32_t hits = 0;
    int threads = threads_for(how, users, 1);
#pragma omp parallel for num_threads(threads) reduction(+ : hits)
    for (uint32_t b = 0; b < how->replicates; b++) {
        mf_rng rng = mf__rng_make(how->seed, MF_STREAM_PERMUTE, b);
        double n = swapped_sum(rng, num, users);
        double d = x->den == y->den ? 0 : swapped_sum(rng, den, users);
        double tx = statistic(x->form, x_num - n, x_den - d);
        double ty = statistic(y->form, y_num + n, y_den + d);
        hits += fabs(tx - ty) >= least;
    }
    *p = isfinite(seen) ? (1.0 + hits) / (1.0 + how->replicates) : NAN;
    free(num);
    free(den);
    return MF_OK;
}
