#include "mf/evaluate.h"

#include <stdlib.h>
#include <string.h>

#include "evaluate_private.h"
#include "mf/mem.h"

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
        mf_subject *subject = &e->subject[s];
        for (size_t m = 0; subject->measure && m < e->metrics.n; m++) {
            free(subject->measure[m].num);
            free(subject->measure[m].den);
        }
        free(subject->measure);
        free(subject->name);
    }
    for (size_t c = 0; c < e->splits; c++)
        free(e->cells[c].n);
    for (size_t i = 0; i < e->slices; i++)
        free(e->slice[i].user);
    free(e->subject);
    free(e->cells);
    free(e->score);
    free(e->difference);
    mf_ids_free(&e->ids);
    *e = (mf_evaluation){0};
}

bool mf_subject_has(const mf_subject *subject, const mf_metric *metric)
{
    switch (mf_metric_is_about(metric)) {
    case MF_ABOUT_CELLS: return subject->target != MF_TARGET_NONE;
    case MF_ABOUT_PERSONAS: return subject->personas > 1;
    default: return subject->ranks && (!mf_metric_is_own(metric) || subject->personas);
    }
}

bool mf_evaluation_has(const mf_evaluation *e, const mf_slice *slice, size_t subject,
                       size_t m)
{
    mf_metric_about about = mf_metric_is_about(&e->metrics.metric[m]);
    bool cells = about == MF_ABOUT_CELLS || about == MF_ABOUT_RANKS;
    return mf_subject_has(&e->subject[subject], &e->metrics.metric[m]) &&
           (cells || slice->part == 0) && (about != MF_ABOUT_ALL_LISTS || !slice->user);
}

/* Take the test users of the first model. */
static int adopt_users(mf_evaluation *e, const scoring *s, mf_err *err)
{
    const mf_ratings *r = &s->model->ratings;
    mf_test_cells *cells = &e->cells[0];
    mf_slice *all = &e->slice[0];
    e->left_out = r->x.rows - s->users;
    e->splits = e->slices = 1;
    cells->n = mf_new0(e->parts * s->users, sizeof *cells->n);
    if (!cells->n)
        return mf_nomem(err);
    all->n = s->users;
    for (uint32_t at = 0; at < s->users; at++) {
        size_t len;
        const char *id = mf_ids_get(&r->users, s->user[at], &len);
        int code = mf_ids_append(&e->ids, id, len, err);
        if (code < 0)
            return code;
        for (size_t t = r->x.ptr[s->user[at]]; t < r->x.ptr[s->user[at] + 1]; t++)
            cells->n[at] += r->fold[t] == MF_TEST;
        all->total += (uint64_t)cells->n[at];
    }
    return mf_ratings_digest(r, 1 << MF_TEST, false, &cells->digest, err);
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
    bool same = digest == e->cells[0].digest && s->users == e->ids.n;
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
        code = evaluate_scoring_open(&s, name, err);
    if (code == MF_OK)
        code = i == 0 ? adopt_users(e, &s, err) : match_users(e, &s, name, err);
    if (code == MF_OK)
        code = evaluate_measure(&s, e, &e->subject[i], name, target_of(&model.card), 0,
                                err);
    if (code == MF_OK && i == 0)
        code = evaluate_baselines(&s, e, &e->subject[n], err);
    evaluate_scoring_close(&s);
    if (shared)
        model.ratings = (mf_ratings){0};
    mf_model_free(&model);
    return code;
}

static void note(const mf_evaluation *e, const mf_report *report)
{
    mf_report_note(report,
                   "%u users with %llu test cells; %u users have none and are left out",
                   e->slice[0].n, (unsigned long long)e->slice[0].total, e->left_out);
    if (e->targets_differ)
        mf_report_note(report, "%s", MF_TARGETS_DIFFER);
    if (e->spaces_differ)
        mf_report_note(report, "%s", MF_SPACES_DIFFER);
}

int mf_evaluate_run(mf_evaluation *out, size_t n, mf_in *const in[],
                    const mf_evaluate_params *params, mf_err *err)
{
    size_t baselines = (params->baselines & MF_BASELINE_POPULARITY ? 1 : 0) +
                       (params->baselines & MF_BASELINE_RANDOM ? 1 : 0);
    *out = (mf_evaluation){
        .metrics = params->metrics, .subjects = n + baselines, .parts = 1};
    int code = mf_evaluate_check(params, err);
    out->subject = mf_new0(out->subjects, sizeof *out->subject);
    out->cells = mf_new0(n, sizeof *out->cells);
    if (code == MF_OK && (!out->subject || !out->cells))
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
        code = evaluate_estimate(out, n, params, err);
    if (code == MF_OK)
        note(out, params->report);
    else
        mf_evaluation_free(out);
    return code;
}
