/* Reads the ratings, trains, writes the model; and what happens between two sweeps. */
#include "mf/train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "als/params.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/report.h"
#include "jobs/train/checkpoint.h"
#include "jobs/train/describe.h"
#include "jobs/train/init.h"
#include "jobs/train/job.h"
#include "jobs/train/log.h"
#include "jobs/train/stop.h"
#include "jobs/train/watch.h"
#include "mf/model.h"
#include "wire/stage.h"

mf_train_params mf_train_defaults(mf_preset preset)
{
    return (mf_train_params){.als = mf_als_defaults(preset)};
}

int mf_train_check(const mf_train_params *params, mf_err *err)
{
    int code = mf_als_check(&params->als, err);
    if (code < 0)
        return code;
    if (!(params->tol >= 0 && params->tol <= 1))
        return mf_fail(err, MF_EINVAL, "tol is %g; it must be in 0 .. 1", params->tol);
    if ((params->als.init == MF_INIT_MODEL) != (params->init != NULL))
        return mf_fail(err, MF_EINVAL,
                       "init: a model and the start it is for go together");
    if (!mf_metric_is_held_out(&params->watch))
        return mf_fail(err, MF_EINVAL, "watch: %s is not about held-out cells",
                       params->watch.name);
    if (params->all_known && params->factors_only)
        return mf_fail(err, MF_EINVAL,
                       "train-on: with factors alone nothing would say that validation "
                       "cells are training cells now");
    return MF_OK;
}

/* One run of training. */
typedef struct run {
    const mf_train_params *params;
    mf_als_params p; /* canonical */
    double began;    /* seconds */
    mf_ids users, items;
    mf_csr train, valid, known;
    mf_als_factors given; /* of --init */
    checkpoint_of of;     /* for checkpoints */
    mf_als *als;
    mf_metric metric; /* watched; name "": nothing */
    bool watches;     /* metric is not the rmse that training measures anyway, but */
    watch watch;      /* measured here */
    uint32_t patience;
    stop_rule stop;
    bool improved;           /* the factors are the best so far */
    mf_als_factors best;     /* those of the best sweep, stored for --patience */
    mf_history_entry *entry; /* [n], the history */
    size_t n, cap;
    mf_card card;
    int code; /* of a failure in record_state, which returns nothing */
    mf_err *err;
} run;

