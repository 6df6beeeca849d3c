#include "jobs/evaluate/users.h"

#include <stdlib.h>

#include "base/mem.h"
#include "data/cell_hash.h"
#include "data/ids.h"
#include "data/ratings.h"

static uint32_t test_cells(const mf_ratings *r, uint32_t user)
{
    uint32_t n = 0;
    for (size_t t = r->x.ptr[user]; t < r->x.ptr[user + 1]; t++)
        n += r->fold[t] == MF_TEST;
    return n;
}

static bool in_shard(const mf_evaluate_params *params, const mf_ids *ids, uint32_t user)
{
    size_t len;
    const char *id = mf_ids_get(ids, user, &len);
    return params->shards < 2 ||
           mf__id_in_shard(id, len, params->shard, params->shards);
}

static bool any_relevant(const test_users *t)
{
    const mf_ratings *r = t->ratings;
    for (size_t c = 0; c < r->x.nnz; c++)
        if (r->fold[c] == MF_TEST && is_relevant(t->params, r->x.val[c]))
            return true;
    return false;
}

/* True if some metric looks at ranks, lists or personas: predictions take all test cells. */
static bool needs_relevant(const mf_evaluate_params *params)
{
    const mf_metric_list *metrics = &params->metrics;
    for (size_t m = 0; m < metrics->n; m++)
        if (!mf_metric_is_prediction(&metrics->metric[m]))
            return true;
    return false;
}

/* The words for test cells none of which is relevant, where that matters. */
static int check_relevant(const test_users *t, mf_err *err)
{
    if (!needs_relevant(t->params) || any_relevant(t))
        return MF_OK;
    if (isnan(t->params->relevant))
        return mf_fail(
            err, MF_EFORMAT,
            "%s: no test cell is relevant: none has a value above 0; say from "
            "which value on with --relevant, or ask for loss, mse, rmse or mae",
            t->name);
    return mf_fail(
        err, MF_EFORMAT,
        "%s: no test cell is relevant: none has a value of %g or more; give a "
        "lower --relevant, or ask for loss, mse, rmse or mae",
        t->name, (double)t->params->relevant);
}

int mf__test_users_find(test_users *t, mf_err *err)
{
    const mf_evaluate_params *params = t->params;
    const mf_ratings *r = t->ratings;
    bool any = false;
    t->user = mf__new(r->x.rows, sizeof *t->user);
    t->place = mf__new(r->x.rows, sizeof *t->place);
    if (!t->user || !t->place)
        return mf__nomem(err);
    for (uint32_t u = 0; u < r->x.rows; u++) {
        uint32_t cells = test_cells(r, u);
        any |= cells > 0;
        if (!in_shard(params, &r->users, u))
            continue;
        t->left_out += cells == 0;
        if (cells) {
            t->unknown += mf__cells_in_fold(r, u, MF_TRAIN) == 0 &&
                          mf__cells_in_fold(r, u, MF_FOLD_IN) == 0;
            t->place[t->n] = t->n;
            t->user[t->n++] = u;
        }
        if (cells > t->most)
            t->most = cells;
    }
    if (any)
        return check_relevant(t, err);
    return mf_fail(err, MF_EFORMAT,
                   "%s: no test cells; mark some with mf-split --test before mf-als",
                   t->name);
}

void mf__test_users_free(test_users *t)
{
    free(t->user);
    free(t->place);
    free(t->part);
    *t = (test_users){0};
}

int mf__test_users_count(const mf_evaluation *e, const test_users *t,
                         mf_test_cells *cells, mf_err *err)
{
    const mf_ratings *r = t->ratings;
    cells->n = mf__new0(e->parts * e->ids.n, sizeof *cells->n);
    cells->ranked = mf__new0(e->parts * e->ids.n, sizeof *cells->ranked);
    if (!cells->n || !cells->ranked)
        return mf__nomem(err);
    for (uint32_t at = 0; at < t->n; at++) {
        double *n = cells->n + t->place[at], *ranked = cells->ranked + t->place[at];
        size_t end = r->x.ptr[t->user[at] + 1];
        for (size_t c = r->x.ptr[t->user[at]]; c < end; c++)
            if (r->fold[c] == MF_TEST) {
                size_t part = t->part ? t->part[r->x.col[c]] * (size_t)e->ids.n : 0;
                n[0]++;
                n[part] += part > 0;
                if (is_relevant(t->params, r->x.val[c]))
                    ranked[0] = ranked[part] = 1;
            }
    }
    return MF_OK;
}

