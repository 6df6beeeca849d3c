#include "jobs/recommend/popularity.h"

#include "data/ratings.h"
#include "jobs/shared/stranger.h"
#include "math/rarity.h"

/* Popularity is counted on training cells that are liked. */
int mf__rec_count_listeners(recommend_job *job, mf_err *err)
{
    const mf_ratings *r = &job->model.ratings;
    if (job->listeners || !job->model.has_ratings)
        return MF_OK;
    return mf__listeners_count(&job->listeners, r, err);
}

int mf__rec_rarity_open(recommend_job *job, mf_err *err)
{
    const mf_ratings *r = &job->model.ratings;
    uint32_t all = 0;
    int code = mf__rec_count_listeners(job, err);
    if (code < 0)
        return code;
    for (uint32_t u = 0; u < r->x.rows; u++) {
        size_t t = r->x.ptr[u], end = r->x.ptr[u + 1];
        while (t < end && (r->fold[t] != MF_TRAIN || !mf__likes(r->x.val[t])))
            t++;
        all += t < end;
    }
    return mf__rarity_weights(&job->weight, r->x.cols, job->listeners, all,
                              job->params->rarity, err);
}

void mf__rec_rarity_apply(const recommend_job *job, float score[])
{
    if (job->weight)
        mf__rarity_temper(job->scored.items->n, job->weight, score);
}
