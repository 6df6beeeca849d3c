/* The job of mf-eval, from the outside in:
 *
 *     job.c           models are read, what follows is called
 *     evaluate.c      parameters and results as values
 *     users.c         the users with test cells; whether models have the same
 *     truth.c         the test cells of the first model, which say what is relevant
 *     slices.c        slices of users and of test cells
 *     measure.c       one subject: from scores to num and den of every user
 *     heads.c         the first items of lists, where no metric looks further
 *     baseline.c      scores of what is no model
 *     given.c         lists that came from elsewhere; given_read.c: their files
 *     lists.c         metrics about lists and personas
 *     subject.c       what a subject is, and where its numbers are
 *     trec.c          lists and test cells as TREC files
 *     estimate.c      from num and den to values, intervals and differences
 *     incomparable.c  what is not compared, and why
 *     part.c          what was measured of a shard, as it is stored: part_write.c,
 *                     part_read.c, part_merge.c
 *     merge.c         the result of all shards
 *     words.c         what must be known to read the values of lists
 *     formats.c       the result in one of the formats: text.c, tsv.c, json.c,
 *                     table.c */
#include <stdlib.h>

#include "base/mem.h"
#include "base/report.h"
#include "jobs/evaluate/measure.h"
#include "jobs/evaluate/merge.h"
#include "jobs/evaluate/part.h"
#include "jobs/evaluate/slices.h"
#include "jobs/evaluate/trec.h"
#include "jobs/evaluate/truth.h"
#include "jobs/shared/fold_model.h"
#include "wire/card.h"

/* What is made once and used for all models. */
typedef struct job {
    const mf_evaluate_params *params;
    mf_evaluation *e;
    size_t models, lists;
    mf_model shared; /* the ratings of all, if params has some */
    slicing by;
    truth known; /* the test cells of the first model, if there are further ones */
    uint32_t first, all; /* of the first model's users with test cells, those before the
                            shard, and all */
} job;

/* What the scores of a model are meant to come near. */
static mf_target target_of(const mf_card *card)
{
    return mf__card_takes_numbers(card) ? MF_TARGET_VALUE : MF_TARGET_ONE;
}

/* Read a model; if `shared` is not NULL, its ratings are those of `shared` until they
 * are taken away again. */
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

/* The users, the test cells and the slices of the evaluation are those of the first
 * model. */
static int prepare_first(job *w, test_users *users, mf_err *err)
{
    mf_evaluation *e = w->e;
    w->first = users->first;
    w->all = users->all;
    int code = mf__test_users_check(users, w->models, err);
    if (code == MF_OK && !(e->truth = mf__printable(users->name)))
        code = mf__nomem(err);
    if (code == MF_OK)
        code = mf__test_users_adopt(e, users, err);
    if (code == MF_OK && w->models > 1)
        code = mf__truth_take(&w->known, e, users, err);
    if (code == MF_OK)
        code = mf__slices_cut(&w->by, e, users, w->params, err);
    if (code == MF_OK)
        code = mf__slices_parts(users, &w->by, err);
    e->splits = 1;
    if (code == MF_OK)
        code = mf__test_users_count(e, users, &e->cells[0], err);
    if (code == MF_OK && w->params->qrels)
        code = mf__qrels_write(users, w->params->qrels, err);
    return code;
}

static int prepare(job *w, size_t i, test_users *users, mf_err *err)
{
    int code = mf__test_users_find(users, err);
    if (code < 0 || i == 0)
        return code < 0 ? code : prepare_first(w, users, err);
    code = mf__slices_parts(users, &w->by, err);
    if (code == MF_OK)
        code = mf__test_users_match(w->e, users, &w->e->subject[i], &w->known, err);
    return code;
}

/* Measure the baselines that are asked for, on the test cells of the first model. */
static int add_baselines(job *w, const measuring *m, mf_err *err)
{
    mf_subject *subject = &w->e->subject[w->models + w->lists];
    int code = MF_OK;
    for (unsigned which = 1; code == MF_OK && which <= MF_BASELINE_ALL; which *= 2) {
        baseline b;
        if (!(w->params->baselines & which))
            continue;
        code = mf__baseline_open(&b, which, &m->model->ratings, w->params->seed, err);
        if (code < 0)
            return code;
        subject->ranks = b.ranks;
        subject->target = b.ranks ? MF_TARGET_NONE : MF_TARGET_VALUE;
        measured what = {.name = b.name, .baseline = &b};
        code = mf__measure(m, w->e, subject++, &what, err);
        mf__baseline_close(&b);
    }
    return code;
}

/* Read the lists that came from elsewhere, one file after the other, and measure them
 * on the test cells of the first model. */
static int add_lists(job *w, const measuring *m, mf_err *err)
{
    int code = MF_OK;
    for (size_t i = 0; code == MF_OK && i < w->lists; i++) {
        const mf_list_input *input = &w->params->list[i];
        mf_subject *subject = &w->e->subject[w->models + i];
        given g;
        measured what = {.name = input->name, .given = &g};
        subject->ranks = subject->listed = true;
        code = mf__given_open(&g, m->users, err);
        if (code == MF_OK)
            code = mf__given_read(&g, input->lines, err);
        if (code == MF_OK)
            code = mf__measure(m, w->e, subject, &what, err);
        mf__given_close(&g);
    }
    return code;
}

/* Measure a model, which is in memory, and with the first one lists and baselines. If
 * there is no model, what is in memory are ratings, and factors of 0. */
