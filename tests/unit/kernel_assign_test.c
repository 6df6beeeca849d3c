/* The kernels that find the persona of each cell and the nearest center, against
 * plain C. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel_aid.h"

enum { CELLS = 53, BEYOND = 16 };

/* One cell after the other, in double. */
static void assign_plainly(kernel_sums *sums, size_t n, uint32_t p, const float *score,
                           const kernel_assign *how, const uint8_t *z, uint8_t *next_z)
{
    *sums = (kernel_sums){0};
    for (size_t i = 0; i < n; i++) {
        double least = INFINITY, cheapest = INFINITY;
        for (uint32_t j = 0; j < p; j++) {
            bool mine = how->persona[j] == z[i];
            float factor = mine ? how->own : how->sibling;
            float error = how->base + factor * score[j * (CELLS + BEYOND) + i];
            double square = (double)error * (double)error;
            double cost = how->squares ? (double)(error * error) : (double)error;
            sums->all += (double)how->multiplicity[j] * square;
            sums->own += mine ? square : 0;
            if (how->inactive[j] == 0 && (double)error < least)
                least = (double)error;
            if (cost < cheapest) {
                cheapest = cost;
                next_z[i] = how->persona[j];
            }
        }
        sums->least += least * least;
        sums->moved += next_z[i] != z[i];
    }
}

static void check_assign(const mf_kernel *kernel)
{
    for (size_t n = 1; n <= CELLS; n++)
        for (uint32_t p = 1; p <= 6; p++) {
            float *score = aid_draw((size_t)p * (CELLS + BEYOND)), multiplicity[6],
                  inactive[6];
            uint8_t persona[6], z[CELLS + BEYOND], got[CELLS + 1], want[CELLS];
            for (uint32_t j = 0; j < p; j++) {
                persona[j] = (uint8_t)(j * 9 + 1);
                multiplicity[j] = j == 2 ? 3 : 1;
                inactive[j] = j == 1 ? INFINITY : 0;
                for (size_t i = n; i < CELLS + BEYOND; i++)
                    score[j * (CELLS + BEYOND) + i] = NAN; /* read, but not counted */
            }
            for (size_t i = 0; i < CELLS + BEYOND; i++)
                z[i] = persona[mf__rng_below(&aid_rng, p)];
            kernel_assign how = {.base = (float)(n % 2),
                                 .own = n % 2 ? -1 : .5f,
                                 .sibling = n % 2 ? -1 : 2,
                                 .persona = persona,
                                 .multiplicity = multiplicity,
                                 .inactive = inactive,
                                 .squares = n % 3 != 0};
            kernel_sums sums, plain;
            assign_plainly(&plain, n, p, score, &how, z, want);
            memset(got, 77, sizeof got);
            kernel->assign(&sums, n, p, score, CELLS + BEYOND, &how, z, got);
            assert_memory_equal(got, want, n);
            assert_int_equal(got[n], 77);
            aid_assert_near(sums.all, plain.all, plain.all);
            aid_assert_near(sums.own, plain.own, plain.all);
            aid_assert_near(sums.least, plain.least, plain.all);
            assert_true(sums.moved == plain.moved);
            kernel->assign(&sums, n, p, score, CELLS + BEYOND, &how, z, NULL);
            assert_true(sums.moved == plain.moved);
            free(score);
        }
}

static void cells_go_to_the_cheapest_persona(void **state)
{
    (void)state;
    aid_levels(check_assign);
}

static void check_nearest(const mf_kernel *kernel)
{
    size_t stride = CELLS + BEYOND;
    for (size_t n = 1; n <= CELLS; n++)
        for (uint32_t p = 1; p <= 64; p += p < 5 ? 1 : 29) {
            float *score = aid_draw(p * stride), *scale = aid_draw(p);
            uint8_t got[CELLS + 1];
            scale[p / 2] = 0;
            memset(got, 77, sizeof got);
            kernel->nearest(got, n, p, score, stride, scale);
            for (size_t i = 0; i < n; i++) {
                uint8_t best = 0;
                for (uint32_t q = 1; q < p; q++)
                    if (scale[q] * score[q * stride + i] >
                        scale[best] * score[best * stride + i])
                        best = (uint8_t)q;
                assert_int_equal(got[i], best);
            }
            assert_int_equal(got[n], 77);
            free(score);
            free(scale);
        }
}

