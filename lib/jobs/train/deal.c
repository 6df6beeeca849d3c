#include "jobs/train/deal.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static bool is_first(const mf_ranks *ranks)
{
    return mf_ranks_rank(ranks) == 0;
}

/* --- ratings --- */

/* What a rank must know before anything of it comes. */
typedef struct share {
    uint32_t users, items;
    uint64_t first, begin; /* user, and cell */
    uint64_t cells, user_text, item_text;
    uint8_t counts, times;
} share;

/* The first user of each rank: cells weigh, and so do users. */
static void cut(const mf_ratings *x, int size, uint32_t first[])
{
    const size_t USER = 16; /* cells that one more user costs */
    size_t all = x->x.nnz + USER * x->users.n;
    uint32_t u = 0;
    for (int q = 0; q < size; q++) {
        while (u < x->users.n &&
               x->x.ptr[u] + USER * u < all / (size_t)size * (size_t)q)
            u++;
        first[q] = u;
    }
    first[size] = x->users.n;
}

static uint64_t text_before(const mf_ids *ids, uint32_t i)
{
    return ids->n ? ids->off[i] : 0;
}

/* The shares of all ranks; of rank 0 alone. */
static int make_shares(share of[], int size, const mf_ratings *x, mf_err *err)
{
    uint32_t *first = mf__new((size_t)size + 1, sizeof *first);
    if (!first)
        return mf__nomem(err);
    cut(x, size, first);
    for (int q = 0; q < size; q++) {
        uint32_t lo = first[q], hi = first[q + 1];
        size_t begin = x->users.n ? x->x.ptr[lo] : 0;
        size_t end = x->users.n ? x->x.ptr[hi] : 0;
        of[q] = (share){.users = hi - lo,
                        .items = x->items.n,
                        .first = lo,
                        .begin = begin,
                        .cells = end - begin,
                        .user_text =
                            text_before(&x->users, hi) - text_before(&x->users, lo),
                        .item_text = text_before(&x->items, x->items.n),
                        .counts = x->count != NULL,
                        .times = x->time != NULL};
    }
    free(first);
    return MF_OK;
}

static int ids_room(mf_ids *ids, uint32_t n, size_t text, mf_err *err)
{
    ids->off = mf__new((size_t)n + 1, sizeof *ids->off);
    ids->text = mf__new(text, 1);
    ids->off_cap = (size_t)n + 1;
    ids->text_cap = text;
    ids->n = n;
    return ids->off && ids->text ? MF_OK : mf__nomem(err);
}

static int make_room(mf_ratings *x, const share *s, mf_err *err)
{
    size_t cells = s->cells;
    int code = ids_room(&x->users, s->users, s->user_text, err);
    if (code == MF_OK)
        code = ids_room(&x->items, s->items, s->item_text, err);
    if (code == MF_OK)
        code = mf_csr_alloc(&x->x, s->users, s->items, cells, err);
    if (code < 0)
        return code;
    x->fold = mf__new(cells, 1);
    x->count = s->counts ? mf__new(cells, sizeof *x->count) : NULL;
    x->time = s->times ? mf__new(cells, sizeof *x->time) : NULL;
    bool whole = x->fold && (x->count || !s->counts) && (x->time || !s->times);
    return whole ? MF_OK : mf__nomem(err);
}

/* Offsets or positions, which begin at that of the first. */
static void deal_positions(mf_ranks *ranks, const size_t all[], size_t mine[], size_t n)
{
    mf__ranks_deal(ranks, all ? all + 1 : NULL, mine + 1, n * sizeof *mine);
}

static void from_zero(size_t at[], size_t n, size_t first)
{
    at[0] = 0;
    for (size_t i = 1; i <= n; i++)
        at[i] -= first;
}

