/* als/private.h - the state of training, shared by its steps, and the steps of
 * one user, shared with fold-in. */
#ifndef ALS_PRIVATE_H
#define ALS_PRIVATE_H

#include <math.h>
#include <string.h>

#include "als/work.h"
#include "base/limits.h"
#include "math/basis.h"
#include "math/linalg.h"
#include "mf/als.h"

/* What the solutions of some users tell. The terms of L are those of mf_als_state;
 * `cells` and `everywhere` make up its prediction. */
typedef struct als_tally {
    double cells;      /* sum_obs sum_q rho (1 - s_q)^2 */
    double everywhere; /* w0' sum_{q,i} s_q^2 */
    double square; /* sum_obs (1 - s)^2, s being the best score of those that speak */
    double ridge;  /* sum_{u,q} lambda_u |U[u][q]|^2; mf__als_rows_solve leaves it */
    size_t moved;  /* cells whose owner is to be another */
} als_tally;

/* L after a step, where the step itself told. */
typedef struct als_sums {
    bool known;
    double prediction, users, items;
    double square; /* of errors on training cells; after a step of the items NaN */
} als_sums;

/* What the items see of a user with several personas: vectors that are the same, bit by
 * bit, are one, with the weight of all. A short record a user, of two floats and
 * 3 p + 1 bytes: the items read it for each cell. */
typedef struct als_voices {
    uint32_t personas;
    size_t stride;
    uint8_t *data;                    /* [m * stride]; owned */
    float times[MF_PERSONAS_MAX + 1]; /* roots of 0, 1, .. */
} als_voices;

typedef struct als_voice {
    uint32_t n;             /* vectors */
    float sibling, own;     /* roots of rho */
    const uint8_t *persona; /* [n], whose the vector is */
    const uint8_t *times;   /* [n], how many have it */
    const uint8_t *of;      /* [personas], which of the n is theirs */
} als_voice;

static inline als_voice als_voice_of(const als_voices *all, uint32_t user)
{
    const uint8_t *at = all->data + user * all->stride;
    float rho[2];
    memcpy(rho, at, sizeof rho);
    const uint8_t *of = at + sizeof rho + 1;
    return (als_voice){.n = at[sizeof rho],
                       .sibling = rho[0],
                       .own = rho[1],
                       .persona = of + all->personas,
                       .times = of + 2 * all->personas,
                       .of = of};
}

/* The root of what a cell weighs for the j-th vector, whose owners do not own it, or of
 * whom one does. */
static inline float als_voice_sibling(const als_voices *all, const als_voice *v,
                                      uint32_t j)
{
    return v->sibling * all->times[v->times[j]];
}

static inline float als_voice_own(const als_voice *v, uint32_t j)
{
    float more = (float)(v->times[j] - 1);
    return more == 0 ? v->own : sqrtf(more * v->sibling * v->sibling + v->own * v->own);
}

enum { ALS_BEYOND = 15 }; /* bytes that are read after the last, for nothing */

struct mf_als {
    mf_als_params p;
    int threads;
    const mf_csr *train, *valid; /* users x items; borrowed */
    mf_csr by_item;              /* train transposed */
    float *a, *b;                /* [nnz], or NULL: see als_row */
    float *item_a, *item_b;      /* the same, in the order of by_item */
    double mu;                   /* 0 without biases */
    mf_tensor users, items;      /* users.personas is 1 during the warm-up */
    uint8_t *z;                  /* [nnz + ALS_BEYOND] */
    uint8_t *item_z;             /* the same, in the order of by_item */
    size_t *next;                /* [n], room for mf__als_by_item */
    uint32_t *user_order;        /* [m], by descending number of cells */
    uint32_t *item_order;        /* [n], likewise */
    float *own, *sibling; /* [m], roots of mf__als_rho_of each user; of the sweep */
    als_voices voices;    /* of the users, likewise */
    double *gain;         /* [n], what each item's step takes off L */
    als_tally *tally;     /* [blocks of users], of their last step */
    als_sums sums;        /* of the last step */
    double *gram;         /* [k * k], of the side held fixed */
    mf_basis basis;      /* of the items */
    als_work *work;       /* [threads] */
    uint32_t iteration;   /* sweeps done */
    double *user_gram;    /* [k * k], U'U where gram_known */
    bool gram_known;
    double user_ridge; /* the ridge terms of U, where ridge_known */
    bool ridge_known;
    bool users_newest;  /* nothing has changed since the users were solved */
    bool owners_known;  /* then item_z holds, in the order of train, what z becomes */
    size_t owners_move; /* the cells where it is another */
};

