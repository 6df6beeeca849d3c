/* data/fields.h - where the lines and fields of a text are. */
#ifndef DATA_FIELDS_H
#define DATA_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A line: offsets into the text. */
typedef struct fields {
    uint32_t begin, end; /* end: of its line feed, or of the text */
    uint32_t tab[2];     /* of the first tabs */
    uint32_t tabs;       /* how many there are */
} fields;

/* Cut the next lines, at most `max`, from *at on, which moves behind them.
 * text[len .. len + 63] must be readable; len is at most 2^32 - 1. *plain is
 * false if there may be bytes among them that are NUL or not ASCII. Returns the
 * number of lines. */
size_t mf__fields_cut(const char *text, size_t len, size_t *at, fields lines[],
                      size_t max, bool *plain);

#endif
