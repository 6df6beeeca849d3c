/* als/row.h - one user, the items held fixed: what training and fold-in share. */
#ifndef ALS_ROW_H
#define ALS_ROW_H

#include "als/params.h"
#include "kernel/kernel.h"
#include "math/basis.h"
#include "math/linalg.h"

/* The side of the items, the same for all users. */
typedef struct als_view {
    const mf_als_params *p;
    mf_solver solver;  /* used instead of p->solver */
    uint32_t personas; /* of a user: 1 during the warm-up, then p->personas */
    double mu;
    const mf_tensor *items; /* with biases and weights, if the model has them */
    double weights;         /* the sum of the items' weights */
    const double *gram;     /* [k * k], V'V, or of items with weights V' diag(h) V */
    const mf_kernel *kernel;
    const mf_basis *basis; /* in which that is diagonal; mf__als_row_solve needs none */
} als_view;

enum { ALS_BEYOND = 15 }; /* bytes read after the last z, whose values do not count */

/* A user's cells and factors. */
typedef struct als_row {
    size_t n, ahead;
    const uint32_t *item; /* [ahead], ahead >= n: those after n come next */
    const float *a, *b;   /* [n], as mf__als_coefficients gives them; a may be NULL: all
                             als_constant_a; b may be NULL: all 1 */
    uint8_t *z;      /* [n]; where z is derived for the next sweep, [n + ALS_BEYOND]
                             can be read */
    uint8_t *next_z; /* [n], z of the next sweep, to be set; or NULL */
    float *vectors;  /* [personas * k] */
    float *bias;     /* one, or NULL */
} als_row;

/* a of a cell, and b after mu and biases are subtracted. */
static inline double als_cell_a(const als_view *view, const als_row *row, size_t t)
{
    return row->a ? (double)row->a[t] : als_constant_a(view->p);
}

static inline double als_cell_b(const als_view *view, const als_row *row, size_t t)
{
    double b = row->b ? (double)row->b[t] : 1;
    if (!row->bias)
        return b;
    return b - view->mu - (double)*row->bias - (double)view->items->bias[row->item[t]];
}

enum { ALS_SCORES = 4096 };

/* The scores of cells t .. t + m - 1, [m x personas], m * personas <= ALS_SCORES. */
void mf__als_row_scores(const als_view *view, const als_row *row, size_t t, size_t m,
                        float score[]);

/* The persona to which cell t, of these scores, belongs by the rule of p->assign. */
uint8_t mf__als_row_owner(const als_view *view, const als_row *row, size_t t,
                          const float score[]);

/* Set z, given all else. Returns the number of cells that changed. */
size_t mf__als_row_assign(const als_view *view, als_row *row);

/* Build the system of U[u][q], given all else, in *work: A and the right-hand side.
 * False if its cells weigh nothing: then U[u][q] is the zero vector. */
bool mf__als_row_system(const als_view *view, const als_row *row, uint32_t q,
                        mf_ridge *work);

/* The weight of cell t's item vector in that right-hand side: rho b. */
double mf__als_row_rhs_weight(const als_view *view, const als_row *row, size_t t,
                              uint32_t q);

/* Solve U[u][q], given all else, in double: for systems that float is not precise
 * enough for. Returns MF_OK or MF_EMATH. */
int mf__als_row_solve(const als_view *view, als_row *row, uint32_t q,
                      mf_ridge *work) MF_MUST_USE;

#endif
