#include "jobs/evaluate/measure.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/report.h"
#include "data/cell_hash.h"
#include "data/ratings.h"
#include "jobs/evaluate/trec.h"
#include "jobs/shared/in_order.h"
#include "jobs/shared/stranger.h"

/* Held-out cells of a user. */
typedef struct held_out {
    uint32_t n, relevant;
    uint32_t *item;   /* [n] */
    float *value;     /* [n] */
    uint8_t *hit;     /* [n], 1: it is relevant */
    uint32_t *wanted; /* [relevant], items of those that are relevant */
    uint32_t *rank;   /* [relevant], theirs in ascending order, not that of `wanted` */
} held_out;

struct measure_workspace {
    held_out all;     /* of the user at hand; owned, as all here */
    held_out part;    /* those of them that are in one part */
    mf_ranked *found; /* [all.relevant], the items that have the ranks */
    mf_ranked *top;   /* [depth], a list for a run file; NULL: none is written */
    float *instead;   /* [items], what is ranked for a stranger; NULL: there is none */
    page lines;       /* of the run file, of the block of users at hand */
};

/* A subject that is measured. */
typedef struct pass {
    const measuring *m;
    mf_evaluation *e;
    mf_subject *subject;
    const baseline *baseline; /* or */
    const given *given;       /* lists; both NULL: the model */
    mf_out *run;              /* or NULL */
} pass;

/* What is about ranks is not defined where no cell is relevant. */
static void record(const pass *p, size_t part, uint32_t place,
                   const mf_outcome *outcome)
{
    const mf_metric_list *metrics = &p->e->metrics;
    for (size_t m = 0; m < metrics->n; m++) {
        const mf_metric *metric = &metrics->metric[m];
        if (mf_metric_is_held_out(metric) && mf_subject_has(p->subject, metric) &&
            (outcome->relevant > 0 || mf_metric_is_prediction(metric)))
            mf__subject_record(p->e, p->subject, m, part, place,
                               mf_metric_of(metric, outcome));
    }
}

static void add_cell(held_out *to, uint32_t item, float value, bool relevant)
{
    to->item[to->n] = item;
    to->value[to->n] = value;
    to->hit[to->n++] = relevant;
    if (relevant)
        to->wanted[to->relevant++] = item;
}

/* Of lists there is no score. */
static void measure_errors(const pass *p, const float *score, const held_out *cells,
                           mf_outcome *outcome)
{
    if (score)
        mf__score_errors(outcome, score, p->subject->target == MF_TARGET_VALUE,
                         cells->n, cells->item, cells->value);
}

/* Record what the cells of one part say, if there are any. The list is that of all:
 * relevant items of other parts keep their places in it. */
static void record_part(const pass *p, size_t part, uint32_t place, const float *score,
                        measure_workspace *w, const mf_outcome *of_all)
{
    const uint8_t *part_of = p->m->users->part;
    const held_out *all = &w->all;
    held_out *own = &w->part;
    uint32_t ranked = 0;
    mf_outcome outcome = {0};
    own->n = own->relevant = 0;
    for (uint32_t t = 0; t < all->n; t++)
        if (part_of[all->item[t]] == part)
            add_cell(own, all->item[t], all->value[t], all->hit[t]);
    if (own->n == 0)
        return;
    measure_errors(p, score, own, &outcome);
    for (uint32_t t = 0; of_all->rank && t < all->relevant; t++)
        if (part_of[w->found[t].item] == part)
            own->rank[ranked++] = of_all->rank[t];
    outcome.relevant = own->relevant;
    outcome.rank = of_all->rank ? own->rank : NULL;
    outcome.ranked = of_all->ranked;
    record(p, part, place, &outcome);
}

/* By what the items are ranked for a user: the scores of the model or baseline or, for
 * a stranger to the model, what stands for them. The user's seen items are left out, in
 * the row of scores itself where that is what is ranked. */
static const float *ranking_of(const pass *p, uint32_t at, float *score, int thread)
{
    const measuring *m = p->m;
    const mf_model *model = m->model;
    uint32_t user = m->users->user[at];
    if (!p->baseline && m->stranger && m->stranger[at]) {
        score = m->workspace[thread].instead;
        mf__stranger_score(&m->scorer.what, m->listeners, user, score);
    }
    mf__score_hide(&model->ratings, user, MF_SEEN, score);
    return score;
}

