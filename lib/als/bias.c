/* A bias given all else is the mean of what is left of the cells, shrunk by its
 * ridge. */
#include "als/bias.h"

#include <math.h>
#include <stdlib.h>

#include "als/users.h"
#include "base/mem.h"

/* --- users --- */

/* -1/2 dL/db_u; *weight is half the second derivative. */
static double user_gradient(const als_view *view, const als_row *row, double *weight)
{
    double beta = mf__als_beta(view->p, view->personas, row->n);
    double sum = -beta * (double)*row->bias;
    als_rho of = mf__als_rho(view->p, view->personas, row->n);
    *weight = beta;
    for (size_t t = 0; t < row->n; t++) {
        float score[MF_PERSONAS_MAX];
        mf__als_row_scores(view, row, t, 1, score);
        for (uint32_t q = 0; q < view->personas; q++) {
            double rho = q == row->z[t] ? of.own : of.sibling;
            sum += rho * (als_cell_b(view, row, t) - (double)score[q]);
            *weight += rho;
        }
    }
    return sum;
}

static void solve_user_bias(const als_view *view, als_row *row)
{
    double weight;
    *row->bias = 0;
    if (row->n > 0) {
        double gradient = user_gradient(view, row, &weight);
        *row->bias = (float)(gradient / weight);
    }
}

void mf__als_solve_user_biases(mf_als *als)
{
    als_view view = mf__als_view_of(als);
    if (!als->users.bias)
        return;
#pragma omp parallel for schedule(dynamic, 64) num_threads(als->threads)
    for (uint32_t u = 0; u < als->users.n; u++) {
        als_row row = mf__als_row_of(als, u);
        mf__als_beat(als, u);
        solve_user_bias(&view, &row);
    }
}

static int solve_vectors(const als_view *view, als_row *row, als_work *work)
{
    return mf__als_users_solve(view, row, 1, work, NULL) ? MF_EMATH : MF_OK;
}

/* U is linear in b_u, and so is the derivative of L along b_u with the U that
 * belongs to it: two points of that line show where it is 0. */
int mf__als_row_solve_all(const als_view *view, als_row *row, als_work *work)
{
    double weight;
    if (!row->bias)
        return solve_vectors(view, row, work);
    *row->bias = 0;
    int code = solve_vectors(view, row, work);
    if (code < 0 || row->n == 0)
        return code;
    double first = user_gradient(view, row, &weight), step = first / weight;
    *row->bias = (float)step;
    if (*row->bias == 0)
        return MF_OK;
    if ((code = solve_vectors(view, row, work)) < 0)
        return code;
    double second = user_gradient(view, row, &weight);
    *row->bias = (float)((double)*row->bias * first / (first - second));
    return isfinite(*row->bias) ? solve_vectors(view, row, work) : MF_EMATH;
}

/* --- items --- */

/* Add the cells of an item: what is left of them without its bias, and their weights. */
static void sum_item(mf_als *als, uint32_t i, double *sum, double *weight)
{
    const mf_csr *x = &als->by_item;
    als->items.bias[i] = 0;
    mf__disk_beat(als->p.disk);
    for (size_t t = x->ptr[i]; t < x->ptr[i + 1]; t++) {
        uint32_t u = x->col[t];
        if (t % 64 == 0)
            mf__disk_beat(als->p.disk);
        for (uint32_t q = 0; q < als->users.personas; q++) {
            double root = (double)(q == als->item_z[t] ? als->own[u] : als->sibling[u]);
            double rho = root * root;
            double s = (double)mf__dot(mf_tensor_at(&als->users, u, q),
                                       mf_tensor_at(&als->items, i, 0), als->p.k);
            *sum += rho * (mf__als_item_b(als, u, i, t) - s);
            *weight += rho;
        }
    }
}

int mf__als_solve_item_biases(mf_als *als, mf_err *err)
{
    uint32_t n = als->items.n;
    if (!als->items.bias)
        return MF_OK;
    double *sum = mf__new0(2 * (size_t)n, sizeof *sum), *weight = sum + n;
    int code = sum ? MF_OK : mf__nomem(err);
    for (uint32_t i = 0; sum && i < n && mf_ranks_rank(als->ranks) == 0; i++)
        weight[i] = mf__als_beta_item(als, i);
#pragma omp parallel for schedule(dynamic, 8) num_threads(als->threads) if (sum)
    for (uint32_t i = 0; i < n; i++)
        if (sum)
            sum_item(als, i, &sum[i], &weight[i]);
    code = mf__ranks_sum(als->ranks, code, RANKS_ITEMS, sum, 2 * (size_t)n, err);
    for (uint32_t i = 0; code == MF_OK && i < n; i++)
        als->items.bias[i] = als->item_cells[i] ? (float)(sum[i] / weight[i]) : 0;
    free(sum);
    return code;
}
