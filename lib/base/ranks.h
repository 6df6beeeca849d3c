/* base/ranks.h - what the processes that train together say to each other.
 *
 * All ranks make the same calls in the same order, from one thread each. NULL, or one
 * rank, makes each of them do nothing. Sums are taken in the order of the ranks: the
 * same bits in every run, on all ranks. What may fail before a call is handed to it as
 * `code`: if one rank failed, all return its failure, and nothing was done. */
#ifndef BASE_RANKS_H
#define BASE_RANKS_H

#include <stddef.h>
#include <stdint.h>

#include "mf/io.h"
#include "mf/ranks.h"

/* What is moved, for the account of it. */
typedef enum ranks_kind {
    RANKS_GRAM,  /* Gram matrices and eigenvectors */
    RANKS_ITEMS, /* what items need of users: sums, vectors, products */
    RANKS_V,     /* item vectors */
    RANKS_SMALL, /* losses, counts, agreement on failures */
    RANKS_DATA,  /* ratings dealt out, results collected */
    RANKS_KINDS
} ranks_kind;

typedef struct ranks_account {
    uint64_t bytes; /* that came from other ranks */
    double seconds; /* in calls; waiting for others is part of it */
} ranks_account;

/* How bytes move; all ranks make all calls. Offsets at[size + 1] are in bytes. */
typedef struct ranks_ops {
    /* Send to[to_at[q] .. to_at[q+1]) to each rank q; what rank q sends comes to
     * from[from_at[q] ..). The receiver knows the sizes. */
    void (*exchange)(void *self, const char *to, const size_t to_at[], char *from,
                     const size_t from_at[]);
    /* all[at[q] .. at[q+1]) is that of rank q, and comes to all. */
    void (*gather)(void *self, char *all, const size_t at[]);
    void (*broadcast)(void *self, char *data, size_t bytes, int root);
    void (*close)(void *self);
    void (*abandon)(void *self, int status);
} ranks_ops;

enum { RANKS_NUMBERS = 32 }; /* that are summed at a time by mf__ranks_total */

struct mf_ranks {
    int rank, size;
    const ranks_ops *ops;
    void *self;           /* of the operations */
    double *numbers;      /* [size * RANKS_NUMBERS]; owned, like what follows */
    size_t *at, *from_at; /* [size + 1], scratch */
    double *scratch;
    size_t cap;
    ranks_account account[RANKS_KINDS];
};

/* Make an object for the operations. Returns MF_OK or MF_ENOMEM. */
int mf__ranks_make(mf_ranks **out, int rank, int size, const ranks_ops *ops, void *self,
                   mf_err *err) MF_MUST_USE;

/* True if there are others. */
static inline int mf__ranks_many(const mf_ranks *r)
{
    return r && r->size > 1;
}

/* The rank's part of n things that are divided evenly: [lo, hi). */
static inline size_t mf__ranks_part(const mf_ranks *r, size_t n, int rank)
{
    size_t whole = n / (size_t)r->size, rest = n % (size_t)r->size, q = (size_t)rank;
    return whole * q + (q < rest ? q : rest);
}

/* x[i] becomes its sum over the ranks, for n <= RANKS_NUMBERS. */
void mf__ranks_total(mf_ranks *r, double x[], size_t n);

/* The same of any number; returns MF_ENOMEM too. */
int mf__ranks_sum(mf_ranks *r, int code, ranks_kind kind, double x[], size_t n,
                  mf_err *err) MF_MUST_USE;

/* n[q] becomes the x of rank q, for all q; n: [size]. */
void mf__ranks_list(mf_ranks *r, uint64_t x, uint64_t n[]);

/* The sum of the x of the ranks before this one; *all, unless it is NULL, becomes that
 * of all. */
uint64_t mf__ranks_before(mf_ranks *r, uint64_t x, uint64_t *all);

/* The counted forms of the operations, where sizes are known. */
void mf__ranks_exchange(mf_ranks *r, ranks_kind kind, const void *to,
                        const size_t to_at[], void *from, const size_t from_at[]);
void mf__ranks_gather(mf_ranks *r, ranks_kind kind, void *all, const size_t at[]);
void mf__ranks_broadcast(mf_ranks *r, ranks_kind kind, void *data, size_t bytes,
                         int root);

/* The same with the parts of all one after the other: `bytes` of mine, and all. */
void mf__ranks_concat(mf_ranks *r, ranks_kind kind, void *all, const void *mine,
                      size_t bytes);

/* From each rank `bytes` of mine, one after the other, to rank 0, which has room for
 * all; elsewhere `all` is not looked at. Or, with `deal`, from rank 0 to each. */
void mf__ranks_collect(mf_ranks *r, void *all, const void *mine, size_t bytes);
void mf__ranks_deal(mf_ranks *r, const void *all, void *mine, size_t bytes);

/* Begin the account of all but data anew; note what was moved since, as a mean over the
 * ranks, by sweep. */
void mf__ranks_begin(mf_ranks *r);
void mf__ranks_note(mf_ranks *r, const mf_report *report, uint32_t sweeps,
                    double seconds);

#endif
