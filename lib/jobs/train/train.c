/* Reads the ratings, trains, writes the model. */
#include "mf/train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "als/params.h"
#include "base/disk.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/report.h"
#include "jobs/train/deal.h"
#include "jobs/train/describe.h"
#include "jobs/train/init.h"
#include "jobs/train/log.h"
#include "jobs/train/run.h"
#include "jobs/train/stream.h"
#include "jobs/train/values.h"
#include "wire/stage.h"
#include "wire/writer.h"

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
    if (params->memory > 0 && (params->init || params->resume || params->checkpoint))
        return mf_fail(err, MF_EINVAL,
                       "memory: a bounded training has no checkpoints, and begins from "
                       "cluster or gaussian");
    if (params->memory > 0 && mf__ranks_many(params->als.ranks))
        return mf_fail(err, MF_EINVAL,
                       "memory: it bounds one process, and of several ranks each has a "
                       "part of the users");
    if (params->all_known && params->factors_only)
        return mf_fail(err, MF_EINVAL,
                       "train-on: with factors alone nothing would say that validation "
                       "cells are training cells now");
    return MF_OK;
}

/* --- before and after --- */

/* Choose the watched metric: the one that was asked for, or one that suits the
 * target. */
static int choose_metric(run *r)
{
    bool stored = r->p.preset == MF_PRESET_STUDY || r->p.preset == MF_PRESET_EXPLICIT;
    mf_metric_list list;
    int code;
    if (r->all_valid == 0)
        return r->patience == 0
                   ? MF_OK
                   : mf_fail(r->err, MF_EFORMAT,
                             "no validation cells to be patient with; mark some with "
                             "mf-split --valid 10%%, or where there are few cells "
                             "--method=leave-out --valid 1");
    r->metric = r->params->watch;
    if (!r->metric.name[0]) {
        if ((code = mf_metrics_parse(&list, stored ? "rmse" : "ndcg@100", r->err)) < 0)
            return code;
        r->metric = list.metric[0];
    }
    code = mf__watch_open(&r->watch, &r->metric, stored, &r->p, &r->train, &r->valid,
                          &r->known, &r->users, r->err);
    r->watches =
        r->metric.kind != MF_METRIC_RMSE || r->watch.all_trained < r->watch.all;
    if (code == MF_OK && r->watches && r->watch.all == 0 && r->patience > 0)
        code = mf__watch_nobody(&r->watch, "watch", r->err);
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

int mf__train_digest(const mf_train_params *params, const mf_ratings *x, uint64_t *data,
                     mf_err *err)
{
    *data = 0;
    return params->checkpoint || params->resume ? digest_ratings(x, data, err) : MF_OK;
}

/* Copy from the ratings what training needs, so that they can be freed. */
static int take_ratings(run *r, const mf_ratings *x)
{
    enum { HELD_OUT = 1 << MF_VALID | 1 << MF_TEST };
    int code = mf_ratings_digest(x, 1 << MF_TRAIN, true, &r->card.train, r->err);
    if (code == MF_OK)
        code = mf_ratings_digest(x, HELD_OUT, false, &r->card.held_out, r->err);
    if (code == MF_OK)
        code = mf_ratings_folds(&r->train, x, 1 << MF_TRAIN, r->err);
    if (code == MF_OK)
        code = mf_ratings_folds(&r->valid, x, 1 << MF_VALID, r->err);
    if (code == MF_OK)
        code = mf_ratings_folds(&r->known, x, 1 << MF_FOLD_IN, r->err);
    return code;
}

/* Take over what was read block by block. */
static void take_stream(run *r)
{
    train_stream *s = r->stream;
    r->card.train = s->of_train;
    r->card.held_out = s->of_held_out;
    r->train = s->train.x;
    r->valid = s->valid.x;
    r->known = s->known.x;
    s->train = s->valid = s->known = (stream_rows){0};
}

static int take_cells(run *r, const mf_ratings *x)
{
    int code = MF_OK;
    if (r->stream)
        take_stream(r);
    else
        code = take_ratings(r, x);
    if ((code = mf_ranks_agree(r->ranks, code, r->err)) < 0)
        return code;
    double sums[] = {(double)r->train.nnz, (double)r->valid.nnz};
    mf__ranks_total(r->ranks, sums, 2);
    mf__ranks_before(r->ranks, r->train.rows, &r->all_users);
    r->all_cells = sums[0];
    r->all_valid = sums[1];
    if (!r->params->shards_out) { /* of what is written, the cells of all */
        mf__ranks_before(r->ranks, r->card.train, &r->card.train);
        mf__ranks_before(r->ranks, r->card.held_out, &r->card.held_out);
    }
    return MF_OK;
}

/* --- messages --- */

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
    int named = MF_OK;
    if (code != MF_EMATH)
        return code;
    if (mf_als_failed(r->als, &item, &row)) {
        shown of = show(item ? &r->items : &r->users, row);
        *r->err = (mf_err){0};
        named = mf_fail(r->err, code,
                        "the system of %s '%.*s' cannot be solved: " MF__ALS_SINGULAR,
                        item ? "item" : "user", of.len, of.id);
    }
    named = mf_ranks_agree(r->ranks, named, r->err); /* by the rank that has the user */
    return named < 0 ? named : code;
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

static mf_stage make_stage(const run *r)
{
    mf_stage stage = mf__train_stage(&r->asked);
    add_job_options(&stage, r);
    if (r->params->init)
        mf_stage_input(&stage, "init", r->digest);
    return stage;
}

static void describe_run(run *r)
{
    r->of.stage = make_stage(r);
    mf__stage_drop(&r->of.stage, "iterations");
    r->of.ratings = r->data;
    r->of.users = (uint32_t)r->all_users;
    r->of.items = r->train.cols;
    r->of.k = r->p.k;
    r->of.personas = r->p.personas;
    r->of.bias = r->p.bias;
    r->of.cells = (size_t)r->all_cells;
}

static int write_users(mf_bundle_writer *w, const run *r, const mf_tensor *users,
                       const size_t *zptr, const uint8_t *z, mf_err *err)
{
    int code = mf_bundle_put_card(w, &r->card, err);
    if (code == MF_OK)
        code = mf_bundle_put_factors(w, MF_ITEM, mf_als_items(r->als), NULL, NULL, err);
    if (code == MF_OK)
        code = mf__factors_put(w, MF_USER, users, zptr, z, r->p.disk, err);
    if (code == MF_OK)
        code = mf_bundle_put_history(w, r->n, r->entry, err);
    return code;
}

/* Rank 0 writes the users of all. */
static int write_collected(mf_bundle_writer *w, const run *r, mf_err *err)
{
    mf_tensor users = {0};
    size_t *zptr = NULL;
    uint8_t *z = NULL;
    int code = mf__collect_tensor(r->ranks, &users, mf_als_users(r->als), err);
    if (code == MF_OK)
        code = mf__collect_rows(r->ranks, &zptr, &r->train, err);
    if (code == MF_OK)
        code =
            mf__collect_bytes(r->ranks, &z, mf_als_personas(r->als), r->train.nnz, err);
    if (code == MF_OK && w)
        code = write_users(w, r, &users, zptr, z, err);
    mf_tensor_free(&users);
    free(zptr);
    free(z);
    return code;
}

static int write_model(mf_bundle_writer *w, const run *r, mf_err *err)
{
    int code = mf__ranks_many(r->ranks) && !r->params->shards_out
                   ? write_collected(w, r, err)
                   : write_users(w, r, mf_als_users(r->als), r->train.ptr,
                                 mf_als_personas(r->als), err);
    return mf_ranks_agree(r->ranks, code, err);
}

/* Find the parameters that are left to the training cells, and say what they are. */
static int settle(run *r)
{
    mf_als_params *p = &r->p;
    mf_als_shape shape;
    if (mf__als_is_settled(p))
        return MF_OK;
    bool alpha = mf__als_has_confidence(p) && p->alpha == MF_ALS_AUTO;
    mf__report_phase(r->params->report, "looking at the cells");
    int code = mf_als_measure_shape(&shape, p, &r->train, r->err);
    if (code == MF_OK)
        code = mf_als_settle_by(p, &shape, r->err);
    if (code < 0)
        return code;
    if (!mf__als_takes_numbers(p))
        mf__report_note(
            r->params->report,
            "W0 is %.4g: %.4g times the density of the training cells, %.4g",
            p->unobserved, p->unobserved / shape.density, shape.density);
    mf__report_note(r->params->report, "lambda is %.4g for users, %.4g for items",
                    p->lambda_users, p->lambda_items);
    if (shape.noise > 1)
        mf__report_note(r->params->report,
                        "the training cells are sparse or noisy: lambda is %.3g times "
                        "what their numbers alone say",
                        shape.noise);
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
        r->patience = r->all_valid > 0 ? PATIENCE : 0;
        if (r->patience > 0 && p->iterations < SWEEPS)
            p->iterations = SWEEPS;
    }
}

