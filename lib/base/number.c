/* newlocale answers "C" with a constant of the C library, glibc's and musl's: nothing
 * is allocated, and nothing has to be freed. */
#include "base/number.h"

#include <langinfo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static locale_t c_locale(void)
{
    return newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

locale_t mf__point_begin(void)
{
    const char *point = nl_langinfo(RADIXCHAR);
    return point[0] == '.' && !point[1] ? (locale_t)0 : uselocale(c_locale());
}

void mf__point_end(locale_t before)
{
    if (before)
        uselocale(before);
}

float mf__strtof(const char *text, char **end)
{
    return strtof_l(text, end, c_locale());
}

double mf__strtod(const char *text, char **end)
{
    return strtod_l(text, end, c_locale());
}

int mf__vsnprintf(char *text, size_t size, const char *format, va_list args)
{
    locale_t before = mf__point_begin();
    int n = vsnprintf(text, size, format, args);
    mf__point_end(before);
    return n;
}

int mf__snprintf(char *text, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = mf__vsnprintf(text, size, format, args);
    va_end(args);
    return n;
}

size_t mf__append(char *text, size_t size, size_t used, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = mf__vsnprintf(text + used, size - used, format, args);
    va_end(args);
    if (n < 0) {
        text[used] = '\0';
        return used;
    }
    return (size_t)n < size - used ? used + (size_t)n : size - 1;
}

void mf__number_shortest(char text[NUMBER_TEXT], double value)
{
    for (int digits = 1; digits <= 17; digits++) {
        mf__snprintf(text, NUMBER_TEXT, "%.*g", digits, value);
        if (mf__strtod(text, NULL) == value)
            return;
    }
}

void mf__number_plain(char text[NUMBER_TEXT], double value)
{
    if (fabs(value) < 1e15 && value == floor(value))
        mf__snprintf(text, NUMBER_TEXT, "%.0f", value);
    else
        mf__number_shortest(text, value);
}

const char *mf__plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}
