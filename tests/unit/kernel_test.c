/* Each kernel of each level that this machine has, against plain double C. */
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

enum { K_MAX = 144, M_MAX = 80 };

static void check_gather(const mf_kernel *kernel)
{
    uint32_t group[M_MAX];
    for (uint32_t k = 1; k <= 70; k += k < 40 ? 1 : 7)
        for (uint32_t p = 1; p <= 3; p++)
            for (size_t m = 0; m <= 20; m += 5) {
                uint32_t n = kernel_pad(kernel, k), groups = 9;
                float *src = aid_draw((size_t)groups * p * k), *scale = aid_draw(m * p);
                float *dim = aid_draw(k), *panel = aid_blank(m * p * n);
                for (size_t i = 0; i < M_MAX; i++)
                    group[i] = mf__rng_below(&aid_rng, groups);
                for (int with = 0; with < 4; with++) {
                    kernel->gather(panel, m, M_MAX, group, p, src, k,
                                   with & 1 ? scale : NULL, with & 2 ? dim : NULL);
                    for (size_t i = 0; i < m * p; i++)
                        for (uint32_t f = 0; f < n; f++) {
                            size_t row = (size_t)group[i / p] * p + i % p;
                            double want = f < k ? (double)src[row * k + f] : 0;
                            want *= with & 1 ? (double)scale[i] : 1;
                            want *= with & 2 && f < k ? (double)dim[f] : 1;
                            aid_assert_near((double)panel[i * n + f], want, 1);
                        }
                }
                free(src);
                free(scale);
                free(dim);
                free(panel);
            }
}

static void rows_are_gathered_scaled_and_padded(void **state)
{
    (void)state;
    aid_levels(check_gather);
}

static void check_rank(const mf_kernel *kernel)
{
    for (uint32_t n = kernel->pad; n <= K_MAX; n += kernel->pad)
        for (size_t m = 0; m < M_MAX; m += m < 4 ? 1 : 13) {
            float *panel = aid_draw(m * n), *a = aid_draw((size_t)n * n);
            float *sum = mf__new((size_t)n * n, sizeof *sum);
            memcpy(sum, a, (size_t)n * n * sizeof *a);
            kernel->rank_update(n, m, panel, sum, true);
            for (int add = 1; add >= 0; add--) {
                for (uint32_t i = 0; i < n; i++)
                    for (uint32_t j = i; j < n; j++) {
                        double want = add ? (double)a[i * n + j] : 0;
                        for (size_t r = 0; r < m; r++)
                            want += (double)panel[r * n + i] * (double)panel[r * n + j];
                        aid_assert_near((double)sum[i * n + j], want, (double)m);
                    }
                kernel->rank_update(n, m, panel, sum, false);
            }
            free(panel);
            free(a);
            free(sum);
        }
}

static void an_update_adds_the_products_of_columns(void **state)
{
    (void)state;
    aid_levels(check_rank);
}

/* A and rhs of rows that lie apart, with and without scales, overwritten and added
 * to. */
static void check_accumulate(const mf_kernel *kernel)
{
    enum { ROWS = 7 };
    uint32_t row[M_MAX];
    for (uint32_t k = 1; k <= 70; k += k < 34 ? 1 : 4)
        for (size_t m = 0; m < 40; m += m < 4 ? 1 : 13) {
            uint32_t n = kernel_pad(kernel, k);
            float *src = aid_draw((size_t)ROWS * k), *s = aid_draw(M_MAX);
            float *t = aid_draw(M_MAX), *a = aid_blank((size_t)n * n);
            float *rhs = aid_blank(n), *panel = aid_blank(m * n);
            for (size_t i = 0; i < M_MAX; i++)
                row[i] = mf__rng_below(&aid_rng, ROWS);
            const float *next[] = {src, src + k, src};
            kernel_rows rows = {.m = m,
                                .ahead = m + 5 < M_MAX ? m + 5 : M_MAX,
                                .row = row,
                                .src = src,
                                .k = k,
                                .rhs_weight = t,
                                .fetched = m / 2,
                                .next = next,
                                .next_count = m % 4};
            kernel->accumulate(a, rhs, false, &rows, panel);
            rows.scale = s;
            kernel->accumulate(a, rhs, true, &rows, panel);
            for (uint32_t i = 0; i < n; i++)
                for (uint32_t j = i; j <= n; j++) {
                    double want = 0;
                    for (size_t r = 0; r < m && i < k && (j < k || j == n); r++) {
                        const float *y = src + row[r] * k;
                        double by = j == n ? (1 + (double)s[r]) * (double)t[r]
                                           : (1 + (double)(s[r] * s[r])) * (double)y[j];
                        want += (double)y[i] * by;
                    }
                    double got = (double)(j == n ? rhs[i] : a[i * n + j]);
                    aid_assert_near(got, want, 2 * (double)m);
                }
            free(src);
            free(s);
            free(t);
            free(a);
            free(rhs);
            free(panel);
        }
}

