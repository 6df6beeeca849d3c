#include "jobs/shared/header.h"

#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "jobs/shared/quoted.h"

const char *const mf__header_users[] = {
    "user",       "userid",   "uid",          "username",  "userkey",    "userhash",
    "usersha1",   "usersha",  "usermboxsha1", "member",    "memberid",   "listener",
    "listenerid", "customer", "customerid",   "reviewer",  "reviewerid", "profile",
    "profileid",  "account",  "accountid",    "visitorid", "steamid",    NULL};
const char *const mf__header_items[] = {
    "item",       "itemid",     "iid",        "itemname",   "artist",   "artistid",
    "artistname", "artid",      "artname",    "artistmbid", "song",     "songid",
    "songname",   "track",      "trackid",    "trackname",  "album",    "albumid",
    "movie",      "movieid",    "movietitle", "film",       "filmid",   "book",
    "bookid",     "isbn",       "business",   "businessid", "product",  "productid",
    "asin",       "parentasin", "game",       "gameid",     "gamename", "app",
    "appid",      "anime",      "animeid",    "place",      "placeid",  "poi",
    "venue",      "venueid",    "location",   "locationid", "recipeid", NULL};

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

int mf__header_stands_for(mf_field name, const char *const spelling[])
{
    for (size_t i = 0; spelling[i]; i++)
        if (is_spelled(name, spelling[i]))
            return i == 0 ? 2 : 1;
    return 0;
}

header_list mf__header_list(const mf_field name[], size_t n)
{
    header_list list = {""};
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