/* U'U into als->gram; computed once for each U. */
int mf__als_user_gram(mf_als *als, mf_err *err) MF_MUST_USE;

/* U, or something else, changes: what was derived from it is forgotten. */
static inline void als_forget(mf_als *als, bool users)
{
    als->users_newest = als->owners_known = als->sums.known = false;
    if (users)
        als->gram_known = als->ridge_known = false;
}

/* a and b of all training cells are 1: then steps tell L. */
bool mf__als_is_even(const mf_als *als);

/* ALS_ROWS users, by descending number of cells, are solved in a row, one fetched while
 * another is solved; their sums are one part of all. */
enum { ALS_ROWS = 64 };

/* sum_{u,q} lambda_u |U[u][q]|^2, by those parts. */
double mf__als_user_ridge(mf_als *als);
double mf__als_item_ridge(const mf_als *als);

static inline bool als_all_finite(const float *x, uint32_t k)
{
    float sum = 0;
    for (uint32_t f = 0; f < k; f++)
        sum += x[f] * 0;
    return sum == 0;
}

/* sum_f x_f^2 */
double mf__als_squared_norm(const float *x, size_t n);

/* Find the voices of all users. */
int mf__als_find_voices(mf_als *als, mf_err *err) MF_MUST_USE;

/* --- coefficients --- */

/* True if a varies from cell to cell, with a confidence. */
bool mf__als_varies(const mf_als_params *p);

/* a and b of a cell of value x, b before mu and biases are taken off. False if
 * x has no confidence. */
bool mf__als_coefficients(const mf_als_params *p, float x, float *a, float *b);

/* a of all cells, where it does not vary. */
static inline double als_even_a(const mf_als_params *p)
{
    return p->preset == MF_PRESET_STUDY ? 0 : 1;
}

/* What one cell costs a persona whose score of it is s. */
static inline double als_cost(double a, double b, double s)
{
    return a * s * s - 2 * b * s;
}

/* The mean of rho over `personas` of them. */
static inline double als_mean_rho(const mf_als_params *p, uint32_t personas)
{
    return (1 + ((double)personas - 1) * p->overlap) / (double)personas;
}

/* w0' */
static inline double als_unobserved(const mf_als_params *p, uint32_t personas)
{
    return p->preset == MF_PRESET_STUDY ? p->unobserved
                                        : als_mean_rho(p, personas) * p->unobserved;
}

/* What a cell of a user of that many counts for the persona that owns it and for the others.
 * Their mean over the personas is als_mean_rho for every user. */
typedef struct als_rho {
    double own, sibling;
} als_rho;
als_rho mf__als_rho_of(const mf_als_params *p, uint32_t personas, size_t cells);

/* weight to the nu */
double mf__als_scaling(const mf_als_params *p, double weight);

/* lambda_u of a user of that many cells, among n items. */
double mf__als_ridge_user(const mf_als_params *p, uint32_t personas, size_t cells,
                          uint32_t n);

/* beta_u or beta_i of a row of that many cells. */
double mf__als_ridge_bias(const mf_als_params *p, uint32_t personas, size_t cells);

/* --- one user, the items held fixed --- */

/* What all users see. */
typedef struct als_view {
    const mf_als_params *p;
    uint32_t personas; /* that a user has now: 1 during the warm-up */
    double mu;
    const mf_tensor *items; /* with biases, if the model has them */
    const double *gram;     /* [k * k], V'V */
    const mf_kernel *kernel;
    const mf_basis
        *basis; /* in which it is diagonal; mf__als_row_solve goes without */
} als_view;

/* A user's cells and factors. */
typedef struct als_row {
    size_t n, ahead;
    const uint32_t *item; /* [ahead], ahead >= n: those after n come next */
    const float *a, *b;   /* [n], as mf__als_coefficients gives them; a may be NULL: all
                             als_even_a; b may be NULL: all 1 */
    uint8_t *z;           /* [n]; to be told owners, [n + ALS_BEYOND] can be read */
    uint8_t *owner;       /* [n], room for what z is to be next, or NULL */
    float *vectors;       /* [personas * k] */
    float *bias;          /* one, or NULL */
} als_row;

enum { ALS_SCORES = 4096 };

/* The scores of cells t .. t + m, [m x personas], m * personas <= ALS_SCORES. */
void mf__als_row_scores(const als_view *view, const als_row *row, size_t t, size_t m,
                        float score[]);

/* The persona that cell t, of these scores, goes to. */
uint8_t mf__als_row_owner(const als_view *view, const als_row *row, size_t t,
                          const float score[]);

