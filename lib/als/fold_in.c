#include "als/fold.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "als/bias.h"
#include "als/users.h"
#include "base/mem.h"
#include "base/par.h"
#include "data/tensor.h"

/* Systems in double get a Gram matrix in double. The basis gets that of training, so that
 * vectors have the same bits, where training did not turn V; but not where the ridge would
 * be lost in its rounding. */
static int make_grams(mf_fold_in *f, int threads, mf_err *err)
{
    const mf_tensor *v = f->view.items;
    size_t square = (size_t)v->k * v->k;
    double norm = 0, w0 = als_unobserved(&f->p, f->p.personas);
    int code =
        mf__gram_in_double(f->gram, v->data, v->weight, v->n, v->k, threads, NULL, err);
    if (code < 0)
        return code;
    for (size_t i = 0; i < square; i++)
        norm += f->gram[i] * f->gram[i];
    double ridge = mf__als_lambda_u(&f->p, f->p.personas, 1, f->view.weights);
    if (ridge < (double)MF_GRAM_ROUNDING * w0 * sqrt(norm))
        return mf__basis_make(&f->basis, v, f->gram, w0, threads, err);
    double *rounded = mf__new(square, sizeof *rounded);
    code = rounded ? mf__gram_weighted(rounded, v->data, v->weight, v->n, v->k, threads,
                                      NULL, err)
                   : mf__nomem(err);
    if (code == MF_OK)
        code = mf__basis_make(&f->basis, v, rounded, w0, threads, err);
    free(rounded);
    return code;
}

/* As in training: in the basis where that is one of V'V. */
static int make_space(mf_fold_in *f, int threads, mf_err *err)
{
    if (f->basis.rotated && !f->view.items->weight)
        return mf__whiten_in(&f->space, &f->basis, threads, err);
    return mf__whiten(&f->space, f->view.items, threads, err);
}

int mf_fold_in_open(mf_fold_in **out, const mf_tensor *items,
                    const mf_als_params *params, double mu, mf_err *err)
{
    *out = NULL;
    int code = mf_als_check(params, err);
    if (code < 0)
        return code;
    if (!mf__als_is_settled(params))
        return mf_fail(
            err, MF_EINVAL,
            "w0, lambda or alpha is left to the training cells, which fold-in "
            "does not know; call mf_als_settle");
    if (items->k != params->k || items->personas != 1 ||
        (items->bias != NULL) != params->bias ||
        (items->weight != NULL) != (params->popularity > 0))
        return mf_fail(err, MF_EINVAL, "the items are not those of such a model");
    mf_fold_in *f = mf__new0(1, sizeof *f);
    if (!f)
        return mf__nomem(err);
    mf__linalg_serial();
    f->p = *params;
    f->gram = mf__new((size_t)params->k * params->k, sizeof *f->gram);
    f->view = (als_view){.p = &f->p,
                         /* CG would start from nothing */
                         .solver = params->solver == MF_SOLVER_CG ? MF_SOLVER_AUTO
                                                                  : params->solver,
                         .personas = params->personas,
                         .mu = mu,
                         .items = items,
                         .weights = mf__als_sum_weights(items),
                         .gram = f->gram,
                         .kernel = mf__kernel_choose(),
                         .basis = &f->basis};
    code =
        f->gram ? make_grams(f, mf__par_threads(params->threads), err) : mf__nomem(err);
    if (code == MF_OK && params->personas > 1)
        code = make_space(f, mf__par_threads(params->threads), err);
    if (code < 0) {
        mf_fold_in_close(f);
        return code;
    }
    *out = f;
    return MF_OK;
}

void mf_fold_in_close(mf_fold_in *model)
{
    if (!model)
        return;
    free(model->gram);
    mf__whitened_free(&model->space);
    mf__basis_free(&model->basis);
    free(model);
}

/* With more factors than this, the workspace grows with the longest history. */
enum { ANY_LENGTH = 512 };

static int open_work(mf_fold_work *w, const mf_fold_in *model, size_t longest,
                     mf_err *err)
{
    mf__als_work_close(&w->work);
    w->longest = longest;
    return mf__als_work_open(&w->work, model->p.k, model->p.personas, longest, err);
}

/* Room for the systems of a history of n cells. */
static int reserve_systems(mf_fold_work *w, const mf_fold_in *model, size_t n,
                           mf_err *err)
{
    return n <= w->longest ? MF_OK : open_work(w, model, 2 * n, err);
}

int mf_fold_work_open(mf_fold_work **out, const mf_fold_in *model, mf_err *err)
{
    *out = NULL;
    mf_fold_work *w = mf__new0(1, sizeof *w);
    if (!w)
        return mf__nomem(err);
    int code =
        open_work(w, model, model->p.k <= ANY_LENGTH ? SIZE_MAX : ANY_LENGTH, err);
    if (code == MF_OK && model->p.personas > 1)
        code = mf__als_split_open(&w->split, &model->space, &model->p, 1, err);
    if (code < 0) {
        mf_fold_work_close(w);
        return code;
    }
    *out = w;
    return MF_OK;
}

