/* Fold-in: mf/fold_in.h. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aid.h"
#include "als_aid.h"
#include "als_oracle.h"
#include "base/rng.h"
#include "jobs/shared/fold_model.h"
#include "mf/fold_in.h"

enum { ROOM = 64, USERS = 60, ITEMS = 24 };

/* A trained model and what folds users into it. */
typedef struct folder {
    mf_csr train;
    mf_als_params params;
    mf_als *als;
    mf_fold_in *fold;
    mf_fold_work *work;
    float vectors[ROOM];
    uint8_t z[ROOM];
} folder;

static void close_folder(folder *f)
{
    mf_fold_work_close(f->work);
    mf_fold_in_close(f->fold);
    mf_als_close(f->als);
    mf_csr_free(&f->train);
}

static void open_folder(folder *f, const mf_als_params *params)
{
    f->params = *params;
    aid_train(&f->als, &f->train, params);
    assert_int_equal(mf_fold_in_open(&f->fold, mf_als_items(f->als), params,
                                     mf_als_mu(f->als), NULL),
                     MF_OK);
    assert_int_equal(mf_fold_work_open(&f->work, f->fold, NULL), MF_OK);
}

/* Training user u as a new one. */
static mf_fold_user as_new(folder *f, uint32_t u)
{
    size_t begin = f->train.ptr[u];
    return (mf_fold_user){.n = f->train.ptr[u + 1] - begin,
                          .item = f->train.col + begin,
                          .value = f->train.val + begin,
                          .vectors = f->vectors,
                          .z = f->z};
}

static void a_training_user_with_the_same_personas_has_the_same_bits(void **state)
{
    (void)state;
    /* the presets, then those that can with items that weigh by popularity */
    for (int i = 0; i < AID_PRESETS + 2; i++)
        for (uint32_t p = 1; p <= 3; p += 2)
            for (double overlap = 0; overlap <= 1; overlap += .5) {
                folder f;
                mf_als_params params =
                    aid_params((mf_preset)(i % AID_PRESETS), p, overlap);
                params.popularity = i < AID_PRESETS ? 0 : .7;
                if (overlap == .5)
                    aid_mixed_cells(&f.train, 19, 14, 5);
                else
                    aid_cells(&f.train, 19, 14, 5, false);
                open_folder(&f, &params);
                const mf_tensor *users = mf_als_users(f.als);
                for (uint32_t u = 0; u < f.train.rows; u++) {
                    mf_fold_user user = as_new(&f, u);
                    if (user.n)
                        memcpy(f.z, mf_als_personas(f.als) + f.train.ptr[u], user.n);
                    if (params.bias)
                        user.bias = users->bias[u];
                    assert_int_equal(mf_als_fold_in_given(f.fold, f.work, &user, NULL),
                                     MF_OK);
                    assert_memory_equal(f.vectors, mf_tensor_at(users, u, 0),
                                        p * params.k * sizeof(float));
                }
                close_folder(&f);
            }
}

/* Where histories are divided after the last sweep, fold-in does what training does. */
static void a_training_user_folded_in_has_the_same_bits(void **state)
{
    (void)state;
    for (int preset = 0; preset <= MF_PRESET_WRMF; preset++)
        for (int rule = 0; rule < 2; rule++) {
            folder f;
            size_t divided = 0;
            mf_als_params params = aid_params((mf_preset)preset, 3, .3);
            params.warmup = rule ? MF_WARMUP_ALL : params.iterations;
            params.persona_cells = rule ? 3 : 0;
            params.restarts = 2;
            aid_mixed_cells(&f.train, 19, 14, 5);
            open_folder(&f, &params);
            for (uint32_t u = 0; u < f.train.rows; u++) {
                mf_fold_user user = as_new(&f, u);
                assert_int_equal(mf_als_fold_in(f.fold, f.work, &user, NULL), MF_OK);
                assert_memory_equal(f.vectors, mf_tensor_at(mf_als_users(f.als), u, 0),
                                    3 * params.k * sizeof(float));
                assert_memory_equal(f.z, mf_als_personas(f.als) + f.train.ptr[u],
                                    user.n);
                divided += user.n > 0 && mf_fold_active(f.fold, &user) > 1;
            }
            assert_true(divided > f.train.rows / 3);
            close_folder(&f);
        }
}

