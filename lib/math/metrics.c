#include "math/metrics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/number.h"
#include "mf/nearest.h"

/* The properties of a metric; those about held-out cells are computed by
 * mf_metric_of. */
typedef struct kind {
    const char *name;
    mf_metric_about about;
    char cut;                          /* 'N': it takes @N; 'Q': @Q; 0: neither */
    bool bare;                         /* it may also stand without */
    uint32_t least;                    /* N or Q */
    mf_den den;                        /* USERS */
    mf_form form;                      /* RATIO */
    bool own;                          /* it is measured in each model's own vectors */
    bool whole;                        /* it needs the ranks of all items */
    unsigned needs;                    /* MF_NEEDS_* of of_list */
    mf_list_metric *of_list;           /* how one about a user's list is computed */
    mf_all_lists_metric *of_all_lists; /* how one about all lists is */
} kind;

static const kind KINDS[] = {
    [MF_METRIC_LOSS] = {"loss", MF_ABOUT_CELLS, .den = MF_DEN_CELLS,
                        .form = MF_FORM_SUM},
    [MF_METRIC_MSE] = {"mse", MF_ABOUT_CELLS, .den = MF_DEN_CELLS},
    [MF_METRIC_RMSE] = {"rmse", MF_ABOUT_CELLS, .den = MF_DEN_CELLS,
                        .form = MF_FORM_ROOT},
    [MF_METRIC_MAE] = {"mae", MF_ABOUT_CELLS, .den = MF_DEN_CELLS},
    [MF_METRIC_PRECISION] = {"precision", MF_ABOUT_RANKS, 'N', .least = 1},
    [MF_METRIC_RECALL] = {"recall", MF_ABOUT_RANKS, 'N', .least = 1},
    [MF_METRIC_RECALL_ALL] = {"recall-all", MF_ABOUT_RANKS, 'N', .least = 1},
    [MF_METRIC_HR] = {"hr", MF_ABOUT_RANKS, 'N', .least = 1},
    [MF_METRIC_NDCG] = {"ndcg", MF_ABOUT_RANKS, 'N', .least = 1},
    [MF_METRIC_MAP] = {"map", MF_ABOUT_RANKS, 'N', .least = 1},
    [MF_METRIC_MRR] = {.name = "mrr", .about = MF_ABOUT_RANKS},
    [MF_METRIC_AUC] = {"auc", MF_ABOUT_RANKS, .den = MF_DEN_DEFINED, .whole = true},
    [MF_METRIC_COVERAGE] = {"coverage", MF_ABOUT_ALL_LISTS, 'N', .least = 1,
                            .of_all_lists = mf__coverage},
    [MF_METRIC_GINI] = {"gini", MF_ABOUT_ALL_LISTS, 'N', .least = 1,
                        .of_all_lists = mf__gini},
    [MF_METRIC_NOVELTY] = {"novelty", MF_ABOUT_LISTS, 'N', .least = 1,
                           .den = MF_DEN_DEFINED, .needs = MF_NEEDS_LISTENERS,
                           .of_list = mf__list_novelty},
    [MF_METRIC_POPULARITY] = {"popularity", MF_ABOUT_LISTS, 'N', .least = 1,
                              .den = MF_DEN_DEFINED, .needs = MF_NEEDS_LISTENERS,
                              .of_list = mf__list_popularity},
    [MF_METRIC_DIVERSITY] = {"diversity", MF_ABOUT_LISTS, 'N', .least = 2,
                             .den = MF_DEN_DEFINED, .own = true,
                             .needs = MF_NEEDS_VECTORS, .of_list = mf__list_diversity},
    [MF_METRIC_VARIETY] = {"variety", MF_ABOUT_LISTS, 'N', .least = 2,
                           .den = MF_DEN_DEFINED, .needs = MF_NEEDS_MAP,
                           .of_list = mf__list_variety},
    [MF_METRIC_TASTES] = {"tastes", MF_ABOUT_LISTS, 'N', .least = 1,
                          .needs = MF_NEEDS_TASTES, .of_list = mf__list_tastes},
    [MF_METRIC_PERSONAS] = {"personas", MF_ABOUT_PERSONAS, 'Q', .bare = true,
                            .least = 1},
    [MF_METRIC_ENTROPY] = {"entropy", MF_ABOUT_PERSONAS, 'N', .bare = true, .least = 1,
                           .den = MF_DEN_DEFINED, .of_list = mf__list_entropy},
    [MF_METRIC_DISTANCE] = {"distance", MF_ABOUT_PERSONAS, .den = MF_DEN_DEFINED,
                            .own = true},
};
enum { KIND_COUNT = sizeof KINDS / sizeof *KINDS };

/* --- names --- */

enum { NAME = 24 };

/* "a, b and c" */
static void join(char text[MF_METRICS_TEXT], size_t n, char name[][NAME])
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        const char *between = i == 0 ? "" : i + 1 < n ? ", " : " and ";
        used = mf__append(text, MF_METRICS_TEXT, used, "%s%s", between, name[i]);
    }
}

void mf__metrics_names(char text[MF_METRICS_TEXT], bool (*which)(const mf_metric *))
{
    char name[KIND_COUNT][NAME];
    size_t n = 0;
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (which(&(mf_metric){.kind = (mf_metric_kind)i}))
            snprintf(name[n++], NAME, "%s", KINDS[i].name);
    join(text, n, name);
}

