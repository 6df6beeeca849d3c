#include "counts.h"

#include <stdbool.h>
#include <stdlib.h>

#include <omp.h>

#include "mf/mem.h"

/* Threads each have an array of items; more of them do not pay. */
enum { TALLIES = 8 };

void counts_free(counts *c)
{
    rows_free(&c->rows);
    free(c->kept);
    free(c->listeners);
    *c = (counts){0};
}

/* --- passes over all rows, in parallel within a window --- */

/* What one thread finds. Sums of whole numbers: any order will do. */
typedef struct finding {
    uint32_t *items; /* [items], by how much listeners change */
    uint64_t cells, plays, lines, filtered;
    bool over; /* a sum is too large: of these, the first */
    uint32_t over_user, over_item;
} finding;

typedef void visit(counts *c, uint32_t user, const cell row[], finding *found);

static int pass(counts *c, visit *each, finding found[], mf_err *err)
{
    int code = rows_rewind(&c->rows, err);
    while (code == MF_OK && (code = rows_window(&c->rows, err)) == 1) {
        uint32_t lo = c->rows.lo, hi = c->rows.hi;
#pragma omp parallel num_threads(c->threads)
        {
            finding *mine = &found[omp_get_thread_num()];
#pragma omp for schedule(static)
            for (uint32_t u = lo; u < hi; u++)
                each(c, u, rows_row(&c->rows, u), mine);
        }
        code = MF_OK;
    }
    return code;
}

static void count_listeners(counts *c, uint32_t u, const cell row[], finding *f)
{
    bool over = false;
    for (uint32_t t = 0; t < c->rows.len[u]; t++) {
        f->items[row[t].item]++;
        over |= row[t].count == 0;
    }
    for (uint32_t t = 0; over && !f->over; t++)
        if (row[t].count == 0) {
            f->over = true;
            f->over_user = u;
            f->over_item = row[t].item;
        }
}

/* The first sum of all that is too large. */
static int check_sums(counts *c, const finding found[])
{
    const finding *first = NULL;
    for (int t = 0; t < c->threads; t++)
        if (found[t].over && (!first || found[t].over_user < first->over_user))
            first = &found[t];
    if (!first)
        return MF_OK;
    c->over_user = first->over_user;
    c->over_item = first->over_item;
    return MF_ERANGE;
}

/* Drop the user if too little is left; its items then have a listener less. */
static void drop_user(counts *c, uint32_t u, const cell row[], finding *f)
{
    uint32_t left = 0;
    if (c->kept[u] == 0)
        return;
    for (uint32_t t = 0; t < c->rows.len[u]; t++)
        left += c->listeners[row[t].item] > 0;
    c->kept[u] = left < c->min_artists ? 0 : left;
    if (c->kept[u] > 0)
        return;
    for (uint32_t t = 0; t < c->rows.len[u]; t++)
        if (c->listeners[row[t].item] > 0)
            f->items[row[t].item]++;
}

static void count_left(counts *c, uint32_t u, const cell row[], finding *f)
{
    uint64_t cells = 0, plays = 0, lines = 0, all = 0;
    for (uint32_t t = 0; t < c->rows.len[u]; t++) {
        uint64_t left = c->kept[u] > 0 && c->listeners[row[t].item] > 0;
        cells += left;
        plays += left * row[t].count;
        lines += left * row[t].lines;
        all += row[t].lines;
    }
    f->cells += cells;
    f->plays += plays;
    f->lines += lines;
    f->filtered += all - lines;
}

/* Both at once, where users are dropped once: an item that a user keeps, who is
 * not dropped, cannot lose all its listeners. */
static void drop_and_count(counts *c, uint32_t u, const cell row[], finding *f)
{
    drop_user(c, u, row, f);
    count_left(c, u, row, f);
}

/* Add what was found to listeners, or take it away, and clear it. Items under
 * the minimum go. True if any changed. */
static bool settle(counts *c, finding found[], bool away, uint32_t min_listeners)
{
    bool changed = false;
    for (int t = 0; t < c->threads; t++)
        for (uint32_t i = 0; i < c->items; i++) {
            changed |= found[t].items[i] > 0;
            c->listeners[i] += away ? 0 - found[t].items[i] : found[t].items[i];
            found[t].items[i] = 0;
        }
    for (uint32_t i = 0; i < c->items; i++)
        if (c->listeners[i] < min_listeners)
            c->listeners[i] = 0;
    return changed;
}

/* Both minimums until they hold together, by reading all again and again. */
static int filter_passes(counts *c, finding found[], uint32_t min_listeners,
                         mf_err *err)
{
    int code;
    bool changed = true;
    while (changed) {
        if ((code = pass(c, drop_user, found, err)) < 0)
            return code;
        changed = settle(c, found, true, min_listeners);
    }
    return MF_OK;
}

/* --- both minimums in memory --- */

/* The users of each item, for filter_core: user[ptr[i]] .. user[ptr[i+1]-1]. */
typedef struct transposed {
    size_t *ptr;
    uint32_t *user;
} transposed;

