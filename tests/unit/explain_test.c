/* What each cell of a history adds to a score: mf/fold_in.h. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "als/fold.h"
#include "als_aid.h"
#include "als_oracle.h"
#include "mf/fold_in.h"

enum { ROOM = 64, M = 19, N = 14 };

/* The presets as they are, then with a confidence, without or with biases, and with
 * items that weigh by popularity. */
enum { CASES = 9 };

static mf_als_params a_case(int i, uint32_t p, double overlap, double shrink)
{
    int preset = i == 7 || i == 8 ? i - 7 : i % AID_PRESETS;
    mf_als_params params = aid_params((mf_preset)preset, p, overlap);
    params.shrink = shrink;
    if (i == 4) { /* implicit */
        params.confidence = MF_CONFIDENCE_LINEAR;
        params.alpha = 2;
    } else if (i == 5) { /* wrmf */
        params.confidence = MF_CONFIDENCE_LOG;
        params.alpha = 1.5;
        params.eps = .5;
    } else if (i == 6)
        params.bias = !params.bias;
    else if (i > 6)
        params.popularity = .6;
    return params;
}

typedef struct explained {
    mf_csr train;
    mf_als_params params;
    mf_als *als;
    mf_fold_in *fold;
    mf_fold_work *work;
    double part[ROOM];
} explained;

static void open_explained(explained *e, const mf_als_params *params)
{
    e->params = *params;
    if (params->preset == MF_PRESET_EXPLICIT)
        aid_cells(&e->train, M, N, 5, true);
    else
        aid_mixed_cells(&e->train, M, N, 5);
    aid_train(&e->als, &e->train, params);
    assert_int_equal(mf_fold_in_open(&e->fold, mf_als_items(e->als), params,
                                     mf_als_mu(e->als), NULL),
                     MF_OK);
    assert_int_equal(mf_fold_work_open(&e->work, e->fold, NULL), MF_OK);
}

static void close_explained(explained *e)
{
    mf_fold_work_close(e->work);
    mf_fold_in_close(e->fold);
    mf_als_close(e->als);
    mf_csr_free(&e->train);
}

static mf_fold_user user_of(const explained *e, uint32_t u, uint8_t *z)
{
    size_t begin = e->train.ptr[u];
    return (mf_fold_user){.n = e->train.ptr[u + 1] - begin,
                          .item = e->train.col + begin,
                          .value = e->train.val + begin,
                          .z = z};
}

/* Compare with the products of the vectors, which were solved in float: they agree
 * to 1e-5 of the largest sum of absolute parts. */
static void check_sums(explained *e, const mf_fold_user *user, const float *vectors)
{
    uint32_t k = e->params.k;
    for (uint32_t q = 0; q < e->params.personas; q++) {
        double score[N] = {0}, sum[N] = {0}, largest = 1e-3;
        assert_int_equal(mf_explain_persona(e->fold, e->work, user, q, NULL), MF_OK);
        for (uint32_t i = 0; i < N; i++) {
            const float *v = mf_tensor_at(mf_als_items(e->als), i, 0);
            double size = 0;
            mf_explain_item(e->fold, e->work, user, i, e->part);
            for (uint32_t f = 0; f < k; f++)
                score[i] += (double)vectors[q * k + f] * (double)v[f];
            for (size_t t = 0; t < user->n; t++) {
                sum[i] += e->part[t];
                size += fabs(e->part[t]);
            }
            largest = fmax(largest, size);
        }
        for (uint32_t i = 0; i < N; i++)
            if (!(fabs(score[i] - sum[i]) < 1e-5 * largest))
                fail_msg("preset %d, p %u, persona %u, item %u: %.9g, not %.9g",
                         (int)e->params.preset, e->params.personas, q, i, sum[i],
                         score[i]);
        bool likes = e->params.preset <= MF_PRESET_WRMF;
        for (size_t t = 0; t < user->n && likes; t++)
            assert_true(user->value[t] > 0 || e->part[t] == 0);
    }
}

static void for_all(void (*check)(explained *e))
{
    for (int i = 0; i < CASES; i++)
        for (uint32_t p = 1; p <= 3; p += 2)
            for (double overlap = 0; overlap <= 1; overlap += .5)
                for (double shrink = 0; shrink <= 10; shrink += 10) {
                    explained e;
                    mf_als_params params = a_case(i, p, overlap, shrink);
                    if (params.bias && params.preset != MF_PRESET_EXPLICIT)
                        continue;
                    open_explained(&e, &params);
                    check(&e);
                    close_explained(&e);
                }
}

