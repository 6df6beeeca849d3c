/* jobs/convert/join_private.h - what the parts of a join share. */
#ifndef JOBS_CONVERT_JOIN_PRIVATE_H
#define JOBS_CONVERT_JOIN_PRIVATE_H

#include <stddef.h>

#include "mf/convert.h"
#include "mf/model.h"

typedef struct join_part {
    char *name; /* of the file, for messages; owned */
    mf_model model;
} join_part;

/* The note of all parts, the caller's to free; NULL if none has one. Returns MF_OK,
 * MF_ENOMEM or MF_ERANGE. */
int mf__join_note(char **out, const join_part *part, size_t parts,
                  mf_err *err) MF_MUST_USE;

/* Provenance: the stages that the joined bundle shall name. */
typedef struct join_chain {
    size_t n, cap;
    mf_stage *stage; /* [n]; owned */
} join_chain;

/* Of shards: what the whole would say, if that is certain. Else what they have
 * in common, and a stage for the join itself. */
int mf__join_chain_shards(join_chain *chain, const join_part *part, size_t parts,
                          mf_err *err) MF_MUST_USE;

/* Of ratings and the factors that were trained on them. */
int mf__join_chain_model(join_chain *chain, const mf_model *ratings,
                         const mf_model *factors, mf_err *err) MF_MUST_USE;

#endif
