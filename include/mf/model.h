/* mf/model.h - a whole bundle in memory: ratings, model card, factors.
 *
 * What training, evaluation and recommendation read. Nothing is believed
 * before the end frame was verified: the call returns only then. */
#ifndef MF_MODEL_H
#define MF_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/bundle.h"
#include "mf/matrix.h"
#include "mf/ratings.h"

MF_BEGIN_DECLS

typedef struct mf_model {
    mf_header header;
    bool has_ratings, has_factors;
    mf_ratings ratings; /* ids always; cells if has_ratings */
    mf_card card;       /* if has_factors, like what follows */
    mf_tensor users;    /* [users x personas x k] and */
    mf_tensor
        items;    /* [items x 1 x k], with biases and weights if the model has them */
    size_t *zptr; /* [users + 1], or NULL for p = 1 */
    uint8_t *z;   /* [zptr[users]], persona of each training cell; NULL for p = 1 */
    /* [users], or NULL where nobody was folded in: the active personas of each user who
     * was, as bits; 0 for the others. Owned, as all of this is. */
    uint64_t *folded_active;
    size_t history_n, history_cap;
    mf_history_entry *history; /* [history_n] */
    char *note;                /* with its NUL, or NULL; owned */
    size_t stages;
    mf_stage *stage; /* [stages], provenance */
    uint64_t digest; /* of the bundle */
} mf_model;

/* What the caller needs; the rest is verified but not stored. With
 * MF_WANT_WHAT_IS_THERE a section that is missing is no error; with
 * MF_WANT_NO_ROWS the rows are not passed through. With MF_WANT_VALID_AS_TRAIN
 * validation cells are read, and passed through, as training cells. */
enum {
    MF_WANT_RATINGS = 1,
    MF_WANT_FACTORS = 2,
    MF_WANT_WHAT_IS_THERE = 4,
    MF_WANT_NO_ROWS = 8,
    MF_WANT_VALID_AS_TRAIN = 16
};

/* Read all of `in` into *out. If `through` is not NULL, every record that outlives a
 * change (mf_bundle_outlives_change) is passed on to it as it comes, and *reader is
 * left open for mf_bundle_put_end; else reader may be NULL. A section that is wanted
 * and not there is an error that says which stage makes it. The personas of training
 * cells are checked against the ratings.
 * Returns MF_OK, MF_EFORMAT, MF_EIO or MF_ENOMEM; on failure *out is empty
 * and *reader NULL. */
int mf_model_load(mf_model *out, mf_in *in, unsigned want, mf_bundle_writer *through,
                  mf_bundle_reader **reader, mf_err *err) MF_MUST_USE;

void mf_model_free(mf_model *model);

/* Was the model, called `name`, trained on just the training cells of `r`, a
 * bundle called `ratings`, with the same cells held out? By ids and the digests
 * of its card. Returns MF_OK, MF_EFORMAT or MF_ENOMEM. */
int mf_model_fits(const mf_model *model, const char *name, const mf_ratings *r,
                  const char *ratings, mf_err *err) MF_MUST_USE;

/* The active personas of a user, as bits: those that own one of the user's training
 * cells (of a user who was folded in: fold-in cells), or all if none owns one. Where a
 * value says whether an item is liked, presets `implicit` and `wrmf`, those are cells
 * of values above 0, as far as the ratings are there. Only active personas count in the
 * user's scores. */
uint64_t mf_model_active(const mf_model *model, uint32_t user);

MF_END_DECLS

#endif
