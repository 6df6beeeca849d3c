/* jobs/recommend/replay.h - the cells of a new user are made what those of the model
 * are, by its provenance: mf-transform changed their values, mf-filter --value left
 * some out. */
#ifndef JOBS_RECOMMEND_REPLAY_H
#define JOBS_RECOMMEND_REPLAY_H

#include "mf/model.h"

typedef struct replay_row {
    size_t n;       /* in: all cells; out: those that are kept, which stand first */
    uint32_t *item; /* [n], borrowed, like what follows: changed in place */
    float *value;
    bool *given;           /* a value was; what is named without one is liked */
    bool sizes;            /* the model takes notice of how large values are */
    bool numbers;          /* values are numbers to be predicted */
    const char *condition; /* out: what the first cell was left out by, or NULL; of the
                              model */
} replay_row;

/* *done is false where something cannot be done to one row, or provenance does not say
 * to which rows it was done, as where some of the bundles of a join were transformed:
 * then values stay as they are. Returns MF_OK or MF_ENOMEM. */
int mf__rec_replay(replay_row *row, const mf_model *model, bool *done,
                   mf_err *err) MF_MUST_USE;

#endif