/* Two groups of items; each user likes items of both, but mostly those of one. */
static void planted_cells(mf_csr *x)
{
    uint32_t row[USERS * ITEMS], col[USERS * ITEMS];
    float val[USERS * ITEMS];
    size_t cells = 0;
    mf_rng rng = mf__rng_make(2, MF_STREAM_TEST, 0);
    for (uint32_t u = 0; u < USERS; u++)
        for (uint32_t i = 0; i < ITEMS; i++)
            if (mf__rng_uniform(&rng) <
                ((u < USERS / 2) == (i < ITEMS / 2) ? .7 : .25)) {
                row[cells] = u;
                col[cells] = i;
                val[cells++] = (float)(1 + mf__rng_below(&rng, 5));
            }
    assert_int_equal(mf_csr_from_triplets(x, USERS, ITEMS, cells, row, col, val, NULL),
                     MF_OK);
}

static double best(const float *vectors, const mf_tensor *items, uint32_t p, uint32_t i)
{
    double most = -INFINITY;
    for (uint32_t q = 0; q < p; q++) {
        double s = 0;
        for (uint32_t f = 0; f < items->k; f++)
            s += (double)vectors[q * items->k + f] *
                 (double)mf_tensor_at(items, i, 0)[f];
        most = fmax(most, s);
    }
    return most;
}

/* The share of pairs of items that both users put in the same order. */
static double agreement(const float *a, const float *b, const mf_tensor *items,
                        uint32_t p)
{
    double same = 0, pairs = 0;
    for (uint32_t i = 0; i < ITEMS; i++)
        for (uint32_t j = 0; j < i; j++) {
            double x = best(a, items, p, i) - best(a, items, p, j);
            double y = best(b, items, p, i) - best(b, items, p, j);
            same += x * y > 0;
            pairs++;
        }
    return same / pairs;
}

static void a_training_user_folded_in_from_nothing_ranks_nearly_alike(void **state)
{
    (void)state;
    for (int preset = 0; preset < AID_PRESETS; preset++)
        for (uint32_t p = 1; p <= 2; p++) {
            folder f;
            double sum = 0, off = 0, least = p == 1 ? .99 : .9;
            mf_als_params params = aid_params((mf_preset)preset, p, .5);
            params.iterations = 30;
            planted_cells(&f.train);
            open_folder(&f, &params);
            for (uint32_t u = 0; u < USERS; u++) {
                mf_fold_user user = as_new(&f, u);
                assert_int_equal(mf_als_fold_in(f.fold, f.work, &user, NULL), MF_OK);
                sum += agreement(f.vectors, mf_tensor_at(mf_als_users(f.als), u, 0),
                                 mf_als_items(f.als), p);
                if (params.bias) /* training alternates b_u and U, this is exact */
                    off += fabs((double)(user.bias - mf_als_users(f.als)->bias[u])) /
                           USERS;
            }
            if (sum / USERS < least || off > .1) /* of values from 1 to 5 */
                fail_msg("preset %d, p %u: agreement %g, biases off by %g", preset, p,
                         sum / USERS, off);
            close_folder(&f);
        }
}

