/* data/text.h - fields and numbers in a line of text. */
#ifndef DATA_TEXT_H
#define DATA_TEXT_H

#include <stdbool.h>

#include "mf/io.h"

/* Cut a line at each separator, into at most `max` fields; the last one keeps
 * what is left. Returns the number of fields. */
size_t mf__text_split(mf_field line, const char *separator, mf_field fields[],
                      size_t max);

/* Decimal digits alone, at most 4294967295. False for anything else. */
bool mf__text_u32(mf_field field, uint32_t *value);

/* A finite decimal number of at most 63 characters, as strtof reads it but without
 * hexadecimal, "inf", "nan" or blanks, that a float can hold. False for anything
 * else. */
bool mf__text_float(mf_field field, float *value);

/* What could make a number of a field that is none: "; decimals are written with a
 * point, not a comma", "; ..." or "". */
const char *mf__text_number_hint(mf_field field);

/* A field of a TREC run or qrels file, whose fields are separated by white space: in
 * `text`, UTF-8, the bytes of white space (also that of Unicode, at which some readers
 * split), of control characters and of '%' become %XX, so that no two texts
 * become one. Returns the number of bytes written, at most 3 * len. */
size_t mf__text_trec(char to[], const char *text, size_t len);

#endif
