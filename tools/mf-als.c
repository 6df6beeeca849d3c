/* mf-als - factorize: append model card, factors and history to a bundle. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "mf/nearest.h"
#include "mf/train.h"
#include "tool_als.h"

enum {
    OPT_INIT = TOOL_OWN,
    OPT_WATCH,
    OPT_PATIENCE,
    OPT_TOL,
    OPT_TRAIN_ON,
    OPT_CHECKPOINT,
    OPT_RESUME,
    OPT_FACTORS_ONLY,
    OPT_MEMORY,
    OPT_TMPDIR,
    OPT_LOG
};

static const tool_option OPTIONS[] = {
    {NULL, NULL, 0, "Factors and personas:"},
    TOOL_ALS_SHAPE,
    {NULL, NULL, 0, "What is fitted:"},
    TOOL_ALS_MODEL,
    {"unobserved", "W0", 'u',
     "weight of every cell of the matrix, 0 or more, or times the density of the "
     "training cells, such as 8x, or auto (auto; wrmf, study 1; explicit 0)"},
    {"lambda", "L", 'l',
     "regularization of users and items, 0 or more, such as .01, or auto (auto; study "
     "0.4 and 0.05)"},
    {"lambda-users", "L", TOOL_ALS_LAMBDA_USERS,
     "of users, 0 or more, or auto (that of -l)"},
    {"lambda-items", "L", TOOL_ALS_LAMBDA_ITEMS,
     "of items, 0 or more, or auto (that of -l)"},
    TOOL_ALS_TERMS,
    {NULL, NULL, 0, "How it is trained:"},
    {"iterations", "N", 'n',
     "sweeps, the warm-up included, 0 to 10000 (10, wrmf and explicit 16, study 15; "
     "fewer "
     "with many factors)"},
    {"init", "START", OPT_INIT,
     "cluster, gaussian, or a FILE: a model to go on from, of as many factors and of P "
     "personas or fewer (cluster; study gaussian)"},
    TOOL_ALS_STEPS,
    {"train-on", "FOLDS", OPT_TRAIN_ON,
     "train, or train,valid: validation cells become training cells, for the last "
     "training, when settings are known (train)"},
    {NULL, NULL, 0, "When it stops:"},
    {"watch", "METRIC", OPT_WATCH,
     "measured on validation cells after every sweep: rmse, ndcg@N, recall@N ... as in "
     "mf-eval (ndcg@100; study and explicit rmse)"},
    {"patience", "N", OPT_PATIENCE,
     "stop when METRIC has not improved for N sweeps after the warm-up, and keep the "
     "best, 0 to 10000; 0: never (without -n, and with validation cells, 3)"},
    {"tol", "T", OPT_TOL,
     "stop when the loss falls by less than this share of it in a sweep, 0 to 1 (0: "
     "never)"},
    {NULL, NULL, 0, "Files:"},
    {"checkpoint", "FILE", OPT_CHECKPOINT,
     "after every sweep, replace FILE by what is needed to go on (none)"},
    {"resume", "FILE", OPT_RESUME,
     "go on from a checkpoint, with the same options; only -n may differ (none)"},
    {"log", "FILE", OPT_LOG,
     "write a JSON object a line for every half-sweep to FILE (none)"},
    {"factors-only", NULL, OPT_FACTORS_ONLY,
     "leave the ratings out of the result; mf-convert --join puts them together again"},
    {"memory", "SIZE", OPT_MEMORY,
     "keep within SIZE bytes, 1M or more, with a suffix K, M, G or T; what does not "
     "fit goes to --tmpdir (no bound)"},
    {"tmpdir", "DIR", OPT_TMPDIR, "for temporary files (TMPDIR, or /tmp)"},
    {0},
};

static const char *const TRAIN_ON[] = {"train", "train,valid", NULL};

static const char *const STARTS[] = {"cluster", "gaussian", NULL};

static const tool_words WORDS[] = {
    {"init", STARTS},
    {"train-on", TRAIN_ON},
    {"watch", tool_metric_words},
    TOOL_ALS_WORDS,
    {0},
};

static const tool_about ABOUT = {
    .name = "mf-als",
    .usage = "mf-als [OPTION]... [BUNDLE]",
    .purpose = "Factorize the training cells of a bundle (standard input by default) "
               "by alternating least squares with several personas per user; write the "
               "bundle with the model.",
    .options = OPTIONS,
    .words = WORDS,
    .seeded = "the start",
    .verbose = "note what the cells say, and the loss after every half-sweep",
};

/* Files of the job besides its input and output. */
typedef struct files {
    const char *init, *resume, *log; /* paths, or NULL */
    tool_store checkpoint;           /* path NULL: none */
    mf_train_store store;
} files;

