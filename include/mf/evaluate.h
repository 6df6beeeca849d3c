/* mf/evaluate.h - the job of mf-eval: metrics with intervals, comparisons.
 *
 * Models are scored one after the other on their test cells; the items of a user's
 * training, validation and fold-in cells are left out of the ranking. Users who were
 * held out whole are first folded in from their fold-in cells. Of a model only two
 * numbers for each user and metric are stored; values, intervals and comparisons are
 * made from these. Users without test cells do not take part.
 *
 * A test cell is relevant if its value is above 0 or, with `relevant`, at least that.
 * The value is that in the first model, for all models that have the same test cells,
 * so that models of ratings and of what was made from these can be compared. A model
 * of other test cells (`different_splits`) goes by its own values.
 *
 * All that is about ranks, lists and personas is of the users who have a relevant test
 * cell; other test cells stay in the rankings, as items that are not relevant.
 *
 * Lists that other programs made stand beside the models, as further subjects, on the
 * test cells of the first model or, without models, of `ratings`. They know nothing of
 * what they do not hold: an item that is not listed is no hit. Every line keeps its
 * place, and items that cannot be a hit, since the ratings do not have them, the user
 * knows them or the list has them already, are misses there.
 *
 * Prediction metrics look at all test cells and compare a score with a target: the
 * stored value (presets `study` and `explicit`), or 1 if that is above 0 and else 0
 * (`implicit`, `wrmf`). They are never compared between models of different targets.
 * Where values of the same test cells differ, each model is held against its own, and
 * that is said. */
#ifndef MF_EVALUATE_H
#define MF_EVALUATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/err.h"
#include "mf/io.h"
#include "mf/metrics.h"
#include "mf/ratings.h"

MF_BEGIN_DECLS

#define MF_EVALUATE_METRICS "ndcg@100,recall@20,precision@10,map@100,mrr,hr@10,rmse"

/* What a model should beat. Two rank and know nothing of a user: items by the number of
 * training users who like them (value above 0), or in an order that is drawn at random
 * for each user. Two predict stored values: mu, the mean of the training values, and mu
 * + b_u + b_i with
 *
 *     b_i = sum over training cells of i of (x - mu) / (cells + DAMPING_ITEMS)
 *     b_u = sum over training and fold-in cells of u of (x - mu - b_i)
 *           / (cells + DAMPING_USERS)
 *
 * (Koren, Factor in the neighbors, 2010, with his constants.) */
enum {
    MF_BASELINE_POPULARITY = 1,
    MF_BASELINE_RANDOM = 2,
    MF_BASELINE_MEAN = 4,
    MF_BASELINE_BIAS = 8,
    MF_BASELINE_ALL = 15
};
enum { MF_BASELINE_DAMPING_ITEMS = 25, MF_BASELINE_DAMPING_USERS = 10 };

/* Slices, in each of which everything is measured again. ACTIVITY cuts the users with
 * test cells by their number of training and fold-in cells. POPULARITY cuts the
 * test cells by the training users who like their item: in a slice, the relevant items
 * of a user are those of the slice alone; the others stay in the list and are
 * not relevant; a user without test cells in the slice is not in it. Slices
 * hold about equal numbers of users, or of test cells; all users, or items, of one
 * number are in one slice. The slices are made from the ratings of the first model. */
typedef enum mf_by { MF_BY_NOTHING, MF_BY_ACTIVITY, MF_BY_POPULARITY } mf_by;

enum { MF_SLICES_MAX = 10 };

typedef enum mf_target { MF_TARGET_NONE, MF_TARGET_VALUE, MF_TARGET_ONE } mf_target;

/* A file of lists: a TREC run, TSV or CSV of users, items and scores or ranks, or
 * what mf-recommend(1) writes; see mf-eval(1). Both borrowed. */
typedef struct mf_list_input {
    mf_lines *lines;
    const char *name; /* of the row */
} mf_list_input;

