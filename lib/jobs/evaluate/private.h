/* jobs/evaluate/private.h - how an evaluation is made. Private to evaluate*.c.
 *
 *     evaluate.c           the job: models are read, what follows is called
 *     evaluate_users.c     who has test cells; whether models have the same
 *     evaluate_slice.c     slices of users and of test cells
 *     evaluate_score.c     one subject: scores, then num and den of every user
 *     evaluate_lists.c     what is about lists and personas
 *     evaluate_baseline.c  scores of what is no model
 *     evaluate_trec.c      lists and test cells as TREC files
 *     mf__evaluate_estimate.c  from num and den to estimates and differences
 *     evaluate_write.c, evaluate_text.c  the formats */
#ifndef JOBS_EVALUATE_PRIVATE_H
#define JOBS_EVALUATE_PRIVATE_H

#include "jobs/shared/page.h"
#include "jobs/shared/score.h"
#include "mf/bootstrap.h"
#include "mf/evaluate.h"
#include "mf/model.h"

typedef struct lists lists;

/* Text under construction, and the list that it is made of. */
typedef struct trec_page {
    page lines;
    mf_ranked *top; /* [depth]; owned */
} trec_page;

/* What a baseline says: the sum of these. */
typedef struct baseline {
    unsigned which; /* MF_BASELINE_*, or 0: none, the model speaks */
    double mu;
    float *item;  /* [items]; owned, like what follows */
    double *user; /* [users] */
} baseline;

/* A model under evaluation, and what the threads that score it share. */
typedef struct scoring {
    const mf_evaluate_params *params;
    const mf_model *model;
    const char *name;
    /* who is scored */
    uint32_t users, left_out;
    uint32_t *user;  /* [users], who has test cells, by index in the model; owned */
    uint32_t *place; /* [users], by index in the evaluation; owned */
    uint32_t most;   /* test cells of any user */
    uint8_t *part;   /* [items], of their test cells, 1 ..; NULL: no parts; owned */
    /* room of each thread */
    bool ranks;   /* some metric looks at the order of items */
    lists *lists; /* what metrics about lists and personas need; NULL: none */
    mf_scorer scorer;
    uint32_t *item, *rank; /* [threads x 2 most]: all, and those of a part */
    float *value;          /* [threads x 2 most] */
    mf_ranked *found;      /* [threads x most] */
    uint32_t depth;        /* of lists in a run file */
    trec_page *page;       /* [threads]; NULL: no run file is asked for */
    /* what is scored now */
    mf_evaluation *e;
    mf_subject *subject;
    baseline baseline;
    mf_out *run; /* or NULL */
} scoring;

/* What slices are made of, by the ratings of the first model. */
typedef struct slicing {
    mf_ids items;     /* of that model */
    uint8_t *of_item; /* [items.n], from 0: --by=popularity */
    uint8_t *of_user; /* [users of the evaluation], from 0: --by=activity */
} slicing;

/* --- who --- */

/* Find the users with test cells who are in the shard. `s` holds params, model
 * and name. Returns MF_OK, MF_EFORMAT (no test cells) or MF_ENOMEM. */
int mf__evaluate_find_users(scoring *s, mf_err *err) MF_MUST_USE;

/* Those of the first model are those of the evaluation. */
int mf__evaluate_adopt_users(mf_evaluation *e, scoring *s, mf_err *err) MF_MUST_USE;

/* A further model, into *subject: its test cells are those of the first, or
 * params allows others: users that the first does not have are then dropped.
 * Returns MF_OK, MF_EFORMAT or MF_ENOMEM. */
int mf__evaluate_match_users(mf_evaluation *e, scoring *s, mf_subject *subject,
                             mf_err *err) MF_MUST_USE;

/* Count the test cells of each user and part. */
int mf__evaluate_count_cells(const mf_evaluation *e, const scoring *s,
                             mf_test_cells *cells, mf_err *err) MF_MUST_USE;

/* --- slices --- */

void mf__evaluate_slicing_free(slicing *by);

