/* Lists by marginal relevance, and by turns of the personas. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "jobs/recommend/private.h"

int mf__rec_diverse_room(rec_desk *desk, const rec_job *job, mf_err *err)
{
    uint32_t items = job->scored.items->n, many = mf__mmr_candidates(desk->most);
    bool ok = true;
    switch (job->params->diversify) {
    case MF_DIVERSIFY_NONE: break;
    case MF_DIVERSIFY_MMR:
        desk->pool_n = many < items ? many : items;
        desk->pool = mf__new(desk->pool_n, sizeof *desk->pool);
        desk->near = mf__new(desk->pool_n, sizeof *desk->near);
        ok = desk->pool && desk->near;
        break;
    case MF_DIVERSIFY_PERSONAS:
        desk->pool = mf__new((size_t)job->scored.users->personas * desk->most,
                             sizeof *desk->pool);
        desk->row = mf__new(items, sizeof *desk->row);
        ok = desk->pool && desk->row;
        break;
    }
    return ok ? MF_OK : mf__nomem(err);
}

void mf__rec_diverse_free(rec_desk *desk)
{
    free(desk->pool);
    free(desk->near);
    free(desk->row);
}

int mf__rec_choose_mmr(rec_list *out, const rec_job *job, rec_desk *desk, uint32_t who,
                       const float score[], const uint8_t persona[], mf_err *err)
{
    (void)err;
    uint32_t n = mf__rank_top(score, job->scored.items->n, desk->pool_n, desk->pool);
    n = mf__mmr_choose(&job->mmr, job->params->relevance, n, desk->pool, desk->most,
                       desk->near, desk->top);
    for (uint32_t i = 0; i < n; i++)
        desk->listed[i] = (rec_listed){.item = desk->top[i].item,
                                       .score = desk->top[i].score,
                                       .persona = persona[desk->top[i].item]};
    *out = (rec_list){.who = who, .n = n, .item = desk->listed};
    return MF_OK;
}

/* The candidates of persona q, as many as the list may have: the items for which
 * it speaks. */
static uint32_t candidates_of(const rec_job *job, rec_desk *desk, uint32_t q,
                              const float score[], const uint8_t persona[])
{
    uint32_t items = job->scored.items->n;
    for (uint32_t i = 0; i < items; i++)
        desk->row[i] = persona[i] == q ? score[i] : -INFINITY;
    return mf__rank_top(desk->row, items, desk->most,
                        desk->pool + (size_t)q * desk->most);
}

/* An item is offered by the persona that likes it most, alone. If a persona could
 * offer what a sibling likes more, overlap would make most turns look alike: the
 * best of all are near the top for each, and are there for the sibling's reasons. */
int mf__rec_choose_turns(rec_list *out, const rec_job *job, rec_desk *desk,
                         uint32_t who, const float score[], const uint8_t persona[],
                         mf_err *err)
{
    uint32_t found[MF_PERSONAS_MAX], given[MF_PERSONAS_MAX];
    mf_ranked *list[MF_PERSONAS_MAX];
    uint32_t personas = job->scored.users->personas;
    int code = mf__rec_cells_of(&desk->cells, job, who, err);
    if (code < 0)
        return code;
    for (uint32_t q = 0; q < personas; q++) {
        found[q] = candidates_of(job, desk, q, score, persona);
        list[q] = desk->pool + (size_t)q * desk->most;
    }
    mf_turns turns = {.personas = personas,
                      .weight = desk->cells.owned,
                      .n = found,
                      .list = list,
                      .given = given};
    uint32_t n = mf__turns_choose(&turns, desk->most, desk->top);
    for (uint32_t i = 0; i < n; i++)
        desk->listed[i] = (rec_listed){.item = desk->top[i].item,
                                       .score = desk->top[i].score,
                                       .persona = persona[desk->top[i].item]};
    *out = (rec_list){.who = who, .n = n, .item = desk->listed};
    return MF_OK;
}
