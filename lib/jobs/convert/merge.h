/* jobs/convert/merge.h - cells of the same user and item become one.
 *
 * They are added in the order of their values, whose sum then does not depend on that
 * of the input. The first and the last are told by time; without times, and only then,
 * by place. Of equal times the last has the largest value, the first the smallest. */
#ifndef JOBS_CONVERT_MERGE_H
#define JOBS_CONVERT_MERGE_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/convert.h"

typedef struct merge {
    mf_duplicates rule;
    bool timed;
    size_t n;
    double value; /* of the one that is kept, or the sum */
    int64_t time; /* of the one that is kept, else the latest */
    uint64_t place;
} merge;

/* The order of values; -0 stands before 0, so that equals have the same bits. */
static inline int merge_compare(double x, double y)
{
    return x != y ? (x < y ? -1 : 1) : !signbit(x) - !signbit(y);
}

static inline void merge_add(merge *m, double value, int64_t time, uint64_t place)
{
    bool take = true; /* the time, and of one that is kept the value */
    switch (m->n++ ? m->rule : MF_DUPLICATES_MAX) {
    case MF_DUPLICATES_FIRST:
        take = m->timed ? time < m->time : place < m->place;
        break;
    case MF_DUPLICATES_LAST:
        take = m->timed ? time >= m->time : place > m->place;
        break;
    case MF_DUPLICATES_MAX: /* values ascend */
        if (m->n > 1 && time < m->time)
            time = m->time;
        break;
    default:
        m->value += value;
        if (time > m->time)
            m->time = time;
        return;
    }
    if (take) {
        m->value = value;
        m->time = time;
        m->place = place;
    }
}

static inline double merge_value(const merge *m)
{
    return m->rule == MF_DUPLICATES_MEAN ? m->value / (double)m->n : m->value;
}

#endif
