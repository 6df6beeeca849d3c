/* jobs/convert/join_chain.h - the provenance of a join. */
#ifndef JOBS_CONVERT_JOIN_CHAIN_H
#define JOBS_CONVERT_JOIN_CHAIN_H

#include "jobs/convert/join_part.h"
#include "mf/convert.h"

/* The stages that the joined bundle shall name. */
typedef struct join_chain {
    size_t n, cap;
    mf_stage *stage; /* [n]; owned */
} join_chain;

/* Of ratings: what the whole would say, if that is certain. Else what they have
 * in common, and a stage for the join itself. `rule` says how users in common were
 * merged; NULL: there are none. Returns MF_OK, MF_EFORMAT (a shard is missing, or there
 * twice, or is of another whole) or MF_ENOMEM. */
int mf__join_chain_ratings(join_chain *chain, const join_part *part, size_t parts,
                           const mf_duplicates *rule, mf_err *err) MF_MUST_USE;

/* Of ratings and the factors that were trained on them. Returns MF_OK or MF_ENOMEM. */
int mf__join_chain_model(join_chain *chain, const mf_model *ratings,
                         const mf_model *factors, mf_err *err) MF_MUST_USE;

#endif
