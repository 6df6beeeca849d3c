/* jobs/evaluate/lists.h - metrics that look at the users' lists, or at their personas,
 * whatever is held out. */
#ifndef JOBS_EVALUATE_LISTS_H
#define JOBS_EVALUATE_LISTS_H

#include "jobs/evaluate/subject.h"
#include "mf/model.h"

typedef struct lists lists;

/* The rows of counts of the metrics about all lists, one for each N: row[m] is that of
 * metric m. Returns how many there are. */
size_t mf__lists_rows(const mf_metric_list *metrics, size_t row[MF_METRICS_MAX]);

/* Get ready to measure a model, and baselines on its ratings, by those of the metrics
 * that are not about held-out cells. `params` and `model` are borrowed until the close.
 * Up to `threads` threads will call mf__lists_user. Close it in any case. Returns
 * MF_OK, MF_EMATH or MF_ENOMEM. */
int mf__lists_open(lists **out, const mf_evaluate_params *params, const mf_model *model,
                   int threads, mf_err *err) MF_MUST_USE;
void mf__lists_close(lists *l);

/* Begin with a subject, for whom values are recorded until the end. */
void mf__lists_begin(lists *l, const mf_evaluation *e, mf_subject *subject);

/* Record the values of a user, by index in the model and place in the evaluation, from
 * the scores of all items, -infinity for those that are left out. persona[items] is the
 * persona that gives each its score; of a baseline and of a stranger, NULL. */
void mf__lists_user(const lists *l, uint32_t user, uint32_t place, const float score[],
                    const uint8_t persona[], int thread);

/* The same for a list of n items, by index in the model; those that are not less than
 * its number of items have a place in the list and are no items. No persona speaks. */
void mf__lists_given(const lists *l, uint32_t user, uint32_t place, uint32_t n,
                     const uint32_t item[], int thread);

/* Record what is about the lists of all users or, of a part that is to be merged, the
 * counts of the items. Returns MF_OK or MF_ENOMEM. */
int mf__lists_end(const lists *l, mf_err *err) MF_MUST_USE;

#endif
