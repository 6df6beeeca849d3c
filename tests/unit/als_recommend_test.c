/* Lists for rows of the training matrix: mf_als_recommend, against a dense
 * computation. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "als_aid.h"
#include "rank_oracle.h"

enum { M = 19, N = 14 };

static const double EPSILON = 1e-4; /* of a score, between float and double */

/* The personas that own a cell of user u that is liked, by definition; all if none does. */
static uint64_t active_of(const mf_als *als, const mf_csr *train, uint32_t u)
{
    uint64_t active = 0;
    for (size_t t = train->ptr[u]; t < train->ptr[u + 1]; t++)
        if (train->val[t] > 0)
            active |= (uint64_t)1 << mf_als_personas(als)[t];
    return active ? active : ((uint64_t)1 << mf_als_users(als)->personas) - 1;
}

static bool is_unliked(const mf_csr *train, uint32_t i)
{
    bool known = false, liked = false;
    for (size_t t = 0; t < train->nnz; t++)
        if (train->col[t] == i) {
            known = true;
            liked |= train->val[t] > 0;
        }
    return known && !liked;
}

/* One list against the dense scores of all items that the user has no cell of, and that
 * somebody likes if they are known. */
static void check_list(const mf_als *als, const mf_csr *train, uint32_t u, uint32_t top,
                       const mf_hit hit[], uint32_t found)
{
    double score[N];
    uint32_t persona[N], left = N;
    bool out[N] = {false};
    for (uint32_t i = 0; i < N; i++)
        score[i] = oracle_score(mf_als_users(als), mf_als_items(als), mf_als_mu(als),
                                active_of(als, train, u), u, i, &persona[i]);
    for (size_t t = train->ptr[u]; t < train->ptr[u + 1]; t++)
        out[train->col[t]] = true;
    for (uint32_t i = 0; i < N; i++) {
        out[i] |= is_unliked(train, i);
        left -= out[i];
    }
    assert_int_equal(found, top < left ? top : left);
    for (uint32_t h = 0; h < found; h++) {
        assert_true(hit[h].item < N && !out[hit[h].item]); /* nor listed before */
        out[hit[h].item] = true;
        assert_true(fabs((double)hit[h].score - score[hit[h].item]) < EPSILON);
        assert_true(active_of(als, train, u) >> hit[h].persona & 1);
        assert_true(
            h == 0 || hit[h - 1].score > hit[h].score ||
            (hit[h - 1].score == hit[h].score && hit[h - 1].item < hit[h].item));
    }
    for (uint32_t i = 0; i < N && found > 0; i++) /* what is not listed is no better */
        assert_true(out[i] || score[i] < (double)hit[found - 1].score + EPSILON);
}

static void lists_are_those_of_a_dense_computation(void **state)
{
    (void)state;
    mf_csr likes, mixed;
    aid_cells(&likes, M, N, 11, false);
    aid_mixed_cells(&mixed, M, N, 11);
    for (int preset = 0; preset < AID_PRESETS; preset++)
        for (uint32_t p = 1; p <= 4; p++)
            for (uint32_t top = 1; top <= N + 2; top += 4) {
                mf_als *als;
                mf_hit hit[M * (N + 2)];
                uint32_t found[M];
                mf_als_params params = aid_params((mf_preset)preset, p, .4);
                const mf_csr *train = preset <= MF_PRESET_WRMF ? &mixed : &likes;
                aid_train(&als, train, &params);
                assert_int_equal(mf_als_recommend(als, M, NULL, top, hit, found, NULL),
                                 MF_OK);
                for (uint32_t u = 0; u < M; u++)
                    check_list(als, train, u, top, hit + u * top, found[u]);
                mf_als_close(als);
            }
    mf_csr_free(&likes);
    mf_csr_free(&mixed);
}

/* More users than are searched together, some of them twice, with other threads. */
static void a_list_depends_on_its_user_alone(void **state)
{
    (void)state;
    enum { USERS = 200, TOP = 5 };
    static mf_hit all[M * TOP], some[USERS * TOP];
    uint32_t found[M], found_some[USERS], user[USERS];
    mf_csr train;
    mf_als *als;
    mf_als_params params = aid_params(MF_PRESET_IMPLICIT, 3, .4);
    aid_cells(&train, M, N, 11, false);
    aid_train(&als, &train, &params);
    assert_int_equal(mf_als_recommend(als, M, NULL, TOP, all, found, NULL), MF_OK);
    mf_als_close(als);
    for (uint32_t j = 0; j < USERS; j++)
        user[j] = j * 7 % M;
    params.threads = 3;
    aid_train(&als, &train, &params);
    assert_int_equal(mf_als_recommend(als, USERS, user, TOP, some, found_some, NULL),
                     MF_OK);
    mf_als_close(als);
    for (uint32_t j = 0; j < USERS; j++) {
        assert_int_equal(found_some[j], found[user[j]]);
        for (uint32_t h = 0; h < found_some[j]; h++) {
            const mf_hit *a = &some[j * TOP + h], *b = &all[user[j] * TOP + h];
            assert_true(a->item == b->item && a->score == b->score &&
                        a->persona == b->persona);
        }
    }
    mf_csr_free(&train);
}