/* The steps would change nothing: U is that of z, and no cell would move. */
static void check_fixed_point(bool mixed)
{
    for (int preset = 0; preset < AID_PRESETS; preset++) {
        folder f;
        oracle o;
        mf_als_params params = aid_params((mf_preset)preset, 3, .5);
        float again[ROOM];
        bool likes = preset == MF_PRESET_IMPLICIT || preset == MF_PRESET_WRMF;
        if (mixed)
            aid_mixed_cells(&f.train, 19, 14, 7);
        else
            aid_cells(&f.train, 19, 14, 7, false);
        open_folder(&f, &params);
        oracle_load(&o, &f.train, &params, f.als);
        for (uint32_t u = 0; u < f.train.rows; u++) {
            mf_fold_user user = as_new(&f, u);
            assert_int_equal(mf_als_fold_in(f.fold, f.work, &user, NULL), MF_OK);
            o.bu[u] = (double)user.bias;
            for (uint32_t q = 0; q < 3; q++)
                for (uint32_t g = 0; g < params.k; g++)
                    o.u[u][q][g] = (double)f.vectors[q * params.k + g];
            for (size_t t = 0; t < user.n; t++)
                for (int q = 0; q < 3 && !(likes && user.value[t] == 0); q++) {
                    double other = oracle_cost(&o, (int)u, q, (int)user.item[t]);
                    assert_true(oracle_cost(&o, (int)u, user.z[t], (int)user.item[t]) <=
                                other + 1e-4 * (1 + fabs(other)));
                }
            user.vectors = again;
            assert_int_equal(mf_als_fold_in_given(f.fold, f.work, &user, NULL), MF_OK);
            assert_memory_equal(again, f.vectors, 3 * params.k * sizeof(float));
        }
        close_folder(&f);
    }
}

static void the_result_is_a_fixed_point_of_the_steps(void **state)
{
    (void)state;
    check_fixed_point(false);
    check_fixed_point(true);
}

static void pairs_that_say_nothing_change_nothing(void **state)
{
    (void)state;
    for (int preset = MF_PRESET_IMPLICIT; preset <= MF_PRESET_WRMF; preset++) {
        folder f;
        mf_als_params params = aid_params((mf_preset)preset, 3, .5);
        aid_mixed_cells(&f.train, 19, 14, 7);
        open_folder(&f, &params);
        for (uint32_t u = 0; u < f.train.rows; u++) {
            uint32_t item[ROOM];
            float value[ROOM], vectors[ROOM];
            uint8_t z[ROOM], first = UINT8_MAX;
            mf_fold_user all = as_new(&f, u);
            mf_fold_user said = {
                .item = item, .value = value, .vectors = vectors, .z = z};
            for (size_t t = 0; t < all.n; t++)
                if (all.value[t] != 0) {
                    item[said.n] = all.item[t];
                    value[said.n++] = all.value[t];
                }
            assert_int_equal(mf_als_fold_in(f.fold, f.work, &all, NULL), MF_OK);
            assert_int_equal(mf_als_fold_in(f.fold, f.work, &said, NULL), MF_OK);
            assert_memory_equal(vectors, f.vectors, 3 * params.k * sizeof(float));
            uint64_t active = mf_fold_active(f.fold, &said), liked = 0;
            for (size_t t = 0; t < said.n; t++)
                if (value[t] > 0) {
                    liked |= (uint64_t)1 << z[t];
                    first = z[t] < first ? z[t] : first;
                }
            assert_true(active == (liked ? liked : 7));
            assert_true(mf_fold_active(f.fold, &all) == active);
            for (size_t t = 0, at = 0; t < all.n; t++)
                assert_int_equal(all.z[t], all.value[t] != 0    ? z[at++]
                                           : first == UINT8_MAX ? 0
                                                                : first);
        }
        close_folder(&f);
    }
}

static void a_user_without_pairs_is_zero_vectors_and_all_are_active(void **state)
{
    (void)state;
    for (int preset = 0; preset < AID_PRESETS; preset++) {
        folder f;
        mf_als_params params = aid_params((mf_preset)preset, 3, .5);
        aid_cells(&f.train, 19, 14, 5, false);
        open_folder(&f, &params);
        mf_fold_user user = {.vectors = f.vectors, .z = f.z, .bias = 3};
        memset(f.vectors, 1, sizeof f.vectors);
        assert_int_equal(mf_als_fold_in(f.fold, f.work, &user, NULL), MF_OK);
        for (uint32_t i = 0; i < 3 * params.k; i++)
            assert_true(f.vectors[i] == 0);
        assert_true(user.bias == 0);
        assert_int_equal(mf_fold_active(f.fold, &user), 7);
        close_folder(&f);
    }
}

