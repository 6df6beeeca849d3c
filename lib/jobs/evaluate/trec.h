/* jobs/evaluate/trec.h - lists and test cells as files of trec_eval: see
 * mf/evaluate.h. */
#ifndef JOBS_EVALUATE_TREC_H
#define JOBS_EVALUATE_TREC_H

#include "jobs/evaluate/users.h"
#include "jobs/shared/page.h"
#include "math/rank.h"

/* How long lists are: the largest N of the metrics, or 1000 if none has one, and never
 * more than there are items. */
uint32_t mf__run_depth(const mf_metric_list *metrics, uint32_t items);

/* Put down a user's list of n items, as lines of a run whose tag this is. */
void mf__run_put_list(page *to, const mf_ratings *r, uint32_t user, uint32_t n,
                      const mf_ranked top[], const char *tag);

/* Write the test cells of the users. Returns MF_OK, MF_EIO or MF_ENOMEM. */
int mf__qrels_write(const test_users *t, mf_out *out, mf_err *err) MF_MUST_USE;

#endif
