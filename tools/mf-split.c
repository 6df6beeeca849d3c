/* mf-split - mark training, validation, test and fold-in cells. */
#include "mf/split.h"
#include "tool.h"

static const char USAGE[] =
    "usage: mf-split [OPTION]... [BUNDLE]\n"
    "Mark each cell of a bundle as training, validation, test or fold-in.\n"
    "\n"
    "      --method=METHOD    what is held out: pairs, per-user, leave-out or users\n"
    "                         (default pairs)\n"
    "      --test AMOUNT      how much is test: a fraction (0.15, 15%) of the cells "
    "or\n"
    "                         users, 0 to 1, or a count (of cells of each user for\n"
    "                         leave-out, of users for users); default 0.15,\n"
    "                         for leave-out 1\n"
    "      --valid AMOUNT     the same for validation (default 0)\n"
    "      --fold-in FRACTION users: the known share of a held-out user's cells, at\n"
    "                         least 0 and below 1 (default 0.8)\n"
    "      --min-train N      training cells that every user keeps, 0 or more "
    "(default\n"
    "                         0 for pairs, else 1)\n"
    "      --folds K          cross-validation in K folds, 2 to 1024; pairs and users\n"
    "      --fold I           the fold that is test, 1 to K\n"
    "\n"
    "  -o, --output FILE      write to FILE, atomically (default standard output)\n"
    "  -j, --threads N        threads, 1 to 1024 (default all); the result is the "
    "same\n"
    "      --seed N           of the hashes that decide, 0 to 2^64 - 1 (default 1)\n"
    "  -q, --quiet            no notes, no progress\n"
    "  -v, --verbose          say how many cells each fold has, and what was dropped\n"
    "      --progress=WHEN    auto, always or never (default auto: on a terminal)\n"
    "  -f, --force            write a bundle even to a terminal\n"
    "  -h, --help             this text\n"
    "  -V, --version          the version\n"
    "\n"
    "Exit status: 0 done, 1 the input, the disk or the machine failed, 2 wrong "
    "usage.\n";

enum {
    OPT_METHOD = TOOL_OWN,
    OPT_TEST,
    OPT_VALID,
    OPT_FOLD_IN,
    OPT_MIN_TRAIN,
    OPT_FOLDS,
    OPT_FOLD
};

static const struct option LONG[] = {
    {"method", required_argument, NULL, OPT_METHOD},
    {"test", required_argument, NULL, OPT_TEST},
    {"valid", required_argument, NULL, OPT_VALID},
    {"fold-in", required_argument, NULL, OPT_FOLD_IN},
    {"min-train", required_argument, NULL, OPT_MIN_TRAIN},
    {"folds", required_argument, NULL, OPT_FOLDS},
    {"fold", required_argument, NULL, OPT_FOLD},
    {0},
};

static const char *const METHODS[] = {"pairs", "per-user", "leave-out", "users", NULL};

static mf_split_amount amount(const char *option, const char *text)
{
    tool_quantity q = tool_amount(option, text);
    return (mf_split_amount){q.fraction, q.value};
}

static double fraction(const char *option, const char *text)
{
    tool_quantity q = tool_amount(option, text);
    if (!q.fraction && q.value > 0)
        tool_misuse("%s: '%s' is not a fraction, like 0.8 or 80%%", option, text);
    return q.value;
}

int main(int argc, char *argv[])
{
    mf_split_params params = mf_split_defaults();
    tool_io io;
    tool_init(&io, "mf-split", USAGE);

    for (int c; (c = tool_getopt(&io, argc, argv, LONG)) != -1;)
        switch (c) {
        case OPT_METHOD:
            params.method = (mf_split_method)tool_choice("--method", optarg, METHODS);
            break;
        case OPT_TEST: params.test = amount("--test", optarg); break;
        case OPT_VALID: params.valid = amount("--valid", optarg); break;
        case OPT_FOLD_IN: params.fold_in = fraction("--fold-in", optarg); break;
        case OPT_MIN_TRAIN:
            params.min_train =
                (int64_t)tool_count("--min-train", optarg, 0, UINT32_MAX);
            break;
        case OPT_FOLDS:
            params.folds =
                (uint32_t)tool_count("--folds", optarg, 2, MF_SPLIT_FOLDS_MAX);
            break;
        case OPT_FOLD:
            params.fold = (uint32_t)tool_count("--fold", optarg, 1, MF_SPLIT_FOLDS_MAX);
            break;
        default: return TOOL_USAGE;
        }
    params.seed = io.seed;
    params.threads = io.threads;

    mf_err err = {0};
    if (mf_split_check(&params, &err) < 0)
        tool_misuse("%s", err.text);
    mf_in *in = tool_open(&io, tool_operand(argc, argv));
    tool_open_output(&io, TOOL_BINARY);
    if (mf_split_run(in, io.out, &params, &io.report, &err) < 0)
        tool_die(&io, &err);
    mf_in_close(in);
    return tool_finish(&io);
}
