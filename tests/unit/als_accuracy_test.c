/* Scores of float systems against those of the same systems solved in double. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "als/context.h"
#include "als_aid.h"
#include "base/mem.h"
#include "base/rng.h"

enum { USERS = 400, ITEMS = 150, GROUPS = 6, K = 21 };

/* Users who each have one of six tastes, with 2 to 60 cells; counts of up to
 * `largest`. */
static void draw_cells(mf_csr *x, uint32_t largest)
{
    uint32_t *row = mf__new(USERS * 60, sizeof *row),
             *col = mf__new(USERS * 60, sizeof *col);
    float *val = mf__new(USERS * 60, sizeof *val);
    uint8_t *has = mf__new0((size_t)USERS * ITEMS, 1);
    size_t n = 0;
    mf_rng rng = mf__rng_make(3, MF_STREAM_TEST, 0);
    assert_true(row && col && val && has);
    for (uint32_t u = 0; u < USERS; u++) {
        uint32_t cells = 2 + mf__rng_below(&rng, 59);
        for (uint32_t c = 0; c < cells; c++) {
            uint32_t i = mf__rng_below(&rng, ITEMS);
            if (mf__rng_uniform(&rng) < .7)
                i = i / GROUPS * GROUPS + u % GROUPS;
            if (has[u * ITEMS + i])
                continue;
            has[u * ITEMS + i] = 1;
            row[n] = u;
            col[n] = i;
            val[n++] = (float)(1 + mf__rng_below(&rng, largest));
        }
    }
    assert_int_equal(mf_csr_from_triplets(x, USERS, ITEMS, n, row, col, val, NULL),
                     MF_OK);
    free(row);
    free(col);
    free(val);
    free(has);
}

/* The largest |difference| of two vectors' scores over items, as a share of the largest
 * |score|. */
static double compare_in(const mf_tensor *items, const float *got,
                         const mf_tensor *others, const float *want)
{
    double largest = 1e-30, difference = 0;
    for (uint32_t i = 0; i < items->n; i++) {
        double a = 0, b = 0;
        for (uint32_t f = 0; f < items->k; f++) {
            a += (double)mf_tensor_at(items, i, 0)[f] * (double)got[f];
            b += (double)mf_tensor_at(others, i, 0)[f] * (double)want[f];
        }
        largest = fmax(largest, fabs(b));
        difference = fmax(difference, fabs(a - b));
    }
    return difference / largest;
}

static double compare(const mf_tensor *items, const float *got, const float *want)
{
    return compare_in(items, got, items, want);
}

static void check_users(mf_als *als, double most)
{
    mf_ridge ridge;
    float want[K], got[K];
    als_view view = mf__als_view_of(als);
    assert_int_equal(mf__ridge_alloc(&ridge, K, NULL), MF_OK);
    for (uint32_t u = 0; u < USERS; u++)
        for (uint32_t q = 0; q < view.personas; q++) {
            als_row row = mf__als_row_of(als, u);
            float *vector = row.vectors + q * K;
            memcpy(got, vector, sizeof got);
            assert_int_equal(mf__als_row_solve(&view, &row, q, &ridge), MF_OK);
            memcpy(want, vector, sizeof want);
            memcpy(vector, got, sizeof got);
            double error = compare(&als->items, got, want);
            if (!(error <= most))
                fail_msg("user %u, %zu cells, lambda %g: off by %.3g", u, row.n,
                         als->p.lambda_users, error);
        }
    mf__ridge_free(&ridge);
}

static void check(mf_als_params p, uint32_t largest, double most)
{
    static const double lambdas[] = {.001, .01, .1, 1, 100};
    mf_csr train;
    draw_cells(&train, largest);
    p.k = K;
    p.threads = 1;
    p.iterations = 4;
    p.warmup = 2;
    for (size_t l = 0; l < 5; l++)
        for (p.personas = 1; p.personas <= 3; p.personas += 2) {
            mf_als *als;
            mf_err err = {0};
            p.lambda_users = p.lambda_items = lambdas[l];
            assert_int_equal(mf_als_open(&als, &train, NULL, &p, &err), MF_OK);
            assert_int_equal(mf_als_run(als, NULL, NULL, &err), MF_OK);
            check_users(als, most);
            mf_als_close(als);
        }
    mf_csr_free(&train);
}

