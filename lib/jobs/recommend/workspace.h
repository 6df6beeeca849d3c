/* jobs/recommend/workspace.h - what one thread needs to choose, explain and write
 * lists. */
#ifndef JOBS_RECOMMEND_WORKSPACE_H
#define JOBS_RECOMMEND_WORKSPACE_H

#include "jobs/recommend/cells.h"
#include "jobs/recommend/list.h"
#include "jobs/shared/page.h"

typedef struct workspace {
    uint32_t most;       /* items that a list may have */
    mf_ranked *top;      /* [most]; owned, as what follows */
    listed_item *listed; /* [most] */
    page page;
    user_cells cells;
    /* for diversity */
    uint32_t pool_n;
    mf_ranked *pool; /* [pool_n], candidates */
    float *nearest;  /* [pool_n], their cosines: see mf__mmr_choose */
    size_t *said_by; /* [pool_n + 1], what each says of the aspects: see mf_cover */
    uint32_t *aspect;
    float *said;
    double *aspect_weight, *gain; /* gain: [pool_n] */
    size_t aspect_cap, said_cap, weight_cap;
    /* for fall-back */
    float *row; /* [items], scores */
    /* for explanations */
    double *part; /* [part_cap], what each of the user's cells adds to a score */
    size_t part_cap;
    reason *reason; /* [most] */
    persona_summary persona[MF_PERSONAS_MAX];
    uint64_t inexact; /* users whose scores are not the sum of their parts */
} workspace;

/* Make room as params want it. On failure *out is empty. Returns MF_OK or MF_ENOMEM. */
int mf__rec_workspace_open(workspace *out, const recommend_job *job,
                           mf_err *err) MF_MUST_USE;
void mf__rec_workspace_close(workspace *w);

#endif
