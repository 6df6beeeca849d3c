/* The search of mf-tune, on functions whose largest value is known, and what its points
 * mean. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "jobs/train/watch.h"
#include "jobs/tune/optimizer.h"
#include "jobs/tune/space.h"
#include "jobs/tune/surface.h"
#include "jobs/tune/trial.h"

enum { MOST = 60 };
static const double LEAST = .0003;

typedef double function(const double x[]);

typedef struct found {
    size_t n, best;
    optimizer_point point[MOST];
    double value[MOST];
} found;

/* Search until nothing is expected, or for `trials`. */
static found look(function *f, size_t axes, const optimizer_axis axis[], size_t trials)
{
    found r = {0};
    bool more = true;
    while (r.n < trials) {
        double x[OPTIMIZER_AXES];
        optimizer_point next;
        assert_int_equal(mf__optimizer_next(axes, axis, r.n, r.point, r.value, LEAST,
                                            &next, &more, NULL),
                         MF_OK);
        if (!more)
            break;
        for (size_t i = 0; i < r.n; i++) /* nothing is evaluated twice */
            assert_memory_not_equal(&next, &r.point[i], sizeof next);
        for (size_t a = 0; a < axes; a++) {
            assert_in_range(next.at[a] + 100, axis[a].low + 100, axis[a].high + 100);
            x[a] = (double)next.at[a] / axis[a].unit;
        }
        r.point[r.n] = next;
        r.value[r.n++] = f(x);
    }
    if (r.n > 0)
        r.best = mf__optimizer_best(r.n, r.value);
    return r;
}

static const optimizer_axis WIDE[2] = {{-24, 24, 4, true}, {-24, 24, 4, true}};

/* As ndcg goes with W0 and lambda: a ridge along which both make up for each other,
 * steeper on the far side. Its top is 0, at (1, -.5). */
static double ridge(const double x[])
{
    double along = (x[0] - 1) - (x[1] + .5), across = (x[0] - 1) + (x[1] + .5);
    return -.01 * along * along - (across > 0 ? .12 : .05) * across * across;
}

static double far_ridge(const double x[])
{
    const double moved[] = {x[0] - 2.5, x[1] + 2};
    return ridge(moved);
}

static double slope(const double x[])
{
    return .02 * x[0] - .01 * x[1] * x[1];
}

static double flat(const double x[])
{
    (void)x;
    return 0;
}

enum { BOWL_AXES = 5 };

static double bowl(const double x[])
{
    double sum = 0;
    for (int a = 0; a < BOWL_AXES; a++)
        sum += (x[a] - .5) * (x[a] - .5);
    return -.02 * sum;
}

static void a_ridge_is_climbed_in_few_trials(void **state)
{
    (void)state;
    found r = look(ridge, 2, WIDE, 12); /* -.035 at the start */
    assert_true(r.value[r.best] > -.0001);
    assert_int_equal(r.point[0].at[0], 0); /* first the start, then the cross */
    assert_int_equal(r.point[1].at[1], 2);
    assert_int_equal(r.point[2].at[1], -2);
    assert_int_equal(r.point[3].at[0], 2);
    assert_int_equal(r.point[4].at[0], -2);
}

/* The top is 3.5 units of the start, which the first points do not reach. */
static void the_range_moves_where_the_best_lies_at_its_rim(void **state)
{
    (void)state;
    found r = look(far_ridge, 2, WIDE, 40);
    assert_true(r.value[r.best] > -.0001);
    assert_true(r.n < 25);
    assert_int_equal(mf__optimizer_rim(0, 5, r.point, 3), 1); /* of the cross */
    assert_int_equal(mf__optimizer_rim(0, 5, r.point, 4), -1);
    assert_int_equal(mf__optimizer_rim(0, 5, r.point, 0), 0);
}

static void at_the_end_of_the_lattice_the_search_ends(void **state)
{
    (void)state;
    const optimizer_axis axis[2] = {{-4, 10, 4, false}, {-8, 8, 4, false}};
    found r = look(slope, 2, axis, MOST);
    assert_int_equal(r.point[r.best].at[0], 10);
    assert_int_equal(r.point[r.best].at[1], 0);
    assert_int_equal(mf__optimizer_rim(0, r.n, r.point, r.best), 1);
    assert_int_equal(mf__optimizer_rim(1, r.n, r.point, r.best), 0);
    assert_true(r.n < 30);
}