static void rows_that_lie_apart_are_summed(void **state)
{
    (void)state;
    aid_levels(check_accumulate);
}

static void check_vectors(const mf_kernel *kernel)
{
    for (uint32_t n = kernel->pad; n <= K_MAX; n += kernel->pad)
        for (size_t m = 0; m < 24; m++) {
            float *panel = aid_draw(m * n), *weight = aid_draw(m);
            float *out = aid_draw(n), *before = mf__new(n, sizeof *before);
            memcpy(before, out, n * sizeof *out);
            kernel->combine(out, n, m, panel, weight, true);
            for (int add = 1; add >= 0; add--) {
                for (uint32_t f = 0; f < n; f++) {
                    double want = add ? (double)before[f] : 0;
                    for (size_t i = 0; i < m; i++)
                        want += (double)weight[i] * (double)panel[i * n + f];
                    aid_assert_near((double)out[f], want, (double)m);
                }
                kernel->combine(out, n, m, panel, weight, false);
            }
            free(panel);
            free(weight);
            free(out);
            free(before);
        }
}

static void panels_are_combined(void **state)
{
    (void)state;
    aid_levels(check_vectors);
}

static void check_transpose(const mf_kernel *kernel)
{
    for (uint32_t n = kernel->pad; n <= K_MAX; n += kernel->pad)
        for (uint32_t m = kernel->pad; m <= M_MAX; m += kernel->pad) {
            float *panel = aid_draw((size_t)m * n), *out = aid_blank((size_t)m * n);
            kernel->transpose(out, m, n, panel);
            for (uint32_t i = 0; i < m; i++)
                for (uint32_t f = 0; f < n; f++)
                    assert_true(out[f * m + i] == panel[i * n + f]);
            free(panel);
            free(out);
        }
}

static void a_panel_is_transposed(void **state)
{
    (void)state;
    aid_levels(check_transpose);
}

static void check_dots(const mf_kernel *kernel)
{
    uint32_t item[M_MAX];
    for (uint32_t k = 1; k <= 70; k++)
        for (size_t m = 0; m < 20; m += 1 + m / 4)
            for (uint32_t p = 1; p <= 4; p += 3) {
                uint32_t items = 11;
                float *src = aid_draw((size_t)items * k), *x = aid_draw((size_t)p * k);
                float *out = aid_blank(m * p), *across = aid_blank(m * p + 1), one;
                for (size_t i = 0; i < m; i++)
                    item[i] = mf__rng_below(&aid_rng, items);
                kernel->dots(out, m, m, item, src, k, p, x);
                kernel->dots_across(across, m, m, m, item, src, k, p, x);
                for (size_t i = 0; i < m * p; i++) {
                    const float *y = src + (size_t)item[i / p] * k, *z = x + i % p * k;
                    double want = 0;
                    for (uint32_t f = 0; f < k; f++)
                        want += (double)y[f] * (double)z[f];
                    aid_assert_near((double)out[i], want, k);
                    kernel->dots(&one, 1, 1, &item[i / p], src, k, 1, z);
                    assert_true(one == out[i]); /* wherever it stands */
                    float there = across[i % p * m + i / p];
                    aid_assert_near((double)there, want, k);
                    kernel->dots_across(&one, 1, 1, 1, &item[i / p], src, k, 1, z);
                    assert_true(one == there);
                }
                assert_true(isnan(across[m * p]));
                free(across);
                free(src);
                free(x);
                free(out);
            }
}

static void dot_products_do_not_depend_on_their_place(void **state)
{
    (void)state;
    aid_levels(check_dots);
}

