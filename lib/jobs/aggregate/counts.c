#include "jobs/aggregate/counts.h"

#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "base/mem.h"
#include "jobs/aggregate/core.h"

void mf__counts_free(counts *c)
{
    mf__rows_free(&c->rows);
    free(c->kept);
    free(c->left.listeners);
    *c = (counts){0};
}

/* --- passes over all rows, in parallel within a window --- */

/* What one thread finds in a pass. Its sums are whole numbers, so that they may be
 * added in any order. */
typedef struct found_rows {
    totals sum; /* of the rows that the pass is about; `listeners`: those that are lost,
                   or all */
    bool overflow; /* a sum is too large; the first of these is that of */
    uint32_t overflow_user, overflow_item;
} found_rows;

typedef void visit(counts *c, uint32_t user, const item_sum row[], found_rows *found);

static int pass(counts *c, visit *each, found_rows found[], mf_err *err)
{
    int code = mf__rows_rewind(&c->rows, err);
    while (code == MF_OK && (code = mf__rows_window(&c->rows, err)) == 1) {
        uint32_t lo = c->rows.lo, hi = c->rows.hi;
#pragma omp parallel num_threads(c->threads)
        {
            found_rows *mine = &found[omp_get_thread_num()];
#pragma omp for schedule(static)
            for (uint32_t u = lo; u < hi; u++)
                each(c, u, rows_row(&c->rows, u), mine);
        }
        code = MF_OK;
    }
    return code;
}

static void count_row(counts *c, uint32_t u, const item_sum row[], found_rows *f)
{
    totals_add(&f->sum, row, c->rows.len[u]);
}

static void find_overflow(counts *c, uint32_t u, const item_sum row[], found_rows *f)
{
    for (uint32_t t = 0; t < c->rows.len[u] && !f->overflow; t++)
        if (row[t].count == 0) {
            f->overflow = true;
            f->overflow_user = u;
            f->overflow_item = row[t].item;
        }
}

/* The first of all sums that are too large. */
static int first_overflow(counts *c, found_rows found[], mf_err *err)
{
    const found_rows *first = NULL;
    int code = pass(c, find_overflow, found, err);
    for (int t = 0; t < c->threads; t++)
        if (found[t].overflow &&
            (!first || found[t].overflow_user < first->overflow_user))
            first = &found[t];
    if (code < 0 || !first)
        return code;
    c->overflow_user = first->overflow_user;
    c->overflow_item = first->overflow_item;
    return MF_ERANGE;
}

/* Drop a user to whom too few items are left; each of these loses a listener. */
static void drop_user(counts *c, uint32_t u, const item_sum row[], found_rows *f)
{
    uint32_t left = 0;
    if (c->kept[u] == 0)
        return;
    for (uint32_t t = 0; t < c->rows.len[u]; t++)
        left += c->left.listeners[row[t].item] > 0;
    c->kept[u] = left < c->min_artists ? 0 : left;
    if (c->kept[u] > 0)
        return;
    for (uint32_t t = 0; t < c->rows.len[u]; t++)
        if (c->left.listeners[row[t].item] > 0)
            f->sum.listeners[row[t].item]++;
}

/* The same where no item can be dropped; the cells of such users are summed. */
static void drop_whole(counts *c, uint32_t u, const item_sum row[], found_rows *f)
{
    if (c->kept[u] >= c->min_artists)
        return;
    c->kept[u] = 0;
    totals_add(&f->sum, row, c->rows.len[u]);
}

static void count_left(counts *c, uint32_t u, const item_sum row[], found_rows *f)
{
    uint64_t cells = 0, plays = 0, lines = 0;
    for (uint32_t t = 0; t < c->rows.len[u]; t++) {
        uint64_t left = c->kept[u] > 0 && c->left.listeners[row[t].item] > 0;
        cells += left;
        plays += left * row[t].count;
        lines += left * row[t].lines;
    }
    f->sum.cells += cells;
    f->sum.plays += plays;
    f->sum.lines += lines;
}

/* Both in one pass, where users are dropped once: an item of a user who stays has a
 * listener, so it stays too, and the count is final. */
static void drop_and_count(counts *c, uint32_t u, const item_sum row[], found_rows *f)
{
    drop_user(c, u, row, f);
    count_left(c, u, row, f);
}

/* Subtract the listeners that were lost, and clear what was found. Items under the
 * minimum are dropped. True if any item lost a listener. */
static bool subtract_lost(counts *c, found_rows found[], uint32_t min_listeners)
{
    bool changed = false;
    uint32_t *listeners = c->left.listeners;
    for (int t = 0; t < c->threads; t++)
        for (uint32_t i = 0; i < c->items; i++) {
            changed |= found[t].sum.listeners[i] > 0;
            listeners[i] -= found[t].sum.listeners[i];
            found[t].sum.listeners[i] = 0;
        }
    for (uint32_t i = 0; i < c->items; i++)
        if (listeners[i] < min_listeners)
            listeners[i] = 0;
    return changed;
}

