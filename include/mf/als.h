/* mf/als.h - persona matrix factorization by alternating least squares.
 *
 * To train on a matrix and list the best ten items for the user of row 0:
 *
 *     mf_als_params params = mf_als_defaults(MF_PRESET_IMPLICIT);
 *     mf_als *als = NULL;
 *     mf_hit hit[10];
 *     uint32_t user = 0, found;
 *     mf_err err = {0};
 *     if (mf_als_open(&als, &matrix, NULL, &params, &err) < 0 ||
 *         mf_als_run(als, NULL, NULL, &err) < 0 ||
 *         mf_als_recommend(als, 1, &user, 10, hit, &found, &err) < 0)
 *         fprintf(stderr, "%s\n", err.text);
 *     mf_als_close(als);
 *
 * A user is p points of k factors, the personas. The score of an item is that of the
 * persona that likes it most (Weston, Weiss, Yee, RecSys 2013),
 *
 *     s(u,i) = mu + b_u + b_i + max_q <U[u][q], V[i]>
 *
 * over the active personas q: those that own a cell of the user (in `implicit` and
 * `wrmf` a cell that is liked), or all if none does. z(u,i) is the persona that owns
 * the observed cell (u,i). For its siblings the cell counts omega, the overlap, times
 * what it counts for the owner: rho = 1 if q = z(u,i), else omega (for users with few
 * cells see `persona_cells` below). With s_q = <U[u][q], V[i]>
 *
 *     L = sum_obs sum_q rho (a s_q^2 - 2 b s_q) + w0' sum_{u,q,i} h_i s_q^2
 *         + sum_{u,q} lambda_u |U[u][q]|^2 + sum_i lambda_i |V[i]|^2
 *         + sum_u beta_u b_u^2 + sum_i beta_i b_i^2
 *     r = (1 + (p-1) omega) / p,  the mean of rho
 *     h_i = (cells(i) / mean cells of an item that has any)^popularity
 *     lambda_u = lambda_users r (cells(u) + w0 sum_i h_i)^nu
 *     lambda_i = lambda_items p r (cells(i) + w0 h_i m)^nu
 *     beta_u = lambda_bias p r cells(u)^nu,  beta_i = lambda_bias p r cells(i)^nu
 *     (in `study` r and p r are within the power)
 *
 * h is 1 for each of the n items unless there is a `popularity`: then what nobody has
 * of an item weighs by how many have it (He, Zhang, Kan, Chua, SIGIR 2016), and h of an
 * item without cells is 0. w0 is a number, or counted in the density of the training
 * cells (mf_w0_unit).
 * The preset chooses a, b and w0, for a cell of value x:
 *
 *     implicit  a = b = 1           w0' = r w0  iALS as tuned by Rendle et al. 2021
 *     wrmf      a = c, b = 1 + c    w0' = r w0  Hu, Koren, Volinsky 2008
 *     explicit  a = 1, b = x - mu - b_u - b_i, w0 = 0: observed cells alone
 *     study     a = 0, b = x        w0' = w0    dense least squares on the values
 *
 * where c = alpha |x| or alpha log(1 + |x| / eps) is the confidence. `implicit` may
 * have one too: then a = b = c. In these two presets that is a cell of a value above 0,
 * which is liked. One below 0 is a dislike: b = 0, and a as above. One of 0 says
 * nothing: training and its loss are what they would be if it were not there, cells(u)
 * and cells(i) do not count it, and it is only known, so that its item is not
 * recommended. In `explicit` and `study` every cell says its number, 0 and less among
 * them. mu is the mean of the training values; mu and biases are 0 except in
 * `explicit`.
 *
 * A sweep is three exact block minimizations, of z, V and U (five with biases: b_i
 * before V, b_u before U), so L never rises from sweep to sweep. Training ends on U, so
 * that scores are ridge solutions. With MF_ASSIGN_MAX the step of z is not a
 * minimization, and L may rise in that step. Where histories are divided, in "cluster",
 * by default after the last sweep, p goes from 1 to that of the parameters, and L
 * becomes another function: its values before and after are not comparable.
 *
 * L is reported with the constant that gives each preset its textbook form:
 *
 *     implicit  sum_obs sum_q rho (1 - s_q)^2 + ...
 *     wrmf      sum_obs (1 + c) (1 - s)^2 + ...          at p = 1 and w0 = 1
 *     explicit  sum_obs sum_q rho (x - mu - b_u - b_i - s_q)^2 + ...
 *     study     sum_{u,q,i} (rho x - s_q)^2 + ...        at w0' = 1
 *
 * A user or item without cells is the zero vector, with bias 0, and adds 0 to a score.
 * Where w0 is 0, so is a persona whose cells all weigh nothing. */
