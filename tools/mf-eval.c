/* mf-eval - metrics with confidence intervals; comparisons. */
#include <stdlib.h>

#include "mf/evaluate.h"
#include "mf/mem.h"
#include "tool.h"

static const char USAGE[] =
    "usage: mf-eval [OPTION]... [MODEL [MODEL...]]\n"
    "Evaluate models (standard input by default) on their test cells, with 95 % "
    "intervals\n"
    "over users; compare each further model with the first.\n"
    "\n"
    "  -m, --metrics=LIST      of loss, rmse, mae, precision@N, recall@N, hr@N, "
    "ndcg@N,\n"
    "                          map@N and mrr, separated by commas; N is 1 to 1000000\n"
    "                          (" MF_EVALUATE_METRICS ")\n"
    "      --ratings=BUNDLE    what the models were trained on, for models that came\n"
    "                          without (mf-als --factors-only)\n"
    "      --baseline=NAME     popularity or random, as a further row (none); may be\n"
    "                          given twice\n"
    "      --bootstrap=B       samples of users, and permutations, 0 to 1000000 "
    "(1000);\n"
    "                          0: no intervals and no p-values\n"
    "      --per-user=FILE     also write every user's values to FILE\n"
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

enum { OPT_RATINGS = TOOL_OWN, OPT_BASELINE, OPT_BOOTSTRAP, OPT_PER_USER, OPT_FORMAT };

static const struct option OPTIONS[] = {
    {"metrics", required_argument, NULL, 'm'},
    {"ratings", required_argument, NULL, OPT_RATINGS},
    {"baseline", required_argument, NULL, OPT_BASELINE},
    {"bootstrap", required_argument, NULL, OPT_BOOTSTRAP},
    {"per-user", required_argument, NULL, OPT_PER_USER},
    {"format", required_argument, NULL, OPT_FORMAT},
    {0},
};

static const char *const BASELINES[] = {"popularity", "random",
                                        NULL};                      /* bit 0, bit 1 */
static const char *const FORMATS[] = {"text", "tsv", "json", NULL}; /* as the enum */

static bool is_standard(const char *name)
{
    return name && name[0] == '-' && name[1] == '\0';
}

/* Open all models, or standard input where none is named. */
static mf_in **open_models(tool_io *io, char *const name[], size_t n,
                           const char *ratings)
{
    mf_err err = {0};
    mf_in **in = mf_new(n, sizeof(mf_in *));
    if (!in) {
        mf_nomem(&err);
        tool_die(io, &err);
    }
    size_t standard = is_standard(ratings);
    for (size_t i = 0; i < n; i++)
        if (is_standard(name[i]) && standard++)
            tool_misuse("standard input can be read only once");
    for (size_t i = 0; i < n; i++)
        in[i] = tool_open(io, name[i]);
    return in;
}

int main(int argc, char *argv[])
{
    mf_evaluate_params params = mf_evaluate_defaults();
    mf_evaluation_format format = MF_EVALUATION_TEXT;
    mf_evaluation result;
    const char *per_user = NULL, *ratings = NULL;
    static char standard[] = "-", *only[] = {standard};
    tool_io io;
    mf_err err = {0};
    tool_init(&io, "mf-eval", USAGE);
    for (int c; (c = tool_getopt(&io, argc, argv, OPTIONS)) != -1;)
        switch (c) {
        case 'm':
            if (mf_metrics_parse(&params.metrics, optarg, &err) < 0)
                tool_misuse("--metrics: %s", err.text);
            break;
        case OPT_RATINGS: ratings = optarg; break;
        case OPT_BASELINE:
            params.baselines |= 1u << tool_choice("--baseline", optarg, BASELINES);
            break;
        case OPT_BOOTSTRAP:
            params.replicates = (uint32_t)tool_count("--bootstrap", optarg, 0, 1000000);
            break;
        case OPT_PER_USER: per_user = optarg; break;
        case OPT_FORMAT:
            format = (mf_evaluation_format)tool_choice("--format", optarg, FORMATS);
            break;
        default: return TOOL_USAGE;
        }
    params.seed = io.seed;
    params.threads = io.threads;
    params.report = &io.report;
    size_t n = optind < argc ? (size_t)(argc - optind) : 1;
    mf_in **in = open_models(&io, optind < argc ? argv + optind : only, n, ratings);
    params.ratings = ratings ? tool_open(&io, ratings) : NULL;
    tool_open_output(&io, TOOL_TEXT);
    mf_out *users = per_user ? tool_create(&io, per_user) : NULL;
    if (mf_evaluate_run(&result, n, in, &params, &err) < 0 ||
        (users && mf_evaluation_write_users(&result, users, &err) < 0))
        tool_die(&io, &err);
    if (users)
        tool_close_created(&io, users);
    if (mf_evaluation_write(&result, format, io.out, &err) < 0)
        tool_die(&io, &err);
    mf_evaluation_free(&result);
    for (size_t i = 0; i < n; i++)
        mf_in_close(in[i]);
    mf_in_close(params.ratings);
    free(in);
    return tool_finish(&io);
}