static void without_an_axis_the_start_is_all(void **state)
{
    (void)state;
    found r = look(flat, 0, WIDE, MOST);
    assert_int_equal(r.n, 1);
}

static void an_axis_of_one_point_has_no_neighbours(void **state)
{
    (void)state;
    const optimizer_axis axis[2] = {{0, 0, 4, false}, {0, 1, 4, false}};
    found r = look(flat, 2, axis, MOST);
    assert_int_equal(r.n, 2);
}

/* More points than are looked at one by one. */
static void many_axes_are_searched_too(void **state)
{
    (void)state;
    optimizer_axis axis[OPTIMIZER_AXES];
    for (int a = 0; a < BOWL_AXES; a++)
        axis[a] = (optimizer_axis){-24, 24, 4, false};
    found r = look(bowl, BOWL_AXES, axis, MOST), again;
    assert_true(r.value[r.best] > -.0001); /* -.025 at the start */
    assert_true(r.n < 30);
    again = look(bowl, BOWL_AXES, axis, MOST);
    assert_memory_equal(&r, &again, sizeof r);
}

/* Of two values at 0 and 1 more is expected on the side of the larger one than on the
 * other, and next to nothing where the function is known. */
static void more_is_expected_where_the_surface_rises(void **state)
{
    (void)state;
    const double x[] = {0, 1}, y[] = {-.1, 0}, right = 1.5, left = -.5, known = 1;
    surface s;
    assert_int_equal(mf__surface_fit(&s, 2, 1, x, y, NULL, NULL), MF_OK);
    assert_true(mf__surface_expect(&s, &right) > mf__surface_expect(&s, &left));
    assert_true(mf__surface_expect(&s, &known) < .001);
    mf__surface_free(&s);
}

/* Of two axes that make up for each other, where neither was tried: along is better than
 * across; of others both are the same. */
static void of_axes_that_trade_more_is_expected_along(void **state)
{
    (void)state;
    const double x[] = {0, 0}, y[] = {0}, along[] = {.5, -.5}, across[] = {.5, .5};
    const bool trades[] = {true, true};
    surface s;
    assert_int_equal(mf__surface_fit(&s, 1, 2, x, y, trades, NULL), MF_OK);
    assert_true(mf__surface_expect(&s, along) > mf__surface_expect(&s, across));
    mf__surface_free(&s);
    assert_int_equal(mf__surface_fit(&s, 1, 2, x, y, NULL, NULL), MF_OK);
    assert_true(mf__surface_expect(&s, along) == mf__surface_expect(&s, across));
    mf__surface_free(&s);
}

/* --- what points mean --- */

static optimizer_point at(int a, int b)
{
    optimizer_point p = {{a, b}};
    return p;
}

/* Two users and two items, and three cells of value 1. */
static const uint32_t ROW[] = {0, 0, 1}, COL[] = {0, 1, 0};
static const float VAL[] = {1, 1, 1};

static space make(const mf_tune_params *p)
{
    mf_csr cells;
    space s;
    assert_int_equal(mf_csr_from_triplets(&cells, 2, 2, 3, ROW, COL, VAL, NULL), MF_OK);
    assert_int_equal(mf__space_make(&s, p, &cells, NULL), MF_OK);
    mf_csr_free(&cells);
    return s;
}

/* skew 2 (4 + 1) / 9, r = 4.5 skew^1/2 = 4.743; density 3/4, w0 = 3.558; lambda is
 * .23 / ((1 + r) 3/2)^1/2 = .07836. */
