/* jobs/train/stop.h - when training stops, and which sweep was best. */
#ifndef JOBS_TRAIN_STOP_H
#define JOBS_TRAIN_STOP_H

#include <stdbool.h>
#include <stdint.h>

#include "mf/bundle.h"
#include "mf/metrics.h"

/* The rule, and what it has seen of the history: everything follows from that. */
typedef struct stop_rule {
    uint32_t patience; /* 0: never for the metric */
    double tol;        /* 0: never for the loss */
    bool more;         /* a larger metric is better */
    bool start;        /* the start is a model that may be kept */
    uint32_t warmup;   /* sweeps that do not count */
    /* what was seen */
    bool any;            /* a best is known */
    uint32_t best, last; /* sweeps */
    double best_value;
    double loss, loss_before; /* after the last sweep and the one before; NaN */
} stop_rule;

stop_rule mf__stop_make(const mf_metric *metric, uint32_t patience, double tol,
                        bool start, uint32_t warmup);

/* Take note of a half-sweep. True if its state is the best so far. */
bool mf__stop_see(stop_rule *s, const mf_history_entry *e);

/* Why training is to stop now, in a few words, or NULL. */
const char *mf__stop_why(const stop_rule *s);

#endif
