/* mf/tune.h - the job of mf-tune: the settings of mf-als that suit a data set.
 *
 * Settings are compared on the validation cells. A trial is a training from the start,
 * of a few sweeps, the same for all, after which the metric is measured, on at most
 * MF_TUNE_USERS users; one that is far behind the best after two sweeps ends there.
 * Which settings are tried next follows from a model of the surface: the point where
 * the most is expected above the best so far (expected improvement, Jones, Schonlau,
 * Welch 1998). That ends where less than .05 % is expected, or after `trials` trials.
 * The best one is then trained to its end, as mf-als does where it may stop by itself,
 * and so is the second best if it is within .1 % of it; the better one is the result,
 * with the number of sweeps that was best for it.
 *
 * Where personas or overlap are searched a trial is worth what mf_als_finish makes of
 * it; else, with histories that are divided after the last sweep, what its plain sweeps
 * are worth, of which the personas are made. */
#ifndef MF_TUNE_H
#define MF_TUNE_H

#include "mf/train.h"

MF_BEGIN_DECLS

/* What can be searched. UNOBSERVED and LAMBDA are searched by factors of 2^(1/2) around
 * where `train` has them, lambdas of users and items by the same; FACTORS by factors of
 * 2; PERSONAS by ones; OVERLAP by tenths; POPULARITY, in implicit and wrmf, by eighths.
 * What is searched and MF_ALS_AUTO begins at what mf_als_settle says of the training
 * cells. */
typedef enum mf_tune_axis {
    MF_TUNE_UNOBSERVED,
    MF_TUNE_LAMBDA,
    MF_TUNE_FACTORS,
    MF_TUNE_PERSONAS,
    MF_TUNE_OVERLAP,
    MF_TUNE_POPULARITY,
    MF_TUNE_AXES
} mf_tune_axis;

extern const char *const mf_tune_axis_names[]; /* by axis, ended by NULL */

typedef struct mf_tune_range {
    bool searched;
    double low, high; /* of the values; where 0 < low is not true, or high is not
                         finite, there is no end on that side */
} mf_tune_range;

enum { MF_TUNE_USERS = 4096, MF_TUNE_TRIALS_MAX = 1000 };

typedef struct mf_tune_params {
    mf_train_params train; /* what is not searched, and where the search begins; `watch`
                              is the metric; init, resume, checkpoint, log, patience,
                              tol and all_known are not used */
    mf_tune_range range[MF_TUNE_AXES];
    uint32_t trials; /* short ones, at most, to MF_TUNE_TRIALS_MAX; 0: 6 for each axis,
                            but 12 at least */
    bool sweeps, warmup; /* train.als.iterations, or warmup, is to be respected; false:
                             it is found */
    bool print;          /* write the options of mf-als instead of a bundle */
    mf_lines *past;      /* the log of an earlier run: its trials are not done again;
                             or NULL */
    mf_out *log;    /* gets a line for each trial, those of `past` first; or NULL */
    void *log_self; /* handed to */
    int (*log_begin)(void *self, mf_err *err); /* called when `past` has been copied, or
                                                  NULL */
} mf_tune_params;

/* W0 and lambda are searched; of `explicit`, which has no W0, lambda. */
mf_tune_params mf_tune_defaults(mf_preset preset);

/* Returns MF_OK, or MF_EINVAL with the parameter that is out of range. */
int mf_tune_check(const mf_tune_params *params, mf_err *err) MF_MUST_USE;

/* Read a bundle from `in`, find settings, and write what mf-als makes of it with them,
 * byte for byte, or with `print` a line of its options. Trials depend on the data and
 * the parameters alone, never on the clock. Memory: that of mf_train_run, twice where
 * two are trained to their end, and the ratings. Returns MF_OK or the first failure,
 * among them MF_EFORMAT (no validation cells; a log of other data or options) and
 * MF_EMATH (every trial failed). */
int mf_tune_run(mf_in *in, mf_out *out, const mf_tune_params *params,
                mf_err *err) MF_MUST_USE;

MF_END_DECLS

#endif
