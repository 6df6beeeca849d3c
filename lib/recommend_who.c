/* Who is asked for. */
#include <stdlib.h>
#include <string.h>

#include "mf/mem.h"
#include "recommend_private.h"

void rec_who_free(rec_who *who)
{
    free(who->index);
    *who = (rec_who){0};
}

/* Ask for a user, if there is one of this id. */
static int ask(rec_who *who, const rec_job *job, const char *id, size_t len,
               bool *found, mf_err *err)
{
    int code = mf_reserve(&who->index, &who->cap, who->n + 1, sizeof *who->index, err);
    if (code < 0)
        return code;
    *found = mf_ids_find(job->names, id, len, &who->index[who->n]);
    who->n += *found;
    return MF_OK;
}

static int ask_all(rec_who *who, const rec_job *job, mf_err *err)
{
    uint32_t users = job->names->n;
    int code = mf_reserve(&who->index, &who->cap, users, sizeof *who->index, err);
    for (; code == MF_OK && who->n < users; who->n++)
        who->index[who->n] = (uint32_t)who->n;
    return code;
}

static int ask_list(rec_who *who, const rec_job *job, mf_err *err)
{
    mf_lines *list = job->params->user_list;
    mf_field line;
    int code;
    bool found;
    while ((code = mf_lines_next(list, &line, err)) == 1) {
        code = ask(who, job, line.text, line.len, &found, err);
        if (code == MF_OK && line.len == 0)
            code = mf_lines_fail(list, err, "an empty line; write one user id a line");
        if (code == MF_OK && !found)
            code = mf_lines_fail(list, err, "user '%.*s' is not in %s",
                                 line.len < 200 ? (int)line.len : 200, line.text,
                                 job->name);
        if (code < 0)
            return code;
    }
    return code;
}

int rec_who_find(rec_who *who, const rec_job *job, mf_err *err)
{
    const mf_recommend_params *params = job->params;
    bool found;
    if (params->users == 0 && !params->user_list)
        return ask_all(who, job, err);
    for (size_t i = 0; i < params->users; i++) {
        const char *id = params->user[i];
        int code = ask(who, job, id, strlen(id), &found, err);
        if (code == MF_OK && !found)
            code = mf_fail(err, MF_EFORMAT, "%s: there is no user '%.200s'", job->name,
                           id);
        if (code < 0)
            return code;
    }
    return params->user_list ? ask_list(who, job, err) : MF_OK;
}