static void what_is_auto_and_searched_is_settled_once(void **state)
{
    (void)state;
    mf_tune_params p = mf_tune_defaults(MF_PRESET_IMPLICIT);
    space s = make(&p);
    assert_int_equal(s.axes, 2);
    assert_true(s.base.unobserved == 4.74);
    assert_int_equal(s.base.unobserved_unit, MF_W0_DENSITY);
    assert_true(s.base.lambda_users == .0784 && s.base.lambda_items == .0784);
    p.range[MF_TUNE_UNOBSERVED].searched = false;
    s = make(&p);
    assert_true(s.base.unobserved == MF_ALS_AUTO && s.base.lambda_users == .0784);
    p.range[MF_TUNE_UNOBSERVED].searched = true;
    p.range[MF_TUNE_LAMBDA].searched = false;
    s = make(&p);
    assert_true(s.base.unobserved == 4.74 && s.base.lambda_users == MF_ALS_AUTO);
    p.train.als.confidence = MF_CONFIDENCE_LINEAR; /* of mean 1 whatever W0 is */
    p.train.als.alpha = MF_ALS_AUTO;
    s = make(&p);
    assert_true(s.base.unobserved == 4.74 && s.base.alpha == MF_ALS_AUTO);
}

/* W0 is 1, and A such that the mean of A log 2 is 1 / 3.558. */
static void of_wrmf_the_confidence_is_settled(void **state)
{
    (void)state;
    mf_tune_params p = mf_tune_defaults(MF_PRESET_WRMF);
    space s = make(&p);
    char text[SPACE_OPTIONS];
    assert_true(s.base.unobserved == 1 && s.base.unobserved_unit == MF_W0_PLAIN);
    assert_true(s.base.alpha == .406);
    optimizer_point start = {0};
    mf_als_params als = mf__space_at(&s, &start);
    als.personas = 1;
    als.iterations = 7;
    mf__space_options(text, &p.train, &als);
    assert_non_null(strstr(text, " -u 1 -l "));
    assert_non_null(strstr(text, " --confidence=log:0.406,1"));
    p.range[MF_TUNE_UNOBSERVED].searched = false;
    s = make(&p);
    assert_true(s.base.alpha == MF_ALS_AUTO);
}

static void popularity_goes_by_eighths_from_none(void **state)
{
    (void)state;
    mf_tune_params p = mf_tune_defaults(MF_PRESET_IMPLICIT);
    char text[SPACE_OPTIONS];
    optimizer_point point = {{0}};
    p.range[MF_TUNE_UNOBSERVED].searched = p.range[MF_TUNE_LAMBDA].searched = false;
    p.range[MF_TUNE_POPULARITY] = (mf_tune_range){true, 0, 1};
    space s = make(&p);
    assert_int_equal(s.axes, 1);
    assert_int_equal(s.axis[0].low, 0);
    assert_int_equal(s.axis[0].high, 8);
    mf_als_params als = mf__space_at(&s, &point);
    als.personas = 1;
    mf__space_options(text, &p.train, &als);
    assert_string_equal(text, "-k 64 -p 1 -u auto -l auto -n 10");
    point.at[0] = 3;
    als = mf__space_at(&s, &point);
    als.personas = 1;
    assert_true(als.popularity == .375);
    mf__space_options(text, &p.train, &als);
    assert_string_equal(
        text, "-k 64 -p 1 -u auto -l auto -n 10 --unobserved-by=popularity:0.375");
    p.train.als.preset = MF_PRESET_STUDY;
    assert_int_equal(mf_tune_check(&p, NULL), MF_EINVAL);
}

static void points_are_factors_of_the_start(void **state)
{
    (void)state;
    mf_tune_params p = mf_tune_defaults(MF_PRESET_IMPLICIT);
    char text[SPACE_TEXT];
    p.train.als.unobserved = 8;
    p.train.als.unobserved_unit = MF_W0_DENSITY;
    p.train.als.lambda_users = .01;
    p.train.als.lambda_items = .02;
    space s = make(&p);
    assert_int_equal(s.axes, 2);
    optimizer_point point = at(3, -2);
    mf_als_params of = mf__space_at(&s, &point);
    assert_true(of.unobserved == 22.6); /* 8 x 2^1.5, three digits */
    assert_true(of.lambda_users == .005 && of.lambda_items == .01);
    mf__space_value(text, &s, 0, &of);
    assert_string_equal(text, "22.6x");
    mf__space_value(text, &s, 1, &of);
    assert_string_equal(text, "0.005");
}

