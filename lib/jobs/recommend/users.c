#include "jobs/recommend/users.h"

#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/report.h"
#include "data/few.h"
#include "data/ids.h"
#include "data/list_hint.h"
#include "data/shard.h"

/* The words for the ids that are nearest to one that is unknown. */
static void nearest_users(const recommend_job *job, const char *id, size_t len,
                          char hint[MF_NEAREST_HINT])
{
    mf_nearest near = mf__nearest_to(id, len);
    for (uint32_t u = 0; u < job->names->n; u++) {
        size_t other_len;
        const char *other = mf_ids_get(job->names, u, &other_len);
        mf__nearest_offer(&near, other, other_len, u, 0);
    }
    mf__nearest_hint(&near, job->names, hint);
}

/* Users who are not in the model, and why that may be. */
typedef struct strangers {
    mf_few few;
    mf_list_hint hint;
} strangers;

static bool is_user(const void *names, mf_field id)
{
    uint32_t at;
    return mf_ids_find(names, id.text, id.len, &at);
}

/* Ask for a user whom `list` names or, if that is NULL, --user. */
static int ask_for(asked *to, const recommend_job *job, mf_field id, mf_lines *list,
                   strangers *unknown, mf_err *err)
{
    char hint[MF_NEAREST_HINT], what[80];
    const mf_list_ids users = {.has = is_user, .self = job->names};
    int code = mf__reserve(&to->index, &to->cap, to->n + 1, sizeof *to->index, err);
    if (code < 0)
        return code;
    if (mf_ids_find(job->names, id.text, id.len, &to->index[to->n])) {
        to->n++;
        return MF_OK;
    }
    if (job->params->skip_unknown) {
        mf__few_add(&unknown->few, id.text, id.len);
        if (list)
            mf__list_hint_see(&unknown->hint, &users, id, mf_lines_number(list) == 1);
        return MF_OK;
    }
    nearest_users(job, id.text, id.len, hint);
    if (list) {
        mf__snprintf(what, sizeof what, "is no user of %.60s", job->name);
        return mf__list_unknown(list, &users, id, id, what, hint, err);
    }
    return mf_fail(err, MF_EFORMAT, "%s: there is no user '%.*s'%s", job->name,
                   mf__nearest_clip(id.text, id.len, 76), id.text, hint);
}

static int ask_all(asked *to, const recommend_job *job, mf_err *err)
{
    uint32_t users = job->names->n;
    int code = mf__reserve(&to->index, &to->cap, users, sizeof *to->index, err);
    for (; code == MF_OK && to->n < users; to->n++)
        to->index[to->n] = (uint32_t)to->n;
    return code;
}

static int ask_some(asked *to, const recommend_job *job, mf_err *err)
{
    const mf_recommend_params *p = job->params;
    strangers unknown = {0};
    char hint[MF_LIST_HINT];
    mf_field line;
    int code = MF_OK;
    for (size_t i = 0; code == MF_OK && i < p->users; i++)
        code = ask_for(to, job, (mf_field){p->user[i], strlen(p->user[i])}, NULL,
                       &unknown, err);
    while (code == MF_OK && p->user_list &&
           (code = mf_lines_next(p->user_list, &line, err)) == 1)
        code = line.len ? ask_for(to, job, line, p->user_list, &unknown, err)
                        : mf__list_empty(p->user_list, err);
    if (code == MF_OK && p->user_list)
        code = mf__list_some(p->user_list, err);
    mf__list_hint_say(&unknown.hint, hint);
    if (code == MF_OK && unknown.few.n)
        mf__report_warn(p->report, "users that are not in %s, left out: %llu (%s%s)%s",
                        job->name, (unsigned long long)unknown.few.n, unknown.few.text,
                        mf__few_more(&unknown.few), hint);
    return code;
}

/* A part of those asked for, as they stand: the parts in their order are the whole. */
static void keep_shard(asked *to, uint32_t shard, uint32_t shards)
{
    size_t first = mf__shard_begin(to->n, shard, shards);
    to->n = mf__shard_begin(to->n, shard + 1, shards) - first;
    if (to->n)
        memmove(to->index, to->index + first, to->n * sizeof *to->index);
}

int mf__rec_find_users(asked *to, const recommend_job *job, mf_err *err)
{
    const mf_recommend_params *p = job->params;
    bool some = p->users > 0 || p->user_list;
    int code = some ? ask_some(to, job, err) : ask_all(to, job, err);
    if (code == MF_OK && p->shards > 1)
        keep_shard(to, p->shard, p->shards);
    return code;
}
