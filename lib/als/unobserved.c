/* What cells that nobody has weigh, where that depends on the cells that are there. */
#include <stdlib.h>

#include "als/params.h"
#include "base/mem.h"

int mf_als_density(double *density, const mf_als_params *params, const mf_csr *train,
                   mf_err *err)
{
    size_t cells = 0, users = 0, items = 0;
    uint8_t *has = mf__new0(train->cols, sizeof *has);
    if (!has)
        return mf__nomem(err);
    for (uint32_t u = 0; u < train->rows; u++) {
        size_t before = cells;
        for (size_t t = train->ptr[u]; t < train->ptr[u + 1]; t++)
            if (als_says_something(params, train->val[t])) {
                items += !has[train->col[t]];
                has[train->col[t]] = 1;
                cells++;
            }
        users += cells > before;
    }
    free(has);
    *density = cells ? (double)cells / ((double)users * (double)items) : 1;
    return MF_OK;
}

int mf_als_settle(mf_als_params *params, const mf_csr *train, mf_err *err)
{
    double density;
    if (params->unobserved_unit == MF_W0_PLAIN)
        return MF_OK;
    int code = mf_als_density(&density, params, train, err);
    if (code < 0)
        return code;
    params->unobserved *= density;
    params->unobserved_unit = MF_W0_PLAIN;
    return MF_OK;
}
