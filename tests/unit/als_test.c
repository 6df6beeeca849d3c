/* Persona ALS against the dense oracle: mf/als.h. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "als/bias.h"
#include "als/context.h"
#include "als_aid.h"
#include "als_check.h"
#include "als_oracle.h"
#include "base/rng.h"
#include "math/linalg.h"
#include "mf/als.h"

static void check_problem(const mf_als_params *params, uint64_t seed, bool dislikes)
{
    mf_csr train;
    aid_cells(&train, 19, 14, seed, dislikes);
    check_cells(params, &train);
    mf_csr_free(&train);
}

static void every_step_agrees_with_the_oracle_and_loss_never_rises(void **state)
{
    (void)state;
    static const double overlaps[] = {0, .3, .5, 1};
    for (int preset = 0; preset < AID_PRESETS; preset++)
        for (uint32_t p = 1; p <= 4; p++)
            for (size_t w = 0; w < 4; w++)
                for (int init = 0; init < 2; init++) {
                    mf_als_params params =
                        aid_params((mf_preset)preset, p, overlaps[w]);
                    params.init = (mf_init)init;
                    check_problem(&params, 7 * p + w, false);
                }
}

/* Every preset, with 1 to 4 personas, three overlaps and six ways. */
static void each_problem(void (*check)(mf_als_params p, int how, uint64_t seed))
{
    static const double overlaps[] = {0, .4, 1};
    for (int preset = 0; preset < AID_PRESETS; preset++)
        for (uint32_t p = 1; p <= 4; p++)
            for (size_t w = 0; w < 3; w++)
                for (int how = 0; how < 6; how++) {
                    mf_als_params params =
                        aid_params((mf_preset)preset, p, overlaps[w]);
                    params.init = (mf_init)(how & 1);
                    check(params, how, 5 * p + w);
                }
}

static void check_steps(mf_als_params params, int how, uint64_t seed)
{
    mf_csr train;
    params.solver = MF_SOLVER_CG;
    params.steps = 200;
    params.bias &= how < 4;
    if (how >= 2 && params.preset <= MF_PRESET_WRMF) {
        params.confidence = MF_CONFIDENCE_LINEAR;
        params.alpha = 1.5;
    }
    if (how & 2)
        aid_mixed_cells(&train, 19, 14, seed);
    else
        aid_cells(&train, 19, 14, seed, false);
    check_cells(&params, &train);
    params.steps = 1;
    check_losses(&params, &train);
    mf_csr_free(&train);
}

/* By conjugate gradients on both sides: as many steps as it takes agree with the oracle,
 * and one step lowers L. */
static void steps_of_conjugate_gradients_do_too(void **state)
{
    (void)state;
    each_problem(check_steps);
}

/* Without and with a confidence, where the preset may have one. */
static void check_mixed(mf_als_params params, int how, uint64_t seed)
{
    mf_csr train;
    params.shrink = how & 1 ? 4 : 0;
    params.persona_cells = how & 2 ? 2 : 0;
    params.bias &= how < 2;
    if (how >= 2 && params.preset <= MF_PRESET_WRMF) {
        params.confidence = how < 4 ? MF_CONFIDENCE_LINEAR : MF_CONFIDENCE_LOG;
        params.alpha = 1.5;
        params.eps = .5;
    }
    aid_mixed_cells(&train, 19, 14, seed);
    check_cells(&params, &train);
    mf_csr_free(&train);
}

static void zeros_and_dislikes_agree_in_every_preset(void **state)
{
    (void)state;
    each_problem(check_mixed);
}

static void users_with_few_cells_share_more(void **state)
{
    (void)state;
    static const double shrinks[] = {0, .5, 20};
    for (int preset = 0; preset < AID_PRESETS; preset++)
        for (size_t s = 0; s < 3; s++) {
            mf_als_params params = aid_params((mf_preset)preset, 3, .3);
            params.shrink = shrinks[s];
            check_problem(&params, 17, false);
            params.persona_cells = 3; /* parts of one, two and three */
            check_problem(&params, 17, false);
        }
}

