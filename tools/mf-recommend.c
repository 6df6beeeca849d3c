/* mf-recommend - the best items for users. */
#include <stdlib.h>
#include <string.h>

#include "mf/bundle.h"
#include "mf/recommend.h"
#include "tool.h"

enum {
    OPT_USER = TOOL_OWN,
    OPT_USER_LIST,
    OPT_SHARD,
    OPT_HISTORY,
    OPT_HISTORIES,
    OPT_SIMILAR,
    OPT_SKIP_UNKNOWN,
    OPT_NO_FALLBACK,
    OPT_PERSONA,
    OPT_INCLUDE_SEEN,
    OPT_ITEMS,
    OPT_EXCLUDE,
    OPT_EXPLAIN,
    OPT_RARITY,
    OPT_DIVERSIFY,
    OPT_FORMAT
};

static const tool_option OPTIONS[] = {
    {NULL, NULL, 0, "Whose lists:"},
    {"user", "ID", OPT_USER, "this user; may be given again (all users)"},
    {"user-list", "FILE", OPT_USER_LIST,
     "the users of FILE, one id a line, after those of --user (all)"},
    {"shard", "I/N", OPT_SHARD,
     "of these, the I-th of N parts, as they stand, as in 1/4 (1/1)"},
    {"history", "FILE", OPT_HISTORY,
     "a new user: lines of an item, as people type it, and after a TAB a value, else 1 "
     "(none)"},
    {"histories", "FILE", OPT_HISTORIES,
     "many new users: lines of a user, TAB, an item and after a TAB a value, else 1 "
     "(none)"},
    {"similar", "ITEM", OPT_SIMILAR,
     "no user's: the items most like this one; may be given again (none)"},
    {"skip-unknown", NULL, OPT_SKIP_UNKNOWN,
     "leave out users and items that are not in the model, with a warning"},
    {"no-fallback", NULL, OPT_NO_FALLBACK,
     "list nothing for users of whom the model knows nothing (what is popular)"},
    {NULL, NULL, 0, "What is listed:"},
    {"top", "N", 'N', "items for a user, 1 to 1000000 (10)"},
    {"persona", "Q", OPT_PERSONA,
     "what the user's persona Q alone would say, 1 to 64 (all)"},
    {"include-seen", NULL, OPT_INCLUDE_SEEN, "do not leave out what the user knows"},
    {"items", "FILE", OPT_ITEMS, "items of FILE alone, one a line (all)"},
    {"exclude", "FILE", OPT_EXCLUDE, "never those of FILE (none)"},
    {NULL, NULL, 0, "How it is chosen:"},
    {"rarity", "G", OPT_RARITY,
     "temper scores by (share of listeners)^-G, -2 to 2: above 0 for the rare, below "
     "for the well-known (0)"},
    {"diversify", "HOW", OPT_DIVERSIFY,
     "none: by score; mmr:L, 0 to 1: also unlike the items above, the more the smaller "
     "L; or personas[:L]: say something of all of the history, likewise; L is 0.4; "
     "such as mmr:.9 "
     "(none)"},
    {NULL, NULL, 0, "Output:"},
    {"explain", NULL, OPT_EXPLAIN,
     "who the user is, and what speaks for each item: the cells of the history that "
     "add most to its score"},
    {"format", "FORMAT", OPT_FORMAT,
     "tsv: lines of user, rank, item, score and persona; json: an object for each "
     "user; trec: a TREC run; csv: a header, then as tsv, quoted as RFC 4180 has it "
     "(tsv)"},
    {0},
};

static const int REPEATS[] = {OPT_USER, OPT_SIMILAR, 0};

/* As the enum; mmr has its L, personas may have one. */
static const char *const DIVERSIFY[] = {"none", "mmr:L", "personas", "personas:L",
                                        NULL};

static const tool_words WORDS[] = {
    {"diversify", DIVERSIFY},
    {"format", mf_recommend_format_names},
    {0},
};

static const tool_about ABOUT = {
    .name = "mf-recommend",
    .usage = "mf-recommend [OPTION]... [MODEL]",
    .purpose = "Write the items that a model (standard input by default) scores "
               "highest for each user, without those of the user's training, "
               "validation and fold-in cells.",
    .options = OPTIONS,
    .words = WORDS,
    .repeats = REPEATS,
    .verbose = "note how many users are folded in, and what names are taken for",
    .text = true,
};

