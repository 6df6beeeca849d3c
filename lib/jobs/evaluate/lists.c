/* What is measured of a user's list and personas, whatever is held out. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "data/tensor.h"
#include "jobs/evaluate/private.h"
#include "math/beyond.h"
#include "math/taste.h"

struct lists {
    uint32_t longest; /* of any list that is asked for */
    int threads;
    mf_ranked *top;      /* [threads x longest]; owned, as all that follows */
    double *information; /* [items], for novelty; or NULL */
    mf_tensor map;       /* for variety and tastes; or empty */
    mf_taste **taste;    /* [threads], for tastes; or NULL */
    uint32_t *history;   /* [threads x history_room], items */
    size_t history_room;
    mf_tensor unit;  /* vectors of the model's items, for diversity; or empty */
    uint32_t *times; /* [all lists x items], in how many lists an item is */
    size_t row[MF_METRICS_MAX]; /* of `times`, for each metric about all lists */
    size_t rows;
};

/* Training and fold-in: what a model knows of a user. */
static bool is_history(uint8_t fold)
{
    return fold == MF_TRAIN || fold == MF_FOLD_IN;
}

static bool asked(const mf_metric_list *list, mf_metric_kind kind)
{
    for (size_t m = 0; m < list->n; m++)
        if (list->metric[m].kind == kind)
            return true;
    return false;
}

static bool needs_list(const mf_metric *m)
{
    mf_metric_about about = mf_metric_is_about(m);
    return about == MF_ABOUT_LISTS || about == MF_ABOUT_ALL_LISTS ||
           (m->kind == MF_METRIC_ENTROPY && m->n > 0);
}

/* Metrics of one N share a row of counts. */
static void share_counts(lists *l, const mf_metric_list *list)
{
    for (size_t m = 0; m < list->n; m++) {
        size_t before = 0;
        if (mf_metric_is_about(&list->metric[m]) != MF_ABOUT_ALL_LISTS)
            continue;
        while (mf_metric_is_about(&list->metric[before]) != MF_ABOUT_ALL_LISTS ||
               list->metric[before].n != list->metric[m].n)
            before++;
        l->row[m] = before == m ? l->rows++ : l->row[before];
    }
}

/* What follows from the training cells. */
static int study_cells(lists *l, const scoring *s, mf_err *err)
{
    const mf_metric_list *list = &s->params->metrics;
    mf_csr train = {0};
    bool tastes = asked(list, MF_METRIC_TASTES);
    bool map = tastes || asked(list, MF_METRIC_VARIETY);
    if (!map && !asked(list, MF_METRIC_NOVELTY))
        return MF_OK;
    int code = mf_ratings_folds(&train, &s->model->ratings, 1 << MF_TRAIN, err);
    if (code == MF_OK && asked(list, MF_METRIC_NOVELTY))
        code = mf__self_information(&l->information, &train, err);
    if (code == MF_OK && map)
        code = mf__taste_map(&l->map, &train, s->params->threads, err);
    mf_csr_free(&train);
    if (code < 0 || !tastes)
        return code;
    l->taste = mf__new0((size_t)l->threads, sizeof(mf_taste *));
    l->history = mf__new((size_t)l->threads * l->history_room, sizeof *l->history);
    if (!l->taste || !l->history)
        return mf__nomem(err);
    for (int t = 0; code == MF_OK && t < l->threads; t++)
        code = mf__taste_open(&l->taste[t], &l->map, l->history_room, err);
    return code;
}

int mf__evaluate_lists_open(lists **out, const scoring *s, mf_err *err)
{
    const mf_metric_list *list = &s->params->metrics;
    const mf_csr *x = &s->model->ratings.x;
    lists *l = *out = mf__new0(1, sizeof *l);
    if (!l)
        return mf__nomem(err);
    l->threads = s->scorer.threads;
    for (size_t m = 0; m < list->n; m++)
        if (needs_list(&list->metric[m]) && list->metric[m].n > l->longest)
            l->longest = list->metric[m].n < x->cols ? list->metric[m].n : x->cols;
    for (uint32_t u = 0; u < x->rows; u++)
        if (x->ptr[u + 1] - x->ptr[u] > l->history_room)
            l->history_room = x->ptr[u + 1] - x->ptr[u];
    share_counts(l, list);
    l->top = mf__new((size_t)l->threads * l->longest, sizeof *l->top);
    l->times = mf__new(l->rows * x->cols, sizeof *l->times);
    int code = l->top && l->times ? study_cells(l, s, err) : mf__nomem(err);
    if (code == MF_OK && asked(list, MF_METRIC_DIVERSITY))
        code = mf__tensor_unit(&l->unit, &s->model->items, err);
    return code;
}

void mf__evaluate_lists_close(lists *l)
{
    if (!l)
        return;
    for (int t = 0; l->taste && t < l->threads; t++)
        mf__taste_close(l->taste[t]);
    free(l->taste);
    free(l->top);
    free(l->information);
    free(l->history);
    free(l->times);
    mf_tensor_free(&l->map);
    mf_tensor_free(&l->unit);
    free(l);
}

