/* Intervals and p-values: mf/bootstrap.h. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "mf/bootstrap.h"
#include "near.h"

enum { USERS = 60, TRIALS = 300 };

/* Numbers with mean 1 and a long tail to the right, as those of users are. */
static void draw(double x[], size_t n, uint64_t trial, uint64_t index)
{
    mf_rng rng = mf__rng_make(trial, MF_STREAM_TEST, index);
    for (size_t u = 0; u < n; u++)
        x[u] = exp(0.5 * mf__rng_normal(&rng) - 0.125);
}

static void statistics_are_those_of_the_sums(void **state)
{
    (void)state;
    const double num[] = {1, 2, 6, 7, 9}, den[] = {1, 1, 2, 4, 1};
    mf_series mean = {num, NULL, MF_FORM_RATIO}, ratio = {num, den, MF_FORM_RATIO};
    mf_series root = {num, den, MF_FORM_ROOT}, sum = {num, den, MF_FORM_SUM};
    assert_near(mf_series_value(&mean, 5), 5, 1e-15);
    assert_near(mf_series_value(&ratio, 5), 25. / 9, 1e-15);
    assert_near(mf_series_value(&root, 5), 5. / 3, 1e-15);
    assert_near(mf_series_value(&sum, 5), 25, 0);
    assert_true(isnan(mf_series_value(&mean, 0)));
}

/* A 95 % interval covers the truth in about 95 of 100 worlds: a mean, the
 * difference of paired means, a ratio (mae) and a root (rmse) of sums, and the same
 * of a slice of the users. Percentiles of 150 skewed numbers cover slightly less. */
static void intervals_cover_the_truth(void **state)
{
    (void)state;
    enum { MEAN, PAIRED, RATIO, ROOT, SLICE, KINDS, WORLDS = 600, MANY = 150 };
    static const double truth[KINDS] = {1, 0, 3, 1.7320508075688772, 1};
    int covered[KINDS] = {0};
    for (uint64_t world = 0; world < WORLDS; world++) {
        double x[MANY], y[MANY], size[MANY], scaled[MANY], in[MANY], of_slice[MANY];
        draw(x, MANY, world, 0);
        draw(y, MANY, world, 1);
        draw(size, MANY, world, 2);
        for (size_t u = 0; u < MANY; u++) {
            y[u] = 0.5 * x[u] + 0.5 * y[u]; /* paired: mean 1 too */
            scaled[u] = 3 * size[u] * x[u]; /* ratio of means 3 */
            in[u] = u % 2 ? 1 : 0;
            of_slice[u] = in[u] * x[u];
        }
        mf_series series[] = {{x, NULL, MF_FORM_RATIO},
                              {y, NULL, MF_FORM_RATIO},
                              {scaled, size, MF_FORM_RATIO},
                              {scaled, size, MF_FORM_ROOT},
                              {of_slice, in, MF_FORM_RATIO}};
        static const size_t column[KINDS] = {0, 0, 2, 3, 4};
        mf_resampling how = {.seed = world, .replicates = 400, .threads = 1};
        mf_bootstrap b;
        assert_int_equal(mf_bootstrap_run(&b, &how, MANY, 5, series, NULL), MF_OK);
        for (size_t k = 0; k < KINDS; k++) {
            mf_interval range;
            int code = k == PAIRED ? mf_bootstrap_difference(&b, 0, 1, &range, NULL)
                                   : mf_bootstrap_interval(&b, column[k], &range, NULL);
            assert_int_equal(code, MF_OK);
            covered[k] += range.low <= truth[k] && truth[k] <= range.high;
        }
        mf_bootstrap_free(&b);
    }
    for (size_t k = 0; k < KINDS; k++)
        assert_in_range(covered[k], WORLDS * 91 / 100, WORLDS * 98 / 100);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The greatest distance of the distribution of p from the uniform one, which 99 of
 * 100 samples keep below 1.63 / sqrt(n) (Kolmogorov). */
static void assert_uniform(double p[], size_t n)
{
    double most = 0;
    qsort(p, n, sizeof *p, ascending);
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fmax(fabs(p[i] - (double)i / (double)n),
                               fabs(p[i] - (double)(i + 1) / (double)n)));
    assert_true(most < 1.63 / sqrt((double)n));
}

/* Where nothing differs, any p is as likely as any other: of means, and of roots
 * of ratios. */
static void p_is_uniform_where_nothing_differs(void **state)
{
    (void)state;
    static double p[TRIALS], of_root[TRIALS];
    int small = 0;
    for (uint64_t trial = 0; trial < TRIALS; trial++) {
        double x[USERS], y[USERS], dx[USERS], dy[USERS];
        draw(x, USERS, trial, 0);
        draw(y, USERS, trial, 1);
        draw(dx, USERS, trial, 2);
        draw(dy, USERS, trial, 3);
        mf_resampling how = {.seed = trial, .replicates = 399, .threads = 1};
        mf_series a = {x, NULL, MF_FORM_RATIO}, b = {y, NULL, MF_FORM_RATIO};
        mf_series c = {x, dx, MF_FORM_ROOT}, d = {y, dy, MF_FORM_ROOT};
        assert_int_equal(mf_permutation_test(&how, USERS, &a, &b, &p[trial], NULL),
                         MF_OK);
        assert_int_equal(
            mf_permutation_test(&how, USERS, &c, &d, &of_root[trial], NULL), MF_OK);
        small += p[trial] <= 0.05;
    }
    assert_in_range(small, TRIALS * 2 / 100, TRIALS * 9 / 100);
    assert_uniform(p, TRIALS);
    assert_uniform(of_root, TRIALS);
}