#ifndef MF_ALS_H
#define MF_ALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/io.h"
#include "mf/matrix.h"
#include "mf/ranks.h"
#include "mf/search.h"

MF_BEGIN_DECLS

typedef enum mf_preset {
    MF_PRESET_IMPLICIT,
    MF_PRESET_WRMF,
    MF_PRESET_EXPLICIT,
    MF_PRESET_STUDY
} mf_preset;
typedef enum mf_init {
    MF_INIT_CLUSTER,  /* plain ALS, then spherical k-means++ of each history, in the
                         space of V (V'V)^-1/2 */
    MF_INIT_GAUSSIAN, /* random factors */
    MF_INIT_MODEL     /* another model: mf_als_start_from, without a warm-up */
} mf_init;
typedef enum mf_assign {
    MF_ASSIGN_LOSS, /* z(u,i) = argmin_q a s_q^2 - 2 b s_q */
    MF_ASSIGN_MAX   /* z(u,i) = argmax_q s_q, the study's rule */
} mf_assign;
typedef enum mf_confidence {
    MF_CONFIDENCE_NONE,
    MF_CONFIDENCE_LINEAR, /* c = alpha x */
    MF_CONFIDENCE_LOG     /* c = alpha log(1 + x / eps) */
} mf_confidence;

/* How the systems of a half-step are solved. CHOLESKY and DUAL are exact and differ
 * only by rounding: they say how those of users are solved, items are solved by
 * Cholesky.
 *
 * CG takes some steps of conjugate gradients from the current vectors, on both sides;
 * short rows are solved exactly, in their dual. Factors are then turned into another
 * basis before each half-step, both sides alike, which changes no score and no loss.
 * At the end of training users are solved exactly: mf_als_finish. */
typedef enum mf_solver {
    MF_SOLVER_AUTO,     /* up to 127 factors exact: short rows in the dual, others by
                           Cholesky; with more, CG of 2 steps */
    MF_SOLVER_CHOLESKY, /* k x k systems for all */
    MF_SOLVER_DUAL,     /* in the dual wherever a row has no more cells than factors */
    MF_SOLVER_CG
} mf_solver;

/* What w0 is counted in. The density is that of the training cells that say something:
 * their number divided by (users who have one x items that have one). So w0 of 8 in
 * this unit lets all cells that nobody has weigh 8 times as much as those that are
 * there, whatever the data; rows and columns without cells do not change it. */
typedef enum mf_w0_unit {
    MF_W0_PLAIN,
    MF_W0_DENSITY /* w0 = `unobserved` x the density */
} mf_w0_unit;

/* For w0, either lambda and alpha: what suits the training cells is found by
 * mf_als_settle, in implicit and wrmf from their numbers and their noise s. Of the
 * cells that say something, the users who have one and the items that have one, with
 * cbar the mean confidence of a cell (1 without):
 *
 *     skew   = items sum_i cells(i)^2 / cells^2: so many times more cells than an item
 *              has the item of a cell
 *     r      = 4.5 skew^(1/2)
 *     w0     = r density cbar: all cells that nobody has weigh r times those that are
 *              there
 *     lambda = .23 s cbar w^(1/2) / (c + w0 items)^nu,
 *              w = (1 + w0 / (density cbar)) c, c = cells / users: w is what the row
 *              of a mean user weighs
 *     alpha  such that cbar is w0 / (r density), or 1 where w0 is not a plain number
 *
 * With nu 1 and no confidence lambda is .23 s / w^(1/2). s is 1, 2^1/2 or 2. Numbers do
 * not tell how much of the cells is chance, so one cell is hidden of each of up to
 * 2,000 users, among at most 200,000 cells, and a model of 32 factors is trained for 4
 * sweeps at the lambda of s = 1, at 2 and at 2^3/2 times that. s is 2^1/2 where hidden
 * cells have an ndcg@100 that is 5 % better at the second than at the first, and 2
 * where it is at the third too. It is 1 where fewer than 200 users have two cells that
 * are liked.
 *
 * In explicit lambda alone may be left, .14 sd c^(1 - nu), sd being the standard
 * deviation of the values. Where the numbers come from, and what they lose against the
 * best, is in examples/defaults. */
