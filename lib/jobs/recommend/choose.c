#include "jobs/recommend/choose.h"

#include "jobs/recommend/diversify.h"

int mf__rec_choose(item_list *out, const recommend_job *job, workspace *w,
                   uint32_t owner, const float score[], const uint8_t persona[],
                   mf_err *err)
{
    uint32_t n = 0;
    int code = MF_OK;
    switch (job->params->diversify) {
    case MF_DIVERSIFY_NONE:
        n = mf__rank_top(score, job->scored.items->n, w->most, w->top);
        break;
    case MF_DIVERSIFY_MMR: n = mf__rec_top_mmr(job, w, score); break;
    case MF_DIVERSIFY_PERSONAS:
        code = mf__rec_top_cover(&n, job, w, owner, score, persona, err);
        break;
    }
    if (code < 0)
        return code;
    for (uint32_t i = 0; i < n; i++)
        w->listed[i] = (listed_item){
            .item = w->top[i].item,
            .score = w->top[i].score,
            .persona = job->params->similars ? NO_PERSONA : persona[w->top[i].item]};
    *out = (item_list){.owner = owner, .n = n, .item = w->listed};
    return MF_OK;
}
