#include "jobs/recommend/workspace.h"

#include <stdlib.h>

#include "base/mem.h"
#include "math/cover.h"

static bool alloc_for_diversity(workspace *w, const recommend_job *job)
{
    uint32_t items = job->scored.items->n, many = 0;
    switch (job->params->diversify) {
    case MF_DIVERSIFY_NONE: return true;
    case MF_DIVERSIFY_MMR: many = mf__mmr_candidates(w->most); break;
    case MF_DIVERSIFY_PERSONAS: many = mf__cover_candidates(w->most); break;
    }
    w->pool_n = many < items ? many : items;
    w->pool = mf__new(w->pool_n, sizeof *w->pool);
    if (job->params->diversify == MF_DIVERSIFY_MMR) {
        w->nearest = mf__new(w->pool_n, sizeof *w->nearest);
        return w->pool && w->nearest;
    }
    w->said_by = mf__new((size_t)w->pool_n + 1, sizeof *w->said_by);
    w->gain = mf__new(w->pool_n, sizeof *w->gain);
    return w->pool && w->said_by && w->gain;
}

int mf__rec_workspace_open(workspace *out, const recommend_job *job, mf_err *err)
{
    uint32_t items = job->scored.items->n, top = job->params->top;
    *out = (workspace){.most = top < items ? top : items};
    out->top = mf__new(out->most, sizeof *out->top);
    out->listed = mf__new(out->most, sizeof *out->listed);
    if (job->params->explain)
        out->reason = mf__new(out->most, sizeof *out->reason);
    if (job->stranger)
        out->row = mf__new(items, sizeof *out->row);
    bool whole = out->top && out->listed && (out->reason || !job->params->explain) &&
                 (out->row || !job->stranger) && alloc_for_diversity(out, job);
    int code = whole ? mf__rec_cells_alloc(&out->cells, job, err) : mf__nomem(err);
    if (code < 0)
        mf__rec_workspace_close(out);
    return code;
}

void mf__rec_workspace_close(workspace *w)
{
    free(w->top);
    free(w->listed);
    mf__page_free(&w->page);
    mf__rec_cells_free(&w->cells);
    free(w->pool);
    free(w->nearest);
    free(w->said_by);
    free(w->aspect);
    free(w->said);
    free(w->aspect_weight);
    free(w->gain);
    free(w->row);
    free(w->part);
    free(w->reason);
    *w = (workspace){0};
}
