/* als_private.h - the state of training, shared by its steps. */
#ifndef ALS_PRIVATE_H
#define ALS_PRIVATE_H

#include "mf/als.h"
#include "mf/linalg.h"

struct mf_als {
    mf_als_params p;
    int threads;
    const mf_csr *train, *valid; /* users x items; borrowed */
    mf_csr by_item;              /* train transposed */
    size_t *cell;                /* [nnz]: position in train of an entry of by_item */
    mf_tensor users, items;      /* users.personas is 1 during the warm-up */
    uint8_t *z;                  /* [nnz] */
    double *gram;                /* [k * k], of the side held fixed */
    mf_ridge *work;              /* [threads] */
    uint32_t iteration;          /* sweeps done */
};

/* The objective's coefficients. */
static inline double als_a(const mf_als *als)
{
    return als->p.preset == MF_PRESET_IMPLICIT ? 1 : 0;
}

static inline double als_b(const mf_als *als, size_t cell)
{
    return als->p.preset == MF_PRESET_IMPLICIT ? 1 : (double)als->train->val[cell];
}

/* What one cell costs a persona whose score of it is s. */
static inline double als_cost(double a, double b, double s)
{
    return a * s * s - 2 * b * s;
}

/* The mean of rho over the personas there are now. */
static inline double als_mean_rho(const mf_als *als)
{
    double p = als->users.personas;
    return (1 + (p - 1) * als->p.overlap) / p;
}

/* w0' */
static inline double als_unobserved(const mf_als *als)
{
    double w0 = als->p.unobserved;
    return als->p.preset == MF_PRESET_STUDY ? w0 : als_mean_rho(als) * w0;
}

/* What a cell of user u counts for the persona that owns it and for the others.
 * Their mean over the personas is als_mean_rho for every user. */
typedef struct als_rho {
    double own, sibling;
} als_rho;
als_rho als_rho_of(const mf_als *als, uint32_t user);

double als_lambda_user(const mf_als *als, uint32_t user);
double als_lambda_item(const mf_als *als, uint32_t item);

/* Measure and show a state. */
int als_show(mf_als *als, const char *half, double moved,
             void (*each)(void *self, const mf_als_state *state), void *self, mf_err *err);

/* One sweep: z, V, U. */
int als_sweep(mf_als *als, void (*each)(void *self, const mf_als_state *state), void *self,
              mf_err *err);

#endif
