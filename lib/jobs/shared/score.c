#include "jobs/shared/score.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/par.h"
#include "data/ratings.h"
#include "data/tensor.h"

mf_scored mf__scored_model(const mf_model *model)
{
    return (mf_scored){.users = &model->users,
                       .items = &model->items,
                       .mu = model->card.mu,
                       .model = model};
}

uint64_t mf__scored_active(const mf_scored *scored, uint32_t user)
{
    if (scored->only)
        return scored->only;
    if (scored->model)
        return mf_model_active(scored->model, user);
    return scored->active ? scored->active[user]
                          : mf__active_personas(NULL, NULL, 0, scored->users->personas);
}

int mf__scorer_open(mf_scorer *out, const mf_scored *what, uint32_t users, int threads,
                    mf_err *err)
{
    uint32_t blocks = users / MF_RANK_USERS + 1;
    int most = mf__par_threads(threads);
    *out = (mf_scorer){.what = *what,
                       .threads = (uint32_t)most < blocks ? most : (int)blocks};
    int code = mf__rank_check(what->users, what->items, what->mu, what->disk, err);
    if (code == MF_OK)
        code = mf__panels_build(&out->panels, what->items, what->items->n, NULL, err);
    if (code == MF_OK &&
        !(out->block = mf__new0((size_t)out->threads, sizeof *out->block)))
        code = mf__nomem(err);
    for (int t = 0; code == MF_OK && t < out->threads; t++)
        code = mf__rank_block_alloc(&out->block[t], what->items->n,
                                    what->users->personas, what->users->k, err);
    if (code < 0)
        mf__scorer_close(out);
    return code;
}

void mf__scorer_close(mf_scorer *scorer)
{
    for (int t = 0; scorer->block && t < scorer->threads; t++)
        mf__rank_block_free(&scorer->block[t]);
    free(scorer->block);
    mf__panels_free(&scorer->panels);
    *scorer = (mf_scorer){0};
}

const mf_rank_block *mf__scorer_users(const mf_scorer *scorer, int thread, uint32_t n,
                                      const uint32_t user[])
{
    const mf_scored *w = &scorer->what;
    mf_rank_block *block = &scorer->block[thread];
    uint64_t active[MF_RANK_USERS];
    for (uint32_t j = 0; j < n; j++)
        active[j] = mf__scored_active(w, user[j]);
    mf__rank_score(block, w->users, w->items, &scorer->panels, w->mu, n, user, active);
    return block;
}

void mf__score_hide(const mf_ratings *ratings, uint32_t user, unsigned mask,
                    float score[])
{
    for (size_t t = ratings->x.ptr[user]; t < ratings->x.ptr[user + 1]; t++)
        if (mask >> ratings->fold[t] & 1)
            score[ratings->x.col[t]] = -INFINITY;
}

static uint32_t list_seen(const mf_ratings *ratings, uint32_t user, unsigned mask,
                          uint32_t item[])
{
    uint32_t n = 0;
    for (size_t t = ratings->x.ptr[user]; t < ratings->x.ptr[user + 1]; t++)
        if (mask >> ratings->fold[t] & 1)
            item[n++] = ratings->x.col[t];
    return n;
}

int mf__scored_queries(mf_query query[], const mf_scored *w, const mf_ratings *ratings,
                       unsigned mask, uint32_t n, const uint32_t user[],
                       uint32_t **hide, size_t *cap, mf_err *err)
{
    size_t cells = 0;
    for (uint32_t j = 0; mask && j < n; j++)
        cells += ratings->x.ptr[user[j] + 1] - ratings->x.ptr[user[j]];
    int code = mf__reserve(hide, cap, cells + 1, sizeof **hide, err);
    if (code < 0)
        return code;
    uint32_t *next = *hide;
    for (uint32_t j = 0; j < n; j++) {
        const float *bias = w->users->bias;
        query[j] =
            (mf_query){.vectors = mf_tensor_at(w->users, user[j], 0),
                       .active = mf__scored_active(w, user[j]),
                       .base = w->mu + (bias ? (double)bias[user[j]] : 0),
                       .hidden = mask ? list_seen(ratings, user[j], mask, next) : 0,
                       .hide = next};
        next += query[j].hidden;
    }
    return MF_OK;
}

void mf__score_errors(mf_outcome *outcome, const float score[], bool numbers,
                      uint32_t n, const uint32_t item[], const float value[])
{
    outcome->squared = outcome->absolute = 0;
    for (uint32_t t = 0; t < n; t++) {
        double target = numbers ? (double)value[t] : mf__likes(value[t]);
        double e = target - (double)score[item[t]];
        outcome->squared += e * e;
        outcome->absolute += fabs(e);
    }
}

void mf__score_ranks(mf_outcome *outcome, const float score[], uint32_t items,
                     uint32_t n, const uint32_t item[], uint32_t rank[],
                     mf_ranked found[])
{
    uint32_t ranked = 0;
#pragma omp simd reduction(+ : ranked)
    for (uint32_t i = 0; i < items; i++)
        ranked += score[i] > -INFINITY;
    outcome->relevant = n;
    outcome->rank = rank;
    outcome->ranked = ranked;
    if (n > 0)
        mf__rank_of(score, items, n, item, rank, found);
}
