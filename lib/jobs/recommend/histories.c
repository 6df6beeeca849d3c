/* A name is looked up as it is typed the first time it is met, and is one place in a
 * table after that. */
#include "jobs/recommend/histories.h"

#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/report.h"
#include "data/ids.h"
#include "data/idtable.h"
#include "data/text.h"
#include "jobs/recommend/item_names.h"
#include "jobs/recommend/new_users.h"

enum { SPELLINGS = 1 << 22, /* that are kept, so that a file of nonsense fits */ };
#define NO_ITEM (UINT32_MAX - 1)

/* The lines of a user. */
typedef struct user_lines {
    uint64_t all, unknown; /* unknown: name no item */
} user_lines;

typedef struct histories {
    recommend_job *job;
    new_users users;
    idtable *numbers;   /* of users, in `users.ids` */
    idtable *spellings; /* names as they are typed, and the items, or NO_ITEM */
    user_lines *lines;  /* [users] */
    size_t lines_cap;
    const name *last; /* the user of the line before */
} histories;

static void close_histories(histories *h)
{
    mf__rec_new_users_free(&h->users);
    mf__idtable_close(h->numbers);
    mf__idtable_close(h->spellings);
    free(h->lines);
}

static int bad_line(const mf_lines *from, const char *what, mf_err *err)
{
    return mf__lines_fail(from, err,
                          "%s: a line is user, TAB, item and, after a TAB, "
                          "a value",
                          what);
}

/* A CSV, perhaps: say how to make such lines of it. */
static int no_tab(const mf_lines *from, mf_field line, mf_err *err)
{
    const char *more = memchr(line.text, ',', line.len)   ? ""
                       : memchr(line.text, ';', line.len) ? " --separator=';'"
                                                          : NULL;
    if (!more)
        return bad_line(from, "no TAB", err);
    return mf__lines_fail(from, err,
                          "no TAB: a line is user, TAB, item and, after a TAB, a "
                          "value; mf-convert --from=csv%s --header FILE | mf-convert "
                          "--to=tsv | cut -f 1-3 makes such lines of a CSV with a "
                          "header",
                          more);
}

/* The number of a user; one who is new gets the next. */
static int user_of(histories *h, mf_field id, uint32_t *user, mf_err *err)
{
    const mf_lines *from = h->job->params->histories;
    if (h->last && h->last->len == id.len &&
        memcmp(h->last->text, id.text, id.len) == 0) {
        *user = h->last->value;
        return MF_OK;
    }
    uint32_t next = h->users.ids.n;
    uint64_t hash = mf__idtable_hash(h->numbers, id.text, id.len);
    h->last = mf__idtable_find(h->numbers, id.text, id.len, hash);
    if (!h->last) {
        const char *fault = mf__id_fault(id.text, id.len);
        if (fault)
            return mf__lines_fail(from, err, "user id %s", fault);
        int code = mf__reserve(&h->lines, &h->lines_cap, (size_t)next + 1,
                               sizeof *h->lines, err);
        if (code == MF_OK)
            code = mf_ids_append(&h->users.ids, id.text, id.len, err);
        if (code == MF_OK)
            code =
                mf__idtable_put(h->numbers, id.text, id.len, hash, next, &h->last, err);
        if (code < 0)
            return code;
        h->lines[next] = (user_lines){0};
    }
    *user = h->last->value;
    return MF_OK;
}

/* The item that a name stands for, or NO_ITEM, which is an error unless unknown names
 * are skipped. */
static int item_of(histories *h, const typed_name *typed, uint32_t *item, mf_err *err)
{
    mf_field text = typed->name;
    bool found, fits = text.len > 0 && text.len <= MF_ID_MAX;
    uint64_t hash = fits ? mf__idtable_hash(h->spellings, text.text, text.len) : 0;
    const name *known =
        fits ? mf__idtable_find(h->spellings, text.text, text.len, hash) : NULL;
    if (known) {
        *item = known->value;
        if (*item == NO_ITEM)
            mf__few_add(&h->job->unknown, text.text, text.len);
        return MF_OK;
    }
    int code = mf__rec_item_one(h->job, typed, item, &found, err);
    if (code == MF_OK && !found)
        *item = NO_ITEM;
    if (code == MF_OK && fits && mf__idtable_count(h->spellings) < SPELLINGS)
        code = mf__idtable_put(h->spellings, text.text, text.len, hash, *item, &known,
                               err);
    return code;
}

static int add_line(histories *h, mf_field line, mf_err *err)
{
    mf_lines *from = h->job->params->histories;
    mf_field part[4];
    new_cell cell = {.value = 1};
    size_t parts = mf__text_split(line, "\t", part, 4);
    if (line.len == 0)
        return mf__list_empty(from, err);
    if (parts < 2)
        return no_tab(from, line, err);
    if (parts > 3)
        return bad_line(from, "more than three fields", err);
    if (parts == 3 && !mf__text_float(part[2], &cell.value))
        return mf__rec_bad_value(from, line, part[2], err);
    if (parts == 2 && h->users.must)
        return bad_line(from, "no value, and this model predicts ratings", err);
    uint64_t number = mf_lines_number(from);
    cell.given = parts == 3;
    cell.line = (uint32_t)(number < NEW_CELL_LINES ? number : NEW_CELL_LINES) & INT32_MAX;
    const typed_name typed = {.name = part[1], .from = from, .line = line};
    int code = user_of(h, part[0], &cell.user, err);
    if (code == MF_OK)
        code = item_of(h, &typed, &cell.item, err);
    if (code < 0)
        return code;
    h->lines[cell.user].all++;
    if (cell.item != NO_ITEM)
        return mf__rec_new_users_add(&h->users, cell, err);
    h->lines[cell.user].unknown++;
    return MF_OK;
}

static int read_lines(histories *h, mf_err *err)
{
    mf_lines *from = h->job->params->histories;
    mf_field line;
    int code;
    while ((code = mf_lines_next(from, &line, err)) == 1)
        if ((code = add_line(h, line, err)) < 0)
            return code;
    return code < 0 ? code : mf__list_some(from, err);
}

/* What was read, and of whom not all is known. */
static void note_users(const histories *h)
{
    const mf_report *report = h->job->params->report;
    uint32_t users = h->users.ids.n;
    mf__report_note(report, "%u new user%s with %zu line%s of items that are known",
                    users, mf__plural(users), h->users.n, mf__plural(h->users.n));
    for (uint32_t u = 0; h->job->unknown.n && u < users; u++) {
        size_t len;
        const char *id = mf_ids_get(&h->users.ids, u, &len);
        if (h->lines[u].unknown)
            mf__report_note(
                report, "user '%.*s': of %llu line%s, %llu left out",
                mf__nearest_clip(id, len, 76), id, (unsigned long long)h->lines[u].all,
                mf__plural(h->lines[u].all), (unsigned long long)h->lines[u].unknown);
    }
}

int mf__rec_histories(recommend_job *job, mf_err *err)
{
    histories h = {.job = job, .users = mf__rec_new_users_for(&job->model.card)};
    int code = mf__idtable_open(&h.numbers, err);
    if (code == MF_OK)
        code = mf__idtable_open(&h.spellings, err);
    if (code == MF_OK)
        code = read_lines(&h, err);
    if (code == MF_OK) {
        note_users(&h);
        code = mf__rec_new_users_place(job, &h.users, job->params->histories, err);
    }
    close_histories(&h);
    return code;
}
