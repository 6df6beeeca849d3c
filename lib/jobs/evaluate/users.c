#include "jobs/evaluate/users.h"

#include <stdlib.h>

#include "base/mem.h"
#include "data/ids.h"

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

int mf__test_users_find(test_users *t, const mf_evaluate_params *params, mf_err *err)
{
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
            t->place[t->n] = t->n;
            t->user[t->n++] = u;
        }
        if (cells > t->most)
            t->most = cells;
    }
    if (any)
        return MF_OK;
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
    if (!cells->n)
        return mf__nomem(err);
    for (uint32_t at = 0; at < t->n; at++) {
        double *n = cells->n + t->place[at];
        size_t end = r->x.ptr[t->user[at] + 1];
        for (size_t c = r->x.ptr[t->user[at]]; c < end; c++)
            if (r->fold[c] == MF_TEST) {
                n[0]++;
                if (t->part)
                    n[(size_t)t->part[r->x.col[c]] * e->ids.n]++;
            }
    }
    return MF_OK;
}

int mf__test_users_adopt(mf_evaluation *e, const test_users *t, mf_err *err)
{
    const mf_ratings *r = t->ratings;
    e->left_out = t->left_out;
    for (uint32_t at = 0; at < t->n; at++) {
        size_t len;
        const char *id = mf_ids_get(&r->users, t->user[at], &len);
        int code = mf_ids_append(&e->ids, id, len, err);
        if (code < 0)
            return code;
    }
    return mf_ratings_digest(r, 1 << MF_TEST, false, &e->cells[0].digest, err);
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
                         const mf_evaluate_params *params, mf_err *err)
{
    uint64_t digest;
    int code = mf_ratings_digest(t->ratings, 1 << MF_TEST, false, &digest, err);
    if (code < 0)
        return code;
    if (digest == e->cells[0].digest && same_users(e, t))
        return MF_OK;
    if (!params->different_splits)
        return mf_fail(
            err, MF_EFORMAT,
            "%s: its test cells are not those of %s; compare models of one split, or "
            "say --allow-different-splits",
            t->name, e->subject[0].name);
    keep_common(e, t);
    subject->cells = e->splits++;
    e->cells[subject->cells].digest = digest;
    return mf__test_users_count(e, t, &e->cells[subject->cells], err);
}
