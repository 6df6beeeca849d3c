#include "jobs/evaluate/incomparable.h"

#include <stdio.h>

#include "math/metrics.h"

static bool of_histories(const mf_metric *metric)
{
    return mf_metric_is_about(metric) == MF_ABOUT_LISTS && !mf_metric_is_own(metric);
}

/* The metrics that each reason is about, and the words, which begin with their
 * names. */
static const struct {
    bool (*of)(const mf_metric *metric);
    const char *words;
} REASONS[] = {
    [MF_TARGETS_DIFFER] = {mf_metric_is_prediction,
                           "are not compared where models have different targets"},
    [MF_VALUES_DIFFER] = {mf_metric_is_prediction,
                          "are not compared where models predict other values of the "
                          "test cells, unless these were only shifted"},
    [MF_SPACES_DIFFER] = {mf_metric_is_own,
                          "are in each model's own vectors and not "
                          "compared; variety is in one space for all"},
    [MF_HISTORIES_DIFFER] = {of_histories, "are not compared where training or fold-in "
                                           "cells differ"},
};

void mf_incomparable_words(mf_incomparable why, char text[MF_INCOMPARABLE_TEXT])
{
    char names[MF_METRICS_TEXT];
    mf__metrics_names(names, REASONS[why].of);
    snprintf(text, MF_INCOMPARABLE_TEXT, "%s %s", names, REASONS[why].words);
}

bool mf__comparable(const mf_metric *metric, const mf_subject *a, const mf_subject *b,
                    mf_incomparable *why)
{
    const bool differ[] = {[MF_TARGETS_DIFFER] = a->target != b->target,
                           [MF_VALUES_DIFFER] = a->own_scale || b->own_scale,
                           [MF_SPACES_DIFFER] = true, /* of any two models */
                           [MF_HISTORIES_DIFFER] = a->known != b->known};
    for (int i = 0; i < MF_INCOMPARABLE_COUNT; i++)
        if (differ[i] && REASONS[i].of(metric)) {
            *why = (mf_incomparable)i;
            return false;
        }
    return true;
}
