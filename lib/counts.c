#include "counts.h"

#include <stdlib.h>

#include "mf/mem.h"

void counts_free(counts *c)
{
    free(c->cell);
    free(c->ptr);
    free(c->len);
    free(c->kept);
    free(c->listeners);
    *c = (counts){0};
}

int counts_add(counts *c, uint32_t user, uint32_t item, uint32_t count, mf_err *err)
{
    if (c->n == c->cap &&
        mf_reserve(&c->cell, &c->cap, c->n + 1, sizeof *c->cell, err) < 0)
        return MF_ENOMEM;
    c->cell[c->n++] = (cell){.user = user, .item = item, .count = count};
    return MF_OK;
}

/* --- rows --- */

/* Sort records by user in place: each is swapped along its cycle (McIlroy,
 * Bostic, McIlroy 1993). Nothing moves where users came one after the other. */
static int sort_by_user(counts *c, mf_err *err)
{
    size_t *next = mf_new(c->users, sizeof *next);
    if (!next)
        return mf_nomem(err);
    for (size_t t = 0; t < c->n; t++)
        c->ptr[c->cell[t].user + 1]++;
    for (uint32_t u = 0; u < c->users; u++) {
        next[u] = c->ptr[u];
        c->ptr[u + 1] += c->ptr[u];
    }
    for (uint32_t u = 0; u < c->users; u++)
        while (next[u] < c->ptr[u + 1]) {
            cell r = c->cell[next[u]];
            while (r.user != u) {
                cell *home = &c->cell[next[r.user]++];
                cell other = *home;
                *home = r;
                r = other;
            }
            c->cell[next[u]++] = r;
        }
    free(next);
    return MF_OK;
}

static int by_item(const void *a, const void *b)
{
    uint32_t x = ((const cell *)a)->item, y = ((const cell *)b)->item;
    return (x > y) - (x < y);
}

/* Short rows are the rule and take insertion. */
static void sort_by_item(cell row[], size_t n)
{
    if (n > 24) {
        qsort(row, n, sizeof *row, by_item);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        cell c = row[i];
        size_t at = i;
        for (; at > 0 && row[at - 1].item > c.item; at--)
            row[at] = row[at - 1];
        row[at] = c;
    }
}

static int fail_sum(const mf_ids *users, uint32_t user, const mf_ids *items,
                    uint32_t item, mf_err *err)
{
    size_t u_len, i_len;
    const char *u = mf_ids_get(users, user, &u_len),
               *i = mf_ids_get(items, item, &i_len);
    return mf_fail(err, MF_ERANGE,
                   "user '%.*s', item '%.*s': the counts sum to more than 4294967295; "
                   "correct these lines or leave them out",
                   (int)(u_len < 100 ? u_len : 100), u,
                   (int)(i_len < 100 ? i_len : 100), i);
}

/* Sum equal items of a sorted row in place. Returns its new length, or the
 * rank of an item whose sum is too large in *over and UINT32_MAX. */
static uint32_t sum_row(cell row[], size_t n, uint32_t *over)
{
    uint32_t len = 0;
    for (size_t i = 0; i < n;) {
        size_t first = i;
        uint32_t item = row[i].item;
        uint64_t sum = 0;
        for (; i < n && row[i].item == item; i++)
            if ((sum += row[i].count) > UINT32_MAX) {
                *over = item;
                return UINT32_MAX;
            }
        row[len++] = (cell){
            .lines = (uint32_t)(i - first), .item = item, .count = (uint32_t)sum};
    }
    return len;
}

int counts_group(counts *c, const mf_ids *users, const mf_ids *items,
                 const uint32_t order[], mf_err *err)
{
    c->users = users->n;
    c->items = items->n;
    c->ptr = mf_new0((size_t)c->users + 1, sizeof *c->ptr);
    c->len = mf_new(c->users, sizeof *c->len);
    uint32_t *rank = mf_new(c->items, sizeof *rank);
    int code = c->ptr && c->len && rank ? MF_OK : mf_nomem(err);
    if (code == MF_OK)
        code = sort_by_user(c, err);
    if (code == MF_OK) {
        for (uint32_t r = 0; r < c->items; r++)
            rank[order[r]] = r;
        for (size_t t = 0; t < c->n; t++)
            c->cell[t].item = rank[c->cell[t].item];
    }
    for (uint32_t u = 0; u < c->users && code == MF_OK; u++) {
        cell *row = c->cell + c->ptr[u];
        size_t n = c->ptr[u + 1] - c->ptr[u];
        uint32_t over = 0;
        sort_by_item(row, n);
        c->len[u] = sum_row(row, n, &over);
        if (c->len[u] == UINT32_MAX)
            code = fail_sum(users, u, items, order[over], err);
    }
    free(rank);
    return code;
}

/* --- minimums --- */

