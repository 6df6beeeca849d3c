#include "jobs/score/fault.h"

#include <string.h>

#include "base/number.h"
#include "data/blocks.h"
#include "data/list_hint.h"
#include "data/nearest.h"
#include "data/text.h"

static bool is_in(const mf_ids *ids, mf_field id)
{
    uint32_t index;
    return mf_ids_find(ids, id.text, id.len, &index);
}

static bool no_id(const void *self, mf_field text)
{
    (void)self;
    (void)text;
    return false;
}

/* Does the first line look as if it named the columns? */
static bool is_header(mf_field line)
{
    static const mf_list_ids nothing = {.has = no_id};
    mf_list_hint hint = {0};
    mf__list_hint_see(&hint, &nothing, line, true);
    return hint.header;
}

/* The command that makes TABs of what stands between the fields, if that can be
 * guessed. */
static const char *other_separator(mf_field line)
{
    static const struct {
        const char *text, *say;
    } guess[] = {
        {"::", "; the fields look parted by '::': pipe the file through sed "
               "'s/::/\\t/g'"},
        {";", "; the fields look parted by ';': pipe the file through tr ';' '\\t'"},
        {"|", "; the fields look parted by '|': pipe the file through tr '|' '\\t'"},
        {",", "; the fields look parted by commas: pipe the file through tr , '\\t'"},
        {" ", "; the fields look parted by blanks: pipe the file through tr ' ' '\\t'"},
    };
    for (size_t i = 0; i < sizeof guess / sizeof *guess; i++)
        if (memmem(line.text, line.len, guess[i].text, strlen(guess[i].text)))
            return guess[i].say;
    return "";
}

static void nearest(const mf_ids *ids, mf_field id, char hint[MF_NEAREST_HINT])
{
    mf_nearest near = mf__nearest_to(id.text, id.len);
    for (uint32_t i = 0; i < ids->n; i++) {
        size_t len;
        const char *other = mf_ids_get(ids, i, &len);
        mf__nearest_offer(&near, other, len, i, 0);
    }
    mf__nearest_hint(&near, ids, hint);
}

/* Fail if a line lacks a field that the header names. */
static int check_fields(const score_places *places, mf_field line, mf_err *err)
{
    bool item = places->item > places->user;
    size_t last = item ? places->item : places->user, n = 1;
    mf_field unused;
    if (mf__score_field(line, last, &unused))
        return MF_OK;
    for (size_t i = 0; i < line.len; i++)
        n += line.text[i] == '\t';
    return mf_fail(err, MF_EFORMAT,
                   "the line has %zu fields; the header has the %s in column %zu", n,
                   item ? "item" : "user", last + 1);
}

int mf__score_fault(const score_job *job, const score_places *places, mf_field line,
                    bool first, mf_err *err)
{
    const mf_ids *users = &job->model.ratings.users, *items = &job->model.ratings.items;
    char near[MF_NEAREST_HINT];
    mf_field part[2];
    int code = mf__blocks_check_line(line.text, line.len, err);
    if (code < 0)
        return code;
    if (line.len == 0)
        return mf_fail(err, MF_EFORMAT,
                       "an empty line; pipe the file through grep . to leave it out");
    const char *header = first && !job->params->header && is_header(line)
                             ? "; it looks like a header: say --header"
                             : NULL;
    if (!memchr(line.text, '\t', line.len))
        return mf_fail(err, MF_EFORMAT, "no TAB: a line is user, TAB and item%s",
                       header ? header : other_separator(line));
    if ((code = check_fields(places, line, err)) < 0)
        return code;
    mf__score_field(line, places->user, &part[0]);
    mf__score_field(line, places->item, &part[1]);
    bool user = is_in(users, part[0]);
    mf_field id = user ? part[1] : part[0];
    if (header)
        memcpy(near, header, strlen(header) + 1);
    else if (!user && is_in(items, part[0]) && is_in(users, part[1]))
        mf__snprintf(near, sizeof near, "%s",
                     mf__score_places_usual(places)
                         ? "; the item stands first: a line is user, TAB and item"
                         : "; the header takes users for items");
    else
        nearest(user ? items : users, id, near);
    return mf_fail(err, MF_EFORMAT, "'%.*s' is no %s of %.60s%s",
                   mf__nearest_clip(id.text, id.len, 76), id.text,
                   user ? "item" : "user", job->name, near);
}