static int transpose(transposed *out, const counts *c, mf_err *err)
{
    size_t n = 0;
    for (uint32_t u = 0; u < c->rows.n; u++)
        n += c->rows.len[u];
    out->ptr = mf_new0((size_t)c->items + 2, sizeof *out->ptr);
    out->user = mf_new(n, sizeof *out->user);
    if (!out->ptr || !out->user)
        return mf_nomem(err);
    /* ptr is kept one ahead while it is a cursor: it ends in its place */
    for (uint32_t i = 0; i < c->items; i++)
        out->ptr[i + 2] = out->ptr[i + 1] + c->listeners[i];
    for (uint32_t u = 0; u < c->rows.n; u++)
        for (uint32_t t = 0; t < c->rows.len[u]; t++)
            out->user[out->ptr[c->rows.at[u][t].item + 1]++] = u;
    return MF_OK;
}

/* Both minimums until they hold together. The largest part of the data where
 * they do is unique, so peeling it from a list of work, which is linear, gives
 * what repeated passes would. */
static int filter_core(counts *c, uint32_t min_listeners, mf_err *err)
{
    transposed of = {0};
    size_t waiting = 0, nodes = (size_t)c->rows.n + c->items; /* users, then items */
    size_t *work = mf_new(nodes, sizeof *work);
    bool *gone = mf_new0(nodes, sizeof *gone);
    int code = work && gone ? transpose(&of, c, err) : mf_nomem(err);
    for (size_t v = 0; v < nodes && code == MF_OK; v++)
        if (v < c->rows.n ? c->kept[v] < c->min_artists
                          : c->listeners[v - c->rows.n] < min_listeners) {
            gone[v] = true;
            work[waiting++] = v;
        }
    while (waiting > 0 && code == MF_OK) {
        size_t v = work[--waiting];
        if (v < c->rows.n) {
            const cell *row = c->rows.at[v];
            for (uint32_t t = 0; t < c->rows.len[v]; t++) {
                uint32_t i = row[t].item;
                size_t node = (size_t)c->rows.n + i;
                if (--c->listeners[i] < min_listeners && !gone[node]) {
                    gone[node] = true;
                    work[waiting++] = node;
                }
            }
        } else {
            size_t i = v - c->rows.n;
            for (size_t t = of.ptr[i]; t < of.ptr[i + 1]; t++) {
                uint32_t u = of.user[t];
                if (--c->kept[u] < c->min_artists && !gone[u]) {
                    gone[u] = true;
                    work[waiting++] = u;
                }
            }
        }
    }
    for (size_t v = 0; v < nodes && code == MF_OK; v++)
        if (gone[v] && v < c->rows.n)
            c->kept[v] = 0;
        else if (gone[v])
            c->listeners[v - c->rows.n] = 0;
    free(of.ptr);
    free(of.user);
    free(gone);
    free(work);
    return code;
}

static int filter(counts *c, finding found[], const mf_aggregate_params *params,
                  mf_err *err)
{
    int code = pass(c, count_listeners, found, err);
    if (code < 0 || (code = check_sums(c, found)) < 0)
        return code;
    settle(c, found, false, 0);
    for (uint32_t i = 0; i < c->items; i++)
        c->heard += c->listeners[i] > 0;
    for (uint32_t u = 0; u < c->rows.n; u++) {
        c->kept[u] = c->rows.len[u];
        c->present += c->kept[u] > 0;
    }
    if (params->core && c->rows.at) {
        code = filter_core(c, params->min_listeners, err);
    } else {
        settle(c, found, false, params->min_listeners);
        if (params->core)
            code = filter_passes(c, found, params->min_listeners, err);
        else if ((code = pass(c, drop_and_count, found, err)) == MF_OK)
            settle(c, found, true, 0);
    }
    if (code == MF_OK && params->core)
        code = pass(c, count_left, found, err);
    for (int t = 0; t < c->threads; t++) {
        c->cells += found[t].cells;
        c->plays += found[t].plays;
        c->lines += found[t].lines;
        c->filtered += found[t].filtered;
    }
    return code;
}

int counts_filter(counts *c, const mf_aggregate_params *params, mf_err *err)
{
    finding found[TALLIES] = {0};
    int code = MF_OK;
    c->threads = c->threads < TALLIES ? c->threads : TALLIES;
    c->min_artists = params->min_artists;
    c->kept = mf_new(c->rows.n, sizeof *c->kept);
    c->listeners = mf_new0(c->items, sizeof *c->listeners);
    if (!c->kept || !c->listeners)
        code = mf_nomem(err);
    for (int t = 0; t < c->threads && code == MF_OK; t++)
        if (!(found[t].items = mf_new0(c->items, sizeof *found[t].items)))
            code = mf_nomem(err);
    if (code == MF_OK)
        code = filter(c, found, params, err);
    for (int t = 0; t < TALLIES; t++)
        free(found[t].items);
    return code;
}
