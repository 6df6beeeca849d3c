/* mf-transform - change the values of a bundle. */
#include "mf/transform.h"
#include "tool.h"

static const tool_option OPTIONS[] = {
    {"op", "OP[:ARG]", 'e',
     "the next operation; up to 16 times (one is needed):\n"
     "log2:ETA: log2(x + ETA), ETA any number (1)\n"
     "user-mean: x / the mean of the user's values\n"
     "binarize:T: 1 if x >= T, else 0; the cell stays (1)\n"
     "offset:C: x + C, C any number\n"
     "tfidf[:SIDE]: sqrt(x) * ln(N / (1 + df)); SIDE, users or items, are the "
     "documents (users)\n"
     "bm25:K1,B[,SIDE]: Okapi BM25, K1 0 or more (100), B 0 to 1 (0.8)"},
    {0},
};

static const int REPEATS[] = {'e', 0};

static const char *const OPS[] = {"log2:ETA", "user-mean", "binarize:T", "offset:C",
                                  "tfidf",    "bm25:K1,B", NULL};

static const tool_words WORDS[] = {
    {"op", OPS},
    {0},
};

static const tool_about ABOUT = {
    .name = "mf-transform",
    .usage = "mf-transform -e OP[:ARG] [-e OP[:ARG]]... [OPTION]... [BUNDLE]",
    .purpose = "Change the values of a bundle (standard input by default), by one "
               "operation after the other. Statistics are of training and fold-in "
               "cells alone. The values become f32.",
    .options = OPTIONS,
    .words = WORDS,
    .repeats = REPEATS,
    .verbose = "note what was dropped, and how many values became 0",
    .one_thread = true,
};

int main(int argc, char *argv[])
{
    mf_transform_params params = {0};
    mf_err err = {0};
    tool_io io;
    tool_init(&io, &ABOUT);

    for (int c; (c = tool_getopt(&io, argc, argv)) != -1;)
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
