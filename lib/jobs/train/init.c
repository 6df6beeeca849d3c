#include "jobs/train/init.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/report.h"
#include "data/ratings.h"
#include "mf/model.h"

static const uint32_t UNKNOWN = UINT32_MAX;

/* to[i]: the index in `old` of id i of `ids`, or UNKNOWN. Returns how many are
 * known. */
static uint32_t match(const mf_ids *ids, const mf_ids *old, uint32_t to[])
{
    uint32_t known = 0;
    for (uint32_t i = 0; i < ids->n; i++) {
        size_t len;
        const char *id = mf_ids_get(ids, i, &len);
        if (!mf_ids_find(old, id, len, &to[i]))
            to[i] = UNKNOWN;
        known += to[i] != UNKNOWN;
    }
    return known;
}

static int pick_rows(mf_tensor *out, const mf_tensor *old, uint32_t n,
                     const uint32_t from[], mf_err *err)
{
    size_t width = (size_t)old->personas * old->k;
    int code = mf_tensor_alloc(out, n, old->personas, old->k, err);
    if (code == MF_OK && old->bias)
        code = mf_tensor_add_bias(out, err);
    for (uint32_t r = 0; code == MF_OK && r < n; r++) {
        if (from[r] == UNKNOWN)
            continue;
        memcpy(mf_tensor_at(out, r, 0), mf_tensor_at(old, from[r], 0),
               width * sizeof *out->data);
        if (old->bias)
            out->bias[r] = old->bias[from[r]];
    }
    return code;
}

/* The personas of one user's training cells, where the model was trained on the same
 * cells. Both rows ascend by id. Returns the number of training cells. */
static size_t pick_personas(const mf_ratings *r, uint32_t u, const mf_model *m,
                            uint32_t from, const uint32_t item_from[], uint8_t *z)
{
    const mf_csr *x = &r->x, *old = &m->ratings.x;
    size_t n = 0, at = old->ptr[from], end = old->ptr[from + 1], nth = m->zptr[from];
    for (size_t t = x->ptr[u]; t < x->ptr[u + 1]; t++) {
        uint32_t item = item_from[x->col[t]];
        if (r->fold[t] != MF_TRAIN)
            continue;
        z[n] = MF_ALS_NO_PERSONA;
        for (; item != UNKNOWN && at < end && old->col[at] <= item; at++) {
            if (m->ratings.fold[at] != MF_TRAIN)
                continue;
            if (old->col[at] == item)
                z[n] = m->z[nth];
            nth++;
        }
        n++;
    }
    return n;
}

/* z of all training cells of r. */
static void pick_all_personas(const mf_ratings *r, uint64_t train, const mf_model *m,
                              const uint32_t user_from[], const uint32_t item_from[],
                              uint8_t *z)
{
    /* factors without ratings, but trained on just these cells */
    bool same = !m->has_ratings && m->card.train == train &&
                m->ratings.users.n == r->users.n && m->ratings.items.n == r->items.n;
    for (uint32_t u = 0; u < r->users.n; u++) {
        uint32_t from = user_from[u];
        size_t n = mf__cells_in_fold(r, u, MF_TRAIN);
        memset(z, m->users.personas == 1 ? 0 : MF_ALS_NO_PERSONA, n);
        if (m->z && from != UNKNOWN && m->has_ratings)
            n = pick_personas(r, u, m, from, item_from, z);
        else if (m->z && from != UNKNOWN && same &&
                 m->zptr[from + 1] - m->zptr[from] == n)
            memcpy(z, m->z + m->zptr[from], n);
        z += n;
    }
}

/* True if the model was trained on the cell. */
static bool was_trained(const mf_model *m, uint32_t user, uint32_t item)
{
    const mf_csr *x = &m->ratings.x;
    if (user == UNKNOWN || item == UNKNOWN)
        return false;
    size_t lo = x->ptr[user], end = x->ptr[user + 1], hi = end;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (x->col[mid] < item)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < end && x->col[lo] == item && m->ratings.fold[lo] == MF_TRAIN;
}

