#include "als/fold.h"
#include "base/mem.h"

/* A is factored once for a persona; an item costs two triangular solves, and an inner
 * product for each cell of the history. */
int mf_explain_persona(const mf_fold_in *model, mf_fold_work *work,
                       const mf_fold_user *user, uint32_t q, mf_err *err)
{
    mf_fold_user own = *user;
    als_row row;
    int code = mf__fold_prepare(model, work, &own, true, &row, err);
    if (code == MF_OK)
        code = mf__reserve(&work->rhs_weight, &work->rhs_weight_cap, user->n + 1,
                           sizeof *work->rhs_weight, err);
    if (code < 0)
        return code;
    mf_ridge *ridge = mf__als_work_ridge(&work->work);
    if (!ridge)
        return mf__nomem(err);
    bool weighs = mf__als_row_system(&model->view, &row, q, ridge);
    for (size_t t = 0; t < user->n; t++)
        work->rhs_weight[t] = 0;
    for (size_t t = 0; weighs && t < row.n; t++)
        work->rhs_weight[work->at[t]] =
            mf__als_row_rhs_weight(&model->view, &row, t, q);
    if (!weighs) /* all parts are 0: any system will do */
        mf__ridge_begin(ridge, NULL, 0, 1);
    if (mf__ridge_factor(ridge) < 0)
        return mf_fail(err, MF_EMATH,
                       "a user cannot be explained: the system is singular or "
                       "overflows; train with more --lambda");
    return MF_OK;
}

void mf_explain_vector(const mf_fold_in *model, mf_fold_work *work,
                       const mf_fold_user *user, const float x[], double part[])
{
    uint32_t k = model->p.k;
    double *y = work->work.ridge.rhs;
    for (uint32_t f = 0; f < k; f++)
        y[f] = (double)x[f];
    mf__ridge_apply(&work->work.ridge, y);
    for (size_t t = 0; t < user->n; t++) {
        const float *v = mf_tensor_at(model->view.items, user->item[t], 0);
        double sum = 0;
        for (uint32_t f = 0; f < k; f++)
            sum += (double)v[f] * y[f];
        part[t] = work->rhs_weight[t] * sum;
    }
}

void mf_explain_item(const mf_fold_in *model, mf_fold_work *work,
                     const mf_fold_user *user, uint32_t item, double part[])
{
    mf_explain_vector(model, work, user, mf_tensor_at(model->view.items, item, 0),
                      part);
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
