/* jobs/shared/fold_model.h - placing the held-out users of a model, for the jobs that
 * list items for them: evaluate and recommend. */
#ifndef JOBS_SHARED_FOLD_MODEL_H
#define JOBS_SHARED_FOLD_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "mf/io.h"
#include "mf/model.h"

/* Fold in those of the n given users (NULL: of all) who have fold-in cells and no
 * training cell that says something (in a model without ratings, nobody): model->users
 * gets their vectors and biases, model->folded_active their active personas. `name` is
 * that of the model's file, for messages. A user's result does not depend on who else
 * is given, nor on the number of threads (0: all). Returns MF_OK, MF_EFORMAT (the card
 * does not say what the model is, or a value does not fit it), MF_EMATH or
 * MF_ENOMEM. */
int mf__model_fold_in(mf_model *model, const char *name, size_t n,
                      const uint32_t user[], int threads, const mf_report *report,
                      mf_err *err) MF_MUST_USE;

#endif
