#include "mf/evaluate.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "mf/mem.h"
#include "mf/model.h"
#include "mf/par.h"
#include "mf/rng.h"
#include "mf/score.h"

mf_evaluate_params mf_evaluate_defaults(void)
{
    mf_evaluate_params params = {.replicates = 1000, .seed = 1};
    if (mf_metrics_parse(&params.metrics, MF_EVALUATE_METRICS, NULL) < 0)
        params.metrics.n = 0; /* mf_evaluate_check will refuse it */
    return params;
}

int mf_evaluate_check(const mf_evaluate_params *params, mf_err *err)
{
    if (params->metrics.n == 0)
        return mf_fail(err, MF_EINVAL, "no metrics");
    if (params->baselines & ~(unsigned)(MF_BASELINE_POPULARITY | MF_BASELINE_RANDOM))
        return mf_fail(err, MF_EINVAL, "a baseline that is not known");
    return MF_OK;
}

void mf_evaluation_free(mf_evaluation *e)
{
    for (size_t s = 0; e->subject && s < e->subjects; s++) {
        free(e->subject[s].name);
        free(e->subject[s].num);
    }
    free(e->subject);
    free(e->cells);
    free(e->score);
    free(e->difference);
    mf_ids_free(&e->ids);
    *e = (mf_evaluation){0};
}

bool mf_subject_has(const mf_subject *subject, const mf_metric *metric)
{
    return subject->target != MF_TARGET_NONE || !mf_metric_is_prediction(metric);
}

/* --- scoring one subject --- */

/* A model under evaluation, and what the threads that score it share. */
typedef struct scoring {
    const mf_evaluate_params *params;
    const mf_model *model;
    uint32_t users, *user; /* who has test cells, by index in the model; owned */
    uint32_t most;         /* test cells of any user */
    bool ranks;            /* some metric looks at the order of items */
    mf_scorer scorer;
    uint32_t *item, *rank; /* [threads x most] */
    float *value;          /* [threads x most] */
    mf_ranked *found;      /* [threads x most] */
    /* what is scored now */
    mf_subject *subject;
    unsigned baseline; /* 0: the model, else a MF_BASELINE_* */
    float *popularity; /* [items], of that baseline, owned */
} scoring;

static void fill_baseline(const scoring *s, const mf_rank_block *block, uint32_t row,
                          uint32_t user)
{
    float *score = mf_rank_row(block, row);
    if (s->baseline == MF_BASELINE_POPULARITY) {
        memcpy(score, s->popularity, block->items * sizeof *score);
        return;
    }
    mf_rng rng = mf_rng_make(s->params->seed, MF_STREAM_RANDOM, user);
    for (uint32_t i = 0; i < block->items; i++)
        score[i] = (float)(mf_rng_u64(&rng) >> 40); /* 24 bits: exact */
}

/* Hold one user's scores against the test cells. */
static void measure_user(const scoring *s, uint32_t at, float *score, int thread)
{
    const mf_ratings *r = &s->model->ratings;
    const mf_metric_list *metrics = &s->params->metrics;
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
    for (size_t m = 0; m < metrics->n; m++)
        if (mf_subject_has(s->subject, &metrics->metric[m]))
            s->subject->num[m * s->users + at] =
                mf_metric_of(&metrics->metric[m], &outcome);
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
                fill_baseline(s, block, j, s->user[lo + j]);
            measure_user(s, lo + j, mf_rank_row(block, j), thread);
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

static int measure(scoring *s, mf_subject *subject, const char *name, mf_target target,
                   unsigned baseline, mf_err *err)
{
    s->subject = subject;
    s->baseline = baseline;
    subject->target = target;
    subject->name = printable(name);
    subject->num = mf_new0(s->params->metrics.n * s->users, sizeof *subject->num);
    if (!subject->name || !subject->num)
        return mf_nomem(err);
    measure_users(s);
    return MF_OK;
}

/* --- one model --- */

static void scoring_close(scoring *s)
{
    free(s->user);
    free(s->item);
    free(s->rank);
    free(s->value);
    free(s->found);
    free(s->popularity);
    mf_scorer_close(&s->scorer);
}

/* Find the users with test cells, and make room to score them. */
static int scoring_open(scoring *s, const char *name, mf_err *err)
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
    for (size_t m = 0; m < s->params->metrics.n; m++)
        s->ranks |= !mf_metric_is_prediction(&s->params->metrics.metric[m]);
    mf_scored what = mf_scored_model(s->model);
    int code = mf_scorer_open(&s->scorer, &what, s->users, s->params->threads, err);
    if (code < 0)
        return code;
    size_t room = (size_t)s->scorer.threads * s->most;
    s->item = mf_new(room, sizeof *s->item);
    s->rank = mf_new(room, sizeof *s->rank);
    s->value = mf_new(room, sizeof *s->value);
    s->found = mf_new(room, sizeof *s->found);
    return s->item && s->rank && s->value && s->found ? MF_OK : mf_nomem(err);
}

