/* jobs/evaluate/part_wire.h - what the reader and the writer of parts agree on. */
#ifndef JOBS_EVALUATE_PART_WIRE_H
#define JOBS_EVALUATE_PART_WIRE_H

#include "mf/metrics.h"

#define PART_MAGIC "mfpipe evaluation"

enum {
    PART_FORMAT = 1,
    PART_PIECE = 4 << 20, /* bytes of an array, or of ids, in a frame */
    PART_IDS = 1 << 16,   /* ids in a frame */
    PART_HEAD_KEYS = 24,
    PART_SUBJECT_KEYS = 11,
    PART_LIST_KEYS = 17,
    PART_METRICS = MF_METRICS_MAX * sizeof(((mf_metric *)0)->name)
};

#endif