static void other_weights_and_exponents_agree_too(void **state)
{
    (void)state;
    for (int preset = 0; preset < AID_PRESETS; preset++) {
        mf_als_params params = aid_params((mf_preset)preset, 3, .4);
        params.unobserved = .37;
        params.nu = .5;
        params.lambda_users = .2;
        params.lambda_items = .7;
        params.lambda_bias = .3;
        check_problem(&params, 5, false);
    }
}

static void the_largest_score_may_choose_the_persona(void **state)
{
    (void)state;
    for (int preset = 0; preset < AID_PRESETS; preset++) {
        mf_als_params params = aid_params((mf_preset)preset, 3, .4);
        params.assign = MF_ASSIGN_MAX;
        check_problem(&params, 6, false);
        check_problem(&params, 6, true);
    }
}

static void confidences_of_both_kinds_agree(void **state)
{
    (void)state;
    static const mf_preset presets[] = {MF_PRESET_WRMF, MF_PRESET_IMPLICIT};
    for (int i = 0; i < 2; i++)
        for (int kind = MF_CONFIDENCE_LINEAR; kind <= MF_CONFIDENCE_LOG; kind++) {
            mf_als_params params = aid_params(presets[i], 3, .5);
            params.confidence = (mf_confidence)kind;
            params.alpha = kind == MF_CONFIDENCE_LINEAR ? 3.5 : 40;
            params.eps = .25;
            check_problem(&params, 8, false);
        }
}

static void great_confidences_do_not_spoil_the_rest(void **state)
{
    (void)state;
    mf_als_params params = aid_params(MF_PRESET_WRMF, 2, .5);
    params.alpha = 1e7;
    check_problem(&params, 4, false);
}

static void explicit_agrees_without_biases(void **state)
{
    (void)state;
    mf_als_params params = aid_params(MF_PRESET_EXPLICIT, 2, .3);
    params.bias = false;
    check_problem(&params, 4, true);
}

/* Hu, Koren, Volinsky 2008, as they write it: with C the diagonal of 1 + c_ui
 * and p the row of ones where the user likes an item, x = (V'CV + lambda I)^-1 V'Cp. A value
 * of 0 has p = 0 and c = 0. */
static void wrmf_users_are_those_of_the_normal_equations(void **state)
{
    (void)state;
    enum { N = 14, K = 5 };
    mf_csr train;
    mf_als *als;
    aid_mixed_cells(&train, 19, N, 21);
    mf_als_params params = aid_params(MF_PRESET_WRMF, 1, 1);
    params.lambda_users = 2;
    aid_train(&als, &train, &params);
    const mf_tensor *items = mf_als_items(als), *users = mf_als_users(als);
    for (uint32_t u = 1; u < train.rows; u++) {
        double c[N], p[N] = {0};
        for (int i = 0; i < N; i++)
            c[i] = 1;
        for (size_t t = train.ptr[u]; t < train.ptr[u + 1]; t++) {
            c[train.col[t]] = 1 + 40 * fabs((double)train.val[t]);
            p[train.col[t]] = train.val[t] > 0;
        }
        /* (V'CV + lambda I) x - V'Cp = 0 for the x that training gave */
        for (uint32_t f = 0; f < K; f++) {
            double left = 2 * (double)mf_tensor_at(users, u, 0)[f], right = 0;
            for (uint32_t i = 0; i < N; i++) {
                double s = 0, v = (double)mf_tensor_at(items, i, 0)[f];
                for (uint32_t g = 0; g < K; g++)
                    s += (double)mf_tensor_at(items, i, 0)[g] *
                         (double)mf_tensor_at(users, u, 0)[g];
                left += v * c[i] * s;
                right += v * c[i] * p[i];
            }
            check_close(left, right, 100, "normal equation");
        }
    }
    mf_als_close(als);
    mf_csr_free(&train);
}

static void dislikes_are_fitted_by_the_study_preset(void **state)
{
    (void)state;
    mf_als_params params = aid_params(MF_PRESET_STUDY, 2, .25);
    check_problem(&params, 11, true);
}

static bool same_floats(const mf_tensor *a, const mf_tensor *b)
{
    size_t n = (size_t)a->n * a->personas * a->k;
    return a->n == b->n && a->personas == b->personas && a->k == b->k &&
           memcmp(a->data, b->data, n * sizeof *a->data) == 0;
}

