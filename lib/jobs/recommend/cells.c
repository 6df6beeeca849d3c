/* What users have heard, and which persona owns what. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "jobs/recommend/private.h"
#include "math/rarity.h"

/* Popularity is counted on training cells, as the model saw it. */
int mf__rec_weigh(rec_job *job, mf_err *err)
{
    const mf_ratings *r = &job->model.ratings;
    uint32_t all = 0;
    int code = mf__rec_count_listeners(job, err);
    if (code < 0)
        return code;
    for (uint32_t u = 0; u < r->x.rows; u++) {
        size_t t = r->x.ptr[u], end = r->x.ptr[u + 1];
        while (t < end && r->fold[t] != MF_TRAIN)
            t++;
        all += t < end;
    }
    return mf__rarity_weights(&job->weight, r->x.cols, job->listeners, all,
                              job->params->rarity, err);
}

int mf__rec_cells_open(rec_job *job, mf_err *err)
{
    const mf_recommend_params *p = job->params;
    int code = MF_OK;
    if (p->explain || p->diversify == MF_DIVERSIFY_PERSONAS)
        code = mf__model_fold_open(&job->fold, &job->model, job->name, p->threads, err);
    if (code == MF_OK && p->diversify == MF_DIVERSIFY_MMR)
        code = mf__mmr_open(&job->mmr, &job->model.items, err);
    return code;
}

void mf__rec_cells_close(rec_job *job)
{
    mf_fold_in_close(job->fold);
    free(job->weight);
    mf__mmr_close(&job->mmr);
}

int mf__rec_cells_room(rec_cells *cells, const rec_job *job, mf_err *err)
{
    const mf_tensor *users = job->scored.users;
    if (!job->fold)
        return MF_OK;
    cells->vectors = mf__new((size_t)users->personas * users->k, sizeof(float));
    return cells->vectors ? mf_fold_work_open(&cells->work, job->fold, err)
                          : mf__nomem(err);
}

void mf__rec_cells_free(rec_cells *cells)
{
    mf_fold_work_close(cells->work);
    free(cells->item);
    free(cells->value);
    free(cells->vectors);
    free(cells->z);
}

/* The cells of one fold. */
static int gather(rec_cells *c, const mf_ratings *r, uint32_t u, uint8_t fold,
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

/* Users who were folded in are so again: it is as cheap as keeping who owned
 * what, and gives the same bits. */
int mf__rec_cells_of(rec_cells *c, const rec_job *job, uint32_t who, mf_err *err)
{
    const mf_model *m = &job->model;
    const mf_tensor *users = job->scored.users;
    bool folded = m->folded_active && m->folded_active[who];
    int code = gather(c, &m->ratings, who, folded ? MF_FOLD_IN : MF_TRAIN, err);
    if (code == MF_OK && folded)
        code = mf_als_fold_in(job->fold, c->work, &c->user, err);
    if (code < 0)
        return code;
    if (!folded) {
        memset(c->z, 0, c->user.n);
        if (m->z && c->user.n)
            memcpy(c->z, m->z + m->zptr[who], c->user.n);
        memcpy(c->vectors, mf_tensor_at(users, who, 0),
               (size_t)users->personas * users->k * sizeof *c->vectors);
        c->user.bias = users->bias ? users->bias[who] : 0;
    }
    memset(c->owned, 0, sizeof c->owned);
    for (size_t t = 0; t < c->user.n; t++)
        c->owned[c->z[t]]++;
    return MF_OK;
}

void mf__rec_score_temper(const rec_job *job, float score[])
{
    if (job->weight)
        mf__rarity_temper(job->scored.items->n, job->weight, score);
}
