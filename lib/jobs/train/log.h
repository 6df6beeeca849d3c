/* jobs/train/log.h - the log of training, for programs that follow it. */
#ifndef JOBS_TRAIN_LOG_H
#define JOBS_TRAIN_LOG_H

#include "mf/bundle.h"

/* Seconds on a clock that only goes forward. */
double mf__train_clock(void);

/* Write one line of JSON and hand it to the operating system. What is not known
 * (NaN) is null. */
int mf__train_log_put(mf_out *log, const mf_history_entry *e, double seconds,
                      mf_err *err) MF_MUST_USE;

#endif
