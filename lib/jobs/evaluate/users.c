#include "jobs/evaluate/users.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "data/ids.h"
#include "data/ratings.h"
#include "data/shard.h"
#include "jobs/evaluate/truth.h"

static uint32_t test_cells(const mf_ratings *r, uint32_t user)
{
    uint32_t n = 0;
    for (size_t t = r->x.ptr[user]; t < r->x.ptr[user + 1]; t++)
        n += r->fold[t] == MF_TEST;
    return n;
}

static bool any_relevant(const test_users *t)
{
    const mf_ratings *r = t->ratings;
    for (size_t c = 0; c < r->x.nnz; c++)
        if (r->fold[c] == MF_TEST && is_relevant(t->params, r->x.val[c]))
            return true;
    return false;
}

bool mf__needs_relevant(const mf_metric_list *metrics)
{
    for (size_t m = 0; m < metrics->n; m++)
        if (!mf_metric_is_prediction(&metrics->metric[m]))
            return true;
    return false;
}

bool mf__test_cell_relevant(const test_users *t, uint32_t place, size_t nth,
                            float value)
{
    const truth *known = t->truth;
    return is_relevant(t->params,
                       known ? known->value[known->first[known->skip + place] + nth]
                             : value);
}

int mf__test_users_check(const test_users *t, size_t models, mf_err *err)
{
    if (!mf__needs_relevant(&t->params->metrics) || any_relevant(t))
        return MF_OK;
    if (isnan(t->params->relevant))
        return mf_fail(
            err, MF_EFORMAT,
            "%s: no test cell is relevant: none has a value above 0; say from "
            "which value on with --relevant, or ask for loss, mse, rmse or mae",
            t->name);
    if (models > 1)
        return mf_fail(err, MF_EFORMAT,
                       "%s: no test cell is relevant: none has a value of %g or more, "
                       "and the first model says what is relevant for all; name that "
                       "of the raw ratings first, or give a lower --relevant",
                       t->name, (double)t->params->relevant);
    return mf_fail(
        err, MF_EFORMAT,
        "%s: no test cell is relevant: none has a value of %g or more; give a "
        "lower --relevant, or ask for loss, mse, rmse or mae",
        t->name, (double)t->params->relevant);
}

/* The users of the shard, and those without test cells up to the first of the next
 * one. */
static void take_shard(test_users *t)
{
    const mf_evaluate_params *p = t->params;
    uint32_t next = (uint32_t)mf__shard_begin(t->all, p->shard + 1, p->shards);
    t->first = (uint32_t)mf__shard_begin(t->all, p->shard, p->shards);
    t->n = next - t->first;
    for (uint32_t at = 0; at < t->n; at++) {
        t->user[at] = t->of_all[t->first + at];
        t->place[at] = at;
    }
    if (t->all == 0)
        return;
    uint32_t from = p->shard == 1 ? 0 : t->of_all[t->first];
    uint32_t to = p->shard == p->shards ? t->ratings->x.rows : t->of_all[next];
    t->left_out = to - from - t->n;
}

int mf__test_users_find(test_users *t, mf_err *err)
{
    const mf_ratings *r = t->ratings;
    t->of_all = mf__new(r->x.rows, sizeof *t->of_all);
    t->user = mf__new(r->x.rows, sizeof *t->user);
    t->place = mf__new(r->x.rows, sizeof *t->place);
    if (!t->of_all || !t->user || !t->place)
        return mf__nomem(err);
    for (uint32_t u = 0; u < r->x.rows; u++) {
        uint32_t cells = test_cells(r, u);
        if (cells)
            t->of_all[t->all++] = u;
        if (cells > t->most)
            t->most = cells;
    }
    take_shard(t);
    if (t->all)
        return MF_OK;
    return mf_fail(err, MF_EFORMAT,
                   "%s: no test cells; mark some with mf-split --test before mf-als",
                   t->name);
}

void mf__test_users_free(test_users *t)
{
    free(t->of_all);
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
        size_t end = r->x.ptr[t->user[at] + 1], nth = 0;
        for (size_t c = r->x.ptr[t->user[at]]; c < end; c++)
            if (r->fold[c] == MF_TEST) {
                size_t part = t->part ? t->part[r->x.col[c]] * (size_t)e->ids.n : 0;
                n[0]++;
                n[part] += part > 0;
                if (mf__test_cell_relevant(t, t->place[at], nth++, r->x.val[c]))
                    ranked[0] = ranked[part] = 1;
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
    return MF_OK;
}

/* Measure those whom the evaluation has. */
static void keep_common(const mf_evaluation *e, test_users *t)
{
    t->n = 0;
    for (uint32_t at = 0; at < t->all; at++) {
        size_t len;
        const char *id = mf_ids_get(&t->ratings->users, t->of_all[at], &len);
        t->user[t->n] = t->of_all[at];
        t->n += mf_ids_find(&e->ids, id, len, &t->place[t->n]);
    }
}

/* The words for test cells that are not those of the first model. Where one model lacks
 * cells that the other has, and that is all, cells were taken away from one. */
static int refuse(const mf_evaluation *e, const test_users *t, const truth_match *match,
                  const truth *known, mf_err *err)
{
    char added[300] = "", missing[300] = "";
    const char *first = e->subject[0].name;
    unsigned long long all = known->first[known->users->n];
    if (match->added)
        snprintf(added, sizeof added, "; of its %llu, that one lacks %llu, such as %s",
                 (unsigned long long)match->cells, (unsigned long long)match->added,
                 match->example_added);
    if (match->missing)
        snprintf(missing, sizeof missing, "; of those %llu, it lacks %llu, such as %s",
                 all, (unsigned long long)match->missing, match->example_missing);
    if (match->added && match->missing)
        return mf_fail(err, MF_EFORMAT,
                       "%s: its test cells are not those of %s%s%s; compare models of "
                       "one split, or say --allow-different-splits",
                       t->name, first, added, missing);
    return mf_fail(err, MF_EFORMAT,
                   "%s: its test cells are not those of %s%s%s; make both from one "
                   "split, without mf-filter after it: mf-transform keeps all cells",
                   t->name, first, added, missing);
}

/* Of a model whose test cells are its own. */
static int check_own(const mf_evaluation *e, const test_users *t, mf_err *err)
{
    if (!mf__needs_relevant(&t->params->metrics) || any_relevant(t))
        return MF_OK;
    return mf_fail(err, MF_EFORMAT,
                   "%s: none of its test cells is relevant by its own values, which "
                   "count since they are not the test cells of %s; compare models of "
                   "one split",
                   t->name, e->subject[0].name);
}

int mf__test_users_match(mf_evaluation *e, test_users *t, mf_subject *subject,
                         const truth *known, mf_err *err)
{
    truth_match match;
    int code = mf__truth_match(&match, known, t, err);
    if (code < 0)
        return code;
    bool value = subject->target == MF_TARGET_VALUE;
    subject->own_values = (value ? match.values : match.likes) > 0;
    subject->own_scale = subject->own_values && !(value && mf__truth_is_moved(&match));
    keep_common(e, t);
    if (match.added + match.missing == 0) {
        t->truth = known;
        return MF_OK;
    }
    if (!t->params->different_splits)
        return refuse(e, t, &match, known, err);
    code = check_own(e, t, err);
    if (code < 0)
        return code;
    subject->cells = e->splits++;
    return mf__test_users_count(e, t, &e->cells[subject->cells], err);
}
