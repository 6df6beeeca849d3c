/* mf/bootstrap.h - how sure a mean over users is.
 *
 * A series holds two numbers for each user, and its statistic T is computed from
 * their sums. Users are what is sampled: intervals are percentiles of T over
 * samples of as many users, drawn with replacement (Efron, Tibshirani 1993,
 * ch. 13); all series are computed on the same samples, so that the difference
 * of two columns is a paired one. The p-value is that of a permutation test
 * that swaps the two models' numbers within users (Smucker, Allan, Carterette
 * 2007). Sample b depends on the seed and b alone, never on threads. */
#ifndef MF_BOOTSTRAP_H
#define MF_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

#include "mf/err.h"
#include "mf/io.h"

MF_BEGIN_DECLS

/* T of the sums: num / den, sqrt(num / den), or num. */
typedef enum mf_form { MF_FORM_RATIO, MF_FORM_ROOT, MF_FORM_SUM } mf_form;

typedef struct mf_series {
    const double *num; /* [users] */
    const double *den; /* [users], or NULL: 1 for each; borrowed like num */
    mf_form form;
} mf_series;

typedef struct mf_resampling {
    uint64_t seed;
    uint32_t replicates;     /* B; 0: none, and intervals and p are NaN */
    int threads;             /* 0: all */
    const mf_report *report; /* of progress, "sampling"; or NULL */
} mf_resampling;

/* The statistics of the samples. */
typedef struct mf_bootstrap {
    uint32_t replicates;
    size_t series;
    double *stat; /* [replicates x series]; owned */
} mf_bootstrap;

typedef struct mf_interval {
    double low, high;
} mf_interval;

/* T over all users; NaN where there are none. */
double mf_series_value(const mf_series *series, size_t users);

/* Draw the samples. O(B users series). On failure *out is empty. Returns MF_OK
 * or MF_ENOMEM. */
int mf_bootstrap_run(mf_bootstrap *out, const mf_resampling *how, size_t users,
                     size_t n, const mf_series series[], mf_err *err) MF_MUST_USE;
void mf_bootstrap_free(mf_bootstrap *b);

/* The 95 % interval of series s, or of the difference s - t. Samples in which
 * it is not defined (den sums to 0) do not count. Returns MF_OK or MF_ENOMEM. */
int mf_bootstrap_interval(const mf_bootstrap *b, size_t s, mf_interval *out,
                          mf_err *err) MF_MUST_USE;
int mf_bootstrap_difference(const mf_bootstrap *b, size_t s, size_t t, mf_interval *out,
                            mf_err *err) MF_MUST_USE;

/* Two-sided p-value of T(x) = T(y), series of one form: (1 + hits) / (1 + B), where
 * a hit is a permutation with |T(x) - T(y)| as large as observed. O(B users). */
int mf_permutation_test(const mf_resampling *how, size_t users, const mf_series *x,
                        const mf_series *y, double *p, mf_err *err) MF_MUST_USE;

MF_END_DECLS

#endif
