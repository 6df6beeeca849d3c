/* jobs/train/watch.h: what is measured while a model is trained. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "als_aid.h"
#include "base/rng.h"
#include "jobs/train/watch.h"

enum { M = 60, N = 120, HELD = 20, K = 40 };

/* Cells of a user for more than half of the items, so that steps of CG are less work. */
static void many_cells(mf_csr *x)
{
    static uint32_t row[M * N], col[M * N];
    static float val[M * N];
    mf_rng rng = mf__rng_make(5, 1, 1);
    size_t n = 0;
    for (uint32_t u = 0; u < M; u++)
        for (uint32_t i = 0; i < N; i++)
            if (mf__rng_below(&rng, 10) < (i % 3 == u % 3 ? 9 : 6)) {
                row[n] = u;
                col[n] = i;
                val[n++] = 1;
            }
    assert_int_equal(mf_csr_from_triplets(x, M, N, n, row, col, val, NULL), MF_OK);
}

/* Of x, the cells of users from `lo` to `hi` - 1 whose position is odd, or even, or any. */
static void some_cells(mf_csr *to, const mf_csr *x, uint32_t lo, uint32_t hi, int odd)
{
    static uint32_t row[M * N], col[M * N];
    static float val[M * N];
    size_t n = 0;
    for (uint32_t u = lo; u < hi; u++)
        for (size_t t = x->ptr[u]; t < x->ptr[u + 1]; t++)
            if (odd < 0 || (int)(t % 2) == odd) {
                row[n] = u;
                col[n] = x->col[t];
                val[n++] = x->val[t];
            }
    assert_int_equal(mf_csr_from_triplets(to, M, N, n, row, col, val, NULL), MF_OK);
}

/* The last users are held out: folded in from one half of their cells, measured by the
 * other. That is done exactly, also where training takes steps of CG. */
static void held_out_users_are_folded_in_exactly_whatever_the_solver(void **state)
{
    (void)state;
    mf_csr all, train, known, valid;
    mf_als *als;
    mf_metric_list ndcg;
    mf_ids ids = {0};
    double value[2];
    mf_als_params params = aid_params(MF_PRESET_IMPLICIT, 1, 1);
    params.k = K;
    many_cells(&all);
    some_cells(&train, &all, 0, M - HELD, -1);
    some_cells(&known, &all, M - HELD, M, 0);
    some_cells(&valid, &all, M - HELD, M, 1);
    aid_train(&als, &train, &params);
    assert_int_equal(mf_metrics_parse(&ndcg, "ndcg@20", NULL), MF_OK);
    for (int cg = 0; cg < 2; cg++) {
        watch w;
        params.solver = cg ? MF_SOLVER_CG : MF_SOLVER_AUTO;
        params.steps = 1;
        assert_int_equal(mf__watch_open(&w, &ndcg.metric[0], false, &params, &train,
                                        &valid, &known, &ids, NULL),
                         MF_OK);
        assert_int_equal(w.trained, 0);
        assert_true(w.users >= HELD - 1);
        assert_int_equal(mf__watch_measure(&w, als, &value[cg], NULL), MF_OK);
        mf__watch_close(&w);
    }
    assert_true(value[0] > 0 && value[0] == value[1]);
    mf_als_close(als);
    mf_csr_free(&all);
    mf_csr_free(&train);
    mf_csr_free(&known);
    mf_csr_free(&valid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(held_out_users_are_folded_in_exactly_whatever_the_solver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
