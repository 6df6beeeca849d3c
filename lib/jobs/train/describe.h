/* jobs/train/describe.h - what the model card and the provenance say of a training. */
#ifndef JOBS_TRAIN_DESCRIBE_H
#define JOBS_TRAIN_DESCRIBE_H

#include "mf/als.h"
#include "mf/bundle.h"

/* The same parameters where each that has no effect has one value, so that equal models
 * are equal bytes. */
mf_als_params mf__train_canonical(const mf_als_params *params);

/* The card of a model with such parameters, without what training finds out; w0 is a
 * plain number by now (mf_als_settle). */
mf_card mf__train_card(const mf_als_params *params);

/* The stage of mf-als with such parameters, w0 in the unit that was asked for, without
 * the options of the job. */
mf_stage mf__train_stage(const mf_als_params *params);

#endif
