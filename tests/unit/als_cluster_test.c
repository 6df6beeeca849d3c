/* The clustering of a history: restarts, and the parts that are given. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "data/tensor.h"
#include "math/cluster.h"

enum { CELLS = 40, LONG = 700, K = 5, P = 4, HISTORIES = 50 };

static uint32_t item[LONG];

/* n random unit vectors without clear clusters; item[t] = t. */
static void draw_unit(mf_tensor *unit, uint32_t n)
{
    mf_tensor v;
    mf_rng rng = mf__rng_make(7, MF_STREAM_TEST, 1);
    assert_int_equal(mf_tensor_alloc(&v, n, 1, K, NULL), MF_OK);
    for (size_t i = 0; i < (size_t)n * K; i++)
        v.data[i] = (float)mf__rng_normal(&rng);
    assert_int_equal(mf__tensor_unit(unit, &v, NULL), MF_OK);
    mf_tensor_free(&v);
    for (uint32_t t = 0; t < n; t++)
        item[t] = t;
}

/* The center of part q by definition, in double; false if it owns nothing. */
static bool center_of(double center[K], const mf_tensor *unit, size_t n,
                      const uint8_t *z, uint32_t q)
{
    double norm = 0;
    memset(center, 0, K * sizeof *center);
    for (size_t t = 0; t < n; t++)
        for (uint32_t f = 0; f < K && z[t] == q; f++)
            center[f] += (double)mf_tensor_at(unit, item[t], 0)[f];
    for (uint32_t f = 0; f < K; f++)
        norm += center[f] * center[f];
    for (uint32_t f = 0; f < K && norm > 0; f++)
        center[f] /= sqrt(norm);
    return norm > 0;
}

static double cosine(const double center[K], const mf_tensor *unit, size_t t)
{
    double sum = 0;
    for (uint32_t f = 0; f < K; f++)
        sum += center[f] * (double)mf_tensor_at(unit, item[t], 0)[f];
    return sum;
}

/* The sum of the cosines of the cells to their centers. */
static double sum_of_cosines(const mf_tensor *unit, size_t n, const uint8_t *z)
{
    double cosines = 0, center[K];
    for (uint32_t q = 0; q < P; q++)
        for (size_t t = 0; center_of(center, unit, n, z, q) && t < n; t++)
            cosines += z[t] == q ? cosine(center, unit, t) : 0;
    return cosines;
}

/* How many cells are nearer to the center of another part. */
static size_t astray(const mf_tensor *unit, size_t n, const uint8_t *z)
{
    double center[P][K];
    size_t count = 0;
    bool is[P];
    for (uint32_t q = 0; q < P; q++)
        is[q] = center_of(center[q], unit, n, z, q);
    for (size_t t = 0; t < n; t++) {
        bool nearer = false;
        for (uint32_t q = 0; q < P; q++)
            nearer |= is[q] &&
                      cosine(center[q], unit, t) > cosine(center[z[t]], unit, t) + 1e-5;
        count += nearer;
    }
    return count;
}

static void more_restarts_find_no_worse_clustering(void **state)
{
    (void)state;
    mf_tensor unit;
    mf_cluster c;
    draw_unit(&unit, CELLS);
    mf_whitened space;
    assert_int_equal(mf__whiten_units(&space, &unit, NULL), MF_OK);
    assert_int_equal(mf__cluster_open(&c, &space, P, CELLS, NULL), MF_OK);
    assert_int_equal(c.restarts, 1);
    int better = 0;
    for (uint64_t h = 0; h < HISTORIES; h++) {
        uint8_t z[CELLS], again[CELLS];
        double last = 0, first = 0;
        for (uint32_t restarts = 1; restarts <= 8; restarts *= 2) {
            c.restarts = restarts;
            mf__cluster_history(&c, CELLS, item, 1, h, z);
            mf__cluster_history(&c, CELLS, item, 1, h, again);
            assert_memory_equal(z, again, CELLS);
            double cosines = sum_of_cosines(&unit, CELLS, z);
            assert_true(cosines >=
                        last - 1e-5); /* the attempts before are among them */
            last = cosines;
            first = restarts == 1 ? cosines : first;
        }
        better += last > first + 1e-5;
    }
    assert_in_range(better, HISTORIES / 2, HISTORIES);
    mf__cluster_close(&c);
    mf__whitened_free(&space);
    mf_tensor_free(&unit);
}