/* Cut the users, or the items, of the first model, and name the slices. */
int mf__evaluate_slices_cut(slicing *by, mf_evaluation *e, const scoring *s,
                            mf_err *err) MF_MUST_USE;

/* Say to which part the items of a model belong, in s->part. */
int mf__evaluate_slices_parts(scoring *s, const slicing *by, mf_err *err) MF_MUST_USE;

/* When all models are measured: who has test cells in all of them is in the first
 * slice, and in which others. Returns MF_OK, MF_EFORMAT (nobody) or MF_ENOMEM. */
int mf__evaluate_slices_fill(mf_evaluation *e, const slicing *by,
                             mf_err *err) MF_MUST_USE;

/* --- numbers --- */

/* Make room to score. Returns MF_OK, MF_ERANGE or MF_ENOMEM. */
int mf__evaluate_scoring_open(scoring *s, mf_err *err) MF_MUST_USE;
void mf__evaluate_scoring_close(scoring *s);

/* What the user of a place, or a part of its test cells, says by metric m; NaN: nothing. */
void mf__evaluate_record(const scoring *s, size_t m, size_t part, uint32_t at,
                         double num);

/* Make room for what is about lists and personas. Close it in any case. Returns
 * MF_OK, MF_EMATH or MF_ENOMEM. */
int mf__evaluate_lists_open(lists **out, const scoring *s, mf_err *err) MF_MUST_USE;
void mf__evaluate_lists_close(lists *l);

/* A subject: begin, record each user, and end. persona[items] is who speaks; of
 * what is no model, NULL. */
void mf__evaluate_lists_begin(const scoring *s);
void mf__evaluate_lists_user(const scoring *s, uint32_t at, const float *score,
                             const uint8_t *persona, int thread);
void mf__evaluate_lists_end(const scoring *s);

/* Measure the model, or s->baseline on its test cells, into *subject, whose target
 * and `ranks` are known. Lists go to s->run if it is not NULL. Returns MF_OK,
 * MF_EIO or MF_ENOMEM. */
int mf__evaluate_measure(scoring *s, mf_evaluation *e, mf_subject *subject,
                         const char *name, mf_err *err) MF_MUST_USE;

/* All baselines that are asked for, into subject[0], ... */
int mf__evaluate_baselines(scoring *s, mf_evaluation *e, mf_subject *subject,
                           mf_err *err) MF_MUST_USE;

/* How many are asked for. */
size_t mf__evaluate_baseline_count(const mf_evaluate_params *params);

/* Scores of a baseline for user j of a block. One that does not rank scores the
 * user's own cells alone. */
void mf__evaluate_baseline_fill(const scoring *s, const mf_rank_block *block,
                                uint32_t j, uint32_t user);
void mf__evaluate_baseline_free(baseline *b);

/* Draw samples from the users of each slice, and say what they say: e->score and
 * e->difference of e->subjects, of which the first `models` are models. */
int mf__evaluate_estimate(mf_evaluation *e, size_t models,
                          const mf_evaluate_params *params, mf_err *err) MF_MUST_USE;

/* --- files --- */

/* How long lists are: the largest N of the metrics, or 1000, and never more than
 * there are items. */
uint32_t mf__evaluate_trec_depth(const mf_metric_list *metrics, uint32_t items);

/* Add a user's list of n items to a page. */
int mf__evaluate_trec_list(trec_page *to, const mf_ratings *r, uint32_t user,
                           uint32_t n, const char *tag, mf_err *err) MF_MUST_USE;

/* Write the test cells of s->user. */
int mf__evaluate_trec_qrels(const scoring *s, mf_out *out, mf_err *err) MF_MUST_USE;

/* The target that an estimate speaks of: "" for ranking. */
const char *mf__evaluate_target_of(const mf_evaluation *e, const mf_estimate *x);

int mf__evaluate_write_text(const mf_evaluation *e, mf_out *out,
                            mf_err *err) MF_MUST_USE;

#endif
