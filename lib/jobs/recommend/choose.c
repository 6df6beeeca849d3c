/* The list, from a row of scores. */
#include <stdlib.h>

#include "base/mem.h"
#include "jobs/recommend/private.h"

int mf__rec_desk_open(rec_desk *out, const rec_job *job, mf_err *err)
{
    uint32_t items = job->scored.items->n, top = job->params->top;
    *out = (rec_desk){.most = top < items ? top : items};
    out->top = mf__new(out->most, sizeof *out->top);
    out->listed = mf__new(out->most, sizeof *out->listed);
    if (job->params->explain)
        out->reason = mf__new(out->most, sizeof *out->reason);
    int code = out->top && out->listed && (out->reason || !job->params->explain)
                   ? mf__rec_cells_room(&out->cells, job, err)
                   : mf__nomem(err);
    if (code == MF_OK)
        code = mf__rec_diverse_room(out, job, err);
    if (code < 0)
        mf__rec_desk_close(out);
    return code;
}

void mf__rec_desk_close(rec_desk *desk)
{
    free(desk->top);
    free(desk->listed);
    free(desk->page.text);
    free(desk->part);
    free(desk->reason);
    mf__rec_cells_free(&desk->cells);
    mf__rec_diverse_free(desk);
    *desk = (rec_desk){0};
}

int mf__rec_choose(rec_list *out, const rec_job *job, rec_desk *desk, uint32_t who,
                   const float score[], const uint8_t persona[], mf_err *err)
{
    if (job->params->diversify == MF_DIVERSIFY_MMR)
        return mf__rec_choose_mmr(out, job, desk, who, score, persona, err);
    if (job->params->diversify == MF_DIVERSIFY_PERSONAS)
        return mf__rec_choose_turns(out, job, desk, who, score, persona, err);
    uint32_t n = mf__rank_top(score, job->scored.items->n, desk->most, desk->top);
    for (uint32_t i = 0; i < n; i++)
        desk->listed[i] = (rec_listed){
            .item = desk->top[i].item,
            .score = desk->top[i].score,
            .persona = job->params->similars ? REC_NOBODY : persona[desk->top[i].item]};
    *out = (rec_list){.who = who, .n = n, .item = desk->listed};
    return MF_OK;
}
