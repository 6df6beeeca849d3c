/* mf-info - say what is in a bundle, or verify it. */
#include "mf/info.h"
#include "tool.h"

static const char USAGE[] =
    "usage: mf-info [OPTION]... [BUNDLE]\n"
    "Say what is in a bundle: sizes, folds, activity, model, history, provenance.\n"
    "Nothing is printed before the whole bundle was verified.\n"
    "\n"
    "      --check          verify everything and print nothing\n"
    "      --format=FORMAT  text or json (default text)\n"
    "\n"
    "  -o, --output FILE    write to FILE, atomically (default standard output)\n"
    "  -j, --threads N      threads, 1 to 1024; one is used\n"
    "      --seed N         0 to 2^64 - 1 (default 1); nothing here is random\n"
    "  -q, --quiet          no notes, no progress\n"
    "  -v, --verbose        notes; there are none\n"
    "      --progress=WHEN  auto, always or never (default auto: on a terminal)\n"
    "  -f, --force          no effect: the output is text\n"
    "  -h, --help           this text\n"
    "  -V, --version        the version\n"
    "\n"
    "Exit status: 0 done, 1 the input, the disk or the machine failed, 2 wrong "
    "usage.\n";

enum { OPT_CHECK = TOOL_OWN, OPT_FORMAT };

static const struct option LONG[] = {
    {"check", no_argument, NULL, OPT_CHECK},
    {"format", required_argument, NULL, OPT_FORMAT},
    {0},
};

static const char *const FORMATS[] = {"text", "json", NULL};

int main(int argc, char *argv[])
{
    bool check = false;
    int format = 0;
    tool_io io;
    tool_init(&io, "mf-info", USAGE);

    for (int c; (c = tool_getopt(&io, argc, argv, LONG)) != -1;)
        switch (c) {
        case OPT_CHECK: check = true; break;
        case OPT_FORMAT: format = tool_choice("--format", optarg, FORMATS); break;
        default: return TOOL_USAGE;
        }

    mf_err err = {0};
    mf_info info;
    mf_in *in = tool_open(&io, tool_operand(argc, argv));
    tool_open_output(&io, TOOL_TEXT);
    int code = mf_info_read(&info, in, &io.report, &err);
    if (code == MF_OK && !check)
        code = format ? mf_info_json(&info, io.out, &err)
                      : mf_info_text(&info, io.out, &err);
    if (code < 0)
        tool_die(&io, &err);
    mf_info_free(&info);
    mf_in_close(in);
    return tool_finish(&io);
}
