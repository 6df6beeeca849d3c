#include "mf/metrics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum cut { NO_CUT, CUT, MAYBE_CUT } cut;

static const struct {
    const char *name;
    mf_metric_kind kind;
    mf_metric_about about;
    cut cut;        /* whether it takes @N */
    uint32_t least; /* N */
} KINDS[] = {
    {"loss", MF_METRIC_LOSS, MF_ABOUT_CELLS, NO_CUT, 0},
    {"mse", MF_METRIC_MSE, MF_ABOUT_CELLS, NO_CUT, 0},
    {"rmse", MF_METRIC_RMSE, MF_ABOUT_CELLS, NO_CUT, 0},
    {"mae", MF_METRIC_MAE, MF_ABOUT_CELLS, NO_CUT, 0},
    {"precision", MF_METRIC_PRECISION, MF_ABOUT_RANKS, CUT, 1},
    {"recall", MF_METRIC_RECALL, MF_ABOUT_RANKS, CUT, 1},
    {"hr", MF_METRIC_HR, MF_ABOUT_RANKS, CUT, 1},
    {"ndcg", MF_METRIC_NDCG, MF_ABOUT_RANKS, CUT, 1},
    {"map", MF_METRIC_MAP, MF_ABOUT_RANKS, CUT, 1},
    {"mrr", MF_METRIC_MRR, MF_ABOUT_RANKS, NO_CUT, 0},
    {"auc", MF_METRIC_AUC, MF_ABOUT_RANKS, NO_CUT, 0},
    {"coverage", MF_METRIC_COVERAGE, MF_ABOUT_ALL_LISTS, CUT, 1},
    {"gini", MF_METRIC_GINI, MF_ABOUT_ALL_LISTS, CUT, 1},
    {"novelty", MF_METRIC_NOVELTY, MF_ABOUT_LISTS, CUT, 1},
    {"diversity", MF_METRIC_DIVERSITY, MF_ABOUT_LISTS, CUT, 2},
    {"variety", MF_METRIC_VARIETY, MF_ABOUT_LISTS, CUT, 2},
    {"tastes", MF_METRIC_TASTES, MF_ABOUT_LISTS, CUT, 1},
    {"personas", MF_METRIC_PERSONAS, MF_ABOUT_PERSONAS, MAYBE_CUT, 1},
    {"entropy", MF_METRIC_ENTROPY, MF_ABOUT_PERSONAS, MAYBE_CUT, 1},
    {"distance", MF_METRIC_DISTANCE, MF_ABOUT_PERSONAS, NO_CUT, 0},
};
enum { KIND_COUNT = sizeof KINDS / sizeof *KINDS };

/* Read N: digits without a leading zero, up to MF_METRIC_N_MAX. 0 if not. */
static uint32_t read_cut(const char *text, size_t len)
{
    uint32_t n = 0;
    if (len == 0 || text[0] == '0')
        return 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return 0;
        n = n * 10 + (uint32_t)(text[i] - '0');
        if (n > MF_METRIC_N_MAX)
            return 0;
    }
    return n;
}

static int parse_one(mf_metric *out, const char *text, size_t len, mf_err *err)
{
    const char *at = memchr(text, '@', len);
    size_t stem = at ? (size_t)(at - text) : len;
    int shown = len < 60 ? (int)len : 60;
    *out = (mf_metric){0};
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (strlen(KINDS[i].name) != stem || memcmp(KINDS[i].name, text, stem) != 0)
            continue;
        if (at && KINDS[i].cut == NO_CUT)
            return mf_fail(err, MF_EINVAL, "metric '%.*s': %s takes no @N", shown, text,
                           KINDS[i].name);
        out->n = at ? read_cut(at + 1, len - stem - 1) : 0;
        if (out->n < KINDS[i].least && (at || KINDS[i].cut == CUT))
            return mf_fail(
                err, MF_EINVAL,
                "metric '%.*s': write %s@N with N a whole number in %u .. %d", shown,
                text, KINDS[i].name, KINDS[i].least, MF_METRIC_N_MAX);
        out->kind = KINDS[i].kind;
        snprintf(out->name, sizeof out->name, "%.*s", (int)len, text);
        return MF_OK;
    }
    return mf_fail(err, MF_EINVAL, "'%.*s' is no metric; there are " MF_METRIC_NAMES,
                   shown, text);
}

