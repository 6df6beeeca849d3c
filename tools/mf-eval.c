/* mf-eval - metrics with confidence intervals; comparisons. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mf/evaluate.h"
#include "tool.h"

enum {
    OPT_RATINGS = TOOL_OWN,
    OPT_RELEVANT,
    OPT_BASELINE,
    OPT_BOOTSTRAP,
    OPT_BY,
    OPT_PER_USER,
    OPT_RUN,
    OPT_QRELS,
    OPT_SHARD,
    OPT_DIFFERENT_SPLITS,
    OPT_FORMAT
};

static const tool_option OPTIONS[] = {
    {"metrics", "LIST", 'm',
     "separated by commas; N is 1 to 1000000 (" MF_EVALUATE_METRICS ")\n"
     "predictions: loss, mse, rmse, mae\n"
     "ranking: precision@N, recall@N, recall-all@N, hr@N, ndcg@N, map@N, mrr, auc\n"
     "lists: coverage@N, gini@N, novelty@N, popularity@N, diversity@N, variety@N, "
     "tastes@N\n"
     "personas: personas, personas@Q, entropy, entropy@N, distance"},
    {"ratings", "BUNDLE", OPT_RATINGS,
     "what the models were trained on, for models that came without (mf-als "
     "--factors-only)"},
    {"relevant", "T", OPT_RELEVANT,
     "a test cell that in the first model has a value of T or more is relevant (those "
     "above 0)"},
    {"baseline", "NAME", OPT_BASELINE,
     "as a further row: popularity or random, which rank, mean or bias, which predict "
     "values; may be given again (none)"},
    {"by", "WHAT[:Q]", OPT_BY,
     "say all again for Q slices, 2 to 10 (3): activity, of users by their known "
     "cells, or popularity, of test cells by the training users who like their items"},
    {"bootstrap", "B", OPT_BOOTSTRAP,
     "samples of users, and permutations, 0 to 1000000 (1000); 0: no intervals and no "
     "p-values"},
    {"per-user", "FILE", OPT_PER_USER, "also write every user's values to FILE"},
    {"run", "FILE", OPT_RUN,
     "also write the lists of the first model, of the second if given again, and so "
     "on, as a TREC run file"},
    {"qrels", "FILE", OPT_QRELS,
     "also write the relevant test cells as a TREC qrels file"},
    {"shard", "I/N", OPT_SHARD, "evaluate the users of shard I of N alone (all)"},
    {"allow-different-splits", NULL, OPT_DIFFERENT_SPLITS,
     "compare models of other test cells on common users"},
    {"format", "FORMAT", OPT_FORMAT, "text, tsv or json (text)"},
    {0},
};

static const int REPEATS[] = {OPT_BASELINE, OPT_RUN, 0};

static const tool_about ABOUT = {
    .name = "mf-eval",
    .usage = "mf-eval [OPTION]... [MODEL]...",
    .purpose = "Evaluate models (standard input by default) on their test cells, with "
               "95 % intervals over users; compare each further model with the first.",
    .options = OPTIONS,
    .seeded = "the samples, the permutations and the random baseline",
    .verbose = "note how many users were left out, and what was not compared",
    .repeats = REPEATS,
    .force = "let --run replace a file of other lists",
    .text = true,
};

static const char *const BASELINES[] = {"popularity", "random", "mean", "bias",
                                        NULL}; /* bits 0 to 3 */
static const char *const SLICINGS[] = {"activity", "popularity", NULL}; /* from 1 */

enum { TAG_MAX = 8192 }; /* bytes of the first line of a run */

/* Files beside the result. */
enum { RUNS_MAX = 32, PER_USER = RUNS_MAX, QRELS, FILES };
typedef struct extras {
    const char *path[FILES]; /* or NULL */
    mf_out *out[FILES];
} extras;

/* Open all models, or standard input where none is named. */
static mf_in **open_models(tool_io *io, char *const name[], size_t n)
{
    mf_in **in = tool_array(io, n, sizeof(mf_in *));
    for (size_t i = 0; i < n; i++)
        in[i] = tool_open(io, name[i]);
    return in;
}

static void set_slices(mf_evaluate_params *params, const char *text)
{
    char name[32];
    const char *colon = strchr(text, ':');
    size_t len = colon ? (size_t)(colon - text) : strlen(text);
    snprintf(name, sizeof name, "%.*s", (int)(len < 31 ? len : 31), text);
    params->by = (mf_by)(1 + tool_choice("--by", name, SLICINGS));
    params->slices = colon ? (uint32_t)tool_count("--by", colon + 1, 2, MF_SLICES_MAX)
                           : mf_evaluate_defaults().slices;
}

static void add_run(mf_evaluate_params *params, extras *extra, const char *path)
{
    if (params->runs == RUNS_MAX)
        tool_misuse("--run: more than %d files", RUNS_MAX);
    extra->path[params->runs++] = path;
}

static const char *extra_option(size_t i)
{
    return i == PER_USER ? "--per-user" : i == QRELS ? "--qrels" : "--run";
}

