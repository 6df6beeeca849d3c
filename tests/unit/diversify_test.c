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
#include "math/cover.h"
#include "math/diversify.h"
#include "math/rarity.h"

enum { ITEMS = 60, K = 4, WANT = 12 };

/* One of two is long, or short: the product of two such is no float. */
static void random_items(mf_tensor *items, double length, mf_rng *rng)
{
    assert_int_equal(mf_tensor_alloc(items, ITEMS, 1, K, NULL), MF_OK);
    for (uint32_t i = 0; i < ITEMS * K; i++)
        items->data[i] =
            (float)((mf__rng_uniform(rng) - .3) * (i / K % 2 ? length : 1));
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
        random_items(&items, round < 20 ? 1 : round < 30 ? 1e30 : 1e-30, &rng);
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

/* Two aspects of weight a half, A = 0 and B = 1: items 5 and 6 say all of A, 7 all of
 * B, 8 half of either; scores 4, 3, 2, 1, so relevance 1, 2/3, 1/3, 0. With L = .5:
 *
 *     place 1: 5 is worth .5 + .25
 *     place 2, where relevance counts .6309 and nothing of A is left:
 *              6: .5 .6309 2/3 = .2103, 7: .5 .6309 / 3 + .25 = .3552, 8: .125
 *     place 3, where it counts .5: 6: .1667, 8: 0 */
static uint32_t cover_four(double relevance, uint32_t want, mf_ranked list[])
{
    static const mf_ranked four[] = {{5, 4}, {6, 3}, {7, 2}, {8, 1}};
    static const size_t ptr[] = {0, 1, 2, 3, 5};
    static const uint32_t aspect[] = {0, 0, 1, 0, 1};
    static const float part[] = {1, 1, 1, .5f, .5f};
    double weight[] = {.5, .5}, gain[4];
    mf_cover cover = {4, four, ptr, aspect, part, weight, gain};
    return mf__cover_choose(&cover, relevance, want, list);
}

static void what_was_said_is_not_worth_saying_again(void **state)
{
    (void)state;
    mf_ranked list[4];
    assert_int_equal(cover_four(.5, 2, list), 2);
    assert_true(list[0].item == 5 && list[1].item == 7);
    /* the third, 6, stands before the second: the order is that of the scores */
    assert_int_equal(cover_four(.5, 3, list), 3);
    assert_true(list[0].item == 5 && list[1].item == 6 && list[2].item == 7);
    assert_true(list[0].score == 4 && list[1].score == 3 && list[2].score == 2);
    /* scores alone; then 7 would have to gain more than .6309 (2/3 - 1/3) L */
    assert_int_equal(cover_four(1, 2, list), 2);
    assert_true(list[0].item == 5 && list[1].item == 6);
    assert_int_equal(cover_four(.71, 2, list), 2); /* .1493 > .5 .29 */
    assert_true(list[1].item == 6);
    assert_int_equal(cover_four(.70, 2, list), 2); /* .1472 < .5 .30 */
    assert_true(list[1].item == 7);
    /* of 5, 6, 7 and 8, who say as much, the first item; then 7 says more than 8 */
    assert_int_equal(cover_four(0, 2, list), 2);
    assert_true(list[0].item == 5 && list[1].item == 7);
    assert_int_equal(cover_four(.5, 9, list), 4);
}

static void equals_that_cover_as_much_go_by_item(void **state)
{
    (void)state;
    static const mf_ranked three[] = {{2, 5}, {7, 5}, {9, 5}};
    static const size_t ptr[] = {0, 1, 2, 3};
    static const uint32_t aspect[] = {0, 0, 1};
    static const float part[] = {1, 1, 1};
    double weight[] = {.5, .5}, gain[3];
    mf_cover cover = {3, three, ptr, aspect, part, weight, gain};
    mf_ranked list[2];
    assert_int_equal(mf__cover_choose(&cover, .5, 2, list), 2);
    assert_true(list[0].item == 2 && list[1].item == 9);
    cover.n = 0;
    assert_int_equal(mf__cover_choose(&cover, .5, 2, list), 0);
    assert_int_equal(mf__cover_candidates(1), 100);
    assert_int_equal(mf__cover_candidates(20), 100);
    assert_int_equal(mf__cover_candidates(21), 105);
    assert_true(mf__cover_candidates(UINT32_MAX) == UINT32_MAX);
}

enum { ASPECTS = 7 };

/* What the definition says a candidate is worth once those of `taken` are chosen. */
static double covers(float m[][ASPECTS], const double w[], double l, uint32_t n,
                     const mf_ranked *pool, const bool taken[], uint32_t c,
                     uint32_t place)
{
    double lo = (double)pool[n - 1].score, hi = (double)pool[0].score, sum = 0;
    for (uint32_t a = 0; a < ASPECTS; a++) {
        double left = w[a];
        for (uint32_t j = 0; j < n; j++)
            left *= taken[j] ? 1 - (double)m[j][a] : 1;
        sum += left * (double)m[c][a];
    }
    double rel = hi > lo ? ((double)pool[c].score - lo) / (hi - lo) : 0;
    return l * rel / log2(place + 2) + (1 - l) * sum;
}

static bool is_best(float m[][ASPECTS], const double w[], double l, uint32_t n,
                    const mf_ranked *pool, const bool taken[], uint32_t c,
                    uint32_t place)
{
    double got = covers(m, w, l, n, pool, taken, c, place);
    for (uint32_t j = 0; j < n; j++)
        if (!taken[j] && covers(m, w, l, n, pool, taken, j, place) > got + 1e-9)
            return false;
    return true;
}

/* Lists of one more place hold one more item, the best by the definition. */
static void each_list_has_one_more_item_the_best(void **state)
{
    (void)state;
    mf_rng rng = mf__rng_make(5, MF_STREAM_TEST, 0);
    for (int round = 0; round < 40; round++) {
        mf_ranked pool[ITEMS], list[WANT];
        float m[ITEMS][ASPECTS], part[ITEMS * ASPECTS];
        size_t ptr[ITEMS + 1] = {0}, have = 0;
        uint32_t aspect[ITEMS * ASPECTS], n = random_list(pool, 30, &rng);
        double w[ASPECTS], l = round % 5 * .25, gain[ITEMS];
        bool taken[ITEMS] = {false};
        for (uint32_t a = 0; a < ASPECTS; a++)
            w[a] = mf__rng_uniform(&rng);
        for (uint32_t c = 0; c < n; c++) {
            for (uint32_t a = 0; a < ASPECTS; a++) {
                m[c][a] = fmaxf(0, (float)(1.5 * mf__rng_uniform(&rng) - .5));
                aspect[have] = a;
                part[have] = m[c][a];
                have += m[c][a] > 0;
            }
            ptr[c + 1] = have;
        }
        for (uint32_t want = 1; want <= WANT; want++) {
            double left[ASPECTS];
            memcpy(left, w, sizeof left);
            mf_cover cover = {n, pool, ptr, aspect, part, left, gain};
            assert_int_equal(mf__cover_choose(&cover, l, want, list), want);
            uint32_t more = n, at = 0;
            for (uint32_t c = 0; c < n && at < want; c++)
                if (pool[c].item == list[at].item) {
                    at++;
                    if (!taken[c]) {
                        assert_int_equal(more, n);
                        more = c;
                    }
                }
            assert_int_equal(at, want); /* in the order of the scores */
            assert_true(more < n && is_best(m, w, l, n, pool, taken, more, want - 1));
            taken[more] = true;
        }
        if (l == 1)
            assert_memory_equal(list, pool, sizeof list);
    }
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
        cmocka_unit_test(what_was_said_is_not_worth_saying_again),
        cmocka_unit_test(equals_that_cover_as_much_go_by_item),
        cmocka_unit_test(each_list_has_one_more_item_the_best),
        cmocka_unit_test(rarity_lifts_the_rare_below_0_as_above),
        cmocka_unit_test(the_order_of_equals_in_listeners_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
