#include "mf/recommend.h"

#include <math.h>

#include "mf/rarity.h"
#include "recommend_private.h"

mf_recommend_params mf_recommend_defaults(void)
{
    return (mf_recommend_params){.top = 10};
}

int mf_recommend_check(const mf_recommend_params *params, mf_err *err)
{
    if (params->top < 1 || params->top > MF_RECOMMEND_TOP_MAX)
        return mf_fail(err, MF_EINVAL, "top is not in 1 .. %d", MF_RECOMMEND_TOP_MAX);
    if (!(fabs(params->rarity) <= MF_RARITY_MAX))
        return mf_fail(err, MF_EINVAL, "rarity is not in -%g .. %g", MF_RARITY_MAX,
                       MF_RARITY_MAX);
    if (!(params->relevance >= 0 && params->relevance <= 1))
        return mf_fail(err, MF_EINVAL, "the L of mmr is not in 0 .. 1");
    return MF_OK;
}

/* Is the result made of what users have heard, not of their vectors alone? */
static bool needs_cells(const mf_recommend_params *p)
{
    return p->explain || p->rarity != 0 || p->diversify == MF_DIVERSIFY_PERSONAS;
}

static void note_strangers(const rec_job *job)
{
    const mf_ratings *r = &job->model.ratings;
    size_t strangers = 0;
    for (size_t i = 0; job->model.has_ratings && i < job->who.n; i++) {
        uint32_t u = job->who.index[i];
        size_t t = r->x.ptr[u], end = r->x.ptr[u + 1];
        while (t < end && r->fold[t] != MF_TRAIN && r->fold[t] != MF_FOLD_IN)
            t++;
        strangers += t == end;
    }
    if (strangers)
        mf_report_note(
            job->params->report,
            "%zu users have no training cells and no fold-in cells: the model says "
            "nothing of them, and their lists are in the order of its biases and items",
            strangers);
}

static int load(rec_job *job, mf_in *in, mf_err *err)
{
    unsigned want = MF_WANT_RATINGS | MF_WANT_FACTORS;
    if (job->params->include_seen && !needs_cells(job->params))
        /* then nobody asks what they have seen */
        want |= MF_WANT_WHAT_IS_THERE;
    int code = mf_model_load(&job->model, in, want, NULL, NULL, err);
    if (code == MF_OK && !job->model.has_factors)
        code =
            mf_fail(err, MF_EFORMAT,
                    "%s: the bundle holds no model; pipe it through mf-als", job->name);
    return code;
}

/* Who is asked for, and what their scores are made of. */
static int open_users(rec_job *job, mf_err *err)
{
    const mf_recommend_params *p = job->params;
    job->names = &job->model.ratings.users;
    int code = rec_who_find(&job->who, job, err);
    if (code == MF_OK)
        code = mf_model_fold_in(&job->model, job->name, job->who.n, job->who.index,
                                p->threads, p->report, err);
    if (code < 0)
        return code;
    job->scored = mf_scored_model(&job->model);
    note_strangers(job);
    return rec_cells_open(job, err);
}

static void close_job(rec_job *job)
{
    rec_cells_close(job);
    rec_who_free(&job->who);
    mf_model_free(&job->model);
}

int mf_recommend_run(mf_in *in, mf_out *out, const mf_recommend_params *params,
                     mf_err *err)
{
    rec_job job = {.params = params, .name = mf_in_name(in)};
    int code = mf_recommend_check(params, err);
    if (code == MF_OK)
        code = load(&job, in, err);
    if (code == MF_OK)
        code = open_users(&job, err);
    if (code == MF_OK)
        code = rec_write_all(&job, out, err);
    close_job(&job);
    return code;
}
