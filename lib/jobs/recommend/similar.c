/* Similar items: the items by length are both the users and the items. */
#include <string.h>

#include "base/mem.h"
#include "base/report.h"
#include "data/tensor.h"
#include "jobs/recommend/private.h"

static bool has_direction(const rec_job *job, uint32_t item)
{
    const float *v = mf_tensor_at(&job->unit, item, 0);
    for (uint32_t f = 0; f < job->unit.k; f++)
        if (v[f] != 0)
            return true;
    return false;
}

static int ask(rec_job *job, const char *name, mf_err *err)
{
    rec_who *who = &job->who;
    bool found;
    int code = mf__reserve(&who->index, &who->cap, who->n + 1, sizeof *who->index, err);
    if (code == MF_OK)
        code = mf__rec_item_one(job, (mf_field){name, strlen(name)},
                                "--similar: ", NULL, &who->index[who->n], &found, err);
    if (code == MF_OK)
        who->n += found;
    return code;
}

int mf__rec_similar_open(rec_job *job, mf_err *err)
{
    const mf_recommend_params *p = job->params;
    size_t lost = 0;
    int code = MF_OK;
    job->names = &job->model.ratings.items;
    for (size_t i = 0; code == MF_OK && i < p->similars; i++)
        code = ask(job, p->similar[i], err);
    if (code == MF_OK)
        code = mf__tensor_unit(&job->unit, &job->model.items, err);
    for (uint32_t i = 0; code == MF_OK && i < job->unit.n; i++)
        if (!has_direction(job, i))
            code = mf__rec_bar(job, i, err);
    if (code < 0)
        return code;
    job->scored = (mf_scored){.users = &job->unit, .items = &job->unit};
    for (size_t i = 0; i < job->who.n; i++)
        lost += !has_direction(job, job->who.index[i]);
    if (lost)
        mf__report_note(p->report,
                        "%zu items have no neighbours: the model knows nothing of them",
                        lost);
    return MF_OK;
}