static void run_free(run *r)
{
    mf_als_close(r->als);
    mf_ids_free(&r->users);
    mf_ids_free(&r->items);
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
    mf__report_progress(r->params->report, "sweep", e->iteration, r->p.iterations);
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

/* All sweeps; then the factors of the best one, if that was not the last. */
static int train(run *r)
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

/* --- before and after --- */

/* Choose the watched metric: the one that was asked for, or one that suits the
 * target. */
static int choose_metric(run *r)
{
    bool stored = r->p.preset == MF_PRESET_STUDY || r->p.preset == MF_PRESET_EXPLICIT;
    mf_metric_list list;
    int code;
    if (r->valid.nnz == 0)
        return r->patience == 0
                   ? MF_OK
                   : mf_fail(r->err, MF_EFORMAT,
                             "no validation cells to be patient with; mark some with "
                             "mf-split --valid");
    r->metric = r->params->watch;
    if (!r->metric.name[0]) {
        if ((code = mf_metrics_parse(&list, stored ? "rmse" : "ndcg@100", r->err)) < 0)
            return code;
        r->metric = list.metric[0];
    }
    code = mf__watch_open(&r->watch, &r->metric, stored, &r->p, &r->train, &r->valid,
                          &r->known, &r->users, r->err);
    r->watches = r->metric.kind != MF_METRIC_RMSE || r->watch.trained < r->watch.users;
    if (code == MF_OK && r->watches && r->watch.users == 0 && r->patience > 0)
        code =
            mf_fail(r->err, MF_EFORMAT,
                    "no user with %svalidation cells has training or fold-in cells to "
                    "be patient with; mark some with mf-split --valid%s",
                    mf_metric_is_prediction(&r->metric) ? "" : "relevant ",
                    mf_metric_is_prediction(&r->metric) ? "" : ", or watch rmse");
    snprintf(r->card.watch, sizeof r->card.watch, "%s", r->metric.name);
    return code;
}

/* A digest of all that training reads from the ratings, and of the ids in their
 * order. */
static int digest_ratings(const mf_ratings *x, uint64_t *digest, mf_err *err)
{
    uint64_t part[8] = {0};
    int code = MF_OK;
    const mf_ids *ids[] = {&x->users, &x->items};
    for (unsigned fold = 0; code == MF_OK && fold < MF_FOLDS; fold++)
        if (fold != MF_TEST)
            code = mf_ratings_digest(x, 1u << fold, true, &part[fold], err);
    for (size_t axis = 0; axis < 2; axis++)
        if (ids[axis]->n > 0) {
            size_t n = ids[axis]->n;
            part[4 + 2 * axis] = XXH3_64bits(ids[axis]->text, ids[axis]->off[n]);
            part[5 + 2 * axis] =
                XXH3_64bits(ids[axis]->off, (n + 1) * sizeof *ids[axis]->off);
        }
    *digest = XXH3_64bits(part, sizeof part);
    return code;
}

/* Copy from the ratings what training needs, so that they can be freed. */
static int take_ratings(run *r, const mf_ratings *x)
{
    enum { HELD_OUT = 1 << MF_VALID | 1 << MF_TEST };
    int code = mf_ratings_digest(x, 1 << MF_TRAIN, true, &r->card.train, r->err);
    if (code == MF_OK)
        code = mf_ratings_digest(x, HELD_OUT, false, &r->card.held_out, r->err);
    if (code == MF_OK && (r->params->checkpoint || r->params->resume))
        code = digest_ratings(x, &r->of.ratings, r->err);
    if (code == MF_OK)
        code = mf_ratings_folds(&r->train, x, 1 << MF_TRAIN, r->err);
    if (code == MF_OK)
        code = mf_ratings_folds(&r->valid, x, 1 << MF_VALID, r->err);
    if (code == MF_OK)
        code = mf_ratings_folds(&r->known, x, 1 << MF_FOLD_IN, r->err);
    return code;
}

/* --- messages --- */

/* What the values of the training cells say, unless they are numbers to be
 * predicted. */
static void note_values(const run *r)
{
    size_t liked = 0, disliked = 0, other = 0, n = r->train.nnz;
    if (mf__als_takes_numbers(&r->p))
        return;
    for (size_t t = 0; t < n; t++) {
        liked += r->train.val[t] > 0;
        disliked += r->train.val[t] < 0;
        other += r->train.val[t] > 0 && r->train.val[t] != 1;
    }
    mf__report_note(
        r->params->report,
        "training cells: %zu liked, %zu that say nothing (0), %zu dislike%s "
        "(below 0)",
        liked, n - liked - disliked, disliked, mf__plural(disliked));
    if (other > 0 && r->p.preset == MF_PRESET_IMPLICIT &&
        !mf__als_has_confidence(&r->p))
        mf__report_note(r->params->report,
                        "values that are not 1: %zu; that a cell is there counts, not "
                        "its value; --confidence weighs it",
                        other);
}

/* An id for a message. */
typedef struct shown {
    const char *id;
    int len;
} shown;

static shown show(const mf_ids *ids, uint32_t i)
{
    size_t len;
    const char *id = mf_ids_get(ids, i, &len);
    return (shown){id, len < 200 ? (int)len : 200};
}

/* Name the first cell whose confidence overflows. */
static int check_values(const run *r)
{
    size_t cell;
    uint32_t u = 0;
    if (!mf_als_find_overflow(&r->p, &r->train, &cell))
        return MF_OK;
    while (r->train.ptr[u + 1] <= cell)
        u++;
    shown user = show(&r->users, u), item = show(&r->items, r->train.col[cell]);
    return mf_fail(r->err, MF_EFORMAT,
                   "the value of user '%.*s' and item '%.*s', %g, " MF__ALS_OVERFLOW,
                   user.len, user.id, item.len, item.id, (double)r->train.val[cell]);
}

/* Name the user or item whose system could not be solved, if that is what failed. */
static int name_failure(const run *r, int code)
{
    bool item;
    uint32_t row;
    if (code != MF_EMATH || !mf_als_failed(r->als, &item, &row))
        return code;
    shown of = show(item ? &r->items : &r->users, row);
    *r->err = (mf_err){0};
    return mf_fail(r->err, code,
                   "the system of %s '%.*s' cannot be solved: " MF__ALS_SINGULAR,
                   item ? "item" : "user", of.len, of.id);
}

/* --- the bundle --- */

/* The options of the job that decide which factors are the result. */
static void add_job_options(mf_stage *stage, const run *r)
{
    if (r->metric.name[0])
        mf_stage_option(stage, "watch", "%s", r->metric.name);
    if (r->patience > 0)
        mf_stage_option(stage, "patience", "%u", r->patience);
    if (r->params->tol > 0)
        mf_stage_number(stage, "tol", r->params->tol);
    if (r->params->all_known)
        mf_stage_option(stage, "train-on", "train,valid");
}

static void describe_run(run *r, const mf_stage *stage)
{
    r->of.stage = *stage;
    mf__stage_drop(&r->of.stage, "iterations");
    r->of.users = r->train.rows;
    r->of.items = r->train.cols;
    r->of.k = r->p.k;
    r->of.personas = r->p.personas;
    r->of.bias = r->p.bias;
    r->of.cells = r->train.nnz;
}

static int write_model(mf_bundle_writer *w, const run *r, mf_err *err)
{
    int code = mf_bundle_put_card(w, &r->card, err);
    if (code == MF_OK)
        code = mf_bundle_put_factors(w, MF_ITEM, mf_als_items(r->als), NULL, NULL, err);
    if (code == MF_OK)
        code = mf_bundle_put_factors(w, MF_USER, mf_als_users(r->als), r->train.ptr,
                                     mf_als_personas(r->als), err);
    if (code == MF_OK)
        code = mf_bundle_put_history(w, r->n, r->entry, err);
    return code;
}

/* Find the parameters that are left to the training cells, and say what they are. */
static int settle(run *r)
{
    mf_als_params *p = &r->p;
    mf_als_shape shape;
    if (mf__als_is_settled(p))
        return MF_OK;
    bool alpha = mf__als_has_confidence(p) && p->alpha == MF_ALS_AUTO;
    int code = mf_als_measure_shape(&shape, p, &r->train, r->err);
    if (code == MF_OK)
        code = mf_als_settle(p, &r->train, r->err);
    if (code < 0)
        return code;
    mf__report_note(r->params->report,
                    "W0 is %.4g: %.4g times the density of the training cells, %.4g; "
                    "lambda is %.4g for users, %.4g for items",
                    p->unobserved, p->unobserved / shape.density, shape.density,
                    p->lambda_users, p->lambda_items);
    if (alpha)
        mf__report_note(r->params->report, "A of the confidence is %.4g", p->alpha);
    r->card.unobserved = p->unobserved;
    r->card.lambda_users = p->lambda_users;
    r->card.lambda_items = p->lambda_items;
    r->card.alpha = p->alpha;
    return MF_OK;
}

/* Settle on the number of sweeps and when to stop, where that was left to the data. */
static void choose_sweeps(run *r)
{
    enum { PATIENCE = 3, SWEEPS = 16 };
    mf_als_params *p = &r->p;
    r->patience = r->params->patience;
    if (r->patience == MF_PATIENCE_AUTO) {
        r->patience = r->valid.nnz > 0 ? PATIENCE : 0;
        if (r->patience > 0 && p->iterations < SWEEPS)
            p->iterations = SWEEPS;
    }
    r->card.iterations = p->iterations;
    r->card.warmup = p->warmup < p->iterations ? p->warmup : p->iterations;
}

/* Train on the ratings, which are freed, and write the model; *stage is filled in. */
static int train_and_write(run *r, mf_ratings *x, mf_bundle_writer *w, mf_stage *stage)
{
    uint64_t digest = 0;
    r->card = mf__train_card(&r->p);
    int code = take_ratings(r, x);
    choose_sweeps(r);
    *stage = mf__train_stage(&r->p);
    if (code == MF_OK)
        code = settle(r);
    if (code == MF_OK && r->params->init)
        code = mf__train_init_load(&r->given, r->params->init, x, r->card.train, &r->p,
                                   &digest, r->params->report, r->err);
    r->users = x->users;
    r->items = x->items;
    x->users = x->items = (mf_ids){0};
    mf_ratings_free(x);
    if (code == MF_OK)
        code = choose_metric(r);
    if (code == MF_OK && r->params->log && r->params->log_begin)
        code = r->params->log_begin(r->params->log_self, r->err);
    if (code == MF_OK)
        code = check_values(r);
    if (code < 0)
        return code;
    if (r->train.nnz == 0)
        mf__report_warn(r->params->report,
                        "no cell is training: the model will know nothing");
    add_job_options(stage, r);
    if (r->params->init)
        mf_stage_input(stage, "init", digest);
    describe_run(r, stage);
    if (r->params->factors_only)
        mf_stage_option(stage, "factors-only", "yes");
    bool start = r->p.init == MF_INIT_MODEL;
    r->stop = mf__stop_make(&r->metric, r->patience, r->params->tol, start,
                            r->p.warmup == MF_WARMUP_ALL ? 0 : r->p.warmup);
    code =
        mf_als_open(&r->als, &r->train, r->watches ? NULL : &r->valid, &r->p, r->err);
    if (code == MF_OK) {
        note_values(r);
        code = name_failure(r, train(r));
    }
    return code == MF_OK ? write_model(w, r, r->err) : code;
}

int mf__train_ratings(mf_ratings *x, const mf_train_params *params, double began,
                      mf_bundle_writer *w, mf_stage *stage, mf_err *err)
{
    run r = {.params = params,
             .p = mf__train_canonical(&params->als),
             .began = began,
             .err = err};
    int code = train_and_write(&r, x, w, stage);
    run_free(&r);
    return code;
}

int mf_train_run(mf_in *in, mf_out *out, const mf_train_params *params, mf_err *err)
{
    mf_err own = {0};
    err = err ? err : &own;
    double began = mf__train_clock();
    mf_bundle_writer *w;
    mf_bundle_reader *reader = NULL;
    mf_model model = {0};
    mf_stage stage;
    unsigned want = MF_WANT_RATINGS | (params->factors_only ? MF_WANT_NO_ROWS : 0u) |
                    (params->all_known ? MF_WANT_VALID_AS_TRAIN : 0u);
    int code = mf_train_check(params, err);
    if (code < 0 || (code = mf_bundle_writer_open(&w, out, err)) < 0)
        return code;
    code = mf_model_load(&model, in, want, w, &reader, err);
    if (code == MF_OK && model.has_factors)
        mf__report_note(params->report, "the model that was there is replaced");
    if (code == MF_OK)
        code = mf__train_ratings(&model.ratings, params, began, w, &stage, err);
    if (code == MF_OK)
        code = mf_bundle_put_end(w, reader, &stage, err);
    mf_model_free(&model);
    mf_bundle_reader_close(reader);
    mf_bundle_writer_close(w);
    return code;
}
