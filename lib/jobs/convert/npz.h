/* jobs/convert/npz.h - the arrays in scipy.sparse's .npz. */
#ifndef JOBS_CONVERT_NPZ_H
#define JOBS_CONVERT_NPZ_H

#include "jobs/convert/npy.h"

enum {
    NPZ_INDICES,
    NPZ_INDPTR,
    NPZ_FORMAT,
    NPZ_SHAPE,
    NPZ_DATA,
    NPZ_ROW, /* of COO, like the next */
    NPZ_COL,
    NPZ_ARRAYS
};

extern const char *const mf__npz_member[NPZ_ARRAYS];

#endif
