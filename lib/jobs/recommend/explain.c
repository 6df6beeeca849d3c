/* What speaks for an item, and who a user is. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "jobs/recommend/private.h"
#include "math/linalg.h"
#include "mf/fold_in.h"

static int room_for(rec_desk *desk, size_t cells, mf_err *err)
{
    if (mf__reserve(&desk->part, &desk->part_cap, cells + 1, sizeof *desk->part, err) <
        0)
        return MF_ENOMEM;
    return MF_OK;
}

/* The items of the largest parts. */
static rec_reason reason_of(const rec_desk *desk)
{
    const mf_fold_user *user = &desk->cells.user;
    size_t which[MF_RECOMMEND_REASONS];
    rec_reason r;
    r.n = mf_explain_top(user->n, desk->part, MF_RECOMMEND_REASONS, which, r.share);
    for (uint32_t i = 0; i < r.n; i++)
        r.item[i] = user->item[which[i]];
    return r;
}

/* Typical of a persona are those of its own cells that it scores highest. */
static rec_taste taste_of(const rec_job *job, const rec_cells *c, uint32_t q)
{
    uint32_t k = job->scored.users->k;
    const float *vector = c->vectors + (size_t)q * k;
    float score[MF_RECOMMEND_REASONS];
    rec_taste taste = {.persona = (uint8_t)q,
                       .cells = c->owned[q],
                       .share = (double)c->owned[q] / (double)c->user.n};
    for (size_t t = 0; t < c->user.n; t++) {
        if (c->z[t] != q)
            continue;
        float s = mf__dot(vector, mf_tensor_at(job->scored.items, c->item[t], 0), k);
        uint32_t at = taste.n < MF_RECOMMEND_REASONS ? taste.n++ : MF_RECOMMEND_REASONS;
        for (; at > 0 && s > score[at - 1]; at--)
            if (at < MF_RECOMMEND_REASONS) {
                score[at] = score[at - 1];
                taste.item[at] = taste.item[at - 1];
            }
        if (at < MF_RECOMMEND_REASONS) {
            score[at] = s;
            taste.item[at] = c->item[t];
        }
    }
    return taste;
}

/* Is a score what its parts sum to? */
static bool adds_up(const rec_job *job, const rec_desk *desk, uint32_t q, uint32_t item)
{
    const rec_cells *c = &desk->cells;
    uint32_t k = job->scored.users->k;
    double score = (double)mf__dot(c->vectors + (size_t)q * k,
                                   mf_tensor_at(job->scored.items, item, 0), k);
    double sum = 0, size = fabs(score);
    for (size_t t = 0; t < c->user.n; t++) {
        sum += desk->part[t];
        size += fabs(desk->part[t]);
    }
    return fabs(score - sum) <= 1e-3 * size;
}

static void keep_in_order(rec_taste taste[], uint32_t n)
{
    rec_taste last = taste[n];
    for (; n > 0 && taste[n - 1].cells < last.cells; n--)
        taste[n] = taste[n - 1];
    taste[n] = last;
}

int mf__rec_explain(rec_list *list, const rec_job *job, rec_desk *desk, mf_err *err)
{
    rec_cells *c = &desk->cells;
    bool astray = false;
    int code = mf__rec_cells_of(c, job, list->who, err);
    if (code == MF_OK)
        code = room_for(desk, c->user.n, err);
    list->tastes = 0;
    list->taste = desk->taste;
    for (uint32_t q = 0; code == MF_OK && q < job->scored.users->personas; q++) {
        code = mf_explain_persona(job->fold, c->work, &c->user, q, err);
        if (code < 0)
            break;
        if (c->owned[q] > 0) {
            desk->taste[list->tastes] = taste_of(job, c, q);
            keep_in_order(desk->taste, list->tastes++);
        }
        for (uint32_t i = 0; i < list->n; i++)
            if (desk->listed[i].persona == q) {
                mf_explain_item(job->fold, c->work, &c->user, desk->listed[i].item,
                                desk->part);
                desk->reason[i] = reason_of(desk);
                desk->listed[i].because = &desk->reason[i];
                astray |= !adds_up(job, desk, q, desk->listed[i].item);
            }
    }
    desk->astray += astray;
    return code;
}