/* z given all else. Returns the number of cells that changed. */
size_t mf__als_row_assign(const als_view *view, als_row *row);

/* b_u given all else. */
void mf__als_row_solve_bias(const als_view *view, als_row *row);

/* What a cell counts, and aims at, mu and biases taken off. */
static inline double als_cell_a(const als_view *view, const als_row *row, size_t t)
{
    return row->a ? (double)row->a[t] : als_even_a(view->p);
}

static inline double als_cell_b(const als_view *view, const als_row *row, size_t t)
{
    double b = row->b ? (double)row->b[t] : 1;
    if (!row->bias)
        return b;
    return b - view->mu - (double)*row->bias - (double)view->items->bias[row->item[t]];
}

/* All U[u] of n users given all else, each with the same bits whatever others are
 * solved with it. To *tally, unless it is NULL, is added what they tell, and owners
 * are set: a and b of all cells must be 1. Returns NULL, or the first row whose
 * system cannot be solved. */
als_row *mf__als_rows_solve(const als_view *view, als_row rows[], uint32_t n,
                            als_work *work, als_tally *tally) MF_MUST_USE;

/* The system of U[u][q] given all else: A and the right-hand side, into *work.
 * False if its cells weigh nothing: then U[u][q] is the zero vector. */
bool mf__als_row_system(const als_view *view, const als_row *row, uint32_t q,
                        mf_ridge *work);

/* What v of cell t weighs on that right-hand side: rho b. */
double mf__als_row_pull(const als_view *view, const als_row *row, size_t t, uint32_t q);

/* U[u][q] given all else, in double: for what is too much for float. Returns MF_OK
 * or MF_EMATH. */
int mf__als_row_solve(const als_view *view, als_row *row, uint32_t q,
                      mf_ridge *work) MF_MUST_USE;

/* U[u] and b_u, if there is one, together given all else. Likewise. */
int mf__als_row_solve_all(const als_view *view, als_row *row,
                          als_work *work) MF_MUST_USE;

/* --- training --- */

/* User u of training, and what users see. */
als_view mf__als_view_of(const mf_als *als);
als_row mf__als_row_of(const mf_als *als, uint32_t user);

/* b of a cell, mu and biases taken off. */
double mf__als_b(const mf_als *als, uint32_t user, uint32_t item, size_t cell);

static inline double als_a(const mf_als *als, size_t cell)
{
    return als->a ? (double)als->a[cell] : als_even_a(&als->p);
}

/* The same of a cell at a position of by_item. */
double mf__als_item_b(const mf_als *als, uint32_t user, uint32_t item, size_t at);

static inline double als_item_a(const mf_als *als, size_t at)
{
    return als->item_a ? (double)als->item_a[at] : als_even_a(&als->p);
}

/* Values of the cells, of `size` bytes each, from the order of train to that of
 * by_item. */
void mf__als_by_item(const mf_als *als, void *to, const void *from, size_t size);

/* The rows of x by descending number of entries: long ones first, and rows of like
 * length side by side. *order is the caller's to free. */
int mf__als_order(uint32_t **order, const mf_csr *x, mf_err *err) MF_MUST_USE;

double mf__als_lambda_user(const mf_als *als, uint32_t user);
double mf__als_lambda_item(const mf_als *als, uint32_t item);
double mf__als_beta_user(const mf_als *als, uint32_t user);
double mf__als_beta_item(const mf_als *als, uint32_t item);

/* All b_i, all b_u, each given all else; nothing in a model without. */
void mf__als_solve_item_biases(mf_als *als);
void mf__als_solve_user_biases(mf_als *als);

/* *state of what the last step told, where sums.known. */
void mf__als_tell(const mf_als *als, mf_als_state *state);

/* Measure, unless it is known, and show a state. */
int mf__als_show(mf_als *als, const char *half, double moved,
                 void (*each)(void *self, const mf_als_state *state), void *self,
                 mf_err *err);

/* Random factors, of one persona where a warm-up follows. */
int mf__als_start_random(mf_als *als, mf_err *err);

/* Give users p personas, each what one of theirs was, and keep the biases: so
 * that b_u, the next to be solved, starts from where it is. */
int mf__als_set_personas(mf_als *als, uint32_t p, mf_err *err);

/* Split each user's history by clustering its item vectors. have[u] personas,
 * whose cells z names, are the first centers; p: leave the user alone. NULL: 0
 * for all. */
int mf__als_split_histories(mf_als *als, const uint8_t *have, mf_err *err);

#endif
