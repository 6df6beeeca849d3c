/* jobs/train/run.h - one run of training, between reading and writing. */
#ifndef JOBS_TRAIN_RUN_H
#define JOBS_TRAIN_RUN_H

#include "base/ranks.h"
#include "jobs/train/checkpoint.h"
#include "jobs/train/job.h"
#include "jobs/train/stop.h"
#include "jobs/train/stream.h"
#include "jobs/train/watch.h"

struct train_run {
    const mf_train_params *params;
    mf_als_params p;     /* canonical */
    mf_als_params asked; /* the same, with what is left to the training cells */
    double began, swept; /* seconds: the job, and its first sweep */
    mf_ids users, items;
    bool borrows;    /* them; else they are owned */
    uint64_t digest; /* of the model to start from */
    mf_csr train, valid, known;  /* whose cells, and the users' ids, are on p.disk */
    train_stream *stream;        /* that they are taken from; NULL: from ratings */
    mf_ranks *ranks;             /* NULL or one: all is here */
    double all_cells, all_valid; /* training and validation cells of all ranks */
    uint64_t all_users;          /* likewise */
    uint64_t data;               /* digest of the ratings, for checkpoints */
    mf_als_factors given;        /* of --init */
    checkpoint_of of;            /* for checkpoints */
    mf_als *als;
    mf_metric metric; /* watched; name "": nothing */
    bool watches;     /* metric is not the rmse that training measures anyway, but */
    watch watch;      /* measured here */
    uint32_t patience;
    stop_rule stop;
    bool improved;           /* the factors are the best so far */
    mf_als_factors best;     /* those of the best sweep, stored for --patience */
    mf_history_entry *entry; /* [n], the history */
    size_t n, cap;
    mf_card card;
    int code; /* of a failure in record_state, which returns nothing */
    mf_err *err;
};
typedef struct train_run run;

/* All sweeps, each shown, logged and measured; then the factors of the best one, if
 * that was not the last, and what the card says of them. Returns as mf_train_run
 * does. */
int mf__run_train(run *r) MF_MUST_USE;
void mf__run_free(run *r);

#endif
