/* mf/metrics.h - what is measured of a model.
 *
 * Every metric but those of all lists together is a function of two sums over users
 * (num and den), so that values, intervals and comparisons treat all alike
 * (mf/bootstrap.h). For a user with m > 0 relevant items (mf/evaluate.h) at ranks r_1 <
 * r_2 < ... and h of them at or above N:
 *
 *     precision@N  h / N
 *     recall@N     h / min(N, m)
 *     recall-all@N h / m
 *     hr@N         1 if h > 0, else 0
 *     ndcg@N       sum_{j<=h} 1 / log2(1 + r_j) over sum_{j<=min(N,m)} 1 / log2(1 + j)
 *     map@N        sum_{j<=h} j / r_j over min(N, m)
 *     mrr          1 / r_1
 *     auc          share of the pairs of a relevant and another item of the ranking in
 *                  which the relevant one stands first:
 *                  sum_j (K - m - (r_j - j)) / (m (K - m)), K items ranked
 *
 * each the mean over users; auc over those who have another item, K > m. An item that a
 * list does not hold has no rank: it is no hit, and 1 / r is 0. The
 * ranking is of all items but those that the user has seen, equal scores by
 * index, in auc as elsewhere: a tie is not half a pair. Over the held-out
 * cells, relevant or not, with e the stored value (or 1 if that is above 0, and else 0)
 * less the score:
 *
 *     loss  sum e^2     mse  mean e^2     rmse  sqrt(mean e^2)     mae  mean |e|
 *
 * What lists say beyond accuracy is not about held-out items. Of a user's list, the
 * first N items of the ranking, with the users and cells of training that are
 * liked, whose value is above 0:
 *
 *     novelty@N    mean over the list of -log2 (listeners(i) / users)
 *     popularity@N mean over the list of listeners(i) / users
 *     diversity@N  mean of 1 - cosine over the pairs of the list, in V
 *     variety@N    the same on a map of the items that is made from the training cells
 *     tastes@N     how many tastes of the user's history the list meets, on that map
 *
 * each the mean over users, but for tastes over those for whom it is defined: the list
 * is not empty, or has two items. coverage@N, the share of the items that are in some
 * list, and gini@N, the Gini coefficient of the numbers of lists that items are in, are
 * about the lists of all users together. mf-eval(1) has them in full. Of models with
 * more than one persona:
 *
 *     personas    how many of a user's personas are active; personas@Q: 1 if Q are,
 *                 else 0
 *     entropy     of the shares of the personas in a user's training cells, in bits;
 *                 entropy@N: in the user's list
 *     distance    mean of 1 - cosine over the pairs of a user's active personas
 *
 * each the mean over the users for whom it is defined. */
#ifndef MF_METRICS_H
#define MF_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/bootstrap.h"
#include "mf/err.h"

MF_BEGIN_DECLS

typedef enum mf_metric_kind {
    MF_METRIC_LOSS,
    MF_METRIC_MSE,
    MF_METRIC_RMSE,
    MF_METRIC_MAE,
    MF_METRIC_PRECISION,
    MF_METRIC_RECALL,
    MF_METRIC_RECALL_ALL,
    MF_METRIC_HR,
    MF_METRIC_NDCG,
    MF_METRIC_MAP,
    MF_METRIC_MRR,
    MF_METRIC_AUC,
    MF_METRIC_COVERAGE,
    MF_METRIC_GINI,
    MF_METRIC_NOVELTY,
    MF_METRIC_POPULARITY,
    MF_METRIC_DIVERSITY,
    MF_METRIC_VARIETY,
    MF_METRIC_TASTES,
    MF_METRIC_PERSONAS,
    MF_METRIC_ENTROPY,
    MF_METRIC_DISTANCE
} mf_metric_kind;

/* What a metric is about. */
typedef enum mf_metric_about {
    MF_ABOUT_CELLS,    /* the scores of a user's held-out cells */
    MF_ABOUT_RANKS,    /* their ranks */
    MF_ABOUT_LISTS,    /* a user's list, whatever is held out */
    MF_ABOUT_PERSONAS, /* a user's personas */
    MF_ABOUT_ALL_LISTS /* the lists of all users together: users have no values */
} mf_metric_about;

enum { MF_METRICS_MAX = 64, MF_METRIC_N_MAX = 1000000 };

typedef struct mf_metric {
    mf_metric_kind kind;
    uint32_t n;    /* N or Q, or 0 where the metric has none */
    char name[24]; /* "ndcg@100" */
} mf_metric;

typedef struct mf_metric_list {
    size_t n;
    mf_metric metric[MF_METRICS_MAX];
} mf_metric_list;

/* Why there are no metrics of sampled negatives, to stand behind a ':'. */
#define MF_METRICS_SAMPLED                                                             \
    "not offered, since sampled negatives order models differently than all items "    \
    "do (Krichene, Rendle 2020)"

/* Read a list such as "ndcg@100,recall@20,rmse", in any case; the names that come of
 * it are in small letters. Returns MF_OK or MF_EINVAL with words that name what is no
 * metric, is sampled or occurs twice. */
int mf_metrics_parse(mf_metric_list *out, const char *text, mf_err *err) MF_MUST_USE;

mf_metric_about mf_metric_is_about(const mf_metric *metric);

/* True for what is about held-out cells, their scores or ranks: mf_metric_of has it. */
bool mf_metric_is_held_out(const mf_metric *metric);

/* True for what is measured in each model's own vectors, diversity and distance:
 * the numbers of two models are not of one scale. */
bool mf_metric_is_own(const mf_metric *metric);

/* True for loss, mse, rmse and mae: they depend on the values of scores, the others
 * on their order alone. */
bool mf_metric_is_prediction(const mf_metric *metric);

/* True for what needs the ranks of all items: auc. A list that was cut does not say
 * it. */
bool mf_metric_is_whole(const mf_metric *metric);

/* The rank of an item that no list holds. */
#define MF_RANK_NONE UINT32_MAX

/* What is known of one user's held-out cells under one model. */
typedef struct mf_outcome {
    uint32_t relevant;        /* m; metrics of ranks are defined where it is not 0 */
    const uint32_t *rank;     /* [relevant], ascending, the first rank is 1; at the end
                                 MF_RANK_NONE, of lists that were cut */
    uint32_t ranked;          /* K >= m, the items that are not left out */
    double squared, absolute; /* sums of e^2 and |e|, over all cells */
} mf_outcome;

/* What a user contributes to den: 1, or the number of test cells, or 1 only if the
 * metric is defined for the user: where it is not, num is NaN and counts as 0. */
typedef enum mf_den { MF_DEN_USERS, MF_DEN_CELLS, MF_DEN_DEFINED } mf_den;
mf_den mf_metric_den(const mf_metric *metric);

/* The user's contribution to num; of a metric about lists or personas, NaN. */
double mf_metric_of(const mf_metric *metric, const mf_outcome *outcome);

/* How num and den become the metric. */
mf_form mf_metric_form(const mf_metric *metric);

MF_END_DECLS

#endif
