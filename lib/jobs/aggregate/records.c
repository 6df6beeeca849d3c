#include "jobs/aggregate/records.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
    SMALLEST = 64, /* records in a chunk, at least */
    FEW = 1024     /* a smaller chunk may be skipped, and its memory wasted */
};

struct chunk {
    struct chunk *next;
    size_t n, cap; /* records or sums; n is set when the next chunk is begun */
    bool own;      /* malloced, not of an arena */
    union {
        record record;
        item_sum sum;
    } of[];
};
_Static_assert(sizeof(record) == sizeof(item_sum), "sums take the place of records");

/* From the arena `from`, or malloced if that is NULL. */
static struct chunk *new_chunk(size_t cap, struct chunk *next, arena *from)
{
    size_t bytes = sizeof(struct chunk) + cap * sizeof next->of[0];
    struct chunk *c = from ? mf__arena_take(from, bytes) : mf__new(bytes, 1);
    if (c)
        *c = (struct chunk){.next = next, .cap = cap, .own = !from};
    return c;
}

int mf__records_extend(records *to, struct records_part *part, mf_err *err)
{
    struct chunk *full = part->chunk;
    size_t n = full ? full->cap * 2 : SMALLEST;
    n = n < to->largest ? n : to->largest;
    struct chunk *fresh = new_chunk(n, full, &to->arena);
    if (!fresh)
        return mf__nomem(err);
    if (full)
        full->n = full->cap;
    *part = (struct records_part){
        .at = &fresh->of[0].record, .end = &fresh->of[n].record, .chunk = fresh};
    return MF_OK;
}

static void free_chunks(struct chunk *c)
{
    for (struct chunk *next; c; c = next) {
        next = c->next;
        if (c->own)
            free(c);
    }
}

void mf__records_reset(records *r)
{
    memset(r->part, 0, sizeof r->part);
    mf__arena_reset(&r->arena);
    r->n = 0;
}

void mf__records_free(records *r)
{
    mf__arena_free(&r->arena);
    *r = (records){.largest = r->largest};
}

void mf__part_rows_free(part_rows *rows)
{
    free(rows->at);
    free(rows->len);
    free_chunks(rows->chunks);
    *rows = (part_rows){0};
}

/* --- sorting: by item, digit by digit, then by user ---
 *
 * Every step is a counting sort, so that the whole is linear, even for one user who
 * has all lines. A part of usual data fits in the cache of a core. */

enum { DIGIT_MAX = 11 }; /* bits: as many streams as a core can write to */

void mf__grouper_free(grouper *g)
{
    free(g->ptr);
    free(g->a);
    free(g->b);
    *g = (grouper){0};
}

static size_t copy_chunks(record *to, const struct chunk *chunks, const uint32_t rank[])
{
    size_t n = 0;
    for (const struct chunk *c = chunks; c; c = c->next)
        for (size_t i = 0; i < c->n; i++) {
            to[n] = c->of[i].record;
            if (rank)
                to[n].item = rank[to[n].item];
            n++;
        }
    return n;
}

static void sort_by_digit(record *to, const record *from, size_t n, int shift, int bits)
{
    size_t count[1 << DIGIT_MAX] = {0}, sum = 0;
    uint32_t mask = (1u << bits) - 1;
    for (size_t i = 0; i < n; i++)
        count[from[i].item >> shift & mask]++;
    for (uint32_t d = 0; d <= mask; d++) {
        size_t here = count[d];
        count[d] = sum;
        sum += here;
    }
    for (size_t i = 0; i < n; i++)
        to[count[from[i].item >> shift & mask]++] = from[i];
}

/* The records of user u become g->key[g->ptr[u]] .. g->key[g->ptr[u+1]-1]. */
static void sort_by_user(grouper *g, const record *from, size_t n, uint32_t users)
{
    memset(g->ptr, 0, ((size_t)users + 2) * sizeof *g->ptr);
    for (size_t i = 0; i < n; i++)
        g->ptr[from[i].user + 2]++;
    for (uint32_t u = 0; u < users; u++)
        g->ptr[u + 2] += g->ptr[u + 1];
    for (size_t i = 0; i < n; i++)
        g->key[g->ptr[from[i].user + 1]++] = (item_count){from[i].item, from[i].count};
}

