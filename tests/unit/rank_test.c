/* Scores, top lists and ranks: math/rank.h, against the oracle. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <omp.h>

#include "base/rng.h"
#include "math/rank.h"
#include "mf/metrics.h"
#include "mf/search.h"
#include "near.h"
#include "rank_oracle.h"

enum { TILE = 512 }; /* items that are scored together */

/* Factors of small whole numbers: products are exact and many scores tie. */
static mf_tensor whole_factors(uint32_t n, uint32_t personas, uint32_t k, mf_rng *rng)
{
    mf_tensor t;
    assert_int_equal(mf_tensor_alloc(&t, n, personas, k, NULL), MF_OK);
    for (size_t j = 0; j < (size_t)n * personas * k; j++)
        t.data[j] = (float)mf__rng_below(rng, 5) - 2;
    return t;
}

static void add_whole_biases(mf_tensor *t, mf_rng *rng)
{
    assert_int_equal(mf_tensor_add_bias(t, NULL), MF_OK);
    for (uint32_t r = 0; r < t->n; r++)
        t->bias[r] = (float)mf__rng_below(rng, 9) - 4;
}

static mf_tensor normal_factors(uint32_t n, uint32_t personas, uint32_t k, mf_rng *rng)
{
    mf_tensor t = whole_factors(n, personas, k, rng);
    for (size_t j = 0; j < (size_t)n * personas * k; j++)
        t.data[j] = (float)mf__rng_normal(rng);
    return t;
}

static void hold_metrics_against_oracle(const mf_outcome *outcome, uint32_t n,
                                        const uint32_t order[], const bool relevant[])
{
    static const char *const names[] = {"precision", "recall", "hr", "ndcg", "map"};
    static const uint32_t cuts[] = {1, 2, 3, 10, ORACLE_ITEMS, 1000};
    mf_metric_list list;
    for (size_t a = 0; a < sizeof names / sizeof *names; a++)
        for (size_t b = 0; b < sizeof cuts / sizeof *cuts; b++) {
            char text[32];
            snprintf(text, sizeof text, "%s@%u", names[a], cuts[b]);
            assert_int_equal(mf_metrics_parse(&list, text, NULL), MF_OK);
            double want = oracle_metric(names[a], cuts[b], n, order, relevant);
            assert_near(mf_metric_of(&list.metric[0], outcome), want, 1e-12);
        }
    assert_int_equal(mf_metrics_parse(&list, "mrr", NULL), MF_OK);
    assert_near(mf_metric_of(&list.metric[0], outcome),
                oracle_metric("mrr", 0, n, order, relevant), 1e-12);
}

/* One row of a block against the oracle: scores, personas, top lists of every
 * length, ranks and metrics, with some items left out and some relevant. */
static void hold_row_against_oracle(const mf_rank_block *block, uint32_t row,
                                    const double want[], uint32_t n, mf_rng *rng)
{
    bool out[ORACLE_ITEMS], relevant[ORACLE_ITEMS] = {false};
    uint32_t order[ORACLE_ITEMS], given[ORACLE_ITEMS], rank[ORACLE_ITEMS], m = 0;
    mf_ranked found[ORACLE_ITEMS], top[ORACLE_ITEMS + 9];
    float *score = mf_rank_row(block, row);
    uint32_t seen = mf__rng_below(rng, 4); /* of 3: 3 leaves all out */
    for (uint32_t i = 0; i < n; i++) {
        assert_true((double)score[i] == want[i]);
        out[i] = mf__rng_below(rng, 3) < seen;
        relevant[i] = !out[i] && mf__rng_below(rng, 4) == 0;
    }
    for (uint32_t i = n; i-- > 0;) { /* in any order */
        if (out[i])
            score[i] = -INFINITY;
        if (relevant[i])
            given[m++] = i;
    }
    uint32_t have = oracle_sort(want, n, out, order);
    for (uint32_t most = 0; most <= n + 8; most++) {
        uint32_t got = mf__rank_top(score, n, most, top);
        assert_int_equal(got, most < have ? most : have);
        for (uint32_t at = 0; at < got; at++) {
            assert_int_equal(top[at].item, order[at]);
            assert_true((double)top[at].score == want[order[at]]);
        }
    }
    mf__rank_of(score, n, m, given, rank, found);
    uint32_t r = 0;
    for (uint32_t at = 0; at < have; at++)
        if (relevant[order[at]]) {
            assert_int_equal(rank[r], at + 1);
            assert_int_equal(found[r++].item, order[at]);
        }
    assert_int_equal(r, m);
    mf_outcome outcome = {.relevant = m, .rank = rank};
    if (m)
        hold_metrics_against_oracle(&outcome, have, order, relevant);
}

