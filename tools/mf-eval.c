/* mf-eval - metrics with confidence intervals; comparisons. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mf/evaluate.h"
#include "tool.h"

static const char USAGE[] =
    "usage: mf-eval [OPTION]... [MODEL [MODEL...]]\n"
    "Evaluate models (standard input by default) on their test cells, with 95 % "
    "intervals\n"
    "over users; compare each further model with the first.\n"
    "\n"
    "  -m, --metrics=LIST      separated by commas; N is 1 to 1000000\n"
    "                          (" MF_EVALUATE_METRICS ")\n"
    "                          predictions: loss, mse, rmse, mae\n"
    "                          ranking: precision@N, recall@N, hr@N, ndcg@N, map@N, "
    "mrr, auc\n"
    "                          lists: coverage@N, gini@N, novelty@N, popularity@N,\n"
    "                          diversity@N, variety@N, tastes@N\n"
    "                          personas: personas, personas@Q, entropy, entropy@N, "
    "distance\n"
    "      --ratings=BUNDLE    what the models were trained on, for models that came\n"
    "                          without (mf-als --factors-only)\n"
    "      --baseline=NAME     as a further row: popularity or random, which rank, "
    "mean\n"
    "                          or bias, which predict values; may be given again "
    "(none)\n"
    "      --by=WHAT[:Q]       say all again for Q slices, 2 to 10 (3): activity, of "
    "users\n"
    "                          by their known cells, or popularity, of test cells by "
    "the\n"
    "                          training users of their items\n"
    "      --bootstrap=B       samples of users, and permutations, 0 to 1000000 "
    "(1000);\n"
    "                          0: no intervals and no p-values\n"
    "      --per-user=FILE     also write every user's values to FILE\n"
    "      --run=FILE          also write the lists of the first model, of the second "
    "if\n"
    "                          given again, and so on, as a TREC run file\n"
    "      --qrels=FILE        also write the test cells as a TREC qrels file\n"
    "      --shard=I/N         evaluate the users of shard I of N alone (all)\n"
    "      --allow-different-splits\n"
    "                          compare models of other test cells on common users\n"
    "      --format=FORMAT     text, tsv or json (text)\n"
    "  -o, --output=FILE       write to FILE, at once and only if all went well\n"
    "  -j, --threads=N         threads, 1 to 1024 (all); never changes the result\n"
    "      --seed=N            seed of samples and of the random baseline (1)\n"
    "  -q, --quiet             no progress, no notes\n"
    "  -v, --verbose           say how many users were left out\n"
    "      --progress=WHEN     auto, always or never (auto: on a terminal)\n"
    "  -f, --force             no effect: the output is text\n"
    "  -h, --help              print this and exit\n"
    "  -V, --version           print the version and exit\n"
    "\n"
    "Exit status: 0 done, 1 the input, the disk or the machine failed, 2 wrong "
    "usage.\n";

enum {
    OPT_RATINGS = TOOL_OWN,
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

static const struct option OPTIONS[] = {
    {"metrics", required_argument, NULL, 'm'},
    {"ratings", required_argument, NULL, OPT_RATINGS},
    {"baseline", required_argument, NULL, OPT_BASELINE},
    {"bootstrap", required_argument, NULL, OPT_BOOTSTRAP},
    {"by", required_argument, NULL, OPT_BY},
    {"per-user", required_argument, NULL, OPT_PER_USER},
    {"run", required_argument, NULL, OPT_RUN},
    {"qrels", required_argument, NULL, OPT_QRELS},
    {"shard", required_argument, NULL, OPT_SHARD},
    {"allow-different-splits", no_argument, NULL, OPT_DIFFERENT_SPLITS},
    {"format", required_argument, NULL, OPT_FORMAT},
    {0},
};

static const char *const BASELINES[] = {"popularity", "random", "mean", "bias",
                                        NULL}; /* bits 0 to 3 */
static const char *const SLICINGS[] = {"activity", "popularity", NULL}; /* from 1 */

/* Files beside the result: none appears before all are whole. */
enum { RUNS_MAX = 32, PER_USER = RUNS_MAX, QRELS, FILES };
typedef struct beside {
    const char *path[FILES]; /* or NULL */
    tool_store store[FILES];
    mf_out *out[FILES];
} beside;

static bool is_standard(const char *name)
{
    return name && name[0] == '-' && name[1] == '\0';
}