static void one_persona_does_not_depend_on_the_overlap(void **state)
{
    (void)state;
    mf_csr train;
    mf_als *one, *other;
    aid_cells(&train, 19, 14, 3, false);
    mf_als_params params = aid_params(MF_PRESET_IMPLICIT, 1, 0);
    aid_train(&one, &train, &params);
    params.overlap = .8;
    aid_train(&other, &train, &params);
    assert_true(same_floats(mf_als_users(one), mf_als_users(other)));
    assert_true(same_floats(mf_als_items(one), mf_als_items(other)));
    mf_als_close(one);
    mf_als_close(other);
    mf_csr_free(&train);
}

static void full_overlap_is_plain_als_p_times_over(void **state)
{
    (void)state;
    mf_csr train;
    mf_als *plain, *personas;
    aid_cells(&train, 19, 14, 3, false);
    mf_als_params params = aid_params(MF_PRESET_IMPLICIT, 1, 1);
    params.init = MF_INIT_GAUSSIAN;
    aid_train(&plain, &train, &params);
    params.personas = 3;
    aid_train(&personas, &train, &params);
    for (uint32_t u = 0; u < train.rows; u++)
        for (uint32_t q = 0; q < 3; q++)
            for (uint32_t f = 0; f < params.k; f++)
                check_close((double)mf_tensor_at(mf_als_users(personas), u, q)[f],
                            (double)mf_tensor_at(mf_als_users(plain), u, 0)[f], 1,
                            "persona");
    mf_als_close(plain);
    mf_als_close(personas);
    mf_csr_free(&train);
}

static bool same_biases(const mf_tensor *a, const mf_tensor *b)
{
    return (!a->bias && !b->bias) ||
           memcmp(a->bias, b->bias, a->n * sizeof *a->bias) == 0;
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    static const int threads[] = {2, 3, 8};
    mf_csr train;
    aid_cells(&train, 23, 20, 9, false);
    for (int way = 0; way < 2 * AID_PRESETS; way++) {
        mf_als *one, *other;
        mf_als_params params = aid_params((mf_preset)(way / 2), 3, .5);
        params.solver = way % 2 ? MF_SOLVER_CG : MF_SOLVER_AUTO;
        params.steps = 2;
        params.iterations = 4; /* waiting threads are slow on a busy machine */
        params.warmup = 2;
        aid_train(&one, &train, &params);
        for (size_t i = 0; i < 3; i++) {
            params.threads = threads[i];
            aid_train(&other, &train, &params);
            assert_true(same_floats(mf_als_users(one), mf_als_users(other)));
            assert_true(same_floats(mf_als_items(one), mf_als_items(other)));
            assert_true(same_biases(mf_als_users(one), mf_als_users(other)));
            assert_true(same_biases(mf_als_items(one), mf_als_items(other)));
            assert_memory_equal(mf_als_personas(one), mf_als_personas(other),
                                train.nnz);
            mf_als_close(other);
        }
        mf_als_close(one);
    }
    mf_csr_free(&train);
}

/* A measure derives the next z, which holds unless something changes after it. */
static void measures_change_no_bit(void **state)
{
    (void)state;
    mf_csr train;
    mf_als_state measured;
    aid_cells(&train, 23, 20, 9, false);
    for (int preset = 0; preset < AID_PRESETS; preset++) {
        mf_als *als[2];
        mf_als_params params = aid_params((mf_preset)preset, 3, .5);
        double moved[2];
        aid_train(&als[0], &train, &params);
        aid_train(&als[1], &train, &params);
        for (int step = 0; step < 6; step++) {
            for (size_t i = 0; i < 2; i++) {
                assert_true(i || mf_als_measure(als[i], &measured, NULL) == MF_OK);
                if (step % 3 == 1) /* and z is not set */
                    assert_int_equal(mf_als_solve_items(als[i], NULL), MF_OK);
                mf_als_assign(als[i], &moved[i]);
                assert_int_equal(mf_als_solve_items(als[i], NULL), MF_OK);
                assert_true(i || mf_als_measure(als[i], &measured, NULL) == MF_OK);
                assert_int_equal(mf_als_solve_users(als[i], NULL), MF_OK);
            }
            assert_float_equal(moved[0], moved[1], 0);
            assert_memory_equal(mf_als_personas(als[0]), mf_als_personas(als[1]),
                                train.nnz);
            assert_true(same_floats(mf_als_items(als[0]), mf_als_items(als[1])));
        }
        mf_als_close(als[0]);
        mf_als_close(als[1]);
    }
    mf_csr_free(&train);
}