/* All 2^3 ways to swap three users, of which the one observed and its mirror
 * are as extreme: p is near 1/4. */
static void p_counts_permutations_as_extreme(void **state)
{
    (void)state;
    const double x[] = {1, 2, 4}, y[] = {0, 0, 0};
    mf_series a = {x, NULL, MF_FORM_RATIO}, b = {y, NULL, MF_FORM_RATIO};
    mf_resampling how = {.seed = 1, .replicates = 4000};
    double p, q;
    assert_int_equal(mf_permutation_test(&how, 3, &a, &b, &p, NULL), MF_OK);
    assert_near(p, 0.25, 0.03);
    assert_int_equal(mf_permutation_test(&how, 3, &b, &a, &q, NULL), MF_OK);
    assert_true(p == q); /* two-sided */
}

static void equal_models_differ_by_nothing(void **state)
{
    (void)state;
    double x[USERS], p;
    draw(x, USERS, 1, 0);
    mf_series series[] = {{x, NULL, MF_FORM_RATIO}, {x, NULL, MF_FORM_RATIO}};
    mf_resampling how = {.seed = 1, .replicates = 100};
    mf_bootstrap b;
    mf_interval range;
    assert_int_equal(mf_bootstrap_run(&b, &how, USERS, 2, series, NULL), MF_OK);
    assert_int_equal(mf_bootstrap_difference(&b, 0, 1, &range, NULL), MF_OK);
    assert_true(range.low == 0 && range.high == 0);
    assert_int_equal(mf_permutation_test(&how, USERS, &series[0], &series[1], &p, NULL),
                     MF_OK);
    assert_true(p == 1);
    mf_bootstrap_free(&b);
}

static void a_clear_difference_has_the_smallest_p(void **state)
{
    (void)state;
    double x[USERS], y[USERS], p;
    draw(x, USERS, 1, 0);
    for (size_t u = 0; u < USERS; u++)
        y[u] = x[u] + 0.1;
    mf_series a = {x, NULL, MF_FORM_RATIO}, b = {y, NULL, MF_FORM_RATIO};
    mf_resampling how = {.seed = 1, .replicates = 999};
    assert_int_equal(mf_permutation_test(&how, USERS, &a, &b, &p, NULL), MF_OK);
    assert_near(p, 0.001, 1e-15);
}

static void results_do_not_depend_on_threads(void **state)
{
    (void)state;
    enum { MANY = 30000 }; /* enough for threads to be worth it */
    static double x[MANY], y[MANY];
    double first = 0;
    mf_bootstrap one = {0};
    draw(x, MANY, 1, 0);
    draw(y, MANY, 1, 1);
    mf_series series[] = {{x, NULL, MF_FORM_RATIO}, {y, x, MF_FORM_ROOT}};
    for (int threads = 1; threads <= 8; threads++) {
        mf_resampling how = {.seed = 5, .replicates = 37, .threads = threads};
        mf_bootstrap b;
        double p;
        assert_int_equal(mf_bootstrap_run(&b, &how, MANY, 2, series, NULL), MF_OK);
        assert_int_equal(mf_permutation_test(&how, MANY, &series[0],
                                             &(mf_series){y, NULL, MF_FORM_RATIO}, &p,
                                             NULL),
                         MF_OK);
        if (threads == 1) {
            one = b;
            first = p;
            continue;
        }
        assert_memory_equal(b.stat, one.stat, 37 * 2 * sizeof *b.stat);
        assert_true(p == first);
        mf_bootstrap_free(&b);
    }
    mf_bootstrap_free(&one);
}

static void without_replicates_there_is_no_interval(void **state)
{
    (void)state;
    const double x[] = {1, 2};
    mf_series s = {x, NULL, MF_FORM_RATIO};
    mf_resampling how = {.seed = 1, .replicates = 0};
    mf_bootstrap b;
    mf_interval range;
    double p;
    assert_int_equal(mf_bootstrap_run(&b, &how, 2, 1, &s, NULL), MF_OK);
    assert_int_equal(mf_bootstrap_interval(&b, 0, &range, NULL), MF_OK);
    assert_true(isnan(range.low) && isnan(range.high));
    assert_int_equal(mf_permutation_test(&how, 2, &s, &s, &p, NULL), MF_OK);
    assert_true(isnan(p));
    mf_bootstrap_free(&b);
}

/* A series of a slice of users counts 0 for the others: some samples may miss
 * the slice, and the interval is that of the rest. */
static void samples_without_a_value_do_not_count(void **state)
{
    (void)state;
    const double num[] = {2, 0, 0}, den[] = {1, 0, 0};
    mf_series s = {num, den, MF_FORM_RATIO};
    mf_resampling how = {.seed = 1, .replicates = 50};
    mf_bootstrap b;
    mf_interval range;
    assert_int_equal(mf_bootstrap_run(&b, &how, 3, 1, &s, NULL), MF_OK);
    assert_int_equal(mf_bootstrap_interval(&b, 0, &range, NULL), MF_OK);
    assert_true(range.low == 2 && range.high == 2);
    mf_bootstrap_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statistics_are_those_of_the_sums),
        cmocka_unit_test(intervals_cover_the_truth),
        cmocka_unit_test(p_is_uniform_where_nothing_differs),
        cmocka_unit_test(p_counts_permutations_as_extreme),
        cmocka_unit_test(equal_models_differ_by_nothing),
        cmocka_unit_test(a_clear_difference_has_the_smallest_p),
        cmocka_unit_test(results_do_not_depend_on_threads),
        cmocka_unit_test(without_replicates_there_is_no_interval),
        cmocka_unit_test(samples_without_a_value_do_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