void mf_fold_work_close(mf_fold_work *work)
{
    if (!work)
        return;
    mf__als_work_close(&work->work);
    mf__als_split_close(&work->split);
    mf__ridge_free(&work->explain.dual);
    free(work->explain.inverse);
    free(work->explain.column);
    free(work->explain.vector);
    free(work->explain.weighs);
    free(work->at);
    free(work->item);
    free(work->value);
    free(work->a);
    free(work->b);
    free(work->z);
    free(work->rhs_weight);
    free(work);
}

static int reserve_cells(mf_fold_work *w, size_t n, mf_err *err)
{
    int code = mf__reserve(&w->at, &w->at_cap, n, sizeof *w->at, err);
    if (code == MF_OK)
        code = mf__reserve(&w->item, &w->item_cap, n, sizeof *w->item, err);
    if (code == MF_OK)
        code = mf__reserve(&w->value, &w->value_cap, n, sizeof *w->value, err);
    if (code == MF_OK)
        code = mf__reserve(&w->a, &w->a_cap, n, sizeof *w->a, err);
    if (code == MF_OK)
        code = mf__reserve(&w->b, &w->b_cap, n, sizeof *w->b, err);
    return code == MF_OK ? mf__reserve(&w->z, &w->z_cap, n, sizeof *w->z, err) : code;
}

int mf__fold_prepare(const mf_fold_in *f, mf_fold_work *w, mf_fold_user *user,
                     bool given, als_row *row, mf_err *err)
{
    size_t n = 0;
    int code = reserve_cells(w, user->n + 1, err);
    if (code < 0)
        return code;
    for (size_t t = 0; t < user->n; t++) {
        float x = user->value[t];
        if (user->item[t] >= f->view.items->n || !isfinite(x))
            return mf_fail(err, MF_EINVAL,
                           "pair %zu of the history: no such item, or its "
                           "value is not finite",
                           t);
        if (!als_says_something(&f->p, x))
            continue;
        if (!mf__als_coefficients(&f->p, x, &w->a[n], &w->b[n]))
            return mf_fail(err, MF_EFORMAT, "the value %g " MF__ALS_OVERFLOW,
                           (double)x);
        w->at[n] = t;
        w->item[n] = user->item[t];
        w->value[n] = x;
        w->z[n++] = given ? user->z[t] : 0;
    }
    *row = (als_row){.n = n,
                     .ahead = n,
                     .item = w->item,
                     .a = w->a,
                     .b = w->b,
                     .z = w->z,
                     .vectors = user->vectors,
                     .bias = f->p.bias ? &user->bias : NULL};
    return MF_OK;
}

static int singular(const mf_fold_work *w, mf_err *err)
{
    if (w->work.lacks)
        return mf__nomem(err);
    return mf_fail(err, MF_EMATH,
                   "a user cannot be folded in: the system is singular or "
                   "overflows; train with more --lambda");
}

int mf_als_fold_in_given(const mf_fold_in *f, mf_fold_work *w, mf_fold_user *user,
                         mf_err *err)
{
    als_row row;
    int code = mf__fold_prepare(f, w, user, true, &row, err);
    if (code == MF_OK)
        code = reserve_systems(w, f, row.n, err);
    if (code == MF_OK && mf__als_users_solve(&f->view, &row, 1, &w->work, NULL))
        code = singular(w, err);
    return code;
}

/* The active personas by z of the n cells that say something, of these values. */
static uint64_t active_of(const mf_als_params *p, const uint8_t z[],
                          const float value[], size_t n)
{
    return mf__active_personas(z, mf__als_takes_numbers(p) ? NULL : value, n,
                               p->personas);
}

/* Set z of all the user's cells: one that says nothing belongs to the first active
 * persona. */
static void give_personas(const mf_fold_in *f, const mf_fold_work *w,
                          const als_row *row, mf_fold_user *user)
{
    uint8_t first = mf__first_persona(active_of(&f->p, row->z, w->value, row->n));
    memset(user->z, first, user->n);
    for (size_t t = 0; t < row->n; t++)
        user->z[w->at[t]] = row->z[t];
}

int mf_als_fold_in(const mf_fold_in *f, mf_fold_work *w, mf_fold_user *user,
                   mf_err *err)
{
    als_row row;
    uint32_t p = f->p.personas;
    user->bias = 0;
    memset(user->vectors, 0, (size_t)p * f->p.k * sizeof *user->vectors);
    int code = mf__fold_prepare(f, w, user, false, &row, err);
    if (code < 0 || user->n == 0)
        return code;
    if ((code = reserve_systems(w, f, row.n, err)) < 0)
        return code;
    if (p > 1 && (code = mf__als_split_reserve(&w->split, row.n, err)) == MF_OK)
        mf__als_split_history(&w->split, 0, row.n, row.item,
                              mf__als_takes_numbers(&f->p) ? NULL : w->value, f->p.seed,
                              0, row.z);
    for (int round = 1; code == MF_OK; round++) {
        if (mf__als_row_solve_all(&f->view, &row, &w->work) < 0)
            return singular(w, err);
        /* Always end on U, so that scores are ridge solutions. */
        if (p == 1 || als_divides_last(&f->p) || round == MF_FOLD_IN_ROUNDS ||
            mf__als_row_assign(&f->view, &row) == 0)
            break;
    }
    give_personas(f, w, &row, user);
    return code;
}

uint64_t mf_fold_active(const mf_fold_in *f, const mf_fold_user *user)
{
    return active_of(&f->p, user->z, user->value, user->n);
}
