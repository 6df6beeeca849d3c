/* evaluate_private.h - how an evaluation is made. Private to evaluate*.c.
 *
 *     evaluate.c           reads the models, matches their users, runs the rest
 *     evaluate_score.c     one subject: scores, then num and den of every user
 *     evaluate_lists.c     what is about lists and personas
 *     evaluate_baseline.c  scores of what is no model
 *     evaluate_estimate.c  from num and den to estimates and differences
 *     evaluate_write.c, evaluate_text.c  the formats */
#ifndef EVALUATE_PRIVATE_H
#define EVALUATE_PRIVATE_H

#include "mf/bootstrap.h"
#include "mf/evaluate.h"
#include "mf/model.h"
#include "mf/score.h"

typedef struct lists lists;

/* A model under evaluation, and what the threads that score it share. */
typedef struct scoring {
    const mf_evaluate_params *params;
    const mf_model *model;
    uint32_t users, *user; /* who has test cells, by index in the model; owned */
    uint32_t most;         /* test cells of any user */
    bool ranks;            /* some metric looks at the order of items */
    lists *lists;          /* what metrics about lists and personas need; NULL: none */
    mf_scorer scorer;
    uint32_t *item, *rank; /* [threads x most] */
    float *value;          /* [threads x most] */
    mf_ranked *found;      /* [threads x most] */
    /* what is scored now */
    mf_evaluation *e;
    mf_subject *subject;
    unsigned baseline; /* 0: the model, else a MF_BASELINE_* */
    float *popularity; /* [items], of that baseline, owned */
} scoring;

/* Find the users with test cells, and make room to score them. `s` holds params
 * and model. Close it in any case. Returns MF_OK, MF_EFORMAT (no test cells),
 * MF_ERANGE or MF_ENOMEM. */
int evaluate_scoring_open(scoring *s, const char *name, mf_err *err) MF_MUST_USE;
void evaluate_scoring_close(scoring *s);

/* What a part of the test cells of user `at` says by metric m; NaN: nothing. */
void evaluate_record(const scoring *s, size_t m, size_t part, uint32_t at, double num);

/* Make room for what is about lists and personas. Close it in any case. Returns
 * MF_OK, MF_EMATH or MF_ENOMEM. */
int evaluate_lists_open(lists **out, const scoring *s, mf_err *err) MF_MUST_USE;
void evaluate_lists_close(lists *l);

/* A subject: begin, record each user, and end. persona[items] is who speaks; of
 * what is no model, NULL. */
void evaluate_lists_begin(const scoring *s);
void evaluate_lists_user(const scoring *s, uint32_t at, const float *score,
                         const uint8_t *persona, int thread);
void evaluate_lists_end(const scoring *s);

/* Measure the model, or a baseline on its test cells, into *subject. */
int evaluate_measure(scoring *s, mf_evaluation *e, mf_subject *subject,
                     const char *name, mf_target target, unsigned baseline,
                     mf_err *err) MF_MUST_USE;

/* All baselines that are asked for, into subject[0], ... */
int evaluate_baselines(scoring *s, mf_evaluation *e, mf_subject *subject,
                       mf_err *err) MF_MUST_USE;

/* Scores of a baseline for user j of a block. */
void evaluate_baseline_fill(const scoring *s, const mf_rank_block *block, uint32_t j,
                            uint32_t user);

/* Draw the samples once for all, then say what they say: e->score and
 * e->difference of e->subjects, of which the first `models` are models. */
int evaluate_estimate(mf_evaluation *e, size_t models, const mf_evaluate_params *params,
                      mf_err *err) MF_MUST_USE;

#endif