/* All, as they can be written: "loss, ndcg@N, personas, personas@Q and distance". */
static void say_all(char text[MF_METRICS_TEXT])
{
    char name[2 * KIND_COUNT][NAME];
    size_t n = 0;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (KINDS[i].bare || !KINDS[i].cut)
            snprintf(name[n++], NAME, "%s", KINDS[i].name);
        if (KINDS[i].cut)
            snprintf(name[n++], NAME, "%s@%c", KINDS[i].name, KINDS[i].cut);
    }
    join(text, n, name);
}

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

/* Ask for the nearest names, and give those that need a number one: of "ndcg10" or
 * "recal@20" it is the number at the end, else 10. */
static void ask_nearest(char ask[MF_NEAREST_WORDS], const char *text, size_t len)
{
    char name[KIND_COUNT][NAME];
    const char *names[KIND_COUNT + 1] = {NULL};
    size_t digits = len;
    while (digits > 0 && text[digits - 1] >= '0' && text[digits - 1] <= '9')
        digits--;
    uint32_t n = read_cut(text + digits, len - digits);
    size_t stem = n ? digits : len;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        const kind *k = &KINDS[i];
        if (k->cut && (n || !k->bare))
            snprintf(name[i], NAME, "%s@%u", k->name,
                     n >= k->least ? (unsigned)n : 10u);
        else
            snprintf(name[i], NAME, "%s", k->name);
        names[i] = name[i];
    }
    mf_nearest_ask(ask, "", text, stem, names);
}

/* Does the text ask for sampled negatives, as "ndcg@10:100neg" and "sampled-ndcg@10"
 * do? */
static bool is_sampled(const char *text, size_t len)
{
    static const char *const words[] = {"sampled", "neg"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (memmem(text, len, words[i], strlen(words[i])))
            return true;
    return memchr(text, ':', len);
}

static int parse_one(mf_metric *out, const char *text, size_t len, mf_err *err)
{
    const char *at = memchr(text, '@', len);
    size_t stem = at ? (size_t)(at - text) : len;
    int shown = len < 60 ? (int)len : 60;
    char all[MF_METRICS_TEXT];
    *out = (mf_metric){0};
    if (is_sampled(text, len))
        return mf_fail(err, MF_EINVAL,
                       "metric '%.*s': " MF_METRICS_SAMPLED "; write ndcg@10 or the "
                       "like, which ranks all items",
                       shown, text);
    for (size_t i = 0; i < KIND_COUNT; i++) {
        const kind *k = &KINDS[i];
        if (strlen(k->name) != stem || !ascii_same(k->name, text, stem))
            continue;
        if (at && !k->cut)
            return mf_fail(err, MF_EINVAL, "metric '%.*s': %s takes no @N", shown, text,
                           k->name);
        out->n = at ? read_cut(at + 1, len - stem - 1) : 0;
        if (out->n < k->least && (at || !k->bare))
            return mf_fail(
                err, MF_EINVAL,
                "metric '%.*s': write %s@N with N a whole number in %u .. %d, like "
                "%s@10",
                shown, text, k->name, k->least, MF_METRIC_N_MAX, k->name);
        out->kind = (mf_metric_kind)i;
        snprintf(out->name, sizeof out->name, "%s%.*s", k->name, (int)(len - stem),
                 text + stem);
        return MF_OK;
    }
    char ask[MF_NEAREST_WORDS];
    ask_nearest(ask, text, len);
    say_all(all);
    return mf_fail(err, MF_EINVAL, "'%.*s' is no metric; there are %s%s", shown, text,
                   all, ask);
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

/* --- properties --- */

mf_metric_about mf_metric_is_about(const mf_metric *metric)
{
    return KINDS[metric->kind].about;
}

bool mf_metric_is_held_out(const mf_metric *metric)
{
    mf_metric_about about = mf_metric_is_about(metric);
    return about == MF_ABOUT_CELLS || about == MF_ABOUT_RANKS;
}

bool mf_metric_is_own(const mf_metric *metric)
{
    return KINDS[metric->kind].own;
}

bool mf_metric_is_whole(const mf_metric *metric)
{
    return KINDS[metric->kind].whole;
}

bool mf_metric_is_prediction(const mf_metric *metric)
{
    return mf_metric_is_about(metric) == MF_ABOUT_CELLS;
}

mf_den mf_metric_den(const mf_metric *metric)
{
    return KINDS[metric->kind].den;
}

mf_form mf_metric_form(const mf_metric *metric)
{
    return KINDS[metric->kind].form;
}

uint32_t mf__metric_depth(const mf_metric *metric)
{
    return KINDS[metric->kind].cut == 'N' ? metric->n : 0;
}

unsigned mf__metrics_need(const mf_metric_list *list)
{
    unsigned needs = 0;
    for (size_t m = 0; m < list->n; m++)
        needs |= KINDS[list->metric[m].kind].needs;
    return needs;
}

/* --- values --- */

double mf__metric_of_list(const mf_metric *metric, const mf_list_data *data,
                          const mf_user_list *list)
{
    mf_user_list head = *list;
    head.n = metric->n < list->n ? metric->n : list->n;
    return KINDS[metric->kind].of_list(data, &head);
}

double mf__metric_of_all_lists(const mf_metric *metric, uint32_t times[],
                               uint32_t items)
{
    return KINDS[metric->kind].of_all_lists(times, items);
}

static double gain(uint32_t rank)
{
    return 1 / log2(1 + (double)rank);
}

/* The share of the pairs of a relevant and another item in which the relevant one
 * stands first. */
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
    case MF_METRIC_RECALL_ALL: return (double)hits / m;
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
    case MF_METRIC_MRR: return rank[0] == MF_RANK_NONE ? 0 : 1.0 / rank[0];
    case MF_METRIC_AUC: return right_pairs(outcome);
    default: return NAN; /* not about held-out items */
    }
}
