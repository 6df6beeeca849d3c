#include "als_aid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "als_oracle.h"
#include "base/rng.h"

void aid_cells(mf_csr *x, uint32_t m, uint32_t n, uint64_t seed, bool dislikes)
{
    uint32_t row[ORACLE_MAX * ORACLE_MAX], col[ORACLE_MAX * ORACLE_MAX];
    float val[ORACLE_MAX * ORACLE_MAX];
    size_t cells = 0;
    mf_rng rng = mf__rng_make(seed, MF_STREAM_TEST, 0);
    for (uint32_t u = 1; u < m; u++)
        for (uint32_t i = 0; i < n; i++)
            if (i != 1 && mf__rng_uniform(&rng) < .4) {
                row[cells] = u;
                col[cells] = i;
                val[cells++] = (float)(1 + mf__rng_below(&rng, 5)) *
                               (dislikes && mf__rng_uniform(&rng) < .3 ? -1 : 1);
            }
    assert_int_equal(mf_csr_from_triplets(x, m, n, cells, row, col, val, NULL), MF_OK);
}

void aid_mixed_cells(mf_csr *x, uint32_t m, uint32_t n, uint64_t seed)
{
    mf_rng rng = mf__rng_make(seed, MF_STREAM_TEST, 1);
    aid_cells(x, m, n, seed, false);
    for (uint32_t u = 0; u < m; u++)
        for (size_t t = x->ptr[u]; t < x->ptr[u + 1]; t++) {
            double draw = mf__rng_uniform(&rng);
            if (u == 3 || x->col[t] == 2 || draw < .2)
                x->val[t] = 0;
            else if (u == 2 || draw < .45)
                x->val[t] = -x->val[t];
        }
}

void aid_said_cells(mf_csr *said, const mf_csr *x)
{
    uint32_t row[ORACLE_MAX * ORACLE_MAX], col[ORACLE_MAX * ORACLE_MAX];
    float val[ORACLE_MAX * ORACLE_MAX];
    size_t n = 0;
    for (uint32_t u = 0; u < x->rows; u++)
        for (size_t t = x->ptr[u]; t < x->ptr[u + 1]; t++)
            if (x->val[t] != 0) {
                row[n] = u;
                col[n] = x->col[t];
                val[n++] = x->val[t];
            }
    assert_int_equal(
        mf_csr_from_triplets(said, x->rows, x->cols, n, row, col, val, NULL), MF_OK);
}

mf_als_params aid_numbers(mf_preset preset)
{
    mf_als_params p = mf_als_defaults(preset);
    if (preset == MF_PRESET_IMPLICIT) {
        p.unobserved = .1;
        p.lambda_users = p.lambda_items = .01;
    }
    if (preset == MF_PRESET_EXPLICIT) {
        p.lambda_users = p.lambda_items = .1;
        p.lambda_bias = .05;
    }
    if (preset == MF_PRESET_WRMF) {
        p.confidence = MF_CONFIDENCE_LINEAR;
        p.alpha = 40;
        p.eps = 0;
        p.nu = 0;
        p.lambda_users = p.lambda_items = 300;
    }
    return p;
}

mf_als_params aid_params(mf_preset preset, uint32_t p, double overlap)
{
    mf_als_params params = aid_numbers(preset);
    params.k = 5;
    params.personas = p;
    params.overlap = overlap;
    params.shrink = 0;
    params.persona_cells = 0;
    params.iterations = 6;
    params.warmup = 3;
    params.threads = 1;
    return params;
}

void aid_train(mf_als **als, const mf_csr *train, const mf_als_params *params)
{
    mf_err err = {0};
    assert_int_equal(mf_als_open(als, train, NULL, params, &err), MF_OK);
    assert_int_equal(mf_als_run(*als, NULL, NULL, &err), MF_OK);
}
