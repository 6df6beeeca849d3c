/* jobs/evaluate/incomparable.h - which metrics of two subjects cannot be compared, and
 * why. */
#ifndef JOBS_EVALUATE_INCOMPARABLE_H
#define JOBS_EVALUATE_INCOMPARABLE_H

#include "mf/evaluate.h"

/* True if the metric of two subjects that both have it can be compared; else *why. */
bool mf__comparable(const mf_metric *metric, const mf_subject *a, const mf_subject *b,
                    mf_incomparable *why);

#endif