static void fewer_pairs_than_personas_have_one_each_and_only_those_are_active(
    void **state)
{
    (void)state;
    folder f;
    mf_als_params params = aid_params(MF_PRESET_IMPLICIT, 4, 0);
    params.iterations = 16;
    aid_cells(&f.train, 19, 14, 5, false);
    open_folder(&f, &params);
    const uint32_t item[] = {3, 9};
    const float value[] = {1, 1};
    mf_fold_user user = {
        .n = 2, .item = item, .value = value, .vectors = f.vectors, .z = f.z};
    assert_int_equal(mf_als_fold_in(f.fold, f.work, &user, NULL), MF_OK);
    uint64_t active = mf_fold_active(f.fold, &user);
    assert_true(active == ((uint64_t)1 << f.z[0] | (uint64_t)1 << f.z[1]));
    assert_true((active & 3) != 0 && (active >> 4) == 0);
    close_folder(&f);
}

static void the_result_does_not_depend_on_earlier_users(void **state)
{
    (void)state;
    folder f;
    float first[ROOM];
    mf_fold_work *fresh;
    mf_als_params params = aid_params(MF_PRESET_WRMF, 3, .5);
    aid_cells(&f.train, 19, 14, 5, false);
    open_folder(&f, &params);
    mf_fold_user user = as_new(&f, 4);
    for (uint32_t u = 0; u < 19; u++) {
        mf_fold_user other = as_new(&f, u);
        assert_int_equal(mf_als_fold_in(f.fold, f.work, &other, NULL), MF_OK);
    }
    assert_int_equal(mf_als_fold_in(f.fold, f.work, &user, NULL), MF_OK);
    memcpy(first, f.vectors, sizeof first);
    assert_int_equal(mf_fold_work_open(&fresh, f.fold, NULL), MF_OK);
    assert_int_equal(mf_als_fold_in(f.fold, fresh, &user, NULL), MF_OK);
    assert_memory_equal(first, f.vectors, 3 * params.k * sizeof(float));
    mf_fold_work_close(fresh);
    close_folder(&f);
}

static void wrong_pairs_are_refused(void **state)
{
    (void)state;
    folder f;
    mf_als_params params = aid_params(MF_PRESET_WRMF, 2, .5);
    aid_cells(&f.train, 19, 14, 5, false);
    open_folder(&f, &params);
    uint32_t item[] = {14};
    float value[] = {1};
    mf_fold_user user = {
        .n = 1, .item = item, .value = value, .vectors = f.vectors, .z = f.z};
    assert_int_equal(mf_als_fold_in(f.fold, f.work, &user, NULL), MF_EINVAL);
    item[0] = 13;
    assert_int_equal(mf_als_fold_in(f.fold, f.work, &user, NULL), MF_OK);
    value[0] = NAN;
    assert_int_equal(mf_als_fold_in(f.fold, f.work, &user, NULL), MF_EINVAL);
    value[0] = -1;
    assert_int_equal(mf_als_fold_in(f.fold, f.work, &user, NULL), MF_OK);
    value[0] = -1e38f;
    assert_int_equal(mf_als_fold_in(f.fold, f.work, &user, NULL), MF_EFORMAT);
    mf_fold_in *other;
    params.k = 6;
    assert_int_equal(mf_fold_in_open(&other, mf_als_items(f.als), &params, 0, NULL),
                     MF_EINVAL);
    assert_null(other);
    close_folder(&f);
}

/* Where training took single steps of CG from what was there: a history long enough for
 * them to be less work. */
