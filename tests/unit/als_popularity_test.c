/* Cells that nobody has weigh by the popularity of their item: against the dense
 * oracle. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "als_aid.h"
#include "als_check.h"
#include "als_oracle.h"
#include "mf/als.h"
#include "near.h"

enum { M = 19, N = 14 };

/* Both presets that have it, 1 and 3 personas, three powers, three kinds of cells. */
static void each_problem(void (*check)(mf_als_params p, const mf_csr *train))
{
    static const double power[] = {.25, 1, 2.5};
    for (int preset = 0; preset <= MF_PRESET_WRMF; preset++)
        for (uint32_t p = 1; p <= 3; p += 2)
            for (int way = 0; way < 9; way++) {
                mf_csr train;
                mf_als_params params = aid_params((mf_preset)preset, p, way % 2 * .4);
                params.popularity = power[way / 3];
                params.shrink = way % 3 == 2 ? 4 : 0;
                if (way % 3 == 2)
                    aid_mixed_cells(&train, M, N, 3 * p + 1);
                else
                    aid_cells(&train, M, N, 3 * p, way % 3 == 1);
                check(params, &train);
                mf_csr_free(&train);
            }
}

static void check_exact(mf_als_params p, const mf_csr *train)
{
    for (int solver = MF_SOLVER_AUTO; solver <= MF_SOLVER_DUAL; solver++) {
        p.solver = (mf_solver)solver;
        check_cells(&p, train);
    }
    p.unobserved *= .6;
    p.nu = .5;
    p.lambda_users *= 2;
    check_cells(&p, train);
}

static void exact_steps_agree_with_the_oracle(void **state)
{
    (void)state;
    each_problem(check_exact);
}

static void check_steps(mf_als_params p, const mf_csr *train)
{
    p.solver = MF_SOLVER_CG;
    p.steps = 200;
    check_cells(&p, train);
    p.confidence = MF_CONFIDENCE_LINEAR;
    p.alpha = 1.5;
    check_cells(&p, train);
    p.steps = 1;
    check_losses(&p, train);
}

static void steps_of_conjugate_gradients_do_too(void **state)
{
    (void)state;
    each_problem(check_steps);
}

/* Confidences that float is not precise enough for. */
static void check_double(mf_als_params p, const mf_csr *train)
{
    p.confidence = MF_CONFIDENCE_LINEAR;
    p.alpha = 1e7;
    check_cells(&p, train);
    mf_als *als;
    aid_train(&als, train, &p);
    assert_true(mf_als_count_solves(als).in_double > 0);
    mf_als_close(als);
}

static void systems_in_double_do_too(void **state)
{
    (void)state;
    each_problem(check_double);
}

/* Items of 1, 2 and 6 cells, of which one says nothing, and one of none: mean 8/3. */
static void weights_are_powers_of_popularity(void **state)
{
    (void)state;
    const uint32_t row[] = {0, 1, 2, 3, 4, 5, 0, 1, 2},
                   col[] = {0, 0, 0, 0, 0, 0, 1, 1, 2};
    const float val[] = {1, 2, -1, 1, 0, 5, 1, 1, 1};
    const double power[] = {0, .5, 1};
    const double want[] = {5 * 3 / 8., 2 * 3 / 8., 3 / 8.};
    mf_csr x;
    assert_int_equal(mf_csr_from_triplets(&x, 6, 4, 9, row, col, val, NULL), MF_OK);
    for (int i = 0; i < 3; i++) {
        mf_als *als;
        mf_als_params p = aid_params(MF_PRESET_IMPLICIT, 2, .5);
        p.popularity = power[i];
        aid_train(&als, &x, &p);
        const float *h = mf_als_items(als)->weight;
        if (i == 0)
            assert_null(h);
        for (int j = 0; h && j < 3; j++)
            assert_near((double)h[j], pow(want[j], power[i]), 1e-7);
        assert_true(!h || h[3] == 0);
        assert_null(mf_als_users(als)->weight);
        mf_als_close(als);
    }
    mf_csr_free(&x);
}

static bool same_floats(const mf_tensor *a, const mf_tensor *b)
{
    return memcmp(a->data, b->data,
                  (size_t)a->n * a->personas * a->k * sizeof *a->data) == 0;
}

static void check_threads(mf_als_params p, const mf_csr *train)
{
    for (int way = 0; way < 2; way++) {
        mf_als *one, *other;
        p.solver = way ? MF_SOLVER_CG : MF_SOLVER_AUTO;
        p.steps = 2;
        p.threads = 1;
        aid_train(&one, train, &p);
        p.threads = 3;
        aid_train(&other, train, &p);
        assert_true(same_floats(mf_als_users(one), mf_als_users(other)));
        assert_true(same_floats(mf_als_items(one), mf_als_items(other)));
        mf_als_close(one);
        mf_als_close(other);
    }
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    each_problem(check_threads);
}

static void only_presets_with_likes_have_it(void **state)
{
    (void)state;
    for (int preset = 0; preset < AID_PRESETS; preset++) {
        mf_err err = {0};
        mf_als_params p = aid_params((mf_preset)preset, 1, 1);
        p.popularity = .5;
        assert_int_equal(mf_als_check(&p, &err),
                         preset <= MF_PRESET_WRMF ? MF_OK : MF_EINVAL);
        p.popularity = 4.5;
        assert_int_equal(mf_als_check(&p, &err), MF_EINVAL);
        p.popularity = (double)NAN;
        assert_int_equal(mf_als_check(&p, &err), MF_EINVAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_steps_agree_with_the_oracle),
        cmocka_unit_test(steps_of_conjugate_gradients_do_too),
        cmocka_unit_test(systems_in_double_do_too),
        cmocka_unit_test(weights_are_powers_of_popularity),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(only_presets_with_likes_have_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
