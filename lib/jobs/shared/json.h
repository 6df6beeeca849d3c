/* jobs/shared/json.h - jansson, whatever the locale (base/number.h). */
#ifndef JOBS_SHARED_JSON_H
#define JOBS_SHARED_JSON_H

#include <jansson.h>

/* As json_dumps and json_loadb. */
char *mf__json_dumps(const json_t *json, size_t flags);
json_t *mf__json_loadb(const char *text, size_t len, size_t flags, json_error_t *error);

#endif