static void users_are_solved_exactly_whatever_the_solver(void **state)
{
    (void)state;
    enum { PAIRS = 36, WIDTH = 40 };
    float vectors[2][WIDTH], value[PAIRS];
    uint8_t z[PAIRS];
    uint32_t item[PAIRS];
    mf_tensor items;
    mf_rng rng = mf__rng_make(1, 2, 3);
    mf_als_params params = aid_params(MF_PRESET_IMPLICIT, 1, 1);
    params.k = WIDTH;
    params.steps = 1;
    assert_int_equal(mf_tensor_alloc(&items, 50, 1, WIDTH, NULL), MF_OK);
    for (size_t f = 0; f < (size_t)50 * WIDTH; f++)
        items.data[f] = (float)mf__rng_normal(&rng);
    for (uint32_t j = 0; j < PAIRS; j++) {
        item[j] = j;
        value[j] = 1;
    }
    for (int cg = 0; cg < 2; cg++) {
        mf_fold_in *fold;
        mf_fold_work *work;
        mf_fold_user user = {
            .n = PAIRS, .item = item, .value = value, .vectors = vectors[cg], .z = z};
        params.solver = cg ? MF_SOLVER_CG : MF_SOLVER_AUTO;
        assert_int_equal(mf_fold_in_open(&fold, &items, &params, 0, NULL), MF_OK);
        assert_int_equal(mf_fold_work_open(&work, fold, NULL), MF_OK);
        assert_int_equal(mf_als_fold_in(fold, work, &user, NULL), MF_OK);
        mf_fold_work_close(work);
        mf_fold_in_close(fold);
    }
    assert_memory_equal(vectors[0], vectors[1], sizeof vectors[0]);
    mf_tensor_free(&items);
}

/* Two pairs of one item are two cells: with k = 1, p = 1, w0 = 1, lambda l, nu 0, items
 * v = 1 and 2, u = n 2 / (n 4 + (1 + 4) + l) for n pairs of item 1. */
static void an_item_named_twice_is_two_cells(void **state)
{
    (void)state;
    mf_fold_in *fold;
    mf_fold_work *work;
    mf_tensor items;
    float u, value[] = {1, 1};
    uint8_t z[2];
    uint32_t item[] = {1, 1};
    mf_als_params params = aid_numbers(MF_PRESET_IMPLICIT);
    params.k = params.personas = 1;
    params.overlap = 1;
    params.unobserved = 1;
    params.nu = 0;
    params.lambda_users = .5;
    assert_int_equal(mf_tensor_alloc(&items, 2, 1, 1, NULL), MF_OK);
    items.data[0] = 1;
    items.data[1] = 2;
    assert_int_equal(mf_fold_in_open(&fold, &items, &params, 0, NULL), MF_OK);
    assert_int_equal(mf_fold_work_open(&work, fold, NULL), MF_OK);
    for (int n = 1; n <= 2; n++) {
        mf_fold_user user = {
            .n = (size_t)n, .item = item, .value = value, .vectors = &u, .z = z};
        assert_int_equal(mf_als_fold_in(fold, work, &user, NULL), MF_OK);
        assert_true(fabs((double)u - 2.0 * n / (4.0 * n + 5 + .5)) < 1e-6);
    }
    mf_fold_work_close(work);
    mf_fold_in_close(fold);
    mf_tensor_free(&items);
}

static void load_sample(mf_model *model)
{
    aid_bytes b = aid_sample(3, MF_F32);
    mf_in *in = aid_in(b.data, b.size);
    assert_int_equal(
        mf_model_load(model, in, MF_WANT_RATINGS | MF_WANT_FACTORS, NULL, NULL, NULL),
        MF_OK);
    aid_in_close(in);
    aid_free(&b);
}