static void set_sweeps(run *r, uint32_t sweeps)
{
    r->asked.iterations = r->card.iterations = sweeps;
    r->card.warmup = r->p.warmup < sweeps ? r->p.warmup : sweeps;
}

/* Leave out factors that would say nothing; a model that is given has what it has. */
static void limit_factors(run *r)
{
    uint32_t k = r->p.k, p = r->p.personas;
    double users = r->train.rows; /* of all ranks */
    char few[64];
    mf__ranks_total(r->ranks, &users, 1);
    if (!r->params->init)
        mf_als_limit_factors(&r->p, &r->train);
    r->card.k = r->p.k;
    if (r->p.k == k)
        return;
    if (users * p < r->train.cols)
        mf__snprintf(few, sizeof few, "%.0f user%s of %u persona%s", users,
                     mf__plural((uint64_t)users), p, mf__plural(p));
    else
        mf__snprintf(few, sizeof few, "%u item%s", r->train.cols,
                     mf__plural(r->train.cols));
    mf__report_warn(
        r->params->report,
        "%u factors are trained, not %u: with %s more would change no score", r->p.k, k,
        few);
}

/* Take from the ratings what there is to train on, and settle what is left to it. */
static int prepare(run *r, const mf_ratings *x)
{
    r->card = mf__train_card(&r->p);
    int code = take_cells(r, x);
    if (code == MF_OK && !mf__ranks_many(r->ranks))
        code = mf__train_digest(r->params, x, &r->data, r->err);
    choose_sweeps(r);
    set_sweeps(r, r->p.iterations);
    code = mf_ranks_agree(r->ranks, code, r->err);
    if (code == MF_OK) {
        limit_factors(r);
        code = settle(r);
    }
    if (code == MF_OK && r->params->init)
        code = mf__train_init_load(&r->given, r->params->init, x, r->card.train, &r->p,
                                   &r->digest, r->params->report, r->err);
    r->users = x->users;
    r->items = x->items;
    return mf_ranks_agree(r->ranks, code, r->err);
}

