/* Parameters that are left to the training cells: what follows from their numbers. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "als/params.h"
#include "base/disk.h"
#include "base/mem.h"
#include "base/ranks.h"

/* r = SKEWED skew^1/2, lambda = RIDGE / w^1/2: see MF_ALS_AUTO. Chosen on the sets of
 * examples/defaults/README.md. */
static const double SKEWED = 4.5, RIDGE = .23, OF_VALUES = .14;

static bool is_auto(double x)
{
    return x == MF_ALS_AUTO;
}

static bool has_auto_alpha(const mf_als_params *p)
{
    return mf__als_has_confidence(p) && is_auto(p->alpha);
}

bool mf__als_is_settled(const mf_als_params *p)
{
    return p->unobserved_unit == MF_W0_PLAIN && !is_auto(p->unobserved) &&
           !is_auto(p->lambda_users) && !is_auto(p->lambda_items) && !has_auto_alpha(p);
}

void mf_als_limit_factors(mf_als_params *params, const mf_csr *train)
{
    enum { ANY = 1024 }; /* factors that cost little even where they add nothing */
    double most = train->rows; /* of all ranks */
    mf__ranks_total(params->ranks, &most, 1);
    most = fmax(fmin(most * params->personas, train->cols), ANY);
    if (params->k > most)
        params->k = (uint32_t)most;
}

int mf__als_count_shape(mf_als_shape *shape, const mf_als_params *params,
                        const mf_csr *train, mf_err *err)
{
    mf_als_params unit = *params;
    unit.alpha = 1;
    double weights = 0, squares = 0, sum = 0, values = 0,
           *cells = mf__new0(train->cols, sizeof *cells);
    *shape = (mf_als_shape){
        .density = 1, .skew = 1, .confidence = 1, .deviation = 1, .noise = 1};
    int code = mf_ranks_agree(params->ranks, cells ? MF_OK : mf__nomem(err), err);
    if (code < 0) {
        free(cells);
        return code;
    }
    for (uint32_t u = 0; u < train->rows; u++) {
        double before = shape->cells;
        mf__disk_beat_at(params->disk, (size_t)u << 11); /* of 32 users */
        for (size_t t = train->ptr[u]; t < train->ptr[u + 1]; t++)
            if (als_says_something(params, train->val[t])) {
                cells[train->col[t]]++;
                shape->cells++;
                sum += (double)train->val[t];
                values += (double)train->val[t] * (double)train->val[t];
                if (mf__als_has_confidence(params))
                    weights += mf__als_confidence(&unit, train->val[t]);
            }
        shape->users += shape->cells > before;
    }
    if ((code = mf__ranks_sum(params->ranks, MF_OK, RANKS_DATA, cells, train->cols,
                              err)) < 0) {
        free(cells);
        return code;
    }
    double sums[] = {shape->cells, shape->users, sum, values, weights};
    mf__ranks_total(params->ranks, sums, 5);
    shape->cells = sums[0];
    shape->users = sums[1];
    sum = sums[2];
    values = sums[3];
    weights = sums[4];
    for (uint32_t i = 0; i < train->cols; i++) {
        shape->items += cells[i] > 0;
        squares += cells[i] * cells[i];
    }
    free(cells);
    if (!(shape->cells > 0))
        return MF_OK;
    shape->density = shape->cells / (shape->users * shape->items);
    shape->skew = shape->items * squares / (shape->cells * shape->cells);
    double mean = sum / shape->cells, variance = values / shape->cells - mean * mean;
    if (variance > 1e-12 * mean * mean && isfinite(variance))
        shape->deviation = sqrt(variance);
    if (mf__als_has_confidence(params) && weights > 0 && isfinite(weights))
        shape->confidence = weights / shape->cells;
    return MF_OK;
}

/* lambda of a row of c cells and w0 n more, at which the ridge of a mean user is RIDGE
 * times the root of what the row weighs. */
static double lambda_of(const mf_als_shape *s, const mf_als_params *p, double cbar)
{
    double c = s->users > 0 ? s->cells / s->users : 1;
    if (mf__als_takes_numbers(p))
        return OF_VALUES * s->deviation * pow(c, 1 - p->nu);
    double w = (1 + p->unobserved / (s->density * cbar)) * c;
    return s->noise * RIDGE * cbar * sqrt(w) / pow(c + p->unobserved * s->items, p->nu);
}

/* What is found from values of a wild scale may be no parameter. */
static int check_found(const mf_als_params *asked, const mf_als_params *found,
                       mf_err *err)
{
    const struct {
        bool is_left;
        double found, least;
        const char *name;
    } of[] = {
        {has_auto_alpha(asked), found->alpha, DBL_MIN, "A of the confidence"},
        {is_auto(asked->unobserved), found->unobserved, 0, "W0"},
        {is_auto(asked->lambda_users), found->lambda_users, 0, "lambda of users"},
        {is_auto(asked->lambda_items), found->lambda_items, 0, "lambda of items"}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        double most = of[i].least > 0 ? DBL_MAX : MF__ALS_MOST;
        if (of[i].is_left && !(of[i].found >= of[i].least && of[i].found <= most))
            return mf_fail(err, MF_EFORMAT,
                           "%s, which is left to the training cells, would be %.4g; "
                           "transform the values, or give a number",
                           of[i].name, of[i].found);
    }
    return MF_OK;
}

int mf_als_settle_by(mf_als_params *params, const mf_als_shape *s, mf_err *err)
{
    const mf_als_params asked = *params;
    double r = SKEWED * sqrt(s->skew);
    bool plain = params->unobserved_unit == MF_W0_PLAIN && params->unobserved > 0;
    if (has_auto_alpha(params))
        params->alpha =
            (plain ? params->unobserved / (r * s->density) : 1) / s->confidence;
    double cbar = mf__als_has_confidence(params) ? params->alpha * s->confidence : 1;
    if (is_auto(params->unobserved))
        params->unobserved = r * s->density * cbar;
    else if (params->unobserved_unit == MF_W0_DENSITY)
        params->unobserved *= s->density;
    params->unobserved_unit = MF_W0_PLAIN;
    if (is_auto(params->lambda_users))
        params->lambda_users = lambda_of(s, params, cbar);
    if (is_auto(params->lambda_items))
        params->lambda_items = lambda_of(s, params, cbar);
    return check_found(&asked, params, err);
}
