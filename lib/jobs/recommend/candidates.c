#include "jobs/recommend/candidates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/report.h"
#include "data/ratings.h"
#include "data/text.h"
#include "jobs/recommend/item_names.h"
#include "wire/card.h"

/* Make job->excluded, if it is not there, with all items at `all`. */
static int need_excluded(recommend_job *job, uint8_t all, mf_err *err)
{
    uint32_t items = job->model.ratings.items.n;
    if (job->excluded)
        return MF_OK;
    job->excluded = mf__new(items, 1);
    if (!job->excluded)
        return mf__nomem(err);
    memset(job->excluded, all, items);
    return MF_OK;
}

int mf__rec_exclude(recommend_job *job, uint32_t item, mf_err *err)
{
    int code = need_excluded(job, 0, err);
    if (code == MF_OK)
        job->excluded[item] = 1;
    return code;
}

/* Set job->excluded of all items of a list. */
static int read_list(recommend_job *job, mf_lines *list, uint8_t excluded, mf_err *err)
{
    mf_field line, name[2];
    const uint32_t *index;
    size_t n;
    int code;
    while ((code = mf_lines_next(list, &line, err)) == 1) {
        mf__text_split(line, "\t", name, 2);
        const typed_name typed = {.name = name[0], .from = list, .line = line};
        code = mf__rec_item_find(job, &typed, &index, &n, err);
        for (size_t i = 0; code == MF_OK && i < n; i++)
            job->excluded[index[i]] = excluded;
        if (code < 0)
            return code;
    }
    return code < 0 ? code : mf__list_some(list, err);
}

/* Exclude the items that are known in training, and that nobody likes: the model has
 * nothing but zeros for them. */
static int exclude_unliked(recommend_job *job, mf_err *err)
{
    enum { KNOWN = 1, LIKED = 2 };
    const mf_ratings *r = &job->model.ratings;
    uint8_t *is = mf__new0(r->items.n, 1);
    int code = is ? MF_OK : mf__nomem(err);
    for (size_t t = 0; is && t < r->x.nnz; t++)
        if (r->fold[t] == MF_TRAIN)
            is[r->x.col[t]] |= mf__likes(r->x.val[t]) ? KNOWN | LIKED : KNOWN;
    for (uint32_t i = 0; code == MF_OK && i < r->items.n; i++)
        if (is[i] == KNOWN)
            code = mf__rec_exclude(job, i, err);
    free(is);
    return code;
}

/* Warn where nothing may be listed, and why. */
static void warn_of_none(const recommend_job *job)
{
    const mf_recommend_params *p = job->params;
    uint32_t items = job->model.ratings.items.n, left = 0;
    for (uint32_t i = 0; job->excluded && i < items; i++)
        left += !job->excluded[i];
    if (!job->excluded || left > 0 || !(p->candidates || p->excluded))
        return;
    const char *why = !p->excluded     ? "--items names none"
                      : !p->candidates ? "--exclude leaves none"
                                       : "--items names none that is not in --exclude";
    mf__report_warn(p->report, "all lists are empty: of the %u item%s of %s, %s", items,
                    mf__plural(items), job->name, why);
}

int mf__rec_candidates_read(recommend_job *job, mf_err *err)
{
    const mf_recommend_params *p = job->params;
    int code = MF_OK;
    if (!p->candidates && !p->similars && job->model.has_ratings &&
        !mf__card_takes_numbers(&job->model.card))
        code = exclude_unliked(job, err);
    if (code < 0)
        return code;
    if (p->candidates && (code = need_excluded(job, 1, err)) == MF_OK)
        code = read_list(job, p->candidates, 0, err);
    if (code == MF_OK && p->excluded && (code = need_excluded(job, 0, err)) == MF_OK)
        code = read_list(job, p->excluded, 1, err);
    if (code == MF_OK)
        warn_of_none(job);
    return code;
}

/* An item is not similar to itself; one of the zero vector, whose cosines are all 0, is
 * similar to none. Rounding may leave a cosine a little outside -1 .. 1. */
static void hide_similar(const recommend_job *job, uint32_t owner, float score[])
{
    bool none = score[owner] == 0;
    for (uint32_t i = 0; i < job->scored.items->n; i++)
        score[i] = none ? -INFINITY : fmaxf(-1, fminf(1, score[i]));
    score[owner] = -INFINITY;
}

void mf__rec_hide(const recommend_job *job, uint32_t owner, float score[])
{
    if (job->params->similars)
        hide_similar(job, owner, score);
    else if (!job->params->include_seen)
        mf__score_hide(&job->model.ratings, owner, MF_SEEN, score);
    for (uint32_t i = 0; job->excluded && i < job->scored.items->n; i++)
        if (job->excluded[i])
            score[i] = -INFINITY;
}
