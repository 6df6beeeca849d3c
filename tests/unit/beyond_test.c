/* What lists say beyond accuracy, worked out by hand: math/beyond.h, math/taste.h. */
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
#include "math/beyond.h"
#include "math/taste.h"
#include "near.h"

/* A list of the items given. */
static mf_ranked *list(uint32_t n, const uint32_t item[])
{
    static mf_ranked top[16];
    for (uint32_t i = 0; i < n; i++)
        top[i] = (mf_ranked){item[i], 0};
    return top;
}

static double of_list(mf_list_metric *metric, const mf_list_data *data, uint32_t n,
                      const uint32_t item[])
{
    mf_user_list user = {.n = n, .top = list(n, item)};
    return metric(data, &user);
}

static void coverage_counts_what_is_in_any_list(void **state)
{
    (void)state;
    uint32_t times[] = {3, 0, 1, 0};
    assert_near(mf__coverage(times, 4), 0.5, 0);
    assert_near(mf__coverage(times + 1, 1), 0, 0);
}

static void gini_of_even_single_and_mixed_counts(void **state)
{
    (void)state;
    uint32_t even[] = {2, 2, 2, 2}, one[] = {0, 5, 0, 0}, mixed[] = {3, 0, 1};
    assert_near(mf__gini(even, 4), 0, 1e-15);
    assert_near(mf__gini(one, 4), 0.75, 1e-15); /* 1 - 1/n */
    /* 0 1 3: (-2 0 + 0 1 + 2 3) / (3 * 4) */
    assert_near(mf__gini(mixed, 3), 0.5, 1e-15);
    uint32_t none[] = {0, 0};
    assert_true(isnan(mf__gini(none, 2)));
}

/* Users 0 .. 3 with items {0 1}, {0}, {0 2}, {} to train on; item 3 has nobody. */
static void cells(mf_ratings *r)
{
    const uint32_t row[] = {0, 0, 1, 2, 2, 3}, col[] = {0, 1, 0, 0, 2, 1};
    const float val[] = {1, 1, 1, 1, 1, 1};
    *r = (mf_ratings){.fold = calloc(6, 1)};
    assert_non_null(r->fold);
    r->fold[5] = MF_TEST;
    assert_int_equal(mf_csr_from_triplets(&r->x, 4, 4, 6, row, col, val, NULL), MF_OK);
}

static mf_list_data listeners(void)
{
    mf_ratings r;
    mf_list_data data;
    cells(&r);
    assert_int_equal(mf__list_data_open(&data, MF_NEEDS_LISTENERS, &r, NULL, 1, NULL),
                     MF_OK);
    mf_ratings_free(&r);
    return data;
}

static void novelty_is_that_of_the_share_of_training_users(void **state)
{
    (void)state;
    mf_list_data data = listeners();
    const uint32_t item[] = {0, 1, 3};
    assert_near(of_list(mf__list_novelty, &data, 1, item), 0, 1e-15); /* 3 of 3 */
    assert_near(of_list(mf__list_novelty, &data, 1, item + 1), log2(3), 1e-15);
    assert_near(of_list(mf__list_novelty, &data, 1, item + 2), log2(3), 1e-15);
    assert_near(of_list(mf__list_novelty, &data, 2, item), log2(3) / 2, 1e-15);
    assert_true(isnan(of_list(mf__list_novelty, &data, 0, NULL)));
    mf__list_data_free(&data);
}

static void popularity_is_the_mean_share_of_training_users(void **state)
{
    (void)state;
    mf_list_data data = listeners();
    const uint32_t item[] = {0, 1, 3, 2}; /* of 3 users have them: 3, 1, 0, 1 */
    assert_near(of_list(mf__list_popularity, &data, 1, item), 1, 1e-15);
    assert_near(of_list(mf__list_popularity, &data, 2, item), 2. / 3, 1e-15);
    assert_near(of_list(mf__list_popularity, &data, 3, item), 4. / 9, 1e-15);
    assert_near(of_list(mf__list_popularity, &data, 4, item), 5. / 12, 1e-15);
    assert_near(of_list(mf__list_popularity, &data, 1, item + 2), 0, 0);
    assert_true(isnan(of_list(mf__list_popularity, &data, 0, NULL)));
    mf__list_data_free(&data);
}

