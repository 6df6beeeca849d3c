/* How far apart personas are. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "als/context.h"
#include "base/mem.h"
#include "math/beyond.h"
#include "math/rank.h"

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
        mf__als_beat(als, u);
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

/* The users that are looked at: all, or of many some, spread evenly. Their lists are
 * found among the items of one block after another, and the best of all blocks kept: a
 * catalogue holds a copy of its vectors, and one of all of V may be what a training has
 * no memory for. */
typedef struct sample {
    const mf_als *als;
    const mf_catalogue *catalogue; /* of a block of the items */
    uint32_t n, together; /* users, and those whose lists are found in one call */
    uint64_t all, asked;  /* users of all ranks, and those of them that are looked at */
    uint64_t first;       /* of those, the first that is here */
    uint32_t *lists; /* [n], one for each active persona; owned, like all of these */
    uint32_t *found; /* [n x personas], items of each list */
    mf_hit *best;    /* [n x personas x TOP], best first */
    double *share;   /* [n], what their lists have in common; NaN: no two lists */
    uint8_t *barred; /* [items], 0 for those of the block */
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

static bool is_better(const mf_hit *a, const mf_hit *b)
{
    return a->score != b->score ? a->score > b->score : a->item < b->item;
}

/* Keep the best of both lists, of which there are *n and m items, best first. */
static void merge(mf_hit best[TOP], uint32_t *n, const mf_hit hit[], uint32_t m)
{
    mf_hit both[TOP];
    uint32_t all = *n + m < TOP ? *n + m : TOP;
    for (uint32_t at = 0, i = 0, j = 0; at < all; at++)
        both[at] =
            j == m || (i < *n && is_better(&best[i], &hit[j])) ? best[i++] : hit[j++];
    memcpy(best, both, all * sizeof *best);
    *n = all;
}

/* Those from the first to the last - 1. */
static void look_at(const sample *s, uint32_t first, uint32_t last, mf_search *search,
                    mf_hit hit[])
{
    const mf_csr *x = s->als->train;
    mf_query query[MF_SEARCH_USERS] = {{0}};
    uint32_t found[MF_SEARCH_USERS], n = 0;
    for (uint32_t j = first; j < last; j++) {
        uint32_t u = user_of(s, j);
        bool empty = x->ptr[u] == x->ptr[u + 1];
        mf__disk_beat(s->als->p.disk);
        s->lists[j] = empty ? 0 : query_personas(query + n, s->als, u);
        n += s->lists[j];
    }
    mf_search_users(search, n, query, hit, found);
    mf__disk_beat(s->als->p.disk);
    n = 0;
    for (uint32_t j = first; j < last; j++)
        for (uint32_t r = 0; r < s->lists[j]; r++, n++) {
            size_t at = (size_t)j * s->als->users.personas + r;
            merge(s->best + at * TOP, &s->found[at], hit + (size_t)n * TOP, found[n]);
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

enum { BLOCK_FLOATS = 1 << 22 }; /* of the vectors of a block, about */

/* Find the best among the items from `first` on that make a block. */
static int search_block(sample *s, uint32_t first, uint32_t items, mf_err *err)
{
    mf_catalogue *catalogue = NULL;
    memset(s->barred, 1, s->als->items.n);
    memset(s->barred + first, 0, items);
    int code = mf_catalogue_open(&catalogue, &s->als->items, s->barred, err);
    s->catalogue = catalogue;
    if (code == MF_OK)
        code = look_at_all(s, err);
    mf_catalogue_close(catalogue);
    return code;
}

static int search_all(sample *s, mf_err *err)
{
    uint32_t n = s->als->items.n, step = BLOCK_FLOATS / s->als->p.k + 1;
    int code = MF_OK;
    for (uint32_t first = 0, m; code == MF_OK && first < n; first += m) {
        m = n - first < step ? n - first : step;
        code = search_block(s, first, m, err);
    }
    return code;
}

static void compare_lists(const sample *s)
{
    size_t p = s->als->users.personas;
#pragma omp parallel for schedule(static) num_threads(s->als->threads)
    for (uint32_t j = 0; j < s->n; j++)
        s->share[j] =
            share_in_common(s->best + j * p * TOP, s->found + j * p, s->lists[j]);
}

static int measure_agreement(const mf_als *als, double *agreement, mf_err *err)
{
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
    size_t lists = (size_t)s.n * als->users.personas;
    s.lists = mf__new0(s.n, sizeof *s.lists);
    s.found = mf__new0(lists, sizeof *s.found);
    s.best = mf__new(lists * TOP, sizeof *s.best);
    s.share = mf__new(s.n, sizeof *s.share);
    s.barred = mf__new(als->items.n, 1);
    int code = s.lists && s.found && s.best && s.share && s.barred ? search_all(&s, err)
                                                                   : mf__nomem(err);
    if (code == MF_OK)
        compare_lists(&s);
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
    free(s.lists);
    free(s.found);
    free(s.best);
    free(s.share);
    free(s.barred);
    return code;
}

int mf_als_measure_separation(const mf_als *als, mf_als_separation *out, mf_err *err)
{
    *out = (mf_als_separation){NAN, NAN};
    if (als->users.personas == 1)
        return MF_OK;
    out->entropy = mean_entropy(als);
    double bad = als->items.n > MF_SEARCH_ITEMS ||
                 mf__rank_check(&als->users, &als->items, als->mu, als->p.disk, NULL) <
                     0;
    mf__ranks_total(als->ranks, &bad, 1);
    if (bad > 0)
        return MF_OK;
    return measure_agreement(als, &out->agreement, err);
}
