/* What the model card and the provenance say of a training. */
#include "jobs/train/describe.h"

#include <stdio.h>

#include "base/number.h"
#include "wire/stage.h"

mf_als_params mf__train_canonical(const mf_als_params *params)
{
    mf_als_params p = *params;
    if (p.personas == 1) {
        if (p.init != MF_INIT_MODEL)
            p.init = MF_INIT_GAUSSIAN;
        p.overlap = 1;
        p.assign = MF_ASSIGN_LOSS;
        p.shrink = 0;
        p.persona_cells = 0;
        p.restarts = 1;
    }
    if (p.unobserved == MF_ALS_AUTO)
        p.unobserved_unit = MF_W0_PLAIN;
    if (p.unobserved == 0) {
        p.unobserved_unit = MF_W0_PLAIN;
        p.popularity = 0;
    }
    if (!p.bias)
        p.lambda_bias = 0;
    if (p.confidence == MF_CONFIDENCE_NONE)
        p.alpha = 0;
    if (p.confidence != MF_CONFIDENCE_LOG)
        p.eps = 0;
    if (p.init != MF_INIT_CLUSTER)
        p.warmup = 0;
    if (p.solver != MF_SOLVER_CG)
        p.steps = 0;
    return p;
}

mf_card mf__train_card(const mf_als_params *p)
{
    mf_card c = {.k = p->k,
                 .personas = p->personas,
                 .overlap = p->overlap,
                 .shrink = p->shrink,
                 .persona_cells = p->persona_cells,
                 .unobserved = p->unobserved,
                 .popularity = p->popularity,
                 .lambda_users = p->lambda_users,
                 .lambda_items = p->lambda_items,
                 .nu = p->nu,
                 .iterations = p->iterations,
                 .warmup = p->warmup,
                 .restarts = p->personas > 1 ? p->restarts : 0,
                 .seed = p->seed,
                 .alpha = p->alpha,
                 .eps = p->eps,
                 .lambda_bias = p->lambda_bias};
    snprintf(c.preset, sizeof c.preset, "%s", mf_preset_names[p->preset]);
    snprintf(c.init, sizeof c.init, "%s", mf_init_names[p->init]);
    snprintf(c.assign, sizeof c.assign, "%s", mf_assign_names[p->assign]);
    snprintf(c.confidence, sizeof c.confidence, "%s",
             mf_confidence_names[p->confidence]);
    return c;
}

/* A number, or "auto". */
static void say_number(char text[NUMBER_TEXT], double x)
{
    if (x == MF_ALS_AUTO)
        snprintf(text, NUMBER_TEXT, "auto");
    else
        mf__number_plain(text, x);
}

static void stage_number(mf_stage *s, const char *name, double x)
{
    char text[NUMBER_TEXT];
    say_number(text, x);
    mf_stage_option(s, name, "%s", text);
}

/* As --confidence takes it. */
static void stage_confidence(mf_stage *s, const mf_als_params *p)
{
    char alpha[NUMBER_TEXT], eps[NUMBER_TEXT];
    say_number(alpha, p->alpha);
    mf__number_plain(eps, p->eps);
    if (p->confidence == MF_CONFIDENCE_LINEAR)
        mf_stage_option(s, "confidence", "linear:%s", alpha);
    if (p->confidence == MF_CONFIDENCE_LOG)
        mf_stage_option(s, "confidence", "log:%s,%s", alpha, eps);
}

/* As --unobserved and --unobserved-by take it. */
static void stage_unobserved(mf_stage *s, const mf_als_params *p)
{
    char w0[NUMBER_TEXT], power[NUMBER_TEXT];
    say_number(w0, p->unobserved);
    mf_stage_option(s, "unobserved", "%s%s", w0,
                    p->unobserved_unit == MF_W0_DENSITY ? "x" : "");
    mf__number_plain(power, p->popularity);
    if (p->popularity > 0)
        mf_stage_option(s, "unobserved-by", "popularity:%s", power);
}

mf_stage mf__train_stage(const mf_als_params *p)
{
    mf_stage s = mf_stage_make("mf-als");
    mf_stage_seed(&s, p->seed);
    mf_stage_option(&s, "preset", "%s", mf_preset_names[p->preset]);
    if (p->init != MF_INIT_MODEL) /* that one is an input */
        mf_stage_option(&s, "init", "%s", mf_init_names[p->init]);
    mf_stage_option(&s, "factors", "%u", p->k);
    mf_stage_option(&s, "personas", "%u", p->personas);
    mf_stage_option(&s, "iterations", "%u", p->iterations);
    if (p->warmup == MF_WARMUP_ALL)
        mf_stage_option(&s, "warmup", "all");
    else
        mf_stage_option(&s, "warmup", "%u", p->warmup);
    if (p->personas > 1)
        mf_stage_option(&s, "restarts", "%u", p->restarts);
    mf_stage_number(&s, "overlap", p->overlap);
    mf_stage_number(&s, "shrink", p->shrink);
    if (p->personas > 1)
        mf_stage_option(&s, "persona-cells", "%u", p->persona_cells);
    stage_unobserved(&s, p);
    stage_number(&s, "lambda-users", p->lambda_users);
    stage_number(&s, "lambda-items", p->lambda_items);
    mf_stage_number(&s, "nu", p->nu);
    mf_stage_option(&s, "assign", "%s", mf_assign_names[p->assign]);
    stage_confidence(&s, p);
    if (p->preset == MF_PRESET_EXPLICIT)
        mf_stage_option(&s, p->bias ? "bias" : "no-bias", "yes");
    if (p->bias)
        mf_stage_number(&s, "lambda-bias", p->lambda_bias);
    if (p->solver == MF_SOLVER_CG)
        mf_stage_option(&s, "solver", "cg:%u", p->steps);
    else if (p->solver != MF_SOLVER_AUTO)
        mf_stage_option(&s, "solver", "%s", mf_solver_names[p->solver]);
    return s;
}
