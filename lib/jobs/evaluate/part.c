/* A part of an evaluation: what it is made of. */
#include "jobs/evaluate/part.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "jobs/evaluate/lists.h"
#include "mf/version.h"

void mf__part_set(evaluation_part *part, const mf_evaluate_params *params)
{
    memcpy(part->version, MF_VERSION, sizeof MF_VERSION);
    part->shard = params->shard;
    part->shards = params->shards;
    part->baselines = params->baselines;
    part->by = params->by;
    part->slices = params->by == MF_BY_NOTHING ? 0 : params->slices;
    part->different_splits = params->different_splits;
    part->replicates = params->replicates;
    part->seed = params->seed;
    part->has_ratings = params->ratings != NULL;
    part->lists = (uint32_t)params->lists;
}

void mf__part_free(evaluation_part *part)
{
    mf_evaluation_free(&part->e);
    free(part->of_user);
    *part = (evaluation_part){0};
}

void *mf__part_data(const part_array *array)
{
    void *data;
    memcpy(&data, array->slot, sizeof data);
    return data;
}

void mf__part_set_data(const part_array *array, void *data)
{
    memcpy(array->slot, &data, sizeof data);
}

size_t mf__part_size(part_type type)
{
    return type == PART_U8 ? 1 : type == PART_U32 ? 4 : 8;
}

size_t mf__part_stored(part_type type)
{
    return type == PART_U8 || type == PART_FLAG ? 1 : type == PART_F64 ? 8 : 4;
}

int mf__part_arrays(part_array **list, size_t *n, evaluation_part *part, mf_err *err)
{
    mf_evaluation *e = &part->e;
    const size_t metrics = e->metrics.n, users = e->ids.n;
    size_t row[MF_METRICS_MAX], rows = mf__lists_rows(&e->metrics, row);
    part_array *a = *list =
        mf__new(1 + 2 * e->splits + e->subjects * (2 + 2 * metrics), sizeof *a);
    if (!a)
        return mf__nomem(err);
    if (part->by == MF_BY_ACTIVITY)
        *a++ = (part_array){PART_U8, &part->of_user, 1, users, false, part->slices - 1};
    for (size_t c = 0; c < e->splits; c++) {
        mf_test_cells *cells = &e->cells[c];
        *a++ = (part_array){PART_COUNT, &cells->n, e->parts, users, false, UINT32_MAX};
        *a++ = (part_array){PART_FLAG, &cells->ranked, e->parts, users, false, 1};
    }
    for (size_t s = 0; s < e->subjects; s++) {
        mf_subject *subject = &e->subject[s];
        if (subject->model || subject->listed)
            *a++ = (part_array){PART_U8, &subject->unknown, 1, users, false, 1};
        for (size_t m = 0; m < metrics; m++) {
            const mf_metric *metric = &e->metrics.metric[m];
            mf_measure *x = &subject->measure[m];
            if (!mf_subject_has(subject, metric) ||
                mf_metric_is_about(metric) == MF_ABOUT_ALL_LISTS)
                continue;
            *a++ = (part_array){PART_F64, &x->num, e->parts, users, false, 0};
            if (mf_metric_den(metric) == MF_DEN_DEFINED)
                *a++ = (part_array){PART_FLAG, &x->den, e->parts, users, false, 1};
        }
        if (rows && subject->ranks)
            *a++ = (part_array){PART_U32, &subject->times, rows, subject->items,
                                true,     e->ids.n};
    }
    *n = (size_t)(a - *list);
    return MF_OK;
}
