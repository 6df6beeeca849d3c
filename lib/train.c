#include "mf/train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mf/mem.h"
#include "mf/model.h"

typedef struct history {
    mf_history_entry *entry;
    size_t n, cap;
    uint32_t sweeps;
    bool failed;
    const mf_report *report;
} history;

static void keep_state(void *self, const mf_als_state *s)
{
    history *h = self;
    if (mf_reserve(&h->entry, &h->cap, h->n + 1, sizeof *h->entry, NULL) < 0) {
        h->failed = true;
        return;
    }
    mf_history_entry *e = &h->entry[h->n++];
    *e = (mf_history_entry){.iteration = s->iteration, .loss = s->loss,
                            .prediction = s->prediction, .users = s->users,
                            .items = s->items, .rmse = s->rmse, .valid = s->valid,
                            .moved = s->moved};
    snprintf(e->half, sizeof e->half, "%s", s->half);
    mf_report_note(h->report, "sweep %u %s: loss %.7g, rmse %.5g, moved %.3g", s->iteration,
                   s->half, s->loss, s->rmse, s->moved);
    mf_report_progress(h->report, "sweep", s->iteration, h->sweeps);
}

static void fill_card(mf_card *c, const mf_als_params *p)
{
    *c = (mf_card){.k = p->k, .personas = p->personas, .overlap = p->overlap, .shrink = p->shrink,
                   .unobserved = p->unobserved, .lambda_users = p->lambda_users,
                   .lambda_items = p->lambda_items, .nu = p->nu,
                   .iterations = p->iterations, .warmup = p->warmup, .seed = p->seed,
                   .alpha = p->alpha, .eps = p->eps, .lambda_bias = p->lambda_bias};
    snprintf(c->preset, sizeof c->preset, "%s", MF_PRESET_NAMES[p->preset]);
    snprintf(c->init, sizeof c->init, "%s", MF_INIT_NAMES[p->init]);
    snprintf(c->assign, sizeof c->assign, "%s", MF_ASSIGN_NAMES[p->assign]);
    snprintf(c->confidence, sizeof c->confidence, "%s", MF_CONFIDENCE_NAMES[p->confidence]);
}

/* As --confidence takes it. */
static void stage_confidence(mf_stage *s, const mf_als_params *p)
{
    char alpha[MF_STAGE_DIGITS], eps[MF_STAGE_DIGITS];
    mf_stage_digits(alpha, p->alpha);
    mf_stage_digits(eps, p->eps);
    if (p->confidence == MF_CONFIDENCE_LINEAR)
        mf_stage_option(s, "confidence", "linear:%s", alpha);
    if (p->confidence == MF_CONFIDENCE_LOG)
        mf_stage_option(s, "confidence", "log:%s,%s", alpha, eps);
}

static mf_stage make_stage(const mf_als_params *p)
{
    mf_stage s = mf_stage_make("mf-als");
    mf_stage_seed(&s, p->seed);
    mf_stage_option(&s, "preset", "%s", MF_PRESET_NAMES[p->preset]);
    mf_stage_option(&s, "init", "%s", MF_INIT_NAMES[p->init]);
    mf_stage_option(&s, "factors", "%u", p->k);
    mf_stage_option(&s, "personas", "%u", p->personas);
    mf_stage_option(&s, "iterations", "%u", p->iterations);
    mf_stage_option(&s, "warmup", "%u", p->warmup);
    mf_stage_number(&s, "overlap", p->overlap);
    mf_stage_number(&s, "shrink", p->shrink);
    mf_stage_number(&s, "unobserved", p->unobserved);
    mf_stage_number(&s, "lambda-users", p->lambda_users);
    mf_stage_number(&s, "lambda-items", p->lambda_items);
    mf_stage_number(&s, "nu", p->nu);
    mf_stage_option(&s, "assign", "%s", MF_ASSIGN_NAMES[p->assign]);
    stage_confidence(&s, p);
    if (p->preset == MF_PRESET_EXPLICIT)
        mf_stage_option(&s, p->bias ? "bias" : "no-bias", "yes");
    if (p->bias)
        mf_stage_number(&s, "lambda-bias", p->lambda_bias);
    return s;
}

