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
    double sums[] = {bits, users};
    mf__ranks_total(als->ranks, sums, 2);
    return sums[1] > 0 ? sums[0] / sums[1] : NAN;
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

enum { TOP = MF_AGREEMENT_TOP };

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

/* The users that are looked at: all, or of many some, spread evenly. */
typedef struct sample {
    const mf_als *als;
    const mf_catalogue *catalogue;
    uint32_t n, together; /* users, and those whose lists are found in one call */
    uint64_t all, asked;  /* users of all ranks, and those of them that are looked at */
    uint64_t first;       /* of those, the first that is here */
    double *share;        /* [n], what their lists have in common; NaN: no two lists */
} sample;

/* Of the users of all ranks, the j-th that is looked at. */
static uint64_t nth(const sample *s, uint64_t j)
{
    return j * s->all / s->asked;
}

static uint32_t user_of(const sample *s, uint32_t j)
{
    return (uint32_t)(nth(s, s->first + j) - s->als->first);
}

/* Those from the first to the last - 1. */
static void look_at(const sample *s, uint32_t first, uint32_t last, mf_search *search,
                    mf_hit hit[])
{
    const mf_csr *x = s->als->train;
    mf_query query[MF_SEARCH_USERS] = {{0}};
    uint32_t found[MF_SEARCH_USERS], lists[MF_SEARCH_USERS], n = 0;
    for (uint32_t j = first; j < last; j++) {
        uint32_t u = user_of(s, j);
        bool empty = x->ptr[u] == x->ptr[u + 1];
        lists[j - first] = empty ? 0 : query_personas(query + n, s->als, u);
        n += lists[j - first];
    }
    mf_search_users(search, n, query, hit, found);
    n = 0;
    for (uint32_t j = first; j < last; j++) {
        s->share[j] =
            share_in_common(hit + (size_t)n * TOP, found + n, lists[j - first]);
        n += lists[j - first];
    }
}

static int look_at_all(const sample *s, mf_err *err)
{
    bool lacking = false;
#pragma omp parallel num_threads(s->als->threads)
    {
        mf_search *search = NULL;
        mf_hit *hit = mf__new((size_t)MF_SEARCH_USERS * TOP, sizeof *hit);
        if (!hit || mf_search_open(&search, s->catalogue, s->als->users.personas, TOP,
                                   NULL) < 0)
#pragma omp atomic write
            lacking = true;
#pragma omp for schedule(dynamic, 1)
        for (uint32_t j = 0; j < s->n; j += s->together)
            if (hit && search)
                look_at(s, j, s->n - j < s->together ? s->n : j + s->together, search,
                        hit);
        mf_search_close(search);
        free(hit);
    }
    return lacking ? mf__nomem(err) : MF_OK;
}

static int measure_agreement(const mf_als *als, double *agreement, mf_err *err)
{
    mf_catalogue *catalogue = NULL;
    uint64_t all = (uint64_t)als->rows, end = als->first + als->users.n;
    sample s = {.als = als,
                .all = all,
                .asked = all < MF_AGREEMENT_USERS ? all : MF_AGREEMENT_USERS,
                .together = MF_SEARCH_USERS / als->users.personas};
    double shares = 0, users = 0;
    while (s.first < s.asked && nth(&s, s.first) < als->first)
        s.first++;
    while (s.first + s.n < s.asked && nth(&s, s.first + s.n) < end)
        s.n++;
    s.share = mf__new(s.n, sizeof *s.share);
    int code = s.share ? mf_catalogue_open(&catalogue, &als->items, NULL, err)
                       : mf__nomem(err);
    s.catalogue = catalogue;
    if (code == MF_OK)
        code = look_at_all(&s, err);
    for (uint32_t j = 0; code == MF_OK && j < s.n; j++) {
        shares += isnan(s.share[j]) ? 0 : s.share[j];
        users += !isnan(s.share[j]);
    }
    code = mf_ranks_agree(als->ranks, code, err);
    double sums[] = {shares, users};
    if (code == MF_OK)
        mf__ranks_total(als->ranks, sums, 2);
    if (code == MF_OK && sums[1] > 0)
        *agreement = sums[0] / sums[1];
    mf_catalogue_close(catalogue);
    free(s.share);
    return code;
}

int mf_als_measure_separation(const mf_als *als, mf_als_separation *out, mf_err *err)
{
    *out = (mf_als_separation){NAN, NAN};
    if (als->users.personas == 1)
        return MF_OK;
    out->entropy = mean_entropy(als);
    double bad = als->items.n > MF_SEARCH_ITEMS ||
                 mf_search_check(&als->users, &als->items, als->mu, NULL) < 0;
    mf__ranks_total(als->ranks, &bad, 1);
    if (bad > 0)
        return MF_OK;
    return measure_agreement(als, &out->agreement, err);
}
