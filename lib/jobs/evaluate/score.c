#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "base/report.h"
#include "base/utf8.h"
#include "jobs/evaluate/private.h"

void mf__evaluate_record(const scoring *s, size_t m, size_t part, uint32_t at,
                         double num)
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
    for (size_t m = 0; m < metrics->n; m++)
        if (mf_metric_is_held_out(&metrics->metric[m]) &&
            mf_subject_has(s->subject, &metrics->metric[m]))
            mf__evaluate_record(s, m, part, at,
                                mf_metric_of(&metrics->metric[m], outcome));
}

/* The same of the test cells that belong to one part, if there are any. The list
 * is that of all: what is relevant in other parts takes its place in it. */
static void record_part(const scoring *s, size_t part, uint32_t at, const float *score,
                        int thread, const mf_outcome *all)
{
    size_t room = 2 * (size_t)thread * s->most, own = room + s->most;
    const mf_ranked *found = s->found + (size_t)thread * s->most;
    uint32_t n = 0, ranked = 0;
    mf_outcome outcome;
    for (uint32_t t = 0; t < all->relevant; t++)
        if (s->part[s->item[room + t]] == part) {
            s->item[own + n] = s->item[room + t];
            s->value[own + n++] = s->value[room + t];
        }
    if (n == 0)
        return;
    mf__score_outcome(&outcome, score, s->model->ratings.x.cols, n, s->item + own,
                      s->subject->target == MF_TARGET_VALUE ? s->value + own : NULL,
                      NULL, NULL);
    for (uint32_t t = 0; all->rank && t < all->relevant; t++)
        if (s->part[found[t].item] == part)
            s->rank[own + ranked++] = all->rank[t];
    outcome.rank = all->rank ? s->rank + own : NULL;
    outcome.ranked = all->ranked;
    record(s, part, s->place[at], &outcome);
}

/* Hold one user's scores against the test cells. */
static void measure_user(const scoring *s, uint32_t at, float *score,
                         const uint8_t *persona, int thread)
{
    const mf_ratings *r = &s->model->ratings;
    size_t room = 2 * (size_t)thread * s->most;
    uint32_t user = s->user[at], *item = s->item + room, n = 0;
    float *value = s->value + room;
    bool stored = s->subject->target == MF_TARGET_VALUE;
    bool ranks = s->ranks && s->subject->ranks;
    mf_outcome outcome;
    for (size_t t = r->x.ptr[user]; t < r->x.ptr[user + 1]; t++)
        if (r->fold[t] == MF_TEST) {
            item[n] = r->x.col[t];
            value[n++] = r->x.val[t];
        }
    if (ranks || s->run)
        mf__score_hide(r, user, MF_SEEN, score);
    mf__score_outcome(&outcome, score, r->x.cols, n, item, stored ? value : NULL,
                      ranks ? s->rank + room : NULL,
                      s->found + (size_t)thread * s->most);
    record(s, 0, s->place[at], &outcome);
    if (s->lists && s->subject->ranks)
        mf__evaluate_lists_user(s, at, score, persona, thread);
    for (size_t part = 1; part < s->e->parts; part++)
        record_part(s, part, at, score, thread, &outcome);
}

/* Measure a block of users, and note their lists on the thread's page. */
static int measure_block(const scoring *s, int thread, uint32_t lo, uint32_t n,
                         mf_err *err)
{
    const mf_ratings *r = &s->model->ratings;
    const mf_rank_block *block = &s->scorer.block[thread];
    int code = MF_OK;
    if (!s->baseline.which)
        block = mf__scorer_users(&s->scorer, thread, n, s->user + lo);
    if (s->run)
        s->page[thread].lines.n = 0;
    for (uint32_t j = 0; code == MF_OK && j < n; j++) {
        float *score = mf_rank_row(block, j);
        if (s->baseline.which)
            mf__evaluate_baseline_fill(s, block, j, s->user[lo + j]);
        measure_user(s, lo + j, score,
                     s->baseline.which ? NULL : mf_rank_personas(block, j), thread);
        if (s->run) {
            trec_page *own = &s->page[thread];
            uint32_t found = mf__rank_top(score, block->items, s->depth, own->top);
            code = mf__evaluate_trec_list(own, r, s->user[lo + j], found,
                                          s->subject->name, err);
        }
    }
    return code;
}

/* Threads take blocks in any order; lists are written in that of users. The error
 * that is kept is that of the first block that failed. */