#define MF_ALS_AUTO (-1.0)

/* Names of the enumerators in order, ended by NULL. */
extern const char *const mf_preset_names[];
extern const char *const mf_init_names[];
extern const char *const mf_assign_names[];
extern const char *const mf_confidence_names[];
extern const char *const mf_solver_names[];

typedef struct mf_als_params {
    mf_preset preset;
    mf_init init;
    mf_assign assign;
    uint32_t k, personas;
    uint32_t persona_cells;            /* see below; 0: every user has all personas */
    double overlap;                    /* omega, 0 .. 1 */
    double shrink;                     /* >= 0, see below */
    double unobserved;                 /* w0 >= 0 or MF_ALS_AUTO; study: > 0 */
    mf_w0_unit unobserved_unit;        /* what it is counted in */
    double popularity;                 /* implicit and wrmf; 0 .. 4 */
    double lambda_users, lambda_items; /* >= 0 or MF_ALS_AUTO */
    double nu;                         /* >= 0 */
    mf_confidence confidence;          /* implicit and wrmf; wrmf: not NONE */
    double alpha, eps;   /* > 0 where the confidence has them; alpha or MF_ALS_AUTO */
    bool bias;           /* mu, b_u and b_i; explicit alone */
    double lambda_bias;  /* >= 0 */
    uint32_t iterations; /* sweeps, including those of the warm-up */
    uint32_t warmup;     /* plain sweeps before histories are divided, <= iterations; or
                        MF_WARMUP_ALL; nothing for one persona */
    uint32_t restarts;   /* of each clustering: the best is used; 1 .. 1000 */
    mf_solver solver;
    uint32_t steps; /* of CG, 1 .. 1000 */
    uint64_t seed;
    int threads; /* 0: all; never changes a bit of the result */
    mf_ranks *ranks; /* that train together, each on rows of its own; NULL: this process
                        alone. Borrowed. Calls that take parameters with ranks are
                        made by all of them: mf/ranks.h */
    struct mf_disk *disk; /* where cells are, as mf_train_run sets it; NULL: in memory.
                        Borrowed; never changes a bit of the result */
} mf_als_params;

/* A history of a few cells is too short to be divided by p. With `persona_cells` it is
 * divided into
 *
 *     p_u = min(p, 1 + floor(cells(u) / persona_cells))
 *
 * parts; the personas beyond own nothing, and so do not speak. With `shrink` the
 * overlap of user u is
 *
 *     omega_u = (omega cells(u) + shrink) / (cells(u) + shrink)
 *
 * as if `shrink` more cells belonged to all personas alike. rho is then
 *
 *     own_u = p_u r / (1 + (p_u-1) omega_u)
 *
 * for the owner and omega_u own_u for the siblings, and r for all if p_u is 1. Its mean
 * over the parts is r for every user, so nothing else changes; with both 0, own_u is 1
 * and omega_u is omega. */

/* `warmup`: all sweeps are plain, and histories are divided after the last one. */
#define MF_WARMUP_ALL UINT32_MAX

/* The defaults of a preset. */
mf_als_params mf_als_defaults(mf_preset preset);

/* How many sweeps suit so many factors: 8 (512 / k)^1/2, but no less than 5
 * and no more than 10 in `implicit`, 16 in `wrmf` and `explicit`: with many factors the
 * quality of lists is best after a few, and falls. `study` has 15. */
uint32_t mf_als_default_iterations(mf_preset preset, uint32_t k);