static void deal(mf_ranks *ranks, const mf_ratings *all, mf_ratings *x, const share *s,
                 size_t text_begin)
{
    size_t n = s->cells;
    deal_positions(ranks, all->users.off, x->users.off, s->users);
    from_zero(x->users.off, s->users, text_begin);
    mf__ranks_deal(ranks, all->users.text, x->users.text, s->user_text);
    deal_positions(ranks, all->x.ptr, x->x.ptr, s->users);
    from_zero(x->x.ptr, s->users, s->begin);
    mf__ranks_deal(ranks, all->x.col, x->x.col, n * sizeof *x->x.col);
    mf__ranks_deal(ranks, all->x.val, x->x.val, n * sizeof *x->x.val);
    mf__ranks_deal(ranks, all->fold, x->fold, n);
    if (s->counts)
        mf__ranks_deal(ranks, all->count, x->count, n * sizeof *x->count);
    if (s->times)
        mf__ranks_deal(ranks, all->time, x->time, n * sizeof *x->time);
    if (is_first(ranks) && s->items) {
        memcpy(x->items.off, all->items.off,
               ((size_t)s->items + 1) * sizeof *x->items.off);
        memcpy(x->items.text, all->items.text, s->item_text);
    }
    if (s->items == 0)
        x->items.off[0] = 0;
    mf__ranks_broadcast(ranks, RANKS_DATA, x->items.off,
                        ((size_t)s->items + 1) * sizeof *x->items.off, 0);
    mf__ranks_broadcast(ranks, RANKS_DATA, x->items.text, s->item_text, 0);
}

int mf__deal_ratings(mf_ranks *ranks, mf_ratings *x, mf_err *err)
{
    if (!mf__ranks_many(ranks))
        return MF_OK;
    size_t size = (size_t)ranks->size, text = 0;
    share *of = mf__new(size, sizeof *of);
    mf_ratings mine = {0};
    int code = of ? MF_OK : mf__nomem(err);
    if (code == MF_OK && is_first(ranks))
        code = make_shares(of, ranks->size, x, err);
    if ((code = mf_ranks_agree(ranks, code, err)) == MF_OK) {
        mf__ranks_broadcast(ranks, RANKS_DATA, of, size * sizeof *of, 0);
        code = mf_ranks_agree(ranks, make_room(&mine, &of[ranks->rank], err), err);
    }
    for (int q = 0; code == MF_OK && q < ranks->rank; q++)
        text += of[q].user_text;
    if (code == MF_OK)
        deal(ranks, x, &mine, &of[ranks->rank], text);
    mine.x.nnz = code == MF_OK ? of[ranks->rank].cells : 0;
    free(of);
    if (code < 0) {
        mf_ratings_free(&mine);
        return code;
    }
    mf_ratings_free(x);
    *x = mine;
    return MF_OK;
}

/* --- to rank 0 --- */

int mf__collect_tensor(mf_ranks *ranks, mf_tensor *all, const mf_tensor *mine,
                       mf_err *err)
{
    uint64_t rows;
    size_t n = (size_t)mine->n * mine->personas * mine->k;
    int code = MF_OK;
    *all = (mf_tensor){0};
    mf__ranks_before(ranks, mine->n, &rows);
    if (is_first(ranks)) {
        code = rows > UINT32_MAX
                   ? mf_fail(err, MF_ERANGE, "more than 2^32 - 1 users are no bundle")
                   : mf_tensor_alloc(all, (uint32_t)rows, mine->personas, mine->k, err);
        if (code == MF_OK && mine->bias)
            code = mf_tensor_add_bias(all, err);
    }
    if ((code = mf_ranks_agree(ranks, code, err)) < 0)
        return code;
    mf__ranks_collect(ranks, all->data, mine->data, n * sizeof *mine->data);
    if (mine->bias)
        mf__ranks_collect(ranks, all->bias, mine->bias, mine->n * sizeof *mine->bias);
    return MF_OK;
}

