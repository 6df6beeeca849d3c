/* wire/load.h - mf_model_load, whose rows go elsewhere. */
#ifndef WIRE_LOAD_H
#define WIRE_LOAD_H

#include "mf/model.h"

/* Takes a block of rows, with the folds that are wanted. Of `model` header and ids are
 * there. Returns MF_OK or a failure. */
typedef struct mf_row_sink {
    void *self;
    int (*put)(void *self, const mf_model *model, const mf_row_block *rows,
               mf_err *err);
} mf_row_sink;

/* mf_model_load; unless `sink` is NULL it takes the rows, and model->ratings has
 * neither cells nor row pointers. */
int mf__model_load(mf_model *out, mf_in *in, unsigned want, const mf_row_sink *sink,
                   mf_bundle_writer *through, mf_bundle_reader **reader,
                   mf_err *err) MF_MUST_USE;

#endif
