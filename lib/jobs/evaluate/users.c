/* Who takes part in an evaluation. */
#include <stdlib.h>

#include "base/mem.h"
#include "data/ids.h"
#include "jobs/evaluate/private.h"

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

int mf__evaluate_find_users(scoring *s, mf_err *err)
{
    const mf_ratings *r = &s->model->ratings;
    bool any = false;
    s->user = mf__new(r->x.rows, sizeof *s->user);
    s->place = mf__new(r->x.rows, sizeof *s->place);
    if (!s->user || !s->place)
        return mf__nomem(err);
    for (uint32_t u = 0; u < r->x.rows; u++) {
        uint32_t cells = test_cells(r, u);
        any |= cells > 0;
        if (!in_shard(s->params, &r->users, u))
            continue;
        s->left_out += cells == 0;
        if (cells) {
            s->place[s->users] = s->users;
            s->user[s->users++] = u;
        }
        if (cells > s->most)
            s->most = cells;
    }
    if (any)
        return MF_OK;
    return mf_fail(err, MF_EFORMAT,
                   "%s: no test cells; mark some with mf-split --test before mf-als",
                   s->name);
}

int mf__evaluate_count_cells(const mf_evaluation *e, const scoring *s,
                             mf_test_cells *cells, mf_err *err)
{
    const mf_ratings *r = &s->model->ratings;
    cells->n = mf__new0(e->parts * e->ids.n, sizeof *cells->n);
    if (!cells->n)
        return mf__nomem(err);
    for (uint32_t at = 0; at < s->users; at++) {
        double *n = cells->n + s->place[at];
        size_t end = r->x.ptr[s->user[at] + 1];
        for (size_t t = r->x.ptr[s->user[at]]; t < end; t++)
            if (r->fold[t] == MF_TEST) {
                n[0]++;
                if (s->part)
                    n[(size_t)s->part[r->x.col[t]] * e->ids.n]++;
            }
    }
    return MF_OK;
}

int mf__evaluate_adopt_users(mf_evaluation *e, scoring *s, mf_err *err)
{
    const mf_ratings *r = &s->model->ratings;
    e->left_out = s->left_out;
    for (uint32_t at = 0; at < s->users; at++) {
        size_t len;
        const char *id = mf_ids_get(&r->users, s->user[at], &len);
        int code = mf_ids_append(&e->ids, id, len, err);
        if (code < 0)
            return code;
    }
    return mf_ratings_digest(r, 1 << MF_TEST, false, &e->cells[0].digest, err);
}

/* Keep the users that the evaluation has too. */
static void keep_common(const mf_evaluation *e, scoring *s)
{
    uint32_t kept = 0;
    for (uint32_t at = 0; at < s->users; at++) {
        size_t len;
        const char *id = mf_ids_get(&s->model->ratings.users, s->user[at], &len);
        s->user[kept] = s->user[at];
        kept += mf_ids_find(&e->ids, id, len, &s->place[kept]);
    }
    s->users = kept;
}

/* Ids are sorted, so equal users stand in equal places. */
static bool same_users(const mf_evaluation *e, const scoring *s)
{
    bool same = s->users == e->ids.n;
    for (uint32_t at = 0; same && at < s->users; at++) {
        size_t len, other_len;
        const char *id = mf_ids_get(&s->model->ratings.users, s->user[at], &len);
        const char *other = mf_ids_get(&e->ids, at, &other_len);
        same = mf__id_compare(id, len, other, other_len) == 0;
    }
    return same;
}

int mf__evaluate_match_users(mf_evaluation *e, scoring *s, mf_subject *subject,
                             mf_err *err)
{
    uint64_t digest;
    int code = mf_ratings_digest(&s->model->ratings, 1 << MF_TEST, false, &digest, err);
    if (code < 0)
        return code;
    if (digest == e->cells[0].digest && same_users(e, s))
        return MF_OK;
    if (!s->params->different_splits)
        return mf_fail(
            err, MF_EFORMAT,
            "%s: its test cells are not those of %s; compare models of one split, or "
            "say --allow-different-splits",
            s->name, e->subject[0].name);
    keep_common(e, s);
    subject->cells = e->splits++;
    e->cells[subject->cells].digest = digest;
    return mf__evaluate_count_cells(e, s, &e->cells[subject->cells], err);
}
