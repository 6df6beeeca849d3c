/* mf-convert - other formats to bundles and back; joins bundles. */
#include <stdio.h>
#include <string.h>

#include "mf/convert.h"
#include "mf/ratings.h"
#include "tool.h"

enum {
    FROM = TOOL_OWN,
    TO,
    JOIN,
    HEADER,
    COLUMNS,
    SEPARATOR,
    DUPLICATES,
    ITEM_KEY,
    USER_NAMES,
    ITEM_NAMES,
    AS,
    NOTE,
    PART,
    FOLD
};

static const tool_option OPTIONS[] = {
    {NULL, NULL, 0, "One of these:"},
    {"from", "FORMAT", FROM,
     "tsv, csv, mtx, npz, inter, ndjson or lists (one of the three is needed)"},
    {"to", "FORMAT", TO, "the same, and npy: factors alone (likewise)"},
    {"join", NULL, JOIN, "bundles to one, or ratings and factors to a model"},
    {NULL, NULL, 0, "Reading and joining:"},
    {"duplicates", "RULE", DUPLICATES,
     "reading, joining: what becomes of cells of the same user and item: sum, last, "
     "first, max, mean or error (sum, and a warning says how many)"},
    {NULL, NULL, 0, "Reading and writing:"},
    {"header", NULL, HEADER,
     "tsv, csv: the first line, and that of files of names, names the columns; "
     "writing: put such a line"},
    {"separator", "TEXT", SEPARATOR,
     "tsv, csv, lists, read or written: what stands between fields: tab, space, "
     "whitespace or a text such as '::' (what the format has)"},
    {NULL, NULL, 0, "Reading:"},
    {"columns", "U,I[,V[,F[,T]]]", COLUMNS,
     "columns of user, item, value, fold and time, by number from 1 or by the header's "
     "names; V and F may be empty, without V each value is 1 (what the header names, "
     "else 1,2,3); ndjson: keys (user,item,value,fold,time)"},
    {"item-key", "RULE", ITEM_KEY,
     "which spellings name one item: exact, each its own, or fold, as msd-aggregate "
     "does (exact)"},
    {"user-names", "FILE", USER_NAMES,
     "names that become the ids: lines of id, TAB, name; for mtx and npz the name of "
     "each index, one a line (none)"},
    {"item-names", "FILE", ITEM_NAMES, "the same for items (none)"},
    {"as", "FOLD", AS,
     "the fold of all cells: train, valid, test or fold-in (what their lines say, else "
     "train)"},
    {"note", "TEXT", NOTE,
     "what people should know of the data: its source, its licence (none)"},
    {NULL, NULL, 0, "Writing:"},
    {"part", "PART", PART,
     "what to write: ratings, users, items, history, user-biases or item-biases "
     "(ratings)"},
    {"fold", "LIST", FOLD,
     "only cells of these folds, with commas between: train, valid, test, fold-in or 0 "
     "to 3; users and items stay (all)"},
    {0},
};

static const char *const READABLE[] = {"tsv",   "csv",    "mtx",   "npz",
                                       "inter", "ndjson", "lists", NULL};
static const char *const KEYS[] = {"exact", "fold", NULL};
static const char *const SEPARATORS[] = {"tab", "space", "whitespace", NULL};

static const tool_words WORDS[] = {
    {"from", READABLE},
    {"to", mf_format_names},
    {"duplicates", mf_duplicates_names},
    {"item-key", KEYS},
    {"as", mf_fold_names},
    {"part", mf_part_names},
    {"fold", mf_fold_names},
    {"separator", SEPARATORS},
    {0},
};

static const tool_about ABOUT = {
    .name = "mf-convert",
    .usage = "mf-convert --from=FORMAT [OPTION]... [FILE]\n"
             "       mf-convert --to=FORMAT [OPTION]... [BUNDLE]\n"
             "       mf-convert --join [OPTION]... BUNDLE...",
    .purpose = "Make a bundle of another format, another format of a bundle, or one "
               "bundle of several. FILE and BUNDLE are standard input by default. See "
               "mf-convert(1) for the formats and for what each of them loses.",
    .options = OPTIONS,
    .words = WORDS,
    .verbose = "note how many cells were read or bundles joined",
    .one_thread = true,
};

/* The ways to use the tool, as bits; options of one are wrong in another. */
enum { READS = 1, WRITES = 2, JOINS = 4 };

static int read_format(tool_io *io, const mf_convert_from_params *params,
                       const char *path, const char *const names[2])
{
    mf_convert_input input = {0};
    mf_err err = {0};
    if (mf_convert_from_check(params, &err) < 0)
        tool_misuse("%s", err.text);
    int from_stdin = tool_is_standard(path);
    for (int axis = 0; axis < 2; axis++)
        from_stdin += tool_is_standard(names[axis]);
    if (from_stdin > 1)
        tool_misuse("only one file can be standard input");
    for (int axis = 0; axis < 2; axis++)
        if (names[axis] && !*names[axis])
            tool_misuse("%s: the name of a file is empty",
                        axis == 0 ? "--user-names" : "--item-names");
    for (int axis = 0; axis < 2; axis++)
        if (names[axis])
            input.names[axis] = tool_open_text(io, names[axis]);
    if (mf_convert_from_binary(params))
        input.binary = tool_open(io, path);
    else
        input.text = tool_open_text(io, path);
    tool_open_output(io, TOOL_BINARY);
    if (mf_convert_from_run(&input, io->out, params, &io->report, &err) < 0)
        tool_die(io, &err);
    mf_lines_close(input.text);
    mf_in_close(input.binary);
    mf_lines_close(input.names[0]);
    mf_lines_close(input.names[1]);
    return tool_finish(io);
}