static void rows_without_cells_are_zero_vectors(void **state)
{
    (void)state;
    mf_csr train;
    mf_als *als;
    aid_cells(&train, 19, 14, 3, false);
    for (int preset = 0; preset < AID_PRESETS; preset++) {
        mf_als_params params = aid_params((mf_preset)preset, 2, .5);
        aid_train(&als, &train, &params);
        for (uint32_t f = 0; f < params.k; f++) {
            assert_true(mf_tensor_at(mf_als_users(als), 0, 0)[f] == 0);
            assert_true(mf_tensor_at(mf_als_users(als), 0, 1)[f] == 0);
            assert_true(mf_tensor_at(mf_als_items(als), 1, 0)[f] == 0);
        }
        if (params.bias)
            assert_true(mf_als_users(als)->bias[0] == 0 &&
                        mf_als_items(als)->bias[1] == 0);
        mf_als_close(als);
    }
    mf_csr_free(&train);
}

/* With omega = 0 and w0 = 0, nothing determines a persona without a cell of its own. */
static void a_persona_of_weight_zero_is_the_zero_vector(void **state)
{
    (void)state;
    mf_csr train;
    mf_als *als;
    aid_cells(&train, 19, 14, 3, false);
    mf_als_params params = aid_params(MF_PRESET_EXPLICIT, 5, 0);
    params.lambda_users = 0; /* so that no ridge determines it either */
    params.k = 1;
    aid_train(&als, &train, &params);
    uint32_t idle = 0;
    for (uint32_t u = 0; u < train.rows; u++)
        for (uint32_t q = 0; q < 5; q++) {
            bool owns = false;
            for (size_t t = train.ptr[u]; t < train.ptr[u + 1]; t++)
                owns |= mf_als_personas(als)[t] == q;
            if (!owns) {
                idle++;
                assert_true(mf_tensor_at(mf_als_users(als), u, q)[0] == 0);
            }
        }
    assert_true(idle > 5); /* more than the five of user 0 */
    mf_als_close(als);
    mf_csr_free(&train);
}

static void edge_shapes_have_defined_results(void **state)
{
    (void)state;
    const uint32_t zero[] = {0, 0}, both[] = {0, 1};
    const float value[] = {1, 3};
    static const uint32_t shapes[][3] = {{0, 0, 0}, {1, 1, 0}, {1, 1, 1}, {3, 0, 0},
                                         {0, 3, 0}, {1, 2, 2}, {2, 1, 2}};
    for (size_t s = 0; s < 7; s++)
        for (int preset = 0; preset < AID_PRESETS; preset++) {
            mf_csr train;
            mf_als *als;
            mf_als_state now;
            bool one_user = shapes[s][0] == 1;
            assert_int_equal(mf_csr_from_triplets(&train, shapes[s][0], shapes[s][1],
                                                  shapes[s][2], one_user ? zero : both,
                                                  one_user ? both : zero, value, NULL),
                             MF_OK);
            mf_als_params params = aid_params((mf_preset)preset, 3, .5); /* k > n */
            aid_train(&als, &train, &params);
            for (size_t i = 0; i < (size_t)shapes[s][0] * 3 * params.k; i++)
                assert_true(isfinite(mf_als_users(als)->data[i]));
            for (size_t i = 0; i < (size_t)shapes[s][1] * params.k; i++)
                assert_true(isfinite(mf_als_items(als)->data[i]));
            assert_int_equal(mf_als_measure(als, &now, NULL), MF_OK);
            assert_true(isfinite(now.loss) && isnan(now.rmse) == (train.nnz == 0));
            mf_als_close(als);
            mf_csr_free(&train);
        }
}

