#include "jobs/shared/number_text.h"
#include "base/number.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool gives_back(const char *text, float value)
{
    return mf__strtof(text, NULL) == value && (float)mf__strtod(text, NULL) == value;
}

/* Any value, slowly. */
static void write_slowly(char text[FLOAT_TEXT], float value)
{
    int digits = 6;
    mf__snprintf(text, FLOAT_TEXT, "%.*g", digits, (double)value);
    if (gives_back(text, value)) {
        for (digits = 1; digits < 6; digits++) {
            mf__snprintf(text, FLOAT_TEXT, "%.*g", digits, (double)value);
            if (gives_back(text, value))
                break;
        }
        if (digits == 6)
            mf__snprintf(text, FLOAT_TEXT, "%.6g", (double)value);
    } else {
        while (!gives_back(text, value) && ++digits <= 10)
            mf__snprintf(text, FLOAT_TEXT, "%.*g", digits, (double)value);
    }
    if (!strpbrk(text, ".e"))
        strcat(text, ".0");
}

/* Whether x rounded to `digits` digits, number * 10^-places, is x again: 1 or 0;
 * -1 where double precision cannot tell. For 1e-4 <= x < 1e6 and what follows,
 * 10^places is exact. */
static int try_digits(double x, int places, uint32_t *number)
{
    static const double power[] = {1,   1e1, 1e2, 1e3,  1e4,  1e5,  1e6,
                                   1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13};
    double scaled = x * power[places], whole = floor(scaled), rest = scaled - whole;
    if (fabs(rest - .5) < 1e-5)
        return -1; /* which way to round? */
    whole += rest > .5;
    double back = whole / power[places];
    uint64_t bits;
    memcpy(&bits, &back, sizeof bits);
    uint64_t tail = bits & 0x1fffffff; /* what a float has no room for */
    if (tail - 0x0fffff00 < 0x200)
        return -1; /* between two floats */
    *number = (uint32_t)whole;
    return (double)(float)back == x;
}

/* The common case, a fraction of 1e-4 <= |value| < 1e6. Returns false if it cannot
 * tell. */
static bool write_fast(char text[FLOAT_TEXT], float value)
{
    static const double least[] = {1e5, 1e4, 1e3, 1e2, 1e1, 1e0, 1e-1, 1e-2, 1e-3};
    double x = fabs((double)value);
    uint32_t number = 0, tried;
    int ahead = 6, digits = 6, known = 0; /* digits before the point: 6 .. -3 */
    if (!(x >= 1e-4 && x < 1e6))
        return false;
    for (int i = 0; i < 9 && x < least[i]; i++)
        ahead--;
    for (; digits <= 9 && (digits < ahead || known == 0); digits++)
        if ((known = try_digits(x, digits - ahead, &number)) < 0)
            return false;
    if (!known)
        return false;
    digits--;
    for (; digits > 1 && digits > ahead; digits--, number = tried) {
        int fewer = try_digits(x, digits - 1 - ahead, &tried);
        if (fewer < 0)
            return false;
        if (fewer == 0)
            break;
    }
    int places = digits - ahead;
    for (; number % 10 == 0 && places > 0; places--) /* 9.99.. was rounded up to 10 */
        number /= 10;
    char *at = text + 16;
    *at = 0;
    for (int i = 0; i < places || number > 0; i++, number /= 10) {
        if (i == places)
            *--at = '.';
        *--at = (char)('0' + number % 10);
    }
    if (ahead <= 0) {
        *--at = '.';
        *--at = '0';
    }
    if (value < 0)
        *--at = '-';
    memmove(text, at, (size_t)(text + 17 - at));
    return places > 0;
}

void mf__float_text(char text[FLOAT_TEXT], float value)
{
    if (fabsf(value) < 1e6f && value == floorf(value))
        mf__snprintf(text, FLOAT_TEXT, "%.1f", (double)value);
    else if (!write_fast(text, value))
        write_slowly(text, value);
}

char *mf__u32_text(char text[U32_TEXT], uint32_t value)
{
    char digits[U32_TEXT];
    int n = 0;
    do
        digits[n++] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    while (n > 0)
        *text++ = digits[--n];
    return text;
}
