/* jobs/evaluate/given.h - lists that came from elsewhere, in memory: those of the users
 * with test cells, each in its order. What their numbers mean is decided by the lists
 * of all of them, whatever the shard.
 *
 * Every line keeps its place. What cannot be a hit is a miss: an item that the ratings
 * do not have, one that the user is known to know, and the second and any further place
 * of an item that stands in the list before. */
#ifndef JOBS_EVALUATE_GIVEN_H
#define JOBS_EVALUATE_GIVEN_H

#include "data/idtable.h"
#include "jobs/evaluate/users.h"
#include "math/rank.h"

/* What stands in the place of an item that cannot be a hit. */
#define GIVEN_TWICE (UINT32_MAX - 1)

/* How the numbers of the lines order a list. */
typedef enum given_by {
    GIVEN_BY_SCORE, /* the largest first */
    GIVEN_BY_RANK,  /* the smallest first */
    GIVEN_BY_LINE,  /* there are none: as the lines stand */
    GIVEN_BY_EITHER /* scores, unless they are 1, 2, 3 ... in every list */
} given_by;

typedef struct given {
    const test_users *users; /* borrowed */
    idtable *user_ids;       /* value: who it is, see given.c; owned, as all below */
    idtable *item_ids;       /* value: by index in the ratings, or from items->n on
                                  one that they do not have */
    size_t strangers;        /* of these */
    size_t strangers_cap;
    const struct name **stranger; /* [strangers] */
    size_t n, item_cap, number_cap;
    uint32_t *item; /* [n], as they were read, then in order of lists */
    double *number; /* [n], what they are ordered by */
    size_t runs, runs_cap;
    struct given_run *run;   /* [runs], lines of one user that follow each other */
    size_t *first;           /* [users->all], where the user's list begins */
    uint32_t *length;        /* [users->all] */
    const struct name *last; /* the user of the line before; NULL: none */
    bool any_user;           /* some line is of a user of the ratings */
    mf_list_counts counts;   /* of the users of the shard or, of a part that is to be
                                merged, of all */
} given;

/* Get ready to read lists of these users. Close it in any case. Returns MF_OK or
 * MF_ENOMEM. */
int mf__given_open(given *out, const test_users *users, mf_err *err) MF_MUST_USE;
void mf__given_close(given *g);

/* Add a line: an item of a user, and a finite number. `percent`: the ids are those of
 * a TREC file, whose %XX are undone unless only what stands there is known. Returns
 * MF_OK, MF_ENOMEM or MF_ERANGE. */
int mf__given_add(given *g, mf_field user, mf_field item, bool percent, double number,
                  mf_err *err) MF_MUST_USE;

/* After the last line: put all lists in order, and count. `file` is for messages.
 * Returns MF_OK, MF_EFORMAT (no user or no item is known, or it is not clear what the
 * numbers are) or MF_ENOMEM. */
int mf__given_settle(given *g, const char *file, given_by by, mf_err *err) MF_MUST_USE;

/* Read a file of lists, whatever its format, to the end, and settle. Returns MF_OK,
 * MF_EFORMAT, MF_EIO, MF_ERANGE or MF_ENOMEM. */
int mf__given_read(given *g, mf_lines *lines, mf_err *err) MF_MUST_USE;

/* The list of the user `at` of the shard: *n items, by index in the ratings or larger.
 * Borrowed. */
const uint32_t *mf__given_list(const given *g, uint32_t at, uint32_t *n);

/* A digest of all lists, in their order. */
uint64_t mf__given_digest(const given *g);

/* The places of m relevant items, ascending by index, in a list of n: rank[m],
 * MF_RANK_NONE for those that it does not hold, and found[m], whose they are. */
void mf__list_ranks(uint32_t n, const uint32_t item[], uint32_t m,
                    const uint32_t wanted[], uint32_t rank[], mf_ranked found[]);

#endif
