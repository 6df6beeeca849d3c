#include "jobs/recommend/diversify.h"

#include <math.h>

uint32_t mf__rec_top_mmr(const recommend_job *job, workspace *w, const float score[])
{
    uint32_t n = mf__rank_top(score, job->scored.items->n, w->pool_n, w->pool);
    return mf__mmr_choose(&job->mmr, job->params->relevance, n, w->pool, w->most,
                          w->nearest, w->top);
}

/* The candidates of persona q, as many as the list may have: items that no other
 * persona scores higher. */
static uint32_t candidates_of(const recommend_job *job, workspace *w, uint32_t q,
                              const float score[], const uint8_t persona[])
{
    uint32_t items = job->scored.items->n;
    for (uint32_t i = 0; i < items; i++)
        w->row[i] = persona[i] == q ? score[i] : -INFINITY;
    return mf__rank_top(w->row, items, w->most, w->in_turns + (size_t)q * w->most);
}

/* An item is offered by the persona that likes it most, alone. If a persona could
 * offer what a sibling likes more, overlap would make most turns look alike: the
 * best of all are near the top for each, and are there for the sibling's reasons. */
int mf__rec_top_turns(uint32_t *n, const recommend_job *job, workspace *w,
                      uint32_t user, const float score[], const uint8_t persona[],
                      mf_err *err)
{
    uint32_t found[MF_PERSONAS_MAX], given[MF_PERSONAS_MAX];
    mf_ranked *list[MF_PERSONAS_MAX];
    uint32_t personas = job->scored.users->personas;
    int code = mf__rec_cells_of(&w->cells, job, user, err);
    if (code < 0)
        return code;
    for (uint32_t q = 0; q < personas; q++) {
        found[q] = candidates_of(job, w, q, score, persona);
        list[q] = w->in_turns + (size_t)q * w->most;
    }
    mf_turns turns = {.personas = personas,
                      .weight = w->cells.owned,
                      .n = found,
                      .list = list,
                      .given = given};
    *n = mf__turns_choose(&turns, w->most, w->top);
    return MF_OK;
}
