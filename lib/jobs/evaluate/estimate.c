/* From the numbers of users to estimates and differences. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "jobs/evaluate/private.h"

/* The numbers of the users of one slice: a series for each subject and metric
 * that it has. */
typedef struct view {
    mf_evaluation *e;
    const mf_slice *slice;
    size_t columns;
    size_t *column;    /* [subjects x metrics], index in `series` */
    mf_series *series; /* [columns] */
    double *room;      /* copies, if the slice is not of all users */
    size_t used;
    mf_bootstrap draws;
} view;

static void view_close(view *v)
{
    mf_bootstrap_free(&v->draws);
    free(v->column);
    free(v->series);
    free(v->room);
}

/* x of the slice's users: as it is, or a copy. x holds one part after the other. */
static const double *gather(view *v, const double *x)
{
    const double *part = x + v->slice->part * v->e->ids.n;
    if (!v->slice->user)
        return part;
    double *copy = v->room + v->used;
    v->used += v->slice->n;
    for (uint32_t i = 0; i < v->slice->n; i++)
        copy[i] = part[v->slice->user[i]];
    return copy;
}

static int view_open(view *v, mf_evaluation *e, const mf_slice *slice, mf_err *err)
{
    size_t most = e->subjects * e->metrics.n;
    *v = (view){.e = e, .slice = slice};
    v->column = mf__new(most, sizeof *v->column);
    v->series = mf__new(most, sizeof *v->series);
    const double **cells = mf__new0(e->splits, sizeof *cells);
    if (slice->user)
        v->room = mf__new(2 * most + e->splits, slice->n * sizeof *v->room);
    if (!v->column || !v->series || !cells || (slice->user && !v->room)) {
        free(cells);
        return mf__nomem(err);
    }
    for (size_t c = 0; c < most; c++) {
        const mf_subject *subject = &e->subject[c / e->metrics.n];
        const size_t m = c % e->metrics.n;
        const mf_metric *metric = &e->metrics.metric[m];
        const mf_measure *x = &subject->measure[c % e->metrics.n];
        mf_series *s = &v->series[v->columns];
        if (!mf_evaluation_has(e, slice, c / e->metrics.n, m) ||
            mf_metric_is_about(metric) == MF_ABOUT_ALL_LISTS)
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
    }
    free(cells);
    return MF_OK;
}

static size_t column(const view *v, size_t subject, size_t m)
{
    return v->column[subject * v->e->metrics.n + m];
}

/* Of how many users, or cells, a series speaks. */
static uint64_t size_of(const view *v, const mf_series *s)
{
    double sum = 0;
    for (uint32_t u = 0; s->den && u < v->slice->n; u++)
        sum += s->den[u];
    return s->den ? (uint64_t)sum : v->slice->n;
}

/* True if metric m of subject a can be held against that of b. */
static bool comparable(const view *v, size_t a, size_t b, size_t m)
{
    mf_evaluation *e = v->e;
    const mf_metric *metric = &e->metrics.metric[m];
    const mf_subject *x = &e->subject[a], *y = &e->subject[b];
    if (!mf_evaluation_has(e, v->slice, a, m) || !mf_evaluation_has(e, v->slice, b, m))
        return false;
    mf_incomparable why;
    if (mf_metric_is_own(metric))
        why = MF_SPACES_DIFFER;
    else if (mf_metric_is_prediction(metric) && x->target != y->target)
        why = MF_TARGETS_DIFFER;
    else if (mf_metric_is_about(metric) == MF_ABOUT_LISTS && x->known != y->known)
        why = MF_HISTORIES_DIFFER;
    else
        return true;
    e->incomparable[why] = true;
    return false;
}