/* Find the test cells of a user, by place among the users of the model. */
static void find_cells(const pass *p, uint32_t at, measure_workspace *w)
{
    const mf_ratings *r = &p->m->model->ratings;
    uint32_t user = p->m->users->user[at], place = p->m->users->place[at];
    w->all.n = w->all.relevant = 0;
    for (size_t t = r->x.ptr[user]; t < r->x.ptr[user + 1]; t++)
        if (r->fold[t] == MF_TEST)
            add_cell(&w->all, r->x.col[t], r->x.val[t],
                     mf__test_cell_relevant(p->m->users, place, w->all.n, r->x.val[t]));
}

/* Record what the scores of one user say, and the ranking, which is NULL where nothing
 * looks at it. False if the user has no relevant cell, and so no list. */
static bool measure_user(const pass *p, uint32_t at, const float *score,
                         const float *ranking, const uint8_t *persona, int thread)
{
    const mf_ratings *r = &p->m->model->ratings;
    measure_workspace *w = &p->m->workspace[thread];
    uint32_t user = p->m->users->user[at], place = p->m->users->place[at];
    mf_outcome outcome = {0};
    find_cells(p, at, w);
    measure_errors(p, score, &w->all, &outcome);
    if (p->m->ranks && p->subject->ranks)
        mf__score_ranks(&outcome, ranking, r->x.cols, w->all.relevant, w->all.wanted,
                        w->all.rank, w->found);
    record(p, 0, place, &outcome);
    if (p->m->lists && p->subject->ranks && w->all.relevant > 0)
        mf__lists_user(p->m->lists, user, place, ranking, persona, thread);
    for (size_t part = 1; part < p->e->parts; part++)
        record_part(p, part, place, score, w, &outcome);
    return w->all.relevant > 0;
}

/* Record what a user's list of n items says, which has no scores: one from elsewhere, or
 * the head of the model's. */
static void measure_list(const pass *p, uint32_t at, uint32_t n, const uint32_t item[],
                         int thread)
{
    measure_workspace *w = &p->m->workspace[thread];
    uint32_t user = p->m->users->user[at], place = p->m->users->place[at];
    find_cells(p, at, w);
    mf_outcome outcome = {.relevant = w->all.relevant, .rank = w->all.rank};
    mf__list_ranks(n, item, w->all.relevant, w->all.wanted, w->all.rank, w->found);
    record(p, 0, place, &outcome);
    if (p->m->lists && w->all.relevant > 0)
        mf__lists_given(p->m->lists, user, place, n, item, thread);
    for (size_t part = 1; part < p->e->parts; part++)
        record_part(p, part, place, NULL, w, &outcome);
}

/* The users of a block: *n of them from *lo. */
static void users_of(const pass *p, size_t block, uint32_t *lo, uint32_t *n)
{
    *lo = (uint32_t)block * MF_RANK_USERS;
    *n = p->m->users->n - *lo < MF_RANK_USERS ? p->m->users->n - *lo : MF_RANK_USERS;
}

/* Measure n users from `lo` on by lists alone. */
static int measure_lists(const pass *p, uint32_t lo, uint32_t n, int thread,
                         mf_err *err)
{
    const measuring *m = p->m;
    int code = MF_OK;
    if (!p->given)
        code = mf__heads_find(m->heads, thread, n, m->users->user + lo, err);
    for (uint32_t j = 0; code == MF_OK && j < n; j++) {
        uint32_t items;
        const uint32_t *item;
        if (p->given)
            item = mf__given_list(p->given, lo + j, &items);
        else if (m->stranger && m->stranger[lo + j])
            item = mf__heads_of_scores(m->heads, thread,
                                       ranking_of(p, lo + j, NULL, thread), &items);
        else
            item = mf__heads_list(m->heads, thread, j, &items);
        measure_list(p, lo + j, items, item, thread);
    }
    return code;
}