/* Count the users of each item. */
static void count_listeners(counts *c)
{
    for (uint32_t i = 0; i < c->items; i++)
        c->listeners[i] = 0;
    for (uint32_t u = 0; u < c->users; u++) {
        const cell *row = c->cell + c->ptr[u];
        for (uint32_t t = 0; t < c->len[u]; t++)
            c->listeners[row[t].item]++;
    }
}

/* Items once, then users once. */
static void filter_once(counts *c, uint32_t min_artists, uint32_t min_listeners)
{
    for (uint32_t i = 0; i < c->items; i++)
        if (c->listeners[i] < min_listeners)
            c->listeners[i] = 0;
    for (uint32_t u = 0; u < c->users; u++) {
        const cell *row = c->cell + c->ptr[u];
        uint32_t left = 0;
        for (uint32_t t = 0; t < c->len[u]; t++)
            left += c->listeners[row[t].item] > 0;
        c->kept[u] = left < min_artists ? 0 : left;
        for (uint32_t t = 0; c->kept[u] == 0 && t < c->len[u]; t++)
            if (c->listeners[row[t].item] > 0)
                c->listeners[row[t].item]--;
    }
}

/* The users of each item, for filter_core: user[ptr[i]] .. user[ptr[i+1]-1]. */
typedef struct transposed {
    size_t *ptr;
    uint32_t *user;
} transposed;

static int transpose(transposed *out, const counts *c, mf_err *err)
{
    size_t n = 0;
    for (uint32_t u = 0; u < c->users; u++)
        n += c->len[u];
    out->ptr = mf_new0((size_t)c->items + 2, sizeof *out->ptr);
    out->user = mf_new(n, sizeof *out->user);
    if (!out->ptr || !out->user)
        return mf_nomem(err);
    /* ptr is kept one ahead while it is a cursor: it ends in its place */
    for (uint32_t i = 0; i < c->items; i++)
        out->ptr[i + 2] = out->ptr[i + 1] + c->listeners[i];
    for (uint32_t u = 0; u < c->users; u++)
        for (uint32_t t = 0; t < c->len[u]; t++)
            out->user[out->ptr[c->cell[c->ptr[u] + t].item + 1]++] = u;
    return MF_OK;
}

/* Both minimums until they hold together. The largest part of the data where
 * they do is unique, so peeling it from a list of work, which is linear, gives
 * what repeated passes would. */
static int filter_core(counts *c, uint32_t min_artists, uint32_t min_listeners,
                       mf_err *err)
{
    transposed of = {0};
    size_t waiting = 0, nodes = (size_t)c->users + c->items; /* users, then items */
    size_t *work = mf_new(nodes, sizeof *work);
    bool *gone = mf_new0(nodes, sizeof *gone);
    int code = work && gone ? transpose(&of, c, err) : mf_nomem(err);
    for (size_t v = 0; v < nodes && code == MF_OK; v++)
        if (v < c->users ? c->kept[v] < min_artists
                         : c->listeners[v - c->users] < min_listeners) {
            gone[v] = true;
            work[waiting++] = v;
        }
    while (waiting > 0 && code == MF_OK) {
        size_t v = work[--waiting];
        if (v < c->users) {
            const cell *row = c->cell + c->ptr[v];
            for (uint32_t t = 0; t < c->len[v]; t++) {
                uint32_t i = row[t].item;
                size_t node = (size_t)c->users + i;
                if (--c->listeners[i] < min_listeners && !gone[node]) {
                    gone[node] = true;
                    work[waiting++] = node;
                }
            }
        } else {
            size_t i = v - c->users;
            for (size_t t = of.ptr[i]; t < of.ptr[i + 1]; t++) {
                uint32_t u = of.user[t];
                if (--c->kept[u] < min_artists && !gone[u]) {
                    gone[u] = true;
                    work[waiting++] = u;
                }
            }
        }
    }
    for (size_t v = 0; v < nodes && code == MF_OK; v++)
        if (gone[v] && v < c->users)
            c->kept[v] = 0;
        else if (gone[v])
            c->listeners[v - c->users] = 0;
    free(of.ptr);
    free(of.user);
    free(gone);
    free(work);
    return code;
}

int counts_filter(counts *c, const mf_aggregate_params *params, mf_err *err)
{
    c->kept = mf_new(c->users, sizeof *c->kept);
    c->listeners = mf_new(c->items, sizeof *c->listeners);
    if (!c->kept || !c->listeners)
        return mf_nomem(err);
    for (uint32_t u = 0; u < c->users; u++)
        c->kept[u] = c->len[u];
    count_listeners(c);
    for (uint32_t i = 0; i < c->items; i++)
        c->heard += c->listeners[i] > 0;
    if (params->core)
        return filter_core(c, params->min_artists, params->min_listeners, err);
    filter_once(c, params->min_artists, params->min_listeners);
    return MF_OK;
}
