#include "mf/evaluate.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/report.h"
#include "jobs/evaluate/private.h"

const char *const mf_incomparable_words[] = {
    [MF_TARGETS_DIFFER] =
        "loss, mse, rmse and mae are not compared where models have different targets",
    [MF_SPACES_DIFFER] =
        "diversity and distance are in each model's own vectors and not "
        "compared; variety is in one space for all",
    [MF_HISTORIES_DIFFER] =
        "novelty, variety and tastes are not compared where training "
        "or fold-in cells differ",
};

mf_evaluate_params mf_evaluate_defaults(void)
{
    mf_evaluate_params params = {
        .replicates = 1000, .seed = 1, .slices = 3, .shard = 1, .shards = 1};
    if (mf_metrics_parse(&params.metrics, MF_EVALUATE_METRICS, NULL) < 0)
        params.metrics.n = 0; /* mf_evaluate_check will refuse it */
    return params;
}

int mf_evaluate_check(const mf_evaluate_params *params, mf_err *err)
{
    if (params->metrics.n == 0)
        return mf_fail(err, MF_EINVAL, "no metrics");
    if (params->baselines & ~(unsigned)MF_BASELINE_ALL)
        return mf_fail(err, MF_EINVAL, "a baseline that is not known");
    bool predicts = false;
    for (size_t m = 0; m < params->metrics.n; m++)
        predicts |= mf_metric_is_prediction(&params->metrics.metric[m]);
    if (params->baselines & (MF_BASELINE_MEAN | MF_BASELINE_BIAS) && !predicts)
        return mf_fail(err, MF_EINVAL,
                       "the baselines mean and bias predict values: ask for loss, mse, "
                       "rmse or mae");
    if (params->slices < 2 || params->slices > MF_SLICES_MAX)
        return mf_fail(err, MF_EINVAL, "slices are not in 2 .. %d", MF_SLICES_MAX);
    if (params->shard < 1 || params->shard > params->shards)
        return mf_fail(err, MF_EINVAL, "shard %u is not in 1 .. %u", params->shard,
                       params->shards);
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
    const mf_metric *metric = &e->metrics.metric[m];
    return mf_subject_has(&e->subject[subject], metric) &&
           (slice->part == 0 || mf_metric_is_held_out(metric)) &&
           (!slice->user || mf_metric_is_about(metric) != MF_ABOUT_ALL_LISTS);
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

/* What is made once and used for all models. */
typedef struct job {
    const mf_evaluate_params *params;
    mf_evaluation *e;
    size_t models;
    mf_model shared; /* the ratings of all, if params has some */
    slicing by;
} job;

/* The first model says who is measured, on which cells, and what the slices are. */
static int prepare_first(job *w, scoring *s, mf_err *err)
{
    mf_evaluation *e = w->e;
    int code = mf__evaluate_adopt_users(e, s, err);
    if (code == MF_OK)
        code = mf__evaluate_slices_cut(&w->by, e, s, err);
    if (code == MF_OK)
        code = mf__evaluate_slices_parts(s, &w->by, err);
    e->splits = 1;
    if (code == MF_OK)
        code = mf__evaluate_count_cells(e, s, &e->cells[0], err);
    if (code == MF_OK && w->params->qrels)
        code = mf__evaluate_trec_qrels(s, w->params->qrels, err);
    return code;
}

static int prepare(job *w, size_t i, scoring *s, mf_err *err)
{
    int code = mf__evaluate_find_users(s, err);
    if (code < 0 || i == 0)
        return code < 0 ? code : prepare_first(w, s, err);
    code = mf__evaluate_slices_parts(s, &w->by, err);
    if (code == MF_OK)
        code = mf__evaluate_match_users(w->e, s, &w->e->subject[i], err);
    return code;
}

/* Evaluate model number i, and with the first one the baselines. */
static int add_model(job *w, size_t i, mf_in *in, mf_err *err)
{
    const mf_evaluate_params *params = w->params;
    mf_model model, *shared = params->ratings ? &w->shared : NULL;
    int code = load_model(&model, in, shared, params, err);
    if (code < 0)
        return code;
    scoring s = {.params = params, .model = &model, .name = mf_in_name(in)};
    mf_subject *subject = &w->e->subject[i];
    subject->target = target_of(&model.card);
    subject->ranks = true;
    s.run = i < params->runs ? params->run[i] : NULL;
    code = prepare(w, i, &s, err);
    if (code == MF_OK)
        code = mf__model_fold_in(&model, s.name, s.users, s.user, params->threads,
                                 params->report, err);
    if (code == MF_OK)
        code = mf__evaluate_scoring_open(&s, err);
    if (code == MF_OK)
        code = mf__evaluate_measure(&s, w->e, subject, s.name, err);
    s.run = NULL;
    if (code == MF_OK && i == 0)
        code = mf__evaluate_baselines(&s, w->e, &w->e->subject[w->models], err);
    mf__evaluate_scoring_close(&s);
    if (shared)
        model.ratings = (mf_ratings){0};
    mf_model_free(&model);
    return code;
}

static void note(const mf_evaluation *e, const mf_report *report)
{
    mf__report_note(
        report, "%u users with %llu test cells; %u users have none and are left out",
        e->slice[0].n, (unsigned long long)e->slice[0].total, e->left_out);
    if (e->slice[0].n < e->ids.n)
        mf__report_note(report,
                        "%u users have no test cells in some model and are left out",
                        e->ids.n - e->slice[0].n);
    for (int why = 0; why < MF_INCOMPARABLE_COUNT; why++)
        if (e->incomparable[why])
            mf__report_note(report, "%s", mf_incomparable_words[why]);
}

int mf_evaluate_run(mf_evaluation *out, size_t n, mf_in *const in[],
                    const mf_evaluate_params *params, mf_err *err)
{
    *out = (mf_evaluation){.metrics = params->metrics,
                           .subjects = n + mf__evaluate_baseline_count(params),
                           .parts = 1};
    if (params->by == MF_BY_POPULARITY)
        out->parts += params->slices;
    job w = {.params = params, .e = out, .models = n};
    int code = mf_evaluate_check(params, err);
    if (code == MF_OK && params->runs > n)
        code = mf_fail(err, MF_EINVAL, "more run files than models");
    out->subject = mf__new0(out->subjects, sizeof *out->subject);
    out->cells = mf__new0(n, sizeof *out->cells);
    if (code == MF_OK && (!out->subject || !out->cells))
        code = mf__nomem(err);
    if (code == MF_OK && params->ratings)
        code =
            mf_model_load(&w.shared, params->ratings, MF_WANT_RATINGS, NULL, NULL, err);
    for (size_t i = 0; code == MF_OK && i < n; i++)
        code = add_model(&w, i, in[i], err);
    if (code == MF_OK)
        code = mf__evaluate_slices_fill(out, &w.by, err);
    mf_model_free(&w.shared);
    mf__evaluate_slicing_free(&w.by);
    if (code == MF_OK)
        code = mf__evaluate_estimate(out, n, params, err);
    if (code == MF_OK)
        note(out, params->report);
    else
        mf_evaluation_free(out);
    return code;
}