static void scores_agree_with_double_to_a_hundred_thousandth(void **state)
{
    (void)state;
    for (int preset = 0; preset < 4; preset++)
        for (int scaled = 0; scaled < 2; scaled++) {
            mf_als_params p = aid_numbers((mf_preset)preset);
            p.nu = scaled;
            check(p, 5, 1e-5);
        }
}

static void every_solver_does(void **state)
{
    (void)state;
    for (int solver = 0; solver <= MF_SOLVER_CG; solver++) {
        mf_als_params p = aid_numbers(MF_PRESET_IMPLICIT);
        p.solver = (mf_solver)solver;
        p.steps = 3; /* training ends on an exact solution all the same */
        check(p, 5, 1e-5);
    }
}

static void great_counts_do_not_spoil_it(void **state)
{
    (void)state; /* weights from 40 to 12 million, and lambda from 0.001 */
    check(aid_numbers(MF_PRESET_WRMF), 300000, 4e-5);
}

static void every_level_does(void **state)
{
    (void)state;
    for (int i = 0; mf__kernel_names[i]; i++) {
        if (!mf__kernel_find(mf__kernel_names[i]))
            continue;
        assert_int_equal(setenv("MF_KERNEL", mf__kernel_names[i], 1), 0);
        check(aid_numbers(MF_PRESET_IMPLICIT), 5, 1e-5);
        check(aid_numbers(MF_PRESET_STUDY), 5, 1e-5);
    }
    assert_int_equal(unsetenv("MF_KERNEL"), 0);
}

static void few_steps_come_near_and_more_nearer(void **state)
{
    (void)state;
    mf_csr train;
    mf_als *als;
    draw_cells(&train, 5);
    double error[3];
    for (uint32_t i = 0; i < 3; i++) {
        mf_als_params p = aid_numbers(MF_PRESET_IMPLICIT);
        p.k = K;
        p.personas = 1;
        p.threads = 1;
        p.solver = MF_SOLVER_CG;
        p.steps = 1 + 2 * i;
        assert_int_equal(mf_als_open(&als, &train, NULL, &p, NULL), MF_OK);
        assert_int_equal(mf_als_begin(als, NULL, NULL, NULL), MF_OK);
        assert_int_equal(mf_als_sweep(als, NULL, NULL, NULL), MF_OK);
        float *steps = mf__new(USERS * K, sizeof *steps);
        assert_non_null(steps);
        memcpy(steps, als->users.data, USERS * K * sizeof *steps);
        mf_tensor items; /* the end turns both sides into another basis */
        assert_int_equal(mf_tensor_alloc(&items, als->items.n, 1, K, NULL), MF_OK);
        memcpy(items.data, als->items.data, (size_t)items.n * K * sizeof *steps);
        assert_int_equal(mf_als_finish(als, NULL, NULL, NULL), MF_OK);
        error[i] = 0;
        for (uint32_t u = 0; u < USERS; u++)
            error[i] = fmax(error[i], compare_in(&items, steps + u * K, &als->items,
                                                 mf_tensor_at(&als->users, u, 0)));
        mf_tensor_free(&items);
        free(steps);
        mf_als_close(als);
    }
    mf_csr_free(&train);
    assert_true(error[0] > error[1] && error[1] > error[2]);
    assert_true(error[0] > 1e-5 && error[2] < .05);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_agree_with_double_to_a_hundred_thousandth),
        cmocka_unit_test(every_solver_does),
        cmocka_unit_test(every_level_does),
        cmocka_unit_test(great_counts_do_not_spoil_it),
        cmocka_unit_test(few_steps_come_near_and_more_nearer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
