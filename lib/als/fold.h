/* als/fold.h - the state of fold-in, shared with explanations. */
#ifndef ALS_FOLD_H
#define ALS_FOLD_H

#include "als/row.h"
#include "als/split.h"
#include "als/work.h"
#include "mf/fold_in.h"

struct mf_fold_in {
    mf_als_params p;
    double *gram; /* [k * k], as in als_view */
    mf_basis basis;
    mf_whitened space; /* empty for p = 1 */
    als_view view;     /* of the above */
};

/* The system of the persona that is explained: see explain.c. */
typedef struct mf_explaining {
    bool weighs_any, by_dual;
    mf_ridge dual;   /* of the order of the history */
    uint32_t cap;    /* cells that it has room for */
    double *inverse; /* [k], D^-1; owned, like what follows */
    float *column;   /* [k], one dimension of the cells */
    double *vector;  /* [k] */
    uint8_t *weighs; /* [weighs_cap], cells that are in the dual */
    size_t weighs_cap;
} mf_explaining;

struct mf_fold_work {
    als_work work;
    mf_explaining explain;
    size_t longest;  /* history that work has room for */
    als_split split; /* empty for p = 1 */
    /* the user's cells that say something: */
    size_t *at;           /* [cap], which of the user's they are */
    uint32_t *item;       /* [cap] */
    float *value, *a, *b; /* [cap], values and coefficients */
    uint8_t *z;           /* [cap] */
    double
        *rhs_weight; /* [cap], of all cells: their weights on the right-hand side of a
                            persona */
    size_t at_cap, item_cap, value_cap, a_cap, b_cap, z_cap, rhs_weight_cap;
};

/* Make *row of the user's cells that say something; it borrows the vectors and the bias
 * of *user, the rest from *w. z is taken from the user if it is `given`, else 0.
 * Returns MF_OK, MF_EINVAL, MF_EFORMAT or MF_ENOMEM. */
int mf__fold_prepare(const mf_fold_in *f, mf_fold_work *w, mf_fold_user *user,
                     bool given, als_row *row, mf_err *err) MF_MUST_USE;

#endif
