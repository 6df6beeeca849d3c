/* Reads the ratings, searches, and has the best settings trained. */
#include "mf/tune.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/report.h"
#include "jobs/train/deal.h"
#include "jobs/train/describe.h"
#include "jobs/train/job.h"
#include "jobs/train/log.h"
#include "jobs/train/values.h"
#include "jobs/tune/record.h"
#include "mf/model.h"

/* A trial that after EARLY sweeps is behind the best by more than BEHIND, a share of
 * it, ends there. */
enum { EARLY = 2 };
static const double BEHIND = .1;
/* The search ends where no more than this is expected to be gained. */
static const double LEAST = .0005;
/* So many of the best are trained to the end, if they are as near to the best; as
 * mf-als stops by itself, so do they. */
enum { FINALISTS = 2, PATIENCE = 3 };
static const double NEAR = .001;
/* Trials by default, for each axis and in all at least. */
enum { TRIALS_AXIS = 6, TRIALS_LEAST = 12 };
/* Of fewer users differences are mostly chance. */
enum { USERS_FEW = 100 };

mf_tune_params mf_tune_defaults(mf_preset preset)
{
    mf_tune_params p = {.train = mf_train_defaults(preset)};
    for (int what = 0; what < MF_TUNE_AXES; what++)
        p.range[what].high = INFINITY;
    p.range[MF_TUNE_UNOBSERVED].searched = preset != MF_PRESET_EXPLICIT;
    p.range[MF_TUNE_LAMBDA].searched = true;
    return p;
}

int mf_tune_check(const mf_tune_params *params, mf_err *err)
{
    const mf_als_params *als = &params->train.als;
    if (params->trials > MF_TUNE_TRIALS_MAX)
        return mf_fail(err, MF_EINVAL, "trials: %u are more than %d", params->trials,
                       MF_TUNE_TRIALS_MAX);
    if (params->range[MF_TUNE_POPULARITY].searched &&
        als->preset != MF_PRESET_IMPLICIT && als->preset != MF_PRESET_WRMF)
        return mf_fail(err, MF_EINVAL,
                       "popularity: only implicit and wrmf weigh unheard cells");
    if (als->init == MF_INIT_MODEL)
        return mf_fail(err, MF_EINVAL,
                       "init: trials begin from the start, not from a "
                       "model");
    for (int what = 0; what < MF_TUNE_AXES; what++) {
        const mf_tune_range *r = &params->range[what];
        if (r->searched && r->low > r->high)
            return mf_fail(err, MF_EINVAL, "%s: the range %g..%g is empty",
                           mf_tune_axis_names[what], r->low, r->high);
    }
    return mf_train_check(&params->train, err);
}

typedef struct search {
    const mf_tune_params *params;
    mf_ranks *ranks; /* that make each trial together */
    space space;
    record record;
    mf_csr train, valid, known;
    watch watch;
    trial_data data;
    double began;
    size_t n; /* short trials, and */
    optimizer_point point[MF_TUNE_TRIALS_MAX];
    trial_result result[MF_TUNE_TRIALS_MAX];
    double score[MF_TUNE_TRIALS_MAX]; /* relative to the best */
    size_t best;                      /* of those that were not dropped */
    mf_err why;                       /* of the first that failed */
    bool divides;                     /* personas or overlap are searched */
    trial_plain plain[2];             /* of the best short trial, and of the last */
    mf_als_params chosen;             /* of the best whole trial, */
    train_run *made;                  /* its model, or NULL: by the log; owned */
    size_t of;                        /* which goes on with this short one */
    double metric;
    uint32_t trials; /* short ones, at most */
    /* progress, in sweeps */
    double done, planned;
    uint64_t sweep;        /* of the whole trial */
    mf_train_params whole; /* of that; trials differ in als alone, */
    mf_report quiet;       /* and its report */
    char words[100];
    mf_err *err;
} search;

static void free_cells(search *s)
{
    mf_csr_free(&s->train);
    mf_csr_free(&s->valid);
    mf_csr_free(&s->known);
    for (size_t i = 0; i < 2; i++)
        mf__trial_plain_free(&s->plain[i]);
}

static void search_free(search *s)
{
    mf__watch_close(&s->watch);
    free_cells(s);
    mf__record_free(&s->record);
}

static void plan_trials(search *s)
{
    uint32_t by_axis = TRIALS_AXIS * (uint32_t)s->space.axes;
    for (size_t j = 0; j < s->space.axes; j++)
        s->divides |=
            s->space.what[j] == MF_TUNE_PERSONAS || s->space.what[j] == MF_TUNE_OVERLAP;
    s->trials = s->params->trials        ? s->params->trials
                : by_axis > TRIALS_LEAST ? by_axis
                                         : TRIALS_LEAST;
}

