/* Days are counted from the civil calendar as in Howard Hinnant's "chrono-compatible
 * low-level date algorithms": years begin in March, so that the leap day is the
 * last. */
#include "data/time.h"

#include <stdio.h>

enum { DAY = 86400, DAYS_OF_ERA = 146097, EPOCH = 719468 };

static int64_t days_from_civil(int64_t y, unsigned m, unsigned d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    unsigned of_era = (unsigned)(y - era * 400);
    unsigned of_year = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
    unsigned day = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    return era * DAYS_OF_ERA + (int64_t)day - EPOCH;
}

static unsigned days_of_month(unsigned y, unsigned m)
{
    bool leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    return m == 2 ? 28 + leap : m == 4 || m == 6 || m == 9 || m == 11 ? 30 : 31;
}

typedef struct scanner {
    const char *at, *end;
} scanner;

/* Just so many digits. */
static bool digits(scanner *s, int n, unsigned *value)
{
    *value = 0;
    if (s->end - s->at < n)
        return false;
    for (; n > 0; n--, s->at++) {
        if (*s->at < '0' || *s->at > '9')
            return false;
        *value = *value * 10 + (unsigned)(*s->at - '0');
    }
    return true;
}

static bool skip(scanner *s, char ch)
{
    if (s->at == s->end || *s->at != ch)
        return false;
    s->at++;
    return true;
}

/* A decimal point and digits. False if the digits are missing. */
static bool fraction(scanner *s, bool *above_zero)
{
    unsigned digit;
    if (!skip(s, '.') && !skip(s, ','))
        return true;
    if (!digits(s, 1, &digit))
        return false;
    do
        *above_zero |= digit > 0;
    while (digits(s, 1, &digit));
    return true;
}

/* Seconds east of Greenwich; nothing at all is UTC. */
static bool zone(scanner *s, int64_t *east)
{
    unsigned h, m = 0;
    *east = 0;
    if (s->at == s->end || skip(s, 'Z') || skip(s, 'z'))
        return true;
    bool west = *s->at == '-';
    if ((!skip(s, '-') && !skip(s, '+')) || !digits(s, 2, &h))
        return false;
    if (s->at < s->end && ((void)skip(s, ':'), !digits(s, 2, &m)))
        return false;
    *east = (int64_t)(h * 3600 + m * 60) * (west ? -1 : 1);
    return h <= 23 && m <= 59;
}

static bool parse_iso(scanner s, int64_t *seconds)
{
    unsigned y, m, d, hour = 0, minute = 0, second = 0;
    int64_t east = 0;
    bool above = false; /* a fraction of a positive second is cut off in any case */
    if (!digits(&s, 4, &y) || !skip(&s, '-') || !digits(&s, 2, &m) || !skip(&s, '-') ||
        !digits(&s, 2, &d) || m < 1 || m > 12 || d < 1 || d > days_of_month(y, m))
        return false;
    if (s.at < s.end) {
        if ((!skip(&s, 'T') && !skip(&s, 't') && !skip(&s, ' ')) ||
            !digits(&s, 2, &hour) || !skip(&s, ':') || !digits(&s, 2, &minute))
            return false;
        if (skip(&s, ':') && (!digits(&s, 2, &second) || !fraction(&s, &above)))
            return false;
        if (!zone(&s, &east))
            return false;
    }
    if (s.at != s.end || hour > 23 || minute > 59 || second > 60)
        return false;
    *seconds = days_from_civil(y, m, d) * DAY + hour * 3600 + minute * 60 + second;
    *seconds -= east;
    return true;
}

/* Digits, a sign before them or a fraction after them. At most 18 digits are read, so
 * that nothing overflows. */