static void check_matrices(const mf_kernel *kernel)
{
    for (uint32_t n = kernel->pad; n <= K_MAX; n += kernel->pad) {
        size_t square = (size_t)n * n;
        float *a = aid_draw(square), *b = aid_draw(square),
              *got = mf__new(square, sizeof *got);
        float *root = aid_blank(n);
        double *sum = mf__new(square, sizeof *sum);
        assert_true(got && sum);
        memcpy(got, a, square * sizeof *a);
        for (size_t i = 0; i < square; i++)
            sum[i] = (double)b[i] / 3;
        kernel->merge(n, 1.5f, got, -.5f, b, 2.5f);
        kernel->spill(n, sum, a);
        for (size_t i = 0; i < n; i++)
            for (size_t j = i; j < n; j++) {
                size_t at = i * n + j;
                double more = i == j ? 2.5 : 0;
                aid_assert_near((double)got[at],
                                1.5 * (double)a[at] - .5 * (double)b[at] + more, 1);
                assert_true(sum[at] == (double)b[at] / 3 + (double)a[at]);
            }
        for (size_t i = 0; i < n; i++)
            a[i] = fabsf(a[i]);
        kernel->inverse_roots(root, n, a, .25f);
        for (size_t i = 0; i < n; i++)
            aid_assert_near((double)root[i], 1 / sqrt((double)a[i] + .25), 1);
        free(a);
        free(b);
        free(got);
        free(root);
        free(sum);
    }
}

static void matrices_are_added_in_float_and_in_double(void **state)
{
    (void)state;
    aid_levels(check_matrices);
}

/* One matrix becomes several, the last of them in its own place. */
static void check_add_diagonals(const mf_kernel *kernel)
{
    enum { SYSTEMS = 3 };
    for (uint32_t n = 8; n <= K_MAX; n += 8) {
        uint32_t lda = kernel_pad(kernel, n);
        size_t square = (size_t)n * lda;
        float *a = aid_draw(square), *before = mf__new(square, sizeof *before);
        float *to[SYSTEMS] = {aid_blank(square), aid_blank(square), a}, *d[SYSTEMS];
        assert_non_null(before);
        memcpy(before, a, square * sizeof *a);
        for (size_t s = 0; s < SYSTEMS; s++)
            d[s] = aid_draw(n);
        kernel->add_diagonals(n, lda, a, SYSTEMS, to, (const float *const *)d);
        for (size_t s = 0; s < SYSTEMS; s++)
            for (size_t i = 0; i < n; i++)
                for (size_t j = i; j < lda; j++) {
                    float sum = before[i * lda + j];
                    assert_true(to[s][i * lda + j] == (i == j ? sum + d[s][i] : sum));
                }
        for (size_t s = 0; s < SYSTEMS; s++) {
            free(to[s]);
            free(d[s]);
        }
        free(before);
    }
}

static void a_matrix_is_copied_with_several_diagonals(void **state)
{
    (void)state;
    aid_levels(check_add_diagonals);
}

/* --- systems --- */

typedef struct systems {
    uint32_t n, lda, count;
    float *a[KERNEL_BATCH], *b[KERNEL_BATCH], loss[KERNEL_BATCH], *scratch;
} systems;

/* Positive definite systems of order n and, every third, half of it; the rest of their
 * diagonals is filled up with ones. */
static void make_systems(systems *s, const mf_kernel *kernel, uint32_t n,
                         uint32_t count)
{
    s->n = (n + 7) / 8 * 8;
    s->lda = kernel_pad(kernel, n);
    s->count = count;
    s->scratch = mf__new_aligned(KERNEL_SCRATCH(s->n), sizeof *s->scratch);
    for (uint32_t u = 0; u < count; u++) {
        uint32_t order = u % 3 == 2 ? (n + 1) / 2 : n;
        float *rows = aid_draw((size_t)order * (order + 3));
        s->a[u] = mf__new0((size_t)s->lda * s->lda, sizeof *s->a[u]);
        s->b[u] = aid_draw(s->lda);
        for (uint32_t i = 0; i < s->n; i++)
            for (uint32_t j = i; j < s->n; j++) {
                double sum = i == j ? (i < order ? .5 : 1) : 0;
                for (uint32_t r = 0; i < order && j < order && r < order + 3; r++)
                    sum += (double)rows[r * order + i] * (double)rows[r * order + j];
                s->a[u][i * s->lda + j] = (float)sum;
            }
        for (uint32_t i = order; i < s->lda; i++)
            s->b[u][i] = 0;
        free(rows);
    }
}

static void free_systems(systems *s)
{
    for (uint32_t u = 0; u < s->count; u++) {
        free(s->a[u]);
        free(s->b[u]);
    }
    free(s->scratch);
}

