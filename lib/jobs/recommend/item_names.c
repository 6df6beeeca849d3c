#include "jobs/recommend/item_names.h"

#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/report.h"
#include "base/utf8.h"
#include "data/text.h"
#include "jobs/recommend/popularity.h"

static bool is_item(const void *self, mf_field name)
{
    const recommend_job *job = self;
    const uint32_t *index;
    size_t n;
    return mf__names_find(job->lookup, name.text, name.len, &index, &n, NULL) ==
               MF_OK &&
           n > 0;
}

static bool no_item(const void *self, mf_field text)
{
    (void)self;
    (void)text;
    return false;
}

/* Histories of many users are to have several fields: no other one is meant. */
static mf_list_ids items_of(const recommend_job *job, const mf_lines *from)
{
    const mf_recommend_params *p = job->params;
    return (mf_list_ids){.has = from && from == p->histories ? no_item : is_item,
                         .self = job,
                         .values = from == p->history};
}

/* A name that stands for nothing. */
static int unknown(recommend_job *job, const typed_name *typed, mf_err *err)
{
    char hint[MF_NEAREST_HINT];
    const mf_list_ids items = items_of(job, typed->from);
    mf_field name = typed->name;
    if (job->params->skip_unknown) {
        mf__few_add(&job->unknown, name.text, name.len);
        if (typed->from)
            mf__list_hint_see(&job->unknown_hint, &items, typed->line,
                              mf_lines_number(typed->from) == 1);
        return MF_OK;
    }
    int code = mf__names_hint(job->lookup, name.text, name.len, hint, err);
    if (code < 0)
        return code;
    if (typed->from)
        return mf__list_unknown(typed->from, &items, typed->line, name,
                                "is no item of the model", hint, err);
    return mf_fail(err, MF_EFORMAT, "%s'%.*s' is no item of %s%s", typed->option,
                   mf__nearest_clip(name.text, name.len, 76), name.text, job->name,
                   hint);
}

static int open_lookup(recommend_job *job, mf_err *err)
{
    if (job->lookup)
        return MF_OK;
    int code = mf__rec_count_listeners(job, err);
    return code == MF_OK ? mf__names_open(&job->lookup, &job->model.ratings.items,
                                          job->listeners, err)
                         : code;
}

int mf__rec_item_find(recommend_job *job, const typed_name *typed,
                      const uint32_t **index, size_t *n, mf_err *err)
{
    mf_field name = typed->name;
    *n = 0;
    int code = open_lookup(job, err);
    if (code < 0)
        return code;
    if (name.len == 0 && typed->from)
        return mf__list_empty(typed->from, err);
    if (!mf__utf8_valid(name.text, name.len)) /* lines were checked as they were read */
        return mf_fail(err, MF_EFORMAT, "%san item's name is not UTF-8", typed->option);
    code = mf__names_find(job->lookup, name.text, name.len, index, n, err);
    return code == MF_OK && *n == 0 ? unknown(job, typed, err) : code;
}

int mf__rec_item_one(recommend_job *job, const typed_name *typed, uint32_t *index,
                     bool *found, mf_err *err)
{
    const uint32_t *all;
    mf_field name = typed->name;
    size_t n, len;
    int code = mf__rec_item_find(job, typed, &all, &n, err);
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

int mf__rec_line_hint(recommend_job *job, mf_lines *from, mf_field line,
                      char text[MF_LIST_HINT], mf_err *err)
{
    int code = open_lookup(job, err);
    const mf_list_ids items = items_of(job, from);
    if (code == MF_OK)
        mf__list_hint_look(from, &items, line, text);
    return code;
}

int mf__rec_bad_value(const mf_lines *from, mf_field line, mf_field value, mf_err *err)
{
    static const mf_list_ids nothing = {.has = no_item};
    mf_list_hint hint = {0};
    char text[MF_LIST_HINT];
    mf__list_hint_see(&hint, &nothing, line, mf_lines_number(from) == 1);
    mf__list_hint_say(&hint, text);
    return mf__lines_fail(from, err, "'%.*s' is no number%s",
                          mf__nearest_clip(value.text, value.len, 76), value.text,
                          hint.header ? text : mf__text_number_hint(value));
}

void mf__rec_warn_unknown(const recommend_job *job)
{
    char hint[MF_LIST_HINT];
    mf__list_hint_say(&job->unknown_hint, hint);
    if (job->unknown.n)
        mf__report_warn(job->params->report,
                        "names that are no items of %s, left out: %llu (%s%s)%s",
                        job->name, (unsigned long long)job->unknown.n,
                        job->unknown.text, mf__few_more(&job->unknown), hint);
}