static void trained(explained *e)
{
    uint8_t z[ROOM] = {0};
    const mf_tensor *users = mf_als_users(e->als);
    for (uint32_t u = 0; u < M; u++) {
        mf_fold_user user = user_of(e, u, z);
        if (user.n)
            memcpy(z, mf_als_personas(e->als) + e->train.ptr[u], user.n);
        user.bias = users->bias ? users->bias[u] : 0;
        check_sums(e, &user, mf_tensor_at(users, u, 0));
    }
}

static void parts_of_trained_users_sum_to_their_scores(void **state)
{
    (void)state;
    for_all(trained);
}

static void folded(explained *e)
{
    uint8_t z[ROOM];
    float vectors[ROOM];
    for (uint32_t u = 0; u < M; u++) {
        mf_fold_user user = user_of(e, u, z);
        user.vectors = vectors;
        assert_int_equal(mf_als_fold_in(e->fold, e->work, &user, NULL), MF_OK);
        check_sums(e, &user, vectors);
    }
}

static void parts_of_folded_in_users_sum_to_their_scores(void **state)
{
    (void)state;
    for_all(folded);
}

/* A part is what the score would lose if its cell were left out of the right-hand side:
 * solve again in plain double. */
static void a_part_is_what_the_cell_adds(void **state)
{
    (void)state;
    explained e;
    uint8_t z[ROOM] = {0};
    mf_als_params params = a_case(0, 1, .5, 0);
    open_explained(&e, &params);
    mf_fold_user user = user_of(&e, 3, z);
    const mf_tensor *items = mf_als_items(e.als);
    uint32_t k = params.k;
    double a[ORACLE_K][ORACLE_K], y[ORACLE_K];
    double ridge =
        params.lambda_users * pow((double)user.n + params.unobserved * N, params.nu);
    for (uint32_t f = 0; f < k; f++)
        for (uint32_t g = 0; g < k; g++) {
            a[f][g] = f == g ? ridge : 0;
            for (uint32_t i = 0; i < N; i++)
                a[f][g] += params.unobserved * (double)items->data[i * k + f] *
                           (double)items->data[i * k + g];
            for (size_t t = 0; t < user.n; t++)
                a[f][g] += (double)items->data[user.item[t] * k + f] *
                           (double)items->data[user.item[t] * k + g];
        }
    for (uint32_t f = 0; f < k; f++) /* y = A^-1 v_2 by elimination */
        y[f] = (double)items->data[2 * k + f];
    for (uint32_t c = 0; c < k; c++)
        for (uint32_t r = 0; r < k; r++) {
            double factor = r == c ? 0 : a[r][c] / a[c][c];
            for (uint32_t g = 0; g < k; g++)
                a[r][g] -= factor * a[c][g];
            y[r] -= factor * y[c];
        }
    assert_int_equal(mf_explain_persona(e.fold, e.work, &user, 0, NULL), MF_OK);
    mf_explain_item(e.fold, e.work, &user, 2, e.part);
    for (size_t t = 0; t < user.n; t++) {
        double want = 0;
        for (uint32_t f = 0; f < k; f++)
            want += (double)items->data[user.item[t] * k + f] * y[f] / a[f][f];
        assert_true(fabs(want - e.part[t]) < 1e-5);
    }
    close_explained(&e);
}

/* The parts by A itself, whatever the length of the history. */
static void explain_long(explained *e, const mf_fold_user *user, uint32_t q,
                         uint32_t item, double part[])
{
    mf_fold_user own = *user;
    als_row row;
    mf_ridge *ridge = mf__als_work_ridge(&e->work->work);
    assert_non_null(ridge);
    assert_int_equal(mf__fold_prepare(e->fold, e->work, &own, true, &row, NULL), MF_OK);
    mf__als_row_system(&e->fold->view, &row, q, ridge);
    assert_int_equal(mf__ridge_factor(ridge), MF_OK);
    e->work->explain.by_dual = false;
    mf_explain_item(e->fold, e->work, user, item, part);
}

