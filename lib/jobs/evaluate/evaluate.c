#include "mf/evaluate.h"

#include <math.h>
#include <stdlib.h>

mf_evaluate_params mf_evaluate_defaults(void)
{
    mf_evaluate_params params = {.relevant = NAN,
                                 .replicates = 1000,
                                 .seed = 1,
                                 .slices = 3,
                                 .shard = 1,
                                 .shards = 1};
    if (mf_metrics_parse(&params.metrics, MF_EVALUATE_METRICS, NULL) < 0)
        params.metrics.n = 0; /* mf_evaluate_check will refuse it */
    return params;
}

int mf_evaluate_check(const mf_evaluate_params *params, mf_err *err)
{
    if (params->metrics.n == 0)
        return mf_fail(err, MF_EINVAL, "no metrics");
    if (params->baselines & ~(unsigned)MF_BASELINE_ALL)
        return mf_fail(err, MF_EINVAL, "a baseline that is not known");
    bool predicts = false;
    for (size_t m = 0; m < params->metrics.n; m++)
        predicts |= mf_metric_is_prediction(&params->metrics.metric[m]);
    if (params->baselines & (MF_BASELINE_MEAN | MF_BASELINE_BIAS) && !predicts)
        return mf_fail(err, MF_EINVAL,
                       "the baselines mean and bias predict values: ask for loss, mse, "
                       "rmse or mae");
    if (isinf(params->relevant))
        return mf_fail(err, MF_EINVAL, "relevant: not a finite number");
    if (params->slices < 2 || params->slices > MF_SLICES_MAX)
        return mf_fail(err, MF_EINVAL, "slices are not in 2 .. %d", MF_SLICES_MAX);
    if (params->shard < 1 || params->shard > params->shards)
        return mf_fail(err, MF_EINVAL, "shard %u is not in 1 .. %u", params->shard,
                       params->shards);
    return MF_OK;
}

void mf_evaluation_free(mf_evaluation *e)
{
    for (size_t s = 0; e->subject && s < e->subjects; s++) {
        mf_subject *subject = &e->subject[s];
        for (size_t m = 0; subject->measure && m < e->metrics.n; m++) {
            free(subject->measure[m].num);
            free(subject->measure[m].den);
        }
        free(subject->measure);
        free(subject->name);
        free(subject->unknown);
        free(subject->times);
    }
    for (size_t c = 0; c < e->splits; c++) {
        free(e->cells[c].n);
        free(e->cells[c].ranked);
    }
    for (size_t i = 0; i < e->slices; i++)
        free(e->slice[i].user);
    free(e->subject);
    free(e->cells);
    free(e->score);
    free(e->difference);
    free(e->truth);
    mf_ids_free(&e->ids);
    *e = (mf_evaluation){0};
}
