/* mf-info - say what is in a bundle, or verify it. */
#include "mf/info.h"
#include "tool.h"

enum { OPT_CHECK = TOOL_OWN, OPT_FORMAT };

static const tool_option OPTIONS[] = {
    {"check", NULL, OPT_CHECK, "verify everything and print nothing"},
    {"format", "FORMAT", OPT_FORMAT, "text or json (text)"},
    {0},
};

static const char *const FORMATS[] = {"text", "json", NULL};

static const tool_words WORDS[] = {
    {"format", FORMATS},
    {0},
};

static const tool_about ABOUT = {
    .name = "mf-info",
    .usage = "mf-info [OPTION]... [BUNDLE]",
    .purpose = "Say what is in a bundle (standard input by default): sizes, folds, "
               "activity, model, history, provenance. Nothing is printed before the "
               "whole bundle is verified.",
    .options = OPTIONS,
    .words = WORDS,
    .one_thread = true,
    .text = true,
};

int main(int argc, char *argv[])
{
    bool check = false;
    int format = 0;
    tool_io io;
    tool_init(&io, &ABOUT);

    for (int c; (c = tool_getopt(&io, argc, argv)) != -1;)
        switch (c) {
        case OPT_CHECK: check = true; break;
        case OPT_FORMAT: format = tool_choice("--format", optarg, FORMATS); break;
        default: return TOOL_USAGE;
        }

    mf_err err = {0};
    mf_info info;
    mf_in *in = tool_open(&io, tool_operand(argc, argv));
    tool_open_output(&io, TOOL_TEXT);
    int code = mf_info_read(&info, in, &err);
    if (code == MF_OK && !check)
        code = format ? mf_info_json(&info, io.out, &err)
                      : mf_info_text(&info, io.out, &err);
    if (code < 0)
        tool_die(&io, &err);
    mf_info_free(&info);
    mf_in_close(in);
    return tool_finish(&io);
}
