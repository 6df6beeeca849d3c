/* jansson replaces the decimal point of the locale, but only one of a single byte: it
 * aborts the program where there is another, as in ps_AF.UTF-8. */
#include "jobs/shared/json.h"

#include "base/number.h"

char *mf__json_dumps(const json_t *json, size_t flags)
{
    locale_t before = mf__point_begin();
    char *text = json_dumps(json, flags);
    mf__point_end(before);
    return text;
}

json_t *mf__json_loadb(const char *text, size_t len, size_t flags, json_error_t *error)
{
    locale_t before = mf__point_begin();
    json_t *json = json_loadb(text, len, flags, error);
    mf__point_end(before);
    return json;
}
