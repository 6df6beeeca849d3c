#include <stdlib.h>

#include "base/mem.h"
#include "base/par.h"
#include "jobs/score/job.h"
#include "jobs/shared/fold_model.h"
#include "jobs/shared/stranger.h"
#include "mf/search.h"

/* The ids by their bytes: a look-up is one place in memory, not a search. */
static int make_table(idtable **out, const mf_ids *ids, int threads, mf_err *err)
{
    int result = mf__idtable_open(out, err);
    if (result < 0)
        return result;
#pragma omp parallel for num_threads(threads)
    for (uint32_t i = 0; i < ids->n; i++) {
        const name *put;
        size_t len;
        const char *id = mf_ids_get(ids, i, &len);
        mf_err own = {0};
        int code = mf__idtable_put(*out, id, len, mf__idtable_hash(*out, id, len), i,
                                   &put, &own);
        if (code < 0) {
#pragma omp critical(mf__score_table_failure)
            result = mf_fail(err, code, "%s", own.text);
        }
    }
    return result;
}

static int find_active(score_job *job, int threads, mf_err *err)
{
    const mf_ratings *ratings = job->model.has_ratings ? &job->model.ratings : NULL;
    uint32_t n = job->scored.users->n;
    job->active = mf__new(n, sizeof *job->active);
    if (!job->active)
        return mf__nomem(err);
#pragma omp parallel for num_threads(threads)
    for (uint32_t u = 0; u < n; u++)
        job->active[u] = mf__is_stranger(&job->scored, ratings, u)
                             ? 0
                             : mf__scored_active(&job->scored, u);
    return MF_OK;
}

int mf__score_subjects_open(score_job *job, mf_err *err)
{
    const mf_score_params *p = job->params;
    mf_model *m = &job->model;
    int threads = mf__par_threads(p->threads);
    int code =
        mf__model_fold_in(m, job->name, m->users.n, NULL, p->threads, p->report, err);
    if (code < 0)
        return code;
    job->scored = mf__scored_model(m);
    if (p->persona)
        job->scored.only = (uint64_t)1 << (p->persona - 1);
    code = mf_search_check(&m->users, &m->items, m->card.mu, err);
    if (code == MF_OK)
        code = find_active(job, threads, err);
    if (code == MF_OK && !p->no_fallback && !m->items.bias && m->has_ratings)
        code = mf__listeners_count(&job->listeners, &m->ratings, err);
    if (code == MF_OK)
        code = make_table(&job->users, &m->ratings.users, threads, err);
    if (code == MF_OK)
        code = make_table(&job->items, &m->ratings.items, threads, err);
    return code;
}

void mf__score_subjects_close(score_job *job)
{
    mf__idtable_close(job->users);
    mf__idtable_close(job->items);
    free(job->active);
    free(job->listeners);
}
