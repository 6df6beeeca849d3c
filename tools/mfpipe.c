/* mfpipe - lists the tools, runs one, opens the manual. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mf/nearest.h"
#include "mf/version.h"
#include "tool.h"

/* In the order of a pipe, as README.md and mfpipe(7) have them. */
static const char *const TOOLS[][2] = {
    {"msd-aggregate", "triplets and track list to counts by user and artist (or song)"},
    {"mf-convert", "other formats to bundles and back; joins bundles"},
    {"mf-filter", "keeps cells by value, time, user, item, and how many there are"},
    {"mf-transform", "changes values: logarithm, user mean, weights"},
    {"mf-split", "marks training, validation, test and fold-in cells"},
    {"mf-als", "factorizes: appends model card, factors, history"},
    {"mf-tune", "finds the settings of mf-als on validation cells, and trains"},
    {"mf-eval", "metrics with confidence intervals; compares models"},
    {"mf-recommend", "top-N lists; new users, similar artists, explanations"},
    {"mf-score", "what a model says of given pairs"},
    {"mf-info", "what is in a bundle; verifies it"},
    {"msd-synth", "a data set with planted personas"},
};
enum { N_TOOLS = sizeof TOOLS / sizeof *TOOLS };

static const tool_option NONE[] = {{0}};
static const tool_about ABOUT = {.name = "mfpipe", .options = NONE, .text = true};

static void put_tools(tool_io *io)
{
    mf_err err = {0};
    for (int i = 0; i < N_TOOLS; i++)
        if (mf_out_printf(io->out, &err, "  %-15s%s\n", TOOLS[i][0], TOOLS[i][1]) < 0)
            tool_die(io, &err);
}

static int put(tool_io *io, const char *before, const char *after, bool tools)
{
    mf_err err = {0};
    tool_open_output(io, TOOL_TEXT);
    if (mf_out_printf(io->out, &err, "%s", before) < 0)
        tool_die(io, &err);
    if (tools)
        put_tools(io);
    if (mf_out_printf(io->out, &err, "%s", after) < 0)
        tool_die(io, &err);
    return tool_finish(io);
}

static int list(tool_io *io)
{
    return put(io, "",
               "\nmfpipe TOOL ARGUMENT... runs one; mfpipe help [TOOL] opens the "
               "manual.\n",
               true);
}

static int help(tool_io *io)
{
    return put(
        io,
        "usage: mfpipe\n"
        "       mfpipe TOOL [ARGUMENT]...\n"
        "       mfpipe help [TOOL]\n"
        "       mfpipe --help | --version\n"
        "List the tools; run one, whose name may do without mf- or msd-, as in\n"
        "'mfpipe als'; or open the manual: the tour, mfpipe(7), or the page of a\n"
        "tool.\n\n",
        "\nExit status: that of the tool; 0 done, 1 failed, 2 wrong usage.\n", true);
}

static int version(tool_io *io)
{
    return put(io, "mfpipe (mfpipe) " MF_VERSION "\n", "", false);
}

/* The tool of this name, with or without what stands before the '-'. */
static const char *find_tool(const char *text)
{
    const char *names[N_TOOLS + 1] = {NULL};
    char ask[MF_NEAREST_WORDS];
    for (int i = 0; i < N_TOOLS; i++) {
        names[i] = TOOLS[i][0];
        if (strcmp(text, names[i]) == 0 || strcmp(text, strchr(names[i], '-') + 1) == 0)
            return names[i];
    }
    mf_nearest_ask(ask, "", text, strlen(text), names);
    for (int i = 0; !*ask && i < N_TOOLS; i++)
        names[i] = strchr(names[i], '-') + 1;
    if (!*ask)
        mf_nearest_ask(ask, "", text, strlen(text), names);
    tool_misuse("'%.100s' is none of the tools, which mfpipe alone lists%s", text, ask);
}

static _Noreturn void cannot_run(const char *name, const char *what)
{
    fprintf(stderr, "mfpipe: %s: cannot run: %s%s\n", name, strerror(errno), what);
    exit(TOOL_FAILED);
}

/* Become the tool: the one beside this program, or that of PATH. */
static _Noreturn void run(const char *name, char *argv[])
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    path[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(path, '/');
    size_t used = slash ? (size_t)(slash + 1 - path) : 0;
    char *copy = strdup(name); /* execv wants what it could write to */
    if (!copy)
        cannot_run(name, "");
    argv[0] = copy;
    if (slash && used + strlen(name) < sizeof path) {
        memcpy(slash + 1, name, strlen(name) + 1);
        execv(path, argv);
    }
    execvp(name, argv);
    cannot_run(name, "; is mfpipe installed as a whole?");
}

static _Noreturn void open_manual(const char *tool)
{
    char man[] = "man", seven[] = "7", one[] = "1", tour[] = "mfpipe";
    char *page = tool ? strdup(tool) : tour;
    char *argv[] = {man, tool ? one : seven, page, NULL};
    execvp("man", argv);
    cannot_run("man", tool ? "; --help of the tool says most of it"
                           : "; mfpipe --help lists the tools");
}

/* For the shells: the tools that may follow; see tool_complete.h. */
static int complete(tool_io *io, const char *before, const char *word)
{
    mf_err err = {0};
    bool first = strcmp(before, "help") != 0;
    tool_open_output(io, TOOL_TEXT);
    for (int i = -1; i < N_TOOLS; i++) {
        const char *name = i < 0 ? "help" : TOOLS[i][0];
        const char *does = i < 0 ? "opens the manual" : TOOLS[i][1];
        const char *brief = i < 0 ? name : strchr(name, '-') + 1;
        if (*word && strncmp(name, word, strlen(word)) != 0)
            name = brief; /* als, where al was typed */
        if ((i < 0 && !first) || strncmp(name, word, strlen(word)) != 0)
            continue;
        if (mf_out_printf(io->out, &err, "%s\t%s\n", name, does) < 0)
            tool_die(io, &err);
    }
    return tool_finish(io);
}

int main(int argc, char *argv[])
{
    tool_io io;
    tool_init(&io, &ABOUT);
    const char *word = argc > 1 ? argv[1] : NULL;
    if (!word)
        return list(&io);
    bool alone = argc == 2;
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return alone ? help(&io) : (tool_misuse("%s: goes alone", word), TOOL_USAGE);
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
        return alone ? version(&io) : (tool_misuse("%s: goes alone", word), TOOL_USAGE);
    if (strcmp(word, "--_complete") == 0 && argc == 4)
        return complete(&io, argv[2], argv[3]);
    if (word[0] == '-')
        tool_misuse("unrecognized option '%.100s'; options of a tool come after its "
                    "name",
                    word);
    if (strcmp(word, "help") != 0)
        run(find_tool(word), argv + 1);
    if (argc > 3)
        tool_misuse("help: one tool is enough");
    bool self = argc < 3 || strcmp(argv[2], "mfpipe") == 0;
    open_manual(self ? NULL : find_tool(argv[2]));
}