static int train_prepared(run *r)
{
    int code = mf__values_check(&r->p, &r->train, r->err);
    if (code == MF_OK)
        code = choose_metric(r);
    if (code == MF_OK && r->params->log && r->params->log_begin)
        code = r->params->log_begin(r->params->log_self, r->err);
    if (code == MF_OK)
        code = check_values(r);
    if ((code = mf_ranks_agree(r->ranks, code, r->err)) < 0)
        return code;
    if (r->all_cells == 0)
        mf__report_warn(r->params->report,
                        "no cell is training: the model will know nothing");
    mf__values_warn(&r->p, &r->train, r->params->report);
    describe_run(r);
    bool start = r->p.init == MF_INIT_MODEL;
    r->stop = mf__stop_make(&r->metric, r->patience, r->params->tol, start,
                            r->p.warmup == MF_WARMUP_ALL ? 0 : r->p.warmup);
    code =
        mf_als_open(&r->als, &r->train, r->watches ? NULL : &r->valid, &r->p, r->err);
    if (code == MF_OK) {
        mf_als_tell(r->als, r->params->report);
        mf__values_note(&r->p, &r->train, r->params->report);
        code = name_failure(r, mf__run_train(r));
    }
    return code;
}

static run make_run(const mf_train_params *params, double began, mf_err *err)
{
    mf_als_params p = mf__train_canonical(&params->als);
    return (run){.params = params,
                 .p = p,
                 .asked = p,
                 .began = began,
                 .ranks = p.ranks,
                 .err = err};
}

int mf__train_write(const train_run *r, mf_bundle_writer *w, mf_stage *stage,
                    mf_err *err)
{
    *stage = make_stage(r);
    if (r->params->factors_only)
        mf_stage_option(stage, "factors-only", "yes");
    return write_model(w, r, err);
}

int mf__train_dealt(mf_ratings *x, train_stream *stream, const mf_train_params *params,
                    uint64_t data, double began, mf_bundle_writer *w, mf_stage *stage,
                    mf_err *err)
{
    run r = make_run(params, began, err);
    r.data = data;
    r.stream = stream;
    r.p.disk = stream ? stream->disk : NULL;
    int code = prepare(&r, x);
    x->users = x->items = (mf_ids){0};
    mf_ratings_free(x);
    if (code == MF_OK)
        code = train_prepared(&r);
    if (code == MF_OK)
        code = mf__train_write(&r, w, stage, err);
    mf__run_free(&r);
    return code;
}

int mf__train_ratings(mf_ratings *x, const mf_train_params *params, double began,
                      mf_bundle_writer *w, mf_stage *stage, mf_err *err)
{
    return mf__train_dealt(x, NULL, params, 0, began, w, stage, err);
}

/* --- a run that is kept --- */

/* Forget what came after the sweep whose factors were kept. */
static void cut(run *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        if (r->entry[i].iteration <= r->card.best)
            r->entry[n++] = r->entry[i];
    r->n = n;
    r->patience = 0;
    set_sweeps(r, r->card.best);
}

int mf__train_keep(train_run **out, const mf_ratings *x, const mf_train_params *params,
                   double began, mf_err *err)
{
    run *r = mf__new(1, sizeof *r);
    *out = NULL;
    if (!r)
        return mf__nomem(err);
    *r = make_run(params, began, err);
    r->borrows = true;
    int code = prepare(r, x);
    if (code == MF_OK)
        code = train_prepared(r);
    if (code < 0) {
        mf__train_close(r);
        return code;
    }
    cut(r);
    r->err = NULL; /* is the caller's */
    *out = r;
    return MF_OK;
}

void mf__train_close(train_run *r)
{
    if (r)
        mf__run_free(r);
    free(r);
}

double mf__train_value(const train_run *r, uint32_t *sweeps)
{
    *sweeps = r->card.best;
    return r->entry[r->n - 1].valid;
}
