/* jobs/convert/unread.h - columns of a table that are not read, though nobody said so.
 *
 * Without --columns they are named in a warning. A column 4 of 0 to 3 alone, in a file
 * without a header, is where mf-convert writes folds: test cells must not become
 * training cells without a word, so such a file is refused. */
#ifndef JOBS_CONVERT_UNREAD_H
#define JOBS_CONVERT_UNREAD_H

#include <stdbool.h>
#include <stddef.h>

#include "jobs/convert/cells.h"
#include "jobs/convert/columns.h"

enum { UNREAD_WORDS = 400 };

typedef struct unread {
    size_t n;       /* columns not read */
    char list[240]; /* of them, by name or number */
    size_t fields;  /* of the first line, of a file without a header */
    size_t time;    /* from 1, the first that looks like a time, or 0 */
    bool words;     /* more columns than a table has, as of a user's list */
    bool folds;     /* column 4 was 0 to 3 in all lines so far, */
    bool above;     /* and not always 0 */
} unread;

/* Of n columns of a header, those of place[] are read. */
void mf__unread_names(unread *u, const mf_field name[], size_t n,
                      const size_t place[COLS]);

/* The first line of a file without a header, of which columns 1 to 3 are read. */
void mf__unread_first(unread *u, const mf_field field[], size_t n);

/* A further one, cut into n fields: more than 4 while u->folds. */
static inline void unread_next(unread *u, const mf_field field[], size_t n)
{
    if (u->folds) {
        u->folds = n > 3 && field[3].len == 1 && field[3].text[0] >= '0' &&
                   field[3].text[0] <= '3';
        u->above |= u->folds && field[3].text[0] != '0';
    }
}

/* A date, or seconds since 1970 that are not just a count. */
bool mf__looks_like_time(mf_field field);

/* After the last line: what to warn of, or "". `columns` are those that were read.
 * Returns MF_OK or MF_EFORMAT. */
int mf__unread_end(const unread *u, const cells *c, const char *columns,
                   char words[UNREAD_WORDS], mf_err *err) MF_MUST_USE;

#endif
