#include "jobs/evaluate/estimate.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/report.h"
#include "jobs/evaluate/incomparable.h"

/* The numbers of the users of one slice: a series for each subject and metric
 * that it has. */
typedef struct view {
    mf_evaluation *e;
    const mf_slice *slice;
    size_t columns;
    size_t *column;    /* [subjects x metrics], index in `series`; owned, as the rest */
    mf_series *series; /* [columns] */
    double *copies;    /* of the users of the slice, if they are not all */
    size_t used;       /* numbers in it */
    mf_bootstrap samples;
} view;

static void view_close(view *v)
{
    mf_bootstrap_free(&v->samples);
    free(v->column);
    free(v->series);
    free(v->copies);
}

/* x of the slice's users: as it is, or a copy. x holds one part after the other. */
static const double *gather(view *v, const double *x)
{
    const double *part = x + v->slice->part * v->e->ids.n;
    if (!v->slice->user)
        return part;
    double *copy = v->copies + v->used;
    v->used += v->slice->n;
    for (uint32_t i = 0; i < v->slice->n; i++)
        copy[i] = part[v->slice->user[i]];
    return copy;
}

/* True if metric m of a subject applies to the slice and has an interval. */
static bool has_series(const view *v, size_t subject, size_t m)
{
    return mf_evaluation_has(v->e, v->slice, subject, m) &&
           mf_metric_is_about(&v->e->metrics.metric[m]) != MF_ABOUT_ALL_LISTS;
}

static int view_open(view *v, mf_evaluation *e, const mf_slice *slice, mf_err *err)
{
    size_t most = e->subjects * e->metrics.n;
    *v = (view){.e = e, .slice = slice};
    v->column = mf__new(most, sizeof *v->column);
    v->series = mf__new(most, sizeof *v->series);
    const double **cells = mf__new0(2 * e->splits, sizeof *cells), **ranked = cells;
    if (cells)
        ranked += e->splits;
    if (slice->user)
        v->copies = mf__new(2 * (most + e->splits), slice->n * sizeof *v->copies);
    if (!v->column || !v->series || !cells || (slice->user && !v->copies)) {
        free(cells);
        return mf__nomem(err);
    }
    for (size_t c = 0; c < most; c++) {
        const size_t m = c % e->metrics.n;
        const mf_metric *metric = &e->metrics.metric[m];
        const mf_subject *subject = &e->subject[c / e->metrics.n];
        const mf_measure *x = &subject->measure[m];
        mf_series *s = &v->series[v->columns];
        if (!has_series(v, c / e->metrics.n, m))
            continue;
        v->column[c] = v->columns++;
        *s = (mf_series){.num = gather(v, x->num), .form = mf_metric_form(metric)};
        if (x->den)
            s->den = gather(v, x->den);
        if (mf_metric_den(metric) == MF_DEN_CELLS) {
            if (!cells[subject->cells])
                cells[subject->cells] = gather(v, e->cells[subject->cells].n);
            s->den = cells[subject->cells];
        }
        if (mf_metric_den(metric) == MF_DEN_USERS && e->cells[subject->cells].ranked) {
            if (!ranked[subject->cells])
                ranked[subject->cells] = gather(v, e->cells[subject->cells].ranked);
            s->den = ranked[subject->cells];
        }
    }
    free(cells);
    return MF_OK;
}

static size_t column(const view *v, size_t subject, size_t m)
{
    return v->column[subject * v->e->metrics.n + m];
}

/* The users, or cells, that a series is of. */
static uint64_t size_of(const view *v, const mf_series *s)
{
    double sum = 0;
    for (uint32_t u = 0; s->den && u < v->slice->n; u++)
        sum += s->den[u];
    return s->den ? (uint64_t)sum : v->slice->n;
}

/* True if metric m of subject a can be compared with that of b. */
static bool comparable(const view *v, size_t a, size_t b, size_t m)
{
    mf_evaluation *e = v->e;
    mf_incomparable why;
    if (!mf_evaluation_has(e, v->slice, a, m) || !mf_evaluation_has(e, v->slice, b, m))
        return false;
    if (mf__comparable(&e->metrics.metric[m], &e->subject[a], &e->subject[b], &why))
        return true;
    e->incomparable[why] = true;
    return false;
}

