/* jobs/tune/space.h - points of the search as settings of mf-als, and as words. */
#ifndef JOBS_TUNE_SPACE_H
#define JOBS_TUNE_SPACE_H

#include "jobs/tune/optimizer.h"
#include "mf/tune.h"

typedef struct space {
    mf_als_params base; /* at the start */
    bool sweeps, warmup;
    size_t axes;
    mf_tune_axis what[MF_TUNE_AXES];   /* [axes] */
    optimizer_axis axis[MF_TUNE_AXES]; /* [axes] */
} space;

/* The start is where the parameters are, or for those that are left to the training
 * cells and are searched what these say, as a number of three digits. On an axis with a
 * range it is moved to that. Returns MF_OK or MF_ENOMEM. */
int mf__space_make(space *s, const mf_tune_params *params, const mf_csr *train,
                   mf_err *err) MF_MUST_USE;

/* The settings of a point, without a number of sweeps. */
mf_als_params mf__space_at(const space *s, const optimizer_point *point);

/* Set the sweeps, and with them the warm-up unless that is given, of a short trial, and
 * at most of a whole one. Settings are canonical then. */
void mf__space_short(const space *s, mf_als_params *p);
void mf__space_whole(const space *s, mf_als_params *p);

enum { SPACE_TEXT = 64, SPACE_OPTIONS = 2048 };

/* The value of axis j as an option's value: "8x", ".01". Of lambda that of users. */
void mf__space_value(char text[SPACE_TEXT], const space *s, size_t j,
                     const mf_als_params *p);

/* The options of mf-als that make these settings, those left out that say what holds
 * without them, on one line. */
void mf__space_options(char text[SPACE_OPTIONS], const mf_train_params *train,
                       const mf_als_params *p);

/* All that is not searched, in the same way and nothing left out: for comparison. */
void mf__space_fixed(char text[SPACE_OPTIONS], const space *s, const char *metric);

/* True of a value beyond which there is none on that side, -1 or 1, whatever the
 * space. */
bool mf__space_is_last(mf_tune_axis what, int side, const char *value);

#endif