/* Returns MF_OK, or MF_EINVAL with the parameter that is out of range. */
int mf_als_check(const mf_als_params *params, mf_err *err) MF_MUST_USE;

/* Numbers of the training cells that say something, and what follows from them. */
typedef struct mf_als_shape {
    double cells, users, items;
    double density;    /* 1 where no cell says anything */
    double skew;       /* likewise */
    double confidence; /* the mean of c with alpha 1, or 1 without a confidence */
    double deviation;  /* of the values; 1 where they are all the same */
    double noise;      /* s of MF_ALS_AUTO; 1 where no lambda is left to the cells */
} mf_als_shape;

/* O(nnz + columns), and where a lambda is MF_ALS_AUTO two or three short trainings on
 * a sample, by params->threads. The same for any seed and number of threads. Returns
 * MF_OK or MF_ENOMEM. */
int mf_als_measure_shape(mf_als_shape *shape, const mf_als_params *params,
                         const mf_csr *train, mf_err *err) MF_MUST_USE;

/* Make w0, lambda and alpha plain numbers, those that are MF_ALS_AUTO or counted in the
 * density of `train`. mf_als_open does that for itself; who goes on with the
 * parameters, as fold-in does, calls this. Returns MF_OK, MF_ENOMEM or MF_EFORMAT (what
 * was found is out of range: the values are extreme). */
int mf_als_settle(mf_als_params *params, const mf_csr *train, mf_err *err) MF_MUST_USE;

/* The same, of cells that were measured. */
int mf_als_settle_by(mf_als_params *params, const mf_als_shape *shape,
                     mf_err *err) MF_MUST_USE;

/* Lower k to as many factors as can differ: no V of n rows, and no U of m users with p
 * personas, spans more than n, or m p, dimensions, and what lies beyond these changes
 * no score. So k above 1,024 becomes the larger of that and min(n, m p), m rows of all
 * ranks' `train`, n its columns. L has the same minimum, and k^2 costs less. */
void mf_als_limit_factors(mf_als_params *params, const mf_csr *train);

/* The state of training after a half-sweep. rmse and valid are the root mean squared
 * errors of the score against the target (for implicit and wrmf 1 if a cell is liked,
 * else 0, for explicit and study the value) on the training cells that say something
 * and on all validation cells; NaN where there are none. What an observer is shown
 * after the items' half has NaN there too: scores are those of whole sweeps. */
typedef struct mf_als_state {
    uint32_t iteration;  /* 0 is the start */
    const char *half;    /* "start", "cluster", "items", "users" */
    double loss;         /* L = prediction + users + items */
    double prediction;   /* the sums over cells */
    double users, items; /* the ridge terms, including those of the biases */
    double rmse, valid;  /* NaN where there are no such cells */
    double moved;        /* share of training cells that changed persona before */
} mf_als_state;

/* Is called with the state after the start and after every half-sweep; `self` is the
 * caller's. */
typedef void mf_als_observer(void *self, const mf_als_state *state);

typedef struct mf_als mf_als;

/* Prepare to train on `train` [users x items], whose values are finite; of
 * them implicit without confidence takes the sign alone. `valid` has the same shape, or
 * is NULL. Both are borrowed until mf_als_close. Returns MF_OK, MF_EINVAL, MF_EFORMAT
 * (c overflows) or MF_ENOMEM. */
int mf_als_open(mf_als **out, const mf_csr *train, const mf_csr *valid,
                const mf_als_params *params, mf_err *err) MF_MUST_USE;

/* Find the first cell of `train` whose c overflows; *cell is its position. False if
 * there is none. O(nnz) */
bool mf_als_find_overflow(const mf_als_params *params, const mf_csr *train,
                          size_t *cell);

/* After MF_EMATH: true if the system of one row, of an item or a user, could not be
 * solved. */
bool mf_als_failed(const mf_als *als, bool *item, uint32_t *row);

void mf_als_close(mf_als *als);

/* Tell the progress of all that follows to report->progress: "training", by rows
 * solved, and "clustering". Borrowed until mf_als_close. */
void mf_als_tell(mf_als *als, const mf_report *report);

