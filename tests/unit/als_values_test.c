/* What a value says: cells that say nothing, dislikes, and which personas are active. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "als_aid.h"

static bool same_floats(const mf_tensor *a, const mf_tensor *b)
{
    size_t n = (size_t)a->n * a->personas * a->k;
    return a->n == b->n && a->personas == b->personas && a->k == b->k &&
           memcmp(a->data, b->data, n * sizeof *a->data) == 0;
}

/* The first persona that owns a cell of user u that is liked; 0 if none does. */
static uint8_t first_active(const mf_csr *train, const uint8_t *z, uint32_t u)
{
    uint8_t first = UINT8_MAX;
    for (size_t t = train->ptr[u]; t < train->ptr[u + 1]; t++)
        if (train->val[t] > 0 && z[t] < first)
            first = z[t];
    return first == UINT8_MAX ? 0 : first;
}

static void check_left_out(const mf_als_params *params, const mf_csr *all,
                           const mf_csr *said)
{
    mf_als *with, *without;
    mf_als_state a, b;
    size_t at = 0;
    aid_train(&with, all, params);
    aid_train(&without, said, params);
    assert_true(same_floats(mf_als_users(with), mf_als_users(without)));
    assert_true(same_floats(mf_als_items(with), mf_als_items(without)));
    assert_int_equal(mf_als_measure(with, &a, NULL), MF_OK);
    assert_int_equal(mf_als_measure(without, &b, NULL), MF_OK);
    assert_true(a.loss == b.loss && a.rmse == b.rmse);
    const uint8_t *z = mf_als_personas(with);
    for (uint32_t u = 0; u < all->rows; u++) {
        for (size_t t = all->ptr[u]; t < all->ptr[u + 1]; t++)
            assert_int_equal(z[t], all->val[t] != 0 ? mf_als_personas(without)[at++]
                                                    : first_active(all, z, u));
        assert_true(mf_als_active(with, u) == mf_als_active(without, u));
    }
    mf_als_close(with);
    mf_als_close(without);
}

static void a_cell_that_says_nothing_is_as_if_it_were_not_there(void **state)
{
    (void)state;
    mf_csr all, said;
    aid_mixed_cells(&all, 19, 14, 8);
    aid_said_cells(&said, &all);
    assert_true(said.nnz < all.nnz);
    for (int preset = MF_PRESET_IMPLICIT; preset <= MF_PRESET_WRMF; preset++)
        for (uint32_t p = 1; p <= 3; p++) {
            mf_als_params params = aid_params((mf_preset)preset, p, .4);
            params.shrink = 3;
            check_left_out(&params, &all, &said);
        }
    for (size_t t = 0; t < all.nnz; t++) /* unit weights */
        all.val[t] = fabsf(all.val[t]);
    mf_csr_free(&said);
    aid_said_cells(&said, &all);
    mf_als_params params = aid_params(MF_PRESET_IMPLICIT, 3, .4);
    check_left_out(&params, &all, &said);
    mf_csr_free(&all);
    mf_csr_free(&said);
}

/* A user of likes in two personas, and of dislikes: these own what they own, but no persona
 * is active for them. */
static void a_persona_is_active_by_what_it_likes(void **state)
{
    (void)state;
    mf_csr train;
    mf_als *als;
    uint32_t quiet = 0;
    aid_mixed_cells(&train, 19, 14, 8);
    for (int preset = 0; preset < AID_PRESETS; preset++) {
        bool numbers = preset == MF_PRESET_EXPLICIT || preset == MF_PRESET_STUDY;
        mf_als_params params = aid_params((mf_preset)preset, 4, .1);
        aid_train(&als, &train, &params);
        const uint8_t *z = mf_als_personas(als);
        for (uint32_t u = 0; u < train.rows; u++) {
            uint64_t active = 0, owners = 0;
            for (size_t t = train.ptr[u]; t < train.ptr[u + 1]; t++) {
                owners |= (uint64_t)1 << z[t];
                if (numbers || train.val[t] > 0)
                    active |= (uint64_t)1 << z[t];
            }
            quiet += active && active != owners;
            assert_true(mf_als_active(als, u) == (active ? active : 15));
        }
        assert_true(numbers || mf_als_active(als, 2) == 15); /* who dislikes all */
        mf_als_close(als);
    }
    assert_true(quiet > 0);
    mf_csr_free(&train);
}

/* Saved after each sweep and taken over by another run. */
static void a_state_with_cells_that_say_nothing_can_be_taken_over(void **state)
{
    (void)state;
    mf_csr train;
    aid_mixed_cells(&train, 19, 14, 8);
    for (int preset = 0; preset < AID_PRESETS; preset++) {
        mf_als *als, *other;
        mf_als_params params = aid_params((mf_preset)preset, 3, .4);
        mf_als_factors saved = {0};
        aid_train(&als, &train, &params);
        for (int sweep = 0; sweep < 3; sweep++) {
            assert_int_equal(mf_als_save(als, &saved, NULL), MF_OK);
            assert_int_equal(mf_als_open(&other, &train, NULL, &params, NULL), MF_OK);
            assert_int_equal(mf_als_restore(other, &saved, mf_als_iteration(als), NULL),
                             MF_OK);
            assert_memory_equal(mf_als_personas(other), mf_als_personas(als),
                                train.nnz);
            assert_int_equal(mf_als_sweep(als, NULL, NULL, NULL), MF_OK);
            assert_int_equal(mf_als_sweep(other, NULL, NULL, NULL), MF_OK);
            assert_true(same_floats(mf_als_users(als), mf_als_users(other)));
            assert_true(same_floats(mf_als_items(als), mf_als_items(other)));
            assert_memory_equal(mf_als_personas(other), mf_als_personas(als),
                                train.nnz);
            mf_als_close(other);
        }
        mf_als_factors_free(&saved);
        mf_als_close(als);
    }
    mf_csr_free(&train);
}

