/* Reductions are an exchange of pieces, which are then added in the order of the ranks:
 * what MPI adds has no order that is the same everywhere. */
#include "base/ranks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/report.h"

int mf__ranks_make(mf_ranks **out, int rank, int size, const ranks_ops *ops, void *self,
                   mf_err *err)
{
    mf_ranks *r = mf__new0(1, sizeof *r);
    size_t n = (size_t)size;
    *out = NULL;
    if (!r)
        return mf__nomem(err);
    r->rank = rank;
    r->size = size;
    r->ops = ops;
    r->self = self;
    r->numbers = mf__new(n * RANKS_NUMBERS, sizeof *r->numbers);
    r->at = mf__new(n + 1, sizeof *r->at);
    r->from_at = mf__new(n + 1, sizeof *r->from_at);
    *out = r;
    return r->numbers && r->at && r->from_at ? MF_OK : mf__nomem(err);
}

void mf_ranks_close(mf_ranks *r)
{
    if (!r)
        return;
    if (r->ops)
        r->ops->close(r->self);
    free(r->numbers);
    free(r->at);
    free(r->from_at);
    free(r->scratch);
    free(r);
}

void mf_ranks_abandon(mf_ranks *r, int status)
{
    if (r && r->ops)
        r->ops->abandon(r->self, status);
}

int mf_ranks_rank(const mf_ranks *r)
{
    return r ? r->rank : 0;
}

int mf_ranks_size(const mf_ranks *r)
{
    return r ? r->size : 1;
}

/* --- the account --- */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void note(mf_ranks *r, ranks_kind kind, size_t bytes, double began)
{
    r->account[kind].bytes += bytes;
    r->account[kind].seconds += now() - began;
}

void mf__ranks_exchange(mf_ranks *r, ranks_kind kind, const void *to,
                        const size_t to_at[], void *from, const size_t from_at[])
{
    double began = now();
    size_t own = from_at[r->rank + 1] - from_at[r->rank];
    r->ops->exchange(r->self, to, to_at, from, from_at);
    note(r, kind, from_at[r->size] - from_at[0] - own, began);
}

void mf__ranks_gather(mf_ranks *r, ranks_kind kind, void *all, const size_t at[])
{
    double began = now();
    size_t own = at[r->rank + 1] - at[r->rank];
    r->ops->gather(r->self, all, at);
    note(r, kind, at[r->size] - at[0] - own, began);
}

void mf__ranks_broadcast(mf_ranks *r, ranks_kind kind, void *data, size_t bytes,
                         int root)
{
    if (!mf__ranks_many(r))
        return;
    double began = now();
    r->ops->broadcast(r->self, data, bytes, root);
    note(r, kind, r->rank == root ? 0 : bytes, began);
}

void mf__ranks_begin(mf_ranks *r)
{
    ranks_account data = {0};
    if (!r)
        return;
    data = r->account[RANKS_DATA];
    memset(r->account, 0, sizeof r->account);
    r->account[RANKS_DATA] = data;
}

void mf__ranks_note(mf_ranks *r, const mf_report *report, uint32_t sweeps,
                    double seconds)
{
    static const char *const names[] = {"Gram matrices", "items", "V", "small", "data"};
    double x[2 * RANKS_KINDS + 1], n = sweeps ? sweeps : 1;
    char text[400] = "";
    size_t used = 0;
    if (!mf__ranks_many(r))
        return;
    for (int kind = 0; kind < RANKS_KINDS; kind++) {
        x[kind] = (double)r->account[kind].bytes / r->size;
        x[RANKS_KINDS + kind] = r->account[kind].seconds / r->size;
    }
    mf__ranks_total(r, x, 2 * RANKS_KINDS);
    double waited = 0;
    for (int kind = 0; kind < RANKS_KINDS; kind++) {
        bool once = kind == RANKS_DATA;
        used = mf__append(text, sizeof text, used, "%s%s %.4g MB%s %.3g s",
                          used ? "; " : "", names[kind], x[kind] / (once ? 1 : n) / 1e6,
                          once ? " in all," : ",",
                          x[RANKS_KINDS + kind] / (once ? 1 : n));
        waited += once ? 0 : x[RANKS_KINDS + kind];
    }
    mf__report_note(report,
                    "ranks: %d; a rank receives in a sweep %s; %.3g %% of %.4g s in "
                    "communication",
                    r->size, text, seconds > 0 ? 100 * waited / seconds : 0, seconds);
}

/* --- agreement --- */

int mf_ranks_agree(mf_ranks *r, int code, mf_err *err)
{
    uint64_t *all;
    int first = 0;
    if (!mf__ranks_many(r))
        return code;
    all = (uint64_t *)(void *)r->numbers;
    mf__ranks_list(r, (uint64_t)(code < 0 ? -code : 0), all);
    while (first < r->size && all[first] == 0)
        first++;
    if (first == r->size)
        return MF_OK;
    mf_err said = {0};
    code = -(int)all[first];
    if (r->rank == first && err)
        said = *err;
    mf__ranks_broadcast(r, RANKS_SMALL, &said, sizeof said, first);
    if (err && said.code != MF_OK)
        *err = said;
    else if (err)
        mf_fail(err, code, "a rank failed");
    return code;
}