/* Digests of the test cells, and of those that are relevant. */
static int digest_cells(const test_users *t, uint64_t *digest, uint64_t *relevant,
                        mf_err *err)
{
    mf_cell_hash hash = {0};
    const mf_ratings *r = t->ratings;
    int code = MF_OK;
    *digest = *relevant = 0;
    for (uint32_t u = 0; code == MF_OK && u < r->x.rows; u++) {
        code = mf__cell_hash_user(&hash, &r->users, u, err);
        for (size_t c = r->x.ptr[u]; code == MF_OK && c < r->x.ptr[u + 1]; c++) {
            if (r->fold[c] != MF_TEST)
                continue;
            uint64_t cell = mf__cell_hash_item(&hash, &r->items, r->x.col[c], 0);
            *digest += cell;
            *relevant += is_relevant(t->params, r->x.val[c]) ? cell : 0;
        }
    }
    mf__cell_hash_free(&hash);
    return code;
}

int mf__test_users_adopt(mf_evaluation *e, const test_users *t, mf_err *err)
{
    const mf_ratings *r = t->ratings;
    e->left_out = t->left_out;
    e->unknown = t->unknown;
    for (uint32_t at = 0; at < t->n; at++) {
        size_t len;
        const char *id = mf_ids_get(&r->users, t->user[at], &len);
        int code = mf_ids_append(&e->ids, id, len, err);
        if (code < 0)
            return code;
    }
    return digest_cells(t, &e->cells[0].digest, &e->cells[0].relevant, err);
}

/* Drop the users whom the evaluation does not have. */
static void keep_common(const mf_evaluation *e, test_users *t)
{
    uint32_t n = 0;
    for (uint32_t at = 0; at < t->n; at++) {
        size_t len;
        const char *id = mf_ids_get(&t->ratings->users, t->user[at], &len);
        t->user[n] = t->user[at];
        n += mf_ids_find(&e->ids, id, len, &t->place[n]);
    }
    t->n = n;
}

/* Ids are sorted, so equal users have equal places. */
static bool same_users(const mf_evaluation *e, const test_users *t)
{
    bool same = t->n == e->ids.n;
    for (uint32_t at = 0; same && at < t->n; at++) {
        size_t len, other_len;
        const char *id = mf_ids_get(&t->ratings->users, t->user[at], &len);
        const char *other = mf_ids_get(&e->ids, at, &other_len);
        same = mf__id_compare(id, len, other, other_len) == 0;
    }
    return same;
}

int mf__test_users_match(mf_evaluation *e, test_users *t, mf_subject *subject,
                         mf_err *err)
{
    uint64_t digest, relevant;
    int code = digest_cells(t, &digest, &relevant, err);
    if (code < 0)
        return code;
    bool same = digest == e->cells[0].digest && same_users(e, t);
    if (same && (relevant == e->cells[0].relevant || !needs_relevant(t->params)))
        return MF_OK;
    if (same && !t->params->different_splits)
        return mf_fail(
            err, MF_EFORMAT,
            "%s: its test cells are those of %s, but other ones are relevant: "
            "their values differ; compare models of the same values, or say "
            "--allow-different-splits",
            t->name, e->subject[0].name);
    if (!t->params->different_splits)
        return mf_fail(
            err, MF_EFORMAT,
            "%s: its test cells are not those of %s; compare models of one split, or "
            "say --allow-different-splits",
            t->name, e->subject[0].name);
    keep_common(e, t);
    subject->cells = e->splits++;
    e->cells[subject->cells].digest = digest;
    e->cells[subject->cells].relevant = relevant;
    return mf__test_users_count(e, t, &e->cells[subject->cells], err);
}
