/* mf-filter - keep some cells of a bundle. */
#include "mf/filter.h"
#include "tool.h"

enum {
    OPT_MIN_ITEMS = TOOL_OWN,
    OPT_MIN_USERS,
    OPT_CORE,
    OPT_VALUE,
    OPT_USERS,
    OPT_ITEMS,
    OPT_NOT_USERS,
    OPT_NOT_ITEMS,
    OPT_SINCE,
    OPT_UNTIL,
    OPT_SHARD,
    OPT_KEEP_EMPTY
};

static const tool_option OPTIONS[] = {
    {NULL, NULL, 0, "Cells, each by itself:"},
    {"value", "COND", OPT_VALUE,
     "keep cells whose value is >=N, <=N, >N, <N, =N or !=N; up to 4 times, all hold; "
     "as in '>=4' (all)"},
    {"users", "FILE", OPT_USERS, "keep cells of these users alone, an id a line (all)"},
    {"items", "FILE", OPT_ITEMS, "the same for items (all)"},
    {"not-users", "FILE", OPT_NOT_USERS, "drop cells of these users (none)"},
    {"not-items", "FILE", OPT_NOT_ITEMS, "the same for items (none)"},
    {"since", "TIME", OPT_SINCE,
     "keep cells at or after TIME: seconds since 1970, or a date like 2009-12-31 or "
     "2009-12-31T23:59:59Z (all)"},
    {"until", "TIME", OPT_UNTIL, "keep cells before TIME (all)"},
    {NULL, NULL, 0, "By how many are left:"},
    {"min-items", "N", OPT_MIN_ITEMS,
     "drop users with fewer than N items, 1 or more (1)"},
    {"min-users", "N", OPT_MIN_USERS,
     "drop items with fewer than N users, 1 or more (1)"},
    {"core", NULL, OPT_CORE,
     "repeat both until they hold together; else items go first, then users"},
    {NULL, NULL, 0, "Of what is left:"},
    {"shard", "I/N", OPT_SHARD,
     "users of shard I of N alone, by a hash of the id, as in 1/4 (1/1)"},
    {"keep-empty", NULL, OPT_KEEP_EMPTY,
     "keep users and items that are left without a cell"},
    {0},
};

static const int REPEATS[] = {OPT_VALUE, 0};

static const tool_about ABOUT = {
    .name = "mf-filter",
    .usage = "mf-filter [OPTION]... [BUNDLE]",
    .purpose =
        "Keep some cells of a bundle (standard input by default): first each by "
        "itself, by its user, item, value and time, then by how many are left of "
        "a user and of an item.",
    .options = OPTIONS,
    .repeats = REPEATS,
    .one_thread = true,
    .verbose = "note how many cells are left, and what was dropped",
};

typedef struct names {
    const char *users, *items, *not_users, *not_items;
} names;

static void add_condition(mf_filter_params *params, const char *text)
{
    mf_err err = {0};
    if (params->conditions == MF_FILTER_CONDITIONS)
        tool_misuse("--value: more than %d conditions", MF_FILTER_CONDITIONS);
    if (mf_condition_parse(&params->condition[params->conditions++], text, &err) < 0)
        tool_misuse("--value: %s", err.text);
}

/* Open the lists; the bundle may be standard input too. */
static mf_filter_lists open_lists(tool_io *io, const names *n, const char *bundle)
{
    static const char *const option[] = {"--users", "--items", "--not-users",
                                         "--not-items"};
    const char *const name[] = {n->users, n->items, n->not_users, n->not_items};
    mf_lines *lines[4];
    tool_name(io, NULL, bundle, TOOL_READS);
    for (int i = 0; i < 4; i++)
        tool_name(io, option[i], name[i], TOOL_READS);
    tool_compare(io);
    for (int i = 0; i < 4; i++)
        lines[i] = name[i] ? tool_open_text(io, name[i]) : NULL;
    return (mf_filter_lists){lines[0], lines[1], lines[2], lines[3]};
}

int main(int argc, char *argv[])
{
    mf_filter_params params = mf_filter_defaults();
    names list = {0};
    tool_io io;
    tool_init(&io, &ABOUT);

    for (int c; (c = tool_getopt(&io, argc, argv)) != -1;)
        switch (c) {
        case OPT_MIN_ITEMS:
            params.min_items =
                (uint32_t)tool_count("--min-items", optarg, 1, UINT32_MAX);
            break;
        case OPT_MIN_USERS:
            params.min_users =
                (uint32_t)tool_count("--min-users", optarg, 1, UINT32_MAX);
            break;
        case OPT_CORE: params.core = true; break;
        case OPT_VALUE: add_condition(&params, optarg); break;
        case OPT_USERS: list.users = optarg; break;
        case OPT_ITEMS: list.items = optarg; break;
        case OPT_NOT_USERS: list.not_users = optarg; break;
        case OPT_NOT_ITEMS: list.not_items = optarg; break;
        case OPT_SINCE:
            params.has_since = true;
            params.since = tool_time("--since", optarg);
            break;
        case OPT_UNTIL:
            params.has_until = true;
            params.until = tool_time("--until", optarg);
            break;
        case OPT_SHARD:
            tool_shard("--shard", optarg, &params.shard, &params.shards);
            break;
        case OPT_KEEP_EMPTY: params.keep_empty = true; break;
        default: return TOOL_USAGE;
        }

    mf_err err = {0};
    if (mf_filter_check(&params, &err) < 0)
        tool_misuse("%s", err.text);
    const char *bundle = tool_operand(argc, argv);
    mf_filter_lists lists = open_lists(&io, &list, bundle);
    mf_in *in = tool_open(&io, bundle);
    tool_open_output(&io, TOOL_BINARY);
    if (mf_filter_run(in, io.out, &params, &lists, &io.report, &err) < 0)
        tool_die(&io, &err);
    mf_in_close(in);
    mf_lines_close(lists.users);
    mf_lines_close(lists.items);
    mf_lines_close(lists.not_users);
    mf_lines_close(lists.not_items);
    return tool_finish(&io);
}
