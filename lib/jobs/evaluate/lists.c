#include "jobs/evaluate/lists.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/ratings.h"
#include "jobs/shared/score.h"
#include "math/metrics.h"
#include "wire/card.h"

/* Of one thread. */
typedef struct workspace {
    mf_ranked *top;    /* [longest], the list of the user at hand; owned, as all here */
    uint32_t *at;      /* [longest], where these stand, of lists that have gaps */
    mf_taste *taste;   /* those of the user; NULL where no metric needs them */
    uint32_t *history; /* [history_room], items of the user */
} workspace;

struct lists {
    const mf_metric_list *metrics;
    const mf_model *model;
    mf_list_data data; /* owned, as what follows */
    uint32_t longest;  /* items of the longest list that a metric looks at */
    bool part;         /* counts are kept, and values not computed */
    int threads;
    workspace *workspace; /* [threads] */
    size_t rows;
    uint32_t *times;                /* [rows x items], in how many lists an item is */
    size_t row[MF_METRICS_MAX];     /* of `times`, for each metric about all lists, */
    size_t counted[MF_METRICS_MAX]; /* [rows], and the first metric of each row */
    /* what is measured now */
    const mf_evaluation *e;
    mf_subject *subject;
};

static bool about_all_lists(const mf_metric *metric)
{
    return mf_metric_is_about(metric) == MF_ABOUT_ALL_LISTS;
}

size_t mf__lists_rows(const mf_metric_list *metrics, size_t row[MF_METRICS_MAX])
{
    const mf_metric *metric = metrics->metric;
    size_t rows = 0;
    for (size_t m = 0; m < metrics->n; m++) {
        size_t before = 0;
        if (!about_all_lists(&metric[m]))
            continue;
        while (!about_all_lists(&metric[before]) || metric[before].n != metric[m].n)
            before++;
        row[m] = before == m ? rows++ : row[before];
    }
    return rows;
}

static int open_workspaces(lists *l, bool tastes, mf_err *err)
{
    const mf_csr *x = &l->model->ratings.x;
    size_t history_room = 0;
    for (uint32_t u = 0; u < x->rows; u++)
        if (x->ptr[u + 1] - x->ptr[u] > history_room)
            history_room = x->ptr[u + 1] - x->ptr[u];
    l->workspace = mf__new0((size_t)l->threads, sizeof *l->workspace);
    int code = l->workspace ? MF_OK : mf__nomem(err);
    for (int t = 0; code == MF_OK && t < l->threads; t++) {
        workspace *w = &l->workspace[t];
        if (!(w->top = mf__new(l->longest, sizeof *w->top)) ||
            !(w->at = mf__new(l->longest, sizeof *w->at)))
            return mf__nomem(err);
        if (!tastes)
            continue;
        if (!(w->history = mf__new(history_room, sizeof *w->history)))
            return mf__nomem(err);
        code = mf__taste_open(&w->taste, &l->data.map, history_room, err);
    }
    return code;
}

int mf__lists_open(lists **out, const mf_evaluate_params *params, const mf_model *model,
                   int threads, mf_err *err)
{
    const mf_metric_list *metrics = &params->metrics;
    uint32_t items = model->ratings.x.cols;
    unsigned needs = mf__metrics_need(metrics);
    lists *l = *out = mf__new0(1, sizeof *l);
    if (!l)
        return mf__nomem(err);
    l->metrics = metrics;
    l->model = model;
    l->threads = threads;
    for (size_t m = 0; m < metrics->n; m++) {
        uint32_t depth = mf__metric_depth(&metrics->metric[m]);
        if (!mf_metric_is_held_out(&metrics->metric[m]) && depth > l->longest)
            l->longest = depth < items ? depth : items;
    }
    l->part = params->part;
    l->rows = mf__lists_rows(metrics, l->row);
    for (size_t m = metrics->n; m-- > 0;)
        if (about_all_lists(&metrics->metric[m]))
            l->counted[l->row[m]] = m;
    l->times = mf__new(l->rows * items, sizeof *l->times);
    int code = l->times ? mf__list_data_open(&l->data, needs, &model->ratings,
                                             &model->items, params->threads, err)
                        : mf__nomem(err);
    return code == MF_OK ? open_workspaces(l, needs & MF_NEEDS_TASTES, err) : code;
}

void mf__lists_close(lists *l)
{
    if (!l)
        return;
    for (int t = 0; l->workspace && t < l->threads; t++) {
        mf__taste_close(l->workspace[t].taste);
        free(l->workspace[t].history);
        free(l->workspace[t].top);
        free(l->workspace[t].at);
    }
    free(l->workspace);
    free(l->times);
    mf__list_data_free(&l->data);
    free(l);
}

void mf__lists_begin(lists *l, const mf_evaluation *e, mf_subject *subject)
{
    l->e = e;
    l->subject = subject;
    memset(l->times, 0, l->rows * l->model->ratings.x.cols * sizeof *l->times);
}

/* --- one user --- */

