#include "jobs/recommend/new_user.h"

#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/report.h"
#include "data/text.h"
#include "jobs/recommend/item_names.h"
#include "jobs/recommend/new_users.h"

typedef struct history {
    new_users users; /* this one alone */
    uint64_t *line;  /* [items], where each was met; 0: nowhere */
} history;

static void history_free(history *h)
{
    mf__rec_new_users_free(&h->users);
    free(h->line);
}

/* Fail at a line of which more is wrong than the item. */
static int bad_line(recommend_job *job, mf_field line, const char *what, mf_err *err)
{
    mf_lines *from = job->params->history;
    unsigned long long number = mf_lines_number(from);
    char text[MF_LIST_HINT];
    int code = mf__rec_line_hint(job, from, line, text, err);
    return code < 0 ? code
                    : mf_fail(err, MF_EFORMAT, "%s:%llu: %s%s", mf_lines_name(from),
                              number, what, text);
}

static int add_line(recommend_job *job, history *h, mf_field line, mf_err *err)
{
    mf_lines *from = job->params->history;
    mf_field part[3];
    uint32_t item;
    float value = 1;
    bool found;
    size_t parts = mf__text_split(line, "\t", part, 3);
    const typed_name typed = {.name = part[0], .from = from, .line = line};
    if (parts > 2)
        return bad_line(job, line, "more than an item, TAB and a value", err);
    if (parts == 2 && !mf__text_float(part[1], &value))
        return mf__rec_bad_value(from, line, part[1], err);
    if (parts == 1 && h->users.must && line.len > 0)
        return bad_line(job, line,
                        "no value; this model predicts ratings: write the item, TAB "
                        "and the user's",
                        err);
    int code = mf__rec_item_one(job, &typed, &item, &found, err);
    if (code < 0 || !found)
        return code;
    if (h->line[item])
        return mf__lines_fail(from, err, "the same item as on line %llu",
                              (unsigned long long)h->line[item]);
    h->line[item] = mf_lines_number(from);
    const new_cell cell = {.item = item, .value = value, .given = parts == 2};
    return mf__rec_new_users_add(&h->users, cell, err);
}

static int no_items(const recommend_job *job, mf_err *err)
{
    const char *name = mf_lines_name(job->params->history);
    char hint[MF_LIST_HINT];
    if (job->unknown.n == 0)
        return mf_fail(err, MF_EFORMAT,
                       "%s: a history without items; write some, one a line", name);
    mf__list_hint_say(&job->unknown_hint, hint);
    return mf_fail(err, MF_EFORMAT,
                   "%s: a history without items that the model knows (%s%s)%s", name,
                   job->unknown.text, mf__few_more(&job->unknown), hint);
}

static int read_history(recommend_job *job, history *h, mf_err *err)
{
    mf_lines *from = job->params->history;
    mf_field line;
    int code;
    h->line = mf__new0(job->model.ratings.items.n, sizeof *h->line);
    if (!h->line)
        return mf__nomem(err);
    while ((code = mf_lines_next(from, &line, err)) == 1)
        if ((code = add_line(job, h, line, err)) < 0)
            return code;
    return code == MF_OK && h->users.n == 0 ? no_items(job, err) : code;
}

int mf__rec_new_user(recommend_job *job, mf_err *err)
{
    const mf_recommend_params *p = job->params;
    history h = {.users = mf__rec_new_users_for(&job->model.card)};
    int code =
        mf_ids_append(&h.users.ids, p->history_name, strlen(p->history_name), err);
    if (code == MF_OK)
        code = read_history(job, &h, err);
    size_t n = h.users.n;
    if (code == MF_OK)
        code = mf__rec_new_users_place(job, &h.users, p->history, err);
    if (code == MF_OK)
        mf__report_note(p->report, "a new user with %zu item%s", n, mf__plural(n));
    history_free(&h);
    return code;
}
