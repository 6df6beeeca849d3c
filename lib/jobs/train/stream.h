/* jobs/train/stream.h - ratings that are not in memory: what training reads of a
 * bundle, put on disk block by block as it comes. */
#ifndef JOBS_TRAIN_STREAM_H
#define JOBS_TRAIN_STREAM_H

#include "base/disk.h"
#include "data/cell_hash.h"
#include "mf/train.h"
#include "wire/load.h"

/* A matrix that grows row by row, col and val being on disk. */
typedef struct stream_rows {
    mf_csr x;
    size_t ptr_cap, col_cap, val_cap;
} stream_rows;

typedef struct train_stream {
    const mf_train_params *params;
    mf_disk *disk;                    /* borrowed */
    stream_rows train, valid, known;
    uint64_t of_train, of_held_out;   /* digests, as in a model card */
    mf_cell_hash hash;
} train_stream;

/* Where the rows of mf__model_load go, to s. It fails too with MF_EINVAL, when the
 * header is known: the memory is too little. */
mf_row_sink mf__stream_sink(train_stream *s);

/* After all rows: the cells are complete, and the ids go to disk. Returns MF_OK,
 * MF_ENOMEM or MF_EIO. */
int mf__stream_end(train_stream *s, mf_model *model, mf_err *err) MF_MUST_USE;

void mf__stream_free(train_stream *s);

/* Free ids and matrices whose arrays are on disk. */
void mf__stream_free_ids(mf_disk *disk, mf_ids *ids);
void mf__stream_free_rows(mf_disk *disk, mf_csr *x);

/* Bytes that training on so many users and items takes beside what can be on disk, of
 * which `swept` are vectors of users during sweeps; and those of the vectors of the
 * result. With `watches` validation cells are measured. */
typedef struct stream_need {
    size_t least, swept, users;
} stream_need;
stream_need mf__stream_need(const mf_als_params *p, uint32_t users, uint32_t items,
                            bool watches);

#endif
