/* mf-als - factorize: append model card, factors and history to a bundle. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "mf/nearest.h"
#include "mf/train.h"
#include "tool.h"

enum {
    OPT_PRESET = TOOL_OWN,
    OPT_PERSONA_CELLS,
    OPT_SHRINK,
    OPT_LAMBDA_USERS,
    OPT_LAMBDA_ITEMS,
    OPT_LAMBDA_BIAS,
    OPT_NU,
    OPT_INIT,
    OPT_WARMUP,
    OPT_RESTARTS,
    OPT_CONFIDENCE,
    OPT_BIAS,
    OPT_NO_BIAS,
    OPT_ASSIGN,
    OPT_SOLVER,
    OPT_WATCH,
    OPT_PATIENCE,
    OPT_TOL,
    OPT_CHECKPOINT,
    OPT_RESUME,
    OPT_FACTORS_ONLY,
    OPT_LOG
};

static const tool_option OPTIONS[] = {
    {"factors", "K", 'k', "factors of a vector, 1 to 16384 (64)"},
    {"personas", "P", 'p', "personas of a user, 1 to 64 (3)"},
    {"overlap", "OMEGA", 'w',
     "what a cell of one persona counts for the others of the user, 0 to 1 (0.5)"},
    {"persona-cells", "C", OPT_PERSONA_CELLS,
     "a user has a persona, and one more for each C cells, at most P; 0: P (5; study "
     "0)"},
    {"shrink", "CELLS", OPT_SHRINK,
     "draw the overlap of users with few cells to 1, 0 or more (0)"},
    {"iterations", "N", 'n',
     "sweeps, the warm-up included, 0 to 10000 (16, fewer with more than 128 factors; "
     "study 15)"},
    {"preset", "MODEL", OPT_PRESET, "implicit, wrmf, explicit or study (implicit)"},
    {"confidence", "C", OPT_CONFIDENCE,
     "what a cell of value X counts, in implicit and wrmf: linear:A (A X), log:A,EPS "
     "(A log(1 + X/EPS)) or none (1 for all) (none; wrmf linear:40)"},
    {"unobserved", "W0", 'u',
     "weight of every cell of the matrix, 0 or more (0.1; wrmf, study 1; explicit 0)"},
    {"lambda", "L", 'l', "regularization of users and items, 0 or more"},
    {"lambda-users", "L", OPT_LAMBDA_USERS,
     "of users (0.01; wrmf 300; explicit 0.1; study 0.4)"},
    {"lambda-items", "L", OPT_LAMBDA_ITEMS,
     "of items (0.01; wrmf 300; explicit 0.1; study 0.05)"},
    {"lambda-bias", "L", OPT_LAMBDA_BIAS, "of the biases of explicit (0.05)"},
    {"nu", "NU", OPT_NU,
     "lambda scales with the weight of the row to the NU, 0 to 4 (1; wrmf, study 0)"},
    {"bias", NULL, OPT_BIAS,
     "fit a mean and biases, which explicit alone can (explicit: on)"},
    {"no-bias", NULL, OPT_NO_BIAS, "fit none"},
    {"init", "START", OPT_INIT,
     "cluster, gaussian, or a FILE: a model to go on from, of as many factors and of P "
     "personas or fewer (cluster; study gaussian)"},
    {"warmup", "N", OPT_WARMUP,
     "plain sweeps before histories are divided, or all: after the last one (all; none "
     "where a model is the start)"},
    {"restarts", "N", OPT_RESTARTS,
     "clusterings of each history, the best of which is kept, 1 to 1000 (6)"},
    {"assign", "RULE", OPT_ASSIGN,
     "a cell goes to the persona of least loss, or of greatest score: loss or max "
     "(loss)"},
    {"solver", "HOW", OPT_SOLVER,
     "of the users' systems: auto, cholesky or dual, all exact; or cg:STEPS, so many "
     "steps of conjugate gradients, 1 to 1000, and one exact solution at the end "
     "(auto)"},
    {"watch", "METRIC", OPT_WATCH,
     "measured on validation cells after every sweep: rmse, ndcg@N, recall@N ... as in "
     "mf-eval (ndcg@100; study and explicit rmse)"},
    {"patience", "N", OPT_PATIENCE,
     "stop when METRIC has not improved for N sweeps after the warm-up, and keep the "
     "best, 0 to 10000; 0: never (without -n, and with validation cells, 3)"},
    {"tol", "T", OPT_TOL,
     "stop when the loss falls by less than this share of it in a sweep, 0 to 1 (0: "
     "never)"},
    {"checkpoint", "FILE", OPT_CHECKPOINT,
     "after every sweep, replace FILE by what is needed to go on"},
    {"resume", "FILE", OPT_RESUME,
     "go on from a checkpoint, with the same options; only -n may differ"},
    {"factors-only", NULL, OPT_FACTORS_ONLY,
     "leave the ratings out of the result; mf-convert --join puts them together again"},
    {"log", "FILE", OPT_LOG, "write a JSON object a line for every half-sweep to FILE"},
    {0},
};

static const tool_about ABOUT = {
    .name = "mf-als",
    .usage = "mf-als [OPTION]... [BUNDLE]",
    .purpose = "Factorize the training cells of a bundle (standard input by default) "
               "by alternating least squares with several personas per user; write the "
               "bundle with the model.",
    .options = OPTIONS,
    .seeded = "the start",
    .verbose = "note what the cells say, and the loss after every half-sweep",
};

/* The options that were given. Those that were not depend on the preset, which may come
 * after them on the command line. */
