/* A part is the weight of a cell times v' A^-1 x, v being the cell's item and x the one
 * that is explained. In the basis, where A = D + Y' S Y over the n cells with D
 * diagonal, A^-1 x is by Woodbury
 *
 *     D^-1 (x - Y' (S^-1 + Y D^-1 Y')^-1 Y D^-1 x)
 *
 * so a short history needs a system of the order n. A long one has A itself. Either is
 * factored once for a persona. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "als/fold.h"
#include "base/mem.h"

static const float *basis_row(const mf_basis *basis, uint32_t item)
{
    return basis->rows + (size_t)item * basis->stride;
}

/* --- short histories --- */

/* Set D^-1, unless its rounding is too much or the history too long. */
static bool has_dual(const mf_fold_in *model, mf_fold_work *w, const als_row *row)
{
    const als_view *view = &model->view;
    const double *e = model->basis.eigenvalues;
    uint32_t k = model->p.k;
    double w0 = als_unobserved(view->p, view->personas);
    double ridge = mf__als_lambda_u(view->p, view->personas, row->n, view->weights);
    if (row->n > k / 2 ||
        !(ridge + w0 * e[0] > (double)MF_GRAM_ROUNDING * (ridge + w0 * e[k - 1])))
        return false;
    for (uint32_t f = 0; f < k; f++)
        w->explain.inverse[f] = 1 / (w0 * e[f] + ridge);
    return true;
}

static int reserve_dual(mf_fold_work *w, uint32_t k, uint32_t n, mf_err *err)
{
    mf_explaining *x = &w->explain;
    if (!x->inverse) {
        x->inverse = mf__new(k, sizeof *x->inverse);
        x->column = mf__new(k, sizeof *x->column);
        x->vector = mf__new(k, sizeof *x->vector);
        if (!x->inverse || !x->column || !x->vector)
            return mf__nomem(err);
    }
    if (n <= x->cap && x->dual.a)
        return MF_OK;
    mf__ridge_free(&x->dual);
    x->cap = 0;
    int code = mf__ridge_alloc(&x->dual, n > 64 ? n : 64, err);
    if (code == MF_OK)
        x->cap = x->dual.k;
    return code;
}

/* Factor S^-1 + Y D^-1 Y': a sum over dimensions. Cells of no weight have the row and
 * column of the identity. */
static int factor_dual(const mf_fold_in *model, mf_fold_work *w, const als_row *row,
                       uint32_t q)
{
    const als_view *view = &model->view;
    mf_explaining *x = &w->explain;
    als_rho of = mf__als_rho(view->p, view->personas, row->n);
    x->dual.k = (uint32_t)row->n;
    mf__ridge_begin(&x->dual, NULL, 0, 0);
    for (size_t t = 0; t < row->n; t++) {
        double s = (q == row->z[t] ? of.own : of.sibling) * als_cell_a(view, row, t);
        x->dual.a[t * row->n + t] = s > 0 ? 1 / s : 1;
        x->dual.rhs[t] = s > 0;
    }
    for (uint32_t f = 0; f < model->p.k; f++) {
        for (size_t t = 0; t < row->n; t++)
            x->column[t] =
                x->dual.rhs[t] > 0 ? basis_row(&model->basis, row->item[t])[f] : 0;
        mf__ridge_add(&x->dual, x->column, x->inverse[f]);
    }
    for (size_t t = 0; t < row->n; t++)
        x->weighs[t] = x->dual.rhs[t] > 0;
    return mf__ridge_factor(&x->dual);
}

/* y = A^-1 x, of x in the basis. */
static void apply_dual(const mf_fold_in *model, mf_fold_work *w, double y[])
{
    mf_explaining *x = &w->explain;
    uint32_t k = model->p.k, n = x->dual.k;
    double *h = x->dual.rhs;
    for (uint32_t t = 0; t < n; t++) {
        const float *v = basis_row(&model->basis, w->item[t]);
        h[t] = 0;
        for (uint32_t f = 0; x->weighs[t] && f < k; f++)
            h[t] += (double)v[f] * x->inverse[f] * y[f];
    }
    mf__ridge_apply(&x->dual, h);
    for (uint32_t t = 0; t < n; t++) {
        const float *v = basis_row(&model->basis, w->item[t]);
        for (uint32_t f = 0; x->weighs[t] && f < k; f++)
            y[f] -= h[t] * (double)v[f];
    }
    for (uint32_t f = 0; f < k; f++)
        y[f] *= x->inverse[f];
}

/* --- all --- */

static int singular(mf_err *err)
{
    return mf_fail(err, MF_EMATH,
                   "a user cannot be explained: the system is singular or "
                   "overflows; train with more --lambda");
}

static int factor_primal(const mf_fold_in *model, mf_fold_work *work,
                         const als_row *row, uint32_t q, mf_err *err)
{
    mf_ridge *ridge = mf__als_work_ridge(&work->work);
    if (!ridge)
        return mf__nomem(err);
    (void)mf__als_row_system(&model->view, row, q, ridge);
    return mf__ridge_factor(ridge) < 0 ? singular(err) : MF_OK;
}