/* Train: mf_als_begin, all sweeps and mf_als_finish. `each` may be NULL. A second call
 * starts anew, with the same result. Returns MF_OK, MF_EINVAL (params->init is MODEL:
 * mf_als_start_from), MF_ENOMEM or MF_EMATH (a system that is not positive definite:
 * more lambda is needed). */
int mf_als_run(mf_als *als, mf_als_observer *each, void *self, mf_err *err) MF_MUST_USE;

/* --- results --- */

/* Find the best items for n users, rows user[j] of `train`, or rows 0 .. n-1 if
 * `user` is NULL: found[j] <= top items in hit[j * top ...], by descending score,
 * then by ascending index. Items of the user's training cells are left out,
 * those of value 0 among them, and so are items whose cells are there but nobody likes.
 * hit has room for n * top. Exact, in the way of mf/search.h, and the same for any
 * number of threads. Items without training cells have score 0 (mu + b_u with biases)
 * and may be listed; to a user without cells all items are alike, and those of the
 * first indices are listed, or with biases those of the highest. Every call first
 * arranges the items, in O(items (k + log items)): ask for many users at once. Returns
 * MF_OK, MF_EINVAL (nothing is trained yet, by mf_als_run, mf_als_begin,
 * mf_als_start_from or mf_als_restore; no such user; top is not in 1 .. MF_SEARCH_TOP;
 * more than MF_SEARCH_ITEMS items), MF_ERANGE (see mf_search_check) or MF_ENOMEM. */
int mf_als_recommend(const mf_als *als, uint32_t n, const uint32_t user[], uint32_t top,
                     mf_hit hit[], uint32_t found[], mf_err *err) MF_MUST_USE;

/* The factors: users [m x p x k], items [n x 1 x k], each with its biases where the
 * model has them, items with their weights h where these are not all 1; borrowed until
 * the next step. During the warm-up p is 1. */
const mf_tensor *mf_als_users(const mf_als *als);
const mf_tensor *mf_als_items(const mf_als *als);

/* The mean of the training values; 0 without biases. */
double mf_als_mu(const mf_als *als);

/* z: the persona of each training cell, [train->nnz]; borrowed likewise. A cell that
 * says nothing belongs to the first active persona of its user. */
const uint8_t *mf_als_personas(const mf_als *als);

/* The active personas of a user, as bits. */
uint64_t mf_als_active(const mf_als *als, uint32_t user);

/* How much a user's personas agree and how evenly they are used. What personas say is
 * seen in their lists: L_q is the MF_AGREEMENT_TOP items with the highest scores of
 * persona q alone, those that the user knows left out. Two personas agree on
 *
 *     |L_q and L_r| / |L_q|
 *
 * of their items: on all where one is a copy of the other, on none where they are
 * apart. (The cosine of their vectors does not tell: most of a vector says what
 * everybody likes, and lists that share only half of their items have cosines of .85
 * to .9.) */
enum { MF_AGREEMENT_TOP = 20, MF_AGREEMENT_USERS = 1000 };

typedef struct mf_als_separation {
    double agreement; /* the mean over the pairs of a user's active personas, then over
                         the users with two and more; of more than MF_AGREEMENT_USERS
                         rows, every so many-th is asked. NaN where there is no pair or
                         scores leave the range of float */
    double entropy; /* of the shares of a user's cells by persona, dislikes left out, in
                       bits, at most log2 p; the mean over users with such cells; NaN
                       for p = 1 */
} mf_als_separation;

/* Returns MF_OK or MF_ENOMEM. */
int mf_als_measure_separation(const mf_als *als, mf_als_separation *out,
                              mf_err *err) MF_MUST_USE;

/* How the systems so far were solved. */
typedef struct mf_als_solves {
    size_t dual,
        cg;        /* in their dual, and by conjugate gradients, where those are used */
    size_t longer; /* of those, systems that needed more steps than were asked for */
    size_t in_double; /* too ill-conditioned for float, and solved again in double */
} mf_als_solves;

mf_als_solves mf_als_count_solves(const mf_als *als);

/* --- between two sweeps: what a run needs to go on --- */