static int write_format(tool_io *io, const mf_convert_to_params *params,
                        const char *path)
{
    mf_err err = {0};
    if (mf_convert_to_check(params, &err) < 0)
        tool_misuse("%s", err.text);
    mf_in *in = tool_open(io, path);
    tool_open_output(io, mf_convert_to_binary(params) ? TOOL_BINARY : TOOL_TEXT);
    if (mf_convert_to_run(in, io->out, params, &io->report, &err) < 0)
        tool_die(io, &err);
    mf_in_close(in);
    return tool_finish(io);
}

/* `rule` NULL: none was chosen. */
static int join(tool_io *io, const mf_duplicates *rule, char *const paths[])
{
    mf_err err = {0};
    mf_join *all;
    if (!*paths)
        tool_misuse("--join: no bundles are named");
    tool_open_output(io, TOOL_BINARY);
    if (mf_join_open(&all, &err) < 0)
        tool_die(io, &err);
    if (rule)
        mf_join_duplicates(all, *rule);
    for (; *paths; paths++) {
        mf_in *in = tool_open(io, *paths);
        if (mf_join_put(all, in, &err) < 0)
            tool_die(io, &err);
        mf_in_close(in);
    }
    if (mf_join_finish(all, io->out, &io->report, &err) < 0)
        tool_die(io, &err);
    mf_join_close(all);
    return tool_finish(io);
}

/* A format; those that are only written say so themselves. */
static mf_format read_from(const char *text)
{
    const char *readable[MF_FORMATS + 1];
    int n = 0;
    for (int i = 0; i < MF_FORMATS; i++) {
        const mf_convert_from_params params = {.format = (mf_format)i};
        if (strcmp(text, mf_format_names[i]) == 0)
            return (mf_format)i;
        if (mf_convert_from_check(&params, NULL) == MF_OK)
            readable[n++] = mf_format_names[i];
    }
    readable[n] = NULL;
    tool_none_of("--from", text, readable);
}

/* The folds of a list, as bits. */
static unsigned read_folds(const char *list)
{
    static const char *const names[] = {"train", "valid", "test", "fold-in", "0",
                                        "1",     "2",     "3",    NULL};
    unsigned folds = 0;
    for (const char *at = list, *end;; at = end + 1) {
        char one[16];
        end = strchrnul(at, ',');
        snprintf(one, sizeof one, "%.*s", (int)(end - at < 15 ? end - at : 15), at);
        folds |= 1u << tool_choice("--fold", one, names) % MF_FOLDS;
        if (!*end)
            return folds;
    }
}

int main(int argc, char *argv[])
{
    mf_duplicates duplicates = MF_DUPLICATES_SUM;
    mf_convert_from_params from = mf_convert_from_defaults();
    mf_convert_to_params to = mf_convert_to_defaults();
    const char *names[2] = {NULL, NULL};
    int way = 0, given = 0;
    bool chosen = false;
    tool_io io;

    tool_init(&io, &ABOUT);
    for (int c; (c = tool_getopt(&io, argc, argv)) != -1;)
        switch (c) {
        case FROM:
            from.format = read_from(optarg);
            way |= READS;
            break;
        case TO:
            to.format = (mf_format)tool_choice("--to", optarg, mf_format_names);
            way |= WRITES;
            break;
        case JOIN: way |= JOINS; break;
        case HEADER: from.header = to.header = true; break;
        case COLUMNS:
            from.columns = optarg;
            given |= READS;
            break;
        case SEPARATOR: from.separator = to.separator = optarg; break;
        case DUPLICATES:
            duplicates =
                (mf_duplicates)tool_choice("--duplicates", optarg, mf_duplicates_names);
            chosen = true;
            break;
        case ITEM_KEY:
            from.fold_items = tool_choice("--item-key", optarg, KEYS) == 1;
            given |= READS;
            break;
        case USER_NAMES:
        case ITEM_NAMES:
            names[c == ITEM_NAMES] = optarg;
            given |= READS;
            break;
        case AS:
            from.as = 1 + tool_choice("--as", optarg, mf_fold_names);
            given |= READS;
            break;
        case NOTE: from.note = optarg; break;
        case PART:
            to.part = (mf_part)tool_choice("--part", optarg, mf_part_names);
            given |= WRITES;
            break;
        case FOLD:
            to.folds = read_folds(optarg);
            given |= WRITES;
            break;
        default: return TOOL_USAGE;
        }
    if (way != READS && way != WRITES && way != JOINS)
        tool_misuse(
            "say one of --from=FORMAT, --to=FORMAT and --join, such as --from=csv "
            "--header for a table whose first line names its columns");
    if (given & ~way || ((from.header || from.separator) && way == JOINS) ||
        (chosen && way == WRITES))
        tool_misuse(
            "--columns, --item-key, --user-names, --item-names and --as go with "
            "--from, "
            "--part and --fold with --to, --header and --separator with either, "
            "--duplicates with --from and --join");
    if (from.note && way != READS)
        tool_misuse("--note: goes with --from");
    from.duplicates = duplicates;
    from.duplicates_chosen = chosen;
    if (way == JOINS)
        return join(&io, chosen ? &duplicates : NULL, argv + optind);
    const char *path = tool_operand(argc, argv);
    return way == READS ? read_format(&io, &from, path, names)
                        : write_format(&io, &to, path);
}