static void diversity_is_the_mean_over_pairs(void **state)
{
    (void)state;
    mf_tensor v;
    mf_list_data data = {0};
    assert_int_equal(mf_tensor_alloc(&v, 4, 1, 2, NULL), MF_OK);
    const float x[] = {3, 0, 0, 2, 1, 1, 0, 0}; /* the last is zero */
    memcpy(v.data, x, sizeof x);
    assert_int_equal(mf__list_data_open(&data, MF_NEEDS_VECTORS, NULL, &v, 1, NULL),
                     MF_OK);
    const uint32_t three[] = {0, 1, 2}, zero[] = {0, 3}, same[] = {0, 0};
    assert_near(of_list(mf__list_diversity, &data, 3, three),
                (1 + 2 * (1 - sqrt(0.5))) / 3, 1e-7);
    assert_near(of_list(mf__list_diversity, &data, 2, zero), 1, 1e-7);
    assert_near(of_list(mf__list_diversity, &data, 2, same), 0, 1e-7);
    assert_true(isnan(of_list(mf__list_diversity, &data, 1, three)));
    mf_tensor_free(&v);
    mf__list_data_free(&data);
}

static void entropy_of_shares(void **state)
{
    (void)state;
    const size_t even[] = {4, 4}, one[] = {0, 7, 0}, mixed[] = {2, 1, 1};
    assert_near(mf__entropy(even, 2), 1, 1e-15);
    assert_near(mf__entropy(one, 3), 0, 0);
    assert_near(mf__entropy(mixed, 3), 1.5, 1e-15);
    assert_true(isnan(mf__entropy(one, 1)));
    /* two items of persona 1, one of persona 0 */
    const uint8_t persona[] = {1, 0, 1, 9};
    const mf_ranked top[] = {{0, 0}, {1, 0}, {2, 0}};
    mf_user_list user = {.n = 3, .top = top, .personas = 2, .persona = persona};
    assert_near(mf__list_entropy(NULL, &user), log2(3) - 2. / 3, 1e-15);
}

static void personas_that_are_not_active_or_zero_have_no_distance(void **state)
{
    (void)state;
    mf_tensor t;
    double sum;
    assert_int_equal(mf_tensor_alloc(&t, 1, 4, 2, NULL), MF_OK);
    const float data[] = {1, 0, 0, 5, 2, 2, 0, 0};
    memcpy(t.data, data, sizeof data);
    assert_int_equal(mf__persona_cosines(&t, 0, 15, &sum), 3); /* the last is zero */
    assert_near(sum, 2 * sqrt(0.5), 1e-12);
    assert_int_equal(mf__persona_cosines(&t, 0, 5, &sum), 1);
    assert_near(sum, sqrt(0.5), 1e-12);
    assert_int_equal(mf__persona_cosines(&t, 0, 2, &sum), 0);
    mf_tensor_free(&t);
}

/* --- tastes --- */

enum { GROUPS = 6, OF_GROUP = 12, USERS = 240, ITEMS = GROUPS * OF_GROUP };

/* Items come in groups, more of them than columns; users have most items of two
 * groups. The last item has nobody. */
static void grouped(mf_csr *x)
{
    uint32_t *row = malloc(sizeof *row * USERS * ITEMS), n = 0;
    uint32_t *col = malloc(sizeof *col * USERS * ITEMS);
    float *val = malloc(sizeof *val * USERS * ITEMS);
    assert_true(row && col && val);
    for (uint32_t u = 0; u < USERS; u++) {
        mf_rng rng = mf__rng_make(1, MF_STREAM_TEST, u);
        for (uint32_t i = 0; i + 1 < ITEMS; i++) {
            uint32_t group = i / OF_GROUP;
            bool own = group == u % GROUPS || group == (u / GROUPS) % GROUPS;
            if (mf__rng_uniform(&rng) < (own ? 0.6 : 0.02)) {
                row[n] = u;
                col[n] = i;
                val[n++] = (float)(1 + i);
            }
        }
    }
    assert_int_equal(mf_csr_from_triplets(x, USERS, ITEMS, n, row, col, val, NULL),
                     MF_OK);
    free(row);
    free(col);
    free(val);
}

static void items_that_share_listeners_are_near_on_the_map(void **state)
{
    (void)state;
    mf_csr x;
    mf_tensor map;
    grouped(&x);
    assert_int_equal(mf__taste_map(&map, &x, 1, NULL), MF_OK);
    mf_list_data data = {.map = map};
    assert_int_equal(map.n, ITEMS);
    assert_int_equal(map.k, MF_TASTE_RANK);
    double within = 0, between = 0, w = 0, b = 0;
    for (uint32_t i = 0; i + 1 < ITEMS; i++)
        for (uint32_t j = 0; j < i; j++) {
            const uint32_t pair[] = {i, j};
            double cosine = 1 - of_list(mf__list_variety, &data, 2, pair);
            *(i / OF_GROUP == j / OF_GROUP ? &within : &between) += cosine;
            *(i / OF_GROUP == j / OF_GROUP ? &w : &b) += 1;
        }
    assert_true(within / w > MF_TASTE_NEAR);
    assert_true(between / b < 0.05);
    for (uint32_t f = 0; f < map.k; f++) /* nobody has it */
        assert_near(mf_tensor_at(&map, ITEMS - 1, 0)[f], 0, 0);
    mf_tensor_free(&map);
    mf_csr_free(&x);
}

