/* The new user takes the place of those of the model, so that what comes after need not
 * tell them apart. */
#include "jobs/recommend/new_user.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/report.h"
#include "data/text.h"
#include "jobs/recommend/candidates.h"
#include "jobs/recommend/item_names.h"
#include "jobs/recommend/replay.h"
#include "wire/card.h"

typedef struct history {
    size_t n, item_cap, value_cap;
    uint32_t *item; /* [n] */
    float *value;   /* [n] */
    uint64_t *line; /* [items], where each was met; 0: nowhere */
    bool must;      /* a value must be given: explicit */
    bool sizes;     /* the model takes notice of how large values are */
    bool numbers; /* values are numbers to be predicted; else they say what is liked */
    bool any;     /* some value is given */
    bool *given;  /* [n], which */
    size_t given_cap;
} history;

static history history_for(const mf_card *card)
{
    bool implicit = strcmp(card->preset, "implicit") == 0;
    return (history){.must = strcmp(card->preset, "explicit") == 0,
                     .sizes = !implicit || mf__card_has_confidence(card),
                     .numbers = mf__card_takes_numbers(card)};
}

static void history_free(history *h)
{
    free(h->item);
    free(h->value);
    free(h->given);
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

static bool no_item(const void *self, mf_field text)
{
    (void)self;
    (void)text;
    return false;
}

/* Fail at a value that is no number, as in a header. */
static int bad_value(const mf_lines *from, mf_field line, mf_field value, mf_err *err)
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
        return bad_value(from, line, part[1], err);
    if (parts == 1 && h->must && line.len > 0)
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
    if (mf__reserve(&h->item, &h->item_cap, h->n + 1, sizeof *h->item, err) < 0 ||
        mf__reserve(&h->value, &h->value_cap, h->n + 1, sizeof *h->value, err) < 0 ||
        mf__reserve(&h->given, &h->given_cap, h->n + 1, sizeof *h->given, err) < 0)
        return MF_ENOMEM;
    h->item[h->n] = item;
    h->given[h->n] = parts == 2;
    h->any |= parts == 2;
    h->value[h->n++] = value;
    return MF_OK;
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
    return code == MF_OK && h->n == 0 ? no_items(job, err) : code;
}

/* --- the cells as those of the model were --- */

/* What was left out all the same is known: it is not recommended. */
static int leave_out(recommend_job *job, size_t n, const uint32_t item[], mf_err *err)
{
    int code = MF_OK;
    for (size_t i = 0; code == MF_OK && !job->params->include_seen && i < n; i++)
        code = mf__rec_exclude(job, item[i], err);
    return code;
}

static int replay_stages(recommend_job *job, history *h, mf_err *err)
{
    replay_row row = {.n = h->n,
                      .item = h->item,
                      .value = h->value,
                      .given = h->given,
                      .sizes = h->sizes,
                      .numbers = h->numbers};
    bool done;
    int code = mf__rec_replay(&row, &job->model, &done, err);
    if (code < 0)
        return code;
    const mf_report *report = job->params->report;
    const char *name = mf_lines_name(job->params->history);
    if (!done)
        mf__report_warn(report,
                        "%s: the values are taken as they are: what mf-transform or "
                        "mf-filter did to the model's cannot be done to those of one "
                        "user",
                        name);
    size_t out = h->n - row.n;
    if (row.n == 0)
        mf__report_warn(report,
                        "%s: no item has a value like those of the model, which "
                        "mf-filter kept: --value '%s'",
                        name, row.condition);
    else if (out)
        mf__report_note(report,
                        "%s: %zu item%s left out, as mf-filter did to the model's: "
                        "--value '%s'",
                        name, out, mf__plural(out), row.condition);
    h->n = row.n;
    return leave_out(job, out, h->item + row.n, err);
}

/* --- the user in the model --- */

/* Users, ratings and factors of one user. On failure *out holds what was made. */
static int one_user(mf_model *out, const mf_model *model, const char *name,
                    const history *h, mf_err *err)
{
    uint32_t *row = mf__new0(h->n, sizeof *row);
    if (!row)
        return mf__nomem(err);
    mf_ratings *r = &out->ratings;
    int code = mf_ids_append(&r->users, name, strlen(name), err);
    if (code == MF_OK)
        code = mf_csr_from_triplets(&r->x, 1, model->ratings.items.n, h->n, row,
                                    h->item, h->value, err);
    free(row);
    if (code == MF_OK)
        code =
            mf_tensor_alloc(&out->users, 1, model->users.personas, model->users.k, err);
    if (code == MF_OK && model->items.bias)
        code = mf_tensor_add_bias(&out->users, err);
    if (code < 0)
        return code;
    r->fold = mf__new(h->n, 1);
    if (r->fold)
        memset(r->fold, MF_FOLD_IN, h->n);
    if (model->users.personas > 1) { /* no training cells */
        out->zptr = mf__new0(2, sizeof *out->zptr);
        out->z = mf__new0(1, 1);
    }
    bool whole = r->fold && (model->users.personas == 1 || (out->zptr && out->z));
    return whole ? MF_OK : mf__nomem(err);
}

/* Exchange what is about users between the model and another. */
static void exchange(mf_model *a, mf_model *b)
{
    mf_model old = *a;
    mf_ids items = a->ratings.items;
    a->ratings = b->ratings;
    a->ratings.items = items;
    b->ratings = old.ratings;
    b->ratings.items = (mf_ids){0};
    a->users = b->users;
    b->users = old.users;
    a->zptr = b->zptr;
    b->zptr = old.zptr;
    a->z = b->z;
    b->z = old.z;
    b->folded_active = old.folded_active;
    a->folded_active = NULL;
}

int mf__rec_new_user(recommend_job *job, mf_err *err)
{
    mf_model *m = &job->model, other = {0};
    history h = history_for(&m->card);
    int code = read_history(job, &h, err);
    if (code == MF_OK && (h.sizes || h.any))
        code = replay_stages(job, &h, err);
    if (code == MF_OK)
        code = one_user(&other, m, job->params->history_name, &h, err);
    if (code == MF_OK) {
        exchange(m, &other);
        m->header.users = 1;
        m->header.nnz = h.n;
        m->has_ratings = true;
        mf__report_note(job->params->report, "a new user with %zu item%s", h.n,
                        mf__plural(h.n));
    }
    mf_model_free(&other);
    history_free(&h);
    return code;
}
