/* mf/transform.h - changes the values of a bundle, one operation after the
 * other.
 *
 * Values are taken as doubles, counts exactly, and go through all operations
 * before they are rounded once, to f32. Statistics (means, document
 * frequencies, lengths) are of training and fold-in cells alone, of the values
 * as the operations before left them, and are applied to the cells of every
 * fold. Below, u is the user of a cell, i its item, x its value. */
#ifndef MF_TRANSFORM_H
#define MF_TRANSFORM_H

#include <stdbool.h>
#include <stddef.h>

#include "mf/io.h"

MF_BEGIN_DECLS

typedef enum mf_transform_kind {
    MF_OP_LOG2,      /* log2(x + a) */
    MF_OP_USER_MEAN, /* x / mean of u's values; a user without known cells keeps x */
    MF_OP_BINARIZE,  /* 1 if x >= a, else 0: the cell stays */
    MF_OP_OFFSET,    /* x + a */
    MF_OP_TFIDF,     /* sqrt(x) idf */
    MF_OP_BM25       /* x (K1 + 1) / (K1 (1 - B + B length / mean length) + x) idf,
                        K1 = a, B = b. idf = ln(N / (1 + df)), but no less than 0, for
                        N documents, df of them with the term in a cell above 0;
                        length: the sum of a document */
} mf_transform_kind;

typedef struct mf_transform_op {
    mf_transform_kind kind;
    double a, b;
    bool items; /* tfidf, bm25: items are the documents and users the terms, not
                   the other way round */
} mf_transform_op;

enum { MF_TRANSFORM_OPS = 16, MF_TRANSFORM_TEXT = 80 };

/* Read "NAME" or "NAME:ARG,..." as on the command line. Returns MF_OK or
 * MF_EINVAL. */
int mf_transform_parse(mf_transform_op *op, const char *text, mf_err *err) MF_MUST_USE;

/* An operation in the one form that provenance has, all arguments given. */
void mf_transform_format(const mf_transform_op *op, char text[MF_TRANSFORM_TEXT]);

typedef struct mf_transform_params {
    size_t n;
    mf_transform_op op[MF_TRANSFORM_OPS]; /* applied from the first to the last */
} mf_transform_params;

/* Returns MF_OK or MF_EINVAL: no operation, or more than provenance holds. */
int mf_transform_check(const mf_transform_params *params, mf_err *err) MF_MUST_USE;

/* Read a bundle from `in`, write it to `out` with new values. Rows stream and
 * the ids are held; but each tfidf or bm25 needs all rows before the first can
 * be written: then a regular file is read once more for each, and once to be
 * written, and of any other input the ratings, as they were read, are held. A
 * value that is not finite is an error that names user and item. What does not outlive
 * a change (mf_bundle_outlives_change) is dropped, which is reported.
 * Returns MF_OK, MF_EINVAL, MF_EFORMAT, MF_EIO, MF_ENOMEM or MF_ERANGE. */
int mf_transform_run(mf_in *in, mf_out *out, const mf_transform_params *params,
                     const mf_report *report, mf_err *err) MF_MUST_USE;

MF_END_DECLS

#endif