/* Take the test users of the first model. */
static int adopt_users(mf_evaluation *e, const scoring *s, mf_err *err)
{
    const mf_ratings *r = &s->model->ratings;
    e->left_out = r->x.rows - s->users;
    e->cells = mf_new0(s->users, sizeof *e->cells);
    if (!e->cells)
        return mf_nomem(err);
    for (uint32_t at = 0; at < s->users; at++) {
        size_t len;
        const char *id = mf_ids_get(&r->users, s->user[at], &len);
        int code = mf_ids_append(&e->ids, id, len, err);
        if (code < 0)
            return code;
        for (size_t t = r->x.ptr[s->user[at]]; t < r->x.ptr[s->user[at] + 1]; t++)
            e->cells[at] += r->fold[t] == MF_TEST;
        e->total += (uint64_t)e->cells[at];
    }
    return mf_ratings_digest(r, 1 << MF_TEST, false, &e->digest, err);
}

/* Make sure that a further model has the test cells of the first. Ids are
 * sorted, so equal users stand in equal places. */
static int match_users(const mf_evaluation *e, const scoring *s, const char *name,
                       mf_err *err)
{
    uint64_t digest;
    int code = mf_ratings_digest(&s->model->ratings, 1 << MF_TEST, false, &digest, err);
    if (code < 0)
        return code;
    bool same = digest == e->digest && s->users == e->ids.n;
    for (uint32_t at = 0; same && at < s->users; at++) {
        size_t len, other_len;
        const char *id = mf_ids_get(&s->model->ratings.users, s->user[at], &len);
        const char *other = mf_ids_get(&e->ids, at, &other_len);
        same = mf_id_compare(id, len, other, other_len) == 0;
    }
    if (same)
        return MF_OK;
    return mf_fail(
        err, MF_EFORMAT,
        "%s: its test cells are not those of %s; compare models of one split", name,
        e->subject[0].name);
}

static int count_training_users(scoring *s, mf_err *err)
{
    const mf_ratings *r = &s->model->ratings;
    s->popularity = mf_new0(r->x.cols, sizeof *s->popularity);
    if (!s->popularity)
        return mf_nomem(err);
    for (size_t t = 0; t < r->x.nnz; t++)
        s->popularity[r->x.col[t]] += r->fold[t] == MF_TRAIN ? 1.0f : 0.0f;
    return MF_OK;
}

static int measure_baselines(scoring *s, mf_subject *subject, mf_err *err)
{
    int code = MF_OK;
    if (s->params->baselines & MF_BASELINE_POPULARITY) {
        code = count_training_users(s, err);
        if (code == MF_OK)
            code = measure(s, subject++, "popularity", MF_TARGET_NONE,
                           MF_BASELINE_POPULARITY, err);
    }
    if (code == MF_OK && s->params->baselines & MF_BASELINE_RANDOM)
        code = measure(s, subject, "random", MF_TARGET_NONE, MF_BASELINE_RANDOM, err);
    return code;
}

