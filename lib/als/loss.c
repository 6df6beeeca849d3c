/* The objective, term by term. Sums are double, over fixed parts, which are added in
 * order. */
#include "als/loss.h"

#include <math.h>

#include "base/par.h"

/* --- ridge terms --- */

static double squared_norm(const float *x, size_t n)
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

/* Of U[u]. */
static double vectors_ridge(const mf_als *als, uint32_t u)
{
    size_t width = (size_t)als->users.personas * als->p.k;
    return mf__als_lambda_user(als, u) *
           squared_norm(mf_tensor_at(&als->users, u, 0), width);
}

double mf__als_block_ridge(const mf_als *als, uint32_t block)
{
    uint32_t lo = block * ALS_BLOCK, m = als->users.n;
    double sum = 0;
    for (uint32_t at = lo; at < m && at < lo + ALS_BLOCK; at++)
        sum += vectors_ridge(als, als->user_order[at]);
    return sum;
}

double mf__als_user_ridge(mf_als *als)
{
    if (!als->user_ridge_known) {
        als->user_ridge = 0;
        for (uint32_t block = 0; block < als_blocks(als); block++) {
            mf__disk_beat(als->p.disk);
            als->user_ridge += mf__als_block_ridge(als, block);
        }
        als->user_ridge_known = true;
    }
    return als->user_ridge;
}

double mf__als_item_ridge(const mf_als *als)
{
    double sum = 0;
    for (uint32_t i = 0; i < als->items.n; i++)
        sum += mf__als_lambda_item(als, i) *
               squared_norm(mf_tensor_at(&als->items, i, 0), als->p.k);
    for (uint32_t i = 0; als->items.bias && i < als->items.n; i++)
        sum += mf__als_beta_item(als, i) * squared_norm(&als->items.bias[i], 1);
    return sum;
}

/* --- cells --- */

/* Sums over one part of the users. */
typedef struct part_sums {
    double observed;             /* the terms of the cells, with their constants */
    double users;                /* the ridge terms of U and b_u */
    double square, valid_square; /* squared errors against the target */
    size_t moved;                /* cells whose next z is another */
} part_sums;

/* The constant that completes the square of one cell and persona. */
static double constant(const mf_als *als, double rho, double b)
{
    switch (als->p.preset) {
    case MF_PRESET_STUDY:
        return rho * rho * b * b / als_unobserved(&als->p, als->users.personas);
    case MF_PRESET_EXPLICIT: return rho * b * b;
    default:
        /* implicit: a = b; wrmf: a + 1 = b, at p = 1 and w0 = 1; a dislike: b = 0 */
        return rho * b;
    }
}

static double target(const mf_als *als, float value)
{
    return mf__als_takes_numbers(&als->p) ? (double)value : value > 0;
}

/* b of a training cell after mu and biases are subtracted. */
static double cell_b(const mf_als *als, uint32_t u, uint32_t i, size_t at)
{
    if (als->b)
        return (double)als->b[at];
    if (als->p.preset == MF_PRESET_IMPLICIT)
        return 1;
    return (double)als->train->val[at] - als_offset(als, u, i);
}

/* The largest score of an active persona. */
static double best_score(const float score[], uint32_t p, uint64_t active)
{
    float best = -INFINITY;
    for (uint32_t q = 0; q < p; q++)
        if ((active >> q & 1) && score[q] > best)
            best = score[q];
    return (double)best;
}

/* The terms of one training cell of these coefficients and scores, over all
 * personas. */
static double cell_terms(const mf_als *als, als_rho rho, size_t at, double a, double b,
                         const float s[])
{
    uint32_t p = als->users.personas;
    double sum = 0, squares = 0;
    for (uint32_t q = 0; q < p; q++) {
        sum += (double)s[q];
        squares += (double)s[q] * (double)s[q];
    }
    double own = (double)s[als->z[at]], more = rho.own - rho.sibling;
    return a * (rho.sibling * squares + more * own * own) -
           2 * b * (rho.sibling * sum + more * own) + constant(als, rho.own, b) +
           (p - 1) * constant(als, rho.sibling, b);
}

/* Add the terms of a user's cells and the squares of their errors; while the scores are
 * at hand, derive the next z of the cells if it is not known. */
static void add_train(const mf_als *als, uint32_t u, uint64_t active, part_sums *sums)
{
    als_view view = mf__als_view_of(als);
    als_row row = mf__als_row_of(als, u);
    uint32_t p = view.personas;
    als_rho rho = mf__als_rho(&als->p, p, row.n);
    float score[ALS_SCORES];
    size_t first = als->train->ptr[u], step = ALS_SCORES / p;
    bool derives_next_z = als->users_current && !als->next_z_known && p > 1;
    for (size_t t = 0; t < row.n; t += step) {
        size_t m = row.n - t < step ? row.n - t : step;
        mf__als_row_scores(&view, &row, t, m, score);
        for (size_t c = 0; c < m; c++) {
            const float *s = score + c * p;
            size_t at = first + t + c;
            uint32_t i = row.item[t + c];
            if (derives_next_z) {
                als->next_z[at] = mf__als_row_owner(&view, &row, t + c, s);
                sums->moved += als->next_z[at] != als->z[at];
            }
            sums->observed += cell_terms(als, rho, at, als_cell_a(&view, &row, t + c),
                                         cell_b(als, u, i, at), s);
            double error = target(als, als->train->val[at]) - als_offset(als, u, i) -
                           best_score(s, p, active);
            sums->square += error * error;
        }
    }
}