typedef struct given {
    mf_solver solver;
    uint32_t steps;
    int preset, assign;
    int init, bias, confidence; /* -1: not given */
    double alpha, eps;          /* of the confidence that was given */
    long long factors, personas, iterations, warmup, restarts, /* -1: not given */
        persona_cells;
    double overlap, shrink, unobserved, lambda; /* NaN: not given */
    double lambda_users, lambda_items, lambda_bias, nu;
} given;

static uint32_t whole(long long value, uint32_t otherwise)
{
    return value < 0 ? otherwise : (uint32_t)value;
}

static double real(double value, double otherwise)
{
    return isnan(value) ? otherwise : value;
}

/* linear:A, log:A,EPS or none. */
static void read_confidence(given *g, const char *text)
{
    static const char *const names[] = {"linear:A", "log:A,EPS", "none", NULL};
    char name[16], alpha[64], eps[64];
    g->alpha = g->eps = 0;
    if (strcmp(text, "none") == 0)
        g->confidence = MF_CONFIDENCE_NONE;
    else if (sscanf(text, "%15[^:]:%63[^,],%63s", name, alpha, eps) == 3 &&
             strcmp(name, "log") == 0) {
        g->confidence = MF_CONFIDENCE_LOG;
        g->alpha = tool_real("--confidence", alpha, 1e-12, 1e12);
        g->eps = tool_real("--confidence", eps, 1e-30, 1e12);
    } else if (sscanf(text, "%15[^:]:%63[^,]%1s", name, alpha, eps) == 2 &&
               strcmp(name, "linear") == 0) {
        g->confidence = MF_CONFIDENCE_LINEAR;
        g->alpha = tool_real("--confidence", alpha, 1e-12, 1e12);
    } else
        tool_none_of("--confidence", text, names);
}

/* auto, cholesky, dual or cg:STEPS. */
static void read_solver(given *g, const char *text)
{
    g->steps = 0;
    if (strncmp(text, "cg:", 3) == 0) {
        g->solver = MF_SOLVER_CG;
        g->steps = (uint32_t)tool_count("--solver", text + 3, 1, 1000);
        return;
    }
    for (int i = 0; i < MF_SOLVER_CG; i++)
        if (strcmp(text, mf_solver_names[i]) == 0) {
            g->solver = (mf_solver)i;
            return;
        }
    static const char *const names[] = {"auto", "cholesky", "dual", "cg:STEPS", NULL};
    tool_none_of("--solver", text, names);
}

static mf_als_params make_params(const given *g, const tool_io *io)
{
    mf_als_params p = mf_als_defaults((mf_preset)g->preset);
    p.k = whole(g->factors, p.k);
    p.personas = whole(g->personas, p.personas);
    if (g->preset != MF_PRESET_STUDY)
        p.iterations = mf_als_default_iterations(p.k);
    p.iterations = whole(g->iterations, p.iterations);
    p.init = g->init < 0 ? p.init : (mf_init)g->init;
    p.warmup = whole(g->warmup, p.init == MF_INIT_MODEL ? 0 : MF_WARMUP_ALL);
    p.restarts = whole(g->restarts, p.restarts);
    p.overlap = real(g->overlap, p.overlap);
    p.persona_cells = whole(g->persona_cells, p.persona_cells);
    p.shrink = real(g->shrink, p.shrink);
    p.unobserved = real(g->unobserved, p.unobserved);
    p.lambda_users = real(g->lambda_users, real(g->lambda, p.lambda_users));
    p.lambda_items = real(g->lambda_items, real(g->lambda, p.lambda_items));
    p.nu = real(g->nu, p.nu);
    p.assign = (mf_assign)g->assign;
    p.bias = g->bias < 0 ? p.bias : g->bias != 0;
    if (!isnan(g->lambda_bias) && !p.bias)
        tool_misuse("--lambda-bias: there are no biases without --preset=explicit");
    p.lambda_bias = real(g->lambda_bias, p.lambda_bias);
    if (g->confidence >= 0) {
        p.confidence = (mf_confidence)g->confidence;
        p.alpha = g->alpha;
        p.eps = g->eps;
    }
    p.solver = g->solver;
    p.steps = g->steps;
    p.seed = io->seed;
    p.threads = io->threads;
    return p;
}

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

