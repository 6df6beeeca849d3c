/* jobs/recommend/cells.h - the cells of one user, as the model was fitted to them. */
#ifndef JOBS_RECOMMEND_CELLS_H
#define JOBS_RECOMMEND_CELLS_H

#include "data/ratings.h"
#include "jobs/recommend/job.h"

typedef struct user_cells {
    mf_fold_work *work;
    mf_fold_user user; /* in the arrays below */
    uint32_t *item;
    float *value, *vectors;
    uint8_t *z;
    size_t item_cap, value_cap, z_cap;
    bool numbers; /* values are numbers to be predicted: all cells count as likes */
    uint64_t liked,
        owned[MF_PERSONAS_MAX]; /* cells that are liked: all, of each persona */
} user_cells;

/* True if a cell of the user is liked. */
static inline bool rec_cell_is_liked(const user_cells *cells, size_t t)
{
    return cells->numbers || mf__likes(cells->value[t]);
}

/* Settle job->fold, if cells are looked at: for explanations and personas' lists.
 * Returns MF_OK, MF_EFORMAT or MF_ENOMEM. */
int mf__rec_cells_open(recommend_job *job, mf_err *err) MF_MUST_USE;

/* Room for the cells of a user, if cells are looked at. *cells is zeroed before.
 * Returns MF_OK or MF_ENOMEM. */
int mf__rec_cells_alloc(user_cells *cells, const recommend_job *job,
                        mf_err *err) MF_MUST_USE;
void mf__rec_cells_free(user_cells *cells);

/* Fill in those of a user: vectors, z and bias are those of the scores, to the bit.
 * Returns MF_OK, MF_EFORMAT, MF_EMATH or MF_ENOMEM. */
int mf__rec_cells_of(user_cells *cells, const recommend_job *job, uint32_t user,
                     mf_err *err) MF_MUST_USE;

#endif