/* What is kept of a sweep gives the same model as training that ended there, though more
 * sweeps were made before it was taken back. */
static void a_result_is_kept_and_taken_back(void **state)
{
    (void)state;
    mf_csr train;
    aid_mixed_cells(&train, 19, 14, 8);
    for (int cg = 0; cg < 2; cg++) {
        mf_als *als, *shorter;
        mf_als_params params = aid_params(MF_PRESET_IMPLICIT, 3, .4);
        mf_als_factors kept = {0};
        params.solver = cg ? MF_SOLVER_CG : MF_SOLVER_AUTO;
        params.steps = 2;
        params.warmup = 0;
        assert_int_equal(mf_als_open(&als, &train, NULL, &params, NULL), MF_OK);
        assert_int_equal(mf_als_begin(als, NULL, NULL, NULL), MF_OK);
        assert_int_equal(mf_als_sweep(als, NULL, NULL, NULL), MF_OK);
        assert_int_equal(mf_als_open(&shorter, &train, NULL, &params, NULL), MF_OK);
        assert_int_equal(mf_als_save(als, &kept, NULL), MF_OK);
        assert_int_equal(mf_als_restore(shorter, &kept, 1, NULL), MF_OK);
        assert_int_equal(mf_als_finish(shorter, NULL, NULL, NULL), MF_OK);
        assert_int_equal(mf_als_save_result(als, &kept, NULL), MF_OK);
        assert_true((kept.users.data == NULL) == (cg == 1));
        for (int sweep = 0; sweep < 2; sweep++)
            assert_int_equal(mf_als_sweep(als, NULL, NULL, NULL), MF_OK);
        assert_false(same_floats(mf_als_items(als), mf_als_items(shorter)));
        assert_int_equal(mf_als_restore(als, &kept, 1, NULL), MF_OK);
        assert_int_equal(mf_als_finish(als, NULL, NULL, NULL), MF_OK);
        assert_true(same_floats(mf_als_users(als), mf_als_users(shorter)));
        assert_true(same_floats(mf_als_items(als), mf_als_items(shorter)));
        assert_memory_equal(mf_als_personas(als), mf_als_personas(shorter), train.nnz);
        mf_als_factors_free(&kept);
        mf_als_close(als);
        mf_als_close(shorter);
    }
    mf_csr_free(&train);
}

static void one_user_of_row(mf_csr *x, size_t n, const float *value)
{
    static const uint32_t row[4] = {0}, col[] = {0, 1, 2, 3};
    assert_int_equal(mf_csr_from_triplets(x, 1, 4, n, row, col, value, NULL), MF_OK);
}

static void mu_is_the_mean_of_the_training_values(void **state)
{
    (void)state;
    mf_csr train;
    mf_als *als;
    one_user_of_row(&train, 3, (const float[]){1, 2, 6});
    mf_als_params params = aid_params(MF_PRESET_EXPLICIT, 1, 1);
    aid_train(&als, &train, &params);
    assert_true(mf_als_mu(als) == 3);
    mf_als_close(als);
    params.bias = false;
    aid_train(&als, &train, &params);
    assert_true(mf_als_mu(als) == 0 && !mf_als_users(als)->bias);
    mf_als_close(als);
    mf_csr_free(&train);
}

static void values_without_a_confidence_are_refused(void **state)
{
    (void)state;
    mf_csr train;
    mf_als *als;
    static const float bad[][2] = {{1, -1e38f}, {1, 1e38f}};
    for (int i = 0; i < 2; i++) {
        size_t cell;
        mf_err err = {0};
        one_user_of_row(&train, 2, bad[i]);
        mf_als_params params = aid_params(MF_PRESET_WRMF, 1, 1);
        assert_int_equal(mf_als_open(&als, &train, NULL, &params, &err), MF_EFORMAT);
        assert_null(als);
        assert_non_null(strstr(err.text, "e+38"));
        assert_true(mf_als_find_overflow(&params, &train, &cell) && cell == 1);
        params.preset = MF_PRESET_IMPLICIT;
        params.confidence = MF_CONFIDENCE_NONE;
        assert_false(mf_als_find_overflow(&params, &train, &cell));
        mf_csr_free(&train);
    }
}

/* k, users, items and personas, and what k becomes. */
static void factors_are_no_more_than_can_differ(void **state)
{
    (void)state;
    const uint32_t of[][5] = {{16384, 2000, 1500, 3, 1500},
                              {16384, 500, 9000, 3, 1500},
                              {16384, 500, 9000, 1, 1024},
                              {16384, 40, 30, 3, 1024},
                              {1501, 2000, 1500, 1, 1500},
                              {1500, 2000, 1500, 1, 1500},
                              {1024, 40, 30, 1, 1024},
                              {64, 40, 30, 1, 64},
                              {16384, 4000000000, 4000000000, 64, 16384}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        mf_als_params p = {.k = of[i][0], .personas = of[i][3]};
        mf_als_limit_factors(&p, &(mf_csr){.rows = of[i][1], .cols = of[i][2]});
        assert_int_equal(p.k, of[i][4]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cell_that_says_nothing_is_as_if_it_were_not_there),
        cmocka_unit_test(a_persona_is_active_by_what_it_likes),
        cmocka_unit_test(a_state_with_cells_that_say_nothing_can_be_taken_over),
        cmocka_unit_test(a_result_is_kept_and_taken_back),
        cmocka_unit_test(mu_is_the_mean_of_the_training_values),
        cmocka_unit_test(values_without_a_confidence_are_refused),
        cmocka_unit_test(factors_are_no_more_than_can_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