/* The tag of a line of a run, its %XX undone; empty if it is no such line. */
static void read_tag(char *line, char tag[TAG_MAX])
{
    static const char hex[] = "0123456789ABCDEF";
    char *field = NULL, *rest = line;
    size_t n = 0;
    for (int i = 0; i < 6 && (field = strsep(&rest, " ")); i++)
        if (i == 1 && strcmp(field, "Q0") != 0)
            field = rest = NULL;
    for (; field && !rest && *field && n + 1 < TAG_MAX; field++) {
        const char *high = *field == '%' && field[1] ? strchr(hex, field[1]) : NULL;
        const char *low = high && field[2] ? strchr(hex, field[2]) : NULL;
        tag[n++] = low ? (char)((high - hex) * 16 + (low - hex)) : *field;
        field += low ? 2 : 0;
    }
    tag[n] = '\0';
}

/* A run that is there already may be one that somebody hopes to be read. */
static void check_run(const char *path, char *const model[], size_t n)
{
    char line[TAG_MAX] = "", tag[TAG_MAX];
    if (tool_replaced(path) == 0)
        return;
    FILE *file = fopen(path, "r");
    bool whole = file && fgets(line, sizeof line, file) && strchr(line, '\n');
    if (file)
        fclose(file);
    line[strcspn(line, "\n")] = '\0';
    read_tag(line, tag);
    for (size_t i = 0; whole && i < n; i++)
        if (strcmp(tag, tool_is_standard(model[i]) ? "standard input" : model[i]) == 0)
            return;
    tool_misuse("--run: '%s' is there, and no run of one of these models; name another "
                "file, or replace it with -f",
                path);
}

static void name_files(tool_io *io, char *const model[], size_t n, const char *ratings,
                       const extras *extra)
{
    for (size_t i = 0; i < n; i++)
        tool_name(io, NULL, model[i], TOOL_READS);
    tool_name(io, "--ratings", ratings, TOOL_READS);
    for (size_t i = 0; i < FILES; i++)
        tool_name(io, extra_option(i), extra->path[i], TOOL_WRITES);
    tool_compare(io);
    for (size_t i = 0; i < RUNS_MAX && !io->force; i++)
        if (extra->path[i])
            check_run(extra->path[i], model, n);
}

/* One of the tool's own options. */
static void set_option(int c, mf_evaluate_params *params, extras *extra,
                       const char **ratings, mf_evaluation_format *format)
{
    mf_err err = {0};
    switch (c) {
    case 'm':
        if (mf_metrics_parse(&params->metrics, optarg, &err) < 0)
            tool_misuse("--metrics: %s", err.text);
        break;
    case OPT_RATINGS: *ratings = optarg; break;
    case OPT_RELEVANT:
        params->relevant = (float)tool_real("--relevant", optarg, -1e30, 1e30);
        break;
    case OPT_BASELINE:
        params->baselines |= 1u << tool_choice("--baseline", optarg, BASELINES);
        break;
    case OPT_BOOTSTRAP:
        params->replicates = (uint32_t)tool_count("--bootstrap", optarg, 0, 1000000);
        break;
    case OPT_BY: set_slices(params, optarg); break;
    case OPT_PER_USER: extra->path[PER_USER] = optarg; break;
    case OPT_RUN: add_run(params, extra, optarg); break;
    case OPT_QRELS: extra->path[QRELS] = optarg; break;
    case OPT_SHARD:
        tool_shard("--shard", optarg, &params->shard, &params->shards);
        break;
    case OPT_DIFFERENT_SPLITS: params->different_splits = true; break;
    case OPT_FORMAT:
        *format = (mf_evaluation_format)tool_choice("--format", optarg,
                                                    mf_evaluation_format_names);
        break;
    default: exit(TOOL_USAGE);
    }
}

int main(int argc, char *argv[])
{
    mf_evaluate_params params = mf_evaluate_defaults();
    mf_evaluation_format format = MF_EVALUATION_TEXT;
    mf_evaluation result;
    const char *ratings = NULL;
    extras extra = {0};
    static char standard[] = "-", *only[] = {standard};
    tool_io io;
    mf_err err = {0};
    tool_init(&io, &ABOUT);
    for (int c; (c = tool_getopt(&io, argc, argv)) != -1;)
        set_option(c, &params, &extra, &ratings, &format);
    params.seed = io.seed;
    params.threads = io.threads;
    params.report = &io.report;
    size_t n = optind < argc ? (size_t)(argc - optind) : 1;
    if (params.runs > n)
        tool_misuse("--run: more files than models");
    if (mf_evaluate_check(&params, &err) < 0)
        tool_misuse("%s", err.text);
    char *const *model = optind < argc ? argv + optind : only;
    name_files(&io, model, n, ratings, &extra);
    mf_in **in = open_models(&io, model, n);
    params.ratings = ratings ? tool_open(&io, ratings) : NULL;
    tool_open_output(&io, TOOL_TEXT);
    for (size_t i = 0; i < FILES; i++)
        extra.out[i] = extra.path[i] ? tool_create(&io, extra.path[i])->out : NULL;
    params.run = extra.out;
    params.qrels = extra.out[QRELS];
    mf_out *users = extra.out[PER_USER];
    if (mf_evaluate_run(&result, n, in, &params, &err) < 0 ||
        (users && mf_evaluation_write_users(&result, users, &err) < 0) ||
        mf_evaluation_write(&result, format, io.out, &err) < 0)
        tool_die(&io, &err);
    mf_evaluation_free(&result);
    for (size_t i = 0; i < n; i++)
        mf_in_close(in[i]);
    mf_in_close(params.ratings);
    free(in);
    return tool_finish(&io);
}
