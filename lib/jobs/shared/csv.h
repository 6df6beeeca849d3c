/* jobs/shared/csv.h - comma-separated values, RFC 4180: records are read for convert,
 * fields written for what table.h serves.
 *
 * Fields may be quoted with ", a quote in them is doubled, and a quoted field
 * may go on over lines. What RFC 4180 leaves open is an error: a quote inside
 * a bare field, text after a closing quote, a quote that is never closed. */
#ifndef JOBS_SHARED_CSV_H
#define JOBS_SHARED_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "jobs/shared/page.h"
#include "mf/io.h"

typedef struct csv {
    mf_lines *lines; /* borrowed */
    char separator;  /* of fields; NUL: a comma */
    bool begun;      /* the first line was read already: it is */
    mf_field first;  /* this one, borrowed until the first call */
    char *text;      /* the record's fields, one after the other; owned */
    size_t cap;
} csv;

void mf__csv_close(csv *reader);

/* The next record; at most `max` of its fields are stored, *n is how many it
 * has. Borrowed until the next call. Returns 1, 0 at the end, MF_EFORMAT,
 * MF_EIO or MF_ENOMEM. */
int mf__csv_next(csv *reader, mf_field field[], size_t max, size_t *n,
                 mf_err *err) MF_MUST_USE;

/* Put a field down, in quotes where it needs them to be read back as it is. */
void mf__csv_put(page *to, const char *text, size_t len, char separator);

#endif
