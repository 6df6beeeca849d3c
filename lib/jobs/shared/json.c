/* jansson replaces the decimal point of the locale, but only one of a single byte: it
 * aborts the program where there is another, as in ps_AF.UTF-8. */
#include "jobs/shared/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/utf8.h"

size_t mf__json_escape(char to[], const char *text, size_t len)
{
    size_t n = 0, step = 1;
    for (size_t i = 0; i < len; i += step) {
        utf8proc_int32_t point = (unsigned char)text[i];
        step = 1;
        if (point >= 0x7f) {
            utf8proc_ssize_t read =
                utf8proc_iterate((const utf8proc_uint8_t *)text + i,
                                 (utf8proc_ssize_t)(len - i), &point);
            step = read > 0 ? (size_t)read : 1;
        }
        if (point >= 0x7f && mf__utf8_acts(point))
            n += (size_t)snprintf(to + n, 7, "\\u%04x", (unsigned)point);
        else {
            memcpy(to + n, text + i, step);
            n += step;
        }
    }
    return n;
}

char *mf__json_dumps(const json_t *json, size_t flags)
{
    locale_t before = mf__point_begin();
    char *text = json_dumps(json, flags);
    mf__point_end(before);
    size_t len = text ? strlen(text) : 0, plain = 0;
    while (plain < len && (unsigned char)text[plain] < 0x7f)
        plain++;
    if (plain == len)
        return text;
    char *all = mf__new(len + 1, 6);
    if (all)
        all[mf__json_escape(all, text, len)] = '\0';
    free(text);
    return all;
}

json_t *mf__json_loadb(const char *text, size_t len, size_t flags, json_error_t *error)
{
    locale_t before = mf__point_begin();
    json_t *json = json_loadb(text, len, flags, error);
    mf__point_end(before);
    return json;
}
