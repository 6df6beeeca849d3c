/* mf-eval - metrics with confidence intervals; comparisons. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mf/evaluate.h"
#include "tool.h"

enum {
    OPT_RATINGS = TOOL_OWN,
    OPT_LISTS,
    OPT_NEGATIVES,
    OPT_SORT,
    OPT_NO_HEADER,
    OPT_RELEVANT,
    OPT_BASELINE,
    OPT_BOOTSTRAP,
    OPT_BY,
    OPT_PER_USER,
    OPT_RUN,
    OPT_QRELS,
    OPT_SHARD,
    OPT_PARTIAL,
    OPT_MERGE,
    OPT_DIFFERENT_SPLITS,
    OPT_FORMAT
};

static const tool_option OPTIONS[] = {
    {NULL, NULL, 0, "What is measured:"},
    {"metrics", "LIST", 'm',
     "separated by commas; N is 1 to 1000000 (" MF_EVALUATE_METRICS ")\n"
     "predictions: loss, mse, rmse, mae\n"
     "ranking: precision@N, recall@N, recall-all@N, hr@N, ndcg@N, map@N, mrr, auc\n"
     "lists: coverage@N, gini@N, novelty@N, popularity@N, diversity@N, variety@N, "
     "tastes@N\n"
     "personas: personas, personas@Q, entropy, entropy@N, distance"},
    {"relevant", "T", OPT_RELEVANT,
     "a test cell that in the first model has a value of T or more, any number, is "
     "relevant (those "
     "above 0)"},
    {"by", "WHAT[:Q]", OPT_BY,
     "say all again for Q slices, 2 to 10 (3): activity, of users by their known "
     "cells, or popularity, of test cells by the training users who like their items"},
    {"bootstrap", "B", OPT_BOOTSTRAP,
     "samples of users, and permutations, 0 to 1000000 (1000); 0: no intervals and no "
     "p-values"},
    {"negatives", "N", OPT_NEGATIVES,
     "not offered: sampled negatives order models differently than all items do"},
    {NULL, NULL, 0, "On what, and beside what:"},
    {"ratings", "BUNDLE", OPT_RATINGS,
     "what the models were trained on, for models that came "
     "without, as of mf-als --factors-only (none)"},
    {"lists", "FILE[=NAME]", OPT_LISTS,
     "also measure the lists in FILE, as a further row called NAME (FILE): a TREC run, "
     "TSV or CSV of user, item and score or rank, or what mf-recommend writes; may be "
     "given again. With --ratings there need be no MODEL"},
    {"baseline", "NAME", OPT_BASELINE,
     "as a further row: popularity or random, which rank, mean or bias, which predict "
     "values; may be given again (none)"},
    {"shard", "I/N", OPT_SHARD,
     "evaluate the I-th of N parts of the users with test cells, as they stand, as in "
     "1/4 (1/1)"},
    {"merge", NULL, OPT_MERGE,
     "read what --partial wrote, of all shards, instead of models, and write the result "
     "of all users"},
    {"allow-different-splits", NULL, OPT_DIFFERENT_SPLITS,
     "compare models of other test cells on common users"},
    {NULL, NULL, 0, "Output:"},
    {"format", "FORMAT", OPT_FORMAT,
     "text, tsv, json or table: a row for each model, a column for each metric (text)"},
    {"sort", "METRIC", OPT_SORT, "sort the rows of table by it (the first of -m)"},
    {"no-header", NULL, OPT_NO_HEADER,
     "no line of names at the head of tsv and of the file of --per-user"},
    {"per-user", "FILE", OPT_PER_USER, "also write every user's values to FILE (none)"},
    {"run", "FILE", OPT_RUN,
     "also write the lists of the first model, of the second if given again, and so "
     "on, as a TREC run file (none)"},
    {"partial", NULL, OPT_PARTIAL,
     "write what was measured, of the shard or of all users, for --merge"},
    {"qrels", "FILE", OPT_QRELS,
     "also write the relevant test cells as a TREC qrels file (none)"},
    {0},
};

static const int REPEATS[] = {OPT_BASELINE, OPT_LISTS, OPT_RUN, 0};

static const char *const BASELINES[] = {"popularity", "random", "mean", "bias",
                                        NULL}; /* bits 0 to 3 */
