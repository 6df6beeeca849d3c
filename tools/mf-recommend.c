/* mf-recommend - the best items for users. */
#include <stdlib.h>
#include <string.h>

#include "mf/mem.h"
#include "mf/rarity.h"
#include "mf/recommend.h"
#include "tool.h"

static const char USAGE[] =
    "usage: mf-recommend [OPTION]... [MODEL]\n"
    "Write the items that a model (standard input by default) scores highest for each "
    "user,\n"
    "without those of the user's training, validation and fold-in cells.\n"
    "\n"
    "  -N, --top=N             items for a user, 1 to 1000000 (10)\n"
    "      --user=ID           this user; may be given again (all users)\n"
    "      --user-list=FILE    the users of FILE, one id a line, after those of "
    "--user\n"
    "      --include-seen      do not leave out what the user knows\n"
    "      --explain           who the user is, and what speaks for each item: the "
    "cells\n"
    "                          of the history that add most to its score\n"
    "      --rarity=G          temper scores by (share of listeners)^-G, -2 to 2: "
    "above 0\n"
    "                          for the rare, below for the well-known (0)\n"
    "      --diversify=HOW     none: by score; mmr:L, 0 to 1: also unlike what stands\n"
    "                          above, the more the smaller L; or personas: they take\n"
    "                          turns by their weight (none)\n"
    "      --format=FORMAT     tsv: lines of user, rank, item, score and persona; or\n"
    "                          json: an object for each user (tsv)\n"
    "  -o, --output=FILE       write to FILE, at once and only if all went well\n"
    "  -j, --threads=N         threads, 1 to 1024 (all); never changes the result\n"
    "      --seed=N            no effect: nothing is drawn\n"
    "  -q, --quiet             no progress, no notes\n"
    "  -v, --verbose           say how many users the model knows nothing of\n"
    "      --progress=WHEN     auto, always or never (auto: on a terminal)\n"
    "  -f, --force             no effect: the output is text\n"
    "  -h, --help              print this and exit\n"
    "  -V, --version           print the version and exit\n"
    "\n"
    "Exit status: 0 done, 1 the input, the disk or the machine failed, 2 wrong "
    "usage.\n";

enum {
    OPT_USER = TOOL_OWN,
    OPT_USER_LIST,
    OPT_INCLUDE_SEEN,
    OPT_FORMAT,
    OPT_EXPLAIN,
    OPT_RARITY,
    OPT_DIVERSIFY
};

static const struct option OPTIONS[] = {
    {"top", required_argument, NULL, 'N'},
    {"user", required_argument, NULL, OPT_USER},
    {"user-list", required_argument, NULL, OPT_USER_LIST},
    {"include-seen", no_argument, NULL, OPT_INCLUDE_SEEN},
    {"explain", no_argument, NULL, OPT_EXPLAIN},
    {"rarity", required_argument, NULL, OPT_RARITY},
    {"diversify", required_argument, NULL, OPT_DIVERSIFY},
    {"format", required_argument, NULL, OPT_FORMAT},
    {0},
};

static const char *const FORMATS[] = {"tsv", "json", NULL}; /* as the enum */
/* As the enum; mmr has its L. */
static const char *const DIVERSIFY[] = {"none", "mmr:L", "personas", NULL};

static void read_diversify(mf_recommend_params *params, const char *text)
{
    if (strncmp(text, "mmr:", 4) == 0) {
        params->diversify = MF_DIVERSIFY_MMR;
        params->relevance = tool_real("--diversify=mmr", text + 4, 0, 1);
    } else
        params->diversify =
            (mf_recommend_diversify)tool_choice("--diversify", text, DIVERSIFY);
}

int main(int argc, char *argv[])
{
    mf_recommend_params params = mf_recommend_defaults();
    const char *list_name = NULL;
    tool_io io;
    mf_err err = {0};
    tool_init(&io, "mf-recommend", USAGE);
    const char **user = mf_new((size_t)argc, sizeof *user);
    if (!user) {
        mf_nomem(&err);
        tool_die(&io, &err);
    }
    params.user = user;
    for (int c; (c = tool_getopt(&io, argc, argv, OPTIONS)) != -1;)
        switch (c) {
        case 'N':
            params.top = (uint32_t)tool_count("--top", optarg, 1, MF_RECOMMEND_TOP_MAX);
            break;
        case OPT_USER: user[params.users++] = optarg; break;
        case OPT_USER_LIST: list_name = optarg; break;
        case OPT_INCLUDE_SEEN: params.include_seen = true; break;
        case OPT_EXPLAIN: params.explain = true; break;
        case OPT_RARITY:
            params.rarity =
                tool_real("--rarity", optarg, -MF_RARITY_MAX, MF_RARITY_MAX);
            break;
        case OPT_DIVERSIFY: read_diversify(&params, optarg); break;
        case OPT_FORMAT:
            params.format =
                (mf_recommend_format)tool_choice("--format", optarg, FORMATS);
            break;
        default: return TOOL_USAGE;
        }
    params.threads = io.threads;
    params.report = &io.report;
    const char *model = tool_operand(argc, argv);
    if (list_name && strcmp(list_name, "-") == 0 && strcmp(model, "-") == 0)
        tool_misuse("standard input can be read only once");
    mf_in *in = tool_open(&io, model);
    params.user_list = list_name ? tool_open_text(&io, list_name) : NULL;
    tool_open_output(&io, TOOL_TEXT);
    if (mf_recommend_run(in, io.out, &params, &err) < 0)
        tool_die(&io, &err);
    mf_lines_close(params.user_list);
    mf_in_close(in);
    free(user);
    return tool_finish(&io);
}
