#include "jobs/recommend/fallback.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/report.h"
#include "data/nearest.h"
#include "jobs/recommend/candidates.h"
#include "jobs/recommend/diversify.h"
#include "jobs/recommend/popularity.h"
#include "jobs/shared/stranger.h"

static bool is_known(const recommend_job *job, uint32_t user)
{
    const mf_ratings *ratings = job->model.has_ratings ? &job->model.ratings : NULL;
    return !mf__is_stranger(&job->scored, ratings, user);
}

/* What takes the place of the model. Those of a model with new users were counted as their
 * history was read; by now its ratings are gone. */
static int settle_fallback(recommend_job *job, mf_err *err)
{
    int code = MF_OK;
    if (job->params->no_fallback)
        return MF_OK;
    if (job->scored.items->bias) {
        job->fallback = FALLBACK_BIAS;
        return MF_OK;
    }
    if (!mf__rec_is_new(job->params))
        code = mf__rec_count_listeners(job, err);
    if (code == MF_OK && job->listeners)
        job->fallback = FALLBACK_POPULARITY;
    return code;
}

static const char *instead(const recommend_job *job)
{
    if (job->strangers == 1 && job->none_left)
        return "nothing is listed, since nothing that is popular is left";
    switch (job->fallback) {
    case FALLBACK_BIAS: return "listed is what is rated highest, by the items' biases";
    case FALLBACK_POPULARITY:
        return "listed is what is popular, by the number of its listeners";
    case FALLBACK_NONE: break;
    }
    return job->params->no_fallback
               ? "nothing is listed"
               : "nothing is listed, since the bundle has no ratings by which to tell "
                 "what is popular";
}

void mf__rec_fallback_warn(const recommend_job *job)
{
    char whose[64] = "";
    const mf_report *report = job->params->report;
    if (job->strangers == 0)
        return;
    if (job->params->persona)
        mf__snprintf(whose, sizeof whose, "persona %u of ", job->params->persona);
    if (job->strangers == 1)
        mf__report_warn(report, "the model knows nothing of %s'%s': %s", whose,
                        job->first_stranger, instead(job));
    else
        mf__report_warn(report,
                        "the model knows nothing of %s%zu users, of whom the first is "
                        "'%s': %s",
                        whose, job->strangers, job->first_stranger, instead(job));
}

static void keep_first(recommend_job *job, uint32_t user)
{
    size_t len;
    const char *id = mf_ids_get(job->names, user, &len);
    mf__snprintf(job->first_stranger, sizeof job->first_stranger, "%.*s",
                 mf__nearest_clip(id, len, 76), id);
}

/* The scores of all items; an item that nobody heard is not popular. */
static void score(const recommend_job *job, uint32_t user, float row[])
{
    const uint32_t *heard =
        job->fallback == FALLBACK_POPULARITY ? job->listeners : NULL;
    mf__stranger_score(&job->scored, heard, user, row);
    for (uint32_t i = 0; heard && i < job->scored.items->n; i++)
        if (heard[i] == 0)
            row[i] = -INFINITY;
    mf__rec_hide(job, user, row);
    mf__rec_rarity_apply(job, row);
}

/* Is nothing left of what is popular, for the one of whom the model knows nothing? */
static int find_left(recommend_job *job, uint32_t user, mf_err *err)
{
    uint32_t n = job->scored.items->n;
    float *row;
    if (job->fallback != FALLBACK_POPULARITY)
        return MF_OK;
    if (!(row = mf__new(n, sizeof *row)))
        return mf__nomem(err);
    score(job, user, row);
    job->none_left = true;
    for (uint32_t i = 0; i < n; i++)
        job->none_left &= !isfinite(row[i]);
    free(row);
    return MF_OK;
}

int mf__rec_fallback_open(recommend_job *job, mf_err *err)
{
    uint32_t last = 0;
    size_t before = job->strangers;
    for (size_t i = 0; i < job->asked.n; i++) {
        uint32_t user = job->asked.index[i];
        if (is_known(job, user) || mf__rec_falls_back(job, user))
            continue;
        if (!job->stranger && !(job->stranger = mf__new0(job->names->n, 1)))
            return mf__nomem(err);
        if (job->strangers++ == 0)
            keep_first(job, user);
        job->stranger[user] = 1;
        last = user;
    }
    int code = job->stranger ? settle_fallback(job, err) : MF_OK;
    if (code == MF_OK && job->strangers == 1 && before == 0)
        code = find_left(job, last, err);
    return code;
}

/* No persona speaks, and there is no history to show. */
void mf__rec_fallback_list(item_list *out, const recommend_job *job, workspace *w,
                           uint32_t user)
{
    static const char *const name[] = {NULL, "popularity", "bias"};
    uint32_t n = 0;
    if (job->fallback != FALLBACK_NONE) {
        score(job, user, w->row);
        n = job->params->diversify == MF_DIVERSIFY_MMR
                ? mf__rec_top_mmr(job, w, w->row)
                : mf__rank_top(w->row, job->scored.items->n, w->most, w->top);
    }
    *out = (item_list){
        .owner = user, .n = n, .item = w->listed, .fallback = name[job->fallback]};
    for (uint32_t i = 0; i < n; i++)
        w->listed[i] = (listed_item){.item = w->top[i].item,
                                     .score = w->top[i].score,
                                     .persona = FALLBACK_PERSONA};
    if (!job->params->explain)
        return;
    out->persona = w->persona; /* of which there are none */
    for (uint32_t i = 0; i < n; i++) {
        w->reason[i] = (reason){0};
        w->listed[i].because = &w->reason[i];
    }
}
