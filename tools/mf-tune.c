/* mf-tune - find the settings of mf-als on validation cells, and train with them. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mf/tune.h"
#include "tool_als.h"

enum {
    OPT_TRIALS = TOOL_OWN,
    OPT_SPACE,
    OPT_LOG,
    OPT_PRINT,
    OPT_INIT,
    OPT_FACTORS_ONLY
};

static const tool_option OPTIONS[] = {
    {NULL, NULL, 0, "The search:"},
    {"metric", "METRIC", 'm',
     "what is to be best on the validation cells: rmse, ndcg@N, recall@N ... as in "
     "mf-eval (ndcg@100; study and explicit rmse)"},
    {"trials", "N", OPT_TRIALS,
     "settings that are tried, at most, 1 to 1000 (6 for each axis, 12 at least)"},
    {"space", "SPEC", OPT_SPACE,
     "what is searched, words with commas between, each with a range if it is to have "
     "one, as in unobserved,lambda:.001..1,factors:32..256,personas:1..4,"
     "overlap,popularity "
     "(unobserved,lambda; explicit lambda)"},
    {NULL, NULL, 0, "Output:"},
    {"log", "FILE", OPT_LOG,
     "write a line a trial to FILE; trials that are there are not done again (none)"},
    {"print", NULL, OPT_PRINT,
     "print the options of mf-als that were found, and train nothing with them"},
    {"factors-only", NULL, OPT_FACTORS_ONLY,
     "leave the ratings out of the result; mf-convert --join puts them together again"},
    {NULL, NULL, 0,
     "Options of mf-als, factors and personas; what is given is not searched:"},
    TOOL_ALS_SHAPE,
    {NULL, NULL, 0, "Options of mf-als, what is fitted; likewise:"},
    TOOL_ALS_MODEL,
    {"unobserved", "W0", 'u',
     "weight of every cell of the matrix, 0 or more, as in mf-als (searched from that "
     "of mf-als "
     "on; explicit 0)"},
    {"lambda", "L", 'l',
     "regularization of users and items, 0 or more (searched from that of mf-als on)"},
    {"lambda-users", "L", TOOL_ALS_LAMBDA_USERS,
     "of users, 0 or more; lambda is not searched then (that of -l)"},
    {"lambda-items", "L", TOOL_ALS_LAMBDA_ITEMS,
     "of items, 0 or more; likewise (that of -l)"},
    TOOL_ALS_TERMS,
    {NULL, NULL, 0, "Options of mf-als, how it is trained:"},
    {"iterations", "N", 'n',
     "sweeps, the warm-up included, 0 to 10000 (the best number is found)"},
    {"init", "START", OPT_INIT, "cluster or gaussian (cluster; study gaussian)"},
    TOOL_ALS_STEPS,
    {0},
};

static const char *const INITS[] = {"cluster", "gaussian", NULL};

static const tool_words WORDS[] = {
    {"init", INITS},
    {"space", mf_tune_axis_names},
    {"metric", tool_metric_words},
    TOOL_ALS_WORDS,
    {0},
};

static const tool_about ABOUT = {
    .name = "mf-tune",
    .usage = "mf-tune [OPTION]... [BUNDLE]",
    .purpose = "Find what suits a bundle (standard input by default), W0 and lambda of "
               "mf-als, on its validation cells; write the bundle with the model that "
               "mf-als makes with them.",
    .options = OPTIONS,
    .words = WORDS,
    .seeded = "the start",
    .verbose = "note each trial",
};

/* --- what is searched --- */

/* LO..HI, whose ends may be left out. */
static void read_range(mf_tune_range *r, const char *text)
{
    const char *dots = strstr(text, "..");
    char low[64];
    if (!dots || (size_t)(dots - text) >= sizeof low)
        tool_misuse("--space: '%s' is no range LOW..HIGH", text);
    snprintf(low, sizeof low, "%.*s", (int)(dots - text), text);
    if (*low)
        r->low = tool_real("--space", low, 0, 1e12);
    if (dots[2])
        r->high = tool_real("--space", dots + 2, 0, 1e12);
    if (r->low > r->high)
        tool_misuse("--space: '%s' is an empty range", text);
}

static void read_space(mf_tune_range range[], const char *text)
{
    static const double most[] = {[MF_TUNE_FACTORS] = MF_K_MAX,
                                  [MF_TUNE_PERSONAS] = MF_PERSONAS_MAX,
                                  [MF_TUNE_OVERLAP] = 1,
                                  [MF_TUNE_POPULARITY] = 1};
    char word[256];
    for (int a = 0; a < MF_TUNE_AXES; a++)
        range[a] = (mf_tune_range){.high = INFINITY};
    if (!*text)
        tool_misuse(
            "--space: nothing is to be searched; see 'mf-als' for one training");
    while (*text) {
        size_t len = strcspn(text, ",");
        snprintf(word, sizeof word, "%.*s", (int)(len < 200 ? len : 200), text);
        char *colon = strchr(word, ':');
        if (colon)
            *colon = '\0';
        int a = tool_choice("--space", word, mf_tune_axis_names);
        if (range[a].searched)
            tool_misuse("--space: %s is there twice", word);
        range[a].searched = true;
        if (a >= MF_TUNE_FACTORS)
            range[a].high = most[a];
        if (a == MF_TUNE_FACTORS || a == MF_TUNE_PERSONAS)
            range[a].low = 1;
        if (colon)
            read_range(&range[a], colon + 1);
        if (a >= MF_TUNE_FACTORS && range[a].high > most[a])
            tool_misuse("--space: %s is at most %g", word, most[a]);
        if ((a == MF_TUNE_FACTORS || a == MF_TUNE_PERSONAS) && range[a].low < 1)
            tool_misuse("--space: %s is at least 1", word);
        text += len + (text[len] == ',');
    }
}