/* --- sums --- */

void mf__ranks_list(mf_ranks *r, uint64_t x, uint64_t n[])
{
    n[mf_ranks_rank(r)] = x;
    if (!mf__ranks_many(r))
        return;
    for (int q = 0; q <= r->size; q++)
        r->at[q] = (size_t)q * sizeof x;
    mf__ranks_gather(r, RANKS_SMALL, n, r->at);
}

uint64_t mf__ranks_before(mf_ranks *r, uint64_t x, uint64_t *all)
{
    uint64_t before = 0, sum = x;
    if (mf__ranks_many(r)) {
        uint64_t *n = (uint64_t *)(void *)r->numbers;
        mf__ranks_list(r, x, n);
        sum = 0;
        for (int q = 0; q < r->size; q++) {
            before = q == r->rank ? sum : before;
            sum += n[q];
        }
    }
    if (all)
        *all = sum;
    return before;
}

void mf__ranks_total(mf_ranks *r, double x[], size_t n)
{
    if (!mf__ranks_many(r))
        return;
    for (int q = 0; q <= r->size; q++)
        r->at[q] = (size_t)q * n * sizeof *x;
    memcpy(r->numbers + (size_t)r->rank * n, x, n * sizeof *x);
    mf__ranks_gather(r, RANKS_SMALL, r->numbers, r->at);
    for (size_t i = 0; i < n; i++) {
        x[i] = 0;
        for (int q = 0; q < r->size; q++)
            x[i] += r->numbers[(size_t)q * n + i];
    }
}

int mf__ranks_sum(mf_ranks *r, int code, ranks_kind kind, double x[], size_t n,
                  mf_err *err)
{
    if (!mf__ranks_many(r))
        return code;
    size_t lo = mf__ranks_part(r, n, r->rank),
           own = mf__ranks_part(r, n, r->rank + 1) - lo, all = (size_t)r->size * own;
    if (code == MF_OK)
        code = mf__reserve(&r->scratch, &r->cap, all, sizeof *r->scratch, err);
    if ((code = mf_ranks_agree(r, code, err)) < 0)
        return code;
    for (int q = 0; q <= r->size; q++) {
        r->at[q] = mf__ranks_part(r, n, q) * sizeof *x;
        r->from_at[q] = (size_t)q * own * sizeof *x;
    }
    mf__ranks_exchange(r, kind, x, r->at, r->scratch, r->from_at);
    for (size_t i = 0; i < own; i++) {
        x[lo + i] = 0;
        for (int q = 0; q < r->size; q++)
            x[lo + i] += r->scratch[(size_t)q * own + i];
    }
    mf__ranks_gather(r, kind, x, r->at);
    return MF_OK;
}

/* --- to rank 0, and from it --- */

/* The sizes that all ranks have, as offsets. */
static void offsets(mf_ranks *r, size_t bytes, size_t at[])
{
    uint64_t *n = (uint64_t *)(void *)r->numbers;
    mf__ranks_list(r, bytes, n);
    at[0] = 0;
    for (int q = 0; q < r->size; q++)
        at[q + 1] = at[q] + (size_t)n[q];
}

void mf__ranks_concat(mf_ranks *r, ranks_kind kind, void *all, const void *mine,
                      size_t bytes)
{
    size_t at = 0;
    if (mf__ranks_many(r)) {
        offsets(r, bytes, r->at);
        at = r->at[r->rank];
    }
    if (bytes)
        memcpy((char *)all + at, mine, bytes);
    if (mf__ranks_many(r))
        mf__ranks_gather(r, kind, all, r->at);
}

void mf__ranks_collect(mf_ranks *r, void *all, const void *mine, size_t bytes)
{
    if (!mf__ranks_many(r)) {
        if (bytes)
            memcpy(all, mine, bytes);
        return;
    }
    offsets(r, bytes, r->from_at);
    for (int q = 0; q <= r->size; q++) {
        r->at[q] = q == 0 ? 0 : bytes;
        if (r->rank != 0)
            r->from_at[q] = 0;
    }
    mf__ranks_exchange(r, RANKS_DATA, mine, r->at, all, r->from_at);
}

void mf__ranks_deal(mf_ranks *r, const void *all, void *mine, size_t bytes)
{
    if (!mf__ranks_many(r)) {
        if (bytes)
            memcpy(mine, all, bytes);
        return;
    }
    offsets(r, bytes, r->at);
    for (int q = 0; q <= r->size; q++) {
        r->from_at[q] = q == 0 ? 0 : bytes;
        if (r->rank != 0)
            r->at[q] = 0;
    }
    mf__ranks_exchange(r, RANKS_DATA, all, r->at, mine, r->from_at);
}
