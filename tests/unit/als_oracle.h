/* als_oracle.h - the objective and its steps, dense, slow and obviously right.
 *
 * Everything is double and every sum is a plain loop over all cells, as in the formulas
 * of mf/als.h. */
#ifndef ALS_ORACLE_H
#define ALS_ORACLE_H

#include <stdbool.h>

#include "mf/als.h"

enum { ORACLE_MAX = 24, ORACLE_K = 8, ORACLE_P = 5 };

typedef struct oracle {
    int m, n, k, p;
    mf_als_params params;
    bool seen[ORACLE_MAX][ORACLE_MAX]; /* observed training cells */
    double x[ORACLE_MAX][ORACLE_MAX];
    int z[ORACLE_MAX][ORACLE_MAX];
    double u[ORACLE_MAX][ORACLE_P][ORACLE_K];
    double v[ORACLE_MAX][ORACLE_K];
    double h[ORACLE_MAX]; /* what the items' cells weigh that nobody has */
    double mu, bu[ORACLE_MAX], bi[ORACLE_MAX]; /* 0 in models without biases */
} oracle;

/* Copy cells, factors, biases and personas; mu is computed. */
void oracle_load(oracle *o, const mf_csr *train, const mf_als_params *params,
                 const mf_als *als);

double oracle_loss(const oracle *o);

/* What cell (u,i) costs persona q, a s^2 - 2 b s; and the score s. */
double oracle_cost(const oracle *o, int u, int q, int i);
double oracle_persona_score(const oracle *o, int u, int q, int i);

/* Exact minimization over one block. */
void oracle_item_biases(oracle *o);
void oracle_user_biases(oracle *o);
void oracle_items(oracle *o);
void oracle_users(oracle *o);

#endif