static void count_kept(counts *c, uint32_t u, const item_sum row[], found_rows *f)
{
    uint32_t left = 0;
    (void)f;
    for (uint32_t t = 0; c->kept[u] > 0 && t < c->rows.len[u]; t++)
        left += c->left.listeners[row[t].item] > 0;
    c->kept[u] = left;
}

/* Both minimums until they hold together, for rows in a file: by a few passes over all
 * rows, which are enough for most data; then by what they left. */
static int filter_passes(counts *c, found_rows found[], uint32_t min_listeners,
                         mf_err *err)
{
    enum { PASSES = 8 };
    int code = MF_OK;
    bool changed = true;
    for (int i = 0; i < PASSES && changed; i++) {
        if ((code = pass(c, drop_user, found, err)) < 0)
            return code;
        changed = subtract_lost(c, found, min_listeners);
    }
    if (changed && (code = pass(c, count_kept, found, err)) == MF_OK)
        code = mf__counts_core(c, min_listeners, err);
    return code;
}

/* Sum all rows, unless their sums are known. */
static int count_all(counts *c, found_rows found[], mf_err *err)
{
    bool counted = c->counted;
    int code = counted ? MF_OK : pass(c, count_row, found, err);
    for (int t = 0; t < c->threads && code == MF_OK && !counted; t++)
        code = mf__counts_add(c, c->items, &found[t].sum, err);
    for (int t = 0; t < c->threads; t++) {
        uint32_t *items = found[t].sum.listeners;
        memset(items, 0, c->items * sizeof *items);
        found[t].sum = (totals){.listeners = items};
    }
    return code == MF_OK && c->left.overflow ? first_overflow(c, found, err) : code;
}

static int filter(counts *c, found_rows found[], const mf_aggregate_params *params,
                  mf_err *err)
{
    int code = count_all(c, found, err);
    const totals all = c->left;
    bool whole = !params->core && params->min_listeners <= 1;
    if (code < 0)
        return code;
    for (uint32_t i = 0; i < c->items; i++)
        c->items_present += all.listeners[i] > 0;
    for (uint32_t u = 0; u < c->rows.n; u++) {
        c->kept[u] = c->rows.len[u];
        c->users_present += c->kept[u] > 0;
    }
    if (params->core && c->rows.at) {
        code = mf__counts_core(c, params->min_listeners, err);
    } else {
        subtract_lost(c, found, params->min_listeners);
        if (params->core)
            code = filter_passes(c, found, params->min_listeners, err);
        else if ((code = pass(c, whole ? drop_whole : drop_and_count, found, err)) ==
                 MF_OK)
            subtract_lost(c, found, 0);
    }
    if (code == MF_OK && params->core)
        code = pass(c, count_left, found, err);
    totals sum = {0};
    for (int t = 0; t < c->threads; t++) {
        sum.cells += found[t].sum.cells;
        sum.plays += found[t].sum.plays;
        sum.lines += found[t].sum.lines;
    }
    c->left.cells = whole ? all.cells - sum.cells : sum.cells;
    c->left.plays = whole ? all.plays - sum.plays : sum.plays;
    c->left.lines = whole ? all.lines - sum.lines : sum.lines;
    c->filtered = all.lines - c->left.lines;
    return code;
}

int mf__counts_add(counts *c, uint32_t items, const totals *found, mf_err *err)
{
    totals *all = &c->left;
    c->items = items;
    if (!all->listeners && !(all->listeners = mf__new0(items, sizeof *all->listeners)))
        return mf__nomem(err);
    for (uint32_t i = 0; i < items; i++)
        all->listeners[i] += found->listeners[i];
    all->cells += found->cells;
    all->plays += found->plays;
    all->lines += found->lines;
    all->overflow |= found->overflow;
    c->counted = true;
    return MF_OK;
}

int mf__counts_filter(counts *c, const mf_aggregate_params *params, mf_err *err)
{
    found_rows found[COUNTS_THREADS] = {0};
    int code = MF_OK;
    c->threads = c->threads < COUNTS_THREADS ? c->threads : COUNTS_THREADS;
    c->min_artists = params->min_artists;
    if (!(c->kept = mf__new(c->rows.n, sizeof *c->kept)))
        code = mf__nomem(err);
    for (int t = 0; t < c->threads && code == MF_OK; t++)
        if (!(found[t].sum.listeners = mf__new0(c->items, sizeof(uint32_t))))
            code = mf__nomem(err);
    if (code == MF_OK)
        code = filter(c, found, params, err);
    for (int t = 0; t < COUNTS_THREADS; t++)
        free(found[t].sum.listeners);
    return code;
}