/* Histories of few cells, of as many as have their products stored, of one more, and of
 * many, on every level and in one workspace: all but a few cells, those that ten rounds
 * did not reach, are with the nearest center. */
static void cells_are_with_the_nearest_center(void **state)
{
    (void)state;
    static const size_t length[] = {P, P + 1, CELLS, 512, 513, LONG, 7};
    mf_tensor unit;
    mf_cluster c;
    draw_unit(&unit, LONG);
    mf_whitened space;
    assert_int_equal(mf__whiten_units(&space, &unit, NULL), MF_OK);
    assert_int_equal(mf__cluster_open(&c, &space, P, 1, NULL), MF_OK);
    c.restarts = 3;
    for (int level = 0; mf__kernel_names[level]; level++) {
        const mf_kernel *kernel = mf__kernel_find(mf__kernel_names[level]);
        c.kernel = kernel ? kernel : c.kernel;
        for (size_t i = 0; i < sizeof length / sizeof *length; i++) {
            uint8_t z[LONG], brief[LONG];
            size_t n = length[i];
            assert_int_equal(mf__cluster_reserve(&c, n > CELLS ? n : CELLS, NULL),
                             MF_OK);
            mf__cluster_history(&c, n, item, 1, i, z);
            assert_in_range(astray(&unit, n, z), 0, n / 20);
            for (size_t t = 0; t < n; t++)
                assert_in_range(z[t], 0, P - 1);
            mf__cluster_history(&c, CELLS, item, 1, i, brief);
            assert_int_equal(astray(&unit, CELLS, brief), 0);
        }
    }
    mf__cluster_close(&c);
    mf__whitened_free(&space);
    mf_tensor_free(&unit);
}

/* Two parts, each of equal cells, and one that begins between them and loses all of
 * its cells: it stays there, and the sums of the others are those of their cells.
 * Once for a short history, once for a long one. */
static void a_part_that_owns_nothing_stays_where_it_is(void **state)
{
    (void)state;
    for (size_t n = CELLS; n <= LONG; n += LONG - CELLS) {
        mf_tensor unit;
        mf_cluster c;
        uint8_t z[LONG];
        draw_unit(&unit, LONG);
        for (size_t t = 0; t < n; t++)
            for (uint32_t f = 0; f < K; f++)
                mf_tensor_at(&unit, (uint32_t)t, 0)[f] = f == t % 2;
        mf_whitened space;
        assert_int_equal(mf__whiten_units(&space, &unit, NULL), MF_OK);
        assert_int_equal(mf__cluster_open(&c, &space, 3, n, NULL), MF_OK);
        for (size_t t = 0; t < n; t++) /* part 2: one of each kind */
            z[t] = t < 2 ? 2 : t % 2;
        mf__cluster_history_from(&c, 3, n, item, 1, 0, z);
        for (size_t t = 0; t < n; t++)
            assert_int_equal(z[t], t % 2);
        assert_int_equal(c.part[2].n, 0);
        assert_true(fabs(c.part[2].square - 2) < 1e-6);
        for (uint32_t q = 0; q < 2; q++) {
            assert_int_equal(c.part[q].n, n / 2);
            double length = (double)(n / 2);
            assert_true(fabs(sqrt(c.part[q].square) - length) < 1e-5 * length);
        }
        mf__cluster_close(&c);
        mf__whitened_free(&space);
        mf_tensor_free(&unit);
    }
}

/* Each attempt begins at the parts that are given: they are clear, and every attempt
 * must find them again, under the same numbers. */
static void every_restart_begins_at_the_parts_that_are_given(void **state)
{
    (void)state;
    mf_tensor unit;
    mf_cluster c;
    draw_unit(&unit, CELLS);
    for (uint32_t t = 0; t < CELLS; t++) /* along four axes, part by part */
        for (uint32_t f = 0; f < K; f++)
            mf_tensor_at(&unit, t, 0)[f] = f == t % P;
    mf_whitened space;
    assert_int_equal(mf__whiten_units(&space, &unit, NULL), MF_OK);
    assert_int_equal(mf__cluster_open(&c, &space, P, CELLS, NULL), MF_OK);
    for (c.restarts = 1; c.restarts <= 6; c.restarts += 5) {
        uint8_t z[CELLS];
        for (uint32_t t = 0; t < CELLS; t++) /* one cell in ten is out of place */
            z[t] = (uint8_t)((t + (t % 10 > 0)) % P);
        mf__cluster_history_from(&c, P, CELLS, item, 1, 0, z);
        for (uint32_t t = 0; t < CELLS; t++)
            assert_int_equal(z[t], (t + 1) % P);
    }
    mf__cluster_close(&c);
    mf__whitened_free(&space);
    mf_tensor_free(&unit);
}

