/* jobs/convert/join_models.h - shards of one training become one model. */
#ifndef JOBS_CONVERT_JOIN_MODELS_H
#define JOBS_CONVERT_JOIN_MODELS_H

#include "jobs/convert/join_ratings.h"

/* True if each of several parts holds ratings and a model. */
bool mf__join_are_models(const join_part *part, size_t parts);

/* Put all sections but the end: users and ratings of all, and the item vectors that all
 * share. Returns MF_OK, MF_EFORMAT (they are of several trainings, or have users in
 * common), or what mf__join_ratings does. */
int mf__join_models(const join_part *part, size_t parts, const char *note,
                    mf_bundle_writer *out, join_chain *chain, join_sum *sum,
                    mf_err *err) MF_MUST_USE;

#endif
