/* mf/ranks.h - the processes that train together, under MPI.
 *
 *     mf_ranks *ranks;
 *     if (mf_ranks_open(&ranks, &err) == MF_OK) {
 *         params.als.ranks = ranks;
 *         ...
 *         mf_ranks_close(ranks);
 *     }
 *
 * Each process, a rank, has the rows of some users; all have the same columns. Where a
 * call takes ranks, by its parameters, all of them make it, with parameters that are
 * equal, and all get the same answer: MF_OK, or the failure of the first rank that
 * failed. NULL is a process of its own; so is every process of a library that was built
 * without MPI=1. */
#ifndef MF_RANKS_H
#define MF_RANKS_H

#include "mf/err.h"

MF_BEGIN_DECLS

typedef struct mf_ranks mf_ranks;

/* Join the processes that were started together; *out is NULL where this one was
 * started alone. To be called once, before there are threads. Returns MF_OK, MF_ENOMEM
 * or MF_EINVAL (one of several, and this library has no MPI). */
int mf_ranks_open(mf_ranks **out, mf_err *err) MF_MUST_USE;

/* Leave; all processes do. */
void mf_ranks_close(mf_ranks *ranks);

/* End all processes now, as after a failure that the others do not know of. */
void mf_ranks_abandon(mf_ranks *ranks, int status);

/* This process, 0 .. size - 1, and how many there are. */
int mf_ranks_rank(const mf_ranks *ranks);
int mf_ranks_size(const mf_ranks *ranks);

/* What all say of one step: `code`, MF_OK or a failure, of the first rank that failed,
 * whose message becomes *err everywhere. Returns that code. */
int mf_ranks_agree(mf_ranks *ranks, int code, mf_err *err) MF_MUST_USE;

MF_END_DECLS

#endif
