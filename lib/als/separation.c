/* How far apart personas are. */
#include <math.h>
#include <stdlib.h>

#include "als/context.h"
#include "base/mem.h"
#include "math/beyond.h"

/* The entropy of the shares of one user's cells, in bits; dislikes do not count. */
static double user_entropy(const mf_als *als, uint32_t u)
{
    size_t count[UINT8_MAX + 1] = {0};
    for (size_t t = als->train->ptr[u]; t < als->train->ptr[u + 1]; t++)
        count[als->z[t]] += als_speaks(&als->p, als->train->val[t]);
    return mf__entropy(count, als->users.personas);
}

static double mean_entropy(const mf_als *als)
{
    double bits = 0, users = 0;
    for (uint32_t u = 0; u < als->train->rows; u++) {
        double own = user_entropy(als, u);
        bits += isnan(own) ? 0 : own;
        users += !isnan(own);
    }
    return users > 0 ? bits / users : NAN;
}

/* --- what personas agree on --- */

/* The lists of each active persona of a user, as queries. Returns how many. */
static uint32_t query_personas(mf_query query[], const mf_als *als, uint32_t u)
{
    uint64_t active = mf__als_active_of(als, u);
    size_t begin = als->given->ptr[u];
    uint32_t n = 0;
    for (uint32_t q = 0; q < als->users.personas; q++)
        if (active >> q & 1)
            query[n++] =
                (mf_query){.vectors = mf_tensor_at(&als->users, u, 0),
                           .active = (uint64_t)1 << q,
                           .hidden = (uint32_t)(als->given->ptr[u + 1] - begin),
                           .hide = als->given->col + begin};
    return n;
}

static int by_item(const void *x, const void *y)
{
    const mf_hit *a = x, *b = y;
    return (a->item > b->item) - (a->item < b->item);
}

/* How many items two lists, sorted by item, have in common. */
static uint32_t common(const mf_hit a[], uint32_t n, const mf_hit b[], uint32_t m)
{
    uint32_t both = 0;
    for (uint32_t i = 0, j = 0; i < n && j < m;) {
        both += a[i].item == b[j].item;
        uint32_t item = a[i].item;
        i += item <= b[j].item;
        j += b[j].item <= item;
    }
    return both;
}

enum { TOP = MF_AGREEMENT_TOP, LISTS = MF_PERSONAS_MAX };

/* The mean share of items in common over the pairs of n lists; NaN without a pair. */
static double share_in_common(mf_hit hit[], const uint32_t found[], uint32_t n)
{
    double shares = 0, pairs = 0;
    for (uint32_t q = 0; q < n; q++)
        qsort(hit + (size_t)q * TOP, found[q], sizeof *hit, by_item);
    for (uint32_t q = 0; q < n; q++)
        for (uint32_t r = 0; r < q && found[q] > 0; r++) {
            shares += (double)common(hit + (size_t)q * TOP, found[q],
                                     hit + (size_t)r * TOP, found[r]) /
                      found[q];
            pairs++;
        }
    return pairs > 0 ? shares / pairs : NAN;
}

/* The mean over users, spread evenly where there are many. */
static double mean_agreement(const mf_als *als, mf_search *search, mf_hit hit[])
{
    double shares = 0, users = 0;
    uint64_t rows = als->users.n,
             n = rows < MF_AGREEMENT_USERS ? rows : MF_AGREEMENT_USERS;
    for (uint64_t j = 0; j < n; j++) {
        mf_query query[LISTS];
        uint32_t found[LISTS], lists, u = (uint32_t)(j * rows / n);
        if (als->train->ptr[u] == als->train->ptr[u + 1] ||
            (lists = query_personas(query, als, u)) < 2)
            continue;
        mf_search_users(search, lists, query, hit, found);
        double own = share_in_common(hit, found, lists);
        shares += isnan(own) ? 0 : own;
        users += !isnan(own);
    }
    return users > 0 ? shares / users : NAN;
}

static int measure_agreement(const mf_als *als, double *agreement, mf_err *err)
{
    mf_catalogue *catalogue = NULL;
    mf_search *search = NULL;
    mf_hit *hit = mf__new((size_t)LISTS * TOP, sizeof *hit);
    int code =
        hit ? mf_catalogue_open(&catalogue, &als->items, NULL, err) : mf__nomem(err);
    if (code == MF_OK)
        code = mf_search_open(&search, catalogue, als->users.personas, TOP, err);
    if (code == MF_OK)
        *agreement = mean_agreement(als, search, hit);
    mf_search_close(search);
    mf_catalogue_close(catalogue);
    free(hit);
    return code;
}

int mf_als_measure_separation(const mf_als *als, mf_als_separation *out, mf_err *err)
{
    *out = (mf_als_separation){NAN, NAN};
    if (als->users.personas == 1)
        return MF_OK;
    out->entropy = mean_entropy(als);
    if (als->items.n > MF_SEARCH_ITEMS ||
        mf_search_check(&als->users, &als->items, als->mu, NULL) < 0)
        return MF_OK;
    return measure_agreement(als, &out->agreement, err);
}