/* The inner product of two items in a space. */
static double product_in(const mf_whitened *space, uint32_t i, uint32_t j)
{
    const float *x = space->rows + (size_t)i * space->k,
                *y = space->rows + (size_t)j * space->k;
    double sum = 0;
    for (uint32_t f = 0; f < space->k; f++)
        sum += (double)(space->dim[f] * x[f]) * (double)(space->dim[f] * y[f]);
    return sum * (double)space->scale[i] * (double)space->scale[j];
}

/* Vectors have length 1, and the same cosines after any linear map of V. */
static void no_direction_counts_more_than_another(void **state)
{
    (void)state;
    mf_tensor v, mapped;
    mf_whitened space[2];
    mf_rng rng = mf__rng_make(9, MF_STREAM_TEST, 2);
    double map[K][K], cosines = 0;
    assert_int_equal(mf_tensor_alloc(&v, CELLS, 1, K, NULL), MF_OK);
    assert_int_equal(mf_tensor_alloc(&mapped, CELLS, 1, K, NULL), MF_OK);
    for (int i = 0; i < K; i++)
        for (int j = 0; j < K; j++)
            map[i][j] = mf__rng_normal(&rng) + (i == j ? 2 : 0);
    for (uint32_t i = 0; i < CELLS; i++)
        for (int f = 0; f < K; f++)
            mf_tensor_at(&v, i, 0)[f] = i == 7 ? 0 : (float)mf__rng_normal(&rng);
    for (uint32_t i = 0; i < CELLS; i++)
        for (int f = 0; f < K; f++)
            for (int g = 0; g < K; g++)
                mf_tensor_at(&mapped, i, 0)[f] +=
                    (float)(map[f][g] * (double)mf_tensor_at(&v, i, 0)[g]);
    assert_int_equal(mf__whiten(&space[0], &v, 1, NULL), MF_OK);
    assert_int_equal(mf__whiten(&space[1], &mapped, 3, NULL), MF_OK);
    for (uint32_t i = 0; i < CELLS; i++)
        for (uint32_t j = 0; j < CELLS; j++) {
            double cosine[2];
            for (int s = 0; s < 2; s++)
                cosine[s] = product_in(&space[s], i, j);
            assert_true(fabs(cosine[0] - cosine[1]) < 1e-4);
            if (i == j)
                assert_true(fabs(cosine[0] - (i == 7 ? 0 : 1)) < 1e-5);
            else
                cosines += fabs(cosine[0]);
        }
    assert_true(cosines > 100); /* they are not all 0 */
    for (int s = 0; s < 2; s++)
        mf__whitened_free(&space[s]);
    mf_tensor_free(&v);
    mf_tensor_free(&mapped);
}

/* Three items along three of four factors, one of them by what rounding leaves. */
static void directions_that_no_item_has_count_nothing(void **state)
{
    (void)state;
    mf_tensor v;
    mf_whitened space;
    assert_int_equal(mf_tensor_alloc(&v, 3, 1, 4, NULL), MF_OK);
    v.data[0] = 5;
    v.data[5] = .01f;
    v.data[10] = .001f;
    assert_int_equal(mf__whiten(&space, &v, 1, NULL), MF_OK);
    for (uint32_t i = 0; i < 2; i++)
        assert_true(fabs(product_in(&space, i, i) - 1) < 1e-5);
    assert_true(fabs(product_in(&space, 0, 1)) < 1e-5);
    assert_true(product_in(&space, 2, 2) == 0);
    mf__whitened_free(&space);
    mf_tensor_free(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_restarts_find_no_worse_clustering),
        cmocka_unit_test(cells_are_with_the_nearest_center),
        cmocka_unit_test(a_part_that_owns_nothing_stays_where_it_is),
        cmocka_unit_test(every_restart_begins_at_the_parts_that_are_given),
        cmocka_unit_test(no_direction_counts_more_than_another),
        cmocka_unit_test(directions_that_no_item_has_count_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
