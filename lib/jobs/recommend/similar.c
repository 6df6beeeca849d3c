/* The vectors of the items, with length 1, stand for users and items alike. */
#include "jobs/recommend/similar.h"

#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/report.h"
#include "data/tensor.h"
#include "jobs/recommend/candidates.h"
#include "jobs/recommend/item_names.h"

static bool has_direction(const recommend_job *job, uint32_t item)
{
    const float *v = mf_tensor_at(&job->unit, item, 0);
    for (uint32_t f = 0; f < job->unit.k; f++)
        if (v[f] != 0)
            return true;
    return false;
}

static int ask_for(recommend_job *job, const char *name, mf_err *err)
{
    asked *to = &job->asked;
    bool found;
    const typed_name typed = {.name = {name, strlen(name)}, .option = "--similar: "};
    int code = mf__reserve(&to->index, &to->cap, to->n + 1, sizeof *to->index, err);
    if (code == MF_OK)
        code = mf__rec_item_one(job, &typed, &to->index[to->n], &found, err);
    if (code == MF_OK)
        to->n += found;
    return code;
}

int mf__rec_similar_open(recommend_job *job, mf_err *err)
{
    const mf_recommend_params *p = job->params;
    size_t lost = 0;
    int code = MF_OK;
    job->names = &job->model.ratings.items;
    for (size_t i = 0; code == MF_OK && i < p->similars; i++)
        code = ask_for(job, p->similar[i], err);
    if (code == MF_OK)
        code = mf__tensor_unit(&job->unit, &job->model.items, err);
    for (uint32_t i = 0; code == MF_OK && i < job->unit.n; i++)
        if (!has_direction(job, i))
            code = mf__rec_exclude(job, i, err);
    if (code < 0)
        return code;
    job->scored = (mf_scored){.users = &job->unit, .items = &job->unit};
    for (size_t i = 0; i < job->asked.n; i++)
        lost += !has_direction(job, job->asked.index[i]);
    if (lost)
        mf__report_note(
            p->report,
            "items without neighbours, of which the model knows nothing: %zu", lost);
    return MF_OK;
}