/* Measure a block of users, and put their lists on the thread's page. */
static int measure_block(const void *self, int thread, size_t block, mf_err *err)
{
    const pass *p = self;
    const mf_rank_block *scores = &p->m->scorer.block[thread];
    measure_workspace *w = &p->m->workspace[thread];
    uint32_t lo, n;
    users_of(p, block, &lo, &n);
    const uint32_t *user = p->m->users->user + lo;
    if (p->given || (p->m->heads && !p->baseline))
        return measure_lists(p, lo, n, thread, err);
    if (!p->baseline)
        scores = mf__scorer_users(&p->m->scorer, thread, n, user);
    for (uint32_t j = 0; j < n; j++) {
        float *score = mf_rank_row(scores, j);
        if (p->baseline)
            mf__baseline_score(p->baseline, user[j], score);
        bool ranks = (p->m->ranks && p->subject->ranks) || p->run;
        bool speaks = !p->baseline && !(p->m->stranger && p->m->stranger[lo + j]);
        const float *ranking = ranks ? ranking_of(p, lo + j, score, thread) : NULL;
        bool listed = measure_user(p, lo + j, score, ranking,
                                   speaks ? mf_rank_personas(scores, j) : NULL, thread);
        if (p->run && listed)
            mf__run_put_list(&w->lines, &p->m->model->ratings, user[j],
                             mf__rank_top(ranking, scores->items, p->m->depth, w->top),
                             w->top, p->subject->name);
    }
    return mf__page_check(&w->lines, err);
}

static int put_block(const void *self, int thread, size_t block, mf_err *err)
{
    const pass *p = self;
    uint32_t lo, n;
    users_of(p, block, &lo, &n);
    int code = MF_OK;
    if (p->run)
        code = mf__page_write(&p->m->workspace[thread].lines, p->run, err);
    mf__report_progress(
        p->m->params->report,
        &(mf_progress){"measuring", p->subject->name, "users", lo + n, p->m->users->n});
    return code;
}

static int open_workspace(measure_workspace *w, uint32_t most, uint32_t depth,
                          mf_err *err)
{
    held_out *each[] = {&w->all, &w->part};
    for (int i = 0; i < 2; i++) {
        each[i]->item = mf__new(most, sizeof *each[i]->item);
        each[i]->wanted = mf__new(most, sizeof *each[i]->wanted);
        each[i]->rank = mf__new(most, sizeof *each[i]->rank);
        each[i]->value = mf__new(most, sizeof *each[i]->value);
        each[i]->hit = mf__new(most, sizeof *each[i]->hit);
        if (!each[i]->item || !each[i]->wanted || !each[i]->rank || !each[i]->value ||
            !each[i]->hit)
            return mf__nomem(err);
    }
    w->found = mf__new(most, sizeof *w->found);
    w->top = mf__new(depth, sizeof *w->top);
    return w->found && w->top ? MF_OK : mf__nomem(err);
}

/* Find the users of whom the model knows nothing, and get ready to rank something else
 * for them. */
static int find_strangers(measuring *m, mf_err *err)
{
    const mf_scored *scored = &m->scorer.what;
    const mf_ratings *r = &m->model->ratings;
    int code = MF_OK;
    for (uint32_t at = 0; at < m->users->n; at++) {
        if (!mf__is_stranger(scored, r, m->users->user[at]))
            continue;
        if (!m->stranger && !(m->stranger = mf__new0(m->users->n, 1)))
            return mf__nomem(err);
        m->stranger[at] = 1;
    }
    if (!m->stranger)
        return MF_OK;
    if (!scored->items->bias)
        code = mf__listeners_count(&m->listeners, r, err);
    for (int t = 0; code == MF_OK && t < m->scorer.threads; t++) {
        float *instead = mf__new(r->x.cols, sizeof *instead);
        m->workspace[t].instead = instead;
        code = instead ? MF_OK : mf__nomem(err);
    }
    return code;
}

/* Say of the subject, the model, who are strangers to it. */
static int record_strangers(const measuring *m, const mf_evaluation *e,
                            mf_subject *subject, mf_err *err)
{
    subject->by_bias = m->model->items.bias;
    if (!m->stranger)
        return MF_OK;
    subject->unknown = mf__new0(e->ids.n, 1);
    if (!subject->unknown)
        return mf__nomem(err);
    for (uint32_t at = 0; at < m->users->n; at++)
        subject->unknown[m->users->place[at]] = m->stranger[at];
    return MF_OK;
}

