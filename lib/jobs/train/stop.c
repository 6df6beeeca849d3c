/* Decided from the history alone, so that a run that goes on from a checkpoint decides
 * the same. */
#include "jobs/train/stop.h"

#include <math.h>
#include <string.h>

stop_rule mf__stop_make(const mf_metric *metric, uint32_t patience, double tol,
                        bool start, uint32_t warmup)
{
    return (stop_rule){.patience = patience,
                       .tol = tol,
                       .more = !mf_metric_is_prediction(metric),
                       .start = start,
                       .warmup = warmup,
                       .loss = NAN,
                       .loss_before = NAN};
}

/* True if the factors after the half-sweep could be the result. */
static bool counts(const stop_rule *s, const mf_history_entry *e)
{
    if (strcmp(e->half, "start") == 0)
        return s->start;
    return strcmp(e->half, "cluster") == 0 ||
           (strcmp(e->half, "users") == 0 && e->iteration > s->warmup);
}

bool mf__stop_see(stop_rule *s, const mf_history_entry *e)
{
    if (counts(s, e) || strcmp(e->half, "start") == 0) {
        s->loss_before = s->loss;
        s->loss = e->loss;
        s->last = e->iteration;
    }
    if (!counts(s, e) || !isfinite(e->valid))
        return false;
    bool better =
        !s->any || (s->more ? e->valid > s->best_value : e->valid < s->best_value);
    if (better) {
        s->any = true;
        s->best = e->iteration;
        s->best_value = e->valid;
    }
    return better;
}

const char *mf__stop_why(const stop_rule *s)
{
    if (s->last <= s->warmup)
        return NULL;
    if (s->patience > 0 && s->any && s->last - s->best >= s->patience)
        return "the watched metric no longer improves";
    if (s->tol > 0 && s->loss_before - s->loss < s->tol * fabs(s->loss_before))
        return "the loss hardly falls any more";
    return NULL;
}
