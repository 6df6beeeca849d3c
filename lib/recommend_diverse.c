/* Lists by marginal relevance, and by turns of the personas. */
#include <stdlib.h>

#include "mf/mem.h"
#include "recommend_private.h"

int rec_diverse_room(rec_desk *desk, const rec_job *job, mf_err *err)
{
    uint32_t items = job->scored.items->n, many = mf_mmr_candidates(desk->most);
    bool ok = true;
    switch (job->params->diversify) {
    case MF_DIVERSIFY_NONE: break;
    case MF_DIVERSIFY_MMR:
        desk->pool_n = many < items ? many : items;
        desk->pool = mf_new(desk->pool_n, sizeof *desk->pool);
        desk->near = mf_new(desk->pool_n, sizeof *desk->near);
        ok = desk->pool && desk->near;
        break;
    case MF_DIVERSIFY_PERSONAS:
        desk->pool = mf_new((size_t)job->scored.users->personas * desk->most,
                            sizeof *desk->pool);
        desk->taken = mf_new0(items, 1);
        desk->turn = mf_new(desk->most, 1);
        ok = desk->pool && desk->taken && desk->turn;
        break;
    }
    return ok ? MF_OK : mf_nomem(err);
}

void rec_diverse_free(rec_desk *desk)
{
    free(desk->pool);
    free(desk->near);
    free(desk->taken);
    free(desk->turn);
}

int rec_choose_mmr(rec_list *out, const rec_job *job, rec_desk *desk, uint32_t who,
                   const float score[], const uint8_t persona[], mf_err *err)
{
    (void)err;
    uint32_t n = mf_rank_top(score, job->scored.items->n, desk->pool_n, desk->pool);
    n = mf_mmr_choose(&job->mmr, job->params->relevance, n, desk->pool, desk->most,
                      desk->near, desk->top);
    for (uint32_t i = 0; i < n; i++)
        desk->listed[i] = (rec_listed){.item = desk->top[i].item,
                                       .score = desk->top[i].score,
                                       .persona = persona[desk->top[i].item]};
    *out = (rec_list){.who = who, .n = n, .item = desk->listed};
    return MF_OK;
}

/* The candidates of each persona that speaks: as many as the list may have, so
 * that what its siblings choose first cannot use them up. */
static uint32_t score_personas(const rec_job *job, rec_desk *desk,
                               const mf_scorer *scorer, int thread, uint32_t who,
                               uint8_t persona[], uint32_t found[])
{
    uint64_t speak = mf_scored_speakers(&job->scored, who);
    uint32_t n = 0, items = job->scored.items->n;
    for (uint32_t q = 0; q < job->scored.users->personas; q++)
        if (speak >> q & 1)
            persona[n++] = (uint8_t)q;
    for (uint32_t lo = 0; lo < n; lo += MF_RANK_USERS) {
        uint32_t rows = n - lo < MF_RANK_USERS ? n - lo : MF_RANK_USERS;
        const mf_rank_block *block =
            mf_scorer_personas(scorer, thread, who, rows, persona + lo);
        for (uint32_t j = 0; j < rows; j++) {
            float *score = mf_rank_row(block, j);
            rec_score_hide(job, who, score);
            rec_score_temper(job, score);
            found[lo + j] = mf_rank_top(score, items, desk->most,
                                        desk->pool + (size_t)(lo + j) * desk->most);
        }
    }
    return n;
}

int rec_choose_turns(rec_list *out, const rec_job *job, rec_desk *desk,
                     const mf_scorer *scorer, int thread, uint32_t who, mf_err *err)
{
    uint8_t persona[MF_PERSONAS_MAX];
    uint32_t found[MF_PERSONAS_MAX], used[MF_PERSONAS_MAX], given[MF_PERSONAS_MAX];
    uint64_t weight[MF_PERSONAS_MAX];
    mf_ranked *list[MF_PERSONAS_MAX];
    int code = rec_cells_of(&desk->cells, job, who, err);
    if (code < 0)
        return code;
    uint32_t n = score_personas(job, desk, scorer, thread, who, persona, found);
    for (uint32_t j = 0; j < n; j++) {
        weight[j] = desk->cells.owned[persona[j]];
        list[j] = desk->pool + (size_t)j * desk->most;
    }
    mf_turns turns = {.personas = n,
                      .weight = weight,
                      .n = found,
                      .list = list,
                      .used = used,
                      .given = given,
                      .taken = desk->taken};
    uint32_t places = mf_turns_choose(&turns, desk->most, desk->top, desk->turn);
    for (uint32_t i = 0; i < places; i++)
        desk->listed[i] = (rec_listed){.item = desk->top[i].item,
                                       .score = desk->top[i].score,
                                       .persona = persona[desk->turn[i]]};
    *out = (rec_list){.who = who, .n = places, .item = desk->listed};
    return MF_OK;
}