static void scores_lists_ranks_and_metrics_are_the_oracles(void **state)
{
    (void)state;
    for (uint32_t trial = 0; trial < 60; trial++) {
        mf_rng rng = mf__rng_make(trial, MF_STREAM_TEST, 0);
        uint32_t m = 1 + mf__rng_below(&rng, MF_RANK_USERS),
                 p = 1 + mf__rng_below(&rng, 5);
        uint32_t n = trial == 0 ? 1 : 1 + mf__rng_below(&rng, ORACLE_ITEMS);
        uint32_t k = 1 + mf__rng_below(&rng, 9);
        double mu = trial % 3 ? 0 : 0.5;
        mf_tensor u = whole_factors(m, p, k, &rng), v = whole_factors(n, 1, k, &rng);
        mf_rank_block block;
        mf_panels panels;
        uint32_t user[MF_RANK_USERS];
        uint64_t active[MF_RANK_USERS];
        if (trial % 2) {
            add_whole_biases(&u, &rng);
            add_whole_biases(&v, &rng);
        }
        assert_int_equal(mf_search_check(&u, &v, mu, NULL), MF_OK);
        assert_int_equal(mf__rank_block_alloc(&block, n, p, k, NULL), MF_OK);
        assert_int_equal(mf__panels_build(&panels, &v, n, NULL, NULL), MF_OK);
        for (uint32_t j = 0; j < m; j++) {
            user[j] = m - 1 - j;
            active[j] = 1 + mf__rng_below(&rng, (1u << p) - 1);
        }
        mf__rank_score(&block, &u, &v, &panels, mu, m, user, active);
        for (uint32_t j = 0; j < m; j++) {
            double want[ORACLE_ITEMS];
            for (uint32_t i = 0; i < n; i++) {
                uint32_t who = 99;
                want[i] = oracle_score(&u, &v, mu, active[j], user[j], i, &who);
                assert_int_equal(mf_rank_personas(&block, j)[i], who);
            }
            hold_row_against_oracle(&block, j, want, n, &rng);
        }
        mf__rank_block_free(&block);
        mf__panels_free(&panels);
        mf_tensor_free(&u);
        mf_tensor_free(&v);
    }
}

/* Real numbers, several tiles and a last one that is not full. */
static void scores_agree_with_double_precision(void **state)
{
    (void)state;
    mf_rng rng = mf__rng_make(7, MF_STREAM_TEST, 1);
    uint32_t n = 2 * TILE + 77, k = 64, user[3] = {2, 0, 1};
    mf_tensor u = normal_factors(3, 3, k, &rng), v = normal_factors(n, 1, k, &rng);
    uint64_t active[3] = {7, 7, 5};
    mf_rank_block block;
    mf_panels panels;
    assert_int_equal(mf__rank_block_alloc(&block, n, 3, k, NULL), MF_OK);
    assert_int_equal(mf__panels_build(&panels, &v, n, NULL, NULL), MF_OK);
    mf__rank_score(&block, &u, &v, &panels, 3.5, 3, user, active);
    for (uint32_t j = 0; j < 3; j++)
        for (uint32_t i = 0; i < n; i++) {
            uint32_t who;
            double want = oracle_score(&u, &v, 3.5, active[j], user[j], i, &who);
            assert_near(mf_rank_row(&block, j)[i], want, 1e-4);
        }
    mf__rank_block_free(&block);
    mf__panels_free(&panels);
    mf_tensor_free(&u);
    mf_tensor_free(&v);
}

