/* jobs/convert/private.h - what the formats of mf-convert share. */
#ifndef JOBS_CONVERT_PRIVATE_H
#define JOBS_CONVERT_PRIVATE_H

#include "jobs/convert/cells.h"
#include "mf/bundle.h"
#include "mf/convert.h"
#include "mf/model.h"

/* What a cell is made of, in the order of --columns. */
enum { COL_USER, COL_ITEM, COL_VALUE, COL_FOLD, COLS };

enum {
    COLUMN_MAX = 256, /* columns of a file that can be asked for */
    KEY_MAX = 255,    /* bytes of a key of ndjson */
    CHOSEN = 128      /* room for the columns in their canonical form */
};

/* Cut "U,I[,V[,F]]" into its parts. Returns their number, or 0 if they are not
 * two to four or one is empty. */
size_t mf__convert_columns(const char *text, mf_field part[COLS]);

/* Readers: all of the input into cells. `chosen`, [CHOSEN], gets the columns in
 * their canonical form, for provenance. */
int mf__delimited_read(cells *c, mf_lines *lines, const mf_convert_from_params *params,
                       char *chosen, mf_err *err) MF_MUST_USE;
int mf__ndjson_read(cells *c, mf_lines *lines, const mf_convert_from_params *params,
                    char *chosen, mf_err *err) MF_MUST_USE;
int mf__mtx_read(cells *c, mf_lines *lines, mf_err *err) MF_MUST_USE;
int mf__npz_read(cells *c, mf_in *in, uint64_t *digest, mf_err *err) MF_MUST_USE;

/* Writers of ratings and factors that are not lines of fields. */
int mf__mtx_write(mf_out *out, const mf_model *model, mf_err *err) MF_MUST_USE;
int mf__npz_write(mf_out *out, const mf_model *model, mf_err *err) MF_MUST_USE;
int mf__npy_write_factors(mf_out *out, const mf_tensor *factors,
                          mf_err *err) MF_MUST_USE;
/* Its biases, which it has, as an array [n]. */
int mf__npy_write_biases(mf_out *out, const mf_tensor *factors,
                         mf_err *err) MF_MUST_USE;

/* Header, note (NULL: none), ids and rows. `nnz_known`: as the header shall say. */
int mf__ratings_put(mf_bundle_writer *w, const mf_ratings *ratings, mf_value value,
                    bool nnz_known, const char *note, mf_err *err) MF_MUST_USE;

#endif