static void check_solve(const mf_kernel *kernel)
{
    for (uint32_t n = 1; n <= K_MAX; n += n < 20 ? 1 : 9)
        for (uint32_t count = 1; count <= kernel->batch; count += n % 2 ? 3 : 15) {
            systems s, same;
            mf_rng here = aid_rng;
            make_systems(&s, kernel, n, count);
            aid_rng = here;
            make_systems(&same, kernel, n, count);
            kernel->solve(s.n, s.lda, count, s.a, s.b, s.loss, s.scratch);
            for (uint32_t u = 0; u < count; u++) {
                assert_true(s.loss[u] >= 1 && isfinite(s.loss[u]));
                for (uint32_t i = 0; i < s.n; i++) { /* A x = b */
                    double sum = 0, scale = 0;
                    for (uint32_t j = 0; j < s.n; j++) {
                        uint32_t lo = i < j ? i : j, hi = i < j ? j : i;
                        double term =
                            (double)same.a[u][lo * s.lda + hi] * (double)s.b[u][j];
                        sum += term;
                        scale += fabs(term);
                    }
                    aid_assert_near(sum, (double)same.b[u][i], scale);
                }
            }
            /* alone, the same bits */
            uint32_t u = count - 1;
            float alone;
            kernel->solve(same.n, same.lda, 1, same.a + u, same.b + u, &alone,
                          same.scratch);
            assert_memory_equal(same.b[u], s.b[u], s.n * sizeof *s.b[u]);
            assert_true(alone == s.loss[u]);
            free_systems(&s);
            free_systems(&same);
        }
}

static void systems_are_solved_alike_alone_and_in_batches(void **state)
{
    (void)state;
    aid_levels(check_solve);
}

static void check_indefinite(const mf_kernel *kernel)
{
    for (uint32_t at = 0; at < 24; at++) {
        systems s;
        make_systems(&s, kernel, 24, 4);
        s.a[1][at * s.lda + at] = at % 3 == 0 ? -1 : at % 3 == 1 ? 0 : NAN;
        kernel->solve(s.n, s.lda, 4, s.a, s.b, s.loss, s.scratch);
        assert_false(s.loss[1] < 1e6f);
        assert_true(s.loss[0] < 1e6f && s.loss[2] < 1e6f && s.loss[3] < 1e6f);
        for (uint32_t i = 0; i < 24; i++)
            assert_true(isfinite(s.b[0][i]));
        free_systems(&s);
    }
}

static void a_system_that_is_not_definite_shows_and_harms_no_other(void **state)
{
    (void)state;
    aid_levels(check_indefinite);
}

static void check_score(const mf_kernel *kernel)
{
    for (uint32_t k = 1; k <= 70; k += k < 10 ? 1 : 12)
        for (uint32_t n = 0; n <= 20; n++) {
            size_t stride = KERNEL_PANEL + n;
            float *panel = aid_draw((size_t)k * KERNEL_PANEL),
                  *x = aid_draw((size_t)n * k);
            float *out = aid_blank(n * stride), alone[KERNEL_PANEL];
            const float *row[20];
            for (uint32_t j = 0; j < n; j++)
                row[j] = x + (size_t)j * k;
            kernel->score(out, stride, n, row, k, panel);
            for (uint32_t j = 0; j < n; j++) {
                for (uint32_t i = 0; i < KERNEL_PANEL; i++) {
                    double want = 0;
                    for (uint32_t f = 0; f < k; f++)
                        want += (double)row[j][f] * (double)panel[f * KERNEL_PANEL + i];
                    aid_assert_near((double)out[j * stride + i], want, k);
                }
                kernel->score(alone, 0, 1, &row[j], k, panel);
                assert_memory_equal(alone, out + j * stride, sizeof alone);
            }
            free(panel);
            free(x);
            free(out);
        }
}

static void scores_do_not_depend_on_their_place(void **state)
{
    (void)state;
    aid_levels(check_score);
}

