#include "als/params.h"

#include <float.h>
#include <math.h>

const char *const mf_preset_names[] = {"implicit", "wrmf", "explicit", "study", NULL};
const char *const mf_init_names[] = {"cluster", "gaussian", "model", NULL};
const char *const mf_assign_names[] = {"loss", "max", NULL};
const char *const mf_confidence_names[] = {"none", "linear", "log", NULL};
const char *const mf_solver_names[] = {"auto", "cholesky", "dual", "cg", NULL};

uint32_t mf_als_default_iterations(mf_preset preset, uint32_t k)
{
    double most = preset == MF_PRESET_IMPLICIT ? 10 : 16;
    double n = round(8 * sqrt(512. / k));
    if (preset == MF_PRESET_STUDY)
        return 15;
    return n > most ? (uint32_t)most : n < 5 ? 5 : (uint32_t)n;
}

mf_als_params mf_als_defaults(mf_preset preset)
{
    mf_als_params p = {.preset = preset,
                       .k = 64,
                       .personas = 3,
                       .overlap = .5,
                       .persona_cells = 5,
                       .warmup = MF_WARMUP_ALL,
                       .restarts = 6,
                       .seed = 1};
    p.init = MF_INIT_CLUSTER;
    p.iterations = mf_als_default_iterations(preset, p.k);
    p.nu = 1;
    p.lambda_users = p.lambda_items = MF_ALS_AUTO;
    switch (preset) {
    case MF_PRESET_IMPLICIT: p.unobserved = MF_ALS_AUTO; break;
    case MF_PRESET_WRMF:
        p.unobserved = 1;
        p.confidence = MF_CONFIDENCE_LOG;
        p.alpha = MF_ALS_AUTO;
        p.eps = 1;
        break;
    case MF_PRESET_EXPLICIT: /* nu as Zhou et al. 2008 */
        p.bias = true;
        p.lambda_bias = .1;
        break;
    case MF_PRESET_STUDY:
        p.persona_cells = 0;
        p.init = MF_INIT_GAUSSIAN;
        p.unobserved = 1;
        p.nu = 0;
        p.lambda_users = .4;
        p.lambda_items = .05;
        break;
    }
    return p;
}

static int check_range(double x, const char *name, double max, mf_err *err)
{
    if (isfinite(x) && x >= 0 && x <= max)
        return MF_OK;
    return mf_fail(err, MF_EINVAL, "%s is %g; it must be in 0 .. %g", name, x, max);
}

/* The same of what may be left to the data in some presets. */
static int check_auto(const mf_als_params *p, double x, bool may, const char *name,
                      mf_err *err)
{
    if (x != MF_ALS_AUTO)
        return check_range(x, name, 1e12, err);
    return may ? MF_OK
               : mf_fail(err, MF_EINVAL, "%s: in %s it cannot be auto", name,
                         mf_preset_names[p->preset]);
}

/* Parameters that only some presets have. */
static int check_preset(const mf_als_params *p, mf_err *err)
{
    bool confident = p->confidence != MF_CONFIDENCE_NONE;
    if (p->preset == MF_PRESET_STUDY && p->unobserved == 0)
        return mf_fail(err, MF_EINVAL,
                       "unobserved: the study's loss is bounded only if it "
                       "is more than 0");
    if (p->preset == MF_PRESET_WRMF && !confident)
        return mf_fail(err, MF_EINVAL, "confidence: wrmf needs one");
    if (confident && p->preset != MF_PRESET_WRMF && p->preset != MF_PRESET_IMPLICIT)
        return mf_fail(err, MF_EINVAL,
                       "confidence: %s has none, only wrmf and implicit do",
                       mf_preset_names[p->preset]);
    if (confident && p->alpha != MF_ALS_AUTO && !(isfinite(p->alpha) && p->alpha > 0))
        return mf_fail(err, MF_EINVAL, "confidence: its factor %g is not more than 0",
                       p->alpha);
    if (p->confidence == MF_CONFIDENCE_LOG && !(isfinite(p->eps) && p->eps > 0))
        return mf_fail(err, MF_EINVAL, "confidence: EPS, %g, is not more than 0",
                       p->eps);
    if (p->popularity > 0 && mf__als_takes_numbers(p))
        return mf_fail(err, MF_EINVAL,
                       "unobserved-by: in %s a cell that nobody has does not weigh by "
                       "popularity, only in implicit and wrmf",
                       mf_preset_names[p->preset]);
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
    if (p->personas > 1 && p->warmup > p->iterations && p->warmup != MF_WARMUP_ALL)
        return mf_fail(err, MF_EINVAL,
                       "warmup: %u sweeps are more than all %u; without it all are "
                       "plain (MF_WARMUP_ALL)",
                       p->warmup, p->iterations);
    if (p->restarts < 1 || p->restarts > 1000)
        return mf_fail(err, MF_EINVAL, "restarts: %u is not in 1 .. 1000", p->restarts);
    if (p->personas > 1 && p->warmup > 0 && p->init == MF_INIT_MODEL)
        return mf_fail(err, MF_EINVAL,
                       "warmup: there is none where training starts from a "
                       "model");
    if (p->unobserved_unit != MF_W0_PLAIN && p->unobserved_unit != MF_W0_DENSITY)
        return mf_fail(err, MF_EINVAL, "unobserved: its unit %d is not known",
                       (int)p->unobserved_unit);
    if (p->solver == MF_SOLVER_CG && (p->steps < 1 || p->steps > 1000))
        return mf_fail(err, MF_EINVAL, "solver: %u steps are not in 1 .. 1000",
                       p->steps);
    int code;
    if ((code = check_preset(p, err)) < 0 ||
        (code = check_range(p->overlap, "overlap", 1, err)) < 0 ||
        (code = check_range(p->shrink, "shrink", 1e12, err)) < 0 ||
        (code = check_auto(p, p->unobserved, !mf__als_takes_numbers(p), "unobserved",
                           err)) < 0 ||
        (code = check_range(p->popularity, "unobserved-by: popularity", 4, err)) < 0 ||
        (code = check_auto(p, p->lambda_users, p->preset != MF_PRESET_STUDY,
                           "lambda-users", err)) < 0 ||
        (code = check_auto(p, p->lambda_items, p->preset != MF_PRESET_STUDY,
                           "lambda-items", err)) < 0 ||
        (code = check_range(p->lambda_bias, "lambda-bias", 1e12, err)) < 0)
        return code;
    return check_range(p->nu, "nu", 4, err);
}

