#include "jobs/recommend/cells.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mf/fold_model.h"
#include "wire/card.h"

int mf__rec_cells_open(recommend_job *job, mf_err *err)
{
    const mf_recommend_params *p = job->params;
    if (!p->explain && p->diversify != MF_DIVERSIFY_PERSONAS)
        return MF_OK;
    return mf_model_fold_open(&job->fold, &job->model, job->name, p->threads, err);
}

int mf__rec_cells_alloc(user_cells *cells, const recommend_job *job, mf_err *err)
{
    const mf_tensor *users = job->scored.users;
    if (!job->fold)
        return MF_OK;
    cells->vectors = mf__new((size_t)users->personas * users->k, sizeof(float));
    return cells->vectors ? mf_fold_work_open(&cells->work, job->fold, err)
                          : mf__nomem(err);
}

void mf__rec_cells_free(user_cells *cells)
{
    mf_fold_work_close(cells->work);
    free(cells->item);
    free(cells->value);
    free(cells->vectors);
    free(cells->z);
}

/* The cells of one fold. */
static int gather(user_cells *c, const mf_ratings *r, uint32_t u, uint8_t fold,
                  mf_err *err)
{
    size_t most = r->x.ptr[u + 1] - r->x.ptr[u] + 1;
    if (mf__reserve(&c->item, &c->item_cap, most, sizeof *c->item, err) < 0 ||
        mf__reserve(&c->value, &c->value_cap, most, sizeof *c->value, err) < 0 ||
        mf__reserve(&c->z, &c->z_cap, most, 1, err) < 0)
        return MF_ENOMEM;
    c->user = (mf_fold_user){
        .item = c->item, .value = c->value, .z = c->z, .vectors = c->vectors};
    for (size_t t = r->x.ptr[u]; t < r->x.ptr[u + 1]; t++)
        if (r->fold[t] == fold) {
            c->item[c->user.n] = r->x.col[t];
            c->value[c->user.n++] = r->x.val[t];
        }
    return MF_OK;
}

/* Users who were folded in are folded in again: it is as cheap as storing the personas
 * of their cells, and gives the same bits. */
int mf__rec_cells_of(user_cells *c, const recommend_job *job, uint32_t user,
                     mf_err *err)
{
    const mf_model *m = &job->model;
    const mf_tensor *users = job->scored.users;
    bool folded = m->folded_active && m->folded_active[user];
    int code = gather(c, &m->ratings, user, folded ? MF_FOLD_IN : MF_TRAIN, err);
    if (code == MF_OK && folded)
        code = mf_als_fold_in(job->fold, c->work, &c->user, err);
    if (code < 0)
        return code;
    if (!folded) {
        memset(c->z, 0, c->user.n);
        if (m->z && c->user.n)
            memcpy(c->z, m->z + m->zptr[user], c->user.n);
        memcpy(c->vectors, mf_tensor_at(users, user, 0),
               (size_t)users->personas * users->k * sizeof *c->vectors);
        c->user.bias = users->bias ? users->bias[user] : 0;
    }
    memset(c->owned, 0, sizeof c->owned);
    c->numbers = mf__card_takes_numbers(&m->card);
    c->liked = 0;
    for (size_t t = 0; t < c->user.n; t++) {
        c->owned[c->z[t]] += rec_cell_is_liked(c, t);
        c->liked += rec_cell_is_liked(c, t);
    }
    return MF_OK;
}
