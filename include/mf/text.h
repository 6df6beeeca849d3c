/* mf/text.h - lines and fields of text files.
 *
 * A line ends with LF or CRLF; a byte order mark at the start is skipped; the
 * last line need not end. A NUL, bytes that are not UTF-8, a line longer than
 * MF_LINE_MAX, and gzip or zstd data are errors with file and line. */
#ifndef MF_TEXT_H
#define MF_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/err.h"
#include "mf/io.h"

enum { MF_LINE_MAX = 1 << 20 };

typedef struct mf_lines mf_lines;

/* A piece of a line; borrowed, not terminated. */
typedef struct mf_field {
    const char *text;
    size_t len;
} mf_field;

/* Read lines from `fd`, called `name` in messages. */
int mf_lines_open(mf_lines **out, int fd, const char *name, mf_err *err) MF_MUST_USE;
void mf_lines_close(mf_lines *lines);

/* The next line, without its end; borrowed until the next call. Returns 1 for
 * a line, 0 at the end, MF_EFORMAT, MF_EIO or MF_ENOMEM. */
int mf_lines_next(mf_lines *lines, mf_field *line, mf_err *err) MF_MUST_USE;

const char *mf_lines_name(const mf_lines *lines);

/* The number of the line last read; the first is 1. */
uint64_t mf_lines_number(const mf_lines *lines);

/* The digest of the lines read so far that does not depend on their order:
 * the sum of XXH3-64 of each line without its end, modulo 2^64. */
uint64_t mf_lines_digest(const mf_lines *lines);

/* Fail with "file:line: " before the words. Returns MF_EFORMAT. */
int mf_lines_fail(const mf_lines *lines, mf_err *err, const char *format, ...)
    MF_PRINTF(3, 4);

/* Before the first line of a text: step over a byte order mark, refuse packed
 * data. Returns MF_OK, MF_EFORMAT, MF_EIO or MF_ENOMEM. */
int mf_text_begin(mf_in *in, mf_err *err) MF_MUST_USE;

/* Cut a line at each separator, into at most `max` fields; the last one keeps
 * what is left. Returns the number of fields. */
size_t mf_text_split(mf_field line, const char *separator, mf_field fields[],
                     size_t max);

/* Decimal digits alone, at most 4294967295. False for anything else. */
bool mf_text_u32(mf_field field, uint32_t *value);

/* A finite decimal number of at most 63 characters, as strtod reads it but without hexadecimal, "inf",
 * "nan" or blanks, that a float can hold. False for anything else. */
bool mf_text_float(mf_field field, float *value);

/* A field of a TREC run or qrels file, whose fields are parted by white space: of
 * `text`, UTF-8, the bytes of white space (that of Unicode too, which some readers
 * part by), of control characters and of '%' become %XX, so that no two texts
 * become one. Returns the number of bytes written, at most 3 * len. */
size_t mf_text_trec(char to[], const char *text, size_t len);

#endif