/* Open all models, or standard input where none is named. */
static mf_in **open_models(tool_io *io, char *const name[], size_t n,
                           const char *ratings)
{
    mf_in **in = tool_array(io, n, sizeof(mf_in *));
    size_t standard = is_standard(ratings);
    for (size_t i = 0; i < n; i++)
        if (is_standard(name[i]) && standard++)
            tool_misuse("standard input can be read only once");
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

static void add_run(mf_evaluate_params *params, beside *files, const char *path)
{
    if (params->runs == RUNS_MAX)
        tool_misuse("--run: more than %d files", RUNS_MAX);
    files->path[params->runs++] = path;
}

static void open_beside(tool_io *io, beside *files)
{
    for (size_t i = 0; i < FILES; i++) {
        const char *path = files->path[i];
        for (size_t j = 0; path && j < i; j++)
            if (files->path[j] && strcmp(files->path[j], path) == 0)
                tool_misuse("'%s' is named for two outputs", path);
        if (path && io->output && strcmp(io->output, path) == 0)
            tool_misuse("'%s' is named for two outputs", path);
    }
    for (size_t i = 0; i < FILES; i++)
        if (files->path[i])
            files->out[i] = tool_store_open(io, &files->store[i], files->path[i]);
}

/* All are sent to disk, and the result is out, before the first takes its place. */
static int place_beside(tool_io *io, beside *files, mf_err *err)
{
    int code = MF_OK;
    for (size_t i = 0; code == MF_OK && i < FILES; i++)
        code = tool_store_sync(&files->store[i], err);
    if (code == MF_OK)
        code = mf_out_flush(io->out, err);
    for (size_t i = 0; code == MF_OK && i < FILES; i++)
        if (files->path[i])
            code = tool_store_commit(&files->store[i], err);
    return code;
}

/* One of the tool's own options. */
static void set_option(int c, mf_evaluate_params *params, beside *files,
                       const char **ratings, mf_evaluation_format *format)
{
    mf_err err = {0};
    switch (c) {
    case 'm':
        if (mf_metrics_parse(&params->metrics, optarg, &err) < 0)
            tool_misuse("--metrics: %s", err.text);
        break;
    case OPT_RATINGS: *ratings = optarg; break;
    case OPT_BASELINE:
        params->baselines |= 1u << tool_choice("--baseline", optarg, BASELINES);
        break;
    case OPT_BOOTSTRAP:
        params->replicates = (uint32_t)tool_count("--bootstrap", optarg, 0, 1000000);
        break;
    case OPT_BY: set_slices(params, optarg); break;
    case OPT_PER_USER: files->path[PER_USER] = optarg; break;
    case OPT_RUN: add_run(params, files, optarg); break;
    case OPT_QRELS: files->path[QRELS] = optarg; break;
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
    beside files = {0};
    static char standard[] = "-", *only[] = {standard};
    tool_io io;
    mf_err err = {0};
    tool_init(&io, "mf-eval", USAGE);
    for (int c; (c = tool_getopt(&io, argc, argv, OPTIONS)) != -1;)
        set_option(c, &params, &files, &ratings, &format);
    params.seed = io.seed;
    params.threads = io.threads;
    params.report = &io.report;
    size_t n = optind < argc ? (size_t)(argc - optind) : 1;
    if (params.runs > n)
        tool_misuse("--run: more files than models");
    if (mf_evaluate_check(&params, &err) < 0)
        tool_misuse("%s", err.text);
    mf_in **in = open_models(&io, optind < argc ? argv + optind : only, n, ratings);
    params.ratings = ratings ? tool_open(&io, ratings) : NULL;
    tool_open_output(&io, TOOL_TEXT);
    open_beside(&io, &files);
    params.run = files.out;
    params.qrels = files.out[QRELS];
    mf_out *users = files.out[PER_USER];
    if (mf_evaluate_run(&result, n, in, &params, &err) < 0 ||
        (users && mf_evaluation_write_users(&result, users, &err) < 0) ||
        mf_evaluation_write(&result, format, io.out, &err) < 0 ||
        place_beside(&io, &files, &err) < 0)
        tool_die(&io, &err);
    mf_evaluation_free(&result);
    for (size_t i = 0; i < n; i++)
        mf_in_close(in[i]);
    mf_in_close(params.ratings);
    free(in);
    return tool_finish(&io);
}
