/* jobs/evaluate/formats.h - an evaluation in the formats of mf-eval(1). */
#ifndef JOBS_EVALUATE_FORMATS_H
#define JOBS_EVALUATE_FORMATS_H

#include "mf/evaluate.h"

enum { EVALUATION_DIGITS = 10 }; /* of a number for programs */

/* Writes a result. Returns MF_OK, MF_EIO or MF_ENOMEM. */
typedef int evaluation_format(const mf_evaluation *e, const mf_evaluation_style *style,
                              mf_out *out, mf_err *err);
evaluation_format mf__evaluation_text, mf__evaluation_tsv, mf__evaluation_json,
    mf__evaluation_table;

/* What formats for people share. The columns that a text takes, whose letters may have
 * several bytes: */
int mf__columns(const char *text);

enum { EVALUATION_NUMBER = 32 };

/* A number for people: five decimals, or five digits where it is large. */
const char *mf__plain(double x, bool sign, char text[EVALUATION_NUMBER]);

/* What was measured, on whom, and what must be known to read it: lines of words.
 * `tested`: p-values are shown. */
void mf__evaluation_notes(const mf_evaluation *e, bool tested, mf_out *out);

#endif
