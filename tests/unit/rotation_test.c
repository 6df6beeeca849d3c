/* Gram matrices, eigenvectors and rotations of many factors: math/linalg.h and
 * math/rotation.h. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aid.h"
#include "base/mem.h"
#include "kernel_aid.h"
#include "math/linalg.h"
#include "math/rotation.h"

static double *gram_of(const float *x, size_t n, uint32_t k, int threads)
{
    double *g = mf__new((size_t)k * k, sizeof *g);
    assert_non_null(g);
    assert_int_equal(mf__gram(g, x, n, k, threads, NULL), MF_OK);
    return g;
}

/* Of both ways, by the number of factors; of no rows, of less than a block, and of more
 * than are summed in float. */
static void gram_matrices_are_sums_of_products(void **state)
{
    (void)state;
    static const uint32_t factors[] = {1, 17, 160, 161, 200, 291};
    static const size_t rows[] = {0, 1, 130, 2300};
    for (size_t a = 0; a < 6; a++)
        for (size_t b = 0; b < 4; b++) {
            uint32_t k = factors[a];
            size_t n = rows[b];
            float *x = aid_draw(n * k);
            double *g = gram_of(x, n, k, 1), *h = gram_of(x, n, k, 3);
            assert_memory_equal(g, h, (size_t)k * k * sizeof *g);
            for (uint32_t i = 0; i < k; i += 1 + k / 40)
                for (uint32_t j = 0; j < k; j++) {
                    double sum = 0;
                    for (size_t r = 0; r < n; r++)
                        sum += (double)x[r * k + i] * (double)x[r * k + j];
                    assert_true(fabs(g[(size_t)i * k + j] - sum) <= 1e-6 * (double)n);
                    assert_true(g[(size_t)i * k + j] == g[(size_t)j * k + i]);
                }
            free(x);
            free(g);
            free(h);
        }
}

/* Rows that are turned have the diagonal Gram matrix, and products as before; those that
 * are not named stay. */
static void rows_are_turned_into_the_basis(void **state)
{
    (void)state;
    static const uint32_t factors[] = {1, 5, 64, 193};
    enum { N = 230, TURNED = 100 };
    for (size_t a = 0; a < 4; a++) {
        uint32_t k = factors[a], row[TURNED];
        float *x = aid_draw((size_t)N * k), *y = mf__new((size_t)N * k, sizeof *y);
        float *vectors = mf__new((size_t)k * k, sizeof *vectors),
              *values = mf__new(k, sizeof *values);
        double *g = gram_of(x, N, k, 2);
        mf_rotation r;
        assert_true(y && vectors && values);
        assert_int_equal(mf__eigenvectors_float(vectors, values, g, k, NULL), MF_OK);
        assert_int_equal(mf__rotation_open(&r, k, 2, NULL), MF_OK);
        mf__rotation_set(&r, vectors);
        memcpy(y, x, (size_t)N * k * sizeof *x);
        mf__rotate(&r, y, N, NULL);
        double *h = gram_of(y, N, k, 1);
        for (uint32_t i = 0; i < k; i++)
            for (uint32_t j = 0; j < k; j++)
                assert_true(
                    fabs(h[(size_t)i * k + j] - (i == j ? (double)values[i] : 0)) <=
                    1e-5 * (double)values[k - 1]);
        for (size_t p = 0; p < N; p += 7) {
            double before = 0, after = 0;
            for (uint32_t f = 0; f < k; f++) {
                before += (double)x[p * k + f] * (double)x[(N - 1 - p) * k + f];
                after += (double)y[p * k + f] * (double)y[(N - 1 - p) * k + f];
            }
            assert_true(fabs(before - after) <= 1e-5 * k);
        }
        for (uint32_t i = 0; i < TURNED; i++)
            row[i] = 2 * i + 1;
        mf__rotate(&r, x, TURNED, row);
        for (uint32_t i = 0; i < TURNED; i++) /* the bits do not depend on the others */
            assert_memory_equal(x + row[i] * k, y + row[i] * k, k * sizeof *x);
        free(g);
        free(h);
        mf__rotation_close(&r);
        free(x);
        free(y);
        free(vectors);
        free(values);
    }
}

static void factors_that_overflow_have_no_basis(void **state)
{
    (void)state;
    double g[4] = {1, 0, 0, INFINITY};
    float vectors[4], values[2];
    mf_err err = {0};
    assert_int_equal(mf__eigenvectors_float(vectors, values, g, 2, &err), MF_EMATH);
    assert_non_null(strstr(err.text, "factors overflow"));
}

static void rows_of_gram_matrices_may_have_weights(void **state)
{
    (void)state;
    static const uint32_t factors[] = {3, 32, 200};
    static const size_t rows[] = {1, 130, 2300};
    for (size_t a = 0; a < 3; a++)
        for (size_t b = 0; b < 3; b++) {
            uint32_t k = factors[a];
            size_t n = rows[b];
            float *x = aid_draw(n * k), *w = aid_draw(n);
            double *g = mf__new((size_t)k * k, sizeof *g),
                   *h = mf__new((size_t)k * k, sizeof *h);
            assert_true(g && h);
            for (size_t r = 0; r < n; r++)
                w[r] = r % 7 == 2 ? 0 : w[r] * w[r];
            assert_int_equal(mf__gram_weighted(g, x, w, n, k, 1, NULL, NULL), MF_OK);
            assert_int_equal(mf__gram_weighted(h, x, w, n, k, 3, NULL, NULL), MF_OK);
            assert_memory_equal(g, h, (size_t)k * k * sizeof *g);
            for (uint32_t i = 0; i < k; i += 1 + k / 40)
                for (uint32_t j = 0; j < k; j++) {
                    double sum = 0;
                    for (size_t r = 0; r < n; r++)
                        sum +=
                            (double)w[r] * (double)x[r * k + i] * (double)x[r * k + j];
                    assert_true(fabs(g[(size_t)i * k + j] - sum) <= 1e-6 * (double)n);
                    assert_true(g[(size_t)i * k + j] == g[(size_t)j * k + i]);
                }
            free(x);
            free(w);
            free(g);
            free(h);
        }
}

/* From 2,897 on LAPACK needs more than 2^24 floats to work with, and says so by a float,
 * which cannot say how many. */
static void eigenvectors_of_thousands_have_room(void **state)
{
    (void)state;
    uint32_t k = 2898;
    size_t square = (size_t)k * k;
    double *g = mf__new0(square, sizeof *g);
    float *vectors = mf__new(square, sizeof *vectors), *values = mf__new(k, sizeof *values);
    assert_true(g && vectors && values);
    for (uint32_t i = 0; i < k; i++)
        g[(size_t)i * k + i] = i;
    assert_int_equal(mf__eigenvectors_float(vectors, values, g, k, NULL), MF_OK);
    for (uint32_t i = 0; i < k; i++) {
        assert_true(values[i] == (float)i);
        assert_true(fabsf(vectors[(size_t)i * k + i]) == 1);
    }
    free(g);
    free(vectors);
    free(values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gram_matrices_are_sums_of_products),
        cmocka_unit_test(rows_of_gram_matrices_may_have_weights),
        cmocka_unit_test(rows_are_turned_into_the_basis),
        cmocka_unit_test(factors_that_overflow_have_no_basis),
        cmocka_unit_test(eigenvectors_of_thousands_have_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