static int measure_model(job *w, size_t i, const mf_model *model,
                         const test_users *users, mf_err *err)
{
    measured what = {.name = users->name,
                     .run = i < w->params->runs ? w->params->run[i] : NULL};
    measuring m;
    int code = mf__measuring_open(&m, w->params, model, users, err);
    if (code == MF_OK && w->models > 0)
        code = mf__measure(&m, w->e, &w->e->subject[i], &what, err);
    if (code == MF_OK && i == 0)
        code = add_lists(w, &m, err);
    if (code == MF_OK && i == 0)
        code = add_baselines(w, &m, err);
    mf__measuring_close(&m);
    return code;
}

static int add_model(job *w, size_t i, mf_in *in, mf_err *err)
{
    const mf_evaluate_params *params = w->params;
    mf_model model, *shared = params->ratings ? &w->shared : NULL;
    int code = load_model(&model, in, shared, params, err);
    if (code < 0)
        return code;
    test_users users = {
        .params = params, .ratings = &model.ratings, .name = mf_in_name(in)};
    w->e->subject[i].target = target_of(&model.card);
    w->e->subject[i].ranks = w->e->subject[i].model = true;
    w->e->subject[i].digest = model.digest;
    code = prepare(w, i, &users, err);
    if (code == MF_OK)
        code = mf__model_fold_in(&model, users.name, users.n, users.user,
                                 params->threads, params->report, err);
    if (code == MF_OK)
        code = measure_model(w, i, &model, &users, err);
    mf__test_users_free(&users);
    if (shared)
        model.ratings = (mf_ratings){0};
    mf_model_free(&model);
    return code;
}

/* Measure lists and baselines on the shared ratings, where there is no model. */
static int add_ratings(job *w, mf_err *err)
{
    const mf_ratings *r = &w->shared.ratings;
    test_users users = {
        .params = w->params, .ratings = r, .name = mf_in_name(w->params->ratings)};
    int code = mf_tensor_alloc(&w->shared.users, r->users.n, 1, 1, err);
    if (code == MF_OK)
        code = mf_tensor_alloc(&w->shared.items, r->items.n, 1, 1, err);
    if (code == MF_OK)
        code = prepare(w, 0, &users, err);
    if (code == MF_OK)
        code = measure_model(w, 0, &w->shared, &users, err);
    mf__test_users_free(&users);
    return code;
}

static size_t baselines_of(const mf_evaluate_params *params)
{
    size_t n = 0;
    for (unsigned left = params->baselines & MF_BASELINE_ALL; left; left &= left - 1)
        n++;
    return n;
}

/* Measure all; what follows from the users of all shards is not yet there. */
static int measure_all(job *w, size_t n, mf_in *const in[], mf_err *err)
{
    const mf_evaluate_params *params = w->params;
    mf_evaluation *out = w->e;
    *out = (mf_evaluation){.metrics = params->metrics,
                           .subjects = n + params->lists + baselines_of(params),
                           .relevant = params->relevant,
                           .parts = 1};
    if (params->by == MF_BY_POPULARITY)
        out->parts += params->slices;
    w->models = n;
    w->lists = params->lists;
    int code = mf_evaluate_check(params, err);
    if (code == MF_OK && n == 0 && (params->lists == 0 || !params->ratings))
        code = mf_fail(err, MF_EINVAL,
                       "without a model there must be lists and the ratings");
    if (code == MF_OK && params->runs > n)
        code = mf_fail(err, MF_EINVAL, "more run files than models");
    out->subject = mf__new0(out->subjects, sizeof *out->subject);
    out->cells = mf__new0(n ? n : 1, sizeof *out->cells);
    if (code == MF_OK && (!out->subject || !out->cells))
        code = mf__nomem(err);
    if (code == MF_OK && params->ratings)
        code = mf_model_load(&w->shared, params->ratings, MF_WANT_RATINGS, NULL, NULL,
                             err);
    for (size_t i = 0; code == MF_OK && i < n; i++)
        code = add_model(w, i, in[i], err);
    if (code == MF_OK && n == 0)
        code = add_ratings(w, err);
    return code;
}

static void close_job(job *w)
{
    mf_model_free(&w->shared);
    mf__slices_free(&w->by);
    mf__truth_free(&w->known);
}

int mf_evaluate_run(mf_evaluation *out, size_t n, mf_in *const in[],
                    const mf_evaluate_params *params, mf_err *err)
{
    job w = {.params = params, .e = out};
    int code = measure_all(&w, n, in, err);
    if (code == MF_OK)
        code = mf__evaluation_settle(out, &w.by, params, err);
    close_job(&w);
    if (code < 0)
        mf_evaluation_free(out);
    return code;
}

int mf_evaluate_part(mf_out *out, size_t n, mf_in *const in[],
                     const mf_evaluate_params *params, mf_err *err)
{
    evaluation_part part = {0};
    mf_evaluate_params p = *params;
    job w = {.params = &p, .e = &part.e};
    p.part = true;
    int code = measure_all(&w, n, in, err);
    if (code == MF_OK) {
        mf__part_set(&part, &p);
        part.models = (uint32_t)n;
        part.ratings = w.shared.digest;
        part.first = w.first;
        part.all = w.all;
        part.of_user = w.by.of_user;
        w.by.of_user = NULL;
        code = mf__part_write(&part, out, err);
    }
    if (code == MF_OK)
        mf__report_note(p.report, "shard %u/%u: %u of %u users with test cells",
                        p.shard, p.shards, part.e.ids.n, w.all);
    close_job(&w);
    mf__part_free(&part);
    return code;
}
