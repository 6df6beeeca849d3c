#include "mf/metrics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    mf_metric_kind kind;
    bool cut; /* takes @N */
} KINDS[] = {
    {"loss", MF_METRIC_LOSS, false},    {"rmse", MF_METRIC_RMSE, false},
    {"mae", MF_METRIC_MAE, false},      {"precision", MF_METRIC_PRECISION, true},
    {"recall", MF_METRIC_RECALL, true}, {"hr", MF_METRIC_HR, true},
    {"ndcg", MF_METRIC_NDCG, true},     {"map", MF_METRIC_MAP, true},
    {"mrr", MF_METRIC_MRR, false},
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
        if (at && !KINDS[i].cut)
            return mf_fail(err, MF_EINVAL, "metric '%.*s': %s takes no @N", shown, text,
                           KINDS[i].name);
        if (KINDS[i].cut && !(out->n = at ? read_cut(at + 1, len - stem - 1) : 0))
            return mf_fail(err, MF_EINVAL,
                           "metric '%.*s': write %s@N with N a whole number in 1 .. %d",
                           shown, text, KINDS[i].name, MF_METRIC_N_MAX);
        out->kind = KINDS[i].kind;
        snprintf(out->name, sizeof out->name, "%.*s", (int)len, text);
        return MF_OK;
    }
    return mf_fail(
        err, MF_EINVAL,
        "'%.*s' is no metric; there are loss, rmse, mae, precision@N, recall@N, "
        "hr@N, ndcg@N, map@N and mrr",
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

bool mf_metric_is_prediction(const mf_metric *metric)
{
    return metric->kind == MF_METRIC_LOSS || metric->kind == MF_METRIC_RMSE ||
           metric->kind == MF_METRIC_MAE;
}

mf_den mf_metric_den(const mf_metric *metric)
{
    return mf_metric_is_prediction(metric) ? MF_DEN_CELLS : MF_DEN_USERS;
}

static double gain(uint32_t rank)
{
    return 1 / log2(1 + (double)rank);
}

double mf_metric_of(const mf_metric *metric, const mf_outcome *outcome)
{
    const uint32_t *rank = outcome->rank;
    uint32_t n = metric->n, m = outcome->relevant, most = n < m ? n : m, hits = 0;
    double sum = 0, ideal = 0;
    while (hits < most && rank[hits] <= n)
        hits++;
    switch (metric->kind) {
    case MF_METRIC_LOSS:
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
    }
    return 0;
}

mf_form mf_metric_form(const mf_metric *metric)
{
    return metric->kind == MF_METRIC_LOSS   ? MF_FORM_SUM
           : metric->kind == MF_METRIC_RMSE ? MF_FORM_ROOT
                                            : MF_FORM_RATIO;
}
