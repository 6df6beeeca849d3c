/* Coefficients, and the steps of one user with the items held fixed: what
 * training and fold-in share. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "als/private.h"

bool mf__als_varies(const mf_als_params *p)
{
    return p->confidence != MF_CONFIDENCE_NONE;
}

bool mf__als_coefficients(const mf_als_params *p, float x, float *a, float *b)
{
    double c = 1;
    if (p->confidence != MF_CONFIDENCE_NONE) {
        c = p->alpha * (p->confidence == MF_CONFIDENCE_LOG ? log1p((double)x / p->eps)
                                                           : (double)x);
        if (!(x >= 0) || !(c < FLT_MAX / 2))
            return false;
    }
    switch (p->preset) {
    case MF_PRESET_IMPLICIT: *a = *b = (float)c; break;
    case MF_PRESET_WRMF:
        *a = (float)c;
        *b = (float)(1 + c);
        break;
    case MF_PRESET_EXPLICIT:
        *a = 1;
        *b = x;
        break;
    case MF_PRESET_STUDY:
        *a = 0;
        *b = x;
        break;
    }
    return true;
}

als_rho mf__als_rho_of(const mf_als_params *p, uint32_t personas, size_t cells)
{
    double n = (double)cells, others = (double)personas - 1, overlap = p->overlap;
    if (personas == 1)
        return (als_rho){1, 1};
    if (p->shrink > 0) /* then cells + shrink is no 0 */
        overlap = (overlap * n + p->shrink) / (n + p->shrink);
    double own = personas * als_mean_rho(p, personas) / (1 + others * overlap);
    return (als_rho){own, overlap * own};
}

double mf__als_scaling(const mf_als_params *p, double weight)
{
    return p->nu == 0 ? 1 : p->nu == 1 ? weight : pow(weight, p->nu);
}

double mf__als_ridge_user(const mf_als_params *p, uint32_t personas, size_t cells,
                          uint32_t n)
{
    double weight = als_mean_rho(p, personas) * ((double)cells + p->unobserved * n);
    return p->lambda_users * mf__als_scaling(p, weight);
}

double mf__als_ridge_bias(const mf_als_params *p, uint32_t personas, size_t cells)
{
    double weight = personas * als_mean_rho(p, personas) * (double)cells;
    return p->lambda_bias * mf__als_scaling(p, weight);
}

void mf__als_row_scores(const als_view *view, const als_row *row, size_t t, size_t m,
                        float score[])
{
    view->kernel->dots(score, m, row->ahead - t, row->item + t, view->items->data,
                       view->items->k, view->personas, row->vectors);
}

uint8_t mf__als_row_owner(const als_view *view, const als_row *row, size_t t,
                          const float score[])
{
    double a = als_cell_a(view, row, t), b = als_cell_b(view, row, t);
    bool max = view->p->assign == MF_ASSIGN_MAX;
    double best = INFINITY;
    uint8_t owner = 0;
    for (uint32_t q = 0; q < view->personas; q++) {
        double s = (double)score[q], cost = max ? -s : als_cost(a, b, s);
        if (cost < best) {
            best = cost;
            owner = (uint8_t)q;
        }
    }
    return owner;
}

size_t mf__als_row_assign(const als_view *view, als_row *row)
{
    float score[ALS_SCORES];
    size_t changed = 0, step = ALS_SCORES / view->personas;
    for (size_t t = 0; t < row->n; t += step) {
        size_t m = row->n - t < step ? row->n - t : step;
        mf__als_row_scores(view, row, t, m, score);
        for (size_t c = 0; c < m; c++) {
            uint8_t owner =
                mf__als_row_owner(view, row, t + c, score + c * view->personas);
            changed += owner != row->z[t + c];
            row->z[t + c] = owner;
        }
    }
    return changed;
}

/* Half the slope, downwards, of L along b_u, and half its curvature. */
static double pull(const als_view *view, const als_row *row, double *weight)
{
    double beta = mf__als_ridge_bias(view->p, view->personas, row->n);
    double sum = -beta * (double)*row->bias;
    als_rho each = mf__als_rho_of(view->p, view->personas, row->n);
    *weight = beta;
    for (size_t t = 0; t < row->n; t++) {
        float score[MF_PERSONAS_MAX];
        mf__als_row_scores(view, row, t, 1, score);
        for (uint32_t q = 0; q < view->personas; q++) {
            double rho = q == row->z[t] ? each.own : each.sibling;
            sum += rho * (als_cell_b(view, row, t) - (double)score[q]);
            *weight += rho;
        }
    }
    return sum;
}

void mf__als_row_solve_bias(const als_view *view, als_row *row)
{
    double weight;
    *row->bias = 0;
    if (row->n > 0) {
        double sum = pull(view, row, &weight);
        *row->bias = (float)(sum / weight);
    }
}

static int solve_vectors(const als_view *view, als_row *row, als_work *work)
{
    return mf__als_rows_solve(view, row, 1, work, NULL) ? MF_EMATH : MF_OK;
}

/* U is linear in b_u, and so is the slope of L with the U that belongs to each
 * b_u: two of its points show where it is 0. */
int mf__als_row_solve_all(const als_view *view, als_row *row, als_work *work)
{
    double weight;
    if (!row->bias)
        return solve_vectors(view, row, work);
    *row->bias = 0;
    int code = solve_vectors(view, row, work);
    if (code < 0 || row->n == 0)
        return code;
    double first = pull(view, row, &weight), step = first / weight;
    *row->bias = (float)step;
    if (*row->bias == 0)
        return MF_OK;
    if ((code = solve_vectors(view, row, work)) < 0)
        return code;
    double second = pull(view, row, &weight);
    *row->bias = (float)((double)*row->bias * first / (first - second));
    return isfinite(*row->bias) ? solve_vectors(view, row, work) : MF_EMATH;
}

double mf__als_row_pull(const als_view *view, const als_row *row, size_t t, uint32_t q)
{
    als_rho each = mf__als_rho_of(view->p, view->personas, row->n);
    return (q == row->z[t] ? each.own : each.sibling) * als_cell_b(view, row, t);
}

bool mf__als_row_system(const als_view *view, const als_row *row, uint32_t q,
                        mf_ridge *work)
{
    const mf_als_params *p = view->p;
    double w0 = als_unobserved(p, view->personas);
    bool weighs = row->n > 0 && w0 > 0;
    als_rho each = mf__als_rho_of(p, view->personas, row->n);
    mf__ridge_begin(work, view->gram, w0,
                    mf__als_ridge_user(p, view->personas, row->n, view->items->n));
    for (size_t t = 0; t < row->n; t++) {
        double rho = q == row->z[t] ? each.own : each.sibling,
               a = als_cell_a(view, row, t);
        const float *v = mf_tensor_at(view->items, row->item[t], 0);
        if (rho * a > 0)
            mf__ridge_add(work, v, rho * a);
        mf__ridge_add_rhs(work, v, rho * als_cell_b(view, row, t));
        weighs |= rho > 0;
    }
    return weighs;
}

int mf__als_row_solve(const als_view *view, als_row *row, uint32_t q, mf_ridge *work)
{
    uint32_t k = view->items->k;
    float *vector = row->vectors + (size_t)q * k;
    if (mf__als_row_system(view, row, q, work))
        return mf__ridge_solve(work, vector);
    memset(vector, 0, k * sizeof *vector);
    return MF_OK;
}
