#include "jobs/recommend/diversify.h"

#include <math.h>

#include "base/mem.h"
#include "math/cover.h"

uint32_t mf__rec_top_mmr(const recommend_job *job, workspace *w, const float score[])
{
    uint32_t n = mf__rank_top(score, job->scored.items->n, w->pool_n, w->pool);
    return mf__mmr_choose(&job->mmr, job->params->relevance, n, w->pool, w->most,
                          w->nearest, w->top);
}

/* A candidate says nothing of a cell to which its cosine is LITTLE or less, and all at
 * ENOUGH. The personas together weigh VOICES, the cells 1. These are what validation
 * cells of three sets prefer; little hangs on them. */
static const float LITTLE = .4f, ENOUGH = .8f;
static const double VOICES = .3;

static float part_said(float cosine)
{
    float part = (cosine - LITTLE) / (ENOUGH - LITTLE);
    return part < 0 ? 0 : part > 1 ? 1 : part;
}

static bool speaks(const recommend_job *job, uint32_t q)
{
    return !job->scored.only || job->scored.only >> q & 1;
}

/* The aspects are the n cells of the history, then the personas. A persona's cells
 * together weigh as the root of their number, so that a small taste has its say. Cells
 * that are not liked weigh nothing, nor do those of a persona that is silent. */
static int weigh(const recommend_job *job, workspace *w, mf_err *err)
{
    const user_cells *c = &w->cells;
    uint32_t personas = job->scored.users->personas;
    size_t n = c->user.n;
    double share[MF_PERSONAS_MAX], all = 0;
    if (mf__reserve(&w->aspect_weight, &w->weight_cap, n + personas,
                    sizeof *w->aspect_weight, err) < 0)
        return MF_ENOMEM;
    for (uint32_t q = 0; q < personas; q++) {
        share[q] = speaks(job, q) ? sqrt((double)c->owned[q]) : 0;
        all += share[q];
    }
    for (uint32_t q = 0; q < personas; q++) {
        share[q] = all > 0 ? share[q] / all : 0;
        w->aspect_weight[n + q] = VOICES * share[q];
    }
    for (size_t t = 0; t < n; t++)
        w->aspect_weight[t] =
            rec_cell_is_liked(c, t) ? share[c->z[t]] / (double)c->owned[c->z[t]] : 0;
    return MF_OK;
}

/* What a candidate says of the cells, and that a persona speaks for it. */
static int add_parts(const recommend_job *job, workspace *w, uint32_t item,
                     uint8_t persona, size_t *have, mf_err *err)
{
    const user_cells *c = &w->cells;
    size_t n = c->user.n, most = *have + n + 1;
    if (mf__reserve(&w->aspect, &w->aspect_cap, most, sizeof *w->aspect, err) < 0 ||
        mf__reserve(&w->said, &w->said_cap, most, sizeof *w->said, err) < 0)
        return MF_ENOMEM;
    for (size_t t = 0; t < n; t++) {
        float part = w->aspect_weight[t] > 0
                         ? part_said(mf__mmr_cosine(&job->mmr, item, c->item[t]))
                         : 0;
        if (part > 0) {
            w->aspect[*have] = (uint32_t)t;
            w->said[(*have)++] = part;
        }
    }
    w->aspect[*have] = (uint32_t)n + persona;
    w->said[(*have)++] = 1;
    return MF_OK;
}

int mf__rec_top_cover(uint32_t *n, const recommend_job *job, workspace *w,
                      uint32_t user, const float score[], const uint8_t persona[],
                      mf_err *err)
{
    size_t have = 0;
    uint32_t found = mf__rank_top(score, job->scored.items->n, w->pool_n, w->pool);
    int code = mf__rec_cells_of(&w->cells, job, user, err);
    if (code == MF_OK)
        code = weigh(job, w, err);
    w->said_by[0] = 0;
    for (uint32_t i = 0; code == MF_OK && i < found; i++) {
        uint32_t item = w->pool[i].item;
        code = add_parts(job, w, item, persona[item], &have, err);
        w->said_by[i + 1] = have;
    }
    if (code < 0)
        return code;
    mf_cover cover = {.n = found,
                      .candidate = w->pool,
                      .ptr = w->said_by,
                      .aspect = w->aspect,
                      .part = w->said,
                      .weight = w->aspect_weight,
                      .gain = w->gain};
    *n = mf__cover_choose(&cover, job->params->relevance, w->most, w->top);
    return MF_OK;
}