typedef struct mf_evaluate_params {
    mf_metric_list metrics; /* MF_EVALUATE_METRICS */
    float relevant;         /* a test cell of this value or more is relevant; NaN, the
                               default: one above 0 */
    unsigned baselines;     /* set of MF_BASELINE_*, added as rows; none */
    mf_by by;               /* NOTHING */
    uint32_t slices;        /* 2 .. MF_SLICES_MAX, 3 */
    bool different_splits;  /* false: models of other test cells are refused */
    uint32_t shard, shards; /* this part of the users with test cells, as they stand;
                               1, 1 */
    uint32_t replicates;    /* of bootstrap and permutation, 1000; 0: no intervals */
    uint64_t seed;          /* 1 */
    int threads;            /* 0: all */
    mf_in *ratings; /* the bundle that all models were trained on, for models without
                       ratings; NULL: each has its own */
    size_t lists;   /* none */
    const mf_list_input *list; /* [lists] */
    bool part;        /* false; of mf_evaluate_part: counts of lists are of all users */
    bool beside_best; /* also hold each subject against the best one of each metric */
    size_t runs;      /* at most as many as there are models */
    mf_out **run;     /* [runs], the lists of each as a TREC run file */
    mf_out *qrels;    /* the first model's relevant test cells as a TREC qrels file, or
                       NULL */
    const mf_report *report; /* or NULL */
} mf_evaluate_params;

/* What users contribute to a metric, for each part of their test cells: see
 * mf_slice.part. */
typedef struct mf_measure {
    double *num;  /* [parts x users], see mf_metric_of; owned */
    double *den;  /* [parts x users], 1 or 0, of a metric that is not defined for all
                    (MF_DEN_DEFINED); else NULL; owned */
    double whole; /* the value of a metric about all lists, which has no num and den */
} mf_measure;

enum { MF_LIST_EXAMPLE = 64 };

/* What was met in lists from elsewhere, those of users with a relevant test cell. */
typedef struct mf_list_counts {
    uint32_t lists;             /* of these users; and those who have none: */
    uint32_t missing;           /* to them an empty list counts */
    uint32_t shortest, longest; /* items of a list */
    uint32_t unknown_users;     /* whom the ratings do not have: left out */
    size_t unknown_items;       /* that they do not have, all different, and */
    uint64_t unknown_places;    /* where these stand: misses, as all below */
    uint64_t known;             /* places of items that the user knows, and */
    uint64_t known_valid;       /* how many of these are validation cells */
    uint64_t twice;             /* places of an item that stands before in the list */
    uint32_t tied_lists;        /* lists in which some score, or rank, comes again, */
    uint64_t tied;              /* and the places of such: the last item first */
    bool ranked;                /* these are ranks, not scores */
    bool taken_as_ranks;        /* numbers that nobody named are 1, 2, 3 ... */
    bool from_zero;             /* or, in some list, 0, 1, 2 ... */
    char user[MF_LIST_EXAMPLE]; /* one whom the ratings do not have, made printable; */
    char item[MF_LIST_EXAMPLE]; /* or "", as the item */
} mf_list_counts;

/* A row of the table: a model, lists from elsewhere or a baseline. */
typedef struct mf_subject {
    char *name;          /* of the input, made printable; owned */
    bool model;          /* false: lists or a baseline */
    bool listed;         /* lists that came from elsewhere, whose */
    mf_list_counts list; /* counts these are */
    mf_target target;    /* NONE: it predicts nothing */
    bool own_values;     /* of test cells that the first model has too, it predicts
                            something else, since values differ, */
    bool own_scale;      /* and not by one number for all: errors are not comparable */
    bool ranks;          /* false: it has no order of items */
    uint32_t personas;   /* of a model; 0: it has no vectors */
    uint64_t known;      /* digest of the training and fold-in cells, and of which are
                            liked, if there is a metric about lists or personas */
    size_t cells;        /* its test cells: index in mf_evaluation.cells */
    uint8_t *unknown;    /* [users], 1: the model knows nothing of this one, and ranks
                            what is popular or, lists have none of this one; or, */
    bool by_bias;        /* if it has biases, what is rated highest; NULL: it knows
                            all; owned */
    mf_measure *measure; /* [metrics]; owned */
    /* of a part that is to be merged: */
    uint64_t digest; /* of the model or the lists; 0 of a baseline */
    uint32_t items;  /* that it ranks */
    uint32_t *times; /* [rows x items], of how many lists each is in, a row for each N
                        of the metrics about all lists; NULL: there are none; owned */
} mf_subject;

/* The test cells of one or more subjects. */
typedef struct mf_test_cells {
    double *n;      /* [parts x users], how many; owned */
    double *ranked; /* [parts x users], 1 where some are relevant, else 0; NULL: 1
                          wherever n is not 0; owned */
} mf_test_cells;

