/* jobs/shared/json.h - jansson, whatever the locale (base/number.h). */
#ifndef JOBS_SHARED_JSON_H
#define JOBS_SHARED_JSON_H

#include <jansson.h>

/* Copy JSON with \u escapes in the place of what acts on a terminal (mf__utf8_acts) and
 * which JSON allows as it is: such characters stand in strings alone. Returns the
 * number of bytes written, at most 6 * len; one more is touched. */
size_t mf__json_escape(char to[], const char *text, size_t len);

/* As json_dumps, escaped so, and json_loadb. */
char *mf__json_dumps(const json_t *json, size_t flags);
json_t *mf__json_loadb(const char *text, size_t len, size_t flags, json_error_t *error);

#endif