static void a_singular_system_is_an_error(void **state)
{
    (void)state;
    mf_csr train;
    mf_als *als;
    mf_err err = {0};
    aid_cells(&train, 19, 3, 3, false); /* fewer items than factors */
    mf_als_params params = aid_params(MF_PRESET_STUDY, 1, 1);
    params.lambda_users = params.lambda_items = 0;
    params.k = 8;
    assert_int_equal(mf_als_open(&als, &train, NULL, &params, &err), MF_OK);
    int code = mf_als_run(als, NULL, NULL, &err);
    assert_true(code == MF_EMATH || code == MF_OK); /* rounding may save it, */
    for (size_t i = 0; i < (size_t)train.rows * params.k; i++)
        assert_true(code == MF_EMATH ||
                    isfinite(mf_als_users(als)->data[i])); /* but cleanly */
    mf_als_close(als);
    mf_csr_free(&train);
}

static void parameters_out_of_range_are_refused(void **state)
{
    (void)state;
    mf_als_params params = mf_als_defaults(MF_PRESET_IMPLICIT);
    assert_int_equal(mf_als_check(&params, NULL), MF_OK);
    params.overlap = 1.5;
    assert_int_equal(mf_als_check(&params, NULL), MF_EINVAL);
    params = mf_als_defaults(MF_PRESET_IMPLICIT);
    params.lambda_items = NAN;
    assert_int_equal(mf_als_check(&params, NULL), MF_EINVAL);
    params = mf_als_defaults(MF_PRESET_STUDY);
    assert_int_equal(mf_als_check(&params, NULL), MF_OK);
    params.unobserved = 0;
    assert_int_equal(mf_als_check(&params, NULL), MF_EINVAL);
    params = mf_als_defaults(MF_PRESET_WRMF);
    assert_int_equal(mf_als_check(&params, NULL), MF_OK);
    params.confidence = MF_CONFIDENCE_NONE;
    assert_int_equal(mf_als_check(&params, NULL), MF_EINVAL);
    params.confidence = MF_CONFIDENCE_LOG;
    params.eps = 0;
    assert_int_equal(mf_als_check(&params, NULL), MF_EINVAL);
    params = mf_als_defaults(MF_PRESET_EXPLICIT);
    assert_int_equal(mf_als_check(&params, NULL), MF_OK);
    params.confidence = MF_CONFIDENCE_LINEAR;
    params.alpha = 1;
    assert_int_equal(mf_als_check(&params, NULL), MF_EINVAL);
    params = mf_als_defaults(MF_PRESET_STUDY);
    params.bias = true;
    assert_int_equal(mf_als_check(&params, NULL), MF_EINVAL);
    params = mf_als_defaults(MF_PRESET_IMPLICIT);
    mf_err err = {0};
    params.iterations = 5;
    assert_int_equal(mf_als_check(&params, &err), MF_OK);
    params.warmup = 10;
    assert_int_equal(mf_als_check(&params, &err), MF_EINVAL);
    assert_string_equal(err.text,
                        "warmup: 10 sweeps are more than all 5; without it all are "
                        "plain");
    params.personas = 1; /* there is none */
    assert_int_equal(mf_als_check(&params, NULL), MF_OK);
    params.init = MF_INIT_MODEL;
    assert_int_equal(mf_als_check(&params, NULL), MF_OK);
    params.personas = 2;
    params.iterations = 16;
    assert_int_equal(mf_als_check(&params, NULL), MF_EINVAL);
}

/* What the tool refuses before, and programs hear. */
static void what_is_wrong_with_parameters_is_told(void **state)
{
    (void)state;
    mf_err err = {0};
    mf_als_params params = mf_als_defaults(MF_PRESET_WRMF);
    params.alpha = 0;
    assert_int_equal(mf_als_check(&params, &err), MF_EINVAL);
    assert_string_equal(err.text, "confidence: its factor 0 is not more than 0");
    params = mf_als_defaults(MF_PRESET_WRMF);
    params.confidence = MF_CONFIDENCE_LOG;
    params.eps = -1;
    err = (mf_err){0};
    assert_int_equal(mf_als_check(&params, &err), MF_EINVAL);
    assert_string_equal(err.text, "confidence: EPS, -1, is not more than 0");
    params = mf_als_defaults(MF_PRESET_STUDY);
    params.bias = true;
    err = (mf_err){0};
    assert_int_equal(mf_als_check(&params, &err), MF_EINVAL);
    assert_string_equal(err.text, "bias: study has none, only explicit does");
}