uint32_t mf__als_steps(const mf_als_params *p)
{
    return p->solver == MF_SOLVER_CG ? p->steps : 2;
}

bool mf__als_has_confidence(const mf_als_params *p)
{
    return p->confidence != MF_CONFIDENCE_NONE;
}

bool mf__als_takes_numbers(const mf_als_params *p)
{
    return p->preset == MF_PRESET_EXPLICIT || p->preset == MF_PRESET_STUDY;
}

double mf__als_confidence(const mf_als_params *p, float x)
{
    double size = fabs((double)x);
    return p->alpha *
           (p->confidence == MF_CONFIDENCE_LOG ? log1p(size / p->eps) : size);
}

bool mf__als_coefficients(const mf_als_params *p, float x, float *a, float *b)
{
    double c = 1;
    if (p->confidence != MF_CONFIDENCE_NONE) {
        c = mf__als_confidence(p, x);
        if (!(c < FLT_MAX / 2))
            return false;
    }
    switch (p->preset) {
    case MF_PRESET_IMPLICIT:
        *a = (float)c;
        *b = x > 0 ? (float)c : 0;
        break;
    case MF_PRESET_WRMF:
        *a = (float)c;
        *b = x > 0 ? (float)(1 + c) : 0;
        break;
    case MF_PRESET_EXPLICIT:
        *a = 1;
        *b = x;
        break;
    case MF_PRESET_STUDY:
        *a = 0;
        *b = x;
        break;
    }
    return true;
}

uint32_t mf__als_parts(const mf_als_params *p, uint32_t personas, size_t cells)
{
    if (p->persona_cells == 0 || cells / p->persona_cells >= personas)
        return personas;
    return 1 + (uint32_t)(cells / p->persona_cells);
}

als_rho mf__als_rho(const mf_als_params *p, uint32_t personas, size_t cells)
{
    double n = (double)cells, parts = mf__als_parts(p, personas, cells),
           r = als_mean_rho(p, personas), overlap = p->overlap;
    if (parts == 1)
        return (als_rho){r, r};
    if (p->shrink > 0) /* so that cells + shrink is not 0 */
        overlap = (overlap * n + p->shrink) / (n + p->shrink);
    double own = parts * r / (1 + (parts - 1) * overlap);
    return (als_rho){own, overlap * own};
}

/* A weight to the power nu, times `mean`, the mean weight of its cells, so that what a
 * user with several personas minimizes is that of one, scaled. In `study` the mean is
 * part of the weight. */
static double scale(const mf_als_params *p, double mean, double weight)
{
    if (p->nu == 1)
        return mean * weight;
    if (p->preset == MF_PRESET_STUDY)
        return pow(mean * weight, p->nu);
    return mean * (p->nu == 0 ? 1 : pow(weight, p->nu));
}

double mf__als_lambda_u(const mf_als_params *p, uint32_t personas, size_t cells,
                        double n)
{
    double weight = (double)cells + p->unobserved * n;
    return p->lambda_users * scale(p, als_mean_rho(p, personas), weight);
}

double mf__als_lambda_i(const mf_als_params *p, uint32_t personas, size_t cells,
                        double m)
{
    double weight = (double)cells + p->unobserved * m;
    return p->lambda_items * scale(p, personas * als_mean_rho(p, personas), weight);
}

double mf__als_beta(const mf_als_params *p, uint32_t personas, size_t cells)
{
    return p->lambda_bias *
           scale(p, personas * als_mean_rho(p, personas), (double)cells);
}
