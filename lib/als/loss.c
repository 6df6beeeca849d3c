/* The objective, term by term. Sums are double, by fixed parts in order. */
#include <math.h>
#include <stdlib.h>

#include "als/private.h"
#include "base/mem.h"
#include "base/par.h"
#include "data/tensor.h"

/* Sums over one part of the users. */
typedef struct part_sums {
    double cells;                /* the observed term, with its constant */
    double users;                /* the ridge terms of U and b_u */
    double square, valid_square; /* squared errors against the target */
    size_t moved;                /* cells whose owner is to be another */
} part_sums;

double mf__als_squared_norm(const float *x, size_t n)
{
    double sum[4] = {0};
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (size_t l = 0; l < 4; l++)
            sum[l] += (double)x[i + l] * (double)x[i + l];
    for (; i < n; i++)
        sum[0] += (double)x[i] * (double)x[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* The constant that completes the square of one cell and persona. */
static double constant(const mf_als *als, double rho, double b)
{
    switch (als->p.preset) {
    case MF_PRESET_STUDY:
        return rho * rho * b * b / als_unobserved(&als->p, als->users.personas);
    case MF_PRESET_EXPLICIT: return rho * b * b;
    default: return rho * b; /* implicit a = b; wrmf a + 1 = b: of p = 1 and w0 = 1 */
    }
}

static uint64_t active_of(const mf_als *als, uint32_t u)
{
    return mf__active_in_row(als->train->ptr, als->z, u, als->users.personas);
}

static double target(const mf_als *als, float value)
{
    bool stored =
        als->p.preset == MF_PRESET_STUDY || als->p.preset == MF_PRESET_EXPLICIT;
    return stored ? (double)value : 1;
}

/* What is added to the persona's score. */
static double offset(const mf_als *als, uint32_t u, uint32_t i)
{
    if (!als->users.bias)
        return 0;
    return als->mu + (double)als->users.bias[u] + (double)als->items.bias[i];
}

/* The score of the personas that speak. */
static double best_score(const float score[], uint32_t p, uint64_t active)
{
    float best = -INFINITY;
    for (uint32_t q = 0; q < p; q++)
        if ((active >> q & 1) && score[q] > best)
            best = score[q];
    return (double)best;
}

/* Add the terms of L of a user's cells, and the squares of their errors. */
static void add_train(const mf_als *als, uint32_t u, uint64_t active, part_sums *sums)
{
    als_view view = mf__als_view_of(als);
    als_row row = mf__als_row_of(als, u);
    uint32_t p = view.personas;
    als_rho rho = mf__als_rho_of(&als->p, p, row.n);
    float score[ALS_SCORES];
    size_t first = als->train->ptr[u], step = ALS_SCORES / p;
    for (size_t t = 0; t < row.n; t += step) {
        size_t m = row.n - t < step ? row.n - t : step;
        mf__als_row_scores(&view, &row, t, m, score);
        for (size_t c = 0; c < m; c++) {
            const float *s = score + c * p;
            size_t at = first + t + c;
            uint32_t i = row.item[t + c];
            if (als->users_newest && !als->owners_known && p > 1) {
                als->item_z[at] = mf__als_row_owner(&view, &row, t + c, s);
                sums->moved += als->item_z[at] != als->z[at];
            }
            double a = als_a(als, at), b = mf__als_b(als, u, i, at), sum = 0,
                   squares = 0;
            for (uint32_t q = 0; q < p; q++) {
                sum += (double)s[q];
                squares += (double)s[q] * (double)s[q];
            }
            double own = (double)s[als->z[at]], more = rho.own - rho.sibling;
            sums->cells += a * (rho.sibling * squares + more * own * own) -
                           2 * b * (rho.sibling * sum + more * own) +
                           constant(als, rho.own, b) +
                           (p - 1) * constant(als, rho.sibling, b);
            double error = target(als, als->train->val[at]) - offset(als, u, i) -
                           best_score(s, p, active);
            sums->square += error * error;
        }
    }
}

static double valid_square(const mf_als *als, uint32_t u, uint64_t active)
{
    double sum = 0;
    for (size_t t = als->valid->ptr[u]; t < als->valid->ptr[u + 1]; t++) {
        float score[MF_PERSONAS_MAX];
        uint32_t i = als->valid->col[t];
        als->work[0].kernel->dots(score, 1, 1, &als->valid->col[t], als->items.data,
                                  als->p.k, als->users.personas,
                                  mf_tensor_at(&als->users, u, 0));
        double error = target(als, als->valid->val[t]) - offset(als, u, i) -
                       best_score(score, als->users.personas, active);
        sum += error * error;
    }
    return sum;
}

static part_sums sum_part(const mf_als *als, int part)
{
    part_sums sums = {0};
    size_t lo, hi, width = (size_t)als->users.personas * als->p.k;
    mf__par_part(als->train->rows, part, &lo, &hi);
    for (uint32_t u = (uint32_t)lo; u < hi; u++) {
        uint64_t active = active_of(als, u);
        add_train(als, u, active, &sums);
        sums.users += mf__als_lambda_user(als, u) *
                      mf__als_squared_norm(mf_tensor_at(&als->users, u, 0), width);
        if (als->users.bias)
            sums.users += mf__als_beta_user(als, u) *
                          mf__als_squared_norm(&als->users.bias[u], 1);
        if (als->valid)
            sums.valid_square += valid_square(als, u, active);
    }
    return sums;
}

/* sum_{u,q,i} s_q^2 = <U'U, V'V> */
static int unobserved_sum(mf_als *als, double *sum, mf_err *err)
{
    uint32_t k = als->p.k;
    size_t square = (size_t)k * k;
    double *other = mf__new(square, sizeof *other);
    if (!other)
        return mf__nomem(err);
    int code = mf__als_user_gram(als, err);
    if (code == MF_OK)
        code = mf__gram(other, als->items.data, als->items.n, k, als->threads, err);
    *sum = 0;
    for (size_t i = 0; code == MF_OK && i < square; i++)
        *sum += als->gram[i] * other[i];
    free(other);
    return code;
}

double mf__als_item_ridge(const mf_als *als)
{
    double sum = 0;
    for (uint32_t i = 0; i < als->items.n; i++)
        sum += mf__als_lambda_item(als, i) *
               mf__als_squared_norm(mf_tensor_at(&als->items, i, 0), als->p.k);
    for (uint32_t i = 0; als->items.bias && i < als->items.n; i++)
        sum += mf__als_beta_item(als, i) * mf__als_squared_norm(&als->items.bias[i], 1);
    return sum;
}

static double root_mean(double sum, const mf_csr *cells)
{
    return cells && cells->nnz ? sqrt(sum / (double)cells->nnz) : NAN;
}

int mf_als_measure(mf_als *als, mf_als_state *state, mf_err *err)
{
    part_sums part[MF_PAR_PARTS], all = {0};
    double everywhere = 0;
    int code = unobserved_sum(als, &everywhere, err);
    if (code < 0)
        return code;
#pragma omp parallel for schedule(dynamic, 1) num_threads(als->threads)
    for (int i = 0; i < MF_PAR_PARTS; i++)
        part[i] = sum_part(als, i);
    for (int i = 0; i < MF_PAR_PARTS; i++) {
        all.cells += part[i].cells;
        all.users += part[i].users;
        all.square += part[i].square;
        all.valid_square += part[i].valid_square;
        all.moved += part[i].moved;
    }
    if (als->users_newest && !als->owners_known && als->users.personas > 1) {
        als->owners_known = true;
        als->owners_move = all.moved;
    }
    state->prediction =
        all.cells + als_unobserved(&als->p, als->users.personas) * everywhere;
    state->users = all.users;
    state->items = mf__als_item_ridge(als);
    state->loss = state->prediction + state->users + state->items;
    state->rmse = root_mean(all.square, als->train);
    state->valid = root_mean(all.valid_square, als->valid);
    return MF_OK;
}

static double valid_sum(const mf_als *als)
{
    double part[MF_PAR_PARTS] = {0}, sum = 0;
    if (!als->valid)
        return 0;
#pragma omp parallel for schedule(dynamic, 1) num_threads(als->threads)
    for (int i = 0; i < MF_PAR_PARTS; i++) {
        size_t lo, hi;
        mf__par_part(als->valid->rows, i, &lo, &hi);
        for (uint32_t u = (uint32_t)lo; u < hi; u++)
            part[i] += valid_square(als, u, active_of(als, u));
    }
    for (int i = 0; i < MF_PAR_PARTS; i++)
        sum += part[i];
    return sum;
}

void mf__als_tell(const mf_als *als, mf_als_state *state)
{
    const als_sums *s = &als->sums;
    state->prediction = s->prediction;
    state->users = s->users;
    state->items = s->items;
    state->loss = s->prediction + s->users + s->items;
    state->rmse = root_mean(s->square, als->train);
    state->valid = als->users_newest ? root_mean(valid_sum(als), als->valid) : NAN;
}