/* User 2 of the sample has a fold-in cell and no training cell. */
static void held_out_users_of_a_model_are_folded_in_and_no_others(void **state)
{
    (void)state;
    mf_model model, before;
    const uint32_t others[] = {0, 1, 3, 4}, all[] = {4, 2, 2, 0};
    load_sample(&model);
    load_sample(&before);
    size_t user = (size_t)model.users.personas * model.users.k;
    assert_int_equal(mf__model_fold_in(&model, "m", 4, others, 1, NULL, NULL), MF_OK);
    assert_memory_equal(model.users.data, before.users.data, 5 * user * sizeof(float));
    assert_int_equal(mf__model_fold_in(&model, "m", 4, all, 2, NULL, NULL), MF_OK);
    assert_memory_equal(model.users.data, before.users.data, 2 * user * sizeof(float));
    assert_memory_equal(model.users.data + 3 * user, before.users.data + 3 * user,
                        2 * user * sizeof(float));
    /* one cell: its owner alone is active, and likes its item */
    uint64_t active = mf_model_active(&model, 2);
    assert_true(active == 1 || active == 2 || active == 4);
    uint32_t q = active == 1 ? 0 : active == 2 ? 1 : 2;
    const float *v = mf_tensor_at(&model.items, model.ratings.x.col[9], 0);
    assert_true(v[0] * mf_tensor_at(&model.users, 2, q)[0] +
                    v[1] * mf_tensor_at(&model.users, 2, q)[1] >
                0);
    for (uint32_t u = 0; u < 5; u++)
        if (u != 2)
            assert_true(mf_model_active(&model, u) == mf_model_active(&before, u));
    mf_model_free(&model);
    mf_model_free(&before);
}

static void a_card_that_does_not_describe_the_model_is_refused(void **state)
{
    (void)state;
    mf_model model;
    mf_err err = {0};
    load_sample(&model);
    strcpy(model.card.preset, "magic");
    assert_int_equal(mf__model_fold_in(&model, "m.mf", 0, NULL, 1, NULL, &err),
                     MF_EFORMAT);
    assert_non_null(
        strstr(err.text, "m.mf: users cannot be folded in: preset 'magic'"));
    strcpy(model.card.preset, "study");
    model.card.unobserved = 0;
    err = (mf_err){0};
    assert_int_equal(mf__model_fold_in(&model, "m.mf", 0, NULL, 1, NULL, &err),
                     MF_EFORMAT);
    assert_non_null(strstr(err.text, "unobserved"));
    model.card.unobserved = 1;
    model.card.lambda_users = 0; /* two factors, and all items of no length */
    memset(model.items.data, 0, 12 * sizeof(float));
    err = (mf_err){0};
    assert_int_equal(mf__model_fold_in(&model, "m.mf", 0, NULL, 1, NULL, &err),
                     MF_EMATH);
    assert_non_null(strstr(err.text, "m.mf: user 'j\xc3\xb6rg'"));
    mf_model_free(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_training_user_with_the_same_personas_has_the_same_bits),
        cmocka_unit_test(a_training_user_folded_in_has_the_same_bits),
        cmocka_unit_test(a_training_user_folded_in_from_nothing_ranks_nearly_alike),
        cmocka_unit_test(the_result_is_a_fixed_point_of_the_steps),
        cmocka_unit_test(pairs_that_say_nothing_change_nothing),
        cmocka_unit_test(a_user_without_pairs_is_zero_vectors_and_all_are_active),
        cmocka_unit_test(
            fewer_pairs_than_personas_have_one_each_and_only_those_are_active),
        cmocka_unit_test(the_result_does_not_depend_on_earlier_users),
        cmocka_unit_test(wrong_pairs_are_refused),
        cmocka_unit_test(users_are_solved_exactly_whatever_the_solver),
        cmocka_unit_test(an_item_named_twice_is_two_cells),
        cmocka_unit_test(held_out_users_of_a_model_are_folded_in_and_no_others),
        cmocka_unit_test(a_card_that_does_not_describe_the_model_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
