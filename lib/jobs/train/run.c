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
#include "jobs/train/deal.h"
#include "jobs/train/log.h"

void mf__run_free(run *r)
{
    mf_als_close(r->als);
    if (!r->borrows) {
        mf__stream_free_ids(r->p.disk, &r->users);
        mf_ids_free(&r->items);
    }
    mf__stream_free_rows(r->p.disk, &r->train);
    mf__stream_free_rows(r->p.disk, &r->valid);
    mf__stream_free_rows(r->p.disk, &r->known);
    mf_als_factors_free(&r->given);
    mf__als_factors_free(r->p.disk, &r->best);
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
    if (r->code < 0 || (r->code = measure_valid(r, s, &e.valid)) < 0)
        return;
    r->code = mf__reserve(&r->entry, &r->cap, r->n + 1, sizeof *r->entry, r->err);
    if (r->code == MF_OK) {
        r->entry[r->n++] = e;
        r->improved |= mf__stop_see(&r->stop, &e);
        report_state(r, &e);
        if (r->params->log)
            r->code = mf__train_log_put(r->params->log, &e,
                                        mf__train_clock() - r->began, r->err);
    }
    r->code = mf_ranks_agree(r->ranks, r->code, r->err);
}

/* --- between two sweeps --- */

/* Have rank 0 get the users and cells of all; `all` owns them, and *s is of them. */
static int collect(const run *r, checkpoint_state *s, mf_als_factors *all)
{
    size_t cells = r->train.nnz;
    if (!mf__ranks_many(r->ranks))
        return MF_OK;
    int code = mf__collect_tensor(r->ranks, &all->users, s->users, r->err);
    if (code == MF_OK)
        code = mf__collect_bytes(r->ranks, &all->z, s->z, cells, r->err);
    if (code == MF_OK && s->next_z)
        code = mf__collect_bytes(r->ranks, &all->next_z, s->next_z, cells, r->err);
    s->users = &all->users;
    s->z = all->z;
    s->next_z = all->next_z;
    return code;
}

static int store_checkpoint(const run *r, const checkpoint_state *now,
                            const checkpoint_state *best)
{
    const mf_train_store *store = r->params->checkpoint;
    mf_out *out;
    int code = store->begin(store->self, &out, r->err);
    if (code == MF_OK)
        code = mf__checkpoint_write(out, &r->of, mf_als_iteration(r->als), now, r->n,
                                    r->entry, best, r->err);
    return code == MF_OK ? store->commit(store->self, r->err) : code;
}

static int write_checkpoint(const run *r)
{
    bool other = r->best.z && r->stop.best != mf_als_iteration(r->als);
    mf_als_factors all = {0}, all_best = {0};
    checkpoint_state now = {mf_als_users(r->als), mf_als_items(r->als),
                            mf_als_personas(r->als), mf_als_next_personas(r->als)};
    checkpoint_state best = {&r->best.users, &r->best.items, r->best.z, NULL};
    int code = collect(r, &now, &all);
    if (code == MF_OK && other)
        code = collect(r, &best, &all_best);
    if (code == MF_OK && mf_ranks_rank(r->ranks) == 0)
        code = store_checkpoint(r, &now, other ? &best : NULL);
    mf_als_factors_free(&all);
    mf_als_factors_free(&all_best);
    return mf_ranks_agree(r->ranks, code, r->err);
}

static int save_best(run *r)
{
    bool keep = r->improved && r->patience > 0;
    r->improved = false;
    if (!keep)
        return MF_OK;
    int code = r->params->checkpoint ? mf_als_save(r->als, &r->best, r->err)
                                     : mf_als_save_result(r->als, &r->best, r->err);
    return mf_ranks_agree(r->ranks, code, r->err);
}

/* Rank 0 has read the checkpoint: give the others their part of it. */
static int deal_checkpoint(const run *r, checkpoint *c)
{
    struct {
        uint64_t history;
        uint32_t iteration, best;
    } head = {c->history_n, c->iteration, c->has_best};
    if (!mf__ranks_many(r->ranks))
        return MF_OK;
    mf__ranks_broadcast(r->ranks, RANKS_DATA, &head, sizeof head, 0);
    int code = mf__reserve(&c->history, &c->history_cap, head.history,
                           sizeof *c->history, r->err);
    if ((code = mf_ranks_agree(r->ranks, code, r->err)) < 0)
        return code;
    c->history_n = head.history;
    c->iteration = head.iteration;
    c->has_best = head.best;
    mf__ranks_broadcast(r->ranks, RANKS_DATA, c->history,
                        c->history_n * sizeof *c->history, 0);
    code = mf__deal_factors(r->ranks, &c->now, r->train.rows, r->train.nnz, r->err);
    return code == MF_OK && c->has_best
               ? mf__deal_factors(r->ranks, &c->best, r->train.rows, r->train.nnz,
                                  r->err)
               : code;
}

/* Go on with the run that wrote the checkpoint. */
static int resume(run *r)
{
    checkpoint c = {0};
    mf_in *in = r->params->resume;
    int code = in ? mf__checkpoint_read(&c, in, &r->of, r->err) : MF_OK;
    if (code == MF_OK && in && c.iteration > r->p.iterations)
        code = mf_fail(r->err, MF_EFORMAT,
                       "%s: the checkpoint has %u sweep%s already, more than %u",
                       mf_in_name(in), c.iteration, mf__plural(c.iteration),
                       r->p.iterations);
    code = mf_ranks_agree(r->ranks, code, r->err);
    if (code == MF_OK)
        code = deal_checkpoint(r, &c);
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
    code = mf_ranks_agree(r->ranks, code, r->err);
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
    double resumes = r->params->resume != NULL;
    mf__ranks_total(r->ranks, &resumes, 1);
    if (resumes > 0)
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
    double sums[] = {(double)of.dual, (double)of.cg, (double)of.longer,
                     (double)of.in_double};
    mf__ranks_total(r->ranks, sums, 4);
    of = (mf_als_solves){(size_t)sums[0], (size_t)sums[1], (size_t)sums[2],
                         (size_t)sums[3]};
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
    r->swept = mf__train_clock();
    mf__ranks_begin(r->ranks);
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
    mf__als_factors_free(r->p.disk, &r->best);
    mf__ranks_note(r->ranks, r->params->report, mf_als_iteration(r->als),
                   mf__train_clock() - r->swept);
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
