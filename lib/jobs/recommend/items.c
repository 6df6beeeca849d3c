/* Items by the names that people type. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/report.h"
#include "base/utf8.h"
#include "data/text.h"
#include "jobs/recommend/private.h"

int mf__rec_count_listeners(rec_job *job, mf_err *err)
{
    const mf_ratings *r = &job->model.ratings;
    if (job->listeners || !job->model.has_ratings)
        return MF_OK;
    job->listeners = mf__new0(r->items.n, sizeof *job->listeners);
    if (!job->listeners)
        return mf__nomem(err);
    for (size_t t = 0; t < r->x.nnz; t++)
        job->listeners[r->x.col[t]] += r->fold[t] == MF_TRAIN;
    return MF_OK;
}

static int unknown(rec_job *job, mf_field name, const char *where, const mf_lines *from,
                   mf_err *err)
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

int mf__rec_item_find(rec_job *job, mf_field name, const char *where,
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

int mf__rec_item_one(rec_job *job, mf_field name, const char *where,
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
            snprintf(many, sizeof many, ", the best known of %zu that are spelt alike",
                     n);
        mf__report_note(job->params->report, "'%.*s' is taken for '%.*s'%s",
                        mf__nearest_clip(name.text, name.len, 76), name.text,
                        mf__nearest_clip(id, len, 76), id, many);
    }
    return MF_OK;
}

void mf__rec_warn_unknown(const rec_job *job)
{
    if (job->unknown)
        mf__report_warn(job->params->report,
                        "names that are no items of %s, left out: %zu", job->name,
                        job->unknown);
}

static int need_barred(rec_job *job, uint8_t all, mf_err *err)
{
    uint32_t items = job->model.ratings.items.n;
    if (job->barred)
        return MF_OK;
    job->barred = mf__new(items, 1);
    if (!job->barred)
        return mf__nomem(err);
    memset(job->barred, all, items);
    return MF_OK;
}

int mf__rec_bar(rec_job *job, uint32_t item, mf_err *err)
{
    int code = need_barred(job, 0, err);
    if (code == MF_OK)
        job->barred[item] = 1;
    return code;
}

/* Set job->barred of all items of a list. */
static int read_list(rec_job *job, mf_lines *list, uint8_t barred, mf_err *err)
{
    mf_field line, name[2];
    const uint32_t *index;
    size_t n;
    int code;
    while ((code = mf_lines_next(list, &line, err)) == 1) {
        mf__text_split(line, "\t", name, 2);
        code = mf__rec_item_find(job, name[0], "", list, &index, &n, err);
        for (size_t i = 0; code == MF_OK && i < n; i++)
            job->barred[index[i]] = barred;
        if (code < 0)
            return code;
    }
    return code;
}

int mf__rec_candidates_read(rec_job *job, mf_err *err)
{
    const mf_recommend_params *p = job->params;
    int code = MF_OK;
    if (p->candidates && (code = need_barred(job, 1, err)) == MF_OK)
        code = read_list(job, p->candidates, 0, err);
    if (code == MF_OK && p->excluded && (code = need_barred(job, 0, err)) == MF_OK)
        code = read_list(job, p->excluded, 1, err);
    return code;
}