/* The start: the name of one, or a file with a model. */
static int read_init(const char *text, files *f)
{
    f->init = NULL;
    for (int i = 0; i < MF_INIT_MODEL; i++)
        if (strcmp(text, mf_init_names[i]) == 0)
            return i;
    f->init = text;
    return MF_INIT_MODEL;
}

/* What goes on from the checkpoint, if the run is interrupted. */
static void keep_checkpoint(tool_io *io, files *f, int argc, char *const argv[])
{
    char more[600];
    snprintf(more, sizeof more, "--resume=%s", f->checkpoint.path);
    bool same = f->resume && tool_one_file(f->resume, f->checkpoint.path);
    if (!f->resume || same)
        f->checkpoint.kept =
            tool_kept(io, f->checkpoint.path, argc, argv, same ? NULL : more);
}

/* Where --resume and --checkpoint are one file that is not there yet, the run begins
 * anew: so a single command starts and restarts. */
static void drop_missing_resume(tool_io *io, files *f)
{
    if (!f->resume || !f->checkpoint.path ||
        !tool_one_file(f->resume, f->checkpoint.path) || access(f->resume, F_OK) == 0 ||
        errno != ENOENT)
        return;
    char line[400];
    snprintf(line, sizeof line,
             "%s: there is no checkpoint yet, and training begins anew", f->resume);
    io->report.warn(io, line);
    f->resume = NULL;
}

/* A start that is no file may be the name of one, mistyped or another program's. */
static void check_init(const char *text)
{
    static const char *const other[][2] = {
        {"random", "gaussian"}, {"normal", "gaussian"}, {"randn", "gaussian"},
        {"kmeans", "cluster"},  {"k-means", "cluster"}, {"kmeans++", "cluster"}};
    const char *names[MF_INIT_MODEL + 1] = {NULL};
    char ask[MF_NEAREST_WORDS];
    if (!text || strcmp(text, "-") == 0 || strpbrk(text, "./") ||
        access(text, F_OK) == 0 || errno != ENOENT)
        return;
    for (int i = 0; i < MF_INIT_MODEL; i++)
        names[i] = mf_init_names[i];
    mf_nearest_ask(ask, "", text, strlen(text), names);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        if (strcasecmp(text, other[i][0]) == 0)
            snprintf(ask, sizeof ask, "; did you mean '%s'?", other[i][1]);
    tool_misuse("--init: '%s' is neither a file nor a start: cluster, gaussian%s", text,
                ask);
}

/* The bundles of a rank: its shards, or those of all, which rank 0 reads and writes. */
static mf_in *open_bundles(tool_io *io, mf_train_params *p, const char *operand)
{
    bool first = mf_ranks_rank(p->als.ranks) == 0;
    mf_in *bundle = first || p->shards_in ? tool_open(io, operand) : NULL;
    if (first || p->shards_out)
        tool_als_open_output(io, TOOL_BINARY);
    return bundle;
}

static mf_in *open_rank(tool_io *io, files *f, mf_train_params *p, const char *operand)
{
    if (p->shards_in)
        tool_name(io, NULL, operand, TOOL_READS);
    p->checkpoint = f->checkpoint.path ? &f->store : NULL; /* of which rank 0 knows */
    return open_bundles(io, p, operand);
}

static mf_in *open_files(tool_io *io, files *f, mf_train_params *p, const char *operand)
{
    tool_name(io, NULL, operand, TOOL_READS);
    tool_name(io, "--init", f->init, TOOL_READS);
    tool_name(io, "--resume", f->resume, TOOL_RESUMES);
    tool_name(io, "--checkpoint", f->checkpoint.path, TOOL_REPLACES);
    tool_name(io, "--log", f->log, TOOL_WRITES);
    tool_compare(io);
    check_init(f->init);
    drop_missing_resume(io, f);
    if (f->resume) /* from the checkpoint: it is there */
        tool_interrupted(f->checkpoint.kept);
    p->init = f->init ? tool_open(io, f->init) : NULL;
    p->resume = f->resume ? tool_open(io, f->resume) : NULL;
    f->store = (mf_train_store){&f->checkpoint, tool_store_begin, tool_store_commit};
    p->checkpoint = f->checkpoint.path ? &f->store : NULL;
    if (p->checkpoint && !f->resume)
        tool_unkept(io, " yet: the first checkpoint comes after the first sweep");
    mf_in *bundle = open_bundles(io, p, operand);
    tool_store *log = f->log ? tool_create(io, f->log) : NULL;
    if (log) {
        p->log = log->out;
        p->log_self = log;
        p->log_begin = tool_store_appear;
    }
    return bundle;
}

