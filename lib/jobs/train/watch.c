#include "jobs/train/watch.h"

#include <math.h>
#include <stdlib.h>

#include <omp.h>

#include "als/params.h"
#include "base/disk.h"
#include "base/mem.h"
#include "base/par.h"
#include "base/ranks.h"
#include "data/ratings.h"
#include "jobs/shared/score.h"
#include "mf/bootstrap.h"
#include "mf/fold_in.h"

/* True if the model takes something from the user's cells in x. */
static bool is_known(const watch *w, const mf_csr *x, uint32_t u)
{
    for (size_t t = x->ptr[u]; t < x->ptr[u + 1]; t++)
        if (als_says_something(w->params, x->val[t]))
            return true;
    return false;
}

/* The validation cells of a user that the metric looks at: for predictions all. */
static uint32_t watched_cells(const watch *w, uint32_t u)
{
    bool all = mf_metric_is_prediction(&w->metric);
    uint32_t n = 0;
    for (size_t t = w->valid->ptr[u]; t < w->valid->ptr[u + 1]; t++)
        n += all || mf__likes(w->valid->val[t]);
    return n;
}

/* Add the users with validation cells whom the model knows from `by`, and not from
 * `but`. */
static void find_users(watch *w, const mf_csr *by, const mf_csr *but)
{
    for (uint32_t u = 0; u < by->rows; u++) {
        uint32_t cells = watched_cells(w, u);
        mf__disk_beat_at(w->params->disk, (size_t)u << 11); /* of 32 users */
        if (cells == 0 || !is_known(w, by, u) || (but && is_known(w, but, u)))
            continue;
        w->user[w->users++] = u;
        if (cells > w->most)
            w->most = cells;
    }
}

static void count_all(watch *w)
{
    mf__ranks_before(w->params->ranks, w->users, &w->all);
    mf__ranks_before(w->params->ranks, w->trained, &w->all_trained);
}

int mf__watch_open(watch *w, const mf_metric *metric, bool stored,
                   const mf_als_params *params, const mf_csr *train,
                   const mf_csr *valid, const mf_csr *known, const mf_ids *ids,
                   mf_err *err)
{
    *w = (watch){.metric = *metric,
                 .ids = ids,
                 .stored = stored,
                 .params = params,
                 .train = train,
                 .valid = valid,
                 .known = known,
                 .user = mf__new(train->rows, sizeof *w->user)};
    int code = mf_ranks_agree(params->ranks, w->user ? MF_OK : mf__nomem(err), err);
    if (code < 0)
        return code;
    find_users(w, train, NULL);
    w->trained = w->users;
    find_users(w, known, train);
    count_all(w);
    return MF_OK;
}

void mf__watch_thin(watch *w, uint32_t most)
{
    mf_ranks *ranks = w->params->ranks;
    uint32_t kept = 0, trained = 0, folded = w->users - w->trained;
    uint64_t first = mf__ranks_before(ranks, w->trained, NULL);
    uint64_t first_folded = w->all_trained + mf__ranks_before(ranks, folded, NULL);
    if (w->all <= most)
        return;
    for (uint32_t j = 0; j < w->users; j++) {
        uint64_t at = j < w->trained ? first + j : first_folded + (j - w->trained);
        if ((at + 1) * most / w->all == at * most / w->all)
            continue;
        w->user[kept++] = w->user[j];
        trained += j < w->trained;
    }
    w->users = kept;
    w->trained = trained;
    count_all(w);
}

int mf__watch_nobody(const watch *w, const char *option, mf_err *err)
{
    bool ranks = !mf_metric_is_prediction(&w->metric), liked = !ranks;
    for (size_t t = 0; t < w->valid->nnz && !liked; t++) {
        mf__disk_beat_at(w->params->disk, t);
        liked = mf__likes(w->valid->val[t]);
    }
    double any = liked;
    mf__ranks_total(w->params->ranks, &any, 1);
    if (any == 0)
        return mf_fail(err, MF_EFORMAT,
                       "%s is not defined: no validation cell has a value above 0, and "
                       "so none is relevant; check the values, or give --%s=rmse",
                       w->metric.name, option);
    return mf_fail(
        err, MF_EFORMAT,
        "%s is not defined: no user with %svalidation cells has training or "
        "fold-in cells that say something; mark others with mf-split --valid",
        w->metric.name, ranks ? "relevant " : "");
}

void mf__watch_close(watch *w)
{
    free(w->user);
    *w = (watch){0};
}

static void hide(const mf_csr *seen, uint32_t user, float *score)
{
    for (size_t t = seen->ptr[user]; t < seen->ptr[user + 1]; t++)
        score[seen->col[t]] = -INFINITY;
}

/* --- the users who are folded in --- */

typedef struct folded {
    mf_tensor users;     /* [folded users x p x k]; owned, like what follows */
    uint64_t *active;    /* [folded users] */
    uint8_t *z;          /* [threads x longest] */
    size_t longest;      /* fold-in cells of any of them */
    mf_fold_in *model;   /* V */
    mf_fold_work **work; /* [threads] */
    int threads;
} folded;

