/* Which items are candidates for whom. */
#include <math.h>

#include "jobs/recommend/private.h"

/* Of an item: not the item itself, and nothing if it has no direction, where all
 * cosines are 0. Rounding may leave a cosine a little outside. */
static void hide_similar(const rec_job *job, uint32_t who, float score[])
{
    bool none = score[who] == 0;
    for (uint32_t i = 0; i < job->scored.items->n; i++)
        score[i] = none ? -INFINITY : fmaxf(-1, fminf(1, score[i]));
    score[who] = -INFINITY;
}

void mf__rec_score_hide(const rec_job *job, uint32_t who, float score[])
{
    if (job->params->similars)
        hide_similar(job, who, score);
    else if (!job->params->include_seen)
        mf__score_hide(&job->model.ratings, who, MF_SEEN, score);
    for (uint32_t i = 0; job->barred && i < job->scored.items->n; i++)
        if (job->barred[i])
            score[i] = -INFINITY;
}