/* --- what it goes by --- */

/* Take from the ratings what trials need, and their digest. */
static int take(search *s, const mf_ratings *x)
{
    uint64_t part[3] = {0};
    int code = mf_ratings_folds(&s->train, x, 1 << MF_TRAIN, s->err);
    if (code == MF_OK)
        code = mf_ratings_folds(&s->valid, x, 1 << MF_VALID, s->err);
    if (code == MF_OK)
        code = mf_ratings_folds(&s->known, x, 1 << MF_FOLD_IN, s->err);
    static const unsigned fold[] = {MF_TRAIN, MF_VALID, MF_FOLD_IN};
    for (size_t i = 0; code == MF_OK && i < 3; i++)
        code = mf_ratings_digest(x, 1u << fold[i], true, &part[i], s->err);
    uint64_t valid;
    if ((code = mf_ranks_agree(s->ranks, code, s->err)) < 0)
        return code;
    mf__ranks_before(s->ranks, s->valid.nnz, &valid);
    for (size_t i = 0; i < 3; i++)
        mf__ranks_before(s->ranks, part[i], &part[i]);
    s->record.data = XXH3_64bits(part, sizeof part);
    code = mf__values_check(&s->params->train.als, &s->train, s->err);
    if (code == MF_OK && valid == 0)
        code = mf_fail(s->err, MF_EFORMAT,
                       "no validation cells to compare settings on; mark some with "
                       "mf-split --valid 10%%, or where there are few cells "
                       "--method=leave-out --valid 1");
    return code;
}

static int choose_metric(search *s, const mf_ids *users)
{
    const mf_als_params *p = &s->space.base;
    bool stored = p->preset == MF_PRESET_STUDY || p->preset == MF_PRESET_EXPLICIT;
    mf_metric metric = s->params->train.watch;
    mf_metric_list list;
    int code = MF_OK;
    if (!metric.name[0]) {
        code = mf_metrics_parse(&list, stored ? "rmse" : "ndcg@100", s->err);
        metric = list.metric[0];
    }
    if (code == MF_OK)
        code = mf__watch_open(&s->watch, &metric, stored, p, &s->train, &s->valid,
                              &s->known, users, s->err);
    if (code == MF_OK && s->watch.all == 0)
        code = mf__watch_nobody(&s->watch, "metric", s->err);
    mf__watch_thin(&s->watch, MF_TUNE_USERS);
    return code;
}

static int open_record(search *s)
{
    s->record.space = &s->space;
    s->record.log = s->params->log;
    mf__space_fixed(s->record.fixed, &s->space, s->watch.metric.name);
    int code =
        s->params->past ? mf__record_read(&s->record, s->params->past, s->err) : MF_OK;
    if (code == MF_OK)
        code = mf__record_begin(&s->record, s->err);
    if (code == MF_OK && s->params->log_begin)
        code = s->params->log_begin(s->params->log_self, s->err);
    return mf_ranks_agree(s->ranks, code, s->err);
}

/* --- progress --- */

static void tick(void *self, uint32_t sweep)
{
    search *s = self;
    (void)sweep;
    s->done++;
    char best[40] = "";
    if (isfinite(s->metric))
        mf__snprintf(best, sizeof best, ", %s %.4g so far", s->watch.metric.name,
                     s->metric);
    mf__snprintf(s->words, sizeof s->words, "trial %u of %u%s", (unsigned)(s->n + 1),
                 (unsigned)(s->trials + FINALISTS), best);
    mf__report_progress(s->params->train.report,
                        &(mf_progress){"tuning", s->words, "sweeps", (uint64_t)s->done,
                                       (uint64_t)s->planned});
}

static void plan_progress(search *s)
{
    mf_als_params p = s->space.base, q = p;
    mf__space_short(&s->space, &p);
    mf__space_whole(&s->space, &q);
    s->planned = (double)s->trials * p.iterations + (double)FINALISTS * q.iterations;
}

/* --- trials --- */

static void note_trial(const search *s, const mf_als_params *p, const trial_result *r,
                       bool again)
{
    static const char *const end[] = {"", ", dropped", ""};
    char options[SPACE_OPTIONS];
    mf__space_options(options, &s->params->train, p);
    if (r->end == TRIAL_FAILED)
        mf__report_note(s->params->train.report, "%s: failed: %s", options,
                        again ? "as the log has it" : s->why.text);
    else
        mf__report_note(s->params->train.report, "%s: %s %.5g after %u sweep%s%s%s",
                        options, s->watch.metric.name, r->metric, r->sweeps,
                        mf__plural(r->sweeps), end[r->end],
                        again ? ", by the log" : "");
}