static void folded_close(folded *f)
{
    for (int t = 0; f->work && t < f->threads; t++)
        mf_fold_work_close(f->work[t]);
    free(f->work);
    free(f->active);
    free(f->z);
    mf_fold_in_close(f->model);
    mf_tensor_free(&f->users);
}

static int folded_open(folded *f, const watch *w, const mf_als *als, mf_err *err)
{
    uint32_t n = w->users - w->trained, personas = mf_als_users(als)->personas;
    mf_als_params params = *w->params;
    params.solver = MF_SOLVER_AUTO; /* exact, as in the trained model */
    if (personas == 1) {            /* the warm-up: plain ALS */
        params.personas = 1;
        params.overlap = 1;
        params.shrink = 0;
    }
    for (uint32_t j = 0; j < n; j++) {
        uint32_t u = w->user[w->trained + j];
        size_t cells = w->known->ptr[u + 1] - w->known->ptr[u];
        f->longest = cells > f->longest ? cells : f->longest;
    }
    int code = mf_tensor_alloc(&f->users, n, personas, params.k, err);
    if (code == MF_OK && mf_als_users(als)->bias)
        code = mf_tensor_add_bias(&f->users, err);
    if (code == MF_OK)
        code =
            mf_fold_in_open(&f->model, mf_als_items(als), &params, mf_als_mu(als), err);
    if (code < 0)
        return code;
    f->active = mf__new(n, sizeof *f->active);
    f->z = mf__new((size_t)f->threads * f->longest, 1);
    f->work = mf__new0((size_t)f->threads, sizeof *f->work);
    if (!f->active || !f->z || !f->work)
        return mf__nomem(err);
    for (int t = 0; code == MF_OK && t < f->threads; t++)
        code = mf_fold_work_open(&f->work[t], f->model, err);
    return code;
}

static int fold_user(const folded *f, const watch *w, uint32_t j, int thread,
                     mf_err *err)
{
    uint32_t u = w->user[w->trained + j];
    size_t begin = w->known->ptr[u];
    mf_fold_user user = {.n = w->known->ptr[u + 1] - begin,
                         .item = w->known->col + begin,
                         .value = w->known->val + begin,
                         .z = f->z + (size_t)thread * f->longest,
                         .vectors = mf_tensor_at(&f->users, j, 0)};
    int code = mf_als_fold_in(f->model, f->work[thread], &user, err);
    if (code == MF_OK && f->users.bias)
        f->users.bias[j] = user.bias;
    if (code == MF_OK)
        f->active[j] = mf_fold_active(f->model, &user);
    return code;
}

/* Fold them in. Of several errors, that of the first user is returned. */
static int fold_users(folded *f, const watch *w, const mf_als *als, mf_err *err)
{
    uint32_t first = UINT32_MAX;
    int code = folded_open(f, w, als, err), result = MF_OK;
    if (code < 0)
        return code;
#pragma omp parallel for schedule(dynamic, 16) num_threads(f->threads)
    for (uint32_t j = 0; j < f->users.n; j++) {
        mf_err own = {0};
        mf__disk_beat(w->params->disk);
        int failed = fold_user(f, w, j, omp_get_thread_num(), &own);
        if (failed < 0) {
#pragma omp critical(mf__watch_failure)
            if (j < first) {
                first = j;
                result = failed;
                if (err) {
                    size_t len;
                    const char *id = mf_ids_get(w->ids, w->user[w->trained + j], &len);
                    *err = (mf_err){0};
                    mf_fail(err, failed, "user '%.*s': %s", len < 200 ? (int)len : 200,
                            id, own.text);
                }
            }
        }
    }
    return result;
}

/* --- the metric --- */

/* Room for the measures, and for the lists of each thread. */
typedef struct measuring {
    mf_scorer scorer;
    uint32_t *item;    /* [threads x most], relevant items */
    uint32_t *rank;    /* [threads x most] */
    mf_ranked *found;  /* [threads x most] */
    double *num, *den; /* [users] */
    uint32_t *row;     /* [users], their rows in the factors */
    double *all[2];    /* [all users], num and den of all ranks */
} measuring;

static void measure_user(const watch *w, const measuring *m, uint32_t at, float *score,
                         int thread)
{
    const mf_csr *valid = w->valid;
    uint32_t user = w->user[at], n = 0;
    size_t room = (size_t)thread * w->most, begin = valid->ptr[user];
    mf_outcome outcome = {0};
    if (mf_metric_is_prediction(&w->metric)) {
        n = (uint32_t)(valid->ptr[user + 1] - begin);
        mf__score_errors(&outcome, score, w->stored, n, valid->col + begin,
                         valid->val + begin);
        m->num[at] = mf_metric_of(&w->metric, &outcome);
        m->den[at] = n;
        return;
    }
    hide(w->train, user, score);
    hide(w->known, user, score);
    for (size_t t = begin; t < valid->ptr[user + 1]; t++)
        if (mf__likes(valid->val[t]))
            m->item[room + n++] = valid->col[t];
    mf__score_ranks(&outcome, score, valid->cols, n, m->item + room, m->rank + room,
                    m->found + room);
    double num = mf_metric_of(&w->metric, &outcome);
    bool defined = !isnan(num); /* auc is not, where there is nothing else to rank */
    m->num[at] = defined ? num : 0;
    m->den[at] = defined;
}

