/* jobs/shared/header.h - lines of names, as those who wrote a file call its columns. */
#ifndef JOBS_SHARED_HEADER_H
#define JOBS_SHARED_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "mf/io.h"

/* Usual spellings, in lower case without blanks, '_', '-' and '.'; the first is our
 * own. Each list ends with NULL. */
extern const char *const mf__header_users[];
extern const char *const mf__header_items[];

/* How a name stands for one of these spellings, whatever its case, blanks, '_', '-' and
 * '.': 0 it does not, 2 for our own, 1 for another. */
int mf__header_stands_for(mf_field name, const char *const spelling[]);

/* The names, each in quotes as mf__quoted has it, as far as they fit; the first
 * does. */
typedef struct header_list {
    char text[240];
} header_list;
header_list mf__header_list(const mf_field name[], size_t n);

#endif
