/* jobs/shared/json_text.h - JSON (RFC 8259) put down as it comes, for long outputs:
 * text and numbers look as jansson writes them with JSON_COMPACT and
 * JSON_REAL_PRECISION(10). */
#ifndef JOBS_SHARED_JSON_TEXT_H
#define JOBS_SHARED_JSON_TEXT_H

#include "jobs/shared/number_text.h"
#include "jobs/shared/page.h"

/* A string: `text`, which is UTF-8, in quotes and escaped; what acts on a terminal
 * too. */
void mf__json_put_text(page *to, const char *text, size_t len);

/* A finite number, ten digits, with a point or an exponent. */
void mf__json_put_real(page *to, double value);

/* The double of ten digits whose text is the float's shortest one
 * (jobs/shared/number_text.h), likewise. */
void mf__json_put_float(page *to, float value);

/* The same, with a NUL behind it. Returns its end. */
char *mf__json_float_text(char text[FLOAT_TEXT], float value);

#endif
