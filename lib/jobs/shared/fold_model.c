#include "jobs/shared/fold_model.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/report.h"
#include "mf/fold_model.h"
#include "wire/card.h"

/* The index of a name in a list ended by NULL; of an empty one, 0. */
static bool find_name(const char *const names[], const char *name, int *index)
{
    for (*index = 0; names[*index]; ++*index)
        if (strcmp(names[*index], name) == 0)
            return true;
    *index = 0;
    return !*name;
}

/* The parameters of the training, from the card. */
static int params_of(const mf_model *model, const char *name, int threads,
                     mf_als_params *p, mf_err *err)
{
    const mf_card *c = &model->card;
    int preset, init, assign, confidence;
    if (!c->preset[0] || !find_name(mf_preset_names, c->preset, &preset) ||
        !find_name(mf_assign_names, c->assign, &assign) ||
        !find_name(mf_confidence_names, c->confidence, &confidence))
        return mf_fail(err, MF_EFORMAT,
                       "%s: users cannot be folded in: preset '%s', assign '%s' "
                       "or confidence '%s' of the model card is not known here",
                       name, c->preset, c->assign, c->confidence);
    *p = mf_als_defaults((mf_preset)preset);
    p->assign = (mf_assign)assign;
    p->confidence = (mf_confidence)confidence;
    p->k = c->k;
    p->personas = c->personas;
    p->overlap = c->overlap;
    p->shrink = c->shrink;
    p->persona_cells = c->persona_cells;
    p->iterations = c->iterations;
    p->warmup = c->warmup;
    if (find_name(mf_init_names, c->init, &init)) /* others are as clustering */
        p->init = (mf_init)init;
    p->restarts = c->restarts ? c->restarts : 1;
    p->unobserved = c->unobserved;
    p->unobserved_unit = MF_W0_PLAIN;
    p->popularity = c->popularity;
    p->lambda_users = c->lambda_users;
    p->lambda_items = c->lambda_items;
    p->lambda_bias = c->lambda_bias;
    p->nu = c->nu;
    p->alpha = c->alpha;
    p->eps = c->eps;
    p->bias = model->items.bias != NULL;
    p->seed = c->seed;
    p->threads = threads;
    mf_err why = {0};
    if (mf_als_check(p, &why) < 0)
        return mf_fail(err, MF_EFORMAT,
                       "%s: users cannot be folded in: the model card is wrong: %s",
                       name, why.text);
    return MF_OK;
}

int mf_model_fold_open(mf_fold_in **out, const mf_model *model, const char *name,
                       int threads, mf_err *err)
{
    mf_als_params p;
    *out = NULL;
    int code = params_of(model, name, threads, &p, err);
    return code < 0 ? code
                    : mf_fold_in_open(out, &model->items, &p, model->card.mu, err);
}

/* Fold-in cells of a user without training cells that say something; else 0. */
static size_t history_of(const mf_model *m, uint32_t user)
{
    const mf_ratings *r = &m->ratings;
    bool numbers = mf__card_takes_numbers(&m->card);
    size_t cells = 0;
    for (size_t t = r->x.ptr[user]; t < r->x.ptr[user + 1]; t++) {
        if (r->fold[t] == MF_TRAIN && (numbers || r->x.val[t] != 0))
            return 0;
        cells += r->fold[t] == MF_FOLD_IN;
    }
    return cells;
}

/* What one thread needs to fold in one user. */
typedef struct workspace {
    mf_fold_work *work;
    uint32_t *item;
    float *value;
    uint8_t *z;
} workspace;

typedef struct folding {
    mf_model *model;
    const char *name;
    mf_fold_in *fold;
    workspace *workspace; /* [threads] */
    int threads;
    uint32_t *user;        /* [users], those who are folded in */
    bool *taken;           /* [all users], true for these */
    size_t users, longest; /* longest: fold-in cells of any of them */
} folding;

static void folding_close(folding *f)
{
    for (int t = 0; f->workspace && t < f->threads; t++) {
        mf_fold_work_close(f->workspace[t].work);
        free(f->workspace[t].item);
        free(f->workspace[t].value);
        free(f->workspace[t].z);
    }
    free(f->workspace);
    free(f->user);
    free(f->taken);
    mf_fold_in_close(f->fold);
}

