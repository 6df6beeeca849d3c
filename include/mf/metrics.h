/* mf/metrics.h - how well one user's held-out items were predicted.
 *
 * Every metric is a function of two sums over users (num and den), so that
 * points, intervals and comparisons treat all alike (mf/bootstrap.h). For a
 * user with m > 0 relevant items at ranks r_1 < r_2 < ... and h of them at or
 * above N:
 *
 *     precision@N  h / N
 *     recall@N     h / min(N, m)
 *     hr@N         1 if h > 0, else 0
 *     ndcg@N       sum_{j<=h} 1 / log2(1 + r_j) over sum_{j<=min(N,m)} 1 / log2(1 + j)
 *     map@N        sum_{j<=h} j / r_j over min(N, m)
 *     mrr          1 / r_1
 *
 * each the mean over users; and over the held-out cells, with e the stored
 * value (or 1) less the score:
 *
 *     loss  sum e^2     rmse  sqrt(mean e^2)     mae  mean |e| */
#ifndef MF_METRICS_H
#define MF_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/bootstrap.h"
#include "mf/err.h"

typedef enum mf_metric_kind {
    MF_METRIC_LOSS,
    MF_METRIC_RMSE,
    MF_METRIC_MAE,
    MF_METRIC_PRECISION,
    MF_METRIC_RECALL,
    MF_METRIC_HR,
    MF_METRIC_NDCG,
    MF_METRIC_MAP,
    MF_METRIC_MRR
} mf_metric_kind;

enum { MF_METRICS_MAX = 64, MF_METRIC_N_MAX = 1000000 };

typedef struct mf_metric {
    mf_metric_kind kind;
    uint32_t n;    /* N, or 0 where the metric has none */
    char name[24]; /* "ndcg@100" */
} mf_metric;

typedef struct mf_metric_list {
    size_t n;
    mf_metric metric[MF_METRICS_MAX];
} mf_metric_list;

/* Read a list such as "ndcg@100,recall@20,rmse". Returns MF_OK or MF_EINVAL,
 * which names what is no metric or occurs twice. */
int mf_metrics_parse(mf_metric_list *out, const char *text, mf_err *err) MF_MUST_USE;

/* True for loss, rmse and mae: they depend on the values of scores, the others
 * on their order alone. */
bool mf_metric_is_prediction(const mf_metric *metric);

/* What the held-out cells of one user say about one model. */
typedef struct mf_outcome {
    uint32_t relevant;        /* m > 0, also the number of cells */
    const uint32_t *rank;     /* [relevant], ascending, the first rank is 1 */
    double squared, absolute; /* sums of e^2 and |e| */
} mf_outcome;

/* What a user contributes to den: 1, or the number of test cells, or 1 only if the
 * metric is defined for the user: where it is not, num is NaN and counts as 0. */
typedef enum mf_den { MF_DEN_USERS, MF_DEN_CELLS, MF_DEN_DEFINED } mf_den;
mf_den mf_metric_den(const mf_metric *metric);

/* The user's contribution to num. */
double mf_metric_of(const mf_metric *metric, const mf_outcome *outcome);

/* How num and den become the metric. */
mf_form mf_metric_form(const mf_metric *metric);

#endif