static mf_metric read_metric(const char *text)
{
    mf_err err = {0};
    mf_metric_list list;
    if (mf_metrics_parse(&list, text, &err) < 0)
        tool_misuse("--watch: %s", err.text);
    if (list.n != 1)
        tool_misuse("--watch: '%s': one metric is enough", text);
    if (!mf_metric_is_held_out(&list.metric[0]))
        tool_misuse("--watch: %s is not about held-out cells", text);
    return list.metric[0];
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
    mf_in *bundle = tool_open(io, operand);
    p->init = f->init ? tool_open(io, f->init) : NULL;
    p->resume = f->resume ? tool_open(io, f->resume) : NULL;
    f->store = (mf_train_store){&f->checkpoint, tool_store_begin, tool_store_commit};
    p->checkpoint = f->checkpoint.path ? &f->store : NULL;
    tool_open_output(io, TOOL_BINARY);
    tool_store *log = f->log ? tool_create(io, f->log) : NULL;
    if (log) {
        p->log = log->out;
        p->log_self = log;
        p->log_begin = tool_store_appear;
    }
    return bundle;
}

int main(int argc, char *argv[])
{
    const double max = 1e12;
    files f = {0};
    mf_train_params params = {.report = NULL};
    bool stops = false; /* when, was given */
    given g = {.init = -1,
               .factors = -1,
               .personas = -1,
               .iterations = -1,
               .warmup = -1,
               .persona_cells = -1,
               .restarts = -1,
               .overlap = NAN,
               .shrink = NAN,
               .unobserved = NAN,
               .lambda = NAN,
               .lambda_users = NAN,
               .lambda_items = NAN,
               .lambda_bias = NAN,
               .nu = NAN,
               .bias = -1,
               .confidence = -1};
    tool_io io;
    mf_err err = {0};
    tool_init(&io, &ABOUT);
    for (int c; (c = tool_getopt(&io, argc, argv)) != -1;)
        switch (c) {
        case 'k':
            g.factors = (long long)tool_count("--factors", optarg, 1, MF_K_MAX);
            break;
        case 'p':
            g.personas =
                (long long)tool_count("--personas", optarg, 1, MF_PERSONAS_MAX);
            break;
        case 'w': g.overlap = tool_real("--overlap", optarg, 0, 1); break;
        case OPT_PERSONA_CELLS:
            g.persona_cells =
                (long long)tool_count("--persona-cells", optarg, 0, UINT32_MAX);
            break;
        case OPT_SHRINK: g.shrink = tool_real("--shrink", optarg, 0, max); break;
        case 'n':
            g.iterations = (long long)tool_count("--iterations", optarg, 0, 10000);
            break;
        case OPT_PRESET:
            g.preset = tool_choice("--preset", optarg, mf_preset_names);
            break;
        case 'u': g.unobserved = tool_real("--unobserved", optarg, 0, max); break;
        case 'l': g.lambda = tool_real("--lambda", optarg, 0, max); break;
        case OPT_LAMBDA_USERS:
            g.lambda_users = tool_real("--lambda-users", optarg, 0, max);
            break;
        case OPT_LAMBDA_ITEMS:
            g.lambda_items = tool_real("--lambda-items", optarg, 0, max);
            break;
        case OPT_NU: g.nu = tool_real("--nu", optarg, 0, 4); break;
        case OPT_INIT: g.init = read_init(optarg, &f); break;
        case OPT_WARMUP:
            g.warmup = strcmp(optarg, "all") == 0
                           ? MF_WARMUP_ALL
                           : (long long)tool_count("--warmup", optarg, 0, 10000);
            break;
        case OPT_RESTARTS:
            g.restarts = (long long)tool_count("--restarts", optarg, 1, 1000);
            break;
        case OPT_LAMBDA_BIAS:
            g.lambda_bias = tool_real("--lambda-bias", optarg, 0, max);
            break;
        case OPT_CONFIDENCE: read_confidence(&g, optarg); break;
        case OPT_BIAS: g.bias = 1; break;
        case OPT_NO_BIAS: g.bias = 0; break;
        case OPT_ASSIGN:
            g.assign = tool_choice("--assign", optarg, mf_assign_names);
            break;
        case OPT_SOLVER: read_solver(&g, optarg); break;
        case OPT_WATCH: params.watch = read_metric(optarg); break;
        case OPT_PATIENCE:
            params.patience = (uint32_t)tool_count("--patience", optarg, 0, 10000);
            stops = true;
            break;
        case OPT_TOL: params.tol = tool_real("--tol", optarg, 0, 1); break;
        case OPT_CHECKPOINT: f.checkpoint.path = optarg; break;
        case OPT_RESUME: f.resume = optarg; break;
        case OPT_FACTORS_ONLY: params.factors_only = true; break;
        case OPT_LOG: f.log = optarg; break;
        default: return TOOL_USAGE;
        }
    params.als = make_params(&g, &io);
    if (!stops && g.iterations < 0)
        params.patience = MF_PATIENCE_AUTO;
    params.report = &io.report;
    if (mf_als_check(&params.als, &err) < 0)
        tool_misuse("%s", err.text);
    mf_in *in = open_files(&io, &f, &params, tool_operand(argc, argv));
    if (mf_train_run(in, io.out, &params, &err) < 0)
        tool_die(&io, &err);
    mf_in_close(params.init);
    mf_in_close(params.resume);
    mf_in_close(in);
    return tool_finish(&io);
}
