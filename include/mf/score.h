/* mf/score.h - the job of mf-score: what a model says of given users and items.
 *
 * A score is that of mf/recommend.h, to the bit, whether the item is known to the user
 * or not. */
#ifndef MF_SCORE_H
#define MF_SCORE_H

#include <stdbool.h>
#include <stdint.h>

#include "mf/err.h"
#include "mf/io.h"

MF_BEGIN_DECLS

typedef struct mf_score_params {
    uint32_t persona;  /* this one alone is active, from 1; 0: all */
    bool header;       /* the first line names the columns; false */
    bool skip_unknown; /* leave out lines of unknown users or items; false */
    bool no_fallback;  /* what is popular says nothing of anybody; false */
    int threads;       /* 0: all */
    const mf_report *report;
} mf_score_params;

mf_score_params mf_score_defaults(void);

/* Returns MF_OK or MF_EINVAL. */
int mf_score_check(const mf_score_params *params, mf_err *err) MF_MUST_USE;

/* Read the model from `model`, then lines `user item ...`, parted by TABs, from
 * `pairs`, and write each to `out` with two more fields: its score, the shortest
 * decimal that reads back as the same float, and the persona that gives it, from 1.
 * Lines come out in their order; all fields stay as they are; CRLF becomes LF. With
 * `header`, the first line says by its names where the user and the item stand, or is
 * an error, and gets the names `score` and `persona`. Users held out whole are folded
 * in from their fold-in cells.
 *
 * Of a user of whom the model knows nothing (mf/recommend.h), the persona is 0 and the
 * score mu + b_u + b_i, if the model has biases; else the number of the item's
 * listeners or, with no_fallback or without ratings, 0. A warning says so.
 *
 * An unknown user or item is an error that names the line and the nearest ids, or with
 * skip_unknown such lines are left out, and a warning says how many. Lines before one
 * that fails may have been written.
 *
 * Beyond the model, memory does not grow with the lines; the bytes do not depend on
 * the threads. Returns MF_OK, MF_EINVAL (also: the model has no such persona),
 * MF_EFORMAT, MF_ERANGE, MF_EMATH (a user who cannot be folded in), MF_EIO or
 * MF_ENOMEM. */
int mf_score_run(mf_in *model, mf_in *pairs, mf_out *out, const mf_score_params *params,
                 mf_err *err) MF_MUST_USE;

MF_END_DECLS

#endif
