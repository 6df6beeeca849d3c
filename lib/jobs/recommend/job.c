#include "jobs/recommend/job.h"

#include <stdlib.h>

#include "base/number.h"
#include "jobs/recommend/batches.h"
#include "jobs/recommend/candidates.h"
#include "jobs/recommend/cells.h"
#include "jobs/recommend/fallback.h"
#include "jobs/recommend/histories.h"
#include "jobs/recommend/item_names.h"
#include "jobs/recommend/lists.h"
#include "jobs/recommend/new_user.h"
#include "jobs/recommend/popularity.h"
#include "jobs/recommend/similar.h"
#include "jobs/recommend/users.h"
#include "jobs/shared/fold_model.h"

/* Ratings must be there where known cells are hidden or looked at, and where users are
 * placed by them. */
static int load(recommend_job *job, mf_in *in, mf_err *err)
{
    const mf_recommend_params *p = job->params;
    unsigned want = MF_WANT_RATINGS | MF_WANT_FACTORS;
    bool cells =
        p->rarity != 0 ||
        (!mf__rec_is_new(p) && (p->explain || p->diversify == MF_DIVERSIFY_PERSONAS));
    if ((p->include_seen || mf__rec_is_new(p) || p->similars) && !cells)
        want |= MF_WANT_WHAT_IS_THERE;
    int code = mf_model_load(&job->model, in, want, NULL, NULL, err);
    if (code == MF_OK && !job->model.has_factors)
        code =
            mf_fail(err, MF_EFORMAT,
                    "%s: the bundle holds no model; pipe it through mf-als", job->name);
    if (code == MF_OK && p->persona > job->model.users.personas)
        code = mf_fail(err, MF_EINVAL, "%s: users have %u persona%s; there is no %u",
                       job->name, job->model.users.personas,
                       mf__plural(job->model.users.personas), p->persona);
    return code;
}

/* The users whose lists are asked for. */
static int open_users(recommend_job *job, mf_err *err)
{
    const mf_recommend_params *p = job->params;
    job->names = &job->model.ratings.users;
    int code = p->rarity != 0 ? mf__rec_rarity_open(job, err) : MF_OK;
    if (code == MF_OK && p->history)
        code = mf__rec_new_user(job, err);
    if (code == MF_OK && p->histories)
        code = mf__rec_histories(job, err);
    if (code == MF_OK)
        code = mf__rec_find_users(&job->asked, job, err);
    job->all = job->asked.n;
    return code;
}

/* What scores of the users are made of, and their lists. */
static int list_users(recommend_job *job, mf_out *out, mf_err *err)
{
    const mf_recommend_params *p = job->params;
    int code = mf__model_fold_in(&job->model, job->name, job->asked.n, job->asked.index,
                                 p->threads, mf__rec_is_new(p) ? NULL : p->report, err);
    if (code < 0)
        return code;
    job->scored = mf__scored_model(&job->model);
    if (p->persona)
        job->scored.only = (uint64_t)1 << (p->persona - 1);
    code = mf__rec_fallback_open(job, err);
    if (code == MF_OK && job->done == 0)
        code = mf__rec_cells_open(job, err);
    if (code == MF_OK && job->done == 0 && p->diversify != MF_DIVERSIFY_NONE)
        code = mf__mmr_open(&job->mmr, &job->model.items, err);
    if (code == MF_OK && job->last) {
        mf__rec_fallback_warn(job);
        mf__rec_warn_unknown(job);
    }
    return code == MF_OK ? mf__rec_write_lists(job, out, err) : code;
}

static int list_all(recommend_job *job, mf_out *out, mf_err *err)
{
    int code = open_users(job, err);
    if (code < 0)
        return code;
    if (mf__rec_is_new(job->params))
        return mf__rec_in_batches(job, out, list_users, err);
    job->last = true;
    return list_users(job, out, err);
}

static int list_similar(recommend_job *job, mf_out *out, mf_err *err)
{
    int code = mf__rec_similar_open(job, err);
    if (code < 0)
        return code;
    job->all = job->asked.n;
    mf__rec_warn_unknown(job);
    return mf__rec_write_lists(job, out, err);
}

static void close_job(recommend_job *job)
{
    free(job->asked.index);
    mf_fold_in_close(job->fold);
    free(job->weight);
    mf__mmr_close(&job->mmr);
    mf__names_close(job->lookup);
    free(job->listeners);
    free(job->stranger);
    free(job->excluded);
    mf_tensor_free(&job->unit);
    mf_model_free(&job->model);
}

int mf_recommend_run(mf_in *in, mf_out *out, const mf_recommend_params *params,
                     mf_err *err)
{
    return mf__rec_run(in, out, params, 0, err);
}

int mf__rec_run(mf_in *in, mf_out *out, const mf_recommend_params *params,
                uint32_t batch, mf_err *err)
{
    recommend_job job = {.params = params, .name = mf_in_name(in), .batch = batch};
    int code = mf_recommend_check(params, err);
    if (code == MF_OK)
        code = load(&job, in, err);
    if (code == MF_OK)
        code = mf__rec_candidates_read(&job, err);
    if (code == MF_OK)
        code =
            params->similars ? list_similar(&job, out, err) : list_all(&job, out, err);
    close_job(&job);
    return code;
}
