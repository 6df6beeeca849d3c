/* Cells into ratings: sorted, and equal ones merged. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/ids.h"
#include "jobs/convert/cells.h"
#include "jobs/convert/merge.h"
#include "jobs/shared/quoted.h"

/* By item, then by value, so that a sum of duplicates has one order. */
static int compare_cells(const void *a, const void *b)
{
    const cell *x = a, *y = b;
    if (x->item != y->item)
        return x->item < y->item ? -1 : 1;
    int order = merge_compare(x->value, y->value);
    if (order != 0)
        return order;
    return (x->place > y->place) - (x->place < y->place);
}

/* Renumber the cells by rank (NULL: they are ranks) and sort them: by user with a
 * counting sort, each user's with qsort. ptr, [users + 1] and zeroed, becomes the
 * starts. */
static int sort_cells(cells *c, uint32_t users, size_t *ptr, uint32_t *const rank[2],
                      mf_err *err)
{
    cell *sorted = mf__new(c->n, sizeof *sorted);
    if (!sorted)
        return mf__nomem(err);
    for (size_t t = 0; t < c->n; t++) {
        cell *one = &c->cell[t];
        if (rank[MF_USER])
            one->user = rank[MF_USER][one->user];
        if (rank[MF_ITEM])
            one->item = rank[MF_ITEM][one->item];
        ptr[one->user]++;
    }
    for (size_t u = 0, start = 0; u <= users; u++) {
        size_t count = ptr[u];
        ptr[u] = start;
        start += count;
    }
    for (size_t t = 0; t < c->n; t++)
        sorted[ptr[c->cell[t].user]++] = c->cell[t];
    memmove(ptr + 1, ptr, users * sizeof *ptr);
    ptr[0] = 0;
    for (uint32_t u = 0; u < users; u++)
        qsort(sorted + ptr[u], ptr[u + 1] - ptr[u], sizeof *sorted, compare_cells);
    free(c->cell);
    c->cell = sorted;
    c->cap = c->n;
    return MF_OK;
}

static uint64_t line_of(const cells *c, const cell *one)
{
    return c->timed ? c->line[one->place >> 2] : one->place >> 2;
}

/* Fail about cells that name the same user and item. */
static int fail_pair(const cells *c, const mf_ratings *r, const cell *one, mf_err *err,
                     int code, const char *why)
{
    mf_field user, item;
    char line[24] = "";
    user.text = mf_ids_get(&r->users, one->user, &user.len);
    item.text = mf_ids_get(&r->items, one->item, &item.len);
    if (c->lines)
        snprintf(line, sizeof line, ":%llu", (unsigned long long)line_of(c, one));
    return mf_fail(err, code, "%s%s: user '%s', item '%s': %s", c->source, line,
                   mf__quoted(user).text, mf__quoted(item).text, why);
}

/* Find the first line of the input that repeats a user and item. */
static int refuse_repeats(const cells *c, const mf_ratings *r, mf_err *err)
{
    const cell *worst = NULL, *before = NULL;
    for (size_t t = 0, end; t < c->n; t = end) {
        const cell *first = NULL, *second = NULL;
        for (end = t; end < c->n && c->cell[end].user == c->cell[t].user &&
                      c->cell[end].item == c->cell[t].item;
             end++) {
            const cell *one = &c->cell[end];
            if (!first || one->place < first->place) {
                second = first;
                first = one;
            } else if (!second || one->place < second->place) {
                second = one;
            }
        }
        if (second && (!worst || second->place < worst->place)) {
            before = first;
            worst = second;
        }
    }
    if (!worst)
        return MF_OK;
    char why[120] = "stand twice; merge them with --duplicates=sum or last";
    if (c->lines)
        snprintf(why, sizeof why,
                 "stand twice, the first time in line %llu; merge them with "
                 "--duplicates=sum or last",
                 (unsigned long long)line_of(c, before));
    return fail_pair(c, r, worst, err, MF_EFORMAT, why);
}