/* Some of the users, with all of their test cells or a part of them. */
typedef struct mf_slice {
    char name[32];      /* "activity:1/3"; "" is that of all */
    uint32_t low, high; /* known cells, or training users; low > high: nobody */
    size_t part;        /* of the test cells; part 0 is all of them */
    uint32_t n;         /* users */
    uint32_t *user;     /* [n], ascending, or NULL: all users; owned */
    uint64_t total;     /* their test cells in this part, of the first model; and */
    uint64_t relevant;  /* how many of the users have a relevant one in all models */
} mf_slice;

/* Metric `metric` of a subject, or its difference to that of a reference. */
typedef struct mf_estimate {
    size_t slice, subject, metric;
    double value, low, high; /* NaN bounds: no replicates */
    uint64_t n;              /* users, or cells for predictions */
    size_t reference;        /* of a difference; and p is that of a difference, */
    double p;                /* or for a score, beside the best one: see below */
} mf_estimate;

/* Why some metrics of some subjects were not compared. */
typedef enum mf_incomparable {
    MF_TARGETS_DIFFER,   /* predictions, of models of other targets */
    MF_VALUES_DIFFER,    /* predictions, of other values of the test cells */
    MF_SPACES_DIFFER,    /* what is measured in each model's own vectors */
    MF_HISTORIES_DIFFER, /* what depends on the known cells of all users */
    MF_INCOMPARABLE_COUNT
} mf_incomparable;

typedef struct mf_evaluation {
    mf_metric_list metrics;
    mf_ids ids;  /* [users], those with test cells, sorted; owned like what follows */
    char *truth; /* name of the model or ratings whose test cells these are;
                          owned */
    float relevant;    /* as in the params */
    uint32_t left_out; /* users of the first model without test cells */
    size_t parts;      /* of test cells */
    size_t splits;
    mf_test_cells *cells; /* [splits]; 1 if all subjects have the same */
    size_t slices;
    mf_slice slice[MF_SLICES_MAX + 1]; /* [slices]; the first is of all */
    size_t subjects;
    mf_subject *subject; /* [subjects]: models as given, lists, then baselines */
    size_t scores;
    mf_estimate *score; /* [scores], by slice, subject, metric. If it was asked for, and
                           there are permutations, and the metric has a best, reference
                           is the subject of the best value, and p that of the
                           difference from it, 1 of the best itself; NaN where they are
                           not compared */
    size_t differences;
    mf_estimate *difference; /* [differences], by slice: models - the first, then
                                models - baselines */
    bool incomparable[MF_INCOMPARABLE_COUNT]; /* some metrics were not compared */
} mf_evaluation;

/* The words for it, one line that names the metrics. */
enum { MF_INCOMPARABLE_TEXT = 500 };
void mf_incomparable_words(mf_incomparable why, char text[MF_INCOMPARABLE_TEXT]);

mf_evaluate_params mf_evaluate_defaults(void);

/* Returns MF_OK or MF_EINVAL. */
int mf_evaluate_check(const mf_evaluate_params *params, mf_err *err) MF_MUST_USE;

/* Evaluate n models and the lists of the params, at least one of both, and ratings
 * where there is no model. Each is compared with the first one, and with all baselines.
 * Where models may have different splits, each is measured on its own test cells, on
 * the users who have some in all models. Users of whom a model knows nothing are
 * counted, and have what mf_recommend_run lists for them: the items by their biases or
 * by popularity. Memory: the largest model, 8 bytes for each subject, metric, user and
 * (MF_BY_POPULARITY) slice, of several models 8 bytes for each test cell, and beside
 * the first model 20 bytes for each line of the longest file of lists, 32 where the
 * lines of its users do not stand together.
 *
 * Lists in a run file are as long as the largest N of the metrics (1000 if none has
 * one), in order of users and ranks; every score lies below the one before, that
 * of an item that ties by as little as a float can, so that sorting by score gives
 * our order. In ids and in the tag, which is the model's name, white space, control
 * characters and % are %XX.
 *
 * On failure *out is empty. Returns MF_OK, MF_EFORMAT (also: no test cells, none
 * that is relevant though a metric needs some, or not those of the first model),
 * MF_EINVAL, MF_ERANGE, MF_EIO or MF_ENOMEM. */
int mf_evaluate_run(mf_evaluation *out, size_t n, mf_in *const in[],
                    const mf_evaluate_params *params, mf_err *err) MF_MUST_USE;
void mf_evaluation_free(mf_evaluation *e);

/* --- shards --- */

