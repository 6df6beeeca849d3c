#include "jobs/recommend/explain.h"

#include <math.h>

#include "base/mem.h"
#include "math/linalg.h"

/* The items of the largest parts. */
static reason reason_of(const workspace *w)
{
    const mf_fold_user *user = &w->cells.user;
    size_t which[MF_RECOMMEND_REASONS];
    reason r;
    r.n = mf_explain_top(user->n, w->part, MF_RECOMMEND_REASONS, which, r.share);
    for (uint32_t i = 0; i < r.n; i++)
        r.item[i] = user->item[which[i]];
    return r;
}

/* The most typical items of a persona are those of its own cells, which are liked, that
 * it scores highest. */
static persona_summary summary_of(const recommend_job *job, const user_cells *c,
                                  uint32_t q)
{
    uint32_t k = job->scored.users->k;
    const float *vector = c->vectors + (size_t)q * k;
    float score[MF_RECOMMEND_REASONS];
    persona_summary summary = {.persona = (uint8_t)q,
                               .cells = c->owned[q],
                               .share = (double)c->owned[q] / (double)c->liked};
    for (size_t t = 0; t < c->user.n; t++) {
        if (c->z[t] != q || !rec_cell_is_liked(c, t))
            continue;
        float s = mf__dot(vector, mf_tensor_at(job->scored.items, c->item[t], 0), k);
        uint32_t at =
            summary.n < MF_RECOMMEND_REASONS ? summary.n++ : MF_RECOMMEND_REASONS;
        for (; at > 0 && s > score[at - 1]; at--)
            if (at < MF_RECOMMEND_REASONS) {
                score[at] = score[at - 1];
                summary.item[at] = summary.item[at - 1];
            }
        if (at < MF_RECOMMEND_REASONS) {
            score[at] = s;
            summary.item[at] = c->item[t];
        }
    }
    return summary;
}

/* Is a score what its parts sum to? */
static bool adds_up(const recommend_job *job, const workspace *w, uint32_t q,
                    uint32_t item)
{
    const user_cells *c = &w->cells;
    uint32_t k = job->scored.users->k;
    double score = (double)mf__dot(c->vectors + (size_t)q * k,
                                   mf_tensor_at(job->scored.items, item, 0), k);
    double sum = 0, size = fabs(score);
    for (size_t t = 0; t < c->user.n; t++) {
        sum += w->part[t];
        size += fabs(w->part[t]);
    }
    return fabs(score - sum) <= 1e-3 * size;
}

/* Move the last of n + 1 summaries to its place among those of more cells. */
static void insert(persona_summary of[], uint32_t n)
{
    persona_summary last = of[n];
    for (; n > 0 && of[n - 1].cells < last.cells; n--)
        of[n] = of[n - 1];
    of[n] = last;
}

int mf__rec_explain(item_list *list, const recommend_job *job, workspace *w,
                    mf_err *err)
{
    user_cells *c = &w->cells;
    bool inexact = false;
    int code = mf__rec_cells_of(c, job, list->owner, err);
    if (code == MF_OK)
        code = mf__reserve(&w->part, &w->part_cap, c->user.n + 1, sizeof *w->part, err);
    list->personas = 0;
    list->persona = w->persona;
    for (uint32_t q = 0; code == MF_OK && q < job->scored.users->personas; q++) {
        code = mf_explain_persona(job->fold, c->work, &c->user, q, err);
        if (code < 0)
            break;
        if (c->owned[q] > 0) {
            w->persona[list->personas] = summary_of(job, c, q);
            insert(w->persona, list->personas++);
        }
        for (uint32_t i = 0; i < list->n; i++)
            if (w->listed[i].persona == q) {
                mf_explain_item(job->fold, c->work, &c->user, w->listed[i].item,
                                w->part);
                w->reason[i] = reason_of(w);
                w->listed[i].because = &w->reason[i];
                inexact |= !adds_up(job, w, q, w->listed[i].item);
            }
    }
    w->inexact += inexact;
    return code;
}
