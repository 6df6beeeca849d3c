/* mf-transform - change the values of a bundle. */
#include "mf/transform.h"
#include "tool.h"

static const char USAGE[] =
    "usage: mf-transform -e OP[:ARG] [-e OP[:ARG]]... [BUNDLE]\n"
    "Change the values of a bundle, by one operation after the other. Statistics are\n"
    "of training and fold-in cells alone. The values become f32.\n"
    "\n"
    "  -e, --op OP[:ARG]    what to do next; up to 16 times:\n"
    "        log2:ETA         log2(x + ETA), ETA any number (default 1)\n"
    "        user-mean        x / the mean of the user's values\n"
    "        binarize:T       1 if x >= T, else 0 (default 1); the cell stays\n"
    "        offset:C         x + C, C any number\n"
    "        tfidf[:SIDE]     sqrt(x) * ln(N / (1 + df)); SIDE, users or items, are "
    "the\n"
    "                         documents (default users)\n"
    "        bm25:K1,B[,SIDE] Okapi BM25, K1 0 or more (default 100), B 0 to 1\n"
    "                         (default 0.8)\n"
    "\n"
    "  -o, --output FILE    write to FILE, atomically (default standard output)\n"
    "  -j, --threads N      threads, 1 to 1024; one is used, the result is the same\n"
    "      --seed N         0 to 2^64 - 1 (default 1); nothing here is random\n"
    "  -q, --quiet          no notes, no progress\n"
    "  -v, --verbose        say what was dropped\n"
    "      --progress=WHEN  auto, always or never (default auto: on a terminal)\n"
    "  -f, --force          write a bundle even to a terminal\n"
    "  -h, --help           this text\n"
    "  -V, --version        the version\n"
    "\n"
    "Exit status: 0 done, 1 the input, the disk or the machine failed, 2 wrong "
    "usage.\n";

static const struct option LONG[] = {
    {"op", required_argument, NULL, 'e'},
    {0},
};

int main(int argc, char *argv[])
{
    mf_transform_params params = {0};
    mf_err err = {0};
    tool_io io;
    tool_init(&io, "mf-transform", USAGE);

    for (int c; (c = tool_getopt(&io, argc, argv, LONG)) != -1;)
        switch (c) {
        case 'e':
            if (params.n == MF_TRANSFORM_OPS)
                tool_misuse("--op: more than %d operations", MF_TRANSFORM_OPS);
            if (mf_transform_parse(&params.op[params.n++], optarg, &err) < 0)
                tool_misuse("%s", err.text);
            break;
        default: return TOOL_USAGE;
        }
    if (mf_transform_check(&params, &err) < 0)
        tool_misuse("%s", err.text);

    mf_in *in = tool_open(&io, tool_operand(argc, argv));
    tool_open_output(&io, TOOL_BINARY);
    if (mf_transform_run(in, io.out, &params, &io.report, &err) < 0)
        tool_die(&io, &err);
    mf_in_close(in);
    return tool_finish(&io);
}
