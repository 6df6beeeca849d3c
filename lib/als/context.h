/* als/context.h - the state of a training, and the data that its steps read: the
 * rows of users and of items, their coefficients, ridges and Gram matrices. */
#ifndef ALS_CONTEXT_H
#define ALS_CONTEXT_H

#include "als/distinct.h"
#include "als/row.h"
#include "als/terms.h"
#include "als/work.h"
#include "base/disk.h"
#include "base/ranks.h"
#include "base/report.h"

/* Users are solved in blocks of so many, by descending number of cells: one is fetched
 * while another is solved. The terms of a block are one part of the sums over users. */
enum { ALS_BLOCK = 64 };

/* Users are ordered in stretches of so many, so that one pass over them goes through
 * cells and vectors that lie near each other. */
enum { ALS_STRETCH = 1 << 16 };

/* L, as the last step derived it. */
typedef struct als_loss {
    bool known;
    double prediction, users, items; /* as in mf_als_state */
    double square; /* of errors on training cells; NaN after a step of the items */
} als_loss;

struct mf_als {
    mf_als_params p;
    int threads;
    uint32_t iteration;          /* sweeps done */
    bool begun;                  /* the factors were set */
    const mf_csr *given, *valid; /* users x items; borrowed */
    mf_ranks *ranks;             /* that have other users; NULL or one: none do */
    uint64_t first;              /* users of the ranks before this one */
    double rows, cells;          /* users and training cells of all ranks, */
    double valid_cells;          /* and validation cells */
    size_t *item_cells;          /* [n], cells of each item, of all ranks; owned */
    const mf_csr
        *train;  /* the cells that say something: `given`, or if there are others
                            `said` */
    mf_csr said; /* owned */
    uint8_t *given_z[2];  /* [given->nnz], z and next_z of all cells, where train is not
                            `given`: see als/cells.h */
    bool dislikes;        /* some cells are dislikes */
    bool unit;            /* a and b of every cell are 1 */
    mf_csr by_item;       /* train transposed */
    uint32_t *user_order; /* [m], as mf__als_order_rows gives it */
    uint32_t *item_order; /* [n], likewise */
    size_t *next;         /* [n], scratch of mf__als_copy_by_item */
    float *a, *b;         /* [nnz], as in als_row; each may be NULL */
    float *item_a, *item_b; /* the same in the order of by_item */
    const mf_kernel *kernel;
    als_work *work;        /* [threads]; with `wide` closed but in mf_als_finish */
    struct als_wide *wide; /* NULL: users and items are solved by als/users.h and
                               als/items.h */

    double mu;              /* 0 without biases */
    double weights;         /* the sum of the items' weights */
    mf_tensor users, items; /* users.personas is 1 during the warm-up */
    uint8_t *z;             /* [nnz + ALS_BEYOND] */
    uint8_t *item_z;        /* z in the order of by_item, as of mf__als_prepare_items */
    float *own, *sibling;   /* [m], roots of rho of each user, likewise */
    als_distinct distinct;  /* of the users, where p > 1; as of the last items' step */

    /* derived from U and V: */
    double *user_gram; /* [k * k], U'U where user_gram_known */
    bool user_gram_known;
    double *item_gram;     /* [k * k], V' diag(h) V as of the last users' step or
                              measure, h being the items' weights */
    mf_basis basis;        /* of the items, as of the last users' step */
    bool basis_current;    /* of the items as they are, by mf__gram_weighted */
    double *gain;          /* [n], what the last step took off L for each item */
    als_terms *user_terms; /* [blocks of users], of the last step */
    als_loss loss;         /* after the last step */
    double user_ridge;     /* the ridge terms of U here, where user_ridge_known */
    bool user_ridge_known;
    bool failed_item; /* the side and row of the system that could not be solved; or */
    uint32_t failed;  /* UINT32_MAX */
    bool users_current; /* nothing has changed since the users were solved */
    mf_tally tally;     /* rows done; `tally.report` is borrowed, or NULL */
    char step[48];      /* of the tally */
    uint8_t *next_z;    /* [nnz], z of the next sweep; NULL if p.personas is 1 */
    bool next_z_known;
    size_t next_z_moved; /* cells where it differs from z */
};

/* Forget what was derived from what is about to change: with `users`, from U; else
 * from V, z or biases. */
static inline void als_invalidate(mf_als *als, bool users)
{
    als->users_current = als->next_z_known = als->loss.known = false;
    if (users)
        als->user_gram_known = als->user_ridge_known = false;
}

