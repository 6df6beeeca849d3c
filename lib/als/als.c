/* Parameters, the context, and the order of the steps. */
#include "mf/als.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "als/private.h"
#include "base/mem.h"
#include "base/par.h"

const char *const mf_preset_names[] = {"implicit", "wrmf", "explicit", "study", NULL};
const char *const mf_init_names[] = {"cluster", "gaussian", "model", NULL};
const char *const mf_assign_names[] = {"loss", "max", NULL};
const char *const mf_confidence_names[] = {"none", "linear", "log", NULL};
const char *const mf_solver_names[] = {"auto", "cholesky", "dual", "cg", NULL};

uint32_t mf_als_default_warmup(uint32_t iterations)
{
    return iterations >= 16 ? 10 : 5 * iterations / 8;
}

mf_als_params mf_als_defaults(mf_preset preset)
{
    mf_als_params p = {.preset = preset,
                       .k = 64,
                       .personas = 3,
                       .overlap = .5,
                       .shrink = 10,
                       .restarts = 6,
                       .seed = 1};
    p.init = MF_INIT_CLUSTER;
    p.iterations = 16;
    p.nu = 1;
    switch (preset) {
    case MF_PRESET_IMPLICIT:
        p.unobserved = .1;
        p.lambda_users = p.lambda_items = .01;
        break;
    case MF_PRESET_WRMF: /* alpha as Hu et al. 2008 found it */
        p.unobserved = 1;
        p.nu = 0;
        p.confidence = MF_CONFIDENCE_LINEAR;
        p.alpha = 40;
        p.lambda_users = p.lambda_items = 300;
        break;
    case MF_PRESET_EXPLICIT: /* nu as Zhou et al. 2008 */
        p.bias = true;
        p.lambda_users = p.lambda_items = .1;
        p.lambda_bias = .05;
        break;
    case MF_PRESET_STUDY:
        p.shrink = 0;
        p.init = MF_INIT_GAUSSIAN;
        p.unobserved = 1;
        p.nu = 0;
        p.lambda_users = .4;
        p.lambda_items = .05;
        p.iterations = 15;
        break;
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

/* What belongs to some presets alone. */
static int check_preset(const mf_als_params *p, mf_err *err)
{
    bool confident = p->confidence != MF_CONFIDENCE_NONE;
    if (p->preset == MF_PRESET_STUDY && !(p->unobserved > 0))
        return mf_fail(err, MF_EINVAL,
                       "unobserved: the study's loss is bounded only if it "
                       "is more than 0");
    if (p->preset == MF_PRESET_WRMF && !confident)
        return mf_fail(err, MF_EINVAL, "confidence: wrmf needs one");
    if (confident && p->preset != MF_PRESET_WRMF && p->preset != MF_PRESET_IMPLICIT)
        return mf_fail(err, MF_EINVAL,
                       "confidence: %s has none, only wrmf and implicit do",
                       mf_preset_names[p->preset]);
    if (confident && !(isfinite(p->alpha) && p->alpha > 0))
        return mf_fail(err, MF_EINVAL, "confidence: its factor %g is not more than 0",
                       p->alpha);
    if (p->confidence == MF_CONFIDENCE_LOG && !(isfinite(p->eps) && p->eps > 0))
        return mf_fail(err, MF_EINVAL, "confidence: EPS, %g, is not more than 0",
                       p->eps);
    if (p->bias && p->preset != MF_PRESET_EXPLICIT)
        return mf_fail(err, MF_EINVAL, "bias: %s has none, only explicit does",
                       mf_preset_names[p->preset]);
    return MF_OK;
}

int mf_als_check(const mf_als_params *p, mf_err *err)
{
    if (p->k < 1 || p->k > MF_K_MAX)
        return mf_fail(err, MF_EINVAL, "factors: %u is not in 1 .. %d", p->k, MF_K_MAX);
    if (p->personas < 1 || p->personas > MF_PERSONAS_MAX)
        return mf_fail(err, MF_EINVAL, "personas: %u is not in 1 .. %d", p->personas,
                       MF_PERSONAS_MAX);
    if (p->warmup > p->iterations)
        return mf_fail(err, MF_EINVAL, "warmup: %u sweeps are more than all %u",
                       p->warmup, p->iterations);
    if (p->restarts < 1 || p->restarts > 1000)
        return mf_fail(err, MF_EINVAL, "restarts: %u is not in 1 .. 1000", p->restarts);
    if (p->warmup > 0 && p->init == MF_INIT_MODEL)
        return mf_fail(err, MF_EINVAL,
                       "warmup: there is none where training starts from a "
                       "model");
    if (p->solver == MF_SOLVER_CG && (p->steps < 1 || p->steps > 1000))
        return mf_fail(err, MF_EINVAL, "solver: %u steps are not in 1 .. 1000",
                       p->steps);
    int code;
    if ((code = check_preset(p, err)) < 0 ||
        (code = check_range(p->overlap, "overlap", 1, err)) < 0 ||
        (code = check_range(p->shrink, "shrink", 1e12, err)) < 0 ||
        (code = check_range(p->unobserved, "unobserved", 1e12, err)) < 0 ||
        (code = check_range(p->lambda_users, "lambda-users", 1e12, err)) < 0 ||
        (code = check_range(p->lambda_items, "lambda-items", 1e12, err)) < 0 ||
        (code = check_range(p->lambda_bias, "lambda-bias", 1e12, err)) < 0)
        return code;
    return check_range(p->nu, "nu", 4, err);
}

/* The coefficients of the cells, where they vary. */
static int weigh_cells(mf_als *als, mf_err *err)
{
    const mf_csr *x = als->train;
    if (!mf__als_varies(&als->p))
        return MF_OK;
    als->a = mf__new(x->nnz, sizeof *als->a);
    als->b = mf__new(x->nnz, sizeof *als->b);
    als->item_a = mf__new(x->nnz, sizeof *als->item_a);
    als->item_b = mf__new(x->nnz, sizeof *als->item_b);
    if (!als->a || !als->b || !als->item_a || !als->item_b)
        return mf__nomem(err);
    for (uint32_t u = 0; u < x->rows; u++)
        for (size_t t = x->ptr[u]; t < x->ptr[u + 1]; t++)
            if (!mf__als_coefficients(&als->p, x->val[t], &als->a[t], &als->b[t]))
                return mf_fail(
                    err, MF_EFORMAT,
                    "the value of user %u and item %u, %g, has no confidence: "
                    "it must be 0 or more, and not too large; transform the values",
                    u, x->col[t], (double)x->val[t]);
    mf__als_by_item(als, als->item_a, als->a, sizeof *als->a);
    mf__als_by_item(als, als->item_b, als->b, sizeof *als->b);
    return MF_OK;
}

/* mu and room for biases, if the model has them. */
static int open_biases(mf_als *als, mf_err *err)
{
    double sum = 0;
    if (!als->p.bias)
        return MF_OK;
    for (size_t t = 0; t < als->train->nnz; t++)
        sum += (double)als->train->val[t];
    als->mu = als->train->nnz ? sum / (double)als->train->nnz : 0;
    int code = mf_tensor_add_bias(&als->items, err);
    return code == MF_OK ? mf_tensor_add_bias(&als->users, err) : code;
}

int mf_als_open(mf_als **out, const mf_csr *train, const mf_csr *valid,
                const mf_als_params *params, mf_err *err)
{
    *out = NULL;
    int code = mf_als_check(params, err);
    if (code < 0)
        return code;
    mf_als *als = mf__new0(1, sizeof *als);
    if (!als)
        return mf__nomem(err);
    als->p = *params;
    als->train = train;
    als->valid = valid;
    als->threads = mf__par_threads(params->threads);
    als->z = mf__new0(train->nnz + ALS_BEYOND, 1);
    als->item_z = mf__new0(train->nnz, 1);
    als->gram = mf__new((size_t)params->k * params->k, sizeof *als->gram);
    als->user_gram = mf__new((size_t)params->k * params->k, sizeof *als->user_gram);
    als->work = mf__new0((size_t)als->threads, sizeof *als->work);
    als->next = mf__new(train->cols, sizeof *als->next);
    als->own = mf__new(train->rows, sizeof *als->own);
    als->sibling = mf__new(train->rows, sizeof *als->sibling);
    als->gain = mf__new(train->cols, sizeof *als->gain);
    als->tally = mf__new(train->rows / ALS_ROWS + (size_t)1, sizeof *als->tally);
    code = als->z && als->item_z && als->gram && als->user_gram && als->work &&
                   als->own && als->sibling && als->next && als->gain && als->tally
               ? MF_OK
               : mf__nomem(err);
    for (int t = 0; code == MF_OK && t < als->threads; t++)
        code = mf__als_work_open(&als->work[t], params->k, KERNEL_BATCH, err);
    if (code == MF_OK)
        code = mf_csr_transpose(&als->by_item, train, NULL, err);
    if (code == MF_OK &&
        (params->preset == MF_PRESET_IMPLICIT || mf__als_varies(params))) {
        free(als->by_item.val); /* nobody reads them */
        als->by_item.val = NULL;
    }
    if (code == MF_OK)
        code = mf__als_order(&als->user_order, train, err);
    if (code == MF_OK)
        code = mf__als_order(&als->item_order, &als->by_item, err);
    if (code == MF_OK)
        code = mf_tensor_alloc(&als->items, train->cols, 1, params->k, err);
    if (code == MF_OK)
        code = mf_tensor_alloc(&als->users, train->rows, 1, params->k, err);
    if (code == MF_OK)
        code = weigh_cells(als, err);
    if (code == MF_OK)
        code = open_biases(als, err);
    if (code < 0) {
        mf_als_close(als);
        return code;
    }
    mf__linalg_serial();
    *out = als;
    return MF_OK;
}

void mf_als_close(mf_als *als)
{
    if (!als)
        return;
    for (int t = 0; als->work && t < als->threads; t++)
        mf__als_work_close(&als->work[t]);
    free(als->work);
    mf__basis_free(&als->basis);
    free(als->gram);
    free(als->user_gram);
    free(als->z);
    free(als->item_z);
    free(als->user_order);
    free(als->item_order);
    free(als->next);
    free(als->own);
    free(als->sibling);
    free(als->gain);
    free(als->tally);
    free(als->voices.data);
    free(als->a);
    free(als->b);
    free(als->item_a);
    free(als->item_b);
    mf_csr_free(&als->by_item);
    mf_tensor_free(&als->users);
    mf_tensor_free(&als->items);
    free(als);
}

int mf__als_show(mf_als *als, const char *half, double moved,
                 void (*each)(void *self, const mf_als_state *state), void *self,
                 mf_err *err)
{
    mf_als_state state = {.iteration = als->iteration, .half = half, .moved = moved};
    if (!each)
        return MF_OK;
    int code = als->sums.known ? MF_OK : mf_als_measure(als, &state, err);
    if (als->sums.known)
        mf__als_tell(als, &state);
    if (strcmp(half, "items") == 0)
        state.rmse = state.valid = NAN;
    if (code == MF_OK)
        each(self, &state);
    return code;
}

static int split_personas(mf_als *als,
                          void (*each)(void *self, const mf_als_state *state),
                          void *self, mf_err *err)
{
    int code;
    if ((code = mf__als_split_histories(als, NULL, err)) < 0 ||
        (code = mf__als_set_personas(als, als->p.personas, err)) < 0 ||
        (code = mf_als_solve_users(als, err)) < 0)
        return code;
    return mf__als_show(als, "cluster", 0, each, self, err);
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
        (code = mf__als_show(als, "items", moved, each, self, err)) < 0 ||
        (code = mf_als_solve_users(als, err)) < 0 ||
        (code = mf__als_show(als, "users", 0, each, self, err)) < 0)
        return code;
    return is_warm(als) ? split_personas(als, each, self, err) : MF_OK;
}

int mf_als_begin(mf_als *als, void (*each)(void *self, const mf_als_state *state),
                 void *self, mf_err *err)
{
    int code;
    als->iteration = 0;
    if (als->p.init == MF_INIT_MODEL)
        return mf_fail(err, MF_EINVAL,
                       "the model that training starts from is missing");
    if ((code = mf__als_start_random(als, err)) < 0 ||
        (code = mf__als_show(als, "start", 0, each, self, err)) < 0)
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

int mf_als_run(mf_als *als, void (*each)(void *self, const mf_als_state *state),
               void *self, mf_err *err)
{
    int code = mf_als_begin(als, each, self, err);
    while (code == MF_OK && als->iteration < als->p.iterations)
        code = mf_als_sweep(als, each, self, err);
    return code == MF_OK ? mf_als_finish(als, err) : code;
}

int mf_als_finish(mf_als *als, mf_err *err)
{
    mf_solver asked = als->p.solver;
    if (asked != MF_SOLVER_CG)
        return MF_OK;
    als->p.solver = MF_SOLVER_AUTO;
    int code = mf_als_solve_users(als, err);
    als->p.solver = asked;
    return code;
}

size_t mf_als_doubled(const mf_als *als)
{
    size_t sum = 0;
    for (int t = 0; t < als->threads; t++)
        sum += als->work[t].doubled;
    return sum;
}

const mf_tensor *mf_als_users(const mf_als *als)
{
    return &als->users;
}

const mf_tensor *mf_als_items(const mf_als *als)
{
    return &als->items;
}

double mf_als_mu(const mf_als *als)
{
    return als->mu;
}

const uint8_t *mf_als_owners(const mf_als *als)
{
    return als->owners_known ? als->item_z : NULL;
}

const uint8_t *mf_als_personas(const mf_als *als)
{
    return als->z;
}
