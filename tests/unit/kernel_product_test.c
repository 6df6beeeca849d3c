/* Conjugate gradients, and products of large matrices: kernel/kernel.h. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "kernel_aid.h"
#include "mf/kernel.h"

/* x'A x - 2 b'x of a system, in double, and A x - b to rest[k]. */
static double value_of(const kernel_system *of, const float *x, double *rest)
{
    double value = 0;
    for (uint32_t f = 0; f < of->k; f++) {
        double d = (double)of->shared[f] + (double)of->ridge;
        rest[f] = d * (double)x[f];
        value += d * (double)x[f] * (double)x[f];
    }
    for (size_t i = 0; i < of->m; i++) {
        const float *y = of->src + (size_t)of->row[i] * of->k;
        double s = of->weight ? (double)of->weight[i] : 1, score = 0;
        double t = of->rhs_weight ? (double)of->rhs_weight[i] : 1;
        for (uint32_t f = 0; f < of->k; f++)
            score += (double)y[f] * (double)x[f];
        value += s * score * score - 2 * t * score;
        for (uint32_t f = 0; f < of->k; f++)
            rest[f] += (s * score - t) * (double)y[f];
    }
    return value;
}

/* Many steps reach the solution, of k factors that are no whole vectors, and of more
 * rows than are summed in float; each step lessens the value, and that is said. */
static void check_cg(const mf_kernel *kernel)
{
    static const size_t lengths[] = {0, 1, 7, 8, 19, 64, 2100};
    enum { ROWS = 40 };
    for (uint32_t k = 1; k <= 70; k += 23)
        for (size_t l = 0; l < 7; l++)
            for (int unit = 0; unit < 2; unit++) {
                size_t m = lengths[l];
                float *src = aid_draw(ROWS * k), *shared = aid_draw(k + 16),
                      *weight = aid_draw(m), *rhs_weight = aid_draw(m),
                      *x = aid_draw(k);
                uint32_t *row = mf__new(m, sizeof *row);
                double *rest = mf__new(k, sizeof *rest), last = INFINITY;
                float *scratch = mf__new_aligned(KERNEL_CG_SCRATCH(k), sizeof *scratch);
                assert_true(row && rest && scratch);
                for (size_t i = 0; i < m; i++) {
                    row[i] = (uint32_t)(i * 7 % ROWS);
                    weight[i] = fabsf(weight[i]) / 4;
                }
                for (uint32_t f = 0; f < k + 16; f++)
                    shared[f] = fabsf(shared[f]);
                kernel_system of = {.k = k,
                                    .m = m,
                                    .row = row,
                                    .src = src,
                                    .weight = unit ? NULL : weight,
                                    .rhs_weight = unit ? NULL : rhs_weight,
                                    .shared = shared,
                                    .ridge = .5f,
                                    .steps = 1,
                                    .steps_max = 1};
                for (int step = 0; step < 3; step++) {
                    kernel_solution got = kernel->cg(&of, x, scratch);
                    double value = value_of(&of, x, rest);
                    double near = 2e-6 * (1 + fabs(value) + (double)(m * k));
                    assert_true(fabs(got.value - value) <= near);
                    assert_true(value <= last + near);
                    last = value;
                }
                of.steps_max = 3 * k + 10;
                of.tolerance = 1e-12;
                kernel_solution got = kernel->cg(&of, x, scratch);
                double value = value_of(&of, x, rest), left = 0;
                for (uint32_t f = 0; f < k; f++)
                    left += rest[f] * rest[f] / ((double)shared[f] + .5);
                assert_true(got.steps <= of.steps_max);
                assert_true(left <= 1e-8 * (1e-3 + fabs(value)));
                free(src);
                free(shared);
                free(weight);
                free(rhs_weight);
                free(x);
                free(row);
                free(rest);
                free(scratch);
            }
}

static void conjugate_gradients_reach_the_solution(void **state)
{
    (void)state;
    aid_levels(check_cg);
}

/* The product of packed matrices, with either order of the left one, added or not. */
static void check_multiply(const mf_kernel *kernel)
{
    enum { ROWS = 21, DEPTH = 37 };
    for (uint32_t k = 1; k <= 2 * kernel->slab + 1; k += 5) {
        uint32_t width = (k + kernel->slab - 1) / kernel->slab * kernel->slab;
        float *a = aid_draw(ROWS * DEPTH), *b = aid_draw(DEPTH * k),
              *c = aid_draw((size_t)ROWS * width), *before = mf__new(ROWS * width, 4),
              *slabs = mf__new_aligned((size_t)DEPTH * width, sizeof *slabs);
        assert_true(before && slabs);
        memcpy(before, c, (size_t)ROWS * width * sizeof *c);
        kernel->pack(slabs, DEPTH, k, b, k);
        for (int turned = 0; turned < 2; turned++)
            for (int add = 1; add >= 0; add--) {
                memcpy(c, before, (size_t)ROWS * width * sizeof *c);
                for (uint32_t at = 0; at < width; at += kernel->slab)
                    kernel->multiply(c + at, width, add, ROWS, k - at, DEPTH, a,
                                     turned ? 1 : DEPTH, turned ? ROWS : 1,
                                     slabs + (size_t)at * DEPTH);
                for (uint32_t r = 0; r < ROWS; r++)
                    for (uint32_t f = 0; f < k; f++) {
                        double sum = add ? (double)before[r * width + f] : 0;
                        for (uint32_t d = 0; d < DEPTH; d++)
                            sum += (double)a[turned ? d * ROWS + r : r * DEPTH + d] *
                                   (double)b[d * k + f];
                        aid_assert_near((double)c[r * width + f], sum, 10);
                    }
            }
        free(a);
        free(b);
        free(c);
        free(before);
        free(slabs);
    }
}

static void packed_matrices_are_multiplied(void **state)
{
    (void)state;
    aid_levels(check_multiply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conjugate_gradients_reach_the_solution),
        cmocka_unit_test(packed_matrices_are_multiplied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