static bool look_up(search *s, const mf_als_params *p, bool whole, trial_result *out)
{
    const record_entry *e = mf__record_find(&s->record, p, whole);
    bool known = e != NULL; /* by the log, which rank 0 alone has */
    mf__ranks_broadcast(s->ranks, RANKS_SMALL, &known, sizeof known, 0);
    if (e)
        *out = e->result;
    if (!known)
        return false;
    mf__ranks_broadcast(s->ranks, RANKS_SMALL, out, sizeof *out, 0);
    s->done += p->iterations;
    note_trial(s, p, out, true);
    return true;
}

static int record_trial(search *s, const mf_als_params *p, bool whole,
                        const trial_result *r, const mf_err *why, double began)
{
    if (r->end == TRIAL_FAILED && s->why.code == MF_OK)
        s->why = *why;
    note_trial(s, p, r, false);
    int code =
        mf__record_add(&s->record, p, whole, r, mf__train_clock() - began, s->err);
    return mf_ranks_agree(s->ranks, code, s->err);
}

/* A trial by the log, or else one that is done now. */
static int run_short(search *s, const mf_als_params *p, const trial_plan *plan,
                     trial_result *out)
{
    mf_err why = {0};
    double began = mf__train_clock();
    if (look_up(s, p, false, out))
        return MF_OK;
    int code = mf__trial_run(out, &s->data, p, plan, &why, s->err);
    return code == MF_OK ? record_trial(s, p, false, out, &why, began) : code;
}

/* A training to its end tells rows of all its sweeps. */
static void tick_whole(void *self, const mf_progress *now)
{
    search *s = self;
    if (!now->step || now->total == 0)
        return;
    uint64_t sweep = now->done * s->whole.als.iterations / now->total;
    if (sweep > s->sweep)
        tick(s, (uint32_t)sweep);
    s->sweep = sweep;
}

/* The same for a training to its end, by mf-als's own code, and its model if it is done
 * now. */
static int run_whole(search *s, const mf_ratings *x, const mf_als_params *p,
                     trial_result *out, train_run **made)
{
    mf_err why = {0};
    double began = mf__train_clock();
    *made = NULL;
    if (look_up(s, p, true, out))
        return MF_OK;
    s->whole = s->params->train;
    s->whole.als = *p;
    s->whole.patience = s->params->sweeps ? 0 : PATIENCE;
    s->whole.tol = 0;
    s->quiet = (mf_report){.self = s, .progress = tick_whole};
    s->whole.report = &s->quiet;
    s->sweep = 0;
    *out = (trial_result){.early = NAN, .metric = NAN};
    int code = mf__train_keep(made, x, &s->whole, s->began, &why);
    if (code == MF_EMATH)
        out->end = TRIAL_FAILED;
    else if (code < 0) {
        *s->err = why;
        return code;
    } else
        out->metric = mf__train_value(*made, &out->sweeps);
    return record_trial(s, p, true, out, &why, began);
}

static double score_of(const search *s, double value)
{
    return mf__trial_score(&s->watch.metric, value);
}

/* The scores of all trials against the best one: of a trial that was dropped by what
 * both had then, of one that failed as if it were useless. */
static void compare(search *s)
{
    size_t best = s->n;
    for (size_t i = 0; i < s->n; i++)
        if (s->result[i].end == TRIAL_WHOLE &&
            (best == s->n ||
             score_of(s, s->result[i].metric) > score_of(s, s->result[best].metric)))
            best = i;
    s->best = best;
    for (size_t i = 0; i < s->n; i++) {
        const trial_result *r = &s->result[i], *b = &s->result[best];
        s->score[i] =
            best == s->n || r->end == TRIAL_FAILED ? -2
            : r->end == TRIAL_DROPPED
                ? fmin(score_of(s, r->early) - score_of(s, b->early), -BEHIND / 2)
                : score_of(s, r->metric) - score_of(s, b->metric);
    }
    if (best < s->n)
        s->metric = s->result[best].metric;
}

/* Most trials that differ in personas or overlap alone differ so from the best one. */
static void keep_plain(search *s)
{
    if (!s->plain[1].known)
        return;
    trial_plain before = s->plain[0];
    s->plain[0] = s->plain[1];
    s->plain[1] = before;
    s->plain[1].known = false;
}

