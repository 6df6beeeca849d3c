/* jobs/recommend/explain.h - what contributes to the scores of a list: see
 * mf/fold_in.h. */
#ifndef JOBS_RECOMMEND_EXPLAIN_H
#define JOBS_RECOMMEND_EXPLAIN_H

#include "jobs/recommend/workspace.h"

/* Explain the items of a list, which is in the workspace, and the personas of its user.
 * Fails as mf__rec_cells_of does. */
int mf__rec_explain(item_list *list, const recommend_job *job, workspace *w,
                    mf_err *err) MF_MUST_USE;

#endif