int mf__collect_bytes(mf_ranks *ranks, uint8_t **all, const uint8_t mine[],
                      size_t bytes, mf_err *err)
{
    uint64_t n;
    int code = MF_OK;
    *all = NULL;
    mf__ranks_before(ranks, bytes, &n);
    if (is_first(ranks) && !(*all = mf__new(n, 1)))
        code = mf__nomem(err);
    if ((code = mf_ranks_agree(ranks, code, err)) == MF_OK)
        mf__ranks_collect(ranks, *all, mine, bytes);
    return code;
}

int mf__collect_rows(mf_ranks *ranks, size_t **ptr, const mf_csr *mine, mf_err *err)
{
    uint64_t rows, before = mf__ranks_before(ranks, mine->nnz, NULL);
    size_t *end = mf__new(mine->rows, sizeof *end);
    int code = end ? MF_OK : mf__nomem(err);
    *ptr = NULL;
    mf__ranks_before(ranks, mine->rows, &rows);
    if (is_first(ranks) && !(*ptr = mf__new(rows + 1, sizeof **ptr)))
        code = mf__nomem(err);
    if ((code = mf_ranks_agree(ranks, code, err)) == MF_OK) {
        for (uint32_t u = 0; u < mine->rows; u++)
            end[u] = before + mine->ptr[u + 1];
        mf__ranks_collect(ranks, *ptr ? *ptr + 1 : NULL, end, mine->rows * sizeof *end);
        if (*ptr)
            **ptr = 0;
    }
    free(end);
    return code;
}

/* --- from rank 0 --- */

typedef struct shape {
    uint32_t personas, items, k;
    uint8_t bias, next_z;
} shape;

int mf__deal_factors(mf_ranks *ranks, mf_als_factors *f, uint32_t rows, size_t cells,
                     mf_err *err)
{
    mf_als_factors mine = {0};
    if (!mf__ranks_many(ranks))
        return MF_OK;
    shape s = {f->users.personas, f->items.n, f->items.k, f->items.bias != NULL,
               f->next_z != NULL};
    mf__ranks_broadcast(ranks, RANKS_DATA, &s, sizeof s, 0);
    int code = mf_tensor_alloc(&mine.users, rows, s.personas, s.k, err);
    if (code == MF_OK)
        code = mf_tensor_alloc(&mine.items, s.items, 1, s.k, err);
    if (code == MF_OK && s.bias)
        code = mf_tensor_add_bias(&mine.users, err);
    if (code == MF_OK && s.bias)
        code = mf_tensor_add_bias(&mine.items, err);
    mine.z = mf__new(cells, 1);
    mine.next_z = s.next_z ? mf__new(cells, 1) : NULL;
    if (code == MF_OK && (!mine.z || (s.next_z && !mine.next_z)))
        code = mf__nomem(err);
    if ((code = mf_ranks_agree(ranks, code, err)) < 0) {
        mf_als_factors_free(&mine);
        return code;
    }
    size_t user = (size_t)s.personas * s.k * sizeof(float), item = s.k * sizeof(float);
    mf__ranks_deal(ranks, f->users.data, mine.users.data, rows * user);
    mf__ranks_deal(ranks, f->z, mine.z, cells);
    if (s.next_z)
        mf__ranks_deal(ranks, f->next_z, mine.next_z, cells);
    if (is_first(ranks))
        memcpy(mine.items.data, f->items.data, s.items * item);
    mf__ranks_broadcast(ranks, RANKS_DATA, mine.items.data, s.items * item, 0);
    if (s.bias) {
        mf__ranks_deal(ranks, f->users.bias, mine.users.bias, rows * sizeof(float));
        if (is_first(ranks))
            memcpy(mine.items.bias, f->items.bias, s.items * sizeof(float));
        mf__ranks_broadcast(ranks, RANKS_DATA, mine.items.bias, s.items * sizeof(float),
                            0);
    }
    mf_als_factors_free(f);
    *f = mine;
    return MF_OK;
}