static int find_users(folding *f, size_t n, const uint32_t *user, mf_err *err)
{
    uint32_t users = f->model->ratings.x.rows;
    f->user = mf__new(n, sizeof *f->user);
    f->taken = mf__new0(users, sizeof *f->taken);
    if (!f->user || !f->taken)
        return mf__nomem(err);
    for (size_t i = 0; i < n; i++) {
        uint32_t u = user ? user[i] : (uint32_t)i;
        size_t cells = history_of(f->model, u);
        if (cells == 0 || f->taken[u])
            continue;
        f->taken[u] = true;
        f->user[f->users++] = u;
        f->longest = cells > f->longest ? cells : f->longest;
    }
    return MF_OK;
}

static int folding_open(folding *f, mf_err *err)
{
    mf_model *m = f->model;
    int code = mf_model_fold_open(&f->fold, m, f->name, f->threads, err);
    if (code < 0)
        return code;
    if (!m->folded_active &&
        !(m->folded_active = mf__new0(m->users.n, sizeof *m->folded_active)))
        return mf__nomem(err);
    f->workspace = mf__new0((size_t)f->threads, sizeof *f->workspace);
    if (!f->workspace)
        return mf__nomem(err);
    for (int t = 0; code == MF_OK && t < f->threads; t++) {
        workspace *s = &f->workspace[t];
        s->item = mf__new(f->longest, sizeof *s->item);
        s->value = mf__new(f->longest, sizeof *s->value);
        s->z = mf__new(f->longest, 1);
        code = s->item && s->value && s->z ? mf_fold_work_open(&s->work, f->fold, err)
                                           : mf__nomem(err);
    }
    return code;
}

static int fold_user(const folding *f, uint32_t u, workspace *s, mf_err *err)
{
    mf_model *m = f->model;
    const mf_ratings *r = &m->ratings;
    mf_fold_user user = {.item = s->item,
                         .value = s->value,
                         .z = s->z,
                         .vectors = mf_tensor_at(&m->users, u, 0)};
    for (size_t t = r->x.ptr[u]; t < r->x.ptr[u + 1]; t++)
        if (r->fold[t] == MF_FOLD_IN) {
            s->item[user.n] = r->x.col[t];
            s->value[user.n++] = r->x.val[t];
        }
    int code = mf_als_fold_in(f->fold, s->work, &user, err);
    if (code < 0)
        return code;
    if (m->users.bias)
        m->users.bias[u] = user.bias;
    m->folded_active[u] = mf_fold_active(f->fold, &user);
    return MF_OK;
}

/* The error of the first user who has one is reported. */
static int fold_users(const folding *f, const mf_report *report, mf_err *err)
{
    size_t first = SIZE_MAX;
    int result = MF_OK;
    mf_tally tally = {report,
                      {.what = "folding in", .unit = "users", .total = f->users}};
#pragma omp parallel for schedule(dynamic, 16) num_threads(f->threads)
    for (size_t i = 0; i < f->users; i++) {
        mf_err own = {0};
        mf__tally_add(&tally, 1);
        int code = fold_user(f, f->user[i], &f->workspace[omp_get_thread_num()], &own);
        if (code < 0) {
#pragma omp critical(mf__fold_users_failure)
            if (i < first) {
                size_t len;
                const char *id = mf_ids_get(&f->model->ratings.users, f->user[i], &len);
                first = i;
                result = code;
                if (err) {
                    *err = (mf_err){0};
                    mf_fail(err, code, "%s: user '%.*s': %s", f->name,
                            len < 200 ? (int)len : 200, id, own.text);
                }
            }
        }
    }
    return result;
}

int mf__model_fold_in(mf_model *model, const char *name, size_t n,
                      const uint32_t user[], int threads, const mf_report *report,
                      mf_err *err)
{
    folding f = {.model = model, .name = name, .threads = mf__par_threads(threads)};
    if (!model->has_ratings)
        return MF_OK; /* nobody's history is known */
    int code = find_users(&f, user ? n : model->users.n, user, err);
    if (code == MF_OK && f.users > 0) {
        if ((code = folding_open(&f, err)) == MF_OK)
            code = fold_users(&f, report, err);
        if (code == MF_OK)
            mf__report_note(report, "%zu held-out users are folded in", f.users);
    }
    folding_close(&f);
    return code;
}
