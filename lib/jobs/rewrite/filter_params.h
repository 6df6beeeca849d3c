/* jobs/rewrite/filter_params.h - what the options of mf-filter mean. */
#ifndef JOBS_REWRITE_FILTER_PARAMS_H
#define JOBS_REWRITE_FILTER_PARAMS_H

#include "mf/bundle.h"
#include "mf/filter.h"

/* Provenance, after all lists were read. */
mf_stage mf__filter_stage(const mf_filter_params *params, const mf_filter_lists *lists);

#endif
