/* What happens between two sweeps. */
#include "jobs/train/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "als/params.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/report.h"
#include "jobs/train/log.h"

void mf__run_free(run *r)
{
    mf_als_close(r->als);
    if (!r->borrows) {
        mf_ids_free(&r->users);
        mf_ids_free(&r->items);
    }
    mf_csr_free(&r->train);
    mf_csr_free(&r->valid);
    mf_csr_free(&r->known);
    mf_als_factors_free(&r->given);
    mf_als_factors_free(&r->best);
    mf__watch_close(&r->watch);
    free(r->entry);
}

/* --- after each half-sweep --- */

static void report_state(const run *r, const mf_history_entry *e)
{
    char valid[64] = "", rmse[32] = "";
    if (isfinite(e->rmse))
        mf__snprintf(rmse, sizeof rmse, ", rmse %.5g", e->rmse);
    if (isfinite(e->valid))
        mf__snprintf(valid, sizeof valid, ", %s %.5g (validation)", r->metric.name,
                     e->valid);
    mf__report_note(r->params->report, "sweep %u %s: loss %.7g%s%s, moved %.3g",
                    e->iteration, e->half, e->loss, rmse, valid, e->moved);
}

/* The watched metric. One that is not the rmse is measured when U has been solved. */
static int measure_valid(const run *r, const mf_als_state *s, double *valid)
{
    *valid = s->valid;
    if (!r->watches)
        return MF_OK;
    *valid = NAN;
    return strcmp(s->half, "items") == 0
               ? MF_OK
               : mf__watch_measure(&r->watch, r->als, valid, r->err);
}

static void record_state(void *self, const mf_als_state *s)
{
    run *r = self;
    mf_history_entry e = {.iteration = s->iteration,
                          .loss = s->loss,
                          .prediction = s->prediction,
                          .users = s->users,
                          .items = s->items,
                          .rmse = s->rmse,
                          .moved = s->moved};
    snprintf(e.half, sizeof e.half, "%s", s->half);
    if (r->code < 0 || (r->code = measure_valid(r, s, &e.valid)) < 0 ||
        (r->code =
             mf__reserve(&r->entry, &r->cap, r->n + 1, sizeof *r->entry, r->err)) < 0)
        return;
    r->entry[r->n++] = e;
    r->improved |= mf__stop_see(&r->stop, &e);
    report_state(r, &e);
    if (r->params->log)
        r->code =
            mf__train_log_put(r->params->log, &e, mf__train_clock() - r->began, r->err);
}

/* --- between two sweeps --- */

static int write_checkpoint(run *r)
{
    const mf_train_store *store = r->params->checkpoint;
    bool other = r->best.z && r->stop.best != mf_als_iteration(r->als);
    mf_out *out;
    int code = store->begin(store->self, &out, r->err);
    if (code == MF_OK)
        code = mf__checkpoint_write(out, &r->of, r->als, r->n, r->entry,
                                    other ? &r->best : NULL, r->err);
    return code == MF_OK ? store->commit(store->self, r->err) : code;
}

static int save_best(run *r)
{
    bool keep = r->improved && r->patience > 0;
    r->improved = false;
    if (!keep)
        return MF_OK;
    return r->params->checkpoint ? mf_als_save(r->als, &r->best, r->err)
                                 : mf_als_save_result(r->als, &r->best, r->err);
}

