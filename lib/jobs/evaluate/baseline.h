/* jobs/evaluate/baseline.h - the scores of what a model should beat: see
 * mf/evaluate.h. */
#ifndef JOBS_EVALUATE_BASELINE_H
#define JOBS_EVALUATE_BASELINE_H

#include "mf/evaluate.h"

typedef struct baseline {
    unsigned which; /* MF_BASELINE_* */
    const char *name;
    bool ranks;                /* it orders items; else it predicts values */
    const mf_ratings *ratings; /* borrowed */
    uint64_t seed;             /* of the random one */
    double mu;
    float *item;  /* [items], training users or biases; owned, as what follows */
    double *user; /* [users], biases */
} baseline;

/* Make the baseline `which` from ratings. On failure *out is empty. Returns MF_OK or
 * MF_ENOMEM. */
int mf__baseline_open(baseline *out, unsigned which, const mf_ratings *r, uint64_t seed,
                      mf_err *err) MF_MUST_USE;
void mf__baseline_close(baseline *b);

/* The scores of a user, score[items]: of all items, or of one that predicts of the
 * user's own cells alone. */
void mf__baseline_score(const baseline *b, uint32_t user, float score[]);

#endif
