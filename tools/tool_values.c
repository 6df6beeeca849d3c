#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mf/nearest.h"
#include "mf/ratings.h"
#include "tool.h"

uint64_t tool_count(const char *option, const char *text, uint64_t min, uint64_t max)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end || errno)
        tool_misuse("%s: '%s' is not a whole number", option, text);
    if (value < min || value > max)
        tool_misuse("%s: %s is not in %llu .. %llu", option, text,
                    (unsigned long long)min, (unsigned long long)max);
    return value;
}

double tool_real(const char *option, const char *text, double min, double max)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || isspace((unsigned char)text[0]) || strpbrk(text, "xX") ||
        !isfinite(value))
        tool_misuse("%s: '%s' is not a number", option, text);
    if (value < min || value > max)
        tool_misuse("%s: %s is not in %g .. %g", option, text, min, max);
    return value;
}

tool_quantity tool_amount(const char *option, const char *text)
{
    size_t len = strlen(text);
    char number[64];
    if (len == 0 || len >= sizeof number)
        tool_misuse("%s: '%s' is not an amount", option, text);
    bool percent = text[len - 1] == '%';
    if (!percent && !strchr(text, '.') && !strpbrk(text, "eE"))
        return (tool_quantity){false, (double)tool_count(option, text, 0, UINT32_MAX)};
    memcpy(number, text, len - percent);
    number[len - percent] = '\0';
    double value = tool_real(option, number, 0, percent ? 100 : 1);
    return (tool_quantity){true, percent ? value / 100 : value};
}

size_t tool_size(const char *option, const char *text, size_t min)
{
    static const char units[] = "KMGT";
    char number[32];
    size_t len = strlen(text);
    const char *unit =
        len > 0 ? strchr(units, toupper((unsigned char)text[len - 1])) : NULL;
    if (len - (unit != NULL) >= sizeof number)
        tool_misuse("%s: '%s' is not a size", option, text);
    memcpy(number, text, len - (unit != NULL));
    number[len - (unit != NULL)] = '\0';
    int shift = unit ? 10 * (int)(unit - units + 1) : 0;
    uint64_t value = tool_count(option, number, 0, (uint64_t)SIZE_MAX >> shift);
    if (value << shift < min)
        tool_misuse("%s: %s is less than %zu bytes", option, text, min);
    return (size_t)(value << shift);
}

int64_t tool_time(const char *option, const char *text)
{
    int64_t seconds;
    if (!mf_time_parse(text, &seconds))
        tool_misuse("%s: '%s' is no time: give seconds since 1970, or a date like "
                    "2009-12-31 or 2009-12-31T23:59:59Z",
                    option, text);
    return seconds;
}

void tool_none_of(const char *option, const char *text, const char *const names[])
{
    char list[400] = "", ask[MF_NEAREST_WORDS];
    for (int i = 0; names[i]; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
    }
    mf_nearest_ask(ask, "", text, strlen(text), names);
    tool_misuse("%s: '%.100s' is none of %s%s", option, text, list, ask);
}

int tool_choice(const char *option, const char *text, const char *const names[])
{
    for (int i = 0; names[i]; i++)
        if (strcmp(text, names[i]) == 0)
            return i;
    tool_none_of(option, text, names);
}

void tool_shard(const char *option, const char *text, uint32_t *shard, uint32_t *shards)
{
    char first[16];
    const char *slash = strchr(text, '/');
    if (!slash || (size_t)(slash - text) >= sizeof first)
        tool_misuse("%s: '%s' is no shard I/N", option, text);
    memcpy(first, text, (size_t)(slash - text));
    first[slash - text] = '\0';
    *shards = (uint32_t)tool_count(option, slash + 1, 1, 65536);
    *shard = (uint32_t)tool_count(option, first, 1, *shards);
}
