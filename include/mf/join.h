/* mf/join.h - the job of mf-convert --join: bundles put together.
 *
 * Shards: bundles of disjoint users become one, whose items are the union of
 * theirs, with the bytes that the whole would have had. Or: a bundle of ratings
 * and one of factors become a model, if the factors were trained on just these
 * cells. All is in memory; frames and keys that this version does not know are
 * left out. */
#ifndef MF_JOIN_H
#define MF_JOIN_H

#include "mf/io.h"
#include "mf/report.h"

typedef struct mf_join mf_join;

int mf_join_open(mf_join **out, mf_err *err) MF_MUST_USE;
void mf_join_close(mf_join *join);

/* Read one more bundle, to its verified end. The order does not matter. Returns
 * MF_OK, MF_EFORMAT, MF_EIO or MF_ENOMEM. */
int mf_join_put(mf_join *join, mf_in *in, mf_err *err) MF_MUST_USE;

/* Check that the bundles fit, write what they make together. Returns MF_OK,
 * MF_EFORMAT (a user in two bundles, counts beside floats, a shard that is
 * missing, factors of other ratings), MF_ERANGE, MF_EIO or MF_ENOMEM.
 * O(cells + ids log ids). */
int mf_join_finish(mf_join *join, mf_out *out, const mf_report *report,
                   mf_err *err) MF_MUST_USE;

#endif
