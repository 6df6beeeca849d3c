/* als/terms.h - terms of L of users whose cells have unit weights, derived from the
 * scores that solving them yields: they need no pass of their own. */
#ifndef ALS_TERMS_H
#define ALS_TERMS_H

#include "als/task.h"

/* Sums over some users. The terms of L are those of mf_als_state; `observed` and
 * `everywhere` make up its prediction. */
typedef struct als_terms {
    double observed;   /* sum_obs sum_q rho (1 - s_q)^2 */
    double everywhere; /* w0' sum_{q,i} h_i s_q^2 */
    double square; /* sum_obs (1 - s)^2, s being the best score of an active persona */
    double ridge;  /* sum_{u,q} lambda_u |U[u][q]|^2 */
    size_t moved;  /* cells whose next z is another */
} als_terms;

/* How a number x becomes the error 1 - s of a cell: as base + own * x for the persona
 * that owns the cell, as base + sibling * x for the others. */
typedef struct als_error {
    float base, own, sibling;
} als_error;

/* x being the score. */
static const als_error ALS_ERROR_OF_SCORE = {1, -1, -1};

/* Add m cells from t on to `observed`, `square` and `moved`, and set their next z if
 * the row has room for it. x[j * stride + c] gives the error of cell t + c for the
 * j-th persona that is solved. */
void mf__als_terms_add_cells(als_terms *terms, const als_view *view,
                             const als_task *task, size_t t, size_t m, const float x[],
                             size_t stride, als_error error);

/* Add those of all cells of a user, from its vectors. */
void mf__als_terms_add_scores(als_terms *terms, const als_view *view,
                              const als_task *task);

/* Add all terms of a user but the ridge, from its vectors. */
void mf__als_terms_add_row(als_terms *terms, const als_view *view,
                           const als_task *task);

#endif
