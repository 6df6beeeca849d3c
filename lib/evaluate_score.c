#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "evaluate_private.h"
#include "mf/mem.h"

void evaluate_record(const scoring *s, size_t m, size_t part, uint32_t at, double num)
{
    size_t place = part * s->e->ids.n + at;
    mf_measure *to = &s->subject->measure[m];
    to->num[place] = isnan(num) ? 0 : num;
    if (to->den)
        to->den[place] = isnan(num) ? 0 : 1;
}

/* Keep what a part of one user's test cells says. */
static void record(const scoring *s, size_t part, uint32_t at,
                   const mf_outcome *outcome)
{
    const mf_metric_list *metrics = &s->params->metrics;
    for (size_t m = 0; m < metrics->n; m++) {
        mf_metric_about about = mf_metric_is_about(&metrics->metric[m]);
        if ((about == MF_ABOUT_CELLS || about == MF_ABOUT_RANKS) &&
            mf_subject_has(s->subject, &metrics->metric[m]))
            evaluate_record(s, m, part, at, mf_metric_of(&metrics->metric[m], outcome));
    }
}

/* Hold one user's scores against the test cells. */
static void measure_user(const scoring *s, uint32_t at, float *score,
                         const uint8_t *persona, int thread)
{
    const mf_ratings *r = &s->model->ratings;
    size_t room = (size_t)thread * s->most;
    uint32_t user = s->user[at], *item = s->item + room, n = 0;
    float *value = s->value + room;
    bool stored = s->subject->target == MF_TARGET_VALUE;
    mf_outcome outcome;
    for (size_t t = r->x.ptr[user]; t < r->x.ptr[user + 1]; t++)
        if (r->fold[t] == MF_TEST) {
            item[n] = r->x.col[t];
            value[n++] = r->x.val[t];
        }
    if (s->ranks)
        mf_score_hide(r, user, MF_SEEN, score);
    mf_score_outcome(&outcome, score, r->x.cols, n, item, stored ? value : NULL,
                     s->ranks ? s->rank + room : NULL, s->found + room);
    record(s, 0, at, &outcome);
    if (s->lists)
        evaluate_lists_user(s, at, score, persona, thread);
}

static void measure_users(const scoring *s)
{
    uint32_t blocks = (s->users - 1) / MF_RANK_USERS + 1, done = 0;
#pragma omp parallel for num_threads(s->scorer.threads) schedule(dynamic)
    for (uint32_t b = 0; b < blocks; b++) {
        int thread = omp_get_thread_num();
        uint32_t lo = b * MF_RANK_USERS;
        uint32_t n = s->users - lo < MF_RANK_USERS ? s->users - lo : MF_RANK_USERS;
        const mf_rank_block *block = &s->scorer.block[thread];
        if (!s->baseline)
            block = mf_scorer_users(&s->scorer, thread, n, s->user + lo);
        for (uint32_t j = 0; j < n; j++) {
            if (s->baseline)
                evaluate_baseline_fill(s, block, j, s->user[lo + j]);
            measure_user(s, lo + j, mf_rank_row(block, j),
                         s->baseline ? NULL : mf_rank_personas(block, j), thread);
        }
#pragma omp critical(mf_evaluate_progress)
        mf_report_progress(s->params->report, s->subject->name, done += n, s->users);
    }
}

/* A name without what would break a line, a table or JSON. */
static char *printable(const char *name)
{
    size_t len = strlen(name);
    bool text = mf_utf8_valid(name, len);
    char *copy = mf_new(len + 1, 1);
    for (size_t i = 0; copy && i <= len; i++) {
        unsigned char c = (unsigned char)name[i];
        copy[i] = c && (iscntrl(c) || (c > 127 && !text)) ? '?' : name[i];
    }
    return copy;
}

static int measures_open(mf_evaluation *e, mf_subject *subject, mf_err *err)
{
    size_t numbers = e->parts * e->ids.n;
    subject->measure = mf_new0(e->metrics.n, sizeof *subject->measure);
    for (size_t m = 0; subject->measure && m < e->metrics.n; m++) {
        mf_measure *x = &subject->measure[m];
        if (!mf_subject_has(subject, &e->metrics.metric[m]) ||
            mf_metric_is_about(&e->metrics.metric[m]) == MF_ABOUT_ALL_LISTS)
            continue;
        x->num = mf_new0(numbers, sizeof *x->num);
        if (mf_metric_den(&e->metrics.metric[m]) == MF_DEN_DEFINED &&
            !(x->den = mf_new0(numbers, sizeof *x->den)))
            return mf_nomem(err);
        if (!x->num)
            return mf_nomem(err);
    }
    return subject->measure ? MF_OK : mf_nomem(err);
}

int evaluate_measure(scoring *s, mf_evaluation *e, mf_subject *subject,
                     const char *name, mf_target target, unsigned baseline, mf_err *err)
{
    s->e = e;
    s->subject = subject;
    s->baseline = baseline;
    subject->target = target;
    subject->ranks = true;
    subject->personas = baseline ? 0 : s->model->users.personas;
    subject->name = printable(name);
    int code = subject->name ? measures_open(e, subject, err) : mf_nomem(err);
    if (code < 0)
        return code;
    if (s->lists)
        evaluate_lists_begin(s);
    measure_users(s);
    if (s->lists)
        evaluate_lists_end(s);
    return MF_OK;
}

void evaluate_scoring_close(scoring *s)
{
    free(s->user);
    free(s->item);
    free(s->rank);
    free(s->value);
    free(s->found);
    free(s->popularity);
    evaluate_lists_close(s->lists);
    mf_scorer_close(&s->scorer);
}

int evaluate_scoring_open(scoring *s, const char *name, mf_err *err)
{
    const mf_ratings *r = &s->model->ratings;
    s->user = mf_new(r->x.rows, sizeof *s->user);
    if (!s->user)
        return mf_nomem(err);
    for (uint32_t u = 0; u < r->x.rows; u++) {
        uint32_t cells = 0;
        for (size_t t = r->x.ptr[u]; t < r->x.ptr[u + 1]; t++)
            cells += r->fold[t] == MF_TEST;
        if (cells)
            s->user[s->users++] = u;
        if (cells > s->most)
            s->most = cells;
    }
    if (s->users == 0)
        return mf_fail(
            err, MF_EFORMAT,
            "%s: no test cells; mark some with mf-split --test before mf-als", name);
    bool beyond = false;
    for (size_t m = 0; m < s->params->metrics.n; m++) {
        mf_metric_about about = mf_metric_is_about(&s->params->metrics.metric[m]);
        s->ranks |= about != MF_ABOUT_CELLS;
        beyond |= about != MF_ABOUT_CELLS && about != MF_ABOUT_RANKS;
    }
    mf_scored what = mf_scored_model(s->model);
    int code = mf_scorer_open(&s->scorer, &what, s->users, s->params->threads, err);
    if (code < 0)
        return code;
    size_t room = (size_t)s->scorer.threads * s->most;
    s->item = mf_new(room, sizeof *s->item);
    s->rank = mf_new(room, sizeof *s->rank);
    s->value = mf_new(room, sizeof *s->value);
    s->found = mf_new(room, sizeof *s->found);
    if (!s->item || !s->rank || !s->value || !s->found)
        return mf_nomem(err);
    return beyond ? evaluate_lists_open(&s->lists, s, err) : MF_OK;
}
