#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool_als.h"
#include "tool_private.h"

const char *const tool_als_unobserved_by[] = {"popularity:G", "none", NULL};

const char *const tool_als_confidences[] = {"linear:A", "log:A,EPS", "none", NULL};

const char *const tool_als_solvers[] = {"auto", "cholesky", "dual", "cg:STEPS", NULL};

tool_als tool_als_none(void)
{
    return (tool_als){.init = -1,
                      .factors = -1,
                      .personas = -1,
                      .iterations = -1,
                      .warmup = -1,
                      .persona_cells = -1,
                      .restarts = -1,
                      .overlap = NAN,
                      .shrink = NAN,
                      .unobserved = NAN,
                      .popularity = NAN,
                      .lambda = NAN,
                      .lambda_users = NAN,
                      .lambda_items = NAN,
                      .lambda_bias = NAN,
                      .nu = NAN,
                      .bias = -1,
                      .confidence = -1};
}

static uint32_t whole(long long value, uint32_t otherwise)
{
    return value < 0 ? otherwise : (uint32_t)value;
}

static double real(double value, double otherwise)
{
    return isnan(value) ? otherwise : value;
}

/* A number of at least `least`, or auto. */
static double read_auto(const char *option, const char *text, double least, double most)
{
    return strcmp(text, "auto") == 0 ? MF_ALS_AUTO
                                     : tool_real(option, text, least, most);
}

/* A plain number, one of densities, as 8x, or auto. */
static void read_unobserved(tool_als *g, const char *text)
{
    char number[64];
    size_t len = strlen(text), digits = strspn(text, "0123456789.eE+-");
    bool ends = digits > 0 && digits + 1 == len && len <= sizeof number;
    bool times = ends && text[digits] == 'x';
    g->unit = times ? MF_W0_DENSITY : MF_W0_PLAIN;
    if (strcmp(text, "auto") == 0) {
        g->unobserved = MF_ALS_AUTO;
        return;
    }
    snprintf(number, sizeof number, "%.*s", (int)digits, text);
    if (ends && text[digits] == 'X')
        tool_misuse("--unobserved: '%s' is not a number; did you mean '%sx'?", text,
                    number);
    if (digits + times != len || len == 0)
        tool_misuse("--unobserved: '%s' is not a number, nor one times the density, "
                    "such as 8x, nor auto",
                    text);
    g->unobserved = tool_real("--unobserved", times ? number : text, 0, 1e12);
}

/* popularity:G or none. */
static void read_unobserved_by(tool_als *g, const char *text)
{
    static const char by[] = "popularity:";
    g->popularity = 0;
    if (strncmp(text, by, sizeof by - 1) == 0)
        g->popularity = tool_real("--unobserved-by", text + sizeof by - 1, 0, 4);
    else if (strcmp(text, "none") != 0)
        tool_none_of("--unobserved-by", text, tool_als_unobserved_by);
}

/* linear:A, log:A,EPS or none. */
static void read_confidence(tool_als *g, const char *text)
{
    char name[16], alpha[64], eps[64];
    g->alpha = g->eps = 0;
    if (strcmp(text, "none") == 0)
        g->confidence = MF_CONFIDENCE_NONE;
    else if (sscanf(text, "%15[^:]:%63[^,],%63s", name, alpha, eps) == 3 &&
             strcmp(name, "log") == 0) {
        g->confidence = MF_CONFIDENCE_LOG;
        g->alpha = read_auto("--confidence", alpha, 1e-12, 1e12);
        g->eps = tool_real("--confidence", eps, 1e-30, 1e12);
    } else if (sscanf(text, "%15[^:]:%63[^,]%1s", name, alpha, eps) == 2 &&
               strcmp(name, "linear") == 0) {
        g->confidence = MF_CONFIDENCE_LINEAR;
        g->alpha = read_auto("--confidence", alpha, 1e-12, 1e12);
    } else
        tool_none_of("--confidence", text, tool_als_confidences);
}

/* auto, cholesky, dual or cg:STEPS. */
static void read_solver(tool_als *g, const char *text)
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
    tool_none_of("--solver", text, tool_als_solvers);
}

