/* Lists that are not all alike, and scores tempered by popularity. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "math/diversify.h"
#include "math/rarity.h"

enum { ITEMS = 60, K = 4, WANT = 12 };

static void random_items(mf_tensor *items, mf_rng *rng)
{
    assert_int_equal(mf_tensor_alloc(items, ITEMS, 1, K, NULL), MF_OK);
    for (uint32_t i = 0; i < ITEMS * K; i++)
        items->data[i] = (float)(mf__rng_uniform(rng) - .3);
    memset(mf_tensor_at(items, 7, 0), 0, K * sizeof(float));
}

/* Scores in steps, so that some are equal. */
static uint32_t random_list(mf_ranked list[], uint32_t n, mf_rng *rng)
{
    float score[ITEMS];
    for (uint32_t i = 0; i < ITEMS; i++)
        score[i] = mf__rng_below(rng, 10) == 0 ? -INFINITY
                                               : (float)mf__rng_below(rng, 40) / 8 - 1;
    return mf__rank_top(score, ITEMS, n, list);
}

static double plain_cosine(const mf_tensor *t, uint32_t i, uint32_t j)
{
    double xy = 0, xx = 0, yy = 0;
    for (uint32_t f = 0; f < K; f++) {
        double x = (double)t->data[i * K + f], y = (double)t->data[j * K + f];
        xy += x * y;
        xx += x * x;
        yy += y * y;
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
}

/* What the definition says an item is worth after those in list[0 .. place). */
static double worth(const mf_tensor *items, double l, uint32_t n, const mf_ranked *pool,
                    mf_ranked x, uint32_t place, const mf_ranked *list)
{
    double lo = (double)pool[n - 1].score, hi = (double)pool[0].score, near = -2;
    for (uint32_t j = 0; j < place; j++)
        near = fmax(near, plain_cosine(items, x.item, list[j].item));
    return l * (hi > lo ? ((double)x.score - lo) / (hi - lo) : 0) - (1 - l) * near;
}

static bool in_list(const mf_ranked *list, uint32_t n, uint32_t item)
{
    for (uint32_t i = 0; i < n; i++)
        if (list[i].item == item)
            return true;
    return false;
}

static void each_item_is_the_one_of_most_marginal_relevance(void **state)
{
    (void)state;
    mf_rng rng = mf__rng_make(3, MF_STREAM_TEST, 0);
    for (int round = 0; round < 40; round++) {
        mf_tensor items;
        mf_mmr mmr;
        mf_ranked pool[ITEMS], list[WANT];
        float near[ITEMS];
        double l = round % 5 * .25;
        random_items(&items, &rng);
        assert_int_equal(mf__mmr_open(&mmr, &items, NULL), MF_OK);
        uint32_t n = random_list(pool, 30, &rng);
        assert_int_equal(mf__mmr_choose(&mmr, l, n, pool, WANT, near, list), WANT);
        assert_true(list[0].item == pool[0].item);
        for (uint32_t place = 1; place < WANT; place++) {
            double got = worth(&items, l, n, pool, list[place], place, list);
            assert_false(in_list(list, place, list[place].item));
            for (uint32_t c = 0; c < n; c++)
                if (!in_list(list, place, pool[c].item))
                    assert_true(worth(&items, l, n, pool, pool[c], place, list) <
                                got + 1e-6);
        }
        if (l == 1)
            assert_memory_equal(list, pool, sizeof list);
        mf__mmr_close(&mmr);
        mf_tensor_free(&items);
    }
}

static void candidates_that_are_alike_go_by_item(void **state)
{
    (void)state;
    mf_tensor items;
    mf_mmr mmr;
    float near[4];
    mf_ranked pool[] = {{2, 5}, {3, 5}, {8, 5}, {9, 5}}, list[9];
    assert_int_equal(mf_tensor_alloc(&items, ITEMS, 1, K, NULL), MF_OK);
    for (uint32_t i = 0; i < ITEMS; i++)
        mf_tensor_at(&items, i, 0)[0] = 1;
    assert_int_equal(mf__mmr_open(&mmr, &items, NULL), MF_OK);
    assert_int_equal(mf__mmr_choose(&mmr, .3, 4, pool, 9, near, list), 4);
    assert_memory_equal(list, pool, sizeof pool);
    /* one that points elsewhere is taken second */
    mf_tensor_at(&items, 9, 0)[0] = 0;
    mf_tensor_at(&items, 9, 0)[1] = 3;
    mf__mmr_close(&mmr);
    assert_int_equal(mf__mmr_open(&mmr, &items, NULL), MF_OK);
    assert_int_equal(mf__mmr_choose(&mmr, .3, 4, pool, 2, near, list), 2);
    assert_true(list[0].item == 2 && list[1].item == 9);
    assert_int_equal(mf__mmr_choose(&mmr, .3, 0, pool, 2, near, list), 0);
    mf__mmr_close(&mmr);
    mf_tensor_free(&items);
}

/* The Sainte-Lague quotients of all, walked anew for every place. */
static uint32_t plain_turns(uint32_t p, const uint64_t weight[], const uint32_t n[],
                            mf_ranked *const from[], uint32_t want, mf_ranked list[])
{
    uint32_t found = 0;
    for (; found < want; found++) {
        double most = -1;
        mf_ranked what = {0};
        for (uint32_t q = 0; q < p; q++) {
            uint32_t c = 0;
            while (c < n[q] && in_list(list, found, from[q][c].item))
                c++;
            if (c < n[q] && (double)weight[q] / (2 * c + 1) > most) {
                most = (double)weight[q] / (2 * c + 1);
                what = from[q][c];
            }
        }
        if (most < 0)
            break;
        list[found] = what;
    }
    return found;
}

static void personas_have_their_turns_by_weight(void **state)
{
    (void)state;
    mf_rng rng = mf__rng_make(4, MF_STREAM_TEST, 0);
    uint32_t short_lists = 0;
    for (int round = 0; round < 200; round++) {
        mf_ranked own[3][WANT], *from[] = {own[0], own[1], own[2]};
        mf_ranked got[ITEMS], want[ITEMS];
        uint32_t n[3], given[3];
        uint64_t weight[3];
        for (uint32_t q = 0; q < 3; q++) {
            n[q] = mf__rng_below(&rng, WANT / 2);
            weight[q] = 1 + mf__rng_below(&rng, 8);
            for (uint32_t c = 0; c < n[q]; c++)
                own[q][c] = (mf_ranked){3 * c + q, (float)(WANT - c)};
        }
        mf_turns turns = {
            .personas = 3, .weight = weight, .n = n, .list = from, .given = given};
        uint32_t found = mf__turns_choose(&turns, WANT, got);
        assert_int_equal(plain_turns(3, weight, n, from, WANT, want), found);
        assert_memory_equal(got, want, found * sizeof *got);
        assert_int_equal(given[0] + given[1] + given[2], found);
        short_lists += found < WANT;
    }
    assert_true(short_lists > 0 && short_lists < 200);
}

static void places_are_in_proportion(void **state)
{
    (void)state;
    mf_ranked own[2][10], *from[] = {own[0], own[1]}, list[10];
    uint32_t n[] = {10, 10}, given[2];
    uint64_t weight[] = {7, 3};
    mf_turns turns = {2, weight, n, from, given};
    for (uint32_t i = 0; i < 10; i++) {
        own[0][i] = (mf_ranked){i, 20 - (float)i};
        own[1][i] = (mf_ranked){10 + i, 1 - (float)i};
    }
    assert_int_equal(mf__turns_choose(&turns, 10, list), 10);
    assert_true(given[0] == 7 && given[1] == 3);
    assert_true(list[0].item == 0 && list[1].item == 10 && list[2].item == 1);
    weight[0] = weight[1] = 0; /* all alike, the first of equals first */
    assert_int_equal(mf__turns_choose(&turns, 4, list), 4);
    assert_true(list[0].item == 0 && list[1].item == 10);
    assert_true(list[2].item == 1 && list[3].item == 11);
    weight[1] = 1; /* one of no weight has what the others leave */
    n[1] = 3;
    assert_int_equal(mf__turns_choose(&turns, 5, list), 5);
    assert_true(list[2].item == 12 && list[3].item == 0 && list[4].item == 1);
}

static void rarity_lifts_the_rare_below_0_as_above(void **state)
{
    (void)state;
    const uint32_t listeners[] = {100, 25, 25, 0, 1, 100};
    double *w;
    float score[] = {2, 2, -2, 1, 1, -INFINITY};
    assert_int_equal(mf__rarity_weights(&w, 6, listeners, 100, .5, NULL), MF_OK);
    assert_true(fabs(w[0] - 1) < 1e-12 && fabs(w[1] - 2) < 1e-12);
    mf__rarity_temper(6, w, score);
    assert_true(score[0] == 2 && score[1] == 4 && score[2] == -1);
    assert_true(score[3] == 10 && score[4] == 10); /* nobody counts as one */
    assert_true(score[5] == -INFINITY);
    free(w);
    assert_int_equal(mf__rarity_weights(&w, 6, listeners, 100, -.5, NULL), MF_OK);
    float other[] = {2, 2, -2, 0, FLT_MAX, -FLT_MAX};
    mf__rarity_temper(6, w, other);
    assert_true(other[0] == 2 && other[1] == 1 && other[2] == -4 && other[3] == 0);
    free(w);
    assert_int_equal(mf__rarity_weights(&w, 6, listeners, 100, 2, NULL), MF_OK);
    float large[] = {FLT_MAX, FLT_MAX, -1, 0, FLT_MAX, 0};
    mf__rarity_temper(6, w, large);
    assert_true(large[1] == FLT_MAX && large[4] == FLT_MAX && large[5] == 0);
    free(w);
}

static void the_order_of_equals_in_listeners_stays(void **state)
{
    (void)state;
    const uint32_t listeners[] = {3, 3, 3, 3};
    double *w;
    for (double g = -2; g <= 2; g += .5) {
        float score[] = {-3, -.5f, .25f, 7};
        assert_int_equal(mf__rarity_weights(&w, 4, listeners, 100, g, NULL), MF_OK);
        mf__rarity_temper(4, w, score);
        assert_true(score[0] < score[1] && score[1] < score[2] && score[2] < score[3]);
        free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_item_is_the_one_of_most_marginal_relevance),
        cmocka_unit_test(candidates_that_are_alike_go_by_item),
        cmocka_unit_test(personas_have_their_turns_by_weight),
        cmocka_unit_test(places_are_in_proportion),
        cmocka_unit_test(rarity_lifts_the_rare_below_0_as_above),
        cmocka_unit_test(the_order_of_equals_in_listeners_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