/* What the scores of a model shall come near. */
static mf_target target_of(const mf_card *card)
{
    bool stored =
        strcmp(card->preset, "study") == 0 || strcmp(card->preset, "explicit") == 0;
    return stored ? MF_TARGET_VALUE : MF_TARGET_ONE;
}

/* Read a model; its ratings are those of `shared`, if that is not NULL, until
 * they are given back. */
static int load_model(mf_model *model, mf_in *in, mf_model *shared,
                      const mf_evaluate_params *params, mf_err *err)
{
    unsigned want = MF_WANT_FACTORS | (shared ? 0u : MF_WANT_RATINGS);
    int code = mf_model_load(model, in, want, NULL, NULL, err);
    if (code < 0 || !shared)
        return code;
    code = mf_model_fits(model, mf_in_name(in), &shared->ratings,
                         mf_in_name(params->ratings), err);
    if (code < 0) {
        mf_model_free(model);
        return code;
    }
    mf_ratings_free(&model->ratings);
    model->ratings = shared->ratings;
    model->has_ratings = true;
    return MF_OK;
}

/* Evaluate model number i of n, and with the first one the baselines. */
static int add_model(mf_evaluation *e, size_t i, size_t n, mf_in *in, mf_model *shared,
                     const mf_evaluate_params *params, mf_err *err)
{
    mf_model model;
    const char *name = mf_in_name(in);
    int code = load_model(&model, in, shared, params, err);
    if (code < 0)
        return code;
    scoring s = {.params = params, .model = &model};
    code =
        mf_model_fold_in(&model, name, 0, NULL, params->threads, params->report, err);
    if (code == MF_OK)
        code = scoring_open(&s, name, err);
    if (code == MF_OK)
        code = i == 0 ? adopt_users(e, &s, err) : match_users(e, &s, name, err);
    if (code == MF_OK)
        code = measure(&s, &e->subject[i], name, target_of(&model.card), 0, err);
    if (code == MF_OK && i == 0)
        code = measure_baselines(&s, &e->subject[n], err);
    scoring_close(&s);
    if (shared)
        model.ratings = (mf_ratings){0};
    mf_model_free(&model);
    return code;
}

/* --- from users to estimates --- */

static mf_series series_of(const mf_evaluation *e, size_t subject, size_t m)
{
    const mf_metric *metric = &e->metrics.metric[m];
    return (mf_series){
        .num = e->subject[subject].num + m * e->ids.n,
        .den = mf_metric_is_prediction(metric) ? e->cells : NULL,
        .form = mf_metric_form(metric),
    };
}

/* True if metric m of subject a can be held against that of b. */
static bool comparable(mf_evaluation *e, size_t a, size_t b, size_t m)
{
    const mf_metric *metric = &e->metrics.metric[m];
    const mf_subject *x = &e->subject[a], *y = &e->subject[b];
    if (!mf_subject_has(x, metric) || !mf_subject_has(y, metric))
        return false;
    bool same = !mf_metric_is_prediction(metric) || x->target == y->target;
    e->targets_differ |= !same;
    return same;
}

/* What `draws` holds of metric m of a subject. */
static size_t column(const mf_evaluation *e, size_t subject, size_t m)
{
    return subject * e->metrics.n + m;
}

static int estimate_scores(mf_evaluation *e, const mf_bootstrap *draws, mf_err *err)
{
    for (size_t s = 0; s < e->subjects; s++)
        for (size_t m = 0; m < e->metrics.n; m++) {
            const mf_metric *metric = &e->metrics.metric[m];
            if (!mf_subject_has(&e->subject[s], metric))
                continue;
            mf_series series = series_of(e, s, m);
            mf_interval range;
            int code = mf_bootstrap_interval(draws, column(e, s, m), &range, err);
            if (code < 0)
                return code;
            e->score[e->scores++] = (mf_estimate){
                .subject = s,
                .metric = m,
                .low = range.low,
                .high = range.high,
                .value = mf_series_value(&series, e->ids.n),
                .n = mf_metric_is_prediction(metric) ? e->total : e->ids.n,
            };
        }
    return MF_OK;
}