/* Of the shares of the personas in a user's training cells, those that are liked unless
 * values are numbers; of a user who was folded in, the personas of the cells are not
 * stored. */
static double history_entropy(const mf_model *m, uint32_t user)
{
    size_t count[UINT8_MAX + 1] = {0}, at = m->zptr[user];
    const mf_ratings *r = &m->ratings;
    bool numbers = mf__card_takes_numbers(&m->card);
    for (size_t t = r->x.ptr[user]; t < r->x.ptr[user + 1]; t++)
        if (r->fold[t] == MF_TRAIN)
            count[m->z[at++]] += numbers || mf__likes(r->x.val[t]);
    return mf__entropy(count, m->users.personas);
}

static double of_personas(const mf_metric *metric, const mf_model *m, uint32_t user)
{
    uint64_t active = mf_model_active(m, user);
    uint32_t n = 0;
    for (uint64_t rest = active; rest; rest &= rest - 1)
        n++;
    if (metric->kind == MF_METRIC_PERSONAS)
        return metric->n ? n == metric->n : n;
    if (metric->kind == MF_METRIC_ENTROPY)
        return history_entropy(m, user);
    double cosines, pairs = mf__persona_cosines(&m->users, user, active, &cosines);
    return pairs > 0 ? 1 - cosines / pairs : NAN;
}

static void look_at_history(const mf_ratings *r, uint32_t user, workspace *w)
{
    size_t n = 0;
    for (size_t t = r->x.ptr[user]; t < r->x.ptr[user + 1]; t++)
        if ((MF_KNOWN >> r->fold[t] & 1) && mf__likes(r->x.val[t]))
            w->history[n++] = r->x.col[t];
    mf__taste_look(w->taste, user, n, w->history);
}

static void count_items(uint32_t *times, uint32_t n, const mf_ranked *top)
{
    for (uint32_t i = 0; i < n; i++) {
#pragma omp atomic
        times[top[i].item]++;
    }
}

/* Record what the first items of a user's list say: of those in list->top, whose places
 * in it are `at`, ascending; NULL: from 1 on. */
static void record_list(const lists *l, uint32_t user, uint32_t place,
                        mf_user_list *list, const uint32_t at[], int thread)
{
    workspace *w = &l->workspace[thread];
    const uint32_t items = l->model->ratings.x.cols, all = list->n;
    if (w->taste)
        look_at_history(&l->model->ratings, user, w);
    for (size_t m = 0; m < l->metrics->n; m++) {
        const mf_metric *metric = &l->metrics->metric[m];
        if (!mf_subject_has(l->subject, metric) || mf_metric_is_held_out(metric))
            continue;
        list->n = all;
        while (at && list->n > 0 && at[list->n - 1] > metric->n)
            list->n--;
        if (about_all_lists(metric) && l->counted[l->row[m]] == m)
            count_items(l->times + l->row[m] * items,
                        metric->n < list->n ? metric->n : list->n, list->top);
        else if (!about_all_lists(metric))
            mf__subject_record(l->e, l->subject, m, 0, place,
                               mf__metric_depth(metric)
                                   ? mf__metric_of_list(metric, &l->data, list)
                                   : of_personas(metric, l->model, user));
    }
}

void mf__lists_user(const lists *l, uint32_t user, uint32_t place, const float score[],
                    const uint8_t persona[], int thread)
{
    workspace *w = &l->workspace[thread];
    mf_user_list list = {
        .n = mf__rank_top(score, l->model->ratings.x.cols, l->longest, w->top),
        .top = w->top,
        .taste = w->taste,
        .personas = l->model->users.personas,
        .persona = persona};
    record_list(l, user, place, &list, NULL, thread);
}

void mf__lists_given(const lists *l, uint32_t user, uint32_t place, uint32_t n,
                     const uint32_t item[], int thread)
{
    workspace *w = &l->workspace[thread];
    mf_user_list list = {.top = w->top, .taste = w->taste};
    for (uint32_t i = 0; i < n && list.n < l->longest; i++)
        if (item[i] < l->model->ratings.x.cols) {
            w->at[list.n] = i + 1;
            w->top[list.n++].item = item[i];
        }
    record_list(l, user, place, &list, w->at, thread);
}

int mf__lists_end(const lists *l, mf_err *err)
{
    uint32_t items = l->model->ratings.x.cols;
    if (l->part && l->subject->ranks && l->rows) {
        l->subject->items = items;
        l->subject->times = mf__new(l->rows * items, sizeof *l->times);
        if (!l->subject->times)
            return mf__nomem(err);
        memcpy(l->subject->times, l->times, l->rows * items * sizeof *l->times);
    }
    for (size_t m = 0; !l->part && m < l->metrics->n; m++) {
        const mf_metric *metric = &l->metrics->metric[m];
        if (about_all_lists(metric))
            l->subject->measure[m].whole =
                mf__metric_of_all_lists(metric, l->times + l->row[m] * items, items);
    }
    return MF_OK;
}
