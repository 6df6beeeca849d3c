/* jobs/evaluate/measure.h - from the scores of a model, or of a baseline on its test
 * cells, to the numbers of every user. */
#ifndef JOBS_EVALUATE_MEASURE_H
#define JOBS_EVALUATE_MEASURE_H

#include "jobs/evaluate/baseline.h"
#include "jobs/evaluate/given.h"
#include "jobs/evaluate/heads.h"
#include "jobs/evaluate/lists.h"
#include "jobs/evaluate/users.h"
#include "jobs/shared/score.h"

typedef struct measure_workspace measure_workspace; /* of one thread */

/* A model whose users are measured, and what the threads share. */
typedef struct measuring {
    const mf_evaluate_params *params; /* borrowed, like model and users */
    const mf_model *model;
    const test_users *users;
    mf_scorer scorer;    /* owned, as what follows */
    bool ranks;          /* some metric looks at the order of items */
    heads *heads;        /* NULL: some metric looks beyond the first items */
    lists *lists;        /* NULL: no metric looks at lists or personas */
    uint8_t *stranger;   /* [users->n], 1: the model knows nothing of this one; NULL: it
                            knows all */
    uint32_t *listeners; /* [items], by which strangers get a list; NULL: by biases */
    uint32_t depth;      /* of lists in a run file */
    measure_workspace *workspace; /* [scorer.threads] */
} measuring;

/* Get ready, when held-out users are folded in; close it in any case. Returns MF_OK,
 * MF_ERANGE, MF_EMATH or MF_ENOMEM. */
int mf__measuring_open(measuring *out, const mf_evaluate_params *params,
                       const mf_model *model, const test_users *users,
                       mf_err *err) MF_MUST_USE;
void mf__measuring_close(measuring *m);

/* What is measured, if it is not the model; all borrowed. */
typedef struct measured {
    const char *name;
    const baseline *baseline; /* that was made from the model's ratings; or NULL */
    const given *given;       /* lists of its users; or NULL */
    mf_out *run;              /* where the lists of a model go; or NULL */
} measured;

/* Measure the model, a baseline or lists into *subject, whose target, `ranks`, `listed`
 * and name are known. Returns MF_OK, MF_EIO or MF_ENOMEM. */
int mf__measure(const measuring *m, mf_evaluation *e, mf_subject *subject,
                const measured *what, mf_err *err) MF_MUST_USE;

#endif