/* With one persona, and a second run. */
static void a_warm_up_of_one_persona_changes_no_bit(void **state)
{
    (void)state;
    mf_csr train;
    mf_als *als[2];
    mf_als_params params = aid_params(MF_PRESET_IMPLICIT, 1, .5);
    params.iterations = 4;
    aid_cells(&train, 19, 14, 5, false);
    for (int i = 0; i < 2; i++) {
        params.warmup = i == 0 ? 0 : 99;
        aid_train(&als[i], &train, &params);
    }
    for (int again = 0; again < 2; again++) {
        assert_memory_equal(mf_als_users(als[0])->data, mf_als_users(als[1])->data,
                            (size_t)19 * params.k * sizeof(float));
        assert_int_equal(mf_als_run(als[1], NULL, NULL, NULL), MF_OK);
        assert_int_equal(mf_als_iteration(als[1]), 4);
    }
    mf_als_close(als[0]);
    mf_als_close(als[1]);
    mf_csr_free(&train);
}

static void a_ridge_system_with_an_infinite_diagonal_is_refused(void **state)
{
    (void)state;
    mf_ridge r;
    float x[2];
    assert_int_equal(mf__ridge_alloc(&r, 2, NULL), MF_OK);
    mf__ridge_begin(&r, NULL, 0, INFINITY);
    assert_int_equal(mf__ridge_solve(&r, x), MF_EMATH);
    mf__ridge_begin(&r, NULL, 0, -1);
    assert_int_equal(mf__ridge_solve(&r, x), MF_EMATH);
    mf__ridge_free(&r);
}

/* A sum of one square is of rank 1: what elimination leaves is rounding, and as often
 * above 0 as below. */
static void a_ridge_system_that_is_singular_but_for_rounding_is_refused(void **state)
{
    (void)state;
    mf_ridge r;
    assert_int_equal(mf__ridge_alloc(&r, 2, NULL), MF_OK);
    for (int i = 1; i <= 100; i++) {
        const float v[] = {1 / (float)i, (float)i / 7};
        float x[2];
        mf__ridge_begin(&r, NULL, 0, 0);
        mf__ridge_add(&r, v, 1);
        assert_int_equal(mf__ridge_solve(&r, x), MF_EMATH);
        mf__ridge_begin(&r, NULL, 0, 1e-9);
        mf__ridge_add(&r, v, 1);
        assert_int_equal(mf__ridge_solve(&r, x), MF_OK);
    }
    mf__ridge_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ridge_system_that_is_singular_but_for_rounding_is_refused),
        cmocka_unit_test(every_step_agrees_with_the_oracle_and_loss_never_rises),
        cmocka_unit_test(steps_of_conjugate_gradients_do_too),
        cmocka_unit_test(zeros_and_dislikes_agree_in_every_preset),
        cmocka_unit_test(users_with_few_cells_share_more),
        cmocka_unit_test(other_weights_and_exponents_agree_too),
        cmocka_unit_test(the_largest_score_may_choose_the_persona),
        cmocka_unit_test(confidences_of_both_kinds_agree),
        cmocka_unit_test(great_confidences_do_not_spoil_the_rest),
        cmocka_unit_test(explicit_agrees_without_biases),
        cmocka_unit_test(wrmf_users_are_those_of_the_normal_equations),
        cmocka_unit_test(dislikes_are_fitted_by_the_study_preset),
        cmocka_unit_test(one_persona_does_not_depend_on_the_overlap),
        cmocka_unit_test(full_overlap_is_plain_als_p_times_over),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(measures_change_no_bit),
        cmocka_unit_test(rows_without_cells_are_zero_vectors),
        cmocka_unit_test(edge_shapes_have_defined_results),
        cmocka_unit_test(a_persona_of_weight_zero_is_the_zero_vector),
        cmocka_unit_test(a_singular_system_is_an_error),
        cmocka_unit_test(parameters_out_of_range_are_refused),
        cmocka_unit_test(what_is_wrong_with_parameters_is_told),
        cmocka_unit_test(a_warm_up_of_one_persona_changes_no_bit),
        cmocka_unit_test(a_ridge_system_with_an_infinite_diagonal_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