static void lists_can_be_made_before_personas_are_split(void **state)
{
    (void)state;
    mf_csr train;
    mf_als *als;
    mf_hit hit[M * 3];
    uint32_t found[M];
    mf_als_params params = aid_params(MF_PRESET_IMPLICIT, 3, .4);
    aid_cells(&train, M, N, 11, false);
    assert_int_equal(mf_als_open(&als, &train, NULL, &params, NULL), MF_OK);
    assert_int_equal(mf_als_begin(als, NULL, NULL, NULL), MF_OK);
    assert_true(mf_als_warms_up(als));
    assert_int_equal(mf_als_recommend(als, M, NULL, 3, hit, found, NULL), MF_OK);
    for (uint32_t u = 0; u < M; u++)
        check_list(als, &train, u, 3, hit + u * 3, found[u]);
    mf_als_close(als);
    mf_csr_free(&train);
}

static void what_cannot_be_listed_is_refused(void **state)
{
    (void)state;
    mf_csr train;
    mf_als *als;
    mf_hit hit[1];
    uint32_t found[1], user[] = {M};
    mf_err err = {0};
    mf_als_params params = aid_params(MF_PRESET_IMPLICIT, 2, .4);
    aid_cells(&train, M, N, 11, false);
    aid_train(&als, &train, &params);
    assert_int_equal(mf_als_recommend(als, 1, user, 1, hit, found, &err), MF_EINVAL);
    assert_string_equal(err.text, "there is no user 19 among 19");
    assert_int_equal(mf_als_recommend(als, M + 1, NULL, 1, hit, found, NULL),
                     MF_EINVAL);
    user[0] = 0;
    err = (mf_err){0};
    assert_int_equal(mf_als_recommend(als, 1, user, 0, hit, found, &err), MF_EINVAL);
    assert_string_equal(err.text, "top: 0 is not in 1 .. 4096");
    assert_int_equal(
        mf_als_recommend(als, 1, user, MF_SEARCH_TOP + 1, hit, found, NULL), MF_EINVAL);
    assert_int_equal(mf_als_recommend(als, 0, NULL, 1, hit, found, NULL), MF_OK);
    mf_als_close(als);
    mf_csr_free(&train);
}

/* Neither before a training, nor after one that failed. */
static void what_is_not_trained_is_not_listed(void **state)
{
    (void)state;
    mf_csr train;
    mf_als *als;
    mf_hit hit[1];
    uint32_t found[1];
    mf_err err = {0};
    mf_als_factors saved = {0};
    mf_als_params params = aid_params(MF_PRESET_IMPLICIT, 2, .4);
    aid_cells(&train, M, N, 11, false);
    assert_int_equal(mf_als_open(&als, &train, NULL, &params, NULL), MF_OK);
    assert_int_equal(mf_als_recommend(als, 1, NULL, 1, hit, found, &err), MF_EINVAL);
    assert_non_null(strstr(err.text, "call mf_als_run"));
    assert_int_equal(mf_als_run(als, NULL, NULL, NULL), MF_OK);
    assert_int_equal(mf_als_recommend(als, 1, NULL, 1, hit, found, NULL), MF_OK);
    assert_int_equal(mf_als_save(als, &saved, NULL), MF_OK);
    mf_als_close(als);
    params.init = MF_INIT_MODEL; /* none is given */
    params.warmup = 0;
    assert_int_equal(mf_als_open(&als, &train, NULL, &params, NULL), MF_OK);
    assert_int_equal(mf_als_run(als, NULL, NULL, NULL), MF_EINVAL);
    assert_int_equal(mf_als_recommend(als, 1, NULL, 1, hit, found, NULL), MF_EINVAL);
    assert_int_equal(mf_als_start_from(als, &saved, NULL, NULL, NULL), MF_OK);
    assert_int_equal(mf_als_recommend(als, 1, NULL, 1, hit, found, NULL), MF_OK);
    mf_als_factors_free(&saved);
    mf_als_close(als);
    mf_csr_free(&train);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_those_of_a_dense_computation),
        cmocka_unit_test(a_list_depends_on_its_user_alone),
        cmocka_unit_test(lists_can_be_made_before_personas_are_split),
        cmocka_unit_test(what_cannot_be_listed_is_refused),
        cmocka_unit_test(what_is_not_trained_is_not_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
