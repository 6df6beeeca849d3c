/* base/number.h - numbers as text, whatever the locale.
 *
 * Once a program has called setlocale, printf writes the decimal point of its language
 * and strtod expects it. The library's numbers have "." always: no float is parsed or
 * formatted but by the functions below, by mf_fail and by mf_out_printf. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <locale.h>

#include "mf/err.h"

/* As strtof, strtod, snprintf and vsnprintf in the locale "C". */
float mf__strtof(const char *text, char **end);
double mf__strtod(const char *text, char **end);
int mf__snprintf(char *text, size_t size, const char *format, ...) MF_PRINTF(3, 4);
int mf__vsnprintf(char *text, size_t size, const char *format, va_list args)
    MF_PRINTF(3, 0);

/* Put more behind the text of `used` bytes in room for `size`, as mf__snprintf does;
 * what does not fit is cut. Returns how many bytes the text has, at most size - 1. */
size_t mf__append(char *text, size_t size, size_t used, const char *format, ...)
    MF_PRINTF(4, 5);

/* Between the two, "." is the decimal point of this thread: for calls of libraries
 * that format or parse by themselves. */
locale_t mf__point_begin(void);
void mf__point_end(locale_t before);

/* The end of a noun that stands behind a number: "%zu item%s". */
const char *mf__plural(uint64_t n);

enum { NUMBER_TEXT = 32 };

/* The text of fewest digits that gives a finite number back: of "%.1g", "%.2g" ... the
 * first that does. */
void mf__number_shortest(char text[NUMBER_TEXT], double value);

/* The same, but a whole number below 10^15 is written without an exponent. */
void mf__number_plain(char text[NUMBER_TEXT], double value);

#endif