/* The frame of an estimate of metric m, of all users of the slice who have lists, and
 * without interval. */
static mf_estimate estimate_of(const view *v, size_t subject, size_t m)
{
    return (mf_estimate){.slice = (size_t)(v->slice - v->e->slice),
                         .subject = subject,
                         .metric = m,
                         .low = NAN,
                         .high = NAN,
                         .n = v->slice->relevant,
                         .p = NAN};
}

static int estimate_score(view *v, size_t s, size_t m, mf_err *err)
{
    mf_evaluation *e = v->e;
    mf_estimate *x = &e->score[e->scores++];
    *x = estimate_of(v, s, m);
    if (!has_series(v, s, m)) {
        x->value = e->subject[s].measure[m].whole;
        return MF_OK;
    }
    const mf_series *series = &v->series[column(v, s, m)];
    mf_interval range;
    int code = mf_bootstrap_interval(&v->samples, column(v, s, m), &range, err);
    if (code < 0)
        return code;
    x->value = mf_series_value(series, v->slice->n);
    x->low = range.low;
    x->high = range.high;
    x->n = size_of(v, series);
    return MF_OK;
}

static int estimate_scores(view *v, mf_err *err)
{
    const mf_evaluation *e = v->e;
    int code = MF_OK;
    for (size_t s = 0; s < e->subjects; s++)
        for (size_t m = 0; code == MF_OK && m < e->metrics.n; m++)
            if (mf_evaluation_has(e, v->slice, s, m))
                code = estimate_score(v, s, m, err);
    return code;
}

static int estimate_difference(view *v, size_t a, size_t b, size_t m,
                               const mf_resampling *how, mf_err *err)
{
    mf_evaluation *e = v->e;
    mf_estimate *d = &e->difference[e->differences++];
    *d = estimate_of(v, a, m);
    d->reference = b;
    if (!has_series(v, a, m)) { /* for why there is no interval see mf-eval(1) */
        d->value = e->subject[a].measure[m].whole - e->subject[b].measure[m].whole;
        return MF_OK;
    }
    const mf_series *x = &v->series[column(v, a, m)], *y = &v->series[column(v, b, m)];
    mf_interval range;
    int code = mf_bootstrap_difference(&v->samples, column(v, a, m), column(v, b, m),
                                       &range, err);
    if (code == MF_OK)
        code = mf_permutation_test(how, v->slice->n, x, y, &d->p, err);
    if (code < 0)
        return code;
    d->value = mf_series_value(x, v->slice->n) - mf_series_value(y, v->slice->n);
    d->low = range.low;
    d->high = range.high;
    d->n = size_of(v, x);
    return MF_OK;
}

static int estimate_differences(view *v, size_t a, size_t b, const mf_resampling *how,
                                mf_err *err)
{
    int code = MF_OK;
    for (size_t m = 0; code == MF_OK && m < v->e->metrics.n; m++)
        if (comparable(v, a, b, m))
            code = estimate_difference(v, a, b, m, how, err);
    return code;
}

/* The score of a subject in the slice; NULL if it has none. */
static mf_estimate *score_of(const view *v, size_t subject, size_t m)
{
    mf_evaluation *e = v->e;
    for (size_t i = 0; i < e->scores; i++)
        if (e->score[i].slice == (size_t)(v->slice - e->slice) &&
            e->score[i].subject == subject && e->score[i].metric == m)
            return &e->score[i];
    return NULL;
}

/* Hold what has metric m against the best of those that can be compared with the first
 * that has it. */