/* Whatever has no effect takes one value, so that equal models are equal bytes. */
static mf_als_params canonical(const mf_als_params *params)
{
    mf_als_params p = *params;
    if (p.personas == 1) {
        p.init = MF_INIT_GAUSSIAN;
        p.overlap = 1;
        p.assign = MF_ASSIGN_LOSS;
        p.shrink = 0;
    }
    if (!p.bias)
        p.lambda_bias = 0;
    if (p.confidence == MF_CONFIDENCE_NONE)
        p.alpha = 0;
    if (p.confidence != MF_CONFIDENCE_LOG)
        p.eps = 0;
    if (p.init == MF_INIT_GAUSSIAN)
        p.warmup = 0;
    return p;
}

static int write_model(mf_bundle_writer *w, const mf_als *als, const mf_csr *train,
                       const mf_card *card, const history *h, mf_err *err)
{
    int code = mf_bundle_put_card(w, card, err);
    if (code == MF_OK)
        code = mf_bundle_put_factors(w, MF_ITEM, mf_als_items(als), NULL, NULL, err);
    if (code == MF_OK)
        code = mf_bundle_put_factors(w, MF_USER, mf_als_users(als), train->ptr,
                                     mf_als_personas(als), err);
    if (code == MF_OK)
        code = mf_bundle_put_history(w, h->n, h->entry, err);
    return code;
}

/* Train and write, given the ratings. */
static int train_and_write(mf_model *model, mf_bundle_writer *w, const mf_als_params *p,
                           const mf_report *report, mf_err *err)
{
    enum { HELD_OUT = 1 << MF_VALID | 1 << MF_TEST };
    history h = {.sweeps = p->iterations, .report = report};
    mf_csr train = {0}, valid = {0};
    mf_als *als = NULL;
    mf_card card;
    fill_card(&card, p);
    int code = mf_ratings_digest(&model->ratings, 1 << MF_TRAIN, true, &card.train, err);
    if (code == MF_OK)
        code = mf_ratings_digest(&model->ratings, HELD_OUT, false, &card.held_out, err);
    if (code == MF_OK)
        code = mf_ratings_folds(&train, &model->ratings, 1 << MF_TRAIN, err);
    if (code == MF_OK)
        code = mf_ratings_folds(&valid, &model->ratings, 1 << MF_VALID, err);
    if (code == MF_OK) {
        mf_ratings_free(&model->ratings); /* what is needed of them is copied */
        code = mf_als_open(&als, &train, &valid, p, err);
    }
    if (code == MF_OK)
        code = mf_als_run(als, keep_state, &h, err);
    if (code == MF_OK && h.failed)
        code = mf_nomem(err);
    if (code == MF_OK) {
        card.mu = mf_als_mu(als);
        code = write_model(w, als, &train, &card, &h, err);
    }
    mf_als_close(als);
    mf_csr_free(&train);
    mf_csr_free(&valid);
    free(h.entry);
    return code;
}

int mf_train_run(mf_in *in, mf_out *out, const mf_als_params *params,
                 const mf_report *report, mf_err *err)
{
    mf_als_params p = canonical(params);
    mf_bundle_writer *w;
    mf_bundle_reader *reader = NULL;
    mf_model model = {0};
    int code = mf_als_check(&p, err);
    if (code < 0 || (code = mf_bundle_writer_open(&w, out, err)) < 0)
        return code;
    code = mf_model_load(&model, in, MF_WANT_RATINGS, w, &reader, err);
    if (code == MF_OK && model.has_factors)
        mf_report_note(report, "the model that was there is replaced");
    if (code == MF_OK)
        code = train_and_write(&model, w, &p, report, err);
    if (code == MF_OK) {
        mf_stage stage = make_stage(&p);
        code = mf_bundle_put_end(w, reader, &stage, err);
    }
    mf_model_free(&model);
    mf_bundle_reader_close(reader);
    mf_bundle_writer_close(w);
    return code;
}