/* The squares of the errors of a user's validation cells. */
static double valid_square(const mf_als *als, uint32_t u, uint64_t active)
{
    double sum = 0;
    for (size_t t = als->valid->ptr[u]; t < als->valid->ptr[u + 1]; t++) {
        float score[MF_PERSONAS_MAX];
        uint32_t i = als->valid->col[t];
        als->kernel->dots(score, 1, 1, &als->valid->col[t], als->items.data, als->p.k,
                          als->users.personas, mf_tensor_at(&als->users, u, 0));
        double error = target(als, als->valid->val[t]) - als_offset(als, u, i) -
                       best_score(score, als->users.personas, active);
        sum += error * error;
    }
    return sum;
}

static part_sums sum_part(const mf_als *als, int part)
{
    part_sums sums = {0};
    size_t lo, hi;
    mf__par_part(als->train->rows, part, &lo, &hi);
    for (uint32_t u = (uint32_t)lo; u < hi; u++) {
        uint64_t active = mf__als_active_of(als, u);
        mf__als_beat(als, u);
        add_train(als, u, active, &sums);
        sums.users += vectors_ridge(als, u);
        if (als->users.bias)
            sums.users +=
                mf__als_beta_user(als, u) * squared_norm(&als->users.bias[u], 1);
        if (als->valid)
            sums.valid_square += valid_square(als, u, active);
    }
    return sums;
}

static part_sums sum_parts(const mf_als *als)
{
    part_sums part[MF_PAR_PARTS], all = {0};
#pragma omp parallel for schedule(dynamic, 1) num_threads(als->threads)
    for (int i = 0; i < MF_PAR_PARTS; i++)
        part[i] = sum_part(als, i);
    for (int i = 0; i < MF_PAR_PARTS; i++) {
        all.observed += part[i].observed;
        all.users += part[i].users;
        all.square += part[i].square;
        all.valid_square += part[i].valid_square;
        all.moved += part[i].moved;
    }
    double sums[] = {all.observed, all.users, all.square, all.valid_square,
                     (double)all.moved};
    mf__ranks_total(als->ranks, sums, 5);
    return (part_sums){sums[0], sums[1], sums[2], sums[3], (size_t)sums[4]};
}

/* --- states --- */

/* sum_{u,q,i} h_i s_q^2 = <U'U, V' diag(h) V> */
static int sum_everywhere(mf_als *als, double *sum, mf_err *err)
{
    size_t square = (size_t)als->p.k * als->p.k;
    int code = mf__als_make_user_gram(als, mf__gram_weighted, err);
    if (code == MF_OK)
        code = mf__als_make_item_gram(als, mf__gram_weighted, err);
    *sum = 0;
    for (size_t i = 0; code == MF_OK && i < square; i++)
        *sum += als->user_gram[i] * als->item_gram[i];
    return code;
}

static double root_mean(double sum, double cells)
{
    return cells > 0 ? sqrt(sum / cells) : NAN;
}

int mf_als_measure(mf_als *als, mf_als_state *state, mf_err *err)
{
    double everywhere = 0;
    int code = mf_ranks_agree(als->ranks, sum_everywhere(als, &everywhere, err), err);
    if (code < 0)
        return code;
    part_sums all = sum_parts(als);
    if (als->users_current && !als->next_z_known && als->users.personas > 1) {
        als->next_z_known = true;
        als->next_z_moved = all.moved;
    }
    state->prediction =
        all.observed + als_unobserved(&als->p, als->users.personas) * everywhere;
    state->users = all.users;
    state->items = mf__als_item_ridge(als);
    state->loss = state->prediction + state->users + state->items;
    state->rmse = root_mean(all.square, als->cells);
    state->valid = root_mean(all.valid_square, als->valid_cells);
    return MF_OK;
}

static double sum_valid(const mf_als *als)
{
    double part[MF_PAR_PARTS] = {0}, sum = 0;
    if (!als->valid)
        return 0;
#pragma omp parallel for schedule(dynamic, 1) num_threads(als->threads)
    for (int i = 0; i < MF_PAR_PARTS; i++) {
        size_t lo, hi;
        mf__par_part(als->valid->rows, i, &lo, &hi);
        for (uint32_t u = (uint32_t)lo; u < hi; u++)
            part[i] += valid_square(als, u, mf__als_active_of(als, u));
    }
    for (int i = 0; i < MF_PAR_PARTS; i++)
        sum += part[i];
    mf__ranks_total(als->ranks, &sum, 1);
    return sum;
}

void mf__als_derive_state(const mf_als *als, mf_als_state *state)
{
    const als_loss *loss = &als->loss;
    state->prediction = loss->prediction;
    state->users = loss->users;
    state->items = loss->items;
    state->loss = loss->prediction + loss->users + loss->items;
    state->rmse = root_mean(loss->square, als->cells);
    state->valid =
        als->users_current ? root_mean(sum_valid(als), als->valid_cells) : NAN;
}
