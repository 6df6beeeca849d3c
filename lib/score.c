#include "mf/score.h"

#include <math.h>
#include <stdlib.h>

#include "mf/mem.h"
#include "mf/par.h"

int mf_scorer_open(mf_scorer *out, const mf_model *model, uint32_t users, int threads,
                   mf_err *err)
{
    uint32_t blocks = users / MF_RANK_USERS + 1;
    int most = mf_par_threads(threads);
    *out = (mf_scorer){.model = model,
                       .threads = (uint32_t)most < blocks ? most : (int)blocks};
    int code = mf_rank_check(&model->users, &model->items, model->card.mu, err);
    if (code == MF_OK &&
        !(out->block = mf_new0((size_t)out->threads, sizeof *out->block)))
        code = mf_nomem(err);
    for (int t = 0; code == MF_OK && t < out->threads; t++)
        code = mf_rank_block_alloc(&out->block[t], model->items.n,
                                   model->users.personas, model->users.k, err);
    if (code < 0)
        mf_scorer_close(out);
    return code;
}

void mf_scorer_close(mf_scorer *scorer)
{
    for (int t = 0; scorer->block && t < scorer->threads; t++)
        mf_rank_block_free(&scorer->block[t]);
    free(scorer->block);
    *scorer = (mf_scorer){0};
}

const mf_rank_block *mf_scorer_users(const mf_scorer *scorer, int thread, uint32_t n,
                                     const uint32_t user[])
{
    const mf_model *m = scorer->model;
    mf_rank_block *block = &scorer->block[thread];
    uint64_t speak[MF_RANK_USERS];
    for (uint32_t j = 0; j < n; j++)
        speak[j] = mf_model_speakers(m, user[j]);
    mf_rank_score(block, &m->users, &m->items, m->card.mu, n, user, speak);
    return block;
}

void mf_score_hide(const mf_ratings *ratings, uint32_t user, unsigned mask,
                   float score[])
{
    for (size_t t = ratings->x.ptr[user]; t < ratings->x.ptr[user + 1]; t++)
        if (mask >> ratings->fold[t] & 1)
            score[ratings->x.col[t]] = -INFINITY;
}
