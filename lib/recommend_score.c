/* Which items are candidates for whom. */
#include "recommend_private.h"

void rec_score_hide(const rec_job *job, uint32_t who, float score[])
{
    if (!job->params->include_seen)
        mf_score_hide(&job->model.ratings, who, MF_SEEN, score);
}
