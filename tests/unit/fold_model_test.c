/* mf/fold_model.h, by public headers alone: a stored model places a new user as training
 * placed one of the same cells. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "als_aid.h"
#include "mf/mf.h"
#include "near.h"

enum { USERS = 12, ITEMS = 9, K = 3 };

/* Lines `user TAB item TAB value`: user u has the items i of (u + i) % 3 = 0. */
static FILE *write_cells(void)
{
    FILE *f = tmpfile();
    assert_non_null(f);
    for (int u = 0; u < USERS; u++)
        for (int i = 0; i < ITEMS; i++)
            if ((u + i) % 3 == 0)
                fprintf(f, "u%02d\ti%d\t%d\n", u, i, 1 + (u * i) % 5);
    rewind(f);
    return f;
}

/* A bundle of the cells. */
static FILE *convert(void)
{
    FILE *cells = write_cells(), *bundle = tmpfile();
    mf_convert_input input = {0};
    mf_out *out;
    mf_err err = {0};
    mf_convert_from_params params = mf_convert_from_defaults();
    assert_non_null(bundle);
    assert_int_equal(mf_lines_open(&input.text, fileno(cells), "cells", &err), MF_OK);
    assert_int_equal(mf_out_open(&out, fileno(bundle), "bundle", &err), MF_OK);
    if (mf_convert_from_run(&input, out, &params, NULL, &err) < 0 ||
        mf_out_flush(out, &err) < 0)
        fail_msg("%s", err.text);
    mf_out_close(out);
    mf_lines_close(input.text);
    fclose(cells);
    rewind(bundle);
    return bundle;
}

static void train(mf_model *model, const mf_als_params *als)
{
    FILE *bundle = convert(), *trained = tmpfile();
    mf_in *in;
    mf_out *out;
    mf_err err = {0};
    mf_train_params params = mf_train_defaults(als->preset);
    assert_non_null(trained);
    params.als = *als;
    assert_int_equal(mf_in_open(&in, fileno(bundle), "bundle", &err), MF_OK);
    assert_int_equal(mf_out_open(&out, fileno(trained), "trained", &err), MF_OK);
    if (mf_train_run(in, out, &params, &err) < 0 || mf_out_flush(out, &err) < 0)
        fail_msg("%s", err.text);
    mf_in_close(in);
    mf_out_close(out);
    rewind(trained);
    assert_int_equal(mf_in_open(&in, fileno(trained), "trained", &err), MF_OK);
    if (mf_model_load(model, in, MF_WANT_RATINGS | MF_WANT_FACTORS, NULL, NULL, &err) <
        0)
        fail_msg("%s", err.text);
    mf_in_close(in);
    fclose(bundle);
    fclose(trained);
}

static void check_user(const mf_model *m, const mf_fold_in *fold, mf_fold_work *work,
                       uint32_t u, bool wide)
{
    const mf_csr *x = &m->ratings.x;
    size_t begin = x->ptr[u], n = x->ptr[u + 1] - begin;
    float vectors[3 * K];
    uint8_t z[ITEMS] = {0};
    if (m->z)
        memcpy(z, m->z + m->zptr[u], n);
    mf_fold_user user = {.n = n,
                         .item = x->col + begin,
                         .value = x->val + begin,
                         .vectors = vectors,
                         .z = z,
                         .bias = m->users.bias ? m->users.bias[u] : 0};
    assert_int_equal(mf_als_fold_in_given(fold, work, &user, NULL), MF_OK);
    const float *trained = mf_tensor_at(&m->users, u, 0);
    if (!wide)
        assert_memory_equal(vectors, trained, m->users.personas * K * sizeof *vectors);
    for (uint32_t f = 0; f < m->users.personas * K; f++)
        assert_near(vectors[f], trained[f], 1e-5);
}

/* With the personas of training: all that the solution depends on was read from the card.
 * To the bit, but for conjugate gradients: there training ends in the eigenbasis of V'V,
 * and what is folded in finds that basis again, up to rounding. */
static void a_stored_model_places_users_as_training_did(void **state)
{
    (void)state;
    /* the presets, then those that can with items that weigh by popularity */
    for (int i = 0, preset = 0; i < 6; i++, preset = i % 4)
        for (uint32_t p = 1; p <= 3; p += 2) {
            mf_model model;
            mf_fold_in *fold;
            mf_fold_work *work;
            mf_als_params params = aid_numbers((mf_preset)preset);
            params.k = K;
            params.personas = p;
            params.overlap = .3;
            params.lambda_users *= 1.5;
            params.unobserved *= preset == MF_PRESET_EXPLICIT ? 0 : .7;
            params.nu = .8;
            params.popularity = i < 4 ? 0 : .7;
            if (preset == MF_PRESET_IMPLICIT)
                params.solver = MF_SOLVER_CG;
            params.steps = 2;
            if (preset == MF_PRESET_WRMF) {
                params.confidence = MF_CONFIDENCE_LOG;
                params.eps = 2;
            }
            train(&model, &params);
            assert_true((model.items.weight != NULL) == (i >= 4));
            assert_int_equal(mf_model_fold_open(&fold, &model, "m", 1, NULL), MF_OK);
            assert_int_equal(mf_fold_work_open(&work, fold, NULL), MF_OK);
            for (uint32_t u = 0; u < USERS; u++)
                check_user(&model, fold, work, u, params.solver == MF_SOLVER_CG);
            mf_fold_work_close(work);
            mf_fold_in_close(fold);
            mf_model_free(&model);
        }
}

static void a_model_without_factors_is_refused(void **state)
{
    (void)state;
    mf_model model;
    mf_fold_in *fold;
    mf_err err = {0};
    FILE *bundle = convert();
    mf_in *in;
    assert_int_equal(mf_in_open(&in, fileno(bundle), "bundle", NULL), MF_OK);
    assert_int_equal(mf_model_load(&model, in, MF_WANT_RATINGS, NULL, NULL, NULL),
                     MF_OK);
    assert_int_equal(mf_model_fold_open(&fold, &model, "m.mf", 1, &err), MF_EFORMAT);
    assert_null(fold);
    assert_non_null(strstr(err.text, "m.mf: "));
    mf_model_free(&model);
    mf_in_close(in);
    fclose(bundle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stored_model_places_users_as_training_did),
        cmocka_unit_test(a_model_without_factors_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