static int sort_records(grouper *g, const struct chunk *chunks, uint32_t users,
                        const uint32_t rank[], mf_err *err)
{
    size_t n = 0;
    uint32_t items = 0;
    for (const struct chunk *c = chunks; c; c = c->next)
        n += c->n;
    if (mf__reserve(&g->ptr, &g->ptr_cap, (size_t)users + 2, sizeof *g->ptr, err) < 0 ||
        mf__reserve(&g->a, &g->a_cap, n, sizeof *g->a, err) < 0 ||
        mf__reserve(&g->b, &g->b_cap, n, sizeof *g->b, err) < 0)
        return MF_ENOMEM;
    record *from = g->a, *to = g->b;
    copy_chunks(from, chunks, rank);
    for (size_t i = 0; i < n; i++)
        items |= from[i].item;
    int bits = items ? 32 - __builtin_clz(items) : 0;
    int digits = (bits + DIGIT_MAX - 1) / DIGIT_MAX;
    for (int d = 0, shift = 0; d < digits; d++) {
        int width = (bits - shift + digits - d - 1) / (digits - d);
        sort_by_digit(to, from, n, shift, width);
        record *other = from;
        from = to;
        to = other;
        shift += width;
    }
    g->key = (item_count *)(void *)to;
    sort_by_user(g, from, n, users);
    return MF_OK;
}

/* --- grouping --- */

/* The chunks of a part, of all threads, in one list. */
static struct chunk *gather(records from[], size_t threads, unsigned part)
{
    struct chunk *all = NULL;
    for (size_t t = 0; t < threads; t++) {
        struct records_part *p = &from[t].part[part];
        if (p->chunk)
            p->chunk->n = p->chunk->cap - (size_t)(p->end - p->at);
        for (struct chunk *c = p->chunk, *next; c; c = next) {
            next = c->next;
            c->next = all;
            all = c;
        }
        *p = (struct records_part){0};
    }
    return all;
}

/* The number of different items in a sorted row. */
static size_t count_items(const item_count *key, size_t n)
{
    size_t items = n > 0;
    for (size_t i = 1; i < n; i++)
        items += key[i].item != key[i - 1].item;
    return items;
}

static void put_sums(item_sum *to, const item_count *key, size_t n)
{
    for (size_t i = 0, at = 0; i < n; i++) {
        bool first = i == 0 || key[i].item != key[i - 1].item;
        at += i > 0 && first;
        if (first)
            to[at] = (item_sum){key[i].item, key[i].count, 1};
        else
            to[at] = (item_sum){key[i].item, count_sum(to[at].count, key[i].count),
                                to[at].lines + 1};
    }
}

/* Where rows go: to the chunks whose records have been copied out, and to new ones. */
typedef struct row_space {
    struct chunk *all;  /* both kinds, in a list */
    struct chunk *next; /* the first of the old ones that is not used yet */
    item_sum *at;       /* free in the chunk at hand: */
    size_t left;        /* so many sums */
} row_space;

static void use_chunk(row_space *r, struct chunk *c)
{
    r->at = &c->of[0].sum;
    r->left = c->cap;
}

/* Space for a row of n sums, or NULL. A row that no old chunk has space for goes to a
 * new one. */
static item_sum *take_space(row_space *r, size_t n)
{
    while (n > r->left && r->next && (r->next->cap >= n || r->next->cap < FEW)) {
        use_chunk(r, r->next);
        r->next = r->next->next;
    }
    if (n > r->left) {
        struct chunk *fresh = new_chunk(n > FEW ? n : FEW, r->all, NULL);
        if (!fresh)
            return NULL;
        r->all = fresh;
        if (n > FEW) /* which this row fills */
            return &fresh->of[0].sum;
        use_chunk(r, fresh);
    }
    item_sum *taken = r->at;
    r->at += n;
    r->left -= n;
    return taken;
}

/* The rows of all users. */
static int put_rows(part_rows *out, const grouper *g, totals *sum, mf_err *err)
{
    row_space space = {.all = out->chunks, .next = out->chunks};
    for (uint32_t u = 0; u < out->users; u++) {
        const item_count *key = g->key + g->ptr[u];
        size_t n = g->ptr[u + 1] - g->ptr[u], items = count_items(key, n);
        item_sum *to = take_space(&space, items);
        out->chunks = space.all;
        if (!to && items > 0)
            return mf__nomem(err);
        if (items > 0)
            put_sums(to, key, n);
        if (items > 0 && sum)
            totals_add(sum, to, (uint32_t)items);
        out->at[u] = to;
        out->len[u] = (uint32_t)items;
    }
    return MF_OK;
}

int mf__records_group(part_rows *out, grouper *g, records from[], size_t threads,
                      unsigned part, uint32_t users, const uint32_t rank[], totals *sum,
                      mf_err *err)
{
    *out = (part_rows){.users = users, .chunks = gather(from, threads, part)};
    if (users == 0)
        return MF_OK;
    out->at = mf__new(users, sizeof *out->at);
    out->len = mf__new(users, sizeof *out->len);
    int code = out->at && out->len ? sort_records(g, out->chunks, users, rank, err)
                                   : mf__nomem(err);
    if (code == MF_OK)
        code = put_rows(out, g, sum, err);
    if (code < 0)
        mf__part_rows_free(out);
    return code;
}
