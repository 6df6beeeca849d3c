/* jobs/evaluate/formats.h - an evaluation in the formats of mf-eval(1). */
#ifndef JOBS_EVALUATE_FORMATS_H
#define JOBS_EVALUATE_FORMATS_H

#include "mf/evaluate.h"

enum { EVALUATION_DIGITS = 10 }; /* of a number for programs */

/* Writes a result. Returns MF_OK, MF_EIO or MF_ENOMEM. */
typedef int evaluation_format(const mf_evaluation *e, mf_out *out, mf_err *err);
evaluation_format mf__evaluation_text, mf__evaluation_tsv, mf__evaluation_json;

#endif