static int estimate_scores(view *v, mf_err *err)
{
    mf_evaluation *e = v->e;
    for (size_t s = 0; s < e->subjects; s++)
        for (size_t m = 0; m < e->metrics.n; m++) {
            if (!mf_evaluation_has(e, v->slice, s, m))
                continue;
            if (mf_metric_is_about(&e->metrics.metric[m]) == MF_ABOUT_ALL_LISTS) {
                e->score[e->scores++] =
                    (mf_estimate){.slice = (size_t)(v->slice - e->slice),
                                  .subject = s,
                                  .metric = m,
                                  .value = e->subject[s].measure[m].whole,
                                  .low = NAN,
                                  .high = NAN,
                                  .n = v->slice->n};
                continue;
            }
            const mf_series *series = &v->series[column(v, s, m)];
            mf_interval range;
            int code = mf_bootstrap_interval(&v->draws, column(v, s, m), &range, err);
            if (code < 0)
                return code;
            e->score[e->scores++] = (mf_estimate){
                .slice = (size_t)(v->slice - e->slice),
                .subject = s,
                .metric = m,
                .low = range.low,
                .high = range.high,
                .value = mf_series_value(series, v->slice->n),
                .n = size_of(v, series),
            };
        }
    return MF_OK;
}

/* Without an interval: see mf-eval(1). */
static mf_estimate whole_difference(const view *v, size_t a, size_t b, size_t m)
{
    const mf_subject *x = &v->e->subject[a], *y = &v->e->subject[b];
    return (mf_estimate){.slice = (size_t)(v->slice - v->e->slice),
                         .subject = a,
                         .reference = b,
                         .metric = m,
                         .value = x->measure[m].whole - y->measure[m].whole,
                         .low = NAN,
                         .high = NAN,
                         .p = NAN,
                         .n = v->slice->n};
}

static int estimate_differences(view *v, size_t a, size_t b, const mf_resampling *how,
                                mf_err *err)
{
    mf_evaluation *e = v->e;
    for (size_t m = 0; m < e->metrics.n; m++) {
        if (!comparable(v, a, b, m))
            continue;
        if (mf_metric_is_about(&e->metrics.metric[m]) == MF_ABOUT_ALL_LISTS) {
            e->difference[e->differences++] = whole_difference(v, a, b, m);
            continue;
        }
        const mf_series *x = &v->series[column(v, a, m)],
                        *y = &v->series[column(v, b, m)];
        mf_interval range;
        mf_estimate d = {.slice = (size_t)(v->slice - e->slice),
                         .subject = a,
                         .reference = b,
                         .metric = m};
        d.value = mf_series_value(x, v->slice->n) - mf_series_value(y, v->slice->n);
        d.n = size_of(v, x);
        int code = mf_bootstrap_difference(&v->draws, column(v, a, m), column(v, b, m),
                                           &range, err);
        if (code == MF_OK)
            code = mf_permutation_test(how, v->slice->n, x, y, &d.p, err);
        if (code < 0)
            return code;
        d.low = range.low;
        d.high = range.high;
        e->difference[e->differences++] = d;
    }
    return MF_OK;
}

/* Samples are drawn from the users of the slice, once for all columns. */
static int estimate_slice(mf_evaluation *e, const mf_slice *slice, size_t models,
                          const mf_evaluate_params *params, mf_err *err)
{
    mf_resampling how = {params->seed, params->replicates, params->threads};
    view v;
    int code = view_open(&v, e, slice, err);
    if (code == MF_OK)
        code = mf_bootstrap_run(&v.draws, &how, slice->n, v.columns, v.series, err);
    if (code == MF_OK)
        code = estimate_scores(&v, err);
    for (size_t a = 1; code == MF_OK && a < models; a++)
        code = estimate_differences(&v, a, 0, &how, err);
    for (size_t a = 0; code == MF_OK && a < models; a++)
        for (size_t b = models; code == MF_OK && b < e->subjects; b++)
            code = estimate_differences(&v, a, b, &how, err);
    view_close(&v);
    return code;
}

int mf__evaluate_estimate(mf_evaluation *e, size_t models,
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
        e->cells[s->cells].n[at] == 0)
        return NAN;
    if (x->den)
        one.den = x->den + at;
    if (x->den && x->den[at] == 0)
        return NAN;
    if (mf_metric_den(metric) == MF_DEN_CELLS)
        one.den = e->cells[s->cells].n + at;
    return mf_series_value(&one, 1);
}
