#include "mf/score.h"

#include "base/number.h"
#include "jobs/score/job.h"
#include "jobs/score/stream.h"

mf_score_params mf_score_defaults(void)
{
    return (mf_score_params){0};
}

int mf_score_check(const mf_score_params *p, mf_err *err)
{
    if (p->persona > MF_PERSONAS_MAX)
        return mf_fail(err, MF_EINVAL, "the persona is not in 1 .. %d",
                       MF_PERSONAS_MAX);
    return MF_OK;
}

static int load(score_job *job, mf_in *in, mf_err *err)
{
    uint32_t persona = job->params->persona;
    unsigned want = MF_WANT_RATINGS | MF_WANT_FACTORS | MF_WANT_WHAT_IS_THERE;
    int code = mf_model_load(&job->model, in, want, NULL, NULL, err);
    if (code < 0)
        return code;
    if (!job->model.has_factors)
        return mf_fail(err, MF_EFORMAT,
                       "%s: the bundle holds no model; pipe it through mf-als",
                       job->name);
    if (persona > job->model.users.personas)
        return mf_fail(err, MF_EINVAL, "%s: users have %u persona%s; there is no %u",
                       job->name, job->model.users.personas,
                       mf__plural(job->model.users.personas), persona);
    return MF_OK;
}

int mf_score_run(mf_in *model, mf_in *pairs, mf_out *out, const mf_score_params *params,
                 mf_err *err)
{
    score_job job = {.params = params, .name = mf_in_name(model)};
    int code = mf_score_check(params, err);
    if (code == MF_OK)
        code = load(&job, model, err);
    if (code == MF_OK)
        code = mf__score_subjects_open(&job, err);
    if (code == MF_OK)
        code = mf__score_stream(&job, pairs, out, err);
    mf__score_subjects_close(&job);
    mf_model_free(&job.model);
    return code;
}
