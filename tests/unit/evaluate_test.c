/* The job of mf-eval, mf/evaluate.h: what a program, not a person, can ask for wrongly.
 * The rest is in tests/cli/eval*.t. */
#include "mf/evaluate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The words with which `params` is refused. */
static const char *refused(const mf_evaluate_params *params)
{
    static mf_err err;
    memset(&err, 0, sizeof err);
    assert_int_equal(mf_evaluate_check(params, &err), MF_EINVAL);
    return err.text;
}

static void params_that_make_no_sense_are_refused(void **state)
{
    const mf_evaluate_params usual = mf_evaluate_defaults();
    mf_evaluate_params p = usual;
    (void)state;
    assert_int_equal(mf_evaluate_check(&usual, NULL), MF_OK);
    p.metrics.n = 0;
    assert_string_equal(refused(&p), "no metrics");
    p = usual;
    p.baselines = MF_BASELINE_ALL + 1;
    assert_string_equal(refused(&p), "a baseline that is not known");
    p = usual;
    assert_int_equal(mf_metrics_parse(&p.metrics, "mrr,auc", NULL), MF_OK);
    p.baselines = MF_BASELINE_BIAS;
    assert_string_equal(refused(&p), "the baselines mean and bias predict values: ask "
                                     "for loss, mse, rmse or mae");
    p = usual;
    p.relevant = INFINITY;
    assert_string_equal(refused(&p), "relevant: not a finite number");
    p = usual;
    p.slices = MF_SLICES_MAX + 1;
    assert_string_equal(refused(&p), "slices are not in 2 .. 10");
    p = usual;
    p.shard = 3;
    p.shards = 2;
    assert_string_equal(refused(&p), "shard 3 is not in 1 .. 2");
}

static void a_run_that_is_refused_leaves_nothing(void **state)
{
    mf_evaluate_params p = mf_evaluate_defaults();
    mf_evaluation e;
    mf_err err = {0};
    mf_in *const none[] = {NULL};
    (void)state;
    p.runs = 2;
    assert_int_equal(mf_evaluate_run(&e, 1, none, &p, &err), MF_EINVAL);
    assert_string_equal(err.text, "more run files than models");
    assert_null(e.subject);
    assert_null(e.cells);
    mf_evaluation_free(&e);
}

static void nothing_to_measure_is_refused(void **state)
{
    mf_evaluate_params p = mf_evaluate_defaults();
    mf_evaluation e;
    mf_err err = {0};
    (void)state;
    assert_int_equal(mf_evaluate_run(&e, 0, NULL, &p, &err), MF_EINVAL);
    assert_string_equal(err.text,
                        "without a model there must be lists and the ratings");
    mf_evaluation_free(&e);
}

static void a_format_that_is_not_known_is_refused(void **state)
{
    const mf_evaluation nothing = {0};
    const mf_evaluation_style style = {.format = (mf_evaluation_format)4};
    mf_err err = {0};
    (void)state;
    assert_int_equal(mf_evaluation_write(&nothing, &style, NULL, &err), MF_EINVAL);
    assert_string_equal(err.text, "a format that is not known");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(params_that_make_no_sense_are_refused),
        cmocka_unit_test(a_run_that_is_refused_leaves_nothing),
        cmocka_unit_test(nothing_to_measure_is_refused),
        cmocka_unit_test(a_format_that_is_not_known_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
