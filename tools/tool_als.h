/* tool_als.h - the options of mf-als that say what is trained; mf-tune has them too. */
#ifndef TOOL_ALS_H
#define TOOL_ALS_H

#include "mf/als.h"
#include "mf/metrics.h"
#include "tool.h"

enum {
    TOOL_ALS_PRESET = TOOL_OWN + 200,
    TOOL_ALS_PERSONA_CELLS,
    TOOL_ALS_SHRINK,
    TOOL_ALS_UNOBSERVED_BY,
    TOOL_ALS_LAMBDA_USERS,
    TOOL_ALS_LAMBDA_ITEMS,
    TOOL_ALS_LAMBDA_BIAS,
    TOOL_ALS_NU,
    TOOL_ALS_WARMUP,
    TOOL_ALS_RESTARTS,
    TOOL_ALS_CONFIDENCE,
    TOOL_ALS_BIAS,
    TOOL_ALS_NO_BIAS,
    TOOL_ALS_ASSIGN,
    TOOL_ALS_SOLVER
};

/* Rows of a table of options, in pieces. -n, -u, -l, --lambda-users and --lambda-items
 * are rows of the tools' own: what holds without them differs. */
#define TOOL_ALS_SHAPE                                                                 \
    {"factors", "K", 'k', "factors of a vector, 1 to 16384 (64)"},                     \
        {"personas", "P", 'p', "personas of a user, 1 to 64 (3)"},                     \
        {"overlap", "OMEGA", 'w',                                                      \
         "what a cell of one persona counts for the others of the user, 0 to 1 "       \
         "(0.5)"},                                                                     \
        {"persona-cells", "C", TOOL_ALS_PERSONA_CELLS,                                 \
         "a user has a persona, and one more for each C cells, at most P; 0 or more, " \
         "0: P (5; "                                                                   \
         "study 0)"},                                                                  \
    {                                                                                  \
        "shrink", "CELLS", TOOL_ALS_SHRINK,                                            \
            "draw the overlap of users with few cells to 1, 0 or more (0)"             \
    }

#define TOOL_ALS_MODEL                                                                 \
    {"preset", "MODEL", TOOL_ALS_PRESET,                                               \
     "implicit, wrmf, explicit or study (implicit)"},                                  \
    {                                                                                  \
        "confidence", "C", TOOL_ALS_CONFIDENCE,                                        \
            "what a cell of value X counts, in implicit and wrmf: linear:A (A X), "    \
            "log:A,EPS "                                                               \
            "(A log(1 + X/EPS)) or none (1 for all); A may be auto (none; wrmf "       \
            "log:auto,1)"                                                              \
    }

#define TOOL_ALS_TERMS                                                                 \
    {"unobserved-by", "HOW", TOOL_ALS_UNOBSERVED_BY,                                   \
     "popularity:G: an unheard cell weighs by how many have the item, to the power "   \
     "G, "                                                                             \
     "0 to 4; or none: all alike, in implicit and wrmf (none)"},                       \
        {"lambda-bias", "L", TOOL_ALS_LAMBDA_BIAS,                                     \
         "of the biases of explicit, 0 or more (0.1)"},                                \
        {"nu", "NU", TOOL_ALS_NU,                                                      \
         "lambda scales with the weight of the row to the NU, 0 to 4 (1; study 0)"},   \
        {"bias", NULL, TOOL_ALS_BIAS,                                                  \
         "fit a mean and biases, which explicit alone can (explicit: on)"},            \
    {                                                                                  \
        "no-bias", NULL, TOOL_ALS_NO_BIAS, "fit none"                                  \
    }

#define TOOL_ALS_STEPS                                                                 \
    {"warmup", "N", TOOL_ALS_WARMUP,                                                   \
     "plain sweeps before histories are divided, 0 to 10000, or all: after the last "  \
     "one (all; "                                                                      \
     "none where a model is the start)"},                                              \
        {"restarts", "N", TOOL_ALS_RESTARTS,                                           \
         "clusterings of each history, the best of which is kept, 1 to 1000 (6)"},     \
        {"assign", "RULE", TOOL_ALS_ASSIGN,                                            \
         "a cell goes to the persona of least loss, or of greatest score: loss or "    \
         "max "                                                                        \
         "(loss)"},                                                                    \
    {                                                                                  \
        "solver", "HOW", TOOL_ALS_SOLVER,                                              \
            "of the users' systems: auto, cholesky or dual, all exact; or cg:STEPS, "  \
            "so many "                                                                 \
            "steps of conjugate gradients, 1 to 1000, and one exact solution at the "  \
            "end "                                                                     \
            "(auto)"                                                                   \
    }

/* Rows of a table of words. */
#define TOOL_ALS_WORDS                                                                 \
    {"preset", mf_preset_names}, {"assign", mf_assign_names},                          \
        {"confidence", tool_als_confidences}, {"solver", tool_als_solvers},            \
    {                                                                                  \
        "unobserved-by", tool_als_unobserved_by                                        \
    }

extern const char *const tool_als_confidences[], *const tool_als_solvers[],
                                                     *const tool_als_unobserved_by[];

/* The options that were given. Those that were not depend on the preset, which may come
 * after them on the command line. */
typedef struct tool_als {
    mf_solver solver;
    uint32_t steps;
    int preset, assign;
    int init, bias, confidence; /* -1: not given */
    double alpha, eps;          /* of the confidence that was given */
    long long factors, personas, iterations, warmup, restarts, /* -1: not given */
        persona_cells;
    mf_w0_unit unit;                            /* of unobserved, where that is given */
    double overlap, shrink, unobserved, lambda; /* NaN: not given */
    double popularity;
    double lambda_users, lambda_items, lambda_bias, nu;
} tool_als;

tool_als tool_als_none(void);

/* Deal with an option that is one of these, its value in optarg; false: it is none. */
bool tool_als_take(tool_als *g, int key);

/* What was given, and the defaults. */
mf_als_params tool_als_params(const tool_als *g, const tool_io *io);

/* Join the processes that were started together; NULL: this one was started alone. But
 * for the first, they say nothing of what all say: usage, notes, warnings. A process
 * that exits alone, with 1, ends all. */
mf_ranks *tool_als_join(tool_io *io);

/* While files are opened: between these two a rank that fails, or finds the usage wrong,
 * does so for all, and one line is said. */
void tool_als_part(void);
void tool_als_opened(void);

/* tool_open_output of a rank. */
void tool_als_open_output(tool_io *io, int kind);

/* After a failure that all ranks know of: the first says what, and all exit with 1. */
_Noreturn void tool_als_die(tool_io *io, const mf_err *err);

/* tool_finish, where there is an output. No rank's output appears before those of all
 * are on disk; where one cannot, those that have are removed. */
int tool_als_finish(tool_io *io);

/* The name with the number of the rank in the place of each %r; *path, to be kept, is
 * what it was where there is none. True if there was one; one process alone has no
 * number: wrong usage. `what` is it the name of, for a message. */
bool tool_als_shard(tool_io *io, const char *what, const char **path);

/* Wrong usage where the name, or NULL, has a %r. */
void tool_als_no_shard(const char *what, const char *path);

/* A metric of held-out cells. */
mf_metric tool_als_metric(const char *option, const char *text);

#endif