/* What was given is not searched: --space cannot ask for it. Without --space what was
 * given is taken out of what is searched by default. */
static void fix(mf_tune_params *p, const tool_als *g, bool spaced)
{
    const bool given[MF_TUNE_AXES] = {[MF_TUNE_UNOBSERVED] = !isnan(g->unobserved),
                                      [MF_TUNE_LAMBDA] = !isnan(g->lambda) ||
                                                         !isnan(g->lambda_users) ||
                                                         !isnan(g->lambda_items),
                                      [MF_TUNE_FACTORS] = g->factors >= 0,
                                      [MF_TUNE_PERSONAS] = g->personas >= 0,
                                      [MF_TUNE_OVERLAP] = !isnan(g->overlap),
                                      [MF_TUNE_POPULARITY] = !isnan(g->popularity)};
    for (int a = 0; a < MF_TUNE_AXES; a++) {
        if (spaced && given[a] && p->range[a].searched)
            tool_misuse("--space: '%s' is given by an option, too, and so it is not "
                        "searched; leave out one of both",
                        mf_tune_axis_names[a]);
        p->range[a].searched &= !given[a];
    }
}

static mf_tune_params make_params(const tool_als *g, const tool_io *io)
{
    mf_tune_params p = mf_tune_defaults((mf_preset)g->preset);
    p.train.als = tool_als_params(g, io);
    p.sweeps = g->iterations >= 0;
    p.warmup = g->warmup >= 0;
    return p;
}

static int read_init(const char *text)
{
    return tool_choice("--init", text, INITS);
}

/* --- files --- */

static mf_in *open_files(tool_io *io, mf_tune_params *p, const char *log,
                         const char *kept, const char *operand)
{
    tool_name(io, NULL, operand, TOOL_READS);
    tool_name(io, "--log", log, TOOL_REPLACES);
    tool_compare(io);
    mf_in *bundle = tool_open(io, operand);
    if (log && (access(log, F_OK) == 0 || errno != ENOENT))
        p->past = tool_open_text(io, log);
    tool_als_open_output(io, p->print ? TOOL_TEXT : TOOL_BINARY);
    tool_store *store = log ? tool_create(io, log) : NULL;
    if (store) {
        store->kept = kept;
        p->log = store->out;
        p->log_self = store;
        p->log_begin = tool_store_appear;
    }
    return bundle;
}

int main(int argc, char *argv[])
{
    tool_als g = tool_als_none();
    mf_metric metric = {.name = ""};
    const char *space = NULL, *log = NULL;
    bool print = false, factors_only = false;
    uint32_t trials = 0;
    tool_io io;
    mf_err err = {0};
    tool_init(&io, &ABOUT);
    mf_ranks *ranks = tool_als_join(&io);
    for (int c; (c = tool_getopt(&io, argc, argv)) != -1;)
        switch (c) {
        case 'm': metric = tool_als_metric("--metric", optarg); break;
        case OPT_TRIALS:
            trials = (uint32_t)tool_count("--trials", optarg, 1, MF_TUNE_TRIALS_MAX);
            break;
        case OPT_SPACE: space = optarg; break;
        case OPT_LOG: log = optarg; break;
        case OPT_PRINT: print = true; break;
        case OPT_INIT: g.init = read_init(optarg); break;
        case OPT_FACTORS_ONLY: factors_only = true; break;
        default:
            if (!tool_als_take(&g, c))
                return TOOL_USAGE;
        }
    mf_tune_params params = make_params(&g, &io);
    if (space)
        read_space(params.range, space);
    fix(&params, &g, space != NULL);
    params.trials = trials ? trials : params.trials;
    params.print = print;
    params.train.watch = metric;
    params.train.factors_only = factors_only;
    params.train.report = &io.report;
    params.train.als.ranks = ranks;
    if (mf_tune_check(&params, &err) < 0)
        tool_misuse("%s", err.text);
    const char *operand = tool_operand(argc, argv);
    mf_in *in = NULL;
    tool_als_no_shard("the ratings", operand);
    tool_als_no_shard("-o", io.output);
    tool_als_no_shard("--log", log);
    tool_als_part();
    if (mf_ranks_rank(ranks) == 0) {
        const char *kept = log ? tool_kept(&io, log, argc, argv, NULL) : NULL;
        in = open_files(&io, &params, log, kept, operand);
        if (!log)
            tool_unkept(&io, "; --log FILE would have kept the trials, to go on from");
    }
    tool_als_opened();
    if (mf_tune_run(in, io.out, &params, &err) < 0)
        tool_als_die(&io, &err);
    mf_lines_close(params.past);
    mf_in_close(in);
    return tool_als_finish(&io);
}