static void short_histories_are_explained_as_long_ones_are(void **state)
{
    (void)state;
    size_t short_ones = 0;
    for (int i = 0; i < CASES; i++)
        for (uint32_t p = 1; p <= 3; p += 2) {
            explained e;
            mf_als_params params = a_case(i, p, p == 1 ? 1 : .3, 0);
            params.k = 48; /* more than twice the items */
            open_explained(&e, &params);
            for (uint32_t u = 0; u < M; u++) {
                double want[ROOM], vector[ROOM], largest = 1e-3;
                uint8_t z[ROOM];
                mf_fold_user user = user_of(&e, u, z);
                uint32_t q = u % p, item = u % N;
                for (size_t t = 0; t < user.n; t++)
                    z[t] = (uint8_t)(t % p);
                assert_int_equal(mf_explain_persona(e.fold, e.work, &user, q, NULL),
                                 MF_OK);
                if (!e.work->explain.weighs_any || !e.work->explain.by_dual)
                    continue;
                short_ones++;
                mf_explain_item(e.fold, e.work, &user, item, e.part);
                mf_explain_vector(e.fold, e.work, &user,
                                  mf_tensor_at(mf_als_items(e.als), item, 0), vector);
                explain_long(&e, &user, q, item, want);
                for (size_t t = 0; t < user.n; t++)
                    largest = fmax(largest, fabs(want[t]));
                for (size_t t = 0; t < user.n; t++) {
                    assert_true(fabs(want[t] - e.part[t]) < 5e-5 * largest);
                    assert_true(fabs(want[t] - vector[t]) < 5e-5 * largest);
                }
            }
            close_explained(&e);
        }
    assert_true(short_ones > CASES * M);
}

static void a_user_without_cells_has_no_parts(void **state)
{
    (void)state;
    explained e;
    mf_als_params params = a_case(2, 3, 0, 0);
    open_explained(&e, &params);
    mf_fold_user user = {0};
    assert_int_equal(mf_explain_persona(e.fold, e.work, &user, 2, NULL), MF_OK);
    mf_explain_item(e.fold, e.work, &user, 2, e.part);
    close_explained(&e);
}

static void wrong_cells_are_refused(void **state)
{
    (void)state;
    explained e;
    mf_als_params params = a_case(1, 1, 0, 0);
    open_explained(&e, &params);
    const uint32_t item[] = {N};
    const float value[] = {-1e38f};
    uint8_t z[] = {0};
    mf_fold_user user = {.n = 1, .item = item, .value = value, .z = z};
    assert_int_equal(mf_explain_persona(e.fold, e.work, &user, 0, NULL), MF_EINVAL);
    const uint32_t known[] = {2};
    user.item = known;
    assert_int_equal(mf_explain_persona(e.fold, e.work, &user, 0, NULL), MF_EFORMAT);
    close_explained(&e);
}

static void the_largest_parts_come_first_with_their_share_of_what_is_above_0(
    void **state)
{
    (void)state;
    const double part[] = {1, -5, 3, 3, 0, 2, 1};
    size_t which[7];
    double share[7];
    assert_int_equal(mf_explain_top(7, part, 3, which, share), 3);
    assert_true(which[0] == 2 && which[1] == 3 && which[2] == 5);
    assert_true(share[0] == .3 && share[1] == .3 && share[2] == .2);
    assert_int_equal(mf_explain_top(7, part, 7, which, share), 5);
    assert_true(which[3] == 0 && which[4] == 6);
    assert_int_equal(mf_explain_top(2, part, 3, which, share), 1);
    assert_true(share[0] == 1);
    assert_int_equal(mf_explain_top(1, part + 1, 3, which, share), 0);
    assert_int_equal(mf_explain_top(0, NULL, 3, which, share), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_trained_users_sum_to_their_scores),
        cmocka_unit_test(parts_of_folded_in_users_sum_to_their_scores),
        cmocka_unit_test(a_part_is_what_the_cell_adds),
        cmocka_unit_test(short_histories_are_explained_as_long_ones_are),
        cmocka_unit_test(a_user_without_cells_has_no_parts),
        cmocka_unit_test(wrong_cells_are_refused),
        cmocka_unit_test(
            the_largest_parts_come_first_with_their_share_of_what_is_above_0),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