static int estimate_best(view *v, size_t m, const mf_resampling *how, mf_err *err)
{
    const mf_evaluation *e = v->e;
    const mf_metric *metric = &e->metrics.metric[m];
    const bool least = mf_metric_is_prediction(metric);
    const mf_estimate *first = NULL, *best = NULL;
    mf_incomparable why;
    int code = MF_OK;
    for (size_t s = 0; s < e->subjects; s++) {
        const mf_estimate *x = score_of(v, s, m);
        first = first ? first : x;
        if (!x || !isfinite(x->value) ||
            !mf__comparable(metric, &e->subject[first->subject], &e->subject[s], &why))
            continue;
        if (!best || (least ? x->value < best->value : x->value > best->value))
            best = x;
    }
    for (size_t s = 0; best && code == MF_OK && s < e->subjects; s++) {
        mf_estimate *x = score_of(v, s, m);
        if (!x ||
            !mf__comparable(metric, &e->subject[best->subject], &e->subject[s], &why))
            continue;
        x->reference = best->subject;
        if (x == best)
            x->p = 1;
        else
            code = mf_permutation_test(how, v->slice->n, &v->series[column(v, s, m)],
                                       &v->series[column(v, best->subject, m)], &x->p,
                                       err);
    }
    return code;
}

/* Samples are drawn from the users of the slice, once for all series. */
static int estimate_slice(mf_evaluation *e, const mf_slice *slice, size_t models,
                          const mf_evaluate_params *params, mf_err *err)
{
    mf_resampling how = {params->seed, params->replicates, params->threads,
                         params->report};
    const bool beside = params->beside_best && params->replicates > 0;
    view v;
    int code = view_open(&v, e, slice, err);
    if (code == MF_OK)
        code = mf_bootstrap_run(&v.samples, &how, slice->n, v.columns, v.series, err);
    if (code == MF_OK)
        code = estimate_scores(&v, err);
    if (models > 1 || e->subjects > models || beside)
        mf__report_phase(params->report, "comparing");
    for (size_t a = 1; code == MF_OK && a < models; a++)
        code = estimate_differences(&v, a, 0, &how, err);
    for (size_t a = 0; code == MF_OK && a < models; a++)
        for (size_t b = models; code == MF_OK && b < e->subjects; b++)
            code = estimate_differences(&v, a, b, &how, err);
    for (size_t m = 0; code == MF_OK && beside && m < e->metrics.n; m++)
        if (mf_metric_is_held_out(&e->metrics.metric[m]))
            code = estimate_best(&v, m, &how, err);
    view_close(&v);
    return code;
}

int mf__evaluation_estimate(mf_evaluation *e, size_t models,
                            const mf_evaluate_params *params, mf_err *err)
{
    size_t most = e->slices * e->subjects * e->metrics.n;
    e->score = mf__new(most, sizeof *e->score);
    e->difference = mf__new(most * e->subjects, sizeof *e->difference);
    int code = e->score && e->difference ? MF_OK : mf__nomem(err);
    for (size_t i = 0; code == MF_OK && i < e->slices; i++)
        if (i == 0 || e->slice[i].n)
            code = estimate_slice(e, &e->slice[i], models, params, err);
    return code;
}

double mf_evaluation_of_user(const mf_evaluation *e, const mf_slice *slice,
                             size_t subject, size_t m, uint32_t user)
{
    const mf_subject *s = &e->subject[subject];
    const mf_metric *metric = &e->metrics.metric[m];
    const mf_measure *x = &s->measure[m];
    size_t at = slice->part * e->ids.n + user;
    mf_series one = {.num = x->num + at, .form = mf_metric_form(metric)};
    if (!mf_evaluation_has(e, slice, subject, m) ||
        mf_metric_is_about(metric) == MF_ABOUT_ALL_LISTS ||
        e->cells[s->cells].n[at] == 0 ||
        (e->cells[s->cells].ranked && e->cells[s->cells].ranked[at] == 0 &&
         !mf_metric_is_prediction(metric)))
        return NAN;
    if (x->den)
        one.den = x->den + at;
    if (x->den && x->den[at] == 0)
        return NAN;
    if (mf_metric_den(metric) == MF_DEN_CELLS)
        one.den = e->cells[s->cells].n + at;
    return mf_series_value(&one, 1);
}
