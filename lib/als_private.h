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

double als_lambda_user(const mf_als *als, uint32_t user);
double als_lambda_item(const mf_als *als, uint32_t item);

/* Measure and show a state. */
int als_show(mf_als *als, const char *half, double moved,
             void (*each)(void *self, const mf_als_state *state), void *self, mf_err *err);

/* Random factors, of one persona where a warm-up follows. */
int als_start_random(mf_als *als, mf_err *err);

/* Make room for p personas; what the users had is lost. */
int als_set_personas(mf_als *als, uint32_t p, mf_err *err);

/* Split each user's history by clustering its item vectors. have[u] personas,
 * whose cells z names, are the first centers; p: leave the user alone. NULL: 0
 * for all. */
int als_cluster(mf_als *als, const uint8_t *have, mf_err *err);

/* The persona of those there are that fits a training cell of u best, by its
 * cost. Ties go to the first. */
uint8_t als_best_persona(const mf_als *als, uint32_t u, size_t cell);

#endif