/* Say so where the model may have been trained on what is held out now. */
static void warn_of_seen(const mf_ratings *r, uint64_t train, const mf_model *m,
                         const uint32_t user_from[], const uint32_t item_from[],
                         const char *name, const mf_report *report)
{
    uint64_t held_out = 0, seen = 0;
    for (uint32_t u = 0; u < r->users.n; u++)
        for (size_t t = r->x.ptr[u]; t < r->x.ptr[u + 1]; t++)
            if (r->fold[t] == MF_VALID || r->fold[t] == MF_TEST) {
                held_out++;
                seen += m->has_ratings &&
                        was_trained(m, user_from[u], item_from[r->x.col[t]]);
            }
    if (seen > 0)
        mf__report_warn(report,
                        "%s: this start was trained on %llu of the %llu cells that are "
                        "held out here; what is measured on them is too good",
                        name, (unsigned long long)seen, (unsigned long long)held_out);
    else if (!m->has_ratings && held_out > 0 && m->card.train != train)
        mf__report_warn(report,
                        "%s: this start was trained on other cells and came without "
                        "them: whether it has seen what is held out here cannot be "
                        "told",
                        name);
}

static int check_model(const mf_model *m, const mf_als_params *p, const char *name,
                       mf_err *err)
{
    if (!m->has_factors)
        return mf_fail(
            err, MF_EFORMAT,
            "%s: the bundle holds no model to start from; pipe it through mf-als",
            name);
    if (m->card.k != p->k)
        return mf_fail(err, MF_EFORMAT,
                       "%s: the model has %u factor%s, not %u; train with --factors %u",
                       name, m->card.k, mf__plural(m->card.k), p->k, m->card.k);
    if (m->card.personas > p->personas)
        return mf_fail(
            err, MF_EFORMAT,
            "%s: the model has %u personas, more than %u; personas are split, "
            "never merged",
            name, m->card.personas, p->personas);
    return MF_OK;
}

static int pick(mf_als_factors *out, const mf_model *m, const mf_ratings *r,
                uint64_t train, const char *name, const mf_report *report, mf_err *err)
{
    uint32_t *user = mf__new(r->users.n, sizeof *user);
    uint32_t *item = mf__new(r->items.n, sizeof *item);
    int code = user && item && (out->z = mf__new(r->x.nnz, 1)) ? MF_OK : mf__nomem(err);
    if (code == MF_OK) {
        match(&r->users, &m->ratings.users, user);
        if (match(&r->items, &m->ratings.items, item) == 0 && r->items.n > 0)
            code =
                mf_fail(err, MF_EFORMAT,
                        "%s: the model knows none of the items of the ratings", name);
    }
    if (code == MF_OK)
        code = pick_rows(&out->users, &m->users, r->users.n, user, err);
    if (code == MF_OK)
        code = pick_rows(&out->items, &m->items, r->items.n, item, err);
    if (code == MF_OK)
        pick_all_personas(r, train, m, user, item, out->z);
    if (code == MF_OK)
        warn_of_seen(r, train, m, user, item, name, report);
    free(user);
    free(item);
    return code;
}

int mf__train_init_load(mf_als_factors *out, mf_in *in, const mf_ratings *r,
                        uint64_t train, const mf_als_params *params, uint64_t *digest,
                        const mf_report *report, mf_err *err)
{
    mf_model m;
    *out = (mf_als_factors){0};
    int code =
        mf_model_load(&m, in, MF_WANT_RATINGS | MF_WANT_FACTORS | MF_WANT_WHAT_IS_THERE,
                      NULL, NULL, err);
    if (code < 0)
        return code;
    *digest = m.digest;
    code = check_model(&m, params, mf_in_name(in), err);
    if (code == MF_OK)
        code = pick(out, &m, r, train, mf_in_name(in), report, err);
    mf_model_free(&m);
    if (code < 0)
        mf_als_factors_free(out);
    return code;
}