static void hold_places_alike(uint32_t p, uint32_t k, uint32_t n)
{
    mf_rng rng = mf__rng_make(p, MF_STREAM_TEST, k);
    mf_tensor u = normal_factors(100, p, k, &rng), v = normal_factors(n, 1, k, &rng);
    mf_rank_block alone;
    mf_panels panels;
    uint64_t active[MF_RANK_USERS];
    uint32_t chosen = 42;
    for (int j = 0; j < MF_RANK_USERS; j++)
        active[j] = (UINT64_C(1) << p) - 1;
    assert_int_equal(mf__rank_block_alloc(&alone, n, p, k, NULL), MF_OK);
    assert_int_equal(mf__panels_build(&panels, &v, n, NULL, NULL), MF_OK);
    mf__rank_score(&alone, &u, &v, &panels, 0, 1, &chosen, active);
    for (int threads = 1; threads <= 8; threads = threads == 3 ? 8 : threads + 1) {
        int wrong = 0;
        mf_rank_block block[8];
        for (int t = 0; t < threads; t++)
            assert_int_equal(mf__rank_block_alloc(&block[t], n, p, k, NULL), MF_OK);
#pragma omp parallel for num_threads(threads) schedule(dynamic) reduction(+ : wrong)
        for (uint32_t place = 0; place < MF_RANK_USERS; place++) {
            mf_rank_block *b = &block[omp_get_thread_num()];
            uint32_t user[MF_RANK_USERS];
            for (uint32_t j = 0; j < MF_RANK_USERS; j++)
                user[j] = (place * 7 + j * 3) % 100;
            user[place] = chosen;
            /* a full block, and one that ends with the user */
            for (int part = 0; part < 2; part++) {
                mf__rank_score(b, &u, &v, &panels, 0, part ? place + 1 : MF_RANK_USERS,
                               user, active);
                wrong +=
                    memcmp(mf_rank_row(b, place), alone.score, n * sizeof(float)) != 0;
                wrong += memcmp(mf_rank_personas(b, place), alone.persona, n) != 0;
            }
        }
        assert_int_equal(wrong, 0);
        for (int t = 0; t < threads; t++)
            mf__rank_block_free(&block[t]);
    }
    mf__panels_free(&panels);
    mf__rank_block_free(&alone);
    mf_tensor_free(&u);
    mf_tensor_free(&v);
}

static void a_users_scores_have_the_same_bits_in_any_place_and_thread(void **state)
{
    (void)state;
    hold_places_alike(1, 64, TILE + 77);
    hold_places_alike(1, 1, 3);
    hold_places_alike(2, 8, 40);
    hold_places_alike(3, 37, 2 * TILE + 1);
    hold_places_alike(7, 130, TILE - 1);
}

static void factors_whose_scores_would_overflow_are_refused(void **state)
{
    (void)state;
    float big[2] = {3e38f, 0}, small[2] = {1.5f, 0}, one[2] = {0.25f, 0};
    mf_tensor u = {1, 1, 2, big, NULL, NULL}, v = {1, 1, 2, small, NULL, NULL};
    mf_tensor w = {1, 1, 2, one, NULL, NULL};
    mf_err err = {0};
    assert_int_equal(mf_search_check(&u, &v, 0, &err), MF_ERANGE);
    assert_non_null(strstr(err.text, "regularization"));
    assert_int_equal(mf_search_check(&u, &w, 0, NULL), MF_OK);
    assert_int_equal(mf_search_check(&u, &w, 2e38, NULL), MF_ERANGE);
    float far[1] = {2e38f};
    w.bias = far;
    assert_int_equal(mf_search_check(&u, &w, 0, NULL), MF_ERANGE);
}

/* As many given items as there may be, and scores that tie. */
static void the_ranks_of_many_items_are_their_places(void **state)
{
    (void)state;
    enum { N = 700 };
    float score[N];
    uint32_t given[N], rank[N];
    mf_ranked found[N], top[N];
    mf_rng rng = mf__rng_make(9, MF_STREAM_TEST, 0);
    for (uint32_t step = 1; step < N; step *= 3) { /* 700 items given, 234, .. 1 */
        uint32_t m = 0;
        for (uint32_t i = 0; i < N; i++) {
            score[i] = i % step && mf__rng_below(&rng, 5) == 0
                           ? -INFINITY
                           : (float)mf__rng_below(&rng, 90);
            if (i % step == 0)
                given[m++] = i;
        }
        mf__rank_of(score, N, m, given, rank, found);
        uint32_t n = mf__rank_top(score, N, N, top), at = 0;
        for (uint32_t r = 0; r < n; r++)
            if (top[r].item % step == 0) {
                assert_int_equal(rank[at], r + 1);
                assert_int_equal(found[at++].item, top[r].item);
            }
        assert_int_equal(at, m);
    }
}

static void an_empty_catalogue_has_no_list(void **state)
{
    (void)state;
    mf_rank_block block;
    mf_ranked top[1];
    float none[1] = {0};
    assert_int_equal(mf__rank_block_alloc(&block, 0, 1, 4, NULL), MF_OK);
    assert_int_equal(mf__rank_top(none, 0, 1, top), 0);
    assert_int_equal(mf__rank_top(none, 1, 0, top), 0);
    mf__rank_block_free(&block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_lists_ranks_and_metrics_are_the_oracles),
        cmocka_unit_test(scores_agree_with_double_precision),
        cmocka_unit_test(a_users_scores_have_the_same_bits_in_any_place_and_thread),
        cmocka_unit_test(factors_whose_scores_would_overflow_are_refused),
        cmocka_unit_test(the_ranks_of_many_items_are_their_places),
        cmocka_unit_test(an_empty_catalogue_has_no_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