static void read_diversify(mf_recommend_params *params, const char *text)
{
    if (strncmp(text, "mmr:", 4) == 0) {
        params->diversify = MF_DIVERSIFY_MMR;
        params->relevance = tool_real("--diversify=mmr", text + 4, 0, 1);
        return;
    }
    if (strncmp(text, "personas:", 9) == 0) {
        params->diversify = MF_DIVERSIFY_PERSONAS;
        params->relevance = tool_real("--diversify=personas", text + 9, 0, 1);
    } else
        params->diversify =
            (mf_recommend_diversify)tool_choice("--diversify", text, DIVERSIFY);
}

/* Text files that options name. */
enum { USER_LIST, HISTORY, HISTORIES, ITEMS, EXCLUDE, FILES };

/* Open the files that are named; the model is opened later. */
static void open_files(tool_io *io, const char *const name[FILES],
                       mf_lines *lines[FILES], const char *model)
{
    static const char *const option[FILES] = {"--user-list", "--history", "--histories",
                                              "--items", "--exclude"};
    tool_name(io, NULL, model, TOOL_READS);
    for (int i = 0; i < FILES; i++)
        tool_name(io, option[i], name[i], TOOL_READS);
    tool_compare(io);
    for (int i = 0; i < FILES; i++)
        lines[i] = name[i] ? tool_open_text(io, name[i]) : NULL;
}

int main(int argc, char *argv[])
{
    mf_recommend_params params = mf_recommend_defaults();
    const char *name[FILES] = {0};
    mf_lines *lines[FILES];
    tool_io io;
    mf_err err = {0};
    tool_init(&io, &ABOUT);
    const char **user = tool_array(&io, (size_t)argc, sizeof(const char *)),
               **similar = tool_array(&io, (size_t)argc, sizeof(const char *));
    params.user = user;
    params.similar = similar;
    for (int c; (c = tool_getopt(&io, argc, argv)) != -1;)
        switch (c) {
        case 'N':
            params.top = (uint32_t)tool_count("--top", optarg, 1, MF_RECOMMEND_TOP_MAX);
            break;
        case OPT_USER: user[params.users++] = optarg; break;
        case OPT_USER_LIST: name[USER_LIST] = optarg; break;
        case OPT_SHARD:
            tool_shard("--shard", optarg, &params.shard, &params.shards);
            break;
        case OPT_HISTORY: name[HISTORY] = params.history_name = optarg; break;
        case OPT_HISTORIES: name[HISTORIES] = optarg; break;
        case OPT_SIMILAR: similar[params.similars++] = optarg; break;
        case OPT_SKIP_UNKNOWN: params.skip_unknown = true; break;
        case OPT_NO_FALLBACK: params.no_fallback = true; break;
        case OPT_PERSONA:
            params.persona =
                (uint32_t)tool_count("--persona", optarg, 1, MF_PERSONAS_MAX);
            break;
        case OPT_INCLUDE_SEEN: params.include_seen = true; break;
        case OPT_ITEMS: name[ITEMS] = optarg; break;
        case OPT_EXCLUDE: name[EXCLUDE] = optarg; break;
        case OPT_EXPLAIN: params.explain = true; break;
        case OPT_RARITY:
            params.rarity = tool_real("--rarity", optarg, -MF_RECOMMEND_RARITY_MAX,
                                      MF_RECOMMEND_RARITY_MAX);
            break;
        case OPT_DIVERSIFY: read_diversify(&params, optarg); break;
        case OPT_FORMAT:
            params.format = (mf_recommend_format)tool_choice("--format", optarg,
                                                             mf_recommend_format_names);
            break;
        default: return TOOL_USAGE;
        }
    params.threads = io.threads;
    params.report = &io.report;
    const char *model = tool_operand(argc, argv);
    open_files(&io, name, lines, model);
    params.user_list = lines[USER_LIST];
    params.history = lines[HISTORY];
    params.histories = lines[HISTORIES];
    params.candidates = lines[ITEMS];
    params.excluded = lines[EXCLUDE];
    if (mf_recommend_check(&params, &err) < 0)
        tool_misuse("%s", err.text);
    mf_in *in = tool_open(&io, model);
    tool_open_output(&io, TOOL_TEXT);
    if (mf_recommend_run(in, io.out, &params, &err) < 0)
        tool_die(&io, &err);
    for (int i = 0; i < FILES; i++)
        mf_lines_close(lines[i]);
    mf_in_close(in);
    free(user);
    free(similar);
    return tool_finish(&io);
}
