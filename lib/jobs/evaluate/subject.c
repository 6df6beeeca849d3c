#include "jobs/evaluate/subject.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

bool mf_subject_has(const mf_subject *subject, const mf_metric *metric)
{
    switch (mf_metric_is_about(metric)) {
    case MF_ABOUT_CELLS: return subject->target != MF_TARGET_NONE;
    case MF_ABOUT_PERSONAS: return subject->personas > 1;
    default:
        return subject->ranks && (!mf_metric_is_own(metric) || subject->personas) &&
               (!mf_metric_is_whole(metric) || !subject->listed);
    }
}

bool mf_evaluation_has(const mf_evaluation *e, const mf_slice *slice, size_t subject,
                       size_t m)
{
    const mf_metric *metric = &e->metrics.metric[m];
    return mf_subject_has(&e->subject[subject], metric) &&
           (slice->part == 0 || mf_metric_is_held_out(metric)) &&
           (!slice->user || mf_metric_is_about(metric) != MF_ABOUT_ALL_LISTS);
}

char *mf__printable(const char *name)
{
    size_t size = strlen(name) + 1;
    char *copy = mf__new(size, 1);
    if (copy)
        mf_err_clean(memcpy(copy, name, size));
    return copy;
}

int mf__subject_open(const mf_evaluation *e, mf_subject *subject, const char *name,
                     mf_err *err)
{
    size_t numbers = e->parts * e->ids.n;
    subject->name = mf__printable(name);
    subject->measure = mf__new0(e->metrics.n, sizeof *subject->measure);
    if (!subject->name || !subject->measure)
        return mf__nomem(err);
    for (size_t m = 0; m < e->metrics.n; m++) {
        const mf_metric *metric = &e->metrics.metric[m];
        mf_measure *x = &subject->measure[m];
        if (!mf_subject_has(subject, metric) ||
            mf_metric_is_about(metric) == MF_ABOUT_ALL_LISTS)
            continue;
        x->num = mf__new0(numbers, sizeof *x->num);
        if (mf_metric_den(metric) == MF_DEN_DEFINED &&
            !(x->den = mf__new0(numbers, sizeof *x->den)))
            return mf__nomem(err);
        if (!x->num)
            return mf__nomem(err);
    }
    return MF_OK;
}

void mf__subject_record(const mf_evaluation *e, mf_subject *subject, size_t m,
                        size_t part, uint32_t place, double num)
{
    size_t at = part * e->ids.n + place;
    mf_measure *to = &subject->measure[m];
    to->num[at] = isnan(num) ? 0 : num;
    if (to->den)
        to->den[at] = isnan(num) ? 0 : 1;
}

const char *mf_target_name(mf_target target)
{
    return target == MF_TARGET_VALUE ? "value" : target == MF_TARGET_ONE ? "1" : "";
}

const char *mf__target_of(const mf_evaluation *e, const mf_estimate *x)
{
    bool prediction = mf_metric_is_prediction(&e->metrics.metric[x->metric]);
    return prediction ? mf_target_name(e->subject[x->subject].target) : "";
}

uint32_t mf_evaluation_unknown(const mf_evaluation *e, const mf_slice *slice,
                               size_t subject)
{
    const uint8_t *unknown = e->subject[subject].unknown;
    const double *ranked = e->cells[e->subject[subject].cells].ranked;
    uint32_t n = 0;
    for (uint32_t i = 0; unknown && i < slice->n; i++) {
        uint32_t user = slice->user ? slice->user[i] : i;
        size_t at = slice->part * e->ids.n + user;
        n += unknown[user] && (!ranked || ranked[at] != 0);
    }
    return n;
}

bool mf__unknown_of(const mf_evaluation *e, const mf_estimate *x, uint32_t *n)
{
    mf_metric_about about = mf_metric_is_about(&e->metrics.metric[x->metric]);
    *n = mf_evaluation_unknown(e, &e->slice[x->slice], x->subject);
    const mf_subject *subject = &e->subject[x->subject];
    return (subject->model || subject->listed) && about != MF_ABOUT_CELLS &&
           about != MF_ABOUT_PERSONAS;
}