/* Of several x and y, and of one x for all. */
static void check_pairs(const mf_kernel *kernel)
{
    for (uint32_t k = 1; k <= 70; k += k < 20 ? 1 : 9)
        for (uint32_t n = 0; n <= 40; n++)
            for (int one = 0; one < 2; one++) {
                float *x = aid_draw((size_t)(n + 1) * k),
                      *panel = aid_draw((size_t)k * KERNEL_PANEL);
                float *y = aid_draw((size_t)(n + 1) * k), out[41];
                const float *xs[41], *ys[41];
                for (uint32_t i = 0; i < n; i++) {
                    xs[i] = x + (one ? 0 : (size_t)i * k);
                    ys[i] = y + (size_t)i * k;
                    for (uint32_t f = 0; f < k; f++)
                        panel[(size_t)f * KERNEL_PANEL + i] = ys[i][f];
                }
                out[n] = 7;
                kernel->pairs(out, n, k, xs, ys);
                assert_float_equal(out[n], 7, 0);
                for (uint32_t i = 0; i < n; i++) {
                    float row[KERNEL_PANEL];
                    kernel->score(row, 0, 1, &xs[i], k, panel);
                    assert_memory_equal(&out[i], &row[i], sizeof *out);
                }
                free(panel);
                free(x);
                free(y);
            }
}

static void pairs_have_the_bits_of_scores(void **state)
{
    (void)state;
    aid_levels(check_pairs);
}

static void check_above(const mf_kernel *kernel)
{
    for (uint32_t n = 0; n <= 100; n++) {
        float *x = aid_draw(n), least = n % 5 == 0 ? -INFINITY : n ? x[n / 2] : 0;
        uint32_t got[100 + 16], want = 0;
        uint32_t found = kernel->above(got, x, n, least);
        for (uint32_t i = 0; i < n; i++)
            if (x[i] >= least)
                assert_int_equal(got[want++], i);
        assert_int_equal(found, want);
        uint32_t more = 0;
        for (uint32_t i = 0; i < n; i++)
            more += x[i] > least;
        assert_int_equal(kernel->count(x, n, least, true), want);
        assert_int_equal(kernel->count(x, n, least, false), more);
        free(x);
    }
}

static void what_is_large_enough_is_found_in_order_and_counted(void **state)
{
    (void)state;
    aid_levels(check_above);
}

static void a_level_can_be_forced(void **state)
{
    (void)state;
    assert_int_equal(setenv("MF_KERNEL", "base", 1), 0);
    assert_ptr_equal(mf__kernel_choose(), mf__kernel_find("base"));
    assert_int_equal(setenv("MF_KERNEL", "sse9", 1), 0);
    const mf_kernel *best = mf__kernel_choose();
    assert_int_equal(unsetenv("MF_KERNEL"), 0);
    assert_ptr_equal(mf__kernel_choose(), best);
    assert_null(mf__kernel_find("sse9"));
}

static void an_unknown_level_is_refused(void **state)
{
    (void)state;
    mf_err err = {0};
    for (int i = 0; mf__kernel_names[i]; i++) { /* also if the machine lacks it */
        assert_int_equal(setenv("MF_KERNEL", mf__kernel_names[i], 1), 0);
        assert_int_equal(mf_kernel_check(&err), MF_OK);
    }
    assert_int_equal(setenv("MF_KERNEL", "", 1), 0);
    assert_int_equal(mf_kernel_check(&err), MF_OK);
    assert_int_equal(setenv("MF_KERNEL", "AVX2", 1), 0);
    assert_int_equal(mf_kernel_check(&err), MF_EINVAL);
    assert_string_equal(err.text, "MF_KERNEL=AVX2: it may be avx512, avx2 or base");
    assert_int_equal(unsetenv("MF_KERNEL"), 0);
    assert_int_equal(mf_kernel_check(&err), MF_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_gathered_scaled_and_padded),
        cmocka_unit_test(an_update_adds_the_products_of_columns),
        cmocka_unit_test(rows_that_lie_apart_are_summed),
        cmocka_unit_test(panels_are_combined),
        cmocka_unit_test(a_panel_is_transposed),
        cmocka_unit_test(dot_products_do_not_depend_on_their_place),
        cmocka_unit_test(scores_do_not_depend_on_their_place),
        cmocka_unit_test(pairs_have_the_bits_of_scores),
        cmocka_unit_test(what_is_large_enough_is_found_in_order_and_counted),
        cmocka_unit_test(matrices_are_added_in_float_and_in_double),
        cmocka_unit_test(a_matrix_is_copied_with_several_diagonals),
        cmocka_unit_test(systems_are_solved_alike_alone_and_in_batches),
        cmocka_unit_test(a_system_that_is_not_definite_shows_and_harms_no_other),
        cmocka_unit_test(a_level_can_be_forced),
        cmocka_unit_test(an_unknown_level_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
