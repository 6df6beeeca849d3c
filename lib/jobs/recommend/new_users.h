/* jobs/recommend/new_users.h - users who are new to the model, in the place of its
 * own. */
#ifndef JOBS_RECOMMEND_NEW_USERS_H
#define JOBS_RECOMMEND_NEW_USERS_H

#include "jobs/recommend/job.h"

/* A line of a history. */
typedef struct new_cell {
    uint32_t user, item;
    float value; /* 1 if none is given */
    bool given : 1;
    uint32_t line : 31; /* of the file; NEW_CELL_LINES: that, or a later one */
} new_cell;

enum { NEW_CELL_LINES = INT32_MAX };

typedef struct new_users {
    mf_ids ids; /* in the order of their lists; owned, as what follows */
    size_t n, cap;
    new_cell *cell; /* [n], in any order */
    /* what the model makes of values */
    bool must;    /* a value must be given: explicit */
    bool sizes;   /* it takes notice of how large they are */
    bool numbers; /* they are numbers to be predicted; else they say what is liked */
} new_users;

/* Nobody, for this model. */
new_users mf__rec_new_users_for(const mf_card *card);
void mf__rec_new_users_free(new_users *users);

/* Add a cell. Returns MF_OK or MF_ENOMEM. */
int mf__rec_new_users_add(new_users *users, new_cell cell, mf_err *err) MF_MUST_USE;

/* Put the users, alone, in the place of those of the model, and their cells in that
 * of its ratings: rows of fold-in cells, still to be folded in. Values of one user
 * and item are summed, or, where they are ratings (must), an error. They go through
 * what was done to the values of the model (replay.h); what that leaves out becomes a
 * validation cell, which is known and not recommended. The model then has vectors, of
 * zeros, for a batch of users (batches.h). `from` is the file, for messages. Takes ids
 * and cells: *users is empty after it. Returns MF_OK, MF_EFORMAT, MF_ERANGE or
 * MF_ENOMEM. */
int mf__rec_new_users_place(recommend_job *job, new_users *users, const mf_lines *from,
                            mf_err *err) MF_MUST_USE;

#endif