/* Trials of a few sweeps, one after the other. */
static int explore(search *s)
{
    int code = MF_OK;
    while (code == MF_OK && s->n < s->trials) {
        optimizer_point next;
        bool found;
        code = mf__optimizer_next(s->space.axes, s->space.axis, s->n, s->point,
                                  s->score, LEAST, &next, &found, s->err);
        if ((code = mf_ranks_agree(s->ranks, code, s->err)) < 0)
            return code;
        mf__ranks_broadcast(s->ranks, RANKS_SMALL, &next, sizeof next, 0);
        mf__ranks_broadcast(s->ranks, RANKS_SMALL, &found, sizeof found, 0);
        if (!found)
            return code;
        mf_als_params p = mf__space_at(&s->space, &next);
        mf__space_short(&s->space, &p);
        trial_plan plan = {.early = p.iterations > EARLY ? EARLY : 0,
                           .floor = -INFINITY,
                           .finish = s->divides,
                           .have = &s->plain[0],
                           .make = s->divides ? &s->plain[1] : NULL};
        if (s->n > 0 && s->best < s->n && plan.early)
            plan.floor = score_of(s, s->result[s->best].early) - BEHIND;
        s->point[s->n] = next;
        code = run_short(s, &p, &plan, &s->result[s->n]);
        s->n += code == MF_OK;
        compare(s);
        if (s->best + 1 == s->n)
            keep_plain(s);
    }
    return code;
}

/* The best ones, to their end. */
static int finish(search *s, const mf_ratings *x)
{
    bool tried[MF_TUNE_TRIALS_MAX] = {false}, any = false;
    for (int round = 0; round < FINALISTS; round++) {
        size_t next = s->n;
        for (size_t i = 0; i < s->n; i++)
            if (!tried[i] && s->result[i].end == TRIAL_WHOLE && s->score[i] > -NEAR &&
                (next == s->n || s->score[i] > s->score[next]))
                next = i;
        if (next == s->n)
            break;
        tried[next] = true;
        mf_als_params p = mf__space_at(&s->space, &s->point[next]);
        mf__space_whole(&s->space, &p);
        trial_result r;
        train_run *made;
        int code = run_whole(s, x, &p, &r, &made);
        bool worse = code < 0 || r.end == TRIAL_FAILED ||
                     (any && score_of(s, r.metric) <= score_of(s, s->metric));
        train_run *out = worse || s->params->print ? made : s->made;
        if (!worse)
            s->made = s->params->print ? NULL : made;
        mf__train_close(out);
        if (code < 0)
            return code;
        if (worse)
            continue;
        any = true;
        s->metric = r.metric;
        s->chosen = p;
        s->of = next;
        s->chosen.iterations = r.sweeps;
    }
    if (any)
        return MF_OK;
    return s->why.code ? mf_fail(s->err, MF_EMATH, "every trial failed; the first: %s",
                                 s->why.text)
                       : mf_fail(s->err, MF_EMATH, "every trial failed, by the log");
}

/* Say where what was chosen lies at the rim of what was tried. */
static void warn_of_rims(const search *s)
{
    for (size_t j = 0; j < s->space.axes; j++) {
        const optimizer_axis *axis = &s->space.axis[j];
        int side = mf__optimizer_rim(j, s->n, s->point, s->of);
        int at = s->point[s->of].at[j];
        char value[SPACE_TEXT];
        bool ends = at == (side < 0 ? axis->low : axis->high);
        if (side == 0 || axis->low == axis->high)
            continue;
        mf__space_value(value, &s->space, j, &s->chosen);
        if (mf__space_is_last(s->space.what[j], side, value))
            continue;
        mf__report_warn(
            s->params->train.report, "the best %s, %s, is the %s that was tried; %s",
            mf_tune_axis_names[s->space.what[j]], value, side < 0 ? "least" : "largest",
            ends ? "a wider --space may have better ones"
                 : "more --trials may find better ones");
    }
}

/* Say what may not have been meant, before the time is spent. */
static void warn_before(const search *s)
{
    const mf_report *report = s->params->train.report;
    mf__values_warn(&s->params->train.als, &s->train, report);
    if (s->watch.all < USERS_FEW)
        mf__report_warn(report,
                        "only %u user%s %svalidation cells: differences between "
                        "trials are mostly chance",
                        (unsigned)s->watch.all, s->watch.all == 1 ? " has" : "s have",
                        mf_metric_is_prediction(&s->watch.metric) ? "" : "relevant ");
    if (s->space.sweeps && s->space.base.iterations == 0)
        mf__report_warn(report,
                        "with --iterations 0 nothing is trained: the items are the "
                        "random start; without it the best number is found");
}

/* Say where the number of sweeps that was found is the least or the largest there
 * was. */
