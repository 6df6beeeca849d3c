/* data/time.h - moments as whole seconds since 1970-01-01T00:00:00Z. */
#ifndef DATA_TIME_H
#define DATA_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "mf/io.h"

/* The first and the last second that are taken: of the years 0000 and 9999. */
#define MF_TIME_MIN INT64_C(-62167219200)
#define MF_TIME_MAX INT64_C(253402300799)

enum { MF_TIME_TEXT = 24 };

/* Read a moment: seconds since 1970, perhaps negative, with an exponent or
 * none, a fraction rounded down; or ISO 8601, YYYY-MM-DD or
 * YYYY-MM-DDTHH:MM[:SS[.fff]], a blank for the T, then Z, +HH:MM, -HHMM, +HH or
 * nothing, which means UTC. Days are of the Gregorian calendar; second 60 is the next
 * minute's first. False for anything else, and for what lies outside the years 0000 to
 * 9999: milliseconds since 1970, for one. */
bool mf__time_parse(mf_field field, int64_t *seconds);

/* What is wrong with a field that mf__time_parse refused, as words that follow it. */
const char *mf__time_fault(mf_field field);

/* YYYY-MM-DDTHH:MM:SSZ of a moment within the years 0000 to 9999, terminated. */
void mf__time_format(int64_t seconds, char text[MF_TIME_TEXT]);

#endif
