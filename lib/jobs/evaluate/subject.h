/* jobs/evaluate/subject.h - what is measured of a model or baseline: numbers by metric,
 * part of the test cells and user. */
#ifndef JOBS_EVALUATE_SUBJECT_H
#define JOBS_EVALUATE_SUBJECT_H

#include "mf/evaluate.h"

/* A copy of a name without what would break a line, a table or JSON. NULL if memory ran
 * out. */
char *mf__printable(const char *name);

/* Name the subject, whose target, `ranks` and `personas` are known, and make room for
 * the metrics that it has. mf_evaluation_free frees it, in any case. */
int mf__subject_open(const mf_evaluation *e, mf_subject *subject, const char *name,
                     mf_err *err) MF_MUST_USE;

/* Set what a user, by place in the evaluation, contributes to metric m by a part of the
 * test cells (0: by all); NaN: the metric is not defined. */
void mf__subject_record(const mf_evaluation *e, mf_subject *subject, size_t m,
                        size_t part, uint32_t place, double num);

/* The target of an estimate's subject; "" of a metric that is no prediction. */
const char *mf__target_of(const mf_evaluation *e, const mf_estimate *x);

/* True if the estimate is of the lists or ranks of a model, to which strangers count,
 * or of lists from elsewhere, and users without one: then *n is how many of the users
 * these are. */
bool mf__unknown_of(const mf_evaluation *e, const mf_estimate *x, uint32_t *n);

#endif