static const char *const SLICINGS[] = {"activity", "popularity", NULL}; /* from 1 */

static const tool_words WORDS[] = {
    {"metrics", tool_metric_words},
    {"sort", tool_metric_words},
    {"baseline", BASELINES},
    {"by", SLICINGS},
    {"format", mf_evaluation_format_names},
    {0},
};

static const tool_about ABOUT = {
    .name = "mf-eval",
    .usage = "mf-eval [OPTION]... [MODEL]...\n"
             "mf-eval --merge [OPTION]... [FILE]...",
    .purpose = "Evaluate models (standard input by default) on their test cells, with "
               "95 % intervals over users; compare each further model with the first.",
    .options = OPTIONS,
    .words = WORDS,
    .seeded = "the samples, the permutations and the random baseline",
    .verbose = "note how many users were left out, and what was not compared",
    .repeats = REPEATS,
    .force = "let --run replace a file of other lists, and --partial write to a "
             "terminal",
};

enum { TAG_MAX = 8192 }; /* bytes of the first line of a run */

/* Files beside the result. */
enum { RUNS_MAX = 32, PER_USER = RUNS_MAX, QRELS, FILES, LISTS_MAX = 256 };
typedef struct extras {
    const char *path[FILES]; /* or NULL */
    mf_out *out[FILES];
    const char *ratings;           /* or NULL */
    const char *lists[LISTS_MAX];  /* paths of --lists */
    mf_list_input list[LISTS_MAX]; /* and what is read there */
    const char *sort;              /* or NULL */
    const char *measures;          /* an option of what is measured; or NULL */
    const char *shows;             /* an option of how it is written; or NULL */
    bool partial, merge;
    mf_evaluation_style style;
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

/* What the row of a model is called. */
static const char *model_name(const char *path)
{
    return tool_is_standard(path) ? "standard input" : path;
}

/* FILE=NAME; where there is a file called so, that is FILE. */
static void add_lists(mf_evaluate_params *params, extras *extra, char *text)
{
    if (params->lists == LISTS_MAX)
        tool_misuse("--lists: more than %d files", LISTS_MAX);
    char *name = access(text, F_OK) == 0 ? NULL : strrchr(text, '=');
    if (name)
        *name++ = '\0';
    if (name && !*name)
        tool_misuse("--lists: the name behind the = is empty");
    extra->lists[params->lists] = text;
    extra->list[params->lists++].name = name ? name : model_name(text);
}

/* No two rows can be called alike where one of them is of --lists. */
static void check_names(const mf_evaluate_params *params, const extras *extra,
                        char *const model[], size_t n)
{
    for (size_t i = 0; i < params->lists; i++) {
        const char *name = extra->list[i].name;
        bool twice = false;
        for (size_t j = 0; j < i; j++)
            twice |= strcmp(name, extra->list[j].name) == 0;
        for (size_t j = 0; j < n; j++)
            twice |= strcmp(name, model_name(model[j])) == 0;
        for (size_t j = 0; BASELINES[j]; j++)
            twice |= params->baselines >> j & 1 && strcmp(name, BASELINES[j]) == 0;
        if (twice)
            tool_misuse("--lists: two rows would be called '%s'; give each a name of "
                        "its own, as in '--lists FILE=NAME'",
                        name);
    }
}

/* The metric by which rows are sorted, one of those that are measured. */
static void find_sort(const mf_metric_list *list, extras *extra)
{
    if (!extra->sort)
        return;
    if (extra->style.format != MF_EVALUATION_TABLE)
        tool_misuse("--sort: it sorts the rows of --format=table");
    size_t m = 0;
    while (m < list->n && strcmp(list->metric[m].name, extra->sort) != 0)
        m++;
    if (m == list->n)
        tool_misuse("--sort: '%s' is none of the metrics of -m", extra->sort);
    extra->style.sort = m;
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
        if (strcmp(tag, model_name(model[i])) == 0)
            return;
    tool_misuse("--run: '%s' is there, and no run of one of these models; name another "
                "file, or replace it with -f",
                path);
}

static void name_files(tool_io *io, char *const model[], size_t n, size_t lists,
                       const extras *extra)
{
    for (size_t i = 0; i < n; i++)
        tool_name(io, NULL, model[i], TOOL_READS);
    tool_name(io, "--ratings", extra->ratings, TOOL_READS);
    for (size_t i = 0; i < lists; i++)
        tool_name(io, "--lists", extra->lists[i], TOOL_READS);
    for (size_t i = 0; i < FILES; i++)
        tool_name(io, extra_option(i), extra->path[i], TOOL_WRITES);
    tool_compare(io);
    for (size_t i = 0; i < RUNS_MAX && !io->force; i++)
        if (extra->path[i])
            check_run(extra->path[i], model, n);
}

/* The long name of an option. */
static const char *option_name(int c)
{
    size_t i = 0;
    while (OPTIONS[i].key != c)
        i++;
    return OPTIONS[i].name;
}

/* Options go with --merge, with --partial or with neither. */
static void note_option(int c, extras *extra)
{
    switch (c) {
    case OPT_PARTIAL:
    case OPT_MERGE: break;
    case OPT_SORT:
    case OPT_NO_HEADER:
    case OPT_FORMAT:
    case OPT_PER_USER: extra->shows = option_name(c); break;
    default: extra->measures = option_name(c);
    }
}

static void check_options(const extras *extra)
{
    if (extra->merge && extra->measures)
        tool_misuse("--%s: what is measured stands in the files of --merge",
                    extra->measures);
    if (extra->partial && extra->shows)
        tool_misuse("--%s: it goes with --merge; --partial has one format",
                    extra->shows);
}

/* One of the tool's own options. */
static void set_option(int c, mf_evaluate_params *params, extras *extra)
{
    mf_err err = {0};
    note_option(c, extra);
    switch (c) {
    case OPT_PARTIAL: extra->partial = true; break;
    case OPT_MERGE: extra->merge = true; break;
    case 'm':
        if (mf_metrics_parse(&params->metrics, optarg, &err) < 0)
            tool_misuse("--metrics: %s", err.text);
        break;
    case OPT_RATINGS: extra->ratings = optarg; break;
    case OPT_LISTS: add_lists(params, extra, optarg); break;
    case OPT_NEGATIVES: tool_misuse("--negatives: " MF_METRICS_SAMPLED);
    case OPT_SORT: extra->sort = optarg; break;
    case OPT_NO_HEADER: extra->style.no_header = true; break;
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
        extra->style.format = (mf_evaluation_format)tool_choice(
            "--format", optarg, mf_evaluation_format_names);
        break;
    default: exit(TOOL_USAGE);
    }
}

/* What must be known to read the values of lists, where the format has no place for
 * words. */
static void warn(const tool_io *io, const mf_evaluation *result)
{
    char words[MF_LIST_WORDS];
    for (size_t s = 0; s < result->subjects; s++)
        for (size_t n = 0; mf_list_words(result, s, n, words); n++)
            if (io->report.warn)
                io->report.warn(io->report.self, words);
}

static void open_files(tool_io *io, mf_evaluate_params *params, extras *extra)
{
    params->ratings = extra->ratings ? tool_open(io, extra->ratings) : NULL;
    for (size_t i = 0; i < params->lists; i++)
        extra->list[i].lines = tool_open_text(io, extra->lists[i]);
    tool_open_output(io, extra->partial ? TOOL_BINARY : TOOL_TEXT);
    for (size_t i = 0; i < FILES; i++)
        extra->out[i] = extra->path[i] ? tool_create(io, extra->path[i])->out : NULL;
    params->list = extra->list;
    params->run = extra->out;
    params->qrels = extra->out[QRELS];
}

static void write_result(tool_io *io, mf_evaluation *result, const extras *extra)
{
    mf_err err = {0};
    mf_out *users = extra->out[PER_USER];
    if ((users && mf_evaluation_write_users(result, extra->style.no_header, users,
                                            &err) < 0) ||
        mf_evaluation_write(result, &extra->style, io->out, &err) < 0)
        tool_die(io, &err);
    if (extra->style.format == MF_EVALUATION_TSV)
        warn(io, result);
    mf_evaluation_free(result);
}

/* The result of all shards, from n files. */
static void merge(tool_io *io, char *const file[], size_t n, mf_evaluate_params *params,
                  extras *extra)
{
    mf_err err = {0};
    mf_evaluate_merge *all;
    mf_evaluation result;
    name_files(io, file, n, 0, extra);
    open_files(io, params, extra);
    int code = mf_evaluate_merge_open(&all, &err);
    for (size_t i = 0; code == MF_OK && i < n; i++) {
        mf_in *in = tool_open(io, file[i]);
        code = mf_evaluate_merge_put(all, in, &err);
        mf_in_close(in);
    }
    if (code == MF_OK)
        code = extra->partial ? mf_evaluate_merge_write(all, io->out, &err)
                              : mf_evaluate_merge_finish(all, &result, params, &err);
    if (code < 0)
        tool_die(io, &err);
    mf_evaluate_merge_close(all);
    if (extra->partial)
        return;
    find_sort(&result.metrics, extra);
    write_result(io, &result, extra);
}

/* Evaluate n models. */
static void evaluate(tool_io *io, char *const model[], size_t n,
                     mf_evaluate_params *params, extras *extra)
{
    mf_err err = {0};
    mf_evaluation result;
    if (params->runs > n)
        tool_misuse("--run: more files than models%s",
                    params->lists ? "; it does not write lists of --lists again" : "");
    if (mf_evaluate_check(params, &err) < 0)
        tool_misuse("%s", err.text);
    name_files(io, model, n, params->lists, extra);
    check_names(params, extra, model, n);
    mf_in **in = open_models(io, model, n);
    open_files(io, params, extra);
    if ((extra->partial ? mf_evaluate_part(io->out, n, in, params, &err)
                        : mf_evaluate_run(&result, n, in, params, &err)) < 0)
        tool_die(io, &err);
    if (!extra->partial)
        write_result(io, &result, extra);
    for (size_t i = 0; i < n; i++)
        mf_in_close(in[i]);
    for (size_t i = 0; i < params->lists; i++)
        mf_lines_close(extra->list[i].lines);
    mf_in_close(params->ratings);
    free(in);
}

int main(int argc, char *argv[])
{
    mf_evaluate_params params = mf_evaluate_defaults();
    static extras extra;
    static char standard[] = "-", *only[] = {standard};
    tool_io io;
    tool_init(&io, &ABOUT);
    for (int c; (c = tool_getopt(&io, argc, argv)) != -1;)
        set_option(c, &params, &extra);
    check_options(&extra);
    params.seed = io.seed;
    params.threads = io.threads;
    params.report = &io.report;
    params.beside_best = extra.style.format == MF_EVALUATION_TABLE;
    if (!extra.merge)
        find_sort(&params.metrics, &extra);
    size_t n = (size_t)(argc - optind);
    char *const *file = n ? argv + optind : only;
    if (n == 0 && (extra.merge || !(params.lists && extra.ratings)))
        n = 1; /* standard input */
    if (extra.merge)
        merge(&io, file, n, &params, &extra);
    else
        evaluate(&io, file, n, &params, &extra);
    return tool_finish(&io);
}
