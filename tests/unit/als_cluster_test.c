/* The clustering of a history: restarts, and the parts that are given. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "als_private.h"
#include "mf/linalg.h"
#include "mf/mem.h"
#include "mf/rng.h"

enum { CELLS = 40, K = 5, P = 4, HISTORIES = 50 };

/* Unit vectors, of which no clustering is clear. */
static void draw_unit(mf_tensor *unit, uint32_t *item)
{
    mf_tensor v;
    mf_rng rng = mf_rng_make(7, MF_STREAM_TEST, 1);
    assert_int_equal(mf_tensor_alloc(&v, CELLS, 1, K, NULL), MF_OK);
    for (size_t i = 0; i < (size_t)CELLS * K; i++)
        v.data[i] = (float)mf_rng_normal(&rng);
    assert_int_equal(mf_tensor_unit(unit, &v, NULL), MF_OK);
    mf_tensor_free(&v);
    for (uint32_t t = 0; t < CELLS; t++)
        item[t] = t;
}

/* The cosines of the cells to their centers: by definition, in double. */
static double nearness(const mf_tensor *unit, const uint8_t *z)
{
    double near = 0;
    for (uint32_t q = 0; q < P; q++) {
        double center[K] = {0}, norm = 0;
        for (uint32_t t = 0; t < CELLS; t++)
            for (uint32_t f = 0; f < K && z[t] == q; f++)
                center[f] += (double)mf_tensor_at(unit, t, 0)[f];
        for (uint32_t f = 0; f < K; f++)
            norm += center[f] * center[f];
        for (uint32_t t = 0; t < CELLS; t++)
            for (uint32_t f = 0; f < K && z[t] == q && norm > 0; f++)
                near += center[f] / sqrt(norm) * (double)mf_tensor_at(unit, t, 0)[f];
    }
    return near;
}

static void the_best_of_more_restarts_is_kept(void **state)
{
    (void)state;
    mf_tensor unit;
    als_cluster c;
    uint32_t item[CELLS];
    draw_unit(&unit, item);
    assert_int_equal(als_cluster_open(&c, &unit, P, CELLS, NULL), MF_OK);
    assert_int_equal(c.restarts, 1);
    int nearer = 0;
    for (uint64_t h = 0; h < HISTORIES; h++) {
        uint8_t z[CELLS], again[CELLS];
        double last = 0, first = 0;
        for (uint32_t restarts = 1; restarts <= 8; restarts *= 2) {
            c.restarts = restarts;
            als_cluster_history(&c, CELLS, item, 1, h, z);
            als_cluster_history(&c, CELLS, item, 1, h, again);
            assert_memory_equal(z, again, CELLS);
            double near = nearness(&unit, z);
            assert_true(near >= last - 1e-5); /* the attempts before are among them */
            last = near;
            first = restarts == 1 ? near : first;
        }
        nearer += last > first + 1e-5;
    }
    assert_in_range(nearer, HISTORIES / 2, HISTORIES);
    als_cluster_close(&c);
    mf_tensor_free(&unit);
}

/* Each attempt begins at the parts that are given: the histories' own are clear and must
 * be found again, under their names, by every one of them. */
static void every_restart_begins_at_the_parts_that_are_given(void **state)
{
    (void)state;
    mf_tensor unit;
    als_cluster c;
    uint32_t item[CELLS];
    draw_unit(&unit, item);
    for (uint32_t t = 0; t < CELLS; t++) /* along four axes, part by part */
        for (uint32_t f = 0; f < K; f++)
            mf_tensor_at(&unit, t, 0)[f] = f == t % P;
    assert_int_equal(als_cluster_open(&c, &unit, P, CELLS, NULL), MF_OK);
    for (c.restarts = 1; c.restarts <= 6; c.restarts += 5) {
        uint8_t z[CELLS];
        for (uint32_t t = 0; t < CELLS; t++) /* one cell in ten is out of place */
            z[t] = (uint8_t)((t + (t % 10 > 0)) % P);
        als_cluster_split(&c, P, CELLS, item, 1, 0, z);
        for (uint32_t t = 0; t < CELLS; t++)
            assert_int_equal(z[t], (t + 1) % P);
    }
    als_cluster_close(&c);
    mf_tensor_free(&unit);
}

/* Vectors of length 1, and the same cosines whatever linear map V went through. */
static void histories_are_clustered_where_no_direction_counts_more(void **state)
{
    (void)state;
    mf_tensor v, mapped, space[2];
    mf_rng rng = mf_rng_make(9, MF_STREAM_TEST, 2);
    double map[K][K], cosines = 0;
    assert_int_equal(mf_tensor_alloc(&v, CELLS, 1, K, NULL), MF_OK);
    assert_int_equal(mf_tensor_alloc(&mapped, CELLS, 1, K, NULL), MF_OK);
    for (int i = 0; i < K; i++)
        for (int j = 0; j < K; j++)
            map[i][j] = mf_rng_normal(&rng) + (i == j ? 2 : 0);
    for (uint32_t i = 0; i < CELLS; i++)
        for (int f = 0; f < K; f++)
            mf_tensor_at(&v, i, 0)[f] = i == 7 ? 0 : (float)mf_rng_normal(&rng);
    for (uint32_t i = 0; i < CELLS; i++)
        for (int f = 0; f < K; f++)
            for (int g = 0; g < K; g++)
                mf_tensor_at(&mapped, i, 0)[f] +=
                    (float)(map[f][g] * (double)mf_tensor_at(&v, i, 0)[g]);
    assert_int_equal(als_cluster_space(&space[0], &v, 1, NULL), MF_OK);
    assert_int_equal(als_cluster_space(&space[1], &mapped, 3, NULL), MF_OK);
    for (uint32_t i = 0; i < CELLS; i++)
        for (uint32_t j = 0; j < CELLS; j++) {
            double cosine[2];
            for (int s = 0; s < 2; s++)
                cosine[s] = (double)mf_dot(mf_tensor_at(&space[s], i, 0),
                                           mf_tensor_at(&space[s], j, 0), K);
            assert_true(fabs(cosine[0] - cosine[1]) < 1e-4);
            if (i == j)
                assert_true(fabs(cosine[0] - (i == 7 ? 0 : 1)) < 1e-5);
            else
                cosines += fabs(cosine[0]);
        }
    assert_true(cosines > 100); /* they are not all 0 */
    for (int s = 0; s < 2; s++)
        mf_tensor_free(&space[s]);
    mf_tensor_free(&v);
    mf_tensor_free(&mapped);
}

/* Two items of two directions in three factors: there is nothing of the third. */
static void directions_that_no_item_has_count_nothing(void **state)
{
    (void)state;
    mf_tensor v, unit;
    assert_int_equal(mf_tensor_alloc(&v, 2, 1, 3, NULL), MF_OK);
    v.data[0] = 5;
    v.data[4] = .01f;
    assert_int_equal(als_cluster_space(&unit, &v, 1, NULL), MF_OK);
    for (uint32_t i = 0; i < 2; i++)
        assert_true(
            fabsf(mf_dot(mf_tensor_at(&unit, i, 0), mf_tensor_at(&unit, i, 0), 3) - 1) <
            1e-5f);
    assert_true(fabsf(mf_dot(unit.data, unit.data + 3, 3)) < 1e-5f);
    mf_tensor_free(&unit);
    mf_tensor_free(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_of_more_restarts_is_kept),
        cmocka_unit_test(every_restart_begins_at_the_parts_that_are_given),
        cmocka_unit_test(histories_are_clustered_where_no_direction_counts_more),
        cmocka_unit_test(directions_that_no_item_has_count_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