/* The first of centers that are equally near. */
static void check_equals(const mf_kernel *kernel)
{
    float score[4 * (1 + BEYOND)], scale[4] = {1, 2, 2, 1};
    uint8_t got;
    for (size_t i = 0; i < sizeof score / sizeof *score; i++)
        score[i] = .5f;
    kernel->nearest(&got, 1, 4, score, 1 + BEYOND, scale);
    assert_int_equal(got, 1);
}

static void the_nearest_center_is_found(void **state)
{
    (void)state;
    aid_levels(check_nearest);
    aid_levels(check_equals);
}

static void check_sums(const mf_kernel *kernel)
{
    size_t stride = CELLS + BEYOND;
    for (size_t n = 1; n <= CELLS; n++)
        for (uint32_t p = 1; p <= 6; p++) {
            float *score = aid_draw(p * stride), got[6];
            uint8_t z[CELLS + BEYOND];
            for (size_t i = 0; i < stride; i++)
                z[i] = (uint8_t)mf__rng_below(&aid_rng, p);
            kernel->sum_own(got, n, p, score, stride, z);
            for (uint32_t q = 0; q < p; q++) {
                double want = 0;
                for (size_t i = 0; i < n; i++)
                    want += z[i] == q ? (double)score[q * stride + i] : 0;
                aid_assert_near(got[q], want, (double)n);
            }
            free(score);
        }
}

static void each_persona_sums_its_own_cells(void **state)
{
    (void)state;
    aid_levels(check_sums);
}

static void check_approach(const mf_kernel *kernel)
{
    for (size_t n = 1; n <= CELLS; n++) {
        float *score = aid_draw(CELLS + BEYOND), distance[CELLS + BEYOND];
        double want = 0;
        for (size_t i = 0; i < CELLS + BEYOND; i++)
            distance[i] = i % 3 ? 2 : .5f;
        float sum = kernel->approach(distance, n, score, 1.5f);
        for (size_t i = 0; i < n; i++) {
            double far = fmax(0, 1 - 1.5 * (double)score[i]);
            double least = fmin(far, i % 3 ? 2 : .5);
            aid_assert_near(distance[i], least, 2);
            want += least;
        }
        aid_assert_near(sum, want, 2 * (double)n);
        free(score);
    }
}

static void distances_are_to_the_nearest_center_so_far(void **state)
{
    (void)state;
    aid_levels(check_approach);
}

static void check_rows(const mf_kernel *kernel)
{
    static const uint16_t row[] = {3, 0, 4, 3, 1};
    for (uint32_t k = 1; k <= 130; k += 3) {
        uint32_t n = kernel_pad(kernel, k);
        float *src = aid_draw((size_t)5 * n), *old = aid_draw(n), *got = aid_draw(n);
        for (size_t m = 0; m <= 5; m++)
            for (int add = 0; add < 2; add++) {
                memcpy(got, old, n * sizeof *got);
                kernel->add_rows(got, n, add, -1, m, row, src);
                for (uint32_t f = 0; f < n; f++) {
                    double want = add ? (double)old[f] : 0;
                    for (size_t i = 0; i < m; i++)
                        want -= (double)src[row[i] * n + f];
                    aid_assert_near(got[f], want, 6);
                }
            }
        free(src);
        free(old);
        free(got);
    }
}

static void rows_are_added_and_taken_off(void **state)
{
    (void)state;
    aid_levels(check_rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_go_to_the_cheapest_persona),
        cmocka_unit_test(the_nearest_center_is_found),
        cmocka_unit_test(each_persona_sums_its_own_cells),
        cmocka_unit_test(distances_are_to_the_nearest_center_so_far),
        cmocka_unit_test(rows_are_added_and_taken_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
