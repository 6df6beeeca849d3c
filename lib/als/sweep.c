/* The order of the steps: starts, sweeps, the warm-up, and what the observer sees. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "als/loss.h"
#include "als/start.h"
#include "als/steps.h"
#include "als/wide.h"
#include "base/mem.h"
#include "base/number.h"

void mf_als_tell(mf_als *als, const mf_report *report)
{
    als->tally.report = report;
}

/* Sweeps are one phase: what is done and what there is are the rows of all of them. */
static void begin_sweep(mf_als *als)
{
    uint64_t rows = (uint64_t)als->users.n + als->items.n;
    mf__snprintf(als->step, sizeof als->step, "sweep %u of %u", als->iteration,
                 als->p.iterations);
    als->tally.now = (mf_progress){.what = "training",
                                   .step = als->step,
                                   .unit = "rows",
                                   .done = (als->iteration - 1) * rows,
                                   .total = als->p.iterations * rows};
    mf__report_progress(als->tally.report, &als->tally.now);
}

/* Show the state to the observer, if there is one: as the last step derived it, or
 * measured. */
static int show(mf_als *als, const char *half, double moved, mf_als_observer *each,
                void *self, mf_err *err)
{
    mf_als_state state = {.iteration = als->iteration, .half = half, .moved = moved};
    int code = MF_OK;
    if (!each)
        return MF_OK;
    if (als->loss.known)
        mf__als_derive_state(als, &state);
    else
        code = mf_als_measure(als, &state, err);
    if (strcmp(half, "items") == 0)
        state.rmse = state.valid = NAN;
    if (code == MF_OK)
        each(self, &state);
    return code;
}

/* Split where the plain sweeps are done and others follow, and solve the personas. */
static int end_warmup(mf_als *als, mf_als_observer *each, void *self, mf_err *err)
{
    int code;
    if (!mf_als_warms_up(als) || als->iteration < als->p.warmup)
        return MF_OK;
    if ((code = mf__als_split_histories(als, NULL, err)) < 0 ||
        (code = mf__als_set_personas(als, als->p.personas, err)) < 0)
        return code;
    als_phase(als, "solving users", "users", als->users.n);
    code = mf_als_solve_users(als, err);
    return code == MF_OK ? show(als, "cluster", 0, each, self, err) : code;
}

int mf_als_begin(mf_als *als, mf_als_observer *each, void *self, mf_err *err)
{
    int code;
    als->begun = false;
    als->iteration = 0;
    if (als->p.init == MF_INIT_MODEL)
        return mf_fail(err, MF_EINVAL,
                       "the model that training starts from is missing");
    if ((code = mf__als_start_random(als, err)) < 0 ||
        (code = show(als, "start", 0, each, self, err)) < 0)
        return code;
    als->begun = true;
    return end_warmup(als, each, self, err);
}

int mf_als_sweep(mf_als *als, mf_als_observer *each, void *self, mf_err *err)
{
    double moved;
    int code;
    als->iteration++;
    begin_sweep(als);
    mf_als_assign(als, &moved);
    if ((code = mf_als_solve_items(als, err)) < 0 ||
        (code = show(als, "items", moved, each, self, err)) < 0 ||
        (code = mf_als_solve_users(als, err)) < 0 ||
        (code = show(als, "users", 0, each, self, err)) < 0)
        return code;
    return end_warmup(als, each, self, err);
}

int mf_als_start(mf_als *als, mf_als_observer *each, void *self, mf_err *err)
{
    int code = mf_als_begin(als, each, self, err);
    while (code == MF_OK && mf_als_warms_up(als) && als->iteration < als->p.iterations)
        code = mf_als_sweep(als, each, self, err);
    return code == MF_OK && mf_als_warms_up(als) ? mf_als_finish(als, each, self, err)
                                                 : code;
}

int mf_als_start_from(mf_als *als, const mf_als_factors *given, mf_als_observer *each,
                      void *self, mf_err *err)
{
    uint32_t p = given->users.personas;
    if (p == 0 || p > als->p.personas)
        return mf_fail(err, MF_EINVAL, "a model of %u personas cannot start one of %u",
                       p, als->p.personas);
    uint8_t *have = mf__new(als->train->rows, 1);
    if (!have)
        return mf__nomem(err);
    int code = mf_als_restore(als, given, 0, err);
    if (code == MF_OK) {
        mf__als_find_parts(als, have);
        code = mf__als_split_histories(als, have, err);
    }
    free(have);
    if (code == MF_OK && p < als->p.personas)
        code = mf__als_set_personas(als, als->p.personas, err);
    als_phase(als, "solving users", "users", als->users.n);
    if (code == MF_OK)
        code = mf_als_solve_users(als, err);
    return code == MF_OK ? show(als, "start", 0, each, self, err) : code;
}

int mf_als_finish(mf_als *als, mf_als_observer *each, void *self, mf_err *err)
{
    int code = MF_OK;
    bool splits = mf_als_warms_up(als);
    mf__als_wide_rest(als); /* memory for what comes now */
    if (als->wide && !als->users.bias) /* b_u would need U in the same basis */
        code = mf__als_turn_items(als, err);
    if (code == MF_OK && splits)
        code = mf__als_split_histories(als, NULL, err);
    if (code == MF_OK && splits)
        code = mf__als_new_personas(als, als->p.personas, err);
    als_phase(als, "solving users", "users", als->users.n);
    if (code == MF_OK && (splits || als->wide))
        code = mf__als_solve_users_exactly(als, err);
    return code == MF_OK && splits ? show(als, "cluster", 0, each, self, err) : code;
}

int mf_als_run(mf_als *als, mf_als_observer *each, void *self, mf_err *err)
{
    int code = mf_als_begin(als, each, self, err);
    while (code == MF_OK && als->iteration < als->p.iterations)
        code = mf_als_sweep(als, each, self, err);
    return code == MF_OK ? mf_als_finish(als, each, self, err) : code;
}