/* Users lo to hi - 1 of the watch, in the factors `what`. */
static int measure_users(const watch *w, measuring *m, const mf_scored *what,
                         uint32_t lo, uint32_t hi, mf_err *err)
{
    uint32_t blocks = (hi - lo + MF_RANK_USERS - 1) / MF_RANK_USERS;
    if (blocks == 0)
        return MF_OK;
    int code = mf__scorer_open(&m->scorer, what, hi - lo, w->params->threads, err);
    if (code < 0)
        return code;
#pragma omp parallel for num_threads(m->scorer.threads) schedule(dynamic)
    for (uint32_t b = 0; b < blocks; b++) {
        int thread = omp_get_thread_num();
        uint32_t at = lo + b * MF_RANK_USERS;
        uint32_t n = hi - at < MF_RANK_USERS ? hi - at : MF_RANK_USERS;
        mf__disk_beat(w->params->disk);
        const mf_rank_block *block =
            mf__scorer_users(&m->scorer, thread, n, m->row + at);
        for (uint32_t j = 0; j < n; j++)
            measure_user(w, m, at + j, mf_rank_row(block, j), thread);
    }
    mf__scorer_close(&m->scorer);
    return MF_OK;
}

static int measure_trained(const watch *w, measuring *m, const mf_als *als, mf_err *err)
{
    uint64_t *active = mf__new(w->train->rows, sizeof *active);
    mf_scored what = {.users = mf_als_users(als),
                      .items = mf_als_items(als),
                      .mu = mf_als_mu(als),
                      .disk = w->params->disk,
                      .active = active};
    if (!active)
        return mf__nomem(err);
    for (uint32_t u = 0; u < w->train->rows; u++) {
        mf__disk_beat_at(w->params->disk, (size_t)u << 11);
        active[u] = mf_als_active(als, u);
    }
    int code = measure_users(w, m, &what, 0, w->trained, err);
    free(active);
    return code;
}

static int measure_folded(const watch *w, measuring *m, const mf_als *als, mf_err *err)
{
    folded f = {.threads = mf__par_threads(w->params->threads)};
    mf_scored what = {
        .users = &f.users, .items = mf_als_items(als), .mu = mf_als_mu(als)};
    int code = fold_users(&f, w, als, err);
    what.active = f.active;
    if (code == MF_OK)
        code = measure_users(w, m, &what, w->trained, w->users, err);
    folded_close(&f);
    return code;
}

/* Those with training cells first, as if one rank had all. */
static void collect(const watch *w, measuring *m)
{
    mf_ranks *ranks = w->params->ranks;
    const double *of[] = {m->num, m->den};
    for (size_t i = 0; i < 2; i++) {
        mf__ranks_concat(ranks, RANKS_SMALL, m->all[i], of[i],
                         w->trained * sizeof **m->all);
        mf__ranks_concat(ranks, RANKS_SMALL, m->all[i] + w->all_trained,
                         of[i] + w->trained, (w->users - w->trained) * sizeof **m->all);
    }
}

int mf__watch_measure(const watch *w, const mf_als *als, double *value, mf_err *err)
{
    measuring m = {0};
    *value = NAN;
    if (w->all == 0)
        return MF_OK;
    size_t room = (size_t)mf__par_threads(w->params->threads) * w->most;
    m.item = mf__new(room, sizeof *m.item);
    m.rank = mf__new(room, sizeof *m.rank);
    m.found = mf__new(room, sizeof *m.found);
    m.num = mf__new(w->users, sizeof *m.num);
    m.den = mf__new(w->users, sizeof *m.den);
    m.row = mf__new(w->users, sizeof *m.row);
    m.all[0] = mf__new(w->all, sizeof **m.all);
    m.all[1] = mf__new(w->all, sizeof **m.all);
    bool whole =
        m.item && m.rank && m.found && m.num && m.den && m.row && m.all[0] && m.all[1];
    int code = whole ? MF_OK : mf__nomem(err);
    for (uint32_t at = 0; code == MF_OK && at < w->users; at++)
        m.row[at] = at < w->trained ? w->user[at] : at - w->trained;
    if (code == MF_OK)
        code = measure_trained(w, &m, als, err);
    if (code == MF_OK && w->users > w->trained)
        code = measure_folded(w, &m, als, err);
    code = mf_ranks_agree(w->params->ranks, code, err);
    if (code == MF_OK) {
        collect(w, &m);
        mf_series series = {m.all[0], m.all[1], mf_metric_form(&w->metric)};
        *value = mf_series_value(&series, w->all);
    }
    free(m.item);
    free(m.rank);
    free(m.found);
    free(m.num);
    free(m.den);
    free(m.row);
    free(m.all[0]);
    free(m.all[1]);
    return code;
}
