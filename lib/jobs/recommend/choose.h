/* jobs/recommend/choose.h - a list, from a row of scores. */
#ifndef JOBS_RECOMMEND_CHOOSE_H
#define JOBS_RECOMMEND_CHOOSE_H

#include "jobs/recommend/workspace.h"

/* Choose the list of `owner` from a row of scores of all items, of which -infinity is
 * no candidate, and the persona that gives each. The list is borrowed from the
 * workspace until the next call. Fails as mf__rec_cells_of does. */
int mf__rec_choose(item_list *out, const recommend_job *job, workspace *w,
                   uint32_t owner, const float score[], const uint8_t persona[],
                   mf_err *err) MF_MUST_USE;

#endif
