/* mf/train.h - the job of mf-als: a bundle of ratings in, the same with a
 * model out. */
#ifndef MF_TRAIN_H
#define MF_TRAIN_H

#include "mf/als.h"
#include "mf/io.h"
#include "mf/metrics.h"

MF_BEGIN_DECLS

/* Where checkpoints go: `begin` hands out an empty output, which the store
 * owns, and `commit` puts what was written to it in the place of the last
 * checkpoint, at once. Both return MF_OK or a failure. */
typedef struct mf_train_store {
    void *self;
    int (*begin)(void *self, mf_out **out, mf_err *err);
    int (*commit)(void *self, mf_err *err);
} mf_train_store;

#define MF_PATIENCE_AUTO UINT32_MAX

typedef struct mf_train_params {
    mf_als_params als;
    mf_metric watch;   /* on validation cells after each sweep; name "": rmse where
                          the target is the value, else ndcg@100 */
    uint32_t patience; /* stop when the watched metric has not improved for so many
                          sweeps after the warm-up, and keep the best; 0: never;
                          MF_PATIENCE_AUTO: 3 where there are validation cells, and
                          then als.iterations is raised to 16; else never */
    double tol;        /* stop when the loss falls by less than this share in a
                          sweep; 0: never */
    bool factors_only; /* leave the ratings out */
    bool all_known;    /* validation cells become training cells, in the result too;
                          not with factors_only */
    mf_in *init;       /* a bundle with the model to start from (als.init is then
                          MODEL), or NULL */
    mf_in *resume;     /* a checkpoint to go on from, or NULL */
    size_t memory;     /* bytes that the process may take: what does not fit is in
                          temporary files, and the result is the same; 0: no bound.
                          Not with init, resume, checkpoint or several ranks */
    const char *tmpdir; /* where these files are; NULL: TMPDIR, or /tmp */
    bool shards_in, shards_out; /* under als.ranks: every rank reads, or writes, a
                          bundle of its own users; else rank 0 alone. What is read in
                          shards is written in shards */
    mf_out *log;       /* gets a JSON object for each half-sweep, or NULL */
    void *log_self;    /* handed to */
    int (*log_begin)(void *self, mf_err *err); /* called before the first of them, when
                          the input has been read; MF_OK or a failure; or NULL */
    const mf_train_store *checkpoint;          /* written after every sweep, or NULL */
    const mf_report *report;                   /* or NULL */
} mf_train_params;

mf_train_params mf_train_defaults(mf_preset preset);

/* Returns MF_OK, or MF_EINVAL with the parameter that is out of range. */
int mf_train_check(const mf_train_params *params, mf_err *err) MF_MUST_USE;

/* Read a bundle from `in`, train on its training cells, and write the bundle
 * with model card, factors and history to `out`. A model that was there is
 * replaced. Users without training cells get zero vectors. Validation cells,
 * if there are any, are measured and never trained on. A run that was
 * interrupted and goes on from its checkpoint writes the same bytes.
 *
 * Under als.ranks `in` and `out` are NULL with ranks that do not read or write; rank
 * 0 deals the users out and collects the result. `resume` and `log` are NULL but with
 * rank 0, and `checkpoint`, which they all have or none, is called by rank 0 alone.
 * Returns MF_OK or the first failure; what was written then has no end frame. */
int mf_train_run(mf_in *in, mf_out *out, const mf_train_params *params,
                 mf_err *err) MF_MUST_USE;

MF_END_DECLS

#endif
