/* Shards: each rank has read ratings of users of its own. */
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/mem.h"
#include "data/ids.h"
#include "jobs/train/deal.h"

/* --- items --- */

static uint64_t hash_ids(const mf_ids *ids)
{
    if (ids->n == 0)
        return 1;
    uint64_t off = XXH3_64bits(ids->off, ((size_t)ids->n + 1) * sizeof *ids->off);
    return XXH3_64bits_withSeed(ids->text, ids->off[ids->n], off);
}

/* True if all ranks have the same. */
static int are_same(mf_ranks *ranks, const mf_ids *ids, bool *same, mf_err *err)
{
    uint64_t *all = mf__new((size_t)ranks->size, sizeof *all);
    int code = mf_ranks_agree(ranks, all ? MF_OK : mf__nomem(err), err);
    if (code == MF_OK) {
        mf__ranks_list(ranks, hash_ids(ids), all);
        *same = true;
        for (int q = 1; q < ranks->size; q++)
            *same &= all[q] == all[0];
    }
    free(all);
    return code;
}

/* The ids of rank q, to all. */
static int receive(mf_ranks *ranks, int q, const mf_ids *own, mf_ids *ids, mf_err *err)
{
    uint64_t head[] = {own->n, own->n ? own->off[own->n] : 0};
    mf__ranks_broadcast(ranks, RANKS_DATA, head, sizeof head, q);
    *ids = (mf_ids){.n = (uint32_t)head[0],
                    .off = mf__new0(head[0] + 1, sizeof *ids->off),
                    .text = mf__new(head[1], 1),
                    .off_cap = head[0] + 1,
                    .text_cap = head[1]};
    int code = ids->off && ids->text ? MF_OK : mf__nomem(err);
    if ((code = mf_ranks_agree(ranks, code, err)) < 0)
        return code;
    if (ranks->rank == q && own->n) {
        memcpy(ids->off, own->off, (head[0] + 1) * sizeof *ids->off);
        memcpy(ids->text, own->text, head[1]);
    }
    mf__ranks_broadcast(ranks, RANKS_DATA, ids->off, (head[0] + 1) * sizeof *ids->off,
                        q);
    mf__ranks_broadcast(ranks, RANKS_DATA, ids->text, head[1], q);
    return MF_OK;
}

static int compare(const mf_ids *a, uint32_t i, const mf_ids *b, uint32_t j)
{
    size_t n, m;
    const char *x = mf_ids_get(a, i, &n), *y = mf_ids_get(b, j, &m);
    return mf__id_compare(x, n, y, m);
}

static int append(mf_ids *out, const mf_ids *ids, uint32_t i, mf_err *err)
{
    size_t len;
    const char *text = mf_ids_get(ids, i, &len);
    return mf_ids_append(out, text, len, err);
}

/* *all becomes the union of both, sorted. */
static int unite(mf_ids *all, const mf_ids *ids, mf_err *err)
{
    mf_ids out = {0};
    uint32_t i = 0, j = 0;
    int code = MF_OK;
    while (code == MF_OK && (i < all->n || j < ids->n)) {
        int order = i == all->n ? 1 : j == ids->n ? -1 : compare(all, i, ids, j);
        code = order <= 0 ? append(&out, all, i, err) : append(&out, ids, j, err);
        i += order <= 0;
        j += order >= 0;
    }
    mf_ids_free(code == MF_OK ? all : &out);
    if (code == MF_OK)
        *all = out;
    return code;
}

/* Let the columns of x be those of `all`. */
static int renumber(mf_ratings *x, mf_ids *all, mf_err *err)
{
    uint32_t *to = mf__new(x->items.n, sizeof *to);
    if (!to)
        return mf__nomem(err);
    for (uint32_t i = 0, j = 0; i < x->items.n; i++) {
        while (compare(all, j, &x->items, i) != 0)
            j++;
        to[i] = j;
    }
    for (size_t t = 0; t < x->x.nnz; t++)
        x->x.col[t] = to[x->x.col[t]];
    free(to);
    mf_ids_free(&x->items);
    x->items = *all;
    x->x.cols = all->n;
    *all = (mf_ids){0};
    return MF_OK;
}

