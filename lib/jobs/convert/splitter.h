/* jobs/convert/splitter.h - a text as records of fields. */
#ifndef JOBS_CONVERT_SPLITTER_H
#define JOBS_CONVERT_SPLITTER_H

#include "jobs/shared/csv.h"
#include "mf/convert.h"

enum { SEPARATOR_MAX = 16 }; /* bytes */

/* What stands between two fields. */
typedef struct separator {
    char text[SEPARATOR_MAX + 1]; /* "": runs of blanks and TABs */
    const char *name;             /* of --separator, in its canonical form */
} separator;

/* Read --separator (NULL: the format's own) into *s, which borrows `text`. Returns
 * MF_OK or MF_EINVAL. */
int mf__separator_read(separator *s, mf_format format, const char *text,
                       mf_err *err) MF_MUST_USE;

/* What --separator or --from would make of the line, which is one field as it is, as in
 * "; the fields look separated by ';': say --separator=';'"; "" if there is no
 * guess. */
const char *mf__separator_hint(mf_format format, mf_field line);

typedef struct splitter {
    mf_format format;
    separator between;
    csv csv;        /* and the lines of all formats */
    uint64_t blank; /* the first of the empty lines that were just read, or 0 */
} splitter;

/* Zeroed before; the lines are borrowed. Returns MF_OK or MF_EINVAL. */
int mf__splitter_open(splitter *s, mf_lines *lines, mf_format format,
                      const char *between, mf_err *err) MF_MUST_USE;
void mf__splitter_close(splitter *s);

/* The next record, of *n fields; at most `max` of them are stored, and unless it is CSV
 * the last of them keeps what follows. Borrowed until the next call. Empty lines at the
 * end of the text are stepped over, elsewhere they are errors. Returns 1, 0 at the end,
 * MF_EFORMAT, MF_EIO or MF_ENOMEM. */
int mf__splitter_next(splitter *s, mf_field field[], size_t max, size_t *n,
                      mf_err *err) MF_MUST_USE;

/* The same for the next line, whole. */
int mf__splitter_line(splitter *s, mf_field *line, mf_err *err) MF_MUST_USE;

/* Cut at runs of blanks and TABs, into at most `max` words. Returns how many there are,
 * at most max + 1. */
size_t mf__split_words(mf_field line, mf_field word[], size_t max);

#endif
