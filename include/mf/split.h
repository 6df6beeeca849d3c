/* mf/split.h - marks each cell of a bundle as training, validation, test or
 * fold-in.
 *
 * A cell's place is a function of (user id, item id, seed) and, where a method
 * counts a user's cells, of that user's row: never of the order of the input,
 * the number of threads, or which other users are in the bundle. So the same
 * cell falls in the same fold in a shard and in the whole. (A count of users
 * is the exception: it is taken from the users that are there.)
 *
 * The number of a cell is x(u,i) = floor(XXH3-64(user id, 0 byte, item id) /
 * 2^11) under the seed, of a user x(u) = floor(XXH3-64(user id) / 2^11): 53
 * bits, so that x / 2^53 is a uniform number in [0, 1) without rounding.
 * Within a row, cells of equal number go by item order. The folds that the bundle
 * has do not matter: every cell is assigned anew.
 *
 * The methods `last` and `before` go by the times of the cells, which the bundle must
 * have, and by no number. Within a row, of two cells of one time that of the item whose
 * id is the greater, by bytes, is the later. */
#ifndef MF_SPLIT_H
#define MF_SPLIT_H

#include <stdbool.h>
#include <stdint.h>

#include "mf/io.h"

MF_BEGIN_DECLS

typedef enum mf_split_method {
    MF_SPLIT_PAIRS,     /* each cell for itself: test if x/2^53 < test, validation if
                           x/2^53 < test + valid */
    MF_SPLIT_PER_USER,  /* of a user's n cells, the lowest round(test n) are test, the
                           next round(valid n) validation; halves are rounded up */
    MF_SPLIT_LEAVE_OUT, /* of each user, the lowest `test` cells are test, the next
                           `valid` validation; a user with fewer than these and
                           min_train cells keeps all in train */
    MF_SPLIT_USERS, /* test users if x/2^53 < test (or the `test` lowest), validation
                      users likewise; of such a user's n cells round(fold_in n),
                      those of the highest numbers, are fold-in, the others
                      held out, at least one of two or more */
    MF_SPLIT_LAST, /* of each user, the `test` latest cells are test, the `valid` before
                       them validation: counts as for leave-out, or shares of the user's
                       cells as for per-user */
    MF_SPLIT_BEFORE /* one cut for all: cells at or after it are test, those at or after
                       an earlier one validation */
} mf_split_method;

/* "pairs", "per-user", "leave-out", "users", "last", "before", NULL. */
extern const char *const mf_split_method_names[];

typedef struct mf_split_amount {
    bool fraction; /* of 0 .. 1; else a count */
    double value;  /* negative: the default of the method */
} mf_split_amount;

enum { MF_SPLIT_DEFAULT = -1, MF_SPLIT_FOLDS_MAX = 1024 };

typedef struct mf_split_params {
    mf_split_method method;
    mf_split_amount test;  /* default .15; leave-out and last: 1 */
    mf_split_amount valid; /* default 0 */
    double fold_in;        /* users: share of a held-out user's cells, 0 .. 1
                              without 1; default .8 */
    int64_t min_train;     /* a user keeps at least this many cells in train (a
                              held-out user: in fold-in), the cells of the highest
                              numbers; default 0 for pairs, else 1 */
    uint32_t folds, fold;  /* cross-validation of pairs and users: test are those
                              with floor(folds x / 2^53) = fold - 1, validation
                              those that follow, cyclically; 0: none */
    /* before: the cuts, in seconds since 1970. Without `at`, it is the time at or after
     * which `test` of all cells lie, rounded, cells of one time together; without
     * `valid_at`, likewise `valid` of all cells lie between the two */
    bool has_at, has_valid_at;
    int64_t at, valid_at;
    uint64_t seed;
    int threads; /* 0: all */
} mf_split_params;

mf_split_params mf_split_defaults(void);

/* Returns MF_OK, or MF_EINVAL with words for whoever gave the options. */
int mf_split_check(const mf_split_params *params, mf_err *err) MF_MUST_USE;

/* Read a bundle from `in`, write it to `out` with new folds. Rows stream; the
 * ids of both axes are held, and one byte a user for MF_SPLIT_USERS. MF_SPLIT_BEFORE
 * with a share reads the input twice, a copy in memory unless it is a file, and holds 8
 * bytes for each cell while it looks for the cut. What does not
 * outlive a change (mf_bundle_outlives_change) is dropped, which is reported.
 * Returns MF_OK, MF_EINVAL, MF_EFORMAT, MF_EIO, MF_ENOMEM or MF_ERANGE. */
int mf_split_run(mf_in *in, mf_out *out, const mf_split_params *params,
                 const mf_report *report, mf_err *err) MF_MUST_USE;

MF_END_DECLS

#endif