/* mu + b_u + b_i; 0 in a model without biases. */
static inline double als_offset(const mf_als *als, uint32_t u, uint32_t i)
{
    if (!als->users.bias)
        return 0;
    return als->mu + (double)als->users.bias[u] + (double)als->items.bias[i];
}

/* Open the workspaces of all threads. Returns MF_OK or MF_ENOMEM. */
int mf__als_open_work(mf_als *als, mf_err *err) MF_MUST_USE;

/* As mf__tensor_room, mf_tensor_free and mf_csr_free, of users and cells that may be on
 * disk. */
int mf__als_tensor(const mf_als *als, mf_tensor *out, uint32_t n, uint32_t personas,
                   mf_err *err) MF_MUST_USE;
void mf__als_tensor_free(const mf_als *als, mf_tensor *t);
void mf__als_csr_free(const mf_als *als, mf_csr *x);
void mf__als_zero_users(mf_als *als);

/* Who goes through users, or some of the items, says so at each of them. */
static inline void mf__als_beat(const mf_als *als, uint32_t row)
{
    if (als->p.disk && row % 32 == 0)
        mf__disk_beat(als->p.disk);
}

/* mf_als_open, of parameters that are checked and settled. */
int mf__als_open(mf_als **out, const mf_csr *train, const mf_csr *valid,
                 const mf_als_params *params, mf_err *err) MF_MUST_USE;

/* What is reported from here on, until another phase begins: `what` goes over `total`
 * rows, as users or whatever unit; NULL: nothing. */
static inline void als_phase(mf_als *als, const char *what, const char *unit,
                             uint64_t total)
{
    als->tally.now = (mf_progress){.what = what, .unit = unit, .total = total};
    if (what)
        mf__report_progress(als->tally.report, &als->tally.now);
}

/* How many blocks of users there are. */
static inline uint32_t als_blocks(const mf_als *als)
{
    return als->users.n / ALS_BLOCK + (als->users.n % ALS_BLOCK != 0);
}

static inline uint32_t als_block_size(const mf_als *als, uint32_t block)
{
    uint32_t left = als->users.n - block * ALS_BLOCK;
    return left < ALS_BLOCK ? left : ALS_BLOCK;
}

/* A row cannot be solved: *failed becomes the first such row, whichever thread meets it
 * first. */
void mf__als_note_failure(uint32_t row, uint32_t *failed);

/* --- users --- */

/* What all users see, and user u. */
als_view mf__als_view_of(const mf_als *als);
als_row mf__als_row_of(const mf_als *als, uint32_t u);

/* The active personas of user u, as bits. */
uint64_t mf__als_active_of(const mf_als *als, uint32_t u);

double mf__als_lambda_user(const mf_als *als, uint32_t u);
double mf__als_beta_user(const mf_als *als, uint32_t u);

/* --- items --- */

/* Update what the items' steps read of their cells: item_z, own and sibling. */
void mf__als_prepare_items(mf_als *als);

double mf__als_lambda_item(const mf_als *als, uint32_t i);
double mf__als_beta_item(const mf_als *als, uint32_t i);

/* a of a cell, at its position in by_item, and b after mu and biases are subtracted. */
static inline double als_item_a(const mf_als *als, size_t at)
{
    return als->item_a ? (double)als->item_a[at] : als_constant_a(&als->p);
}

double mf__als_item_b(const mf_als *als, uint32_t u, uint32_t i, size_t at);

/* --- Gram matrices --- */

/* Set user_gram, unless it is known; set item_gram: by `gram`, which is
 * mf__gram_weighted or, where its rounding is too much, mf__gram_in_double. Return
 * MF_OK or MF_ENOMEM. */
int mf__als_make_user_gram(mf_als *als, mf_gram *gram, mf_err *err) MF_MUST_USE;
int mf__als_make_item_gram(mf_als *als, mf_gram *gram, mf_err *err) MF_MUST_USE;

/* Set the basis, and item_gram, for the personas that there are: by mf__gram_weighted,
 * what is current being kept, or by another Gram matrix. Return MF_OK, MF_ENOMEM or
 * MF_EMATH (V is not finite). mf__als_turn_items leaves out the copy: it turns the
 * items themselves, so that all of U is to be solved after it. */
int mf__als_make_basis(mf_als *als, mf_err *err) MF_MUST_USE;
int mf__als_make_basis_by(mf_als *als, mf_gram *gram, mf_err *err) MF_MUST_USE;
int mf__als_turn_items(mf_als *als, mf_err *err) MF_MUST_USE;

#endif