int mf_metrics_parse(mf_metric_list *out, const char *text, mf_err *err)
{
    out->n = 0;
    for (const char *end; text; text = end ? end + 1 : NULL) {
        end = strchr(text, ',');
        size_t len = end ? (size_t)(end - text) : strlen(text);
        if (out->n == MF_METRICS_MAX)
            return mf_fail(err, MF_EINVAL, "more than %d metrics", MF_METRICS_MAX);
        mf_metric *m = &out->metric[out->n];
        int code = parse_one(m, text, len, err);
        if (code < 0)
            return code;
        for (size_t i = 0; i < out->n; i++)
            if (strcmp(out->metric[i].name, m->name) == 0)
                return mf_fail(err, MF_EINVAL, "metric %s is named twice", m->name);
        out->n++;
    }
    return MF_OK;
}

mf_metric_about mf_metric_is_about(const mf_metric *metric)
{
    size_t i = 0;
    while (KINDS[i].kind != metric->kind)
        i++;
    return KINDS[i].about;
}

bool mf_metric_is_held_out(const mf_metric *metric)
{
    mf_metric_about about = mf_metric_is_about(metric);
    return about == MF_ABOUT_CELLS || about == MF_ABOUT_RANKS;
}

bool mf_metric_is_own(const mf_metric *metric)
{
    return metric->kind == MF_METRIC_DIVERSITY || metric->kind == MF_METRIC_DISTANCE;
}

bool mf_metric_is_prediction(const mf_metric *metric)
{
    return mf_metric_is_about(metric) == MF_ABOUT_CELLS;
}

mf_den mf_metric_den(const mf_metric *metric)
{
    switch (metric->kind) {
    case MF_METRIC_LOSS:
    case MF_METRIC_MSE:
    case MF_METRIC_RMSE:
    case MF_METRIC_MAE: return MF_DEN_CELLS;
    case MF_METRIC_AUC:
    case MF_METRIC_DIVERSITY:
    case MF_METRIC_VARIETY:
    case MF_METRIC_ENTROPY:
    case MF_METRIC_DISTANCE: return MF_DEN_DEFINED;
    default: return MF_DEN_USERS;
    }
}

static double gain(uint32_t rank)
{
    return 1 / log2(1 + (double)rank);
}

/* Others that stand after each relevant item, of those that could. */
static double right_pairs(const mf_outcome *outcome)
{
    double m = outcome->relevant, others = outcome->ranked - m, sum = 0;
    for (uint32_t j = 0; j < outcome->relevant; j++)
        sum += others - (outcome->rank[j] - (j + 1.0));
    return others > 0 ? sum / (m * others) : NAN;
}

double mf_metric_of(const mf_metric *metric, const mf_outcome *outcome)
{
    const uint32_t *rank = outcome->rank;
    uint32_t n = metric->n, m = outcome->relevant, most = n < m ? n : m, hits = 0;
    double sum = 0, ideal = 0;
    while (rank && hits < most && rank[hits] <= n)
        hits++;
    switch (metric->kind) {
    case MF_METRIC_LOSS:
    case MF_METRIC_MSE:
    case MF_METRIC_RMSE: return outcome->squared;
    case MF_METRIC_MAE: return outcome->absolute;
    case MF_METRIC_PRECISION: return (double)hits / n;
    case MF_METRIC_RECALL: return (double)hits / most;
    case MF_METRIC_HR: return hits > 0;
    case MF_METRIC_NDCG:
        for (uint32_t j = 0; j < hits; j++)
            sum += gain(rank[j]);
        for (uint32_t j = 1; j <= most; j++)
            ideal += gain(j);
        return sum / ideal;
    case MF_METRIC_MAP:
        for (uint32_t j = 0; j < hits; j++)
            sum += (j + 1.0) / rank[j];
        return sum / most;
    case MF_METRIC_MRR: return 1.0 / rank[0];
    case MF_METRIC_AUC: return right_pairs(outcome);
    default: return NAN; /* not about held-out items */
    }
}

mf_form mf_metric_form(const mf_metric *metric)
{
    return metric->kind == MF_METRIC_LOSS   ? MF_FORM_SUM
           : metric->kind == MF_METRIC_RMSE ? MF_FORM_ROOT
                                            : MF_FORM_RATIO;
}
