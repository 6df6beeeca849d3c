/* Lists for rows of the training matrix, by mf/search.h, a chunk of users at a time. */
#include <omp.h>
#include <stdlib.h>

#include "als/context.h"
#include "base/mem.h"
#include "math/rank.h"

/* Find the lists of n <= MF_SEARCH_USERS users, the first of which is user[0] or, if
 * user is NULL, `first`. */
static void search_chunk(const mf_als *als, mf_search *search, uint32_t n,
                         const uint32_t user[], uint32_t first, mf_hit hit[],
                         uint32_t found[])
{
    mf_query query[MF_SEARCH_USERS];
    mf__disk_beat(als->p.disk);
    for (uint32_t j = 0; j < n; j++) {
        uint32_t u = user ? user[j] : first + j;
        size_t begin = als->given->ptr[u]; /* what says nothing is known, too */
        query[j] = (mf_query){
            .vectors = mf_tensor_at(&als->users, u, 0),
            .active = mf__als_active_of(als, u),
            .base = als->mu + (als->users.bias ? (double)als->users.bias[u] : 0),
            .hidden = (uint32_t)(als->given->ptr[u + 1] - begin),
            .hide = als->given->col + begin};
    }
    mf_search_users(search, n, query, hit, found);
}

static void search_all(const mf_als *als, mf_search *const search[], int threads,
                       uint32_t n, const uint32_t user[], uint32_t top, mf_hit hit[],
                       uint32_t found[])
{
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (size_t at = 0; at < n; at += MF_SEARCH_USERS) {
        uint32_t left = n - (uint32_t)at;
        search_chunk(als, search[omp_get_thread_num()],
                     left < MF_SEARCH_USERS ? left : MF_SEARCH_USERS,
                     user ? user + at : NULL, (uint32_t)at, hit + at * top, found + at);
    }
}

static int check(const mf_als *als, uint32_t n, const uint32_t user[], mf_err *err)
{
    if (!als->begun)
        return mf_fail(err, MF_EINVAL,
                       "nothing is trained yet: call mf_als_run, or mf_als_begin, "
                       "before mf_als_recommend");
    for (uint32_t j = 0; user && j < n; j++)
        if (user[j] >= als->users.n)
            return mf_fail(err, MF_EINVAL, "there is no user %u among %u", user[j],
                           als->users.n);
    if (!user && n > als->users.n)
        return mf_fail(err, MF_EINVAL, "there are %u users, not %u", als->users.n, n);
    return mf__rank_check(&als->users, &als->items, als->mu, als->p.disk, err);
}

/* barred[i] != 0 of items that somebody knows and nobody likes. */
static void bar_unliked(const mf_als *als, uint8_t barred[])
{
    const mf_csr *x = als->given;
    for (size_t t = 0; t < x->nnz; t++) {
        mf__disk_beat_at(als->p.disk, t);
        barred[x->col[t]] = 1;
    }
    for (size_t t = 0; t < x->nnz; t++) {
        mf__disk_beat_at(als->p.disk, t);
        if (als_speaks(&als->p, x->val[t]))
            barred[x->col[t]] = 0;
    }
}

int mf_als_recommend(const mf_als *als, uint32_t n, const uint32_t user[], uint32_t top,
                     mf_hit hit[], uint32_t found[], mf_err *err)
{
    mf_catalogue *catalogue = NULL;
    uint32_t chunks = n / MF_SEARCH_USERS + (n % MF_SEARCH_USERS != 0);
    int threads = chunks < (uint32_t)als->threads ? (int)chunks : als->threads;
    threads = threads > 0 ? threads : 1;
    int code = check(als, n, user, err);
    if (code < 0)
        return code;
    mf_search **search = mf__new0((size_t)threads, sizeof(mf_search *));
    uint8_t *barred = mf__new0(als->items.n, 1);
    if (search && barred) {
        bar_unliked(als, barred);
        code = mf_catalogue_open(&catalogue, &als->items, barred, err);
    } else
        code = mf__nomem(err);
    for (int t = 0; code == MF_OK && t < threads; t++)
        code = mf_search_open(&search[t], catalogue, als->users.personas, top, err);
    if (code == MF_OK)
        search_all(als, search, threads, n, user, top, hit, found);
    for (int t = 0; search && t < threads; t++)
        mf_search_close(search[t]);
    free(search);
    free(barred);
    mf_catalogue_close(catalogue);
    return code;
}
