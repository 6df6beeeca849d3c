/* jobs/train/checkpoint.h - the state of training, to go on after an interruption.
 *
 * A checkpoint is a stream of frames as in a bundle (wire/frame.h), so that a cut or
 * damaged one is found, but it is not a bundle: C (the run that wrote it), h (history),
 * F (factors, in pieces), E (end). It belongs to one version of this program, one set
 * of parameters and one set of cells. */
#ifndef JOBS_TRAIN_CHECKPOINT_H
#define JOBS_TRAIN_CHECKPOINT_H

#include "mf/als.h"
#include "mf/bundle.h"

/* What a run must have in common with the one that wrote the checkpoint to go on from
 * it. */
typedef struct checkpoint_of {
    mf_stage stage;   /* options and inputs that decide the result */
    uint64_t ratings; /* digest of cells and ids */
    uint32_t users, items, k, personas;
    bool bias;    /* the factors have biases */
    size_t cells; /* that have a persona */
} checkpoint_of;

typedef struct checkpoint {
    uint32_t iteration;
    size_t history_n, history_cap;
    mf_history_entry *history; /* [history_n]; owned */
    mf_als_factors now;        /* after `iteration` sweeps */
    bool has_best;
    mf_als_factors best; /* if has_best: those of the best sweep, an earlier one */
} checkpoint;

void mf__checkpoint_free(checkpoint *c);

/* Factors to be written; borrowed. */
typedef struct checkpoint_state {
    const mf_tensor *users, *items;
    const uint8_t *z, *next_z; /* next_z may be NULL */
} checkpoint_state;

/* Write the state after so many sweeps, and `best` if it is not NULL. Nothing is
 * flushed. */
int mf__checkpoint_write(mf_out *out, const checkpoint_of *of, uint32_t iteration,
                         const checkpoint_state *now, size_t n,
                         const mf_history_entry history[], const checkpoint_state *best,
                         mf_err *err) MF_MUST_USE;

/* Read one that was written for `of`. On failure *c is empty. Returns MF_OK,
 * MF_EFORMAT (damaged, or of other parameters or ratings), MF_EIO or MF_ENOMEM. */
int mf__checkpoint_read(checkpoint *c, mf_in *in, const checkpoint_of *of,
                        mf_err *err) MF_MUST_USE;

#endif