/* True if any cell weighs for a persona: the rest of mf__als_row_system. */
static bool persona_weighs(const als_view *view, const als_row *row, uint32_t q)
{
    als_rho of = mf__als_rho(view->p, view->personas, row->n);
    bool weighs = row->n > 0 && als_unobserved(view->p, view->personas) > 0;
    for (size_t t = 0; t < row->n; t++)
        weighs |= (q == row->z[t] ? of.own : of.sibling) > 0;
    return weighs;
}

int mf_explain_persona(const mf_fold_in *model, mf_fold_work *work,
                       const mf_fold_user *user, uint32_t q, mf_err *err)
{
    mf_fold_user own = *user;
    mf_explaining *x = &work->explain;
    als_row row;
    int code = mf__fold_prepare(model, work, &own, true, &row, err);
    if (code == MF_OK)
        code = mf__reserve(&work->rhs_weight, &work->rhs_weight_cap, user->n + 1,
                           sizeof *work->rhs_weight, err);
    if (code == MF_OK)
        code = mf__reserve(&x->weighs, &x->weighs_cap, user->n + 1, 1, err);
    if (code < 0)
        return code;
    x->weighs_any = persona_weighs(&model->view, &row, q);
    for (size_t t = 0; t < user->n; t++)
        work->rhs_weight[t] = 0;
    if (!x->weighs_any) /* all parts are 0 */
        return MF_OK;
    for (size_t t = 0; t < row.n; t++)
        work->rhs_weight[work->at[t]] =
            mf__als_row_rhs_weight(&model->view, &row, t, q);
    uint32_t k = model->p.k;
    code = reserve_dual(work, k, row.n <= k / 2 ? (uint32_t)row.n : 0, err);
    if (code < 0)
        return code;
    x->by_dual = has_dual(model, work, &row);
    if (x->by_dual && factor_dual(model, work, &row, q) == MF_OK)
        return MF_OK;
    x->by_dual = false;
    return factor_primal(model, work, &row, q, err);
}

/* Set the parts: the weights times <v, y>, v being the items' rows. */
static void set_parts(const mf_fold_in *model, const mf_fold_work *work,
                      const mf_fold_user *user, const float *rows, size_t stride,
                      const double y[], double part[])
{
    for (size_t t = 0; t < user->n; t++) {
        const float *v = rows + user->item[t] * stride;
        double sum = 0;
        for (uint32_t f = 0; f < model->p.k; f++)
            sum += (double)v[f] * y[f];
        part[t] = work->rhs_weight[t] * sum;
    }
}

static void explain_by_dual(const mf_fold_in *model, mf_fold_work *work,
                            const mf_fold_user *user, double part[])
{
    double *y = work->explain.vector;
    apply_dual(model, work, y);
    set_parts(model, work, user, model->basis.rows, model->basis.stride, y, part);
}

static void explain_by_primal(const mf_fold_in *model, mf_fold_work *work,
                              const mf_fold_user *user, const float x[], double part[])
{
    double *y = work->work.ridge.rhs;
    for (uint32_t f = 0; f < model->p.k; f++)
        y[f] = (double)x[f];
    mf__ridge_apply(&work->work.ridge, y);
    set_parts(model, work, user, model->view.items->data, model->p.k, y, part);
}

void mf_explain_vector(const mf_fold_in *model, mf_fold_work *work,
                       const mf_fold_user *user, const float x[], double part[])
{
    const mf_basis *basis = &model->basis;
    uint32_t k = model->p.k;
    double *y = work->explain.vector;
    if (!work->explain.weighs_any) {
        memset(part, 0, user->n * sizeof *part);
        return;
    }
    if (!work->explain.by_dual) {
        explain_by_primal(model, work, user, x, part);
        return;
    }
    for (uint32_t j = 0; j < k; j++) {
        y[j] = basis->rotated ? 0 : (double)x[j];
        for (uint32_t f = 0; basis->rotated && f < k; f++)
            y[j] += basis->eigenvectors[(size_t)j * k + f] * (double)x[f];
    }
    explain_by_dual(model, work, user, part);
}

void mf_explain_item(const mf_fold_in *model, mf_fold_work *work,
                     const mf_fold_user *user, uint32_t item, double part[])
{
    if (!work->explain.weighs_any || !work->explain.by_dual) {
        mf_explain_vector(model, work, user, mf_tensor_at(model->view.items, item, 0),
                          part);
        return;
    }
    const float *row = basis_row(&model->basis, item);
    for (uint32_t f = 0; f < model->p.k; f++)
        work->explain.vector[f] = (double)row[f];
    explain_by_dual(model, work, user, part);
}

uint32_t mf_explain_top(size_t n, const double part[], uint32_t most, size_t which[],
                        double share[])
{
    uint32_t have = 0;
    double sum = 0;
    for (size_t t = 0; t < n; t++) {
        if (!(part[t] > 0))
            continue;
        sum += part[t];
        uint32_t at = have < most ? have++ : most;
        for (; at > 0 && part[t] > part[which[at - 1]]; at--)
            if (at < most)
                which[at] = which[at - 1];
        if (at < most)
            which[at] = t;
    }
    for (uint32_t i = 0; i < have; i++)
        share[i] = part[which[i]] / sum;
    return have;
}
