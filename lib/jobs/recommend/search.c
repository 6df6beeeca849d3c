#include "jobs/recommend/search.h"

#include <stdlib.h>

#include "base/mem.h"

bool mf__rec_can_search(const recommend_job *job)
{
    const mf_recommend_params *p = job->params;
    return !p->similars && !job->weight && p->diversify == MF_DIVERSIFY_NONE &&
           p->top <= MF_SEARCH_TOP && job->scored.items->n <= MF_SEARCH_ITEMS &&
           job->scored.users->personas <= MF_PERSONAS_MAX;
}

int mf__rec_search_open(search_workspace *out, const recommend_job *job,
                        const mf_catalogue *catalogue, uint32_t most, mf_err *err)
{
    *out = (search_workspace){.most = most};
    out->hit = mf__new((size_t)MF_SEARCH_USERS * most, sizeof *out->hit);
    if (!out->hit)
        return mf__nomem(err);
    return mf_search_open(&out->search, catalogue, job->scored.users->personas,
                          most ? most : 1, err);
}

void mf__rec_search_close(search_workspace *s)
{
    mf_search_close(s->search);
    free(s->hit);
    free(s->hide);
}

int mf__rec_search_users(search_workspace *s, const recommend_job *job, uint32_t n,
                         const uint32_t user[], mf_err *err)
{
    mf_query query[MF_SEARCH_USERS];
    unsigned hidden = job->params->include_seen ? 0 : MF_SEEN;
    int code = mf__scored_queries(query, &job->scored, &job->model.ratings, hidden, n,
                                  user, &s->hide, &s->hide_cap, err);
    if (code == MF_OK)
        mf_search_users(s->search, n, query, s->hit, s->found);
    return code;
}

void mf__rec_search_list(item_list *out, const search_workspace *s, workspace *w,
                         uint32_t user, uint32_t j)
{
    const mf_hit *hit = s->hit + (size_t)j * s->most;
    for (uint32_t i = 0; i < s->found[j]; i++)
        w->listed[i] = (listed_item){
            .item = hit[i].item, .score = hit[i].score, .persona = hit[i].persona};
    *out = (item_list){.owner = user, .n = s->found[j], .item = w->listed};
}