static void the_map_does_not_depend_on_threads_or_values(void **state)
{
    (void)state;
    mf_csr x;
    mf_tensor map, again;
    grouped(&x);
    assert_int_equal(mf__taste_map(&map, &x, 1, NULL), MF_OK);
    for (size_t t = 0; t < x.nnz; t++)
        x.val[t] = -1;
    assert_int_equal(mf__taste_map(&again, &x, 3, NULL), MF_OK);
    assert_memory_equal(map.data, again.data, sizeof(float) * map.n * map.k);
    mf_tensor_free(&map);
    mf_tensor_free(&again);
    mf_csr_free(&x);
}

static void a_list_meets_the_tastes_that_it_has_items_of(void **state)
{
    (void)state;
    mf_csr x;
    mf_tensor map;
    mf_taste *taste;
    grouped(&x);
    assert_int_equal(mf__taste_map(&map, &x, 1, NULL), MF_OK);
    assert_int_equal(mf__taste_open(&taste, &map, 8, NULL), MF_OK);
    /* three items: each a taste, and met by itself */
    const uint32_t few[] = {0, OF_GROUP, 3 * OF_GROUP, ITEMS - 1};
    assert_int_equal(mf__taste_look(taste, 0, 3, few), 3);
    assert_int_equal(mf__taste_met(taste, 3, list(3, few)), 3);
    assert_int_equal(mf__taste_met(taste, 1, list(1, few)), 1);
    assert_int_equal(mf__taste_met(taste, 0, NULL), 0);
    /* the last is not on the map: it is no taste and meets none */
    assert_int_equal(mf__taste_look(taste, 0, 4, few), 3);
    assert_int_equal(mf__taste_met(taste, 1, list(1, few + 3)), 0);
    assert_int_equal(mf__taste_look(taste, 0, 1, few + 3), 0);
    assert_int_equal(mf__taste_met(taste, 3, list(3, few)), 0);
    /* eight of two groups: never more than five tastes, all of them met by the
     * history itself or not, none by another group */
    const uint32_t two[] = {0, 1, 2, 3, 36, 37, 38, 39}, other[] = {60, 61, 62};
    uint32_t tastes = mf__taste_look(taste, 7, 8, two);
    assert_in_range(tastes, 2, MF_TASTE_CLUSTERS);
    assert_in_range(mf__taste_met(taste, 8, list(8, two)), 2, tastes);
    assert_int_equal(mf__taste_met(taste, 3, list(3, other)), 0);
    mf__taste_close(taste);
    mf_tensor_free(&map);
    mf_csr_free(&x);
}

static void a_map_of_nothing_is_all_zero(void **state)
{
    (void)state;
    /* no cells; one user, who has all; one cell */
    const uint32_t at[] = {0, 0, 0}, col[] = {0, 1, 2};
    const float val[] = {1, 1, 1};
    static const size_t cells[] = {0, 3, 1};
    for (size_t c = 0; c < 3; c++) {
        mf_csr x;
        mf_tensor map;
        assert_int_equal(mf_csr_from_triplets(&x, 1, 3, cells[c], at, col, val, NULL),
                         MF_OK);
        assert_int_equal(mf__taste_map(&map, &x, 1, NULL), MF_OK);
        for (size_t f = 0; f < (size_t)map.n * map.k; f++)
            assert_near(map.data[f], 0, 0);
        mf_tensor_free(&map);
        mf_csr_free(&x);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coverage_counts_what_is_in_any_list),
        cmocka_unit_test(gini_of_even_single_and_mixed_counts),
        cmocka_unit_test(novelty_is_that_of_the_share_of_training_users),
        cmocka_unit_test(popularity_is_the_mean_share_of_training_users),
        cmocka_unit_test(diversity_is_the_mean_over_pairs),
        cmocka_unit_test(entropy_of_shares),
        cmocka_unit_test(personas_that_are_not_active_or_zero_have_no_distance),
        cmocka_unit_test(items_that_share_listeners_are_near_on_the_map),
        cmocka_unit_test(the_map_does_not_depend_on_threads_or_values),
        cmocka_unit_test(a_list_meets_the_tastes_that_it_has_items_of),
        cmocka_unit_test(a_map_of_nothing_is_all_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
