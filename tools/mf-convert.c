#include <string.h>

#include "mf/convert.h"
#include "tool.h"

static const char USAGE[] =
    "usage: mf-convert --from=FORMAT [options] [FILE]      another format to a bundle\n"
    "       mf-convert --to=FORMAT [options] [BUNDLE]      a bundle to another format\n"
    "       mf-convert --join BUNDLE...                    bundles to one\n"
    "\n"
    "  --from=FORMAT        tsv, csv, mtx, npz, inter or ndjson\n"
    "  --to=FORMAT          the same, and npy: factors alone\n"
    "  --join               shards to the whole, or ratings and factors to a model\n"
    "reading:\n"
    "  --header             tsv, csv: the first line, and that of files of names, "
    "names\n"
    "                       the columns; writing: put such a line\n"
    "  --columns=U,I[,V[,F]]  columns of user, item, value and fold, by number from 1 "
    "or\n"
    "                       by the header's names; without V each value is 1 [1,2,3];\n"
    "                       ndjson: keys [user,item,value,fold]\n"
    "  --duplicates=sum|error  lines that name the same user and item [sum]\n"
    "  --user-names=FILE    names that become the ids: lines of id, TAB, name; for "
    "mtx\n"
    "  --item-names=FILE    and npz the name of each index, one a line\n"
    "  --note=TEXT          what people should know of the data: its source, its "
    "licence\n"
    "writing:\n"
    "  --part=ratings|users|items|history|user-biases|item-biases\n"
    "                                      what to write [ratings]\n"
    "\n"
    "  -o, --output=FILE    write FILE, atomically [standard output]\n"
    "  -j, --threads=N      accepted for uniformity; one thread is used\n"
    "  --seed=N             accepted for uniformity; nothing is random\n"
    "  -q, --quiet          no progress, no notes\n"
    "  -v, --verbose        notes on standard error\n"
    "  --progress=auto|always|never  on standard error [auto: on a terminal]\n"
    "  -f, --force          write a binary stream to a terminal\n"
    "  -h, --help; -V, --version\n"
    "\n"
    "Exit status: 0 done, 1 the input, the disk or the machine failed, 2 wrong usage.\n"
    "See mf-convert(1) for the formats and for what each of them loses.\n";

enum {
    FROM = TOOL_OWN,
    TO,
    JOIN,
    HEADER,
    COLUMNS,
    DUPLICATES,
    USER_NAMES,
    ITEM_NAMES,
    NOTE,
    PART
};

static const struct option LONG[] = {
    {"from", required_argument, NULL, FROM},
    {"to", required_argument, NULL, TO},
    {"join", no_argument, NULL, JOIN},
    {"header", no_argument, NULL, HEADER},
    {"columns", required_argument, NULL, COLUMNS},
    {"duplicates", required_argument, NULL, DUPLICATES},
    {"user-names", required_argument, NULL, USER_NAMES},
    {"item-names", required_argument, NULL, ITEM_NAMES},
    {"note", required_argument, NULL, NOTE},
    {"part", required_argument, NULL, PART},
    {0},
};

/* Which options were given, as bits: those of one way are wrong on another. */
enum { READS = 1, WRITES = 2, JOINS = 4 };

static int read_format(tool_io *io, const mf_convert_from_params *params,
                       const char *path, const char *const names[2])
{
    mf_convert_input input = {0};
    mf_err err = {0};
    if (mf_convert_from_check(params, &err) < 0)
        tool_misuse("%s", err.text);
    int from_stdin = strcmp(path, "-") == 0;
    for (int axis = 0; axis < 2; axis++)
        from_stdin += names[axis] && strcmp(names[axis], "-") == 0;
    if (from_stdin > 1)
        tool_misuse("only one file can be standard input");
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
    if (mf_convert_to_run(in, io->out, params, &err) < 0)
        tool_die(io, &err);
    mf_in_close(in);
    return tool_finish(io);
}

static int join(tool_io *io, char *const paths[])
{
    mf_err err = {0};
    mf_join *all;
    if (!*paths)
        tool_misuse("--join: no bundles are named");
    tool_open_output(io, TOOL_BINARY);
    if (mf_join_open(&all, &err) < 0)
        tool_die(io, &err);
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

int main(int argc, char *argv[])
{
    static const char *const duplicates[] = {"sum", "error", NULL};
    mf_convert_from_params from = mf_convert_from_defaults();
    mf_convert_to_params to = mf_convert_to_defaults();
    const char *names[2] = {NULL, NULL};
    int way = 0, given = 0;
    tool_io io;

    tool_init(&io, "mf-convert", USAGE);
    for (int c; (c = tool_getopt(&io, argc, argv, LONG)) != -1;)
        switch (c) {
        case FROM:
            from.format = (mf_format)tool_choice("--from", optarg, mf_format_names);
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
        case DUPLICATES:
            from.refuse_duplicates =
                tool_choice("--duplicates", optarg, duplicates) == 1;
            given |= READS;
            break;
        case USER_NAMES:
        case ITEM_NAMES:
            names[c == ITEM_NAMES] = optarg;
            given |= READS;
            break;
        case NOTE: from.note = optarg; break;
        case PART:
            to.part = (mf_part)tool_choice("--part", optarg, mf_part_names);
            given |= WRITES;
            break;
        default: return TOOL_USAGE;
        }
    if (way != READS && way != WRITES && way != JOINS)
        tool_misuse("say one of --from=FORMAT, --to=FORMAT and --join");
    if (given & ~way || (from.header && way == JOINS))
        tool_misuse(
            "--columns, --duplicates, --user-names and --item-names go with --from, "
            "--part with --to, --header with either");
    if (from.note && way != READS)
        tool_misuse("--note: goes with --from");
    if (way == JOINS)
        return join(&io, argv + optind);
    const char *path = tool_operand(argc, argv);
    return way == READS ? read_format(&io, &from, path, names)
                        : write_format(&io, &to, path);
}