typedef struct mf_als_factors {
    mf_tensor users; /* [m x p x k], p being 1 during the warm-up; owned */
    mf_tensor items; /* [n x 1 x k]; owned */
    uint8_t *z;      /* [train->nnz]; owned */
    uint8_t *next_z; /* [train->nnz], mf_als_next_personas; or NULL; owned */
} mf_als_factors;

void mf_als_factors_free(mf_als_factors *f);

/* Sweeps done, including those of the warm-up. */
uint32_t mf_als_iteration(const mf_als *als);

/* True as long as plain sweeps are made, before the personas are split. */
bool mf_als_warms_up(const mf_als *als);

/* What z becomes in the next sweep, [train->nnz]; NULL if that is not known yet. */
const uint8_t *mf_als_next_personas(const mf_als *als);

/* Copy the state into *f, which is zeroed or holds an earlier state: what it holds is
 * reused where the shapes are the same, else freed. Returns MF_OK or MF_ENOMEM. */
int mf_als_save(const mf_als *als, mf_als_factors *f, mf_err *err) MF_MUST_USE;

/* The same for a result: without U where mf_als_finish solves it from V and z. After
 * mf_als_restore of that no more sweeps are to be made, only mf_als_finish. */
int mf_als_save_result(const mf_als *als, mf_als_factors *f, mf_err *err) MF_MUST_USE;

/* Take over the state that another run of the same parameters and cells saved after
 * `iteration` sweeps, instead of a start: what follows has the same bits. Returns
 * MF_OK, MF_EINVAL (other shapes) or MF_ENOMEM. */
int mf_als_restore(mf_als *als, const mf_als_factors *f, uint32_t iteration,
                   mf_err *err) MF_MUST_USE;

/* --- the steps, for tests and for other trainers; errors are those of mf_als_run
 * --- */

/* Set the factors before the first sweep, as params->init says. */
int mf_als_begin(mf_als *als, mf_als_observer *each, void *self,
                 mf_err *err) MF_MUST_USE;

/* One sweep: z, V, U. The last one of a warm-up also splits each user's history into
 * personas, but with MF_WARMUP_ALL. */
int mf_als_sweep(mf_als *als, mf_als_observer *each, void *self,
                 mf_err *err) MF_MUST_USE;

/* mf_als_begin and the warm-up, if there is one; with MF_WARMUP_ALL, mf_als_run. */
int mf_als_start(mf_als *als, mf_als_observer *each, void *self,
                 mf_err *err) MF_MUST_USE;

/* After the last sweep: split each user's history into personas, if no sweep did, and
 * solve all users exactly, if that is not done. */
int mf_als_finish(mf_als *als, mf_als_observer *each, void *self,
                  mf_err *err) MF_MUST_USE;

enum { MF_ALS_NO_PERSONA = 255 }; /* a z that is not known */

/* Begin with the factors of another model, for params->init MODEL: `given` has the
 * shapes of this problem and p' <= p personas, zero vectors for users and items that
 * the model does not know, and its z or MF_ALS_NO_PERSONA. A cell of no persona goes
 * to the one that fits it best. Where p' < p, each history is clustered: the first
 * centers are its p' parts, or there are none if the user has no vectors. Then U is
 * solved. Returns also MF_EINVAL for other shapes. */
int mf_als_start_from(mf_als *als, const mf_als_factors *given, mf_als_observer *each,
                      void *self, mf_err *err) MF_MUST_USE;

/* Set z, as params->assign says; ties go to the first persona. *moved is the share of
 * cells that changed. */
void mf_als_assign(mf_als *als, double *moved);

/* Set all V given U and z, or all U given V and z: one ridge system for each item,
 * or for each user and persona. In a model with biases, those of the side come
 * first, given all else. */
int mf_als_solve_items(mf_als *als, mf_err *err) MF_MUST_USE;
int mf_als_solve_users(mf_als *als, mf_err *err) MF_MUST_USE;

/* Compute everything in *state but iteration, half and moved. Returns MF_OK or
 * MF_ENOMEM. */
int mf_als_measure(mf_als *als, mf_als_state *state, mf_err *err) MF_MUST_USE;

MF_END_DECLS

#endif
