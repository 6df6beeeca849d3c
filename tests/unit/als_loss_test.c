/* What the steps of training derive on the way - L, the next z, distinct vectors -
 * against what is measured. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aid.h"
#include "als/context.h"
#include "als_aid.h"
#include "base/mem.h"
#include "mf/als.h"

/* Rows of up to `most` cells, in a fixed irregular pattern. */
static void draw_cells(mf_csr *out, uint32_t rows, uint32_t cols, uint32_t most)
{
    uint32_t row[4096], col[4096];
    float value[4096];
    size_t n = 0;
    for (uint32_t r = 0; r < rows; r++)
        for (uint32_t c = 0; c < r * 7 % most; c++, n++) {
            row[n] = r;
            col[n] = (c * 5 + r * 3) % cols;
            value[n] = 1;
        }
    assert_true(n < 4096);
    assert_int_equal(mf_csr_from_triplets(out, rows, cols, n, row, col, value, NULL),
                     MF_OK);
}

typedef struct shown {
    mf_als *als;
    const mf_als_params *params;
    size_t count;
} shown;

static void assert_near(double got, double want, double scale)
{
    if (!(fabs(got - want) <= 2e-5 * scale))
        fail_msg("%.9g is not %.9g", got, want);
}

static void compare(void *self, const mf_als_state *derived)
{
    shown *s = self;
    mf_als_state measured;
    if (strcmp(derived->half, "items") != 0)
        assert_true(s->als->loss.known);
    assert_int_equal(mf_als_measure(s->als, &measured, NULL), MF_OK);
    assert_near(derived->loss, measured.loss, measured.loss);
    assert_near(derived->users, measured.users, measured.loss);
    assert_near(derived->items, measured.items, measured.loss);
    assert_near(derived->prediction, measured.prediction, measured.loss);
    assert_near(derived->loss, derived->prediction + derived->users + derived->items,
                derived->loss);
    if (strcmp(derived->half, "items") == 0)
        assert_true(isnan(derived->rmse));
    else
        assert_near(derived->rmse, measured.rmse, 1);
    s->count++;
}

/* In every way of solving a user: short and long rows, with and without an overlap,
 * more personas than a batch has systems, conjugate gradients. */
static void steps_derive_what_is_measured(void **state)
{
    (void)state;
    static const mf_solver solvers[] = {MF_SOLVER_AUTO, MF_SOLVER_CHOLESKY,
                                        MF_SOLVER_CG};
    static const uint32_t personas[] = {1, 2, 5, 40};
    mf_csr train;
    draw_cells(&train, 60, 90, 67);
    for (size_t s = 0; s < 3; s++)
        for (size_t q = 0; q < 4; q++)
            for (int hard = 0; hard < 2; hard++) {
                mf_als_params p = aid_numbers(MF_PRESET_IMPLICIT);
                p.k = 19;
                p.personas = personas[q];
                p.iterations = 4;
                p.warmup = personas[q] > 1 ? 1 : 0;
                p.init = personas[q] > 1 ? MF_INIT_CLUSTER : MF_INIT_GAUSSIAN;
                p.overlap = hard ? 0 : .4;
                p.shrink = hard ? 0 : 3;
                p.lambda_users = p.lambda_items = .05;
                p.solver = solvers[s];
                p.steps = 2;
                p.threads = 2;
                shown each = {.params = &p};
                assert_int_equal(mf_als_open(&each.als, &train, NULL, &p, NULL), MF_OK);
                assert_int_equal(mf_als_run(each.als, compare, &each, NULL), MF_OK);
                assert_true(each.count == (personas[q] > 1 ? 10 : 9));
                mf_als_close(each.als);
            }
    mf_csr_free(&train);
}

/* The step of the users and the rule agree on the next z, except where costs are
 * equal to rounding. */