static void warn_of_sweeps(const search *s)
{
    uint32_t sweeps = s->chosen.iterations;
    mf_als_params most = s->chosen;
    mf__space_whole(&s->space, &most);
    if (s->space.sweeps || (sweeps > 1 && sweeps < most.iterations))
        return;
    const mf_report *report = s->params->train.report;
    if (sweeps > 1)
        mf__report_warn(report,
                        "the best number of sweeps, %u, is the largest that was tried; "
                        "a larger -n may be better",
                        sweeps);
    else
        mf__report_warn(
            report,
            "the best number of sweeps, %u, is the least there is, as where "
            "there is little to learn; compare with %s",
            sweeps,
            mf_metric_is_prediction(&s->watch.metric)
                ? "--lambda 1e9, which leaves nothing of the factors"
                : "mf-eval --baseline=popularity");
}

static int look_for(search *s, const mf_ratings *x)
{
    mf__report_phase(s->params->train.report, "looking at the cells");
    int code = take(s, x);
    if (code == MF_OK)
        code = mf__space_make(&s->space, s->params, &s->train, s->err);
    if (code == MF_OK)
        code = choose_metric(s, &x->users);
    if (code == MF_OK)
        code = open_record(s);
    s->data =
        (trial_data){.train = &s->train, .watch = &s->watch, .tick = tick, .self = s};
    if (code == MF_OK) {
        warn_before(s);
        plan_trials(s);
        plan_progress(s);
        code = explore(s);
    }
    free_cells(s); /* whole trials take their own */
    if (code == MF_OK)
        code = finish(s, x);
    if (code == MF_OK)
        warn_of_rims(s);
    if (code == MF_OK)
        warn_of_sweeps(s);
    return code;
}

/* --- before and after --- */

static int print_options(const search *s, mf_out *out)
{
    char options[SPACE_OPTIONS];
    mf__space_options(options, &s->params->train, &s->chosen);
    return mf_out_printf(out, s->err, "%s\n", options);
}

/* What mf-als does with the options that were found: the model of the whole trial, or
 * if the log has that, a training. */
static int train(const search *s, mf_ratings *x, mf_bundle_writer *w, mf_stage *stage)
{
    mf_train_params params = s->params->train;
    char options[SPACE_OPTIONS];
    mf__space_options(options, &params, &s->chosen);
    mf__report_note(params.report, "chosen: %s", options);
    if (s->made)
        return mf__train_write(s->made, w, stage, s->err);
    mf_report said = {0}; /* what is to be warned of was, before the trials */
    if (params.report)
        said = *params.report;
    said.warn = NULL;
    params.report = &said;
    params.als = s->chosen;
    params.patience = 0;
    params.tol = 0;
    return mf__train_ratings(x, &params, s->began, w, stage, s->err);
}

static int tune(search *s, mf_in *in, mf_out *out)
{
    const mf_tune_params *params = s->params;
    mf_bundle_writer *w = NULL;
    mf_bundle_reader *reader = NULL;
    mf_model model = {0};
    mf_stage stage;
    unsigned want =
        MF_WANT_RATINGS | (params->train.factors_only ? MF_WANT_NO_ROWS : 0u);
    int code = params->print || !out ? MF_OK : mf_bundle_writer_open(&w, out, s->err);
    if (code == MF_OK && in)
        code = mf_model_load(&model, in, want, w, w ? &reader : NULL, s->err);
    code = mf_ranks_agree(s->ranks, code, s->err);
    if (code == MF_OK)
        code = mf__deal_ratings(s->ranks, &model.ratings, s->err);
    if (code == MF_OK)
        code = look_for(s, &model.ratings);
    search_free(s);
    if (code == MF_OK && params->print && out)
        code = print_options(s, out);
    if (code == MF_OK && !params->print)
        code = train(s, &model.ratings, w, &stage);
    if (code == MF_OK && w)
        code = mf_bundle_put_end(w, reader, &stage, s->err);
    mf__train_close(s->made);
    mf_model_free(&model);
    mf_bundle_reader_close(reader);
    mf_bundle_writer_close(w);
    return mf_ranks_agree(s->ranks, code, s->err);
}

int mf_tune_run(mf_in *in, mf_out *out, const mf_tune_params *params, mf_err *err)
{
    mf_err own = {0};
    int code = mf_tune_check(params, err);
    if (code < 0)
        return code;
    search *s = mf__new0(1, sizeof *s);
    if (!s)
        return mf__nomem(err);
    s->params = params;
    s->ranks = params->train.als.ranks;
    s->began = mf__train_clock();
    s->metric = NAN;
    s->err = err ? err : &own;
    code = tune(s, in, out);
    free(s);
    return code;
}
