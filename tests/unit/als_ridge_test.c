/* Ridges that are smaller than the rounding of floats. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "als_aid.h"
#include "base/rng.h"
#include "math/linalg.h"
#include "mf/als.h"
#include "mf/fold_in.h"

enum { USERS = 60, ITEMS = 40, K = 64 };

/* More factors than rank: without the ridge no system has a solution. */
static void draw_cells(mf_csr *x, uint32_t m, uint32_t n, double density)
{
    uint32_t row[USERS * ITEMS], col[USERS * ITEMS];
    float val[USERS * ITEMS];
    size_t cells = 0;
    mf_rng rng = mf__rng_make(1, MF_STREAM_TEST, 0);
    for (uint32_t u = 0; u < m; u++)
        for (uint32_t i = 0; i < n; i++)
            if (mf__rng_uniform(&rng) < density) {
                row[cells] = u;
                col[cells] = i;
                val[cells++] = 1;
            }
    assert_int_equal(mf_csr_from_triplets(x, m, n, cells, row, col, val, NULL), MF_OK);
}

typedef struct seen {
    mf_als *als;
    double last;
    int halves;
} seen;

/* What the step says of L is what the factors say, and it does not rise. */
static void look(void *self, const mf_als_state *state)
{
    seen *s = self;
    mf_als_state measured;
    s->halves++;
    assert_int_equal(mf_als_measure(s->als, &measured, NULL), MF_OK);
    if (!(fabs(state->loss - measured.loss) <= 1e-4 * measured.loss))
        fail_msg("%s of sweep %u: L is %.9g, said to be %.9g", state->half,
                 state->iteration, measured.loss, state->loss);
    if (!(state->loss <= s->last * (1 + 1e-5)))
        fail_msg("%s of sweep %u: L rises from %.9g to %.9g", state->half,
                 state->iteration, s->last, state->loss);
    s->last = state->loss;
}

static mf_als_params params_of(double lambda, mf_solver solver)
{
    mf_als_params p = aid_numbers(MF_PRESET_IMPLICIT);
    p.k = K;
    p.personas = 1;
    p.threads = 2;
    p.iterations = 4;
    p.warmup = 0;
    p.lambda_users = p.lambda_items = lambda;
    p.solver = solver;
    p.steps = 2;
    return p;
}

static void the_loss_never_rises_with_more_factors_than_rank(void **state)
{
    (void)state;
    static const double lambdas[] = {1e-9, 1e-8, 1e-7, 1e-6};
    mf_csr train;
    draw_cells(&train, USERS, ITEMS, .3);
    for (size_t l = 0; l < 4; l++) {
        mf_als_params p = params_of(lambdas[l], MF_SOLVER_CG);
        seen s = {.last = INFINITY};
        mf_err err = {0};
        assert_int_equal(mf_als_open(&s.als, &train, NULL, &p, &err), MF_OK);
        if (mf_als_run(s.als, look, &s, &err) < 0)
            fail_msg("lambda %g: %s", lambdas[l], err.text);
        assert_int_equal(s.halves, 9);
        assert_true(l > 1 || mf_als_count_solves(s.als).in_double > 0);
        mf_als_close(s.als);
    }
    mf_csr_free(&train);
}

static void ordinary_ridges_need_no_double(void **state)
{
    (void)state;
    mf_csr train;
    mf_als *als;
    draw_cells(&train, USERS, ITEMS, .3);
    mf_als_params p = params_of(.01, MF_SOLVER_CG);
    assert_int_equal(mf_als_open(&als, &train, NULL, &p, NULL), MF_OK);
    assert_int_equal(mf_als_run(als, NULL, NULL, NULL), MF_OK);
    assert_int_equal(mf_als_count_solves(als).in_double, 0);
    mf_als_close(als);
    mf_csr_free(&train);
}

/* One item that all have: V'V is of rank 1, and the ridge is 1e-9 of it or less. */
static void a_system_with_a_ridge_is_not_called_singular(void **state)
{
    (void)state;
    static const mf_solver solvers[] = {MF_SOLVER_AUTO, MF_SOLVER_CHOLESKY,
                                        MF_SOLVER_CG};
    mf_csr train;
    mf_als *als;
    mf_err err = {0};
    draw_cells(&train, USERS, 1, 2);
    for (size_t s = 0; s < 3; s++)
        for (uint32_t personas = 1; personas <= 4; personas += 3) {
            mf_als_params p = params_of(1e-4, solvers[s]);
            p.preset = MF_PRESET_WRMF;
            p.confidence = MF_CONFIDENCE_LINEAR;
            p.alpha = 40;
            p.unobserved = 1;
            p.unobserved_unit = MF_W0_PLAIN;
            p.nu = 0;
            p.k = 33;
            p.personas = personas;
            p.overlap = .2;
            p.shrink = 0;
            p.init = MF_INIT_GAUSSIAN;
            assert_int_equal(mf_als_open(&als, &train, NULL, &p, &err), MF_OK);
            if (mf_als_run(als, NULL, NULL, &err) < 0)
                fail_msg("solver %zu, personas %u: %s", s, personas, err.text);
            mf_als_close(als);
        }
    mf_csr_free(&train);
}

