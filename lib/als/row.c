#include "als/row.h"

#include <math.h>
#include <string.h>

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

double mf__als_row_rhs_weight(const als_view *view, const als_row *row, size_t t,
                              uint32_t q)
{
    als_rho rho = mf__als_rho(view->p, view->personas, row->n);
    return (q == row->z[t] ? rho.own : rho.sibling) * als_cell_b(view, row, t);
}

bool mf__als_row_system(const als_view *view, const als_row *row, uint32_t q,
                        mf_ridge *work)
{
    const mf_als_params *p = view->p;
    double w0 = als_unobserved(p, view->personas);
    bool weighs = row->n > 0 && w0 > 0;
    als_rho of = mf__als_rho(p, view->personas, row->n);
    mf__ridge_begin(work, view->gram, w0,
                    mf__als_lambda_u(p, view->personas, row->n, view->weights));
    for (size_t t = 0; t < row->n; t++) {
        double rho = q == row->z[t] ? of.own : of.sibling, a = als_cell_a(view, row, t);
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
