/* mf-score - what a model says of given users and items. */
#include "mf/bundle.h"
#include "mf/score.h"
#include "tool.h"

enum { OPT_PERSONA = TOOL_OWN, OPT_HEADER, OPT_SKIP_UNKNOWN, OPT_NO_FALLBACK };

static const tool_option OPTIONS[] = {
    {"persona", "Q", OPT_PERSONA,
     "what the user's persona Q alone would say, 1 to 64 (all)"},
    {"header", NULL, OPT_HEADER, "the first line names the columns"},
    {"skip-unknown", NULL, OPT_SKIP_UNKNOWN,
     "leave out lines of users and items that are not in the model, with a warning"},
    {"no-fallback", NULL, OPT_NO_FALLBACK,
     "score 0 for users of whom the model knows nothing (how many listeners the item "
     "has)"},
    {0},
};

static const tool_about ABOUT = {
    .name = "mf-score",
    .usage = "mf-score [OPTION]... MODEL [PAIRS]",
    .purpose = "Write what a model says of each pair of a user and an item: lines of "
               "user, TAB and item (standard input by default), whatever else stands "
               "behind, get its score and the persona that gives it.",
    .options = OPTIONS,
    .verbose = "note how many users are folded in",
    .text = true,
};

int main(int argc, char *argv[])
{
    mf_score_params params = mf_score_defaults();
    tool_io io;
    mf_err err = {0};
    tool_init(&io, &ABOUT);
    for (int c; (c = tool_getopt(&io, argc, argv)) != -1;)
        switch (c) {
        case OPT_PERSONA:
            params.persona =
                (uint32_t)tool_count("--persona", optarg, 1, MF_PERSONAS_MAX);
            break;
        case OPT_HEADER: params.header = true; break;
        case OPT_SKIP_UNKNOWN: params.skip_unknown = true; break;
        case OPT_NO_FALLBACK: params.no_fallback = true; break;
        default: return TOOL_USAGE;
        }
    params.threads = io.threads;
    params.report = &io.report;
    if (mf_score_check(&params, &err) < 0)
        tool_misuse("%s", err.text);
    if (optind == argc)
        tool_misuse("no MODEL; say mf-score MODEL, with pairs on standard input, or "
                    "mf-score MODEL PAIRS");
    if (argc - optind > 2)
        tool_misuse("'%s': a model and a file of pairs are enough", argv[optind + 2]);
    const char *model = argv[optind],
               *pairs = optind + 1 < argc ? argv[optind + 1] : "-";
    tool_name(&io, NULL, model, TOOL_READS);
    tool_name(&io, NULL, pairs, TOOL_READS);
    tool_compare(&io);
    mf_in *in = tool_open(&io, model), *lines = tool_open(&io, pairs);
    tool_open_output(&io, TOOL_TEXT);
    if (mf_score_run(in, lines, io.out, &params, &err) < 0)
        tool_die(&io, &err);
    mf_in_close(in);
    mf_in_close(lines);
    return tool_finish(&io);
}