static void the_next_personas_are_derived(void **state)
{
    (void)state;
    mf_csr train;
    draw_cells(&train, 60, 90, 67);
    for (int max = 0; max < 2; max++) {
        mf_als *als;
        mf_als_params p = aid_numbers(MF_PRESET_IMPLICIT);
        p.k = 8;
        p.personas = 3;
        p.iterations = 6;
        p.warmup = 2;
        p.assign = max ? MF_ASSIGN_MAX : MF_ASSIGN_LOSS;
        size_t others = 0;
        assert_int_equal(mf_als_open(&als, &train, NULL, &p, NULL), MF_OK);
        assert_int_equal(mf_als_start(als, NULL, NULL, NULL), MF_OK);
        for (int sweep = 0; sweep < 3; sweep++) {
            double moved;
            assert_int_equal(mf_als_sweep(als, NULL, NULL, NULL), MF_OK);
            const uint8_t *next = mf_als_next_personas(als);
            assert_non_null(next);
            uint8_t *derived = mf__new(train.nnz, 1), *z = mf__new(train.nnz, 1);
            assert_true(derived && z);
            memcpy(derived, next, train.nnz);
            memcpy(z, mf_als_personas(als), train.nnz);
            als->next_z_known = false;
            mf_als_assign(als, &moved);
            for (size_t t = 0; t < train.nnz; t++)
                others += derived[t] != mf_als_personas(als)[t];
            memcpy(als->z, z, train.nnz);
            free(derived);
            free(z);
        }
        assert_true(others <= train.nnz / 200);
        mf_als_close(als);
    }
    mf_csr_free(&train);
}

/* Personas that own nothing have the same vector, which the items read once. */
static void vectors_that_are_the_same_count_once(void **state)
{
    (void)state;
    mf_csr train;
    mf_als *als;
    draw_cells(&train, 60, 90, 30);
    mf_als_params p = aid_numbers(MF_PRESET_IMPLICIT);
    p.k = 5;
    p.personas = 6;
    p.iterations = 4;
    p.warmup = 1;
    assert_int_equal(mf_als_open(&als, &train, NULL, &p, NULL), MF_OK);
    assert_int_equal(mf_als_start(als, NULL, NULL, NULL), MF_OK);
    assert_int_equal(mf_als_sweep(als, NULL, NULL, NULL), MF_OK);
    mf__als_prepare_items(als);
    assert_int_equal(mf__als_distinct_find(&als->distinct, &als->users, als->own,
                                           als->sibling, 1, NULL, NULL),
                     MF_OK);
    size_t fewer = 0;
    for (uint32_t u = 0; u < train.rows; u++) {
        uint64_t owners = 0;
        for (size_t t = train.ptr[u]; t < train.ptr[u + 1]; t++)
            owners |= (uint64_t)1 << als->z[t];
        uint32_t own = (uint32_t)__builtin_popcountll(owners);
        als_distinct_row d = als_distinct_of(&als->distinct, u);
        als_rho rho = mf__als_rho(&p, 6, train.ptr[u + 1] - train.ptr[u]);
        assert_true(d.n <= own + 1);
        fewer += d.n < 6;
        double sum = 0; /* the weight of a cell of the first owner */
        for (uint32_t j = 0; j < d.n; j++)
            sum += pow((double)(j == d.of[0]
                                    ? als_distinct_own(&d, j)
                                    : als_distinct_sibling(&als->distinct, &d, j)),
                       2);
        assert_near(sum, rho.own + 5 * rho.sibling, 1);
        for (uint32_t q = 0; q < 6; q++)
            assert_memory_equal(mf_tensor_at(&als->users, u, q),
                                mf_tensor_at(&als->users, u, d.persona[d.of[q]]),
                                p.k * sizeof(float));
    }
    assert_true(fewer > 10);
    mf_als_close(als);
    mf_csr_free(&train);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_derive_what_is_measured),
        cmocka_unit_test(the_next_personas_are_derived),
        cmocka_unit_test(vectors_that_are_the_same_count_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