void mf__evaluate_lists_begin(const scoring *s)
{
    lists *l = s->lists;
    size_t n = l->rows * s->model->ratings.x.cols;
    for (size_t i = 0; i < n; i++)
        l->times[i] = 0;
}

/* --- one user --- */

/* The shares of the personas in a user's training cells. Of a user who was folded
 * in only who speaks is kept. */
static double history_entropy(const mf_model *m, uint32_t user)
{
    size_t count[UINT8_MAX + 1] = {0};
    for (size_t t = m->zptr[user]; t < m->zptr[user + 1]; t++)
        count[m->z[t]]++;
    return mf__entropy(count, m->users.personas);
}

static double list_entropy(const mf_model *m, const uint8_t *persona, uint32_t n,
                           const mf_ranked *top)
{
    size_t count[UINT8_MAX + 1] = {0};
    for (uint32_t i = 0; i < n; i++)
        count[persona[top[i].item]]++;
    return mf__entropy(count, m->users.personas);
}

static double of_personas(const mf_metric *metric, const mf_model *m, uint32_t user,
                          const uint8_t *persona, uint32_t n, const mf_ranked *top)
{
    uint64_t who = mf_model_active(m, user);
    uint32_t active = 0;
    for (uint64_t rest = who; rest; rest &= rest - 1)
        active++;
    if (metric->kind == MF_METRIC_PERSONAS)
        return metric->n ? active == metric->n : active;
    if (metric->kind == MF_METRIC_ENTROPY)
        return metric->n ? list_entropy(m, persona, n, top) : history_entropy(m, user);
    double cosines, pairs = mf__persona_cosines(&m->users, user, who, &cosines);
    return pairs > 0 ? 1 - cosines / pairs : NAN;
}

static double of_list(const lists *l, const mf_metric *metric, const mf_taste *taste,
                      uint32_t n, const mf_ranked *top)
{
    switch (metric->kind) {
    case MF_METRIC_NOVELTY: return mf__list_novelty(l->information, n, top);
    case MF_METRIC_DIVERSITY: return mf__list_diversity(&l->unit, n, top);
    case MF_METRIC_VARIETY: return mf__list_diversity(&l->map, n, top);
    default: return mf__taste_met(taste, n, top);
    }
}

static void look_at_history(const lists *l, const mf_ratings *r, uint32_t user,
                            int thread)
{
    uint32_t *item = l->history + (size_t)thread * l->history_room;
    size_t n = 0;
    for (size_t t = r->x.ptr[user]; t < r->x.ptr[user + 1]; t++)
        if (is_history(r->fold[t]))
            item[n++] = r->x.col[t];
    mf__taste_look(l->taste[thread], user, n, item);
}

static void count_items(uint32_t *times, uint32_t n, const mf_ranked *top)
{
    for (uint32_t i = 0; i < n; i++) {
#pragma omp atomic
        times[top[i].item]++;
    }
}

void mf__evaluate_lists_user(const scoring *s, uint32_t at, const float *score,
                             const uint8_t *persona, int thread)
{
    const lists *l = s->lists;
    const mf_metric_list *list = &s->params->metrics;
    uint32_t user = s->user[at], items = s->model->ratings.x.cols;
    mf_ranked *top = l->top + (size_t)thread * l->longest;
    mf_taste *taste = l->taste ? l->taste[thread] : NULL;
    uint32_t have = mf__rank_top(score, items, l->longest, top);
    if (taste)
        look_at_history(l, &s->model->ratings, user, thread);
    for (size_t m = 0; m < list->n; m++) {
        const mf_metric *metric = &list->metric[m];
        mf_metric_about about = mf_metric_is_about(metric);
        uint32_t n = metric->n < have ? metric->n : have;
        if (!mf_subject_has(s->subject, metric))
            continue;
        if (about == MF_ABOUT_ALL_LISTS)
            count_items(l->times + l->row[m] * items, n, top);
        else if (about == MF_ABOUT_LISTS)
            mf__evaluate_record(s, m, 0, s->place[at],
                                of_list(l, metric, taste, n, top));
        else if (about == MF_ABOUT_PERSONAS)
            mf__evaluate_record(s, m, 0, s->place[at],
                                of_personas(metric, s->model, user, persona, n, top));
    }
}

void mf__evaluate_lists_end(const scoring *s)
{
    const lists *l = s->lists;
    const mf_metric_list *list = &s->params->metrics;
    uint32_t items = s->model->ratings.x.cols;
    for (size_t m = 0; m < list->n; m++) {
        uint32_t *times = l->times + l->row[m] * items;
        if (mf_metric_is_about(&list->metric[m]) == MF_ABOUT_ALL_LISTS)
            s->subject->measure[m].whole = list->metric[m].kind == MF_METRIC_GINI
                                               ? mf__gini(times, items)
                                               : mf__coverage(times, items);
    }
}
