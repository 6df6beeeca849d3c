/* jobs/recommend/reason_text.h - reasons as one field of a line. */
#ifndef JOBS_RECOMMEND_REASON_TEXT_H
#define JOBS_RECOMMEND_REASON_TEXT_H

#include "jobs/shared/page.h"
#include "mf/ratings.h"

/* Put down "name NN%; name NN%" of n items and their shares, or with shares NULL the
 * names alone. */
void mf__rec_put_names(page *to, const mf_ids *items, uint32_t n, const uint32_t item[],
                       const double share[]);

#endif