mf_als_params tool_als_params(const tool_als *g, const tool_io *io)
{
    mf_als_params p = mf_als_defaults((mf_preset)g->preset);
    p.k = whole(g->factors, p.k);
    p.personas = whole(g->personas, p.personas);
    p.iterations = whole(g->iterations, mf_als_default_iterations(p.preset, p.k));
    p.init = g->init < 0 ? p.init : (mf_init)g->init;
    p.warmup = whole(g->warmup, p.init == MF_INIT_MODEL ? 0 : MF_WARMUP_ALL);
    p.restarts = whole(g->restarts, p.restarts);
    p.overlap = real(g->overlap, p.overlap);
    p.persona_cells = whole(g->persona_cells, p.persona_cells);
    p.shrink = real(g->shrink, p.shrink);
    if (!isnan(g->unobserved)) {
        p.unobserved = g->unobserved;
        p.unobserved_unit = g->unit;
    }
    p.popularity = real(g->popularity, p.popularity);
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

mf_metric tool_als_metric(const char *option, const char *text)
{
    mf_err err = {0};
    mf_metric_list list;
    if (mf_metrics_parse(&list, text, &err) < 0)
        tool_misuse("%s: %s", option, err.text);
    if (list.n != 1)
        tool_misuse("%s: '%s': one metric is enough", option, text);
    if (!mf_metric_is_held_out(&list.metric[0]))
        tool_misuse("%s: %s is not about held-out cells", option, text);
    return list.metric[0];
}

bool tool_als_take(tool_als *g, int key)
{
    const double max = 1e12;
    switch (key) {
    case 'k':
        g->factors = (long long)tool_count("--factors", optarg, 1, MF_K_MAX);
        return true;
    case 'p':
        g->personas = (long long)tool_count("--personas", optarg, 1, MF_PERSONAS_MAX);
        return true;
    case 'w': g->overlap = tool_real("--overlap", optarg, 0, 1); return true;
    case TOOL_ALS_PERSONA_CELLS:
        g->persona_cells =
            (long long)tool_count("--persona-cells", optarg, 0, UINT32_MAX);
        return true;
    case TOOL_ALS_SHRINK:
        g->shrink = tool_real("--shrink", optarg, 0, max);
        return true;
    case 'n':
        g->iterations = (long long)tool_count("--iterations", optarg, 0, 10000);
        return true;
    case TOOL_ALS_PRESET:
        g->preset = tool_choice("--preset", optarg, mf_preset_names);
        return true;
    case 'u': read_unobserved(g, optarg); return true;
    case TOOL_ALS_UNOBSERVED_BY: read_unobserved_by(g, optarg); return true;
    case 'l': g->lambda = read_auto("--lambda", optarg, 0, max); return true;
    case TOOL_ALS_LAMBDA_USERS:
        g->lambda_users = read_auto("--lambda-users", optarg, 0, max);
        return true;
    case TOOL_ALS_LAMBDA_ITEMS:
        g->lambda_items = read_auto("--lambda-items", optarg, 0, max);
        return true;
    case TOOL_ALS_NU: g->nu = tool_real("--nu", optarg, 0, 4); return true;
    case TOOL_ALS_WARMUP:
        g->warmup = strcmp(optarg, "all") == 0
                        ? MF_WARMUP_ALL
                        : (long long)tool_count("--warmup", optarg, 0, 10000);
        return true;
    case TOOL_ALS_RESTARTS:
        g->restarts = (long long)tool_count("--restarts", optarg, 1, 1000);
        return true;
    case TOOL_ALS_LAMBDA_BIAS:
        g->lambda_bias = tool_real("--lambda-bias", optarg, 0, max);
        return true;
    case TOOL_ALS_CONFIDENCE: read_confidence(g, optarg); return true;
    case TOOL_ALS_BIAS: g->bias = 1; return true;
    case TOOL_ALS_NO_BIAS: g->bias = 0; return true;
    case TOOL_ALS_ASSIGN:
        g->assign = tool_choice("--assign", optarg, mf_assign_names);
        return true;
    case TOOL_ALS_SOLVER: read_solver(g, optarg); return true;
    default: return false;
    }
}

/* --- ranks --- */

/* The exit handler has no other way to know. */
static mf_ranks *joined;
static bool agreed;       /* all ranks exit, */
static bool alike = true; /* or they all have the same to say of the usage */

static void leave(int status, void *unused)
{
    (void)unused;
    bool all = agreed || status == TOOL_DONE || (status == TOOL_USAGE && alike);
    if (!all)
        mf_ranks_abandon(joined, status);
    else
        mf_ranks_close(joined);
}

mf_ranks *tool_als_join(tool_io *io)
{
    mf_err err = {0};
    if (mf_ranks_open(&joined, &err) < 0)
        tool_die(io, &err);
    if (!joined)
        return NULL;
    on_exit(leave, NULL);
    int null = mf_ranks_rank(joined) > 0 ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
    if (null >= 0) {
        dup2(null, STDOUT_FILENO);
        close(null);
        tool_messages_mute();
        io->report = (mf_report){0};
    }
    return joined;
}

/* What one says, all do; the first says it for them. */
static bool agree(mf_err *why)
{
    int code = mf_ranks_agree(joined, why->code, why);
    agreed = true;
    return code < 0 && mf_ranks_rank(joined) == 0;
}

void tool_als_part(void)
{
    alike = false;
    if (joined)
        tool_messages_agree(agree);
}

void tool_als_opened(void)
{
    mf_err err = {0};
    tool_messages_agree(NULL);
    if (mf_ranks_agree(joined, MF_OK, &err) == MF_OK)
        return;
    agreed = true;
    tool_messages_end(&err, mf_ranks_rank(joined) == 0);
}

void tool_als_open_output(tool_io *io, int kind)
{
    bool standard = !io->output || strcmp(io->output, "-") == 0;
    if (mf_ranks_size(joined) > 1 && kind == TOOL_BINARY && standard && !io->force &&
        isatty(STDOUT_FILENO))
        tool_misuse("several ranks write to a file, as mpirun shows a terminal to "
                    "standard output: name one with -o FILE");
    tool_open_output(io, kind);
}

void tool_als_die(tool_io *io, const mf_err *err)
{
    agreed = true;
    if (mf_ranks_rank(joined) == 0)
        tool_die(io, err);
    tool_temporaries_remove();
    exit(TOOL_FAILED);
}

int tool_als_finish(tool_io *io)
{
    mf_err err = {0};
    bool writes = io->out != NULL, replaces = writes && io->file.path;
    int code = writes ? tool_finish_sync(io, &err) : MF_OK;
    if (mf_ranks_agree(joined, code, &err) < 0)
        tool_als_die(io, &err);
    code = writes ? tool_finish_appear(io, &err) : MF_OK;
    bool there = replaces && code == MF_OK;
    if (mf_ranks_agree(joined, code, &err) == MF_OK)
        return TOOL_DONE;
    char *target = there ? tool_names_target(io->output) : NULL;
    if (target)
        unlink(target);
    free(target);
    tool_als_die(io, &err);
}

void tool_als_no_shard(const char *what, const char *path)
{
    if (path && strstr(path, "%r"))
        tool_misuse("%s: '%s': %%r, the number of a rank, can be in the names of the "
                    "ratings and the model of mf-als alone, under mpirun; name one "
                    "file",
                    what, path);
}

bool tool_als_shard(tool_io *io, const char *what, const char **path)
{
    const char *from = *path, *at = from ? strstr(from, "%r") : NULL;
    char *to, number[16];
    if (!at)
        return false;
    if (!joined)
        tool_als_no_shard(what, from);
    size_t len = (size_t)snprintf(number, sizeof number, "%d", mf_ranks_rank(joined));
    *path = to = tool_array(io, strlen(from) / 2 * (len + 1) + len + 2, 1);
    for (; at; from = at + 2, at = strstr(from, "%r")) {
        memcpy(to, from, (size_t)(at - from));
        to += at - from;
        memcpy(to, number, len);
        to += len;
    }
    strcpy(to, from);
    return true;
}
