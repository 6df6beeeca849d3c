/* jobs/rewrite/split_params.h - the options of mf-split, made definite. */
#ifndef JOBS_REWRITE_SPLIT_PARAMS_H
#define JOBS_REWRITE_SPLIT_PARAMS_H

#include "mf/bundle.h"
#include "mf/split.h"

/* The same with what the method takes where a value is the default. */
mf_split_params mf__split_without_defaults(const mf_split_params *params);

/* True if the method goes by the times of the cells. */
bool mf__split_by_time(const mf_split_params *params);

/* Provenance of such options. */
mf_stage mf__split_stage(const mf_split_params *params);

#endif
