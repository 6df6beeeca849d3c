/* A TREC run. */
#include "jobs/shared/trec.h"
#include "jobs/recommend/formats.h"

void mf__rec_trec_list(page *to, const recommend_job *job, const item_list *list)
{
    trec_list lines = {.to = to,
                       .users = job->names,
                       .items = &job->model.ratings.items,
                       .user = list->owner,
                       .tag = "mfpipe"};
    /* These scores are in no order: they would be sorted. */
    bool counts = job->params->diversify == MF_DIVERSIFY_MMR;
    for (uint32_t i = 0; i < list->n; i++)
        mf__trec_put_item(&lines, list->item[i].item,
                          counts ? (float)(list->n - i) : list->item[i].score);
}
