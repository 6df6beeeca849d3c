#include "jobs/recommend/item_names.h"

#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/report.h"
#include "base/utf8.h"
#include "jobs/recommend/popularity.h"

static int unknown(recommend_job *job, mf_field name, const char *where,
                   const mf_lines *from, mf_err *err)
{
    char hint[MF_NEAREST_HINT];
    int len = mf__nearest_clip(name.text, name.len, 76);
    if (job->params->skip_unknown) {
        job->unknown++;
        return MF_OK;
    }
    int code = mf__names_hint(job->lookup, name.text, name.len, hint, err);
    if (code < 0)
        return code;
    if (from)
        return mf__lines_fail(from, err, "'%.*s' is no item of the model%s", len,
                              name.text, hint);
    return mf_fail(err, MF_EFORMAT, "%s'%.*s' is no item of %s%s", where, len,
                   name.text, job->name, hint);
}

int mf__rec_item_find(recommend_job *job, mf_field name, const char *where,
                      const mf_lines *from, const uint32_t **index, size_t *n,
                      mf_err *err)
{
    int code = MF_OK;
    *n = 0;
    if (!job->lookup && (code = mf__rec_count_listeners(job, err)) == MF_OK)
        code = mf__names_open(&job->lookup, &job->model.ratings.items, job->listeners,
                              err);
    if (code < 0)
        return code;
    if (name.len == 0 && from)
        return mf__lines_fail(from, err, "no item; write one a line");
    if (!mf__utf8_valid(name.text, name.len)) /* lines were checked as they were read */
        return mf_fail(err, MF_EFORMAT, "%san item's name is not UTF-8", where);
    code = mf__names_find(job->lookup, name.text, name.len, index, n, err);
    return code == MF_OK && *n == 0 ? unknown(job, name, where, from, err) : code;
}

int mf__rec_item_one(recommend_job *job, mf_field name, const char *where,
                     const mf_lines *from, uint32_t *index, bool *found, mf_err *err)
{
    const uint32_t *all;
    size_t n, len;
    int code = mf__rec_item_find(job, name, where, from, &all, &n, err);
    *found = code == MF_OK && n > 0;
    if (!*found)
        return code;
    *index = all[0];
    const char *id = mf_ids_get(&job->model.ratings.items, all[0], &len);
    if (len != name.len || memcmp(id, name.text, len) != 0) {
        char many[64] = "";
        if (n > 1)
            snprintf(many, sizeof many, ", one of %zu that are spelt alike", n);
        mf__report_note(job->params->report, "'%.*s' is taken for '%.*s'%s",
                        mf__nearest_clip(name.text, name.len, 76), name.text,
                        mf__nearest_clip(id, len, 76), id, many);
    }
    return MF_OK;
}

void mf__rec_warn_unknown(const recommend_job *job)
{
    if (job->unknown)
        mf__report_warn(job->params->report,
                        "names that are no items of %s, left out: %zu", job->name,
                        job->unknown);
}
