#include "als_check.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "als/bias.h"
#include "als/context.h"
#include "als_oracle.h"

void check_close(double got, double want, double scale, const char *what)
{
    if (!(fabs(got - want) <= 2e-4 * scale)) {
        print_error("%s: got %.9g, want %.9g\n", what, got, want);
        fail();
    }
}

/* A vector of a model, or of the oracle: those of users and personas, then of items. */
static double element(const mf_als *als, const oracle *o, int vector, int f)
{
    int u = vector / o->p, q = vector % o->p, i = vector - o->m * o->p;
    if (!als)
        return i < 0 ? o->u[u][q][f] : o->v[i][f];
    const mf_tensor *side = i < 0 ? mf_als_users(als) : mf_als_items(als);
    return (double)mf_tensor_at(side, (uint32_t)(i < 0 ? u : i),
                                (uint32_t)(i < 0 ? q : 0))[f];
}

static double product(const mf_als *als, const oracle *o, int v, int w)
{
    double sum = 0;
    for (int f = 0; f < o->k; f++)
        sum += element(als, o, v, f) * element(als, o, w, f);
    return sum;
}

/* The same where both sides may have been turned: compare inner products, of which scores
 * are some. */
static void assert_products(const mf_als *als, const oracle *o, const char *what)
{
    int all = o->m * o->p + o->n;
    double scale = 1e-4;
    for (int v = 0; v < all; v++)
        scale = fmax(scale, product(NULL, o, v, v));
    for (int v = 0; v < all; v++)
        for (int w = v; w < all; w++)
            check_close(product(als, o, v, w), product(NULL, o, v, w), scale, what);
}

/* Compare all factors with the oracle's, against the largest of each side. */
static void assert_factors(const mf_als *als, const oracle *o, const char *what)
{
    if (als->wide) {
        assert_products(als, o, what);
        return;
    }
    double scale = 1e-3;
    for (int u = 0; u < o->m; u++)
        for (int q = 0; q < o->p; q++)
            for (int f = 0; f < o->k; f++)
                scale = fmax(scale, fabs(o->u[u][q][f]));
    for (int u = 0; u < o->m; u++)
        for (int q = 0; q < o->p; q++)
            for (int f = 0; f < o->k; f++)
                check_close((double)mf_tensor_at(mf_als_users(als), (uint32_t)u,
                                                 (uint32_t)q)[f],
                            o->u[u][q][f], scale, what);
    for (int u = 0; u < o->m && o->params.bias; u++)
        check_close((double)mf_als_users(als)->bias[u], o->bu[u], 1, what);
    for (int i = 0; i < o->n && o->params.bias; i++)
        check_close((double)mf_als_items(als)->bias[i], o->bi[i], 1, what);
    scale = 1e-3;
    for (int i = 0; i < o->n; i++)
        for (int f = 0; f < o->k; f++)
            scale = fmax(scale, fabs(o->v[i][f]));
    for (int i = 0; i < o->n; i++)
        for (int f = 0; f < o->k; f++)
            check_close((double)mf_tensor_at(mf_als_items(als), (uint32_t)i, 0)[f],
                        o->v[i][f], scale, what);
}

static double loss_of(mf_als *als, const mf_csr *train, const mf_als_params *params)
{
    oracle o;
    mf_als_state state;
    oracle_load(&o, train, params, als);
    assert_int_equal(mf_als_measure(als, &state, NULL), MF_OK);
    double want = oracle_loss(&o);
    check_close(state.loss, want, fabs(want), "loss");
    check_close(state.prediction + state.users + state.items, want, fabs(want),
                "terms");
    return want;
}

/* L has not risen above *loss, which becomes L. */
static void check_descent(mf_als *als, const mf_csr *train, const mf_als_params *params,
                          double *loss)
{
    double after = loss_of(als, train, params);
    assert_true(after <= *loss + 1e-6 * fabs(*loss));
    *loss = after;
}

/* z is what the rule says, to rounding. */
static void check_personas(const oracle *o)
{
    bool max = o->params.assign == MF_ASSIGN_MAX;
    for (int u = 0; u < o->m; u++)
        for (int i = 0; i < o->n; i++)
            for (int q = 0; o->seen[u][i] && q < o->p; q++) {
                int z = o->z[u][i];
                double cost = oracle_cost(o, u, z, i), other = oracle_cost(o, u, q, i);
                if (max)
                    assert_true(oracle_persona_score(o, u, z, i) >=
                                oracle_persona_score(o, u, q, i) - 1e-4);
                else
                    assert_true(cost <= other + 1e-4 * (1 + fabs(other)));
            }
}

/* One sweep: each block agrees with the oracle, and L never rises. The biases of a
 * side are solved twice, on their own and before its factors: since all else is the
 * same, the second time changes nothing. */
static void check_sweep(mf_als *als, const mf_csr *train, const mf_als_params *params,
                        double *loss)
{
    oracle o;
    double moved;
    mf_als_assign(als, &moved);
    oracle_load(&o, train, params, als);
    check_personas(&o);
    if (params->assign == MF_ASSIGN_MAX)
        *loss = INFINITY; /* the step is no minimization */
    check_descent(als, train, params, loss);

    oracle_item_biases(&o);
    mf__als_prepare_items(als);
    assert_int_equal(mf__als_solve_item_biases(als, NULL), MF_OK);
    assert_factors(als, &o, "item biases");
    check_descent(als, train, params, loss);

    oracle_items(&o);
    assert_int_equal(mf_als_solve_items(als, NULL), MF_OK);
    assert_factors(als, &o, "items");
    check_descent(als, train, params, loss);

    oracle_load(&o, train, params, als);
    oracle_user_biases(&o);
    mf__als_solve_user_biases(als);
    assert_factors(als, &o, "user biases");
    check_descent(als, train, params, loss);

    oracle_users(&o);
    assert_int_equal(mf_als_solve_users(als, NULL), MF_OK);
    assert_factors(als, &o, "users");
    check_descent(als, train, params, loss);
}

void check_cells(const mf_als_params *params, const mf_csr *train)
{
    mf_als *als;
    mf_err err = {0};
    assert_int_equal(mf_als_open(&als, train, NULL, params, &err), MF_OK);
    assert_int_equal(mf_als_start(als, NULL, NULL, &err), MF_OK);
    assert_int_equal(mf_als_users(als)->personas, params->personas);
    double loss = loss_of(als, train, params);
    for (int sweep = 0; sweep < 4; sweep++)
        check_sweep(als, train, params, &loss);
    mf_als_close(als);
}

void check_losses(const mf_als_params *params, const mf_csr *train)
{
    mf_als *als;
    assert_int_equal(mf_als_open(&als, train, NULL, params, NULL), MF_OK);
    assert_int_equal(mf_als_start(als, NULL, NULL, NULL), MF_OK);
    double loss = loss_of(als, train, params), moved;
    for (int sweep = 0; sweep < 6; sweep++) {
        mf_als_assign(als, &moved);
        check_descent(als, train, params, &loss);
        assert_int_equal(mf_als_solve_items(als, NULL), MF_OK);
        check_descent(als, train, params, &loss);
        assert_int_equal(mf_als_solve_users(als, NULL), MF_OK);
        check_descent(als, train, params, &loss);
    }
    mf_als_close(als);
}
