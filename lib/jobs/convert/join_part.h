/* jobs/convert/join_part.h - the bundles that a join puts together. */
#ifndef JOBS_CONVERT_JOIN_PART_H
#define JOBS_CONVERT_JOIN_PART_H

#include <stddef.h>

#include "mf/io.h"
#include "mf/model.h"

typedef struct join_part {
    char *name; /* of the file, for messages; owned */
    mf_model model;
} join_part;

/* The note of all parts, the caller's to free; NULL if none has one. Returns MF_OK,
 * MF_ENOMEM or MF_ERANGE. */
int mf__join_note(char **out, const join_part *part, size_t parts,
                  mf_err *err) MF_MUST_USE;

/* See that the ids of parts of ratings mean the same. Numbers of the rows and columns
 * of matrices that do not are refused; other ids that are one number in two spellings
 * are a warning. Returns MF_OK, MF_EFORMAT or MF_ENOMEM. */
int mf__join_ids(const join_part *part, size_t parts, const mf_report *report,
                 mf_err *err) MF_MUST_USE;

#endif
