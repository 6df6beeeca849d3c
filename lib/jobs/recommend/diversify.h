/* jobs/recommend/diversify.h - the items of a list that says more than one thing: see
 * math/diversify.h and math/cover.h. */
#ifndef JOBS_RECOMMEND_DIVERSIFY_H
#define JOBS_RECOMMEND_DIVERSIFY_H

#include "jobs/recommend/workspace.h"

/* By marginal relevance, into w->top. Returns how many there are. */
uint32_t mf__rec_top_mmr(const recommend_job *job, workspace *w, const float score[]);

/* So that it says something of all of the user's history and of all personas, into
 * w->top: *n is how many there are. Fails as mf__rec_cells_of does. */
int mf__rec_top_cover(uint32_t *n, const recommend_job *job, workspace *w,
                      uint32_t user, const float score[], const uint8_t persona[],
                      mf_err *err) MF_MUST_USE;

#endif