/* Squares that floats cannot hold. */
static void a_gram_matrix_in_double_has_no_rounding_of_floats(void **state)
{
    (void)state;
    enum { N = 600, ORDER = 70 };
    float *x = calloc((size_t)N * ORDER, sizeof *x), weight[N];
    double *g = malloc(ORDER * ORDER * sizeof *g);
    assert_true(x && g);
    for (size_t r = 0; r < N; r++) {
        x[r * ORDER] = 4097; /* its square is 2^24 + 2^13 + 1 */
        x[r * ORDER + 69] = 1;
        weight[r] = r % 2 ? 4.f : 0.f;
    }
    assert_int_equal(mf__gram_in_double(g, x, NULL, N, ORDER, 2, NULL, NULL), MF_OK);
    assert_true(g[0] == 600. * 4097 * 4097);
    assert_true(g[69] == 600. * 4097 && g[69 * ORDER] == g[69]);
    assert_true(g[69 * ORDER + 69] == 600 && g[1] == 0 && g[ORDER] == 0);
    assert_int_equal(mf__gram_in_double(g, x, weight, N, ORDER, 1, NULL, NULL), MF_OK);
    assert_true(g[0] == 1200. * 4097 * 4097 && g[69 * ORDER + 69] == 1200);
    assert_int_equal(mf__gram_in_double(g, x, NULL, 0, ORDER, 1, NULL, NULL), MF_OK);
    assert_true(g[0] == 0);
    free(x);
    free(g);
}

static void threads_change_no_bit_of_it(void **state)
{
    (void)state;
    mf_csr train;
    mf_als *als[2];
    draw_cells(&train, USERS, ITEMS, .3);
    for (int solver = 0; solver < 2; solver++) {
        mf_als_params p = params_of(1e-8, solver ? MF_SOLVER_CHOLESKY : MF_SOLVER_CG);
        for (int t = 0; t < 2; t++) {
            p.threads = 1 + 2 * t;
            assert_int_equal(mf_als_open(&als[t], &train, NULL, &p, NULL), MF_OK);
            assert_int_equal(mf_als_run(als[t], NULL, NULL, NULL), MF_OK);
            assert_true(mf_als_count_solves(als[t]).in_double > 0);
        }
        assert_memory_equal(mf_als_users(als[0])->data, mf_als_users(als[1])->data,
                            sizeof(float) * USERS * K);
        assert_memory_equal(mf_als_items(als[0])->data, mf_als_items(als[1])->data,
                            sizeof(float) * ITEMS * K);
        mf_als_close(als[0]);
        mf_als_close(als[1]);
    }
    mf_csr_free(&train);
}

/* A user of the training, folded in, is the one of the training. */
static void fold_in_bears_a_tiny_ridge(void **state)
{
    (void)state;
    mf_csr train;
    mf_als *als;
    mf_fold_in *fold;
    mf_fold_work *work;
    mf_err err = {0};
    float vector[K];
    draw_cells(&train, USERS, ITEMS, .3);
    mf_als_params p = params_of(1e-8, MF_SOLVER_CHOLESKY);
    assert_int_equal(mf_als_settle(&p, &train, NULL), MF_OK);
    assert_int_equal(mf_als_open(&als, &train, NULL, &p, NULL), MF_OK);
    assert_int_equal(mf_als_run(als, NULL, NULL, NULL), MF_OK);
    const mf_tensor *items = mf_als_items(als), *users = mf_als_users(als);
    assert_int_equal(mf_fold_in_open(&fold, items, &p, 0, NULL), MF_OK);
    assert_int_equal(mf_fold_work_open(&work, fold, NULL), MF_OK);
    for (uint32_t u = 0; u < USERS; u++) {
        uint8_t z[ITEMS];
        size_t at = train.ptr[u];
        mf_fold_user user = {.n = train.ptr[u + 1] - at,
                             .item = train.col + at,
                             .value = train.val + at,
                             .z = z,
                             .vectors = vector};
        if (mf_als_fold_in(fold, work, &user, &err) < 0)
            fail_msg("user %u: %s", u, err.text);
        for (uint32_t i = 0; i < ITEMS; i++) {
            double got = 0, want = 0;
            for (uint32_t f = 0; f < K; f++) {
                double v = (double)mf_tensor_at(items, i, 0)[f];
                got += v * (double)vector[f];
                want += v * (double)mf_tensor_at(users, u, 0)[f];
            }
            if (!(fabs(got - want) < 1e-3))
                fail_msg("user %u, item %u: %g, not %g", u, i, got, want);
        }
    }
    mf_fold_work_close(work);
    mf_fold_in_close(fold);
    mf_als_close(als);
    mf_csr_free(&train);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_loss_never_rises_with_more_factors_than_rank),
        cmocka_unit_test(ordinary_ridges_need_no_double),
        cmocka_unit_test(a_system_with_a_ridge_is_not_called_singular),
        cmocka_unit_test(a_gram_matrix_in_double_has_no_rounding_of_floats),
        cmocka_unit_test(threads_change_no_bit_of_it),
        cmocka_unit_test(fold_in_bears_a_tiny_ridge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