/* What several ranks cannot do, and the names of their shards. */
static void check_ranks(tool_io *io, const files *f, mf_train_params *p,
                        const char **operand)
{
    mf_ranks *ranks = p->als.ranks;
    tool_als_no_shard("--init", f->init);
    tool_als_no_shard("--resume", f->resume);
    tool_als_no_shard("--checkpoint", f->checkpoint.path);
    tool_als_no_shard("--log", f->log);
    p->shards_in = tool_als_shard(io, "the ratings", operand);
    p->shards_out = tool_als_shard(io, "-o", &io->output);
    if (p->shards_in && !p->shards_out)
        tool_misuse(
            "the ratings are a shard a rank, and so is the model: -o model.%%r.mf, "
            "which mf-convert --join puts together");
    if (p->memory > 0 && mf_ranks_size(ranks) > 1)
        tool_misuse("--memory: it bounds one process, and of several ranks each has a "
                    "part of the users; leave it out");
    if (p->memory > 0 && (f->init || f->checkpoint.path || f->resume))
        tool_misuse("--memory: a bounded training begins from cluster or gaussian, and "
                    "has no checkpoints; leave %s out",
                    f->init ? "--init" : f->resume ? "--resume" : "--checkpoint");
    if (f->init && mf_ranks_size(ranks) > 1)
        tool_misuse("--init: several ranks begin from cluster or gaussian, not from a "
                    "model; train with one process");
}

int main(int argc, char *argv[])
{
    files f = {0};
    mf_train_params params = {.report = NULL};
    bool stops = false; /* when, was given */
    tool_als g = tool_als_none();
    tool_io io;
    mf_err err = {0};
    tool_init(&io, &ABOUT);
    mf_ranks *ranks = tool_als_join(&io);
    for (int c; (c = tool_getopt(&io, argc, argv)) != -1;)
        switch (c) {
        case OPT_INIT: g.init = read_init(optarg, &f); break;
        case OPT_WATCH: params.watch = tool_als_metric("--watch", optarg); break;
        case OPT_PATIENCE:
            params.patience = (uint32_t)tool_count("--patience", optarg, 0, 10000);
            stops = true;
            break;
        case OPT_TOL: params.tol = tool_real("--tol", optarg, 0, 1); break;
        case OPT_TRAIN_ON:
            params.all_known = tool_choice("--train-on", optarg, TRAIN_ON) == 1;
            break;
        case OPT_CHECKPOINT: f.checkpoint.path = optarg; break;
        case OPT_RESUME: f.resume = optarg; break;
        case OPT_FACTORS_ONLY: params.factors_only = true; break;
        case OPT_MEMORY: params.memory = tool_size("--memory", optarg, 1 << 20); break;
        case OPT_TMPDIR: params.tmpdir = optarg; break;
        case OPT_LOG: f.log = optarg; break;
        default:
            if (!tool_als_take(&g, c))
                return TOOL_USAGE;
        }
    params.als = tool_als_params(&g, &io);
    params.als.ranks = ranks;
    if (!stops && g.iterations < 0)
        params.patience = MF_PATIENCE_AUTO;
    params.report = &io.report;
    if (params.all_known && params.factors_only)
        tool_misuse(
            "--train-on=train,valid: with --factors-only nothing would say that "
            "validation cells are training cells now");
    if (mf_als_check(&params.als, &err) < 0)
        tool_misuse("%s", err.text);
    const char *operand = tool_operand(argc, argv);
    check_ranks(&io, &f, &params, &operand);
    tool_als_part();
    bool first = mf_ranks_rank(ranks) == 0;
    if (f.checkpoint.path && first)
        keep_checkpoint(&io, &f, argc, argv);
    mf_in *in = first ? open_files(&io, &f, &params, operand)
                      : open_rank(&io, &f, &params, operand);
    tool_als_opened();
    if (mf_train_run(in, io.out, &params, &err) < 0)
        tool_als_die(&io, &err);
    mf_in_close(params.init);
    mf_in_close(params.resume);
    mf_in_close(in);
    return tool_als_finish(&io);
}