/* Go on with the run that wrote the checkpoint. */
static int resume(run *r)
{
    checkpoint c;
    mf_in *in = r->params->resume;
    int code = mf__checkpoint_read(&c, in, &r->of, r->err);
    if (code < 0)
        return code;
    if (c.iteration > r->p.iterations)
        code = mf_fail(r->err, MF_EFORMAT,
                       "%s: the checkpoint has %u sweep%s already, more than %u",
                       mf_in_name(in), c.iteration, mf__plural(c.iteration),
                       r->p.iterations);
    if (code == MF_OK)
        code = mf_als_restore(r->als, &c.now, c.iteration, r->err);
    r->entry = c.history;
    r->n = c.history_n;
    r->cap = c.history_cap;
    c.history = NULL;
    for (size_t i = 0; code == MF_OK && i < r->n; i++) {
        mf__stop_see(&r->stop, &r->entry[i]);
        if (r->params->log)
            code = mf__train_log_put(r->params->log, &r->entry[i], NAN, r->err);
    }
    if (c.has_best) {
        r->best = c.best;
        c.best = (mf_als_factors){0};
    } else if (code == MF_OK) {
        r->improved = r->stop.any;
        code = save_best(r);
    }
    mf__checkpoint_free(&c);
    mf__report_note(r->params->report, "goes on after %u sweep%s",
                    mf_als_iteration(r->als), mf__plural(mf_als_iteration(r->als)));
    return code;
}

static int begin(run *r)
{
    int code;
    if (r->params->resume)
        return resume(r);
    if (r->p.init == MF_INIT_MODEL) {
        code = mf_als_start_from(r->als, &r->given, record_state, r, r->err);
        mf_als_factors_free(&r->given);
    } else
        code = mf_als_begin(r->als, record_state, r, r->err);
    if (code == MF_OK)
        code = r->code;
    return code == MF_OK ? save_best(r) : code;
}

static int sweep(run *r)
{
    int code = mf_als_sweep(r->als, record_state, r, r->err);
    if (code == MF_OK)
        code = r->code;
    if (code == MF_OK)
        code = save_best(r);
    return code == MF_OK && r->params->checkpoint ? write_checkpoint(r) : code;
}

static void report_separation(const run *r, const mf_als_separation *apart)
{
    if (isfinite(apart->agreement) && isfinite(apart->entropy))
        mf__report_note(
            r->params->report,
            "personas: two of a user agree on %.3g %% of their first %d items; entropy "
            "of the shares of cells %.4g bits, %.3g %% of log2 p",
            100 * apart->agreement, MF_AGREEMENT_TOP, apart->entropy,
            100 * apart->entropy / log2(r->p.personas));
}

static void report_solves(const run *r)
{
    mf_als_solves of = mf_als_count_solves(r->als);
    if (of.dual + of.cg > 0)
        mf__report_note(
            r->params->report,
            "systems solved in their dual: %zu; by conjugate gradients: %zu, "
            "%zu of which took more steps than %u",
            of.dual, of.cg, of.longer, mf__als_steps(&r->p));
    if (of.in_double > 0)
        mf__report_note(
            r->params->report,
            "systems that were ill-conditioned and solved again in double: %zu",
            of.in_double);
}

int mf__run_train(run *r)
{
    const char *why = NULL;
    int code = begin(r);
    while (code == MF_OK && mf_als_iteration(r->als) < r->p.iterations &&
           !(why = mf__stop_why(&r->stop)))
        code = sweep(r);
    if (code < 0)
        return code;
    if (why)
        mf__report_note(r->params->report, "stopped after %u sweep%s: %s",
                        mf_als_iteration(r->als), mf__plural(mf_als_iteration(r->als)),
                        why);
    if (r->best.z && r->stop.best != mf_als_iteration(r->als)) {
        mf__report_note(r->params->report, "the factors after sweep %u are kept",
                        r->stop.best);
        code = mf_als_restore(r->als, &r->best, r->stop.best, r->err);
    }
    mf_als_factors_free(&r->best);
    if (code == MF_OK)
        code = mf_als_finish(r->als, record_state, r, r->err);
    if (code == MF_OK)
        code = r->code;
    report_solves(r);
    mf_als_separation apart;
    if (code == MF_OK)
        code = mf_als_measure_separation(r->als, &apart, r->err);
    if (code < 0)
        return code;
    r->card.best = mf_als_iteration(r->als);
    r->card.mu = mf_als_mu(r->als);
    r->card.agreement = apart.agreement;
    r->card.entropy = apart.entropy;
    report_separation(r, &apart);
    return code;
}
