/* als/fold.h - the state of fold-in, shared with explanations. */
#ifndef ALS_FOLD_H
#define ALS_FOLD_H

#include "als/row.h"
#include "als/work.h"
#include "math/cluster.h"
#include "mf/fold_in.h"

struct mf_fold_in {
    mf_als_params p;
    double *gram;   /* [k * k], V'V */
    mf_tensor unit; /* of mf__cluster_whiten; empty for p = 1 */
    mf_basis basis;
    als_view view; /* of the above */
};

struct mf_fold_work {
    als_work work;
    mf_cluster cluster; /* empty for p = 1 */
    float *a, *b;       /* [cap], coefficients of the user's cells */
    double *rhs_weight; /* [cap], their weights on the right-hand side of a persona */
    size_t a_cap, b_cap, rhs_weight_cap;
};

/* Make *row of the user's cells; it borrows all that *user has. Returns MF_OK,
 * MF_EINVAL, MF_EFORMAT or MF_ENOMEM. */
int mf__fold_prepare(const mf_fold_in *f, mf_fold_work *w, mf_fold_user *user,
                     als_row *row, mf_err *err) MF_MUST_USE;

#endif
