#include "jobs/tune/trial.h"

#include <math.h>

double mf__trial_score(const mf_metric *metric, double value)
{
    double small = log(fmax(value, 1e-9));
    return mf_metric_is_prediction(metric) ? -small : small;
}

typedef struct trial {
    const trial_data *data;
    const trial_plan *plan;
    mf_als *als;
    mf_als_params p; /* W0 settled */
    trial_result *result;
    mf_err *err;
} trial;

static double score(const trial *t, double value)
{
    return mf__trial_score(&t->data->watch->metric, value);
}

static int measure(trial *t, double *value)
{
    t->data->watch->params = &t->p;
    return mf__watch_measure(t->data->watch, t->als, value, t->err);
}

/* The measurement after `early` sweeps; *ends is set where the trial does. */
static void judge(trial *t, double early, bool *ends)
{
    trial_result *r = t->result;
    r->early = early;
    *ends = score(t, early) < t->plan->floor;
    if (!*ends)
        return;
    r->end = TRIAL_DROPPED;
    r->metric = early;
    r->sweeps = t->plan->early;
}

/* After a sweep: measure if that is planned. */
static int look(trial *t, bool *ends)
{
    trial_result *r = t->result;
    uint32_t sweep = mf_als_iteration(t->als);
    bool last = sweep == t->p.iterations && !t->plan->finish;
    double value;
    if (sweep != t->plan->early && !last)
        return MF_OK;
    int code = measure(t, &value);
    if (code < 0)
        return code;
    if (sweep == t->plan->early)
        judge(t, value, ends);
    if (last && !*ends) {
        r->metric = value;
        r->sweeps = sweep;
    }
    return MF_OK;
}

/* --- plain sweeps that were made before --- */

void mf__trial_plain_free(trial_plain *plain)
{
    mf_als_factors_free(&plain->factors);
    *plain = (trial_plain){0};
}

static bool is_plain(const mf_als_params *p)
{
    return p->personas == 1 ||
           (p->init == MF_INIT_CLUSTER && p->warmup == MF_WARMUP_ALL);
}

/* True if trials of p and q make the same plain sweeps: what else can differ between
 * two trials of a search is what divides histories. */
static bool are_alike(const mf_als_params *p, const mf_als_params *q)
{
    return is_plain(p) && is_plain(q) && p->k == q->k &&
           p->iterations == q->iterations && p->unobserved == q->unobserved &&
           p->popularity == q->popularity && p->lambda_users == q->lambda_users &&
           p->lambda_items == q->lambda_items;
}

static int restore(trial *t, bool *ends)
{
    const trial_plain *have = t->plan->have;
    if (t->plan->early)
        judge(t, have->early, ends);
    return *ends ? MF_OK
                 : mf_als_restore(t->als, &have->factors, t->p.iterations, t->err);
}

static int sweep(trial *t, bool *ends)
{
    int code = mf_als_begin(t->als, NULL, NULL, t->err);
    if (code == MF_OK && t->p.iterations == 0)
        code = look(t, ends);
    while (code == MF_OK && !*ends && mf_als_iteration(t->als) < t->p.iterations) {
        code = mf_als_sweep(t->als, NULL, NULL, t->err);
        if (code == MF_OK && t->data->tick)
            t->data->tick(t->data->self, mf_als_iteration(t->als));
        if (code == MF_OK)
            code = look(t, ends);
    }
    trial_plain *make = t->plan->make;
    if (code < 0 || *ends || !make || !is_plain(&t->p))
        return code;
    make->p = t->p;
    make->early = t->result->early;
    code = mf_als_save_result(t->als, &make->factors, t->err);
    code = mf_ranks_agree(t->p.ranks, code, t->err);
    make->known = code == MF_OK;
    return code;
}

static int run(trial *t)
{
    const trial_plan *plan = t->plan;
    bool ends = false;
    bool again = plan->have && plan->have->known && are_alike(&plan->have->p, &t->p);
    int code = again ? restore(t, &ends) : sweep(t, &ends);
    if (code < 0 || ends || !plan->finish)
        return code;
    t->result->sweeps = mf_als_iteration(t->als);
    code = mf_als_finish(t->als, NULL, NULL, t->err);
    return code == MF_OK ? measure(t, &t->result->metric) : code;
}

int mf__trial_run(trial_result *out, const trial_data *data,
                  const mf_als_params *params, const trial_plan *plan, mf_err *why,
                  mf_err *err)
{
    mf_err own = {0};
    trial t = {.data = data, .plan = plan, .p = *params, .result = out, .err = &own};
    *out = (trial_result){.metric = NAN, .early = NAN};
    mf_als_limit_factors(&t.p, data->train);
    int code = mf_als_settle(&t.p, data->train, &own);
    if (code == MF_OK)
        code = mf_als_open(&t.als, data->train, NULL, &t.p, &own);
    if (code == MF_OK)
        code = run(&t);
    mf_als_close(t.als);
    data->watch->params = NULL;
    if (code == MF_EMATH) {
        *out = (trial_result){.end = TRIAL_FAILED, .metric = NAN, .early = NAN};
        *why = own;
        return MF_OK;
    }
    if (code < 0 && err)
        *err = own;
    return code;
}
