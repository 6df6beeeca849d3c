/* math/metrics.h - more of metrics than callers need: how those that are not about
 * held-out cells are computed. */
#ifndef MATH_METRICS_H
#define MATH_METRICS_H

#include <stdbool.h>

#include "math/beyond.h"
#include "mf/metrics.h"

/* The items at the head of a user's list that a metric looks at; 0: of none. */
uint32_t mf__metric_depth(const mf_metric *metric);

/* What the metrics of a list need, as bits MF_NEEDS_*. */
unsigned mf__metrics_need(const mf_metric_list *list);

/* The value of a metric of more than no depth for a user's list, cut to it; NaN where
 * it is not defined. The metric is about lists, or the entropy of one. */
double mf__metric_of_list(const mf_metric *metric, const mf_list_data *data,
                          const mf_user_list *list);

/* The value of a metric about all lists. */
double mf__metric_of_all_lists(const mf_metric *metric, uint32_t times[],
                               uint32_t items);

/* The names of all metrics for which `which` is true, without @N: "mse, rmse and
 * mae". */
enum { MF_METRICS_TEXT = 400 };
void mf__metrics_names(char text[MF_METRICS_TEXT], bool (*which)(const mf_metric *));

#endif