static int estimate_differences(mf_evaluation *e, size_t a, size_t b,
                                const mf_resampling *how, const mf_bootstrap *draws,
                                mf_err *err)
{
    for (size_t m = 0; m < e->metrics.n; m++) {
        if (!comparable(e, a, b, m))
            continue;
        mf_series x = series_of(e, a, m), y = series_of(e, b, m);
        mf_interval range;
        mf_estimate d = {.subject = a, .reference = b, .metric = m};
        d.value = mf_series_value(&x, e->ids.n) - mf_series_value(&y, e->ids.n);
        d.n = x.den ? e->total : e->ids.n;
        int code = mf_bootstrap_difference(draws, column(e, a, m), column(e, b, m),
                                           &range, err);
        if (code == MF_OK)
            code = mf_permutation_test(how, e->ids.n, &x, &y, &d.p, err);
        if (code < 0)
            return code;
        d.low = range.low;
        d.high = range.high;
        e->difference[e->differences++] = d;
    }
    return MF_OK;
}

/* Draw the samples once for all, then say what they say. */
static int estimate(mf_evaluation *e, size_t models, const mf_evaluate_params *params,
                    mf_err *err)
{
    mf_resampling how = {params->seed, params->replicates, params->threads};
    mf_bootstrap draws = {0};
    size_t columns = e->subjects * e->metrics.n;
    mf_series *series = mf_new(columns, sizeof *series);
    e->score = mf_new(columns, sizeof *e->score);
    e->difference = mf_new(columns * e->subjects, sizeof *e->difference);
    int code = series && e->score && e->difference ? MF_OK : mf_nomem(err);
    for (size_t c = 0; code == MF_OK && c < columns; c++)
        series[c] = series_of(e, c / e->metrics.n, c % e->metrics.n);
    if (code == MF_OK)
        code = mf_bootstrap_run(&draws, &how, e->ids.n, columns, series, err);
    if (code == MF_OK)
        code = estimate_scores(e, &draws, err);
    for (size_t a = 1; code == MF_OK && a < models; a++)
        code = estimate_differences(e, a, 0, &how, &draws, err);
    for (size_t a = 0; code == MF_OK && a < models; a++)
        for (size_t b = models; code == MF_OK && b < e->subjects; b++)
            code = estimate_differences(e, a, b, &how, &draws, err);
    mf_bootstrap_free(&draws);
    free(series);
    return code;
}

static void note(const mf_evaluation *e, const mf_report *report)
{
    mf_report_note(report,
                   "%u users with %llu test cells; %u users have none and are left out",
                   e->ids.n, (unsigned long long)e->total, e->left_out);
    if (e->targets_differ)
        mf_report_note(report, "%s", MF_TARGETS_DIFFER);
}

int mf_evaluate_run(mf_evaluation *out, size_t n, mf_in *const in[],
                    const mf_evaluate_params *params, mf_err *err)
{
    size_t baselines = (params->baselines & MF_BASELINE_POPULARITY ? 1 : 0) +
                       (params->baselines & MF_BASELINE_RANDOM ? 1 : 0);
    *out = (mf_evaluation){.metrics = params->metrics, .subjects = n + baselines};
    int code = mf_evaluate_check(params, err);
    if (code == MF_OK && !(out->subject = mf_new0(out->subjects, sizeof *out->subject)))
        code = mf_nomem(err);
    mf_model shared = {0};
    if (code == MF_OK && params->ratings)
        code =
            mf_model_load(&shared, params->ratings, MF_WANT_RATINGS, NULL, NULL, err);
    for (size_t i = 0; code == MF_OK && i < n; i++)
        code =
            add_model(out, i, n, in[i], params->ratings ? &shared : NULL, params, err);
    mf_model_free(&shared);
    if (code == MF_OK)
        code = estimate(out, n, params, err);
    if (code == MF_OK)
        note(out, params->report);
    else
        mf_evaluation_free(out);
    return code;
}
