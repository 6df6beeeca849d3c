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

/* After a sweep: measure if that is planned. *ends is set where the trial does. */
static int look(trial *t, bool *ends)
{
    trial_result *r = t->result;
    uint32_t sweep = mf_als_iteration(t->als), last = t->p.iterations;
    bool counts = !mf_als_warms_up(t->als);
    bool each = t->plan->patience > 0 && counts, early = sweep == t->plan->early;
    double value;
    if (!each && !early && sweep < last)
        return MF_OK;
    int code = measure(t, &value);
    if (code < 0)
        return code;
    if (early) {
        r->early = value;
        *ends = score(t, value) < t->plan->floor;
        if (*ends)
            r->end = TRIAL_DROPPED;
    }
    bool better = isnan(r->metric) || score(t, value) > score(t, r->metric);
    if (*ends || (!each && sweep == last) || (each && better)) {
        r->metric = value;
        r->sweeps = sweep;
    } else if (each && sweep - r->sweeps >= t->plan->patience)
        *ends = true;
    return MF_OK;
}

static int run(trial *t)
{
    bool ends = false;
    int code = mf_als_begin(t->als, NULL, NULL, t->err);
    if (code == MF_OK && t->p.iterations == 0)
        code = look(t, &ends);
    while (code == MF_OK && !ends && mf_als_iteration(t->als) < t->p.iterations) {
        code = mf_als_sweep(t->als, NULL, NULL, t->err);
        if (code == MF_OK && t->data->tick)
            t->data->tick(t->data->self, mf_als_iteration(t->als));
        if (code == MF_OK)
            code = look(t, &ends);
    }
    return code;
}

int mf__trial_run(trial_result *out, const trial_data *data,
                  const mf_als_params *params, const trial_plan *plan, mf_err *why,
                  mf_err *err)
{
    mf_err own = {0};
    trial t = {.data = data, .plan = plan, .p = *params, .result = out, .err = &own};
    *out = (trial_result){.metric = NAN, .early = NAN};
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
