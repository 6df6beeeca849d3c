/* jobs/score/header.h - where a line has its user and its item. */
#ifndef JOBS_SCORE_HEADER_H
#define JOBS_SCORE_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "mf/io.h"

/* Fields of a line, from 0. */
typedef struct score_places {
    size_t user, item;
} score_places;

/* The first two: lines without a header. */
#define SCORE_PLACES ((score_places){0, 1})

/* What a line that names the columns says of the others; the words of an error do not
 * say where it stands. Returns MF_OK or MF_EFORMAT. */
int mf__score_header(mf_field line, score_places *places, mf_err *err) MF_MUST_USE;

/* Are they those of lines without a header? */
bool mf__score_places_usual(const score_places *places);

/* Field `place` of a line. False, and the last, if it has fewer. */
bool mf__score_field(mf_field line, size_t place, mf_field *out);

#endif
