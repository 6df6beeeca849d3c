/* jobs/evaluate/part.h - what was measured of a shard of the users, in memory and as a
 * file: see mf/evaluate.h, and mf-eval(1) for the bytes. */
#ifndef JOBS_EVALUATE_PART_H
#define JOBS_EVALUATE_PART_H

#include "mf/evaluate.h"

enum { PART_VERSION = 32, PART_NAME = 8192 }; /* bytes of these texts */

/* All that values, intervals, tests and words are made of. Of `e`, what follows from
 * the users of all shards is not there: who is in a slice, scores and differences. */
typedef struct evaluation_part {
    char version[PART_VERSION]; /* of the program that measured */
    uint32_t shard, shards;
    uint32_t first, all; /* those of e.ids are users first .. of all */
    unsigned baselines;  /* as in the params, like what follows */
    mf_by by;
    uint32_t slices; /* 0: no slices */
    bool different_splits;
    uint32_t replicates;
    uint64_t seed;
    uint32_t models, lists;
    bool has_ratings;
    uint64_t ratings; /* digest of the bundle that all models shared, if it has */
    mf_evaluation e;  /* owned, as what follows */
    uint8_t *of_user; /* [users], slices by activity, from 0; else NULL */
} evaluation_part;

/* What the params say. */
void mf__part_set(evaluation_part *part, const mf_evaluate_params *params);
void mf__part_free(evaluation_part *part);

/* Write it. Returns MF_OK, MF_ERANGE (the name of a subject is too long), MF_EIO or
 * MF_ENOMEM. */
int mf__part_write(const evaluation_part *part, mf_out *out, mf_err *err) MF_MUST_USE;

/* Read one to its verified end. Whatever it holds fits together. On failure *part is
 * empty. Returns MF_OK, MF_EFORMAT, MF_EIO or MF_ENOMEM. */
int mf__part_read(evaluation_part *part, mf_in *in, mf_err *err) MF_MUST_USE;

/* See that n > 0 parts, whose files have these names, are all shards of one evaluation,
 * and put them together in *whole; they are emptied. Their order does not matter: names
 * of models are those of shard 1. Returns MF_OK, MF_EFORMAT, MF_ERANGE or MF_ENOMEM. */
int mf__parts_merge(evaluation_part *whole, size_t n, evaluation_part part[],
                    char *const name[], mf_err *err) MF_MUST_USE;

/* The arrays of a part, in their order in the file: of the slices of users, of the test
 * cells of each split, and of each subject. */
typedef enum part_type { PART_U8, PART_U32, PART_COUNT, PART_FLAG, PART_F64 } part_type;
typedef struct part_array {
    part_type type; /* COUNT and FLAG are doubles that are stored as u32 and u8 */
    void *slot;     /* the pointer to it */
    size_t blocks;  /* one after the other, of */
    size_t of;      /* elements each: users, unless */
    bool sums;      /* the arrays of all shards are added */
    uint32_t most;  /* the largest whole number */
} part_array;

/* List the arrays of a part whose subjects are known: *list, to be freed. Returns MF_OK
 * or MF_ENOMEM. */
int mf__part_arrays(part_array **list, size_t *n, evaluation_part *part,
                    mf_err *err) MF_MUST_USE;

/* Where an array is. */
void *mf__part_data(const part_array *array);
void mf__part_set_data(const part_array *array, void *data);

/* Bytes of an element in memory, and in the file. */
size_t mf__part_size(part_type type);
size_t mf__part_stored(part_type type);

#endif