/* Put down what n equal cells, from `one` on, became. */
static int put_merged(const cells *c, mf_ratings *r, const cell *one, const merge *m,
                      mf_err *err)
{
    double value = merge_value(m);
    size_t to = r->x.nnz++;
    if (r->count && value > UINT32_MAX)
        return fail_pair(c, r, one, err, MF_ERANGE, "the sum is more than 4294967295");
    if (!isfinite((float)value))
        return fail_pair(c, r, one, err, MF_ERANGE,
                         "the sum is more than a float can hold");
    if (r->count && value != floor(value)) { /* the mean of counts is no count */
        free(r->count);
        r->count = NULL;
    }
    r->x.col[to] = one->item;
    r->x.val[to] = (float)value;
    if (r->count)
        r->count[to] = (uint32_t)value;
    if (r->time)
        r->time[to] = m->time;
    r->fold[to] = (uint8_t)(one->place & 3);
    return MF_OK;
}

/* Merge equal cells into the ratings, whose arrays hold c->n. */
static int merge_cells(const cells *c, mf_duplicates rule, mf_ratings *r, mf_err *err)
{
    size_t t = 0;
    int code = MF_OK;
    r->x.nnz = 0;
    for (uint32_t u = 0; code == MF_OK && u < r->users.n; u++) {
        size_t end = r->x.ptr[u + 1];
        r->x.ptr[u] = r->x.nnz;
        while (code == MF_OK && t < end) {
            const cell *one = &c->cell[t];
            merge m = {.rule = rule, .timed = c->timed};
            for (; t < end && c->cell[t].item == one->item; t++) {
                const cell *next = &c->cell[t]; /* whole below 2^53: sums are exact */
                merge_add(&m, next->value, c->timed ? c->time[next->place >> 2] : 0,
                          next->place);
                if ((next->place & 3) != (one->place & 3))
                    return fail_pair(c, r, one, err, MF_EFORMAT,
                                     "stand twice, in different folds");
            }
            code = put_merged(c, r, one, &m, err);
        }
    }
    r->x.ptr[r->users.n] = r->x.nnz;
    return code;
}

/* All indices of an axis as ids. An axis that is nearly empty would take memory that
 * nothing in the input stands for. */
static int put_indices(const cells *c, mf_axis axis, mf_ids *ids, mf_err *err)
{
    const cells_axis *a = &c->axis[axis];
    char text[24];
    uint64_t last = a->extent ? (uint64_t)a->extent - 1 + a->base : 0;
    int width = snprintf(text, sizeof text, "%llu", (unsigned long long)last);
    int code = MF_OK;
    if (a->extent > 1 << 20 && a->extent / 16 > c->n)
        return mf_fail(err, MF_EFORMAT,
                       "%s: %u %s, but only %zu entr%s: nearly all are empty; leave "
                       "empty ones out, or write ids with --from=tsv",
                       c->source, a->extent, axis == MF_USER ? "rows" : "columns", c->n,
                       c->n == 1 ? "y" : "ies");
    for (uint64_t i = 0; code == MF_OK && i < a->extent; i++) {
        int len = snprintf(text, sizeof text, "%0*llu", width,
                           (unsigned long long)i + a->base);
        code = mf_ids_append(ids, text, (size_t)len, err);
    }
    return code;
}

int mf__cells_settle(cells *c, mf_duplicates rule, mf_ratings *out, mf_err *err)
{
    uint32_t *rank[2] = {NULL, NULL};
    *out = (mf_ratings){0};
    mf_ids *ids[2] = {&out->users, &out->items};
    int code = MF_OK;
    for (int axis = MF_USER; code == MF_OK && axis <= MF_ITEM; axis++)
        code =
            c->axis[axis].indexed
                ? put_indices(c, (mf_axis)axis, ids[axis], err)
                : mf__ids_append_sorted(ids[axis], mf__intern_ids(c->axis[axis].table),
                                        &rank[axis], err);
    if (code == MF_OK)
        code = mf_csr_alloc(&out->x, out->users.n, out->items.n, c->n, err);
    if (code == MF_OK) {
        out->fold = mf__new(c->n, 1);
        if (!c->fraction)
            out->count = mf__new(c->n, sizeof *out->count);
        if (c->timed)
            out->time = mf__new(c->n, sizeof *out->time);
        if (!out->fold || (!c->fraction && !out->count) || (c->timed && !out->time))
            code = mf__nomem(err);
    }
    if (code == MF_OK)
        code = sort_cells(c, out->users.n, out->x.ptr, rank, err);
    if (code == MF_OK && rule == MF_DUPLICATES_ERROR)
        code = refuse_repeats(c, out, err);
    if (code == MF_OK)
        code = merge_cells(c, rule, out, err);
    free(rank[MF_USER]);
    free(rank[MF_ITEM]);
    if (code < 0)
        mf_ratings_free(out);
    return code;
}
