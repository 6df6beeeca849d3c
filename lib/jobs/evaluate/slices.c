#include "jobs/evaluate/slices.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "jobs/shared/score.h"

void mf__slices_free(slicing *by)
{
    mf_ids_free(&by->items);
    free(by->of_item);
    free(by->of_user);
    *by = (slicing){0};
}

/* A user, or an item. */
typedef struct keyed {
    uint32_t index;
    uint32_t key;    /* known cells of the user, training users who like the item */
    uint32_t weight; /* 1, or test cells of the item */
} keyed;

static int by_key(const void *a, const void *b)
{
    const keyed *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Cut n things into slices of about equal weight, along the key: all that have one key
 * go to one slice, that in which the middle of their weight lies. slice[index] is set,
 * and in bound[] the least and largest key of what has weight. */
static void cut(size_t n, keyed x[], uint32_t slices, uint8_t slice[], mf_slice bound[])
{
    double total = 0, before = 0;
    for (size_t i = 0; i < n; i++)
        total += x[i].weight;
    qsort(x, n, sizeof *x, by_key);
    for (size_t lo = 0, hi; lo < n; lo = hi) {
        double weight = 0;
        for (hi = lo; hi < n && x[hi].key == x[lo].key; hi++)
            weight += x[hi].weight;
        uint32_t to = (uint32_t)(slices * (before + weight / 2) / total);
        if (to >= slices)
            to = slices - 1;
        for (size_t i = lo; i < hi; i++)
            slice[x[i].index] = (uint8_t)to;
        if (weight > 0) {
            if (bound[to].low > x[lo].key)
                bound[to].low = x[lo].key;
            bound[to].high = x[lo].key;
        }
        before += weight;
    }
}

/* By activity; all users with test cells count, whatever the shard. */
static int cut_users(slicing *by, mf_evaluation *e, const test_users *of,
                     const mf_evaluate_params *params, mf_err *err)
{
    const mf_ratings *r = of->ratings;
    keyed *x = mf__new(r->x.rows, sizeof *x);
    uint8_t *of_all = mf__new0(r->x.rows, 1);
    by->of_user = mf__new(of->n, 1);
    if (x && of_all && by->of_user) {
        size_t n = 0;
        for (uint32_t u = 0; u < r->x.rows; u++) {
            bool tested = false;
            x[n] = (keyed){.index = u, .weight = 1};
            for (size_t t = r->x.ptr[u]; t < r->x.ptr[u + 1]; t++) {
                tested |= r->fold[t] == MF_TEST;
                x[n].key += MF_KNOWN >> r->fold[t] & 1;
            }
            n += tested;
        }
        cut(n, x, params->slices, of_all, &e->slice[1]);
        for (uint32_t at = 0; at < of->n; at++)
            by->of_user[at] = of_all[of->user[at]];
    }
    bool whole = x && of_all && by->of_user;
    free(x);
    free(of_all);
    return whole ? MF_OK : mf__nomem(err);
}

/* By popularity. */
static int cut_items(slicing *by, mf_evaluation *e, const mf_ratings *r,
                     uint32_t slices, mf_err *err)
{
    keyed *x = mf__new0(r->x.cols, sizeof *x);
    by->of_item = mf__new(r->x.cols, 1);
    if (!x || !by->of_item) {
        free(x);
        return mf__nomem(err);
    }
    for (uint32_t i = 0; i < r->x.cols; i++)
        x[i].index = i;
    for (size_t t = 0; t < r->x.nnz; t++) {
        x[r->x.col[t]].key += r->fold[t] == MF_TRAIN && mf__likes(r->x.val[t]);
        x[r->x.col[t]].weight += r->fold[t] == MF_TEST;
    }
    cut(r->x.cols, x, slices, by->of_item, &e->slice[1]);
    free(x);
    int code = MF_OK;
    for (uint32_t i = 0; code == MF_OK && i < r->items.n; i++) {
        size_t len;
        const char *id = mf_ids_get(&r->items, i, &len);
        code = mf_ids_append(&by->items, id, len, err);
    }
    return code;
}

void mf__slices_name(mf_evaluation *e, mf_by by, uint32_t slices)
{
    bool items = by == MF_BY_POPULARITY;
    e->slices = 1;
    for (uint32_t i = 1; by != MF_BY_NOTHING && i <= slices; i++) {
        mf_slice *slice = &e->slice[e->slices++];
        snprintf(slice->name, sizeof slice->name, "%s:%u/%u",
                 items ? "popularity" : "activity", i, slices);
        slice->part = items ? i : 0;
        slice->low = UINT32_MAX;
    }
}

int mf__slices_cut(slicing *by, mf_evaluation *e, const test_users *t,
                   const mf_evaluate_params *params, mf_err *err)
{
    mf__slices_name(e, params->by, params->slices);
    if (params->by == MF_BY_NOTHING)
        return MF_OK;
    bool items = params->by == MF_BY_POPULARITY;
    return items ? cut_items(by, e, t->ratings, params->slices, err)
                 : cut_users(by, e, t, params, err);
}

int mf__slices_parts(test_users *t, const slicing *by, mf_err *err)
{
    if (!by->of_item)
        return MF_OK;
    const mf_ids *items = &t->ratings->items;
    t->part = mf__new(items->n, 1);
    if (!t->part)
        return mf__nomem(err);
    for (uint32_t i = 0; i < items->n; i++) {
        size_t len;
        uint32_t at;
        const char *id = mf_ids_get(items, i, &len);
        bool known = mf_ids_find(&by->items, id, len, &at);
        t->part[i] = (uint8_t)(known ? by->of_item[at] + 1 : 1); /* the least popular */
    }
    return MF_OK;
}

/* True if all models have test cells of the user in this part. */
static bool common(const mf_evaluation *e, size_t part, uint32_t user)
{
    for (size_t c = 0; c < e->splits; c++)
        if (e->cells[c].n[part * e->ids.n + user] == 0)
            return false;
    return true;
}

/* Leave as ranked what all models have a relevant test cell of; where that is all that
 * has test cells, nothing needs to be known of it. */
static void settle_ranked(mf_evaluation *e)
{
    bool all = true;
    for (size_t part = 0; part < e->parts; part++)
        for (uint32_t u = 0; u < e->ids.n; u++) {
            size_t at = part * e->ids.n + u;
            double ranked = 1;
            for (size_t c = 0; c < e->splits; c++)
                ranked *= e->cells[c].ranked[at];
            for (size_t c = 0; c < e->splits; c++)
                e->cells[c].ranked[at] = ranked;
            all &= ranked != 0 || !common(e, part, u);
        }
    for (size_t c = 0; all && c < e->splits; c++) {
        free(e->cells[c].ranked);
        e->cells[c].ranked = NULL;
    }
}

int mf__slices_fill(mf_evaluation *e, const slicing *by, bool must, mf_err *err)
{
    settle_ranked(e);
    for (size_t i = 0; i < e->slices; i++) {
        mf_slice *slice = &e->slice[i];
        slice->user = mf__new(e->ids.n, sizeof *slice->user);
        if (!slice->user)
            return mf__nomem(err);
        for (uint32_t u = 0; u < e->ids.n; u++)
            if (common(e, slice->part, u) &&
                (i == 0 || !by->of_user || by->of_user[u] == i - 1)) {
                slice->user[slice->n++] = u;
                size_t at = slice->part * e->ids.n + u;
                slice->total += (uint64_t)e->cells[0].n[at];
                slice->relevant += !e->cells[0].ranked || e->cells[0].ranked[at] != 0;
            }
        if (slice->n == e->ids.n) {
            free(slice->user);
            slice->user = NULL;
        }
    }
    if (e->slice[0].n || !must)
        return MF_OK;
    return mf_fail(err, MF_EFORMAT, "no user has test cells in all of the models");
}
