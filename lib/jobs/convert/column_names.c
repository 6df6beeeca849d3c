/* Which column is which, told by its name.
 *
 * Case, blanks, '_', '-' and '.' do not count. What two names could mean is never
 * guessed, but our own "user", "item", "value", "fold" and "time" go before others. */
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/io.h"
#include "base/number.h"
#include "jobs/convert/columns.h"
#include "jobs/shared/header.h"

/* The first of each list is our own. */
static const char *const VALUE[] = {
    "value",       "rating",       "ratings",   "plays",    "playcount",
    "playcounts",  "count",        "counts",    "weight",   "score",
    "hours",       "hoursplayed",  "playhours", "playtime", "listens",
    "listencount", "listencounts", "stars",     "overall",  "interactions",
    "interaction", "frequency",    "scrobbles", NULL};
static const char *const FOLD[] = {"fold", "split", NULL};
static const char *const TIME[] = {
    "time",     "timestamp",  "ts",         "date",          "datetime",
    "unixtime", "listenedat", "createdat",  "reviewtime",    "unixreviewtime",
    "playedat", "reviewdate", "ratingdate", "unixtimestamp", "eventtime",
    "ratedat",  NULL};
static const char *const *const NAMES[COLS] = {mf__header_users, mf__header_items,
                                               VALUE, FOLD, TIME};

mf_field mf__column_untyped(mf_field name)
{
    static const char *const types[] = {"token", "float", "token_seq", "float_seq"};
    const char *colon = memrchr(name.text, ':', name.len);
    if (!colon)
        return name;
    size_t at = (size_t)(colon - name.text), len = name.len - at - 1;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (len == strlen(types[i]) && ascii_same(colon + 1, types[i], len))
            name.len = at;
    return name;
}

/* How the name stands for a role: 0 it does not, 2 our own, 1 another. */
static int stands_for(mf_field name, int role)
{
    return mf__header_stands_for(mf__column_untyped(name), NAMES[role]);
}

bool mf__column_stands_for(mf_field name, int role)
{
    return stands_for(name, role) > 0;
}

bool mf__column_is_index(mf_field name)
{
    return name.len == 0 || (name.len >= 9 && memcmp(name.text, "Unnamed: ", 9) == 0);
}

static int fail_names(const mf_field name[], size_t n, const mf_lines *lines,
                      const char *why, int role, mf_err *err)
{
    return mf__lines_fail(lines, err,
                          "%s the %s among %s; say which with "
                          "--columns=USER,ITEM[,VALUE]",
                          why, mf__column_names[role], mf__header_list(name, n).text);
}

bool mf__columns_named(const mf_field field[], size_t n)
{
    bool user = false, item = false;
    for (size_t i = 0; i < n; i++) {
        user |= stands_for(field[i], COL_USER) > 0;
        item |= stands_for(field[i], COL_ITEM) > 0;
    }
    return user && item;
}

int mf__columns_told(const mf_field name[], size_t n, size_t place[COLS],
                     const mf_lines *lines, mf_err *err)
{
    size_t others = 0;
    int best[COLS] = {0};
    bool twice[COLS] = {false};
    for (int role = 0; role < COLS; role++)
        place[role] = NOWHERE;
    for (size_t i = 0; i < n; i++) {
        bool known = mf__column_is_index(name[i]);
        for (int role = 0; role < COLS; role++) {
            int how = stands_for(name[i], role);
            known |= how > 0;
            if (how > 0 && how == best[role])
                twice[role] = true;
            if (how > best[role]) {
                best[role] = how;
                place[role] = i;
                twice[role] = false;
            }
        }
        others += !known;
    }
    for (int role = 0; role < COLS; role++)
        if (twice[role])
            return fail_names(name, n, lines,
                              "the header has several columns that "
                              "could be",
                              role, err);
    for (int role = COL_USER; role <= COL_VALUE; role++)
        if (place[role] == NOWHERE && (role != COL_VALUE || others > 0))
            return fail_names(name, n, lines, "the header does not tell", role, err);
    return MF_OK;
}
