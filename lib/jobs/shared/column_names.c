/* Which column is which, told by its name.
 *
 * Case, blanks, '_', '-' and '.' do not count. What two names could mean is never
 * guessed, but our own "user", "item", "value", "fold" and "time" go before others. The
 * Python package has the same lists (columns.py). */
#include "jobs/shared/column_names.h"

#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/io.h"
#include "base/number.h"
#include "jobs/shared/quoted.h"

const char *const mf__column_names[COLS] = {"user", "item", "value", "fold", "time"};

/* The first of each list is our own. */
static const char *const USER[] = {
    "user",      "userid",     "uid",        "username",     "userkey",
    "userhash",  "usersha1",   "usersha",    "usermboxsha1", "member",
    "memberid",  "listener",   "listenerid", "customer",     "customerid",
    "reviewer",  "reviewerid", "profile",    "profileid",    "account",
    "accountid", "visitorid",  "visitor",    "steamid",      NULL};
static const char *const ITEM[] = {
    "item",       "itemid",     "iid",        "itemname",   "artist",   "artistid",
    "artistname", "artid",      "artname",    "artistmbid", "song",     "songid",
    "songname",   "track",      "trackid",    "trackname",  "album",    "albumid",
    "movie",      "movieid",    "movietitle", "film",       "filmid",   "book",
    "bookid",     "isbn",       "business",   "businessid", "product",  "productid",
    "asin",       "parentasin", "game",       "gameid",     "gamename", "app",
    "appid",      "anime",      "animeid",    "place",      "placeid",  "poi",
    "venue",      "venueid",    "location",   "locationid", "recipeid", "band",
    "bandname",   "performer",  "podcast",    "podcastid",  NULL};
static const char *const VALUE[] = {
    "value",       "rating",       "ratings",   "plays",       "playcount",
    "playcounts",  "count",        "counts",    "weight",      "score",
    "hours",       "hoursplayed",  "playhours", "playtime",    "listens",
    "listencount", "listencounts", "stars",     "overall",     "interactions",
    "interaction", "frequency",    "scrobbles", "timesplayed", NULL};
static const char *const FOLD[] = {"fold", "split", NULL};
static const char *const TIME[] = {
    "time",     "timestamp",  "ts",         "date",          "datetime",
    "unixtime", "listenedat", "createdat",  "reviewtime",    "unixreviewtime",
    "playedat", "reviewdate", "ratingdate", "unixtimestamp", "eventtime",
    "ratedat",  NULL};
static const char *const *const NAMES[COLS] = {USER, ITEM, VALUE, FOLD, TIME};

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

/* Is the name this spelling, which is of lower case letters and digits? */
static bool is_spelled(mf_field name, const char *spelling)
{
    for (size_t i = 0; i < name.len; i++) {
        char ch = name.text[i];
        if (strchr(" _-.", ch))
            continue;
        if (ch >= 'A' && ch <= 'Z')
            ch = (char)(ch - 'A' + 'a');
        if (ch != *spelling++)
            return false;
    }
    return *spelling == '\0' && name.len > 0;
}

int mf__column_spells(mf_field name, const char *const spelling[])
{
    name = mf__column_untyped(name);
    for (size_t i = 0; spelling[i]; i++)
        if (is_spelled(name, spelling[i]))
            return i == 0 ? 2 : 1;
    return 0;
}

int mf__column_stands_for(mf_field name, int role)
{
    return mf__column_spells(name, NAMES[role]);
}

bool mf__column_is_index(mf_field name)
{
    return name.len == 0 || (name.len >= 9 && memcmp(name.text, "Unnamed: ", 9) == 0);
}

column_list mf__columns_list(const mf_field name[], size_t n)
{
    column_list list = {""};
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        quoted one = mf__quoted(name[i]);
        if (used + strlen(one.text) + 12 > sizeof list.text) {
            snprintf(list.text + used, sizeof list.text - used, ", ...");
            break;
        }
        used = mf__append(list.text, sizeof list.text, used, "%s'%s'", i ? ", " : "",
                          one.text);
    }
    return list;
}

static int fail_names(const mf_field name[], size_t n, const mf_lines *lines,
                      const char *why, int role, mf_err *err)
{
    return mf__lines_fail(lines, err,
                          "%s the %s among %s; say which with "
                          "--columns=USER,ITEM[,VALUE]",
                          why, mf__column_names[role], mf__columns_list(name, n).text);
}

bool mf__columns_named(const mf_field field[], size_t n)
{
    bool user = false, item = false;
    for (size_t i = 0; i < n; i++) {
        user |= mf__column_stands_for(field[i], COL_USER) > 0;
        item |= mf__column_stands_for(field[i], COL_ITEM) > 0;
    }
    return user && item;
}

/* The column whose name stands for the role best, and whether another does as well. */
static size_t find_role(const mf_field name[], size_t n, int role, bool *twice)
{
    size_t place = NOWHERE;
    int best = 0;
    *twice = false;
    for (size_t i = 0; i < n; i++) {
        int how = mf__column_stands_for(name[i], role);
        if (how > 0 && how == best)
            *twice = true;
        if (how > best) {
            best = how;
            place = i;
            *twice = false;
        }
    }
    return place;
}

/* Is it a usual spelling of any role, or the index of pandas? */
static bool is_known(mf_field name)
{
    bool known = mf__column_is_index(name);
    for (int role = 0; role < COLS; role++)
        known |= mf__column_stands_for(name, role) > 0;
    return known;
}

int mf__columns_told(const mf_field name[], size_t n, size_t place[COLS],
                     const mf_lines *lines, mf_err *err)
{
    size_t others = 0;
    bool twice[COLS];
    for (int role = 0; role < COLS; role++)
        place[role] = find_role(name, n, role, &twice[role]);
    for (size_t i = 0; i < n; i++)
        others += !is_known(name[i]);
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

int mf__columns_pair(const mf_field name[], size_t n, size_t place[2], mf_err *err)
{
    static const char rename[] = "name one column 'user' and one 'item'";
    for (int role = COL_USER; role <= COL_ITEM; role++) {
        bool twice;
        place[role] = find_role(name, n, role, &twice);
        if (twice)
            return mf_fail(err, MF_EFORMAT,
                           "the header has several columns that could be the %s among "
                           "%s; %s",
                           mf__column_names[role], mf__columns_list(name, n).text,
                           rename);
    }
    size_t user = place[COL_USER], item = place[COL_ITEM];
    if (user != NOWHERE && item != NOWHERE)
        return MF_OK;
    bool first = user == 0 || (user == NOWHERE && (n < 1 || !is_known(name[0])));
    bool second = item == 1 || (item == NOWHERE && (n < 2 || !is_known(name[1])));
    if (!first || !second)
        return mf_fail(err, MF_EFORMAT, "the header does not tell the %s among %s; %s",
                       mf__column_names[user == NOWHERE ? COL_USER : COL_ITEM],
                       mf__columns_list(name, n).text, rename);
    place[COL_USER] = 0;
    place[COL_ITEM] = 1;
    return MF_OK;
}
