/* Parameters, the context, and the order of the steps. */
#include "mf/als.h"

#include <math.h>
#include <stdlib.h>

#include "als_private.h"
#include "mf/mem.h"
#include "mf/par.h"

const char *const MF_PRESET_NAMES[] = {"implicit", "study", NULL};
const char *const MF_INIT_NAMES[] = {"cluster", "gaussian", "model", NULL};

enum { K_MAX = 4096, PERSONAS_MAX = 64 }; /* as the bundle has them */

uint32_t mf_als_default_warmup(uint32_t iterations)
{
    return iterations >= 16 ? 10 : 5 * iterations / 8;
}

mf_als_params mf_als_defaults(mf_preset preset)
{
    mf_als_params p = {.preset = preset, .k = 64, .personas = 3, .overlap = .5, .seed = 1};
    if (preset == MF_PRESET_STUDY) {
        p.init = MF_INIT_GAUSSIAN;
        p.unobserved = 1;
        p.lambda_users = .4;
        p.lambda_items = .05;
        p.iterations = 15;
    } else {
        p.init = MF_INIT_CLUSTER;
        p.unobserved = .1;
        p.lambda_users = p.lambda_items = .01;
        p.nu = 1;
        p.iterations = 16;
    }
    p.warmup = mf_als_default_warmup(p.iterations);
    return p;
}

static int check_range(double x, const char *name, double max, mf_err *err)
{
    if (isfinite(x) && x >= 0 && x <= max)
        return MF_OK;
    return mf_fail(err, MF_EINVAL, "%s is %g; it must be in 0 .. %g", name, x, max);
}

int mf_als_check(const mf_als_params *p, mf_err *err)
{
    if (p->k < 1 || p->k > K_MAX)
        return mf_fail(err, MF_EINVAL, "factors: %u is not in 1 .. %d", p->k, K_MAX);
    if (p->personas < 1 || p->personas > PERSONAS_MAX)
        return mf_fail(err, MF_EINVAL, "personas: %u is not in 1 .. %d", p->personas,
                       PERSONAS_MAX);
    if (p->warmup > p->iterations)
        return mf_fail(err, MF_EINVAL, "warmup: %u sweeps are more than all %u", p->warmup,
                       p->iterations);
    if (p->preset == MF_PRESET_STUDY && !(p->unobserved > 0))
        return mf_fail(err, MF_EINVAL, "unobserved: the study's loss is bounded only if it "
                       "is more than 0");
    int code;
    if ((code = check_range(p->overlap, "overlap", 1, err)) < 0 ||
        (code = check_range(p->unobserved, "unobserved", 1e12, err)) < 0 ||
        (code = check_range(p->lambda_users, "lambda-users", 1e12, err)) < 0 ||
        (code = check_range(p->lambda_items, "lambda-items", 1e12, err)) < 0)
        return code;
    return check_range(p->nu, "nu", 4, err);
}

int mf_als_open(mf_als **out, const mf_csr *train, const mf_csr *valid,
                const mf_als_params *params, mf_err *err)
{
    *out = NULL;
    int code = mf_als_check(params, err);
    if (code < 0)
        return code;
    mf_als *als = mf_new0(1, sizeof *als);
    if (!als)
        return mf_nomem(err);
    als->p = *params;
    als->train = train;
    als->valid = valid;
    als->threads = mf_par_threads(params->threads);
    als->z = mf_new0(train->nnz, 1);
    als->gram = mf_new((size_t)params->k * params->k, sizeof *als->gram);
    als->work = mf_new0((size_t)als->threads, sizeof *als->work);
    code = als->z && als->gram && als->work ? MF_OK : mf_nomem(err);
    for (int t = 0; code == MF_OK && t < als->threads; t++)
        code = mf_ridge_alloc(&als->work[t], params->k, err);
    if (code == MF_OK)
        code = mf_csr_transpose(&als->by_item, train, &als->cell, err);
    if (code == MF_OK)
        code = mf_tensor_alloc(&als->items, train->cols, 1, params->k, err);
    if (code < 0) {
        mf_als_close(als);
        return code;
    }
    mf_linalg_serial();
    *out = als;
    return MF_OK;
}

void mf_als_close(mf_als *als)
{
    if (!als)
        return;
    for (int t = 0; als->work && t < als->threads; t++)
        mf_ridge_free(&als->work[t]);
    free(als->work);
    free(als->gram);
    free(als->z);
    free(als->cell);
    mf_csr_free(&als->by_item);
    mf_tensor_free(&als->users);
    mf_tensor_free(&als->items);
    free(als);
}

int als_show(mf_als *als, const char *half, double moved,
             void (*each)(void *self, const mf_als_state *state), void *self, mf_err *err)
{
    mf_als_state state = {.iteration = als->iteration, .half = half, .moved = moved};
    if (!each)
        return MF_OK;
    int code = mf_als_measure(als, &state, err);
    if (code == MF_OK)
        each(self, &state);
    return code;
}

static int split_personas(mf_als *als,
                          void (*each)(void *self, const mf_als_state *state), void *self,
                          mf_err *err)
{
    int code;
    if ((code = als_cluster(als, NULL, err)) < 0 ||
        (code = als_set_personas(als, als->p.personas, err)) < 0 ||
        (code = mf_als_solve_users(als, err)) < 0)
        return code;
    return als_show(als, "cluster", 0, each, self, err);
}

/* True where plain sweeps are over and the personas are still to be split. */
static bool is_warm(const mf_als *als)
{
    return mf_als_warms_up(als) && als->iteration >= als->p.warmup;
}

int mf_als_sweep(mf_als *als, void (*each)(void *self, const mf_als_state *state),
                 void *self, mf_err *err)
{
    double moved;
    int code;
    als->iteration++;
    mf_als_assign(als, &moved);
    if ((code = mf_als_solve_items(als, err)) < 0 ||
        (code = als_show(als, "items", moved, each, self, err)) < 0 ||
        (code = mf_als_solve_users(als, err)) < 0 ||
        (code = als_show(als, "users", 0, each, self, err)) < 0)
        return code;
    return is_warm(als) ? split_personas(als, each, self, err) : MF_OK;
}

int mf_als_begin(mf_als *als, void (*each)(void *self, const mf_als_state *state),
                 void *self, mf_err *err)
{
    int code;
    als->iteration = 0;
    if ((code = als_start_random(als, err)) < 0 ||
        (code = als_show(als, "start", 0, each, self, err)) < 0)
        return code;
    return is_warm(als) ? split_personas(als, each, self, err) : MF_OK;
}

int mf_als_start(mf_als *als, void (*each)(void *self, const mf_als_state *state),
                 void *self, mf_err *err)
{
    int code = mf_als_begin(als, each, self, err);
    while (code == MF_OK && mf_als_warms_up(als))
        code = mf_als_sweep(als, each, self, err);
    return code;
}

int mf_als_run(mf_als *als, void (*each)(void *self, const mf_als_state *state), void *self,
               mf_err *err)
{
    int code = mf_als_begin(als, each, self, err);
    while (code == MF_OK && als->iteration < als->p.iterations)
        code = mf_als_sweep(als, each, self, err);
    return code;
}

const mf_tensor *mf_als_users(const mf_als *als)
{
    return &als->users;
}

const mf_tensor *mf_als_items(const mf_als *als)
{
    return &als->items;
}

const uint8_t *mf_als_personas(const mf_als *als)
{
    return als->z;
}