/* Evaluate the shard of the params as mf_evaluate_run does, and write what was measured
 * of its users to `out`, as a file that can be merged with those of the other shards;
 * mf-eval(1) has its bytes. There are no intervals and tests yet. Returns what
 * mf_evaluate_run does. */
int mf_evaluate_part(mf_out *out, size_t n, mf_in *const in[],
                     const mf_evaluate_params *params, mf_err *err) MF_MUST_USE;

/* From such files to the result of all users, which is that of one run: it does not
 * depend on the number of shards, nor on the order in which they are put. */
typedef struct mf_evaluate_merge mf_evaluate_merge;
int mf_evaluate_merge_open(mf_evaluate_merge **out, mf_err *err) MF_MUST_USE;
void mf_evaluate_merge_close(mf_evaluate_merge *m);

/* Read a file, to its verified end. Returns MF_OK, MF_EFORMAT, MF_EIO or MF_ENOMEM. */
int mf_evaluate_merge_put(mf_evaluate_merge *m, mf_in *in, mf_err *err) MF_MUST_USE;

/* All were put: make the result, or write what was measured of all users as a file of
 * shard 1/1, the bytes of one run. Metrics, samples and seed are those of the files; of
 * params count threads, beside_best and report. A shard that is missing or there twice,
 * or is of other models, lists, ratings or options, is MF_EFORMAT. On failure *out is
 * empty. Returns MF_OK, MF_EINVAL (there is none), MF_EFORMAT, MF_EIO or MF_ENOMEM. */
int mf_evaluate_merge_finish(mf_evaluate_merge *m, mf_evaluation *out,
                             const mf_evaluate_params *params, mf_err *err) MF_MUST_USE;
int mf_evaluate_merge_write(mf_evaluate_merge *m, mf_out *out, mf_err *err) MF_MUST_USE;

/* True if the metric applies to the subject: predictions to those with a target, what
 * needs all ranks to all but lists from elsewhere, what is measured in own vectors to
 * models, what is about personas to models of more than one. */
bool mf_subject_has(const mf_subject *subject, const mf_metric *metric);

/* The same, in a slice. Metrics that do not depend on test cells do not apply to a part
 * of them, those about all lists only to all users. */
bool mf_evaluation_has(const mf_evaluation *e, const mf_slice *slice, size_t subject,
                       size_t m);

/* How many of the users of a slice who have a relevant test cell a model knows nothing
 * of, or lists have none of. */
uint32_t mf_evaluation_unknown(const mf_evaluation *e, const mf_slice *slice,
                               size_t subject);

/* The value of metric m of a subject for one user alone, in a slice; NaN where the
 * user is not in it or the metric is not defined, or about all lists. */
double mf_evaluation_of_user(const mf_evaluation *e, const mf_slice *slice,
                             size_t subject, size_t m, uint32_t user);

/* The name of a target in all formats: "value", "1", or "" for none. */
const char *mf_target_name(mf_target target);

/* The nth of the sentences on what was met in the lists of a subject and must be known
 * to read its values, from 0; false after the last. */
enum { MF_LIST_WORDS = 1000 };
bool mf_list_words(const mf_evaluation *e, size_t subject, size_t nth,
                   char text[MF_LIST_WORDS]);

typedef enum mf_evaluation_format {
    MF_EVALUATION_TEXT,
    MF_EVALUATION_TSV,
    MF_EVALUATION_JSON,
    MF_EVALUATION_TABLE
} mf_evaluation_format;
extern const char *const mf_evaluation_format_names[]; /* by format, ended by NULL */

/* How a result is written. */
typedef struct mf_evaluation_style {
    mf_evaluation_format format; /* TEXT */
    bool no_header;              /* TSV: without the line of names */
    size_t sort;                 /* TABLE: the metric by which rows are sorted */
} mf_evaluation_style;

/* Write the result; see mf-eval(1) for the formats.
 * Returns MF_OK, MF_EINVAL (there is no such format), MF_EIO or MF_ENOMEM. */
int mf_evaluation_write(const mf_evaluation *e, const mf_evaluation_style *style,
                        mf_out *out, mf_err *err) MF_MUST_USE;

/* Write a line `user metric value model` for each user, metric and subject, below a
 * line of names unless there shall be none. */
int mf_evaluation_write_users(const mf_evaluation *e, bool no_header, mf_out *out,
                              mf_err *err) MF_MUST_USE;

MF_END_DECLS

#endif
