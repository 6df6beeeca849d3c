/* What cells that nobody has weigh: W0 in units of density. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "als_aid.h"
#include "als_oracle.h"
#include "mf/als.h"
#include "mf/fold_in.h"
#include "near.h"

/* 5 cells of 3 users and 4 items say something; user 3 and item 2 have none, and user
 * 4's and item 5's say nothing where a value says what is liked. */
static void few_cells(mf_csr *x)
{
    const uint32_t row[] = {0, 0, 1, 2, 2, 4}, col[] = {0, 1, 3, 0, 4, 5};
    const float val[] = {1, 2, 3, -1, 1, 0};
    assert_int_equal(mf_csr_from_triplets(x, 5, 6, 6, row, col, val, NULL), MF_OK);
}

static void density_is_that_of_rows_and_columns_with_cells(void **state)
{
    (void)state;
    static const double want[] = {5 / 12., 5 / 12., 6 / 20., 6 / 20.};
    mf_csr x, none;
    mf_als_shape shape;
    few_cells(&x);
    for (int preset = 0; preset < AID_PRESETS; preset++) {
        mf_als_params p = aid_params((mf_preset)preset, 1, 1);
        assert_int_equal(mf_als_measure_shape(&shape, &p, &x, NULL), MF_OK);
        assert_near(shape.density, want[preset], 1e-15);
        p.unobserved = 3;
        assert_int_equal(mf_als_settle(&p, &x, NULL), MF_OK);
        assert_near(p.unobserved, 3, 0);
        p.unobserved_unit = MF_W0_DENSITY;
        assert_int_equal(mf_als_settle(&p, &x, NULL), MF_OK);
        assert_near(p.unobserved, 3 * want[preset], 1e-15);
        assert_int_equal(p.unobserved_unit, MF_W0_PLAIN);
    }
    mf_als_params p = aid_params(MF_PRESET_IMPLICIT, 1, 1);
    assert_int_equal(mf_csr_alloc(&none, 3, 3, 0, NULL), MF_OK);
    assert_int_equal(mf_als_measure_shape(&shape, &p, &none, NULL), MF_OK);
    assert_near(shape.density, 1, 0);
    assert_near(shape.skew, 1, 0);
    mf_csr_free(&none);
    mf_csr_free(&x);
}

/* 5 cells of 3 users and 4 items, one of which has 2: skew 4 (4 + 3) / 25 = 1.12. */
static void what_is_left_to_the_cells_is_found(void **state)
{
    (void)state;
    mf_csr x;
    few_cells(&x);
    double r = 4.5 * sqrt(1.12), density = 5 / 12., c = 5 / 3., w = (1 + r) * c;
    mf_als_params p = mf_als_defaults(MF_PRESET_IMPLICIT);
    assert_int_equal(mf_als_settle(&p, &x, NULL), MF_OK);
    assert_near(p.unobserved, r * density, 1e-12);
    assert_near(p.lambda_users, .23 / sqrt(w), 1e-12);
    assert_near(p.lambda_items, p.lambda_users, 0);

    p = mf_als_defaults(
        MF_PRESET_IMPLICIT); /* what is said stays, lambda goes with it */
    p.unobserved = 2;
    p.unobserved_unit = MF_W0_DENSITY;
    p.lambda_items = .5;
    p.nu = 0;
    assert_int_equal(mf_als_settle(&p, &x, NULL), MF_OK);
    assert_near(p.unobserved, 2 * density, 1e-15);
    assert_near(p.lambda_users, .23 * sqrt(3 * c), 1e-12);
    assert_near(p.lambda_items, .5, 0);

    p = mf_als_defaults(MF_PRESET_WRMF); /* mean confidence 1 / (r density) */
    double logs = (log(2) + log(3) + log(4) + log(2) + log(2)) / 5, cbar;
    assert_int_equal(mf_als_settle(&p, &x, NULL), MF_OK);
    cbar = p.alpha * logs;
    assert_near(cbar, 1 / (r * density), 1e-7);
    assert_near(p.unobserved, 1, 0);
    assert_near(p.lambda_users, .23 * cbar * sqrt(w) / (c + 4), 1e-7);

    p = mf_als_defaults(MF_PRESET_IMPLICIT); /* linear, W0 left too: cbar is 1 */
    p.confidence = MF_CONFIDENCE_LINEAR;
    p.alpha = MF_ALS_AUTO;
    assert_int_equal(mf_als_settle(&p, &x, NULL), MF_OK);
    assert_near(p.alpha, 5 / 8., 1e-12);
    assert_near(p.unobserved, r * density, 1e-12);

    p = mf_als_defaults(MF_PRESET_EXPLICIT); /* of 1 2 3 -1 1 0: mean 1, 16 / 6 - 1 */
    assert_int_equal(mf_als_settle(&p, &x, NULL), MF_OK);
    assert_near(p.lambda_users, .14 * sqrt(10 / 6.), 1e-12);
    assert_near(p.unobserved, 0, 0);

    p.unobserved = MF_ALS_AUTO;
    assert_int_equal(mf_als_check(&p, NULL), MF_EINVAL);
    p = mf_als_defaults(MF_PRESET_STUDY);
    p.lambda_users = MF_ALS_AUTO;
    assert_int_equal(mf_als_check(&p, NULL), MF_EINVAL);
    mf_csr_free(&x);
}

static void training_in_units_of_density_has_the_bits_of_the_plain_number(void **state)
{
    (void)state;
    mf_csr x;
    aid_mixed_cells(&x, 19, 14, 3);
    for (int preset = 0; preset < AID_PRESETS; preset++) {
        mf_als_params p = aid_params((mf_preset)preset, 2, .4), plain = p;
        mf_als *in_units, *in_numbers;
        p.unobserved = plain.unobserved = .7;
        p.unobserved_unit = plain.unobserved_unit = MF_W0_DENSITY;
        assert_int_equal(mf_als_settle(&plain, &x, NULL), MF_OK);
        aid_train(&in_units, &x, &p);
        aid_train(&in_numbers, &x, &plain);
        assert_memory_equal(mf_als_users(in_units)->data,
                            mf_als_users(in_numbers)->data,
                            sizeof(float) * 19 * 2 * p.k);
        assert_memory_equal(mf_als_items(in_units)->data,
                            mf_als_items(in_numbers)->data, sizeof(float) * 14 * p.k);
        mf_als_close(in_units);
        mf_als_close(in_numbers);
    }
    mf_csr_free(&x);
}

static void what_has_no_cells_to_count_is_refused(void **state)
{
    (void)state;
    mf_tensor items;
    mf_fold_in *fold;
    mf_err err = {0};
    mf_als_params p = aid_params(MF_PRESET_IMPLICIT, 1, 1);
    assert_int_equal(mf_tensor_alloc(&items, 4, 1, p.k, NULL), MF_OK);
    p.unobserved_unit = MF_W0_DENSITY;
    assert_int_equal(mf_fold_in_open(&fold, &items, &p, 0, &err), MF_EINVAL);
    assert_non_null(strstr(err.text, "is left to the training cells"));
    err = (mf_err){0};
    p.unobserved_unit = (mf_w0_unit)7;
    assert_int_equal(mf_als_check(&p, &err), MF_EINVAL);
    assert_non_null(strstr(err.text, "unobserved: its unit 7 is not known"));
    mf_tensor_free(&items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_to_the_cells_is_found),
        cmocka_unit_test(density_is_that_of_rows_and_columns_with_cells),
        cmocka_unit_test(training_in_units_of_density_has_the_bits_of_the_plain_number),
        cmocka_unit_test(what_has_no_cells_to_count_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
