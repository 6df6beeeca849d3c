#include "watch.h"

#include <math.h>
#include <stdlib.h>

#include <omp.h>

#include "mf/bootstrap.h"
#include "mf/mem.h"
#include "mf/score.h"

int watch_open(watch *w, const mf_metric *metric, bool stored, const mf_csr *train,
               const mf_csr *valid, const mf_csr *known, int threads, mf_err *err)
{
    *w = (watch){.metric = *metric,
                 .stored = stored,
                 .train = train,
                 .valid = valid,
                 .known = known,
                 .threads = threads,
                 .user = mf_new(train->rows, sizeof *w->user)};
    if (!w->user)
        return mf_nomem(err);
    for (uint32_t u = 0; u < train->rows; u++) {
        size_t cells = valid->ptr[u + 1] - valid->ptr[u];
        if (cells == 0 || train->ptr[u + 1] == train->ptr[u])
            continue;
        w->user[w->users++] = u;
        if (cells > w->most)
            w->most = (uint32_t)cells;
    }
    return MF_OK;
}

void watch_close(watch *w)
{
    free(w->user);
    *w = (watch){0};
}

static void hide(const mf_csr *seen, uint32_t user, float *score)
{
    for (size_t t = seen->ptr[user]; t < seen->ptr[user + 1]; t++)
        score[seen->col[t]] = -INFINITY;
}

/* What the threads fill. */
typedef struct measuring {
    mf_scorer scorer;
    uint32_t *rank;    /* [threads x most] */
    mf_ranked *found;  /* [threads x most] */
    double *num, *den; /* [users] */
} measuring;

static void measure_user(const watch *w, const measuring *m, uint32_t at, float *score,
                         int thread)
{
    uint32_t user = w->user[at];
    size_t room = (size_t)thread * w->most, begin = w->valid->ptr[user];
    bool ranks = !mf_metric_is_prediction(&w->metric);
    mf_outcome outcome;
    if (ranks) {
        hide(w->train, user, score);
        hide(w->known, user, score);
    }
    mf_score_outcome(&outcome, score, w->valid->cols,
                     (uint32_t)(w->valid->ptr[user + 1] - begin), w->valid->col + begin,
                     w->stored ? w->valid->val + begin : NULL,
                     ranks ? m->rank + room : NULL, m->found + room);
    double num = mf_metric_of(&w->metric, &outcome);
    bool defined = !isnan(num); /* auc is not, where there is nothing else to rank */
    m->num[at] = defined ? num : 0;
    m->den[at] = ranks ? defined : (double)outcome.relevant;
}

static void measure_users(const watch *w, const measuring *m)
{
    uint32_t blocks = (w->users - 1) / MF_RANK_USERS + 1;
#pragma omp parallel for num_threads(m->scorer.threads) schedule(dynamic)
    for (uint32_t b = 0; b < blocks; b++) {
        int thread = omp_get_thread_num();
        uint32_t lo = b * MF_RANK_USERS;
        uint32_t n = w->users - lo < MF_RANK_USERS ? w->users - lo : MF_RANK_USERS;
        const mf_rank_block *block =
            mf_scorer_users(&m->scorer, thread, n, w->user + lo);
        for (uint32_t j = 0; j < n; j++)
            measure_user(w, m, lo + j, mf_rank_row(block, j), thread);
    }
}

int watch_measure(const watch *w, const mf_als *als, double *value, mf_err *err)
{
    measuring m = {0};
    mf_scored what = {.users = mf_als_users(als),
                      .items = mf_als_items(als),
                      .mu = mf_als_mu(als),
                      .zptr = w->train->ptr,
                      .z = mf_als_personas(als)};
    *value = NAN;
    if (w->users == 0)
        return MF_OK;
    int code = mf_scorer_open(&m.scorer, &what, w->users, w->threads, err);
    if (code < 0)
        return code;
    size_t room = (size_t)m.scorer.threads * w->most;
    m.rank = mf_new(room, sizeof *m.rank);
    m.found = mf_new(room, sizeof *m.found);
    m.num = mf_new(w->users, sizeof *m.num);
    m.den = mf_new(w->users, sizeof *m.den);
    if (m.rank && m.found && m.num && m.den) {
        measure_users(w, &m);
        mf_series series = {m.num, m.den, mf_metric_form(&w->metric)};
        *value = mf_series_value(&series, w->users);
    } else
        code = mf_nomem(err);
    free(m.rank);
    free(m.found);
    free(m.num);
    free(m.den);
    mf_scorer_close(&m.scorer);
    return code;
}