static bool parse_number(scanner s, int64_t *seconds)
{
    unsigned digit;
    int n = 0;
    bool minus = skip(&s, '-'), above = false;
    for (*seconds = 0; digits(&s, 1, &digit); n++)
        if (n < 18)
            *seconds = *seconds * 10 + digit;
    if (n == 0 || n > 18 || !fraction(&s, &above) || s.at != s.end)
        return false;
    if (minus)
        *seconds = -*seconds - above; /* down, not towards zero */
    return true;
}

/* Digits, perhaps with a point in them, and an exponent, as floats are written:
 * 1.5e9. Exact: the point moves, no float is made. */
static bool parse_exponent(scanner s, int64_t *seconds)
{
    enum { MOST = 40 };
    unsigned digit[MOST], one, exponent = 0;
    int n = 0, point = -1;
    bool minus = skip(&s, '-'), above = false;
    while (n < MOST && digits(&s, 1, &digit[n])) {
        n++;
        if (point < 0 && skip(&s, '.'))
            point = n;
    }
    if (n == 0 || n == point || (!skip(&s, 'e') && !skip(&s, 'E')))
        return false;
    bool down = skip(&s, '-');
    (void)(!down && skip(&s, '+'));
    if (s.at == s.end)
        return false;
    while (exponent < 100 && digits(&s, 1, &one))
        exponent = exponent * 10 + one;
    point = (point < 0 ? n : point) + (down ? -(int)exponent : (int)exponent);
    if (s.at != s.end || point > 18)
        return false;
    *seconds = 0;
    for (int i = 0; i < point; i++)
        *seconds = *seconds * 10 + (i < n ? (int64_t)digit[i] : 0);
    for (int i = point > 0 ? point : 0; i < n; i++)
        above |= digit[i] > 0;
    if (minus)
        *seconds = -*seconds - above;
    return true;
}

/* A year or a date without its dashes would be some minutes or months after 1970. */
static bool is_bare_date(scanner s)
{
    unsigned y, m = 1, d = 1;
    size_t len = (size_t)(s.end - s.at);
    if ((len != 4 && len != 8) || !digits(&s, 4, &y) || y < 1900 || y > 2100)
        return false;
    return len == 4 || (digits(&s, 2, &m) && digits(&s, 2, &d) && m >= 1 && m <= 12 &&
                        d >= 1 && d <= days_of_month(y, m));
}

static bool parse(mf_field field, int64_t *seconds)
{
    scanner s = {field.text, field.text + field.len};
    if (is_bare_date(s))
        return false;
    return parse_number(s, seconds) || parse_iso(s, seconds) ||
           parse_exponent(s, seconds);
}

bool mf__time_parse(mf_field field, int64_t *seconds)
{
    return parse(field, seconds) && *seconds >= MF_TIME_MIN && *seconds <= MF_TIME_MAX;
}

const char *mf__time_fault(mf_field field)
{
    int64_t seconds;
    if (!parse(field, &seconds))
        return "is no time: wanted seconds since 1970, YYYY-MM-DD or "
               "YYYY-MM-DDTHH:MM:SS";
    return "is no time in seconds of the years 0000 to 9999; if it is in milliseconds, "
           "divide it by 1000";
}

void mf__time_format(int64_t seconds, char text[MF_TIME_TEXT])
{
    int64_t day = seconds / DAY, rest = seconds % DAY;
    if (rest < 0) {
        rest += DAY;
        day--;
    }
    day += EPOCH;
    int64_t era = (day >= 0 ? day : day - DAYS_OF_ERA + 1) / DAYS_OF_ERA;
    unsigned of_era = (unsigned)(day - era * DAYS_OF_ERA);
    unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * of_year + 2) / 153, d = of_year - (153 * month + 2) / 5 + 1;
    unsigned m = month < 10 ? month + 3 : month - 9;
    int64_t y = (int64_t)year + era * 400 + (m <= 2);
    snprintf(text, MF_TIME_TEXT, "%04d-%02u-%02uT%02d:%02d:%02dZ", (int)y % 10000,
             m % 100, d % 100, (int)rest / 3600, (int)rest / 60 % 60, (int)rest % 60);
}
