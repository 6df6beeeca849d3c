#include <stddef.h>

#include "mf/convert.h"
#include "tool.h"

static const char USAGE[] =
    "usage: mf-convert --from=FORMAT [options] [FILE]      another format to a bundle\n"
    "       mf-convert --to=FORMAT [options] [BUNDLE]      a bundle to another format\n"
    "\n"
    "  --from=FORMAT        tsv, csv, mtx, npz, inter or ndjson\n"
    "  --to=FORMAT          the same, and npy: factors alone\n"
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
    "writing:\n"
    "  --part=ratings|users|items|history  what to write [ratings]\n"
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

enum { FROM = TOOL_OWN, TO, HEADER, COLUMNS, DUPLICATES, USER_NAMES, ITEM_NAMES, PART };

static const struct option LONG[] = {
    {"from", required_argument, NULL, FROM},
    {"to", required_argument, NULL, TO},
    {"header", no_argument, NULL, HEADER},
    {"columns", required_argument, NULL, COLUMNS},
    {"duplicates", required_argument, NULL, DUPLICATES},
    {"user-names", required_argument, NULL, USER_NAMES},
    {"item-names", required_argument, NULL, ITEM_NAMES},
    {"part", required_argument, NULL, PART},
    {0},
};

int main(int argc, char *argv[])
{
    static const char *const duplicates[] = {"sum", "error", NULL};
    mf_convert_from_params from = mf_convert_from_defaults();
    mf_convert_to_params to = mf_convert_to_defaults();
    const char *names[2] = {NULL, NULL};
    bool have_from = false, have_to = false, have_part = false;
    tool_io io;
    mf_err err = {0};

    tool_init(&io, "mf-convert", USAGE);
    for (int c; (c = tool_getopt(&io, argc, argv, LONG)) != -1;)
        switch (c) {
        case FROM:
            from.format = (mf_format)tool_choice("--from", optarg, mf_format_names);
            have_from = true;
            break;
        case TO:
            to.format = (mf_format)tool_choice("--to", optarg, mf_format_names);
            have_to = true;
            break;
        case HEADER: from.header = to.header = true; break;
        case COLUMNS: from.columns = optarg; break;
        case DUPLICATES:
            from.refuse_duplicates =
                tool_choice("--duplicates", optarg, duplicates) == 1;
            break;
        case USER_NAMES: names[0] = optarg; break;
        case ITEM_NAMES: names[1] = optarg; break;
        case PART:
            to.part = (mf_part)tool_choice("--part", optarg, mf_part_names);
            have_part = true;
            break;
        default: return TOOL_USAGE;
        }
    if (have_from == have_to)
        tool_misuse("say either --from=FORMAT or --to=FORMAT");
    if (have_from && have_part)
        tool_misuse("--part goes with --to");
    const char *path = tool_operand(argc, argv);
    if (have_to) {
        if (mf_convert_to_check(&to, &err) < 0)
            tool_misuse("%s", err.text);
        mf_in *in = tool_open(&io, path);
        tool_open_output(&io, mf_convert_to_binary(&to) ? TOOL_BINARY : TOOL_TEXT);
        if (mf_convert_to_run(in, io.out, &to, &err) < 0)
            tool_die(&io, &err);
        return tool_finish(&io);
    }
    mf_convert_input input = {0};
    if (mf_convert_from_check(&from, &err) < 0)
        tool_misuse("%s", err.text);
    for (int axis = 0; axis < 2; axis++)
        if (names[axis])
            input.names[axis] = tool_open_text(&io, names[axis]);
    if (from.format == MF_FORMAT_NPZ)
        input.binary = tool_open(&io, path);
    else
        input.text = tool_open_text(&io, path);
    tool_open_output(&io, TOOL_BINARY);
    if (mf_convert_from_run(&input, io.out, &from, &io.report, &err) < 0)
        tool_die(&io, &err);
    return tool_finish(&io);
}