static void a_range_bounds_the_axis_and_moves_the_start(void **state)
{
    (void)state;
    mf_tune_params p = mf_tune_defaults(MF_PRESET_IMPLICIT);
    p.range[MF_TUNE_UNOBSERVED].searched = false;
    p.range[MF_TUNE_LAMBDA] = (mf_tune_range){true, .1, .4}; /* .0784 is below */
    p.range[MF_TUNE_PERSONAS] = (mf_tune_range){true, 1, 4};
    p.range[MF_TUNE_OVERLAP] = (mf_tune_range){true, 0, 1};
    space s = make(&p);
    assert_int_equal(s.axes, 3);
    assert_true(s.base.lambda_users == .1);
    assert_int_equal(s.axis[0].low, 0);
    assert_int_equal(s.axis[0].high, 4); /* .1 x 2^2 */
    assert_int_equal(s.axis[1].low, -2); /* 3 personas, 1 to 4 */
    assert_int_equal(s.axis[1].high, 1);
    assert_int_equal(s.axis[2].low, -5); /* .5 */
    assert_int_equal(s.axis[2].high, 5);
}

static void the_options_say_what_differs_from_the_defaults(void **state)
{
    (void)state;
    mf_tune_params p = mf_tune_defaults(MF_PRESET_IMPLICIT);
    mf_als_params als = p.train.als;
    char text[SPACE_OPTIONS];
    als.k = 32;
    als.personas = 1;
    als.unobserved = 16;
    als.unobserved_unit = MF_W0_DENSITY;
    als.lambda_users = als.lambda_items = .005;
    als.iterations = 7;
    als.warmup = 4;
    mf__space_options(text, &p.train, &als);
    assert_string_equal(text, "-k 32 -p 1 -u 16x -l 0.005 -n 7");
    als.personas = 2;
    als.lambda_items = .01;
    als.seed = 3;
    als.overlap = .25;
    mf__space_options(text, &p.train, &als);
    assert_string_equal(text,
                        "-k 32 -p 2 -u 16x --lambda-users=0.005 "
                        "--lambda-items=0.01 -n 7 --overlap=0.25 --warmup=4 --seed=3");
}

static void of_errors_the_smaller_scores_higher(void **state)
{
    (void)state;
    mf_metric_list list;
    assert_int_equal(mf_metrics_parse(&list, "rmse,ndcg@10", NULL), MF_OK);
    assert_true(mf__trial_score(&list.metric[0], 1) >
                mf__trial_score(&list.metric[0], 2));
    assert_float_equal((float)(mf__trial_score(&list.metric[1], .2) -
                               mf__trial_score(&list.metric[1], .1)),
                       (float)log(2), 1e-6f);
    assert_true(isfinite(mf__trial_score(&list.metric[1], 0)));
}

static void users_are_thinned_evenly(void **state)
{
    (void)state;
    uint32_t user[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    mf_als_params alone = {.ranks = NULL};
    watch w = {.user = user,
               .users = 10,
               .trained = 6,
               .all = 10,
               .all_trained = 6,
               .params = &alone};
    mf__watch_thin(&w, 10);
    assert_int_equal(w.users, 10);
    mf__watch_thin(&w, 5);
    assert_int_equal(w.users, 5);
    assert_int_equal(w.trained, 3);
    for (uint32_t j = 0; j < 5; j++)
        assert_int_equal(user[j], 2 * j + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ridge_is_climbed_in_few_trials),
        cmocka_unit_test(the_range_moves_where_the_best_lies_at_its_rim),
        cmocka_unit_test(at_the_end_of_the_lattice_the_search_ends),
        cmocka_unit_test(without_an_axis_the_start_is_all),
        cmocka_unit_test(an_axis_of_one_point_has_no_neighbours),
        cmocka_unit_test(many_axes_are_searched_too),
        cmocka_unit_test(more_is_expected_where_the_surface_rises),
        cmocka_unit_test(of_axes_that_trade_more_is_expected_along),
        cmocka_unit_test(what_is_auto_and_searched_is_settled_once),
        cmocka_unit_test(of_wrmf_the_confidence_is_settled),
        cmocka_unit_test(popularity_goes_by_eighths_from_none),
        cmocka_unit_test(points_are_factors_of_the_start),
        cmocka_unit_test(a_range_bounds_the_axis_and_moves_the_start),
        cmocka_unit_test(the_options_say_what_differs_from_the_defaults),
        cmocka_unit_test(of_errors_the_smaller_scores_higher),
        cmocka_unit_test(users_are_thinned_evenly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
