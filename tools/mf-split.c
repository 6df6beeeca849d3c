/* mf-split - mark training, validation, test and fold-in cells. */
#include "mf/split.h"
#include "tool.h"

enum {
    OPT_METHOD = TOOL_OWN,
    OPT_TEST,
    OPT_VALID,
    OPT_FOLD_IN,
    OPT_MIN_TRAIN,
    OPT_FOLDS,
    OPT_FOLD,
    OPT_AT,
    OPT_VALID_AT
};

static const tool_option OPTIONS[] = {
    {NULL, NULL, 0, "What is held out:"},
    {"method", "METHOD", OPT_METHOD,
     "what is held out: pairs, per-user, leave-out, users, last or before (pairs)"},
    {"test", "AMOUNT", OPT_TEST,
     "how much is test: a fraction (0.15, 15%) of the cells or users, 0 to 1, or a "
     "count, of cells of each user for leave-out and last, of users for users (0.15; "
     "leave-out and last 1)"},
    {"valid", "AMOUNT", OPT_VALID, "the same for validation (0)"},
    {"fold-in", "FRACTION", OPT_FOLD_IN,
     "users: the known share of a held-out user's cells, at least 0 and below 1 (0.8)"},
    {"min-train", "N", OPT_MIN_TRAIN,
     "training cells that every user keeps, 0 or more (pairs and before 0, else 1)"},
    {NULL, NULL, 0, "Cross-validation:"},
    {"folds", "K", OPT_FOLDS,
     "cross-validation in K folds, 2 to 1024; pairs and users (none)"},
    {"fold", "I", OPT_FOLD, "the fold that is test, 1 to K; goes with --folds (none)"},
    {NULL, NULL, 0, "By time:"},
    {"at", "TIME", OPT_AT,
     "before: cells at or after TIME are test; seconds since 1970, or a date like "
     "2009-12-31 or 2009-12-31T23:59:59Z (needed there)"},
    {"valid-at", "TIME", OPT_VALID_AT,
     "before: cells at or after this earlier TIME are validation (none)"},
    {0},
};

static const tool_words WORDS[] = {
    {"method", mf_split_method_names},
    {0},
};

static const tool_about ABOUT = {
    .name = "mf-split",
    .usage = "mf-split [OPTION]... [BUNDLE]",
    .purpose = "Mark each cell of a bundle (standard input by default) as training, "
               "validation, test or fold-in.",
    .options = OPTIONS,
    .words = WORDS,
    .seeded = "the hashes that decide",
    .verbose = "note how many cells each fold has, and what was dropped",
};

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
    tool_init(&io, &ABOUT);

    for (int c; (c = tool_getopt(&io, argc, argv)) != -1;)
        switch (c) {
        case OPT_METHOD:
            params.method =
                (mf_split_method)tool_choice("--method", optarg, mf_split_method_names);
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
        case OPT_AT:
            params.has_at = true;
            params.at = tool_time("--at", optarg);
            break;
        case OPT_VALID_AT:
            params.has_valid_at = true;
            params.valid_at = tool_time("--valid-at", optarg);
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