static int measure_users(const scoring *s, mf_err *err)
{
    uint32_t blocks = s->users / MF_RANK_USERS + (s->users % MF_RANK_USERS > 0);
    uint32_t done = 0;
    int result = MF_OK;
#pragma omp parallel for ordered num_threads(s->scorer.threads) schedule(dynamic)
    for (uint32_t b = 0; b < blocks; b++) {
        int stop, code = MF_OK, thread = omp_get_thread_num();
        mf_err own = {0};
        uint32_t lo = b * MF_RANK_USERS;
        uint32_t n = s->users - lo < MF_RANK_USERS ? s->users - lo : MF_RANK_USERS;
#pragma omp atomic read
        stop = result;
        if (stop == MF_OK)
            code = measure_block(s, thread, lo, n, &own);
#pragma omp ordered
        if (result == MF_OK) {
            if (code == MF_OK && s->run)
                code = mf_out_write(s->run, s->page[thread].lines.text,
                                    s->page[thread].lines.n, &own);
            if (code < 0) {
                mf_fail(err, code, "%s", own.text);
#pragma omp atomic write
                result = code;
            }
            mf__report_progress(s->params->report, s->subject->name, done += n,
                                s->users);
        }
    }
    return result;
}

/* A name without what would break a line, a table or JSON. */
static char *printable(const char *name)
{
    size_t len = strlen(name);
    bool text = mf__utf8_valid(name, len);
    char *copy = mf__new(len + 1, 1);
    for (size_t i = 0; copy && i <= len; i++) {
        unsigned char c = (unsigned char)name[i];
        copy[i] =
            c && (ascii_is_control(name[i]) || (c > 127 && !text)) ? '?' : name[i];
    }
    return copy;
}

static int measures_open(mf_evaluation *e, mf_subject *subject, mf_err *err)
{
    size_t numbers = e->parts * e->ids.n;
    subject->measure = mf__new0(e->metrics.n, sizeof *subject->measure);
    for (size_t m = 0; subject->measure && m < e->metrics.n; m++) {
        mf_measure *x = &subject->measure[m];
        if (!mf_subject_has(subject, &e->metrics.metric[m]) ||
            mf_metric_is_about(&e->metrics.metric[m]) == MF_ABOUT_ALL_LISTS)
            continue;
        x->num = mf__new0(numbers, sizeof *x->num);
        if (mf_metric_den(&e->metrics.metric[m]) == MF_DEN_DEFINED &&
            !(x->den = mf__new0(numbers, sizeof *x->den)))
            return mf__nomem(err);
        if (!x->num)
            return mf__nomem(err);
    }
    return subject->measure ? MF_OK : mf__nomem(err);
}

int mf__evaluate_measure(scoring *s, mf_evaluation *e, mf_subject *subject,
                         const char *name, mf_err *err)
{
    s->e = e;
    s->subject = subject;
    subject->personas = s->baseline.which ? 0 : s->model->users.personas;
    subject->name = printable(name);
    int code = subject->name ? measures_open(e, subject, err) : mf__nomem(err);
    if (code < 0)
        return code;
    if (s->lists)
        mf__evaluate_lists_begin(s);
    code = measure_users(s, err);
    if (s->lists)
        mf__evaluate_lists_end(s);
    if (code == MF_OK && s->lists)
        code = mf_ratings_digest(&s->model->ratings, 1 << MF_TRAIN | 1 << MF_FOLD_IN,
                                 false, &subject->known, err);
    return code;
}

void mf__evaluate_scoring_close(scoring *s)
{
    for (int t = 0; s->page && t < s->scorer.threads; t++) {
        free(s->page[t].lines.text);
        free(s->page[t].top);
    }
    free(s->page);
    free(s->user);
    free(s->place);
    free(s->part);
    free(s->item);
    free(s->rank);
    free(s->value);
    free(s->found);
    mf__evaluate_baseline_free(&s->baseline);
    mf__evaluate_lists_close(s->lists);
    mf__scorer_close(&s->scorer);
}

static int pages_open(scoring *s, mf_err *err)
{
    s->depth = mf__evaluate_trec_depth(&s->params->metrics, s->model->items.n);
    s->page = mf__new0((size_t)s->scorer.threads, sizeof *s->page);
    for (int t = 0; s->page && t < s->scorer.threads; t++)
        if (!(s->page[t].top = mf__new(s->depth, sizeof *s->page[t].top)))
            return mf__nomem(err);
    return s->page ? MF_OK : mf__nomem(err);
}

int mf__evaluate_scoring_open(scoring *s, mf_err *err)
{
    bool beyond = false;
    for (size_t m = 0; m < s->params->metrics.n; m++) {
        s->ranks |= !mf_metric_is_prediction(&s->params->metrics.metric[m]);
        beyond |= !mf_metric_is_held_out(&s->params->metrics.metric[m]);
    }
    mf_scored what = mf__scored_model(s->model);
    int code = mf__scorer_open(&s->scorer, &what, s->users, s->params->threads, err);
    if (code < 0)
        return code;
    size_t room = (size_t)s->scorer.threads * s->most;
    s->item = mf__new(2 * room, sizeof *s->item);
    s->rank = mf__new(2 * room, sizeof *s->rank);
    s->value = mf__new(2 * room, sizeof *s->value);
    s->found = mf__new(room, sizeof *s->found);
    if (!s->item || !s->rank || !s->value || !s->found)
        return mf__nomem(err);
    if (beyond && (code = mf__evaluate_lists_open(&s->lists, s, err)) < 0)
        return code;
    return s->run ? pages_open(s, err) : MF_OK;
}
