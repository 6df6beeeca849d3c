/* Trainings, once what is left to the training cells is found. */
#include "als/context.h"
#include "als/noise.h"
#include "als/params.h"

int mf_als_measure_shape(mf_als_shape *shape, const mf_als_params *params,
                         const mf_csr *train, mf_err *err)
{
    int code = mf__als_count_shape(shape, params, train, err);
    bool left =
        params->lambda_users == MF_ALS_AUTO || params->lambda_items == MF_ALS_AUTO;
    return code == MF_OK && left && !mf__als_takes_numbers(params)
               ? mf__als_measure_noise(shape, params, train, err)
               : code;
}

int mf_als_settle(mf_als_params *params, const mf_csr *train, mf_err *err)
{
    mf_als_shape shape;
    if (mf__als_is_settled(params))
        return MF_OK;
    int code = mf_als_measure_shape(&shape, params, train, err);
    return code == MF_OK ? mf_als_settle_by(params, &shape, err) : code;
}

int mf_als_open(mf_als **out, const mf_csr *train, const mf_csr *valid,
                const mf_als_params *params, mf_err *err)
{
    mf_als_params settled = *params;
    *out = NULL;
    int code = mf_als_check(params, err);
    if (code == MF_OK)
        code = mf_als_settle(&settled, train, err);
    return code == MF_OK ? mf__als_open(out, train, valid, &settled, err) : code;
}