int mf__measuring_open(measuring *out, const mf_evaluate_params *params,
                       const mf_model *model, const test_users *users, mf_err *err)
{
    bool beyond = false;
    *out = (measuring){.params = params, .model = model, .users = users};
    for (size_t m = 0; m < params->metrics.n; m++) {
        out->ranks |= !mf_metric_is_prediction(&params->metrics.metric[m]);
        beyond |= !mf_metric_is_held_out(&params->metrics.metric[m]);
    }
    mf_scored what = mf__scored_model(model);
    int code = mf__scorer_open(&out->scorer, &what, users->n, params->threads, err);
    if (code < 0)
        return code;
    if (params->runs)
        out->depth = mf__run_depth(&params->metrics, model->items.n);
    size_t threads = (size_t)out->scorer.threads;
    out->workspace = mf__new0(threads, sizeof *out->workspace);
    if (!out->workspace)
        return mf__nomem(err);
    for (size_t t = 0; code == MF_OK && t < threads; t++)
        code = open_workspace(&out->workspace[t], users->most, out->depth, err);
    if (code == MF_OK)
        code = find_strangers(out, err);
    uint32_t head = mf__heads_depth(params, model->items.n);
    if (code == MF_OK && head)
        code = mf__heads_open(&out->heads, &out->scorer, &model->ratings, head, err);
    if (code == MF_OK && beyond)
        code = mf__lists_open(&out->lists, params, model, out->scorer.threads, err);
    return code;
}

void mf__measuring_close(measuring *m)
{
    for (int t = 0; m->workspace && t < m->scorer.threads; t++) {
        measure_workspace *w = &m->workspace[t];
        held_out *each[] = {&w->all, &w->part};
        for (int i = 0; i < 2; i++) {
            free(each[i]->item);
            free(each[i]->wanted);
            free(each[i]->rank);
            free(each[i]->value);
            free(each[i]->hit);
        }
        free(w->found);
        free(w->top);
        free(w->instead);
        mf__page_free(&w->lines);
    }
    free(m->workspace);
    free(m->stranger);
    free(m->listeners);
    mf__lists_close(m->lists);
    mf__heads_close(m->heads);
    mf__scorer_close(&m->scorer);
}

/* A digest of the known cells, and of which of them are liked. */
static int digest_histories(const mf_ratings *r, uint64_t *digest, mf_err *err)
{
    mf_cell_hash hash = {0};
    int code = MF_OK;
    *digest = 0;
    for (uint32_t u = 0; code == MF_OK && u < r->x.rows; u++) {
        code = mf__cell_hash_user(&hash, &r->users, u, err);
        for (size_t c = r->x.ptr[u]; code == MF_OK && c < r->x.ptr[u + 1]; c++)
            if (MF_KNOWN >> r->fold[c] & 1)
                *digest += mf__cell_hash_item(&hash, &r->items, r->x.col[c],
                                              mf__likes(r->x.val[c]));
    }
    mf__cell_hash_free(&hash);
    return code;
}

/* Say of the subject, which are lists, whom they have none of. */
static int record_missing(const measuring *m, const mf_evaluation *e,
                          mf_subject *subject, const given *g, mf_err *err)
{
    subject->list = g->counts;
    subject->digest = mf__given_digest(g);
    subject->unknown = mf__new0(e->ids.n, 1);
    if (!subject->unknown)
        return mf__nomem(err);
    for (uint32_t at = 0; at < m->users->n; at++)
        subject->unknown[m->users->place[at]] = g->length[m->users->first + at] == 0;
    return MF_OK;
}

int mf__measure(const measuring *m, mf_evaluation *e, mf_subject *subject,
                const measured *what, mf_err *err)
{
    pass p = {.m = m,
              .e = e,
              .subject = subject,
              .baseline = what->baseline,
              .given = what->given,
              .run = what->run};
    const bool model = !p.baseline && !p.given;
    in_order work = {.self = &p,
                     .threads = m->scorer.threads,
                     .blocks = m->users->n / MF_RANK_USERS +
                               (m->users->n % MF_RANK_USERS > 0),
                     .make = measure_block,
                     .put = put_block};
    subject->personas = model ? m->model->users.personas : 0;
    int code = mf__subject_open(e, subject, what->name, err);
    if (code == MF_OK && model)
        code = record_strangers(m, e, subject, err);
    if (code == MF_OK && p.given)
        code = record_missing(m, e, subject, p.given, err);
    if (code < 0)
        return code;
    if (m->lists)
        mf__lists_begin(m->lists, e, subject);
    code = mf__in_order(&work, err);
    if (code == MF_OK && m->lists)
        code = mf__lists_end(m->lists, err);
    if (code == MF_OK && m->lists)
        code = digest_histories(&m->model->ratings, &subject->known, err);
    return code;
}