static int unite_all(mf_ranks *ranks, mf_ratings *x, mf_err *err)
{
    mf_ids all = {0};
    int code = MF_OK;
    for (int q = 0; code == MF_OK && q < ranks->size; q++) {
        mf_ids ids = {0};
        code = receive(ranks, q, &x->items, &ids, err);
        if (code == MF_OK)
            code = mf_ranks_agree(ranks, unite(&all, &ids, err), err);
        mf_ids_free(&ids);
    }
    if (code == MF_OK)
        code = mf_ranks_agree(ranks, renumber(x, &all, err), err);
    mf_ids_free(&all);
    return code;
}

/* --- users --- */

static uint64_t hash_user(const mf_ids *users, uint32_t u)
{
    size_t len;
    const char *id = mf_ids_get(users, u, &len);
    return XXH3_64bits(id, len);
}

static int by_value(const void *x, const void *y)
{
    const uint64_t *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

/* Send each hash to the rank that it names, and sort what comes: *all, so many. */
static int exchange_hashes(mf_ranks *ranks, const mf_ids *users, uint64_t **all,
                           size_t *n, mf_err *err)
{
    size_t size = (size_t)ranks->size, bytes = sizeof(uint64_t), sum = 0;
    uint64_t *count = mf__new0(size, bytes), *come = mf__new(size, bytes);
    uint64_t *own = mf__new(users->n, bytes);
    size_t *to = mf__new0(size + 2, sizeof *to),
           *from = mf__new0(size + 2, sizeof *from);
    int code = count && come && own && to && from ? MF_OK : mf__nomem(err);
    if ((code = mf_ranks_agree(ranks, code, err)) == MF_OK) {
        for (size_t q = 0; q <= size; q++)
            to[q] = from[q] = q * bytes;
        for (uint32_t u = 0; u < users->n; u++)
            count[hash_user(users, u) % size]++;
        mf__ranks_exchange(ranks, RANKS_DATA, count, to, come, from);
        to[0] = to[1] = from[0] = 0;
        for (size_t q = 0; q < size; q++) {
            to[q + 2] = to[q + 1] + count[q] * bytes; /* to[q + 1] moves up to it */
            from[q + 1] = from[q] + come[q] * bytes;
            sum += come[q];
        }
        for (uint32_t u = 0; u < users->n; u++) {
            uint64_t hash = hash_user(users, u);
            own[to[hash % size + 1] / bytes] = hash;
            to[hash % size + 1] += bytes;
        }
        *all = mf__new(sum, bytes);
        code = mf_ranks_agree(ranks, *all ? MF_OK : mf__nomem(err), err);
    }
    if (code == MF_OK) {
        mf__ranks_exchange(ranks, RANKS_DATA, own, to, *all, from);
        qsort(*all, sum, bytes, by_value);
        *n = sum;
    }
    free(count);
    free(come);
    free(own);
    free(to);
    free(from);
    return code;
}

/* Name a user who is with two ranks. */
static int refuse_twice(mf_ranks *ranks, const mf_ids *users, mf_err *err)
{
    uint64_t *all = NULL, twice = 0, found[2];
    size_t n = 0;
    int code = exchange_hashes(ranks, users, &all, &n, err);
    bool any = false;
    for (size_t j = 1; code == MF_OK && j < n && !any; j++) {
        any = all[j] == all[j - 1];
        twice = all[j];
    }
    free(all);
    if (code < 0)
        return code;
    found[0] = 0;
    for (int q = 0; q < ranks->size && !found[0]; q++) {
        found[0] = any;
        found[1] = twice;
        mf__ranks_broadcast(ranks, RANKS_DATA, found, sizeof found, q);
    }
    any = found[0] != 0;
    for (uint32_t u = 0; any && code == MF_OK && u < users->n; u++)
        if (hash_user(users, u) == found[1]) {
            size_t len;
            const char *id = mf_ids_get(users, u, &len);
            code = mf_fail(err, MF_EFORMAT,
                           "user '%.*s' is in several shards; put them together with "
                           "mf-convert --join, and give mf-als the whole",
                           len < 200 ? (int)len : 200, id);
        }
    return mf_ranks_agree(ranks, code, err);
}

int mf__deal_items(mf_ranks *ranks, mf_ratings *x, mf_err *err)
{
    bool same = false;
    int code = refuse_twice(ranks, &x->users, err);
    if (code == MF_OK)
        code = are_same(ranks, &x->items, &same, err);
    return code < 0 || same ? code : unite_all(ranks, x, err);
}
