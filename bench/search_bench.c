/* How fast lists are found: all users of a model, what they have seen left out.
 *
 *     search_bench MODEL [TOP [THREADS]]
 *
 * Prints users a second, the best of three, and the share of the products that
 * pruning left. Nothing is written: the rest of mf-recommend's time is reading and text. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <omp.h>

#include "base/mem.h"
#include "base/par.h"
#include "mf/model.h"
#include "mf/search.h"

enum { TIMES = 3 };

static void must(int code, const mf_err *err)
{
    if (code < 0) {
        fprintf(stderr, "search_bench: %s\n", err->text);
        exit(1);
    }
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void search_all(const mf_model *m, uint32_t top, int threads, uint64_t *done,
                       uint64_t *all)
{
    const mf_ratings *r = &m->ratings;
    uint32_t users = m->users.n, p = m->users.personas;
    mf_err err = {0};
    mf_catalogue *catalogue;
    must(mf_catalogue_open(&catalogue, &m->items, NULL, &err), &err);
    *done = *all = 0;
#pragma omp parallel num_threads(threads)
    {
        mf_err own = {0};
        mf_search *search;
        mf_query query[MF_SEARCH_USERS];
        uint32_t found[MF_SEARCH_USERS];
        uint64_t did, there;
        must(mf_search_open(&search, catalogue, p, top, &own), &own);
        mf_hit *hit = mf__new((size_t)MF_SEARCH_USERS * top, sizeof *hit);
#pragma omp for schedule(dynamic)
        for (uint32_t lo = 0; lo < users; lo += MF_SEARCH_USERS) {
            uint32_t n = users - lo < MF_SEARCH_USERS ? users - lo : MF_SEARCH_USERS;
            for (uint32_t j = 0; j < n; j++) {
                uint32_t u = lo + j;
                query[j] = (mf_query){
                    .vectors = mf_tensor_at(&m->users, u, 0),
                    .active = mf_model_active(m, u),
                    .base = m->card.mu,
                    .hidden = (uint32_t)(r->x.ptr[u + 1] - r->x.ptr[u]),
                    .hide = r->x.col + r->x.ptr[u],
                };
            }
            mf_search_users(search, n, query, hit, found);
        }
        mf_search_work(search, &did, &there);
#pragma omp critical
        {
            *done += did;
            *all += there;
        }
        free(hit);
        mf_search_close(search);
    }
    mf_catalogue_close(catalogue);
}

int main(int argc, char *argv[])
{
    if (argc < 2) {
        puts("no MODEL was given");
        return 0;
    }
    uint32_t top = argc > 2 ? (uint32_t)atoi(argv[2]) : 100;
    int threads = mf__par_threads(argc > 3 ? atoi(argv[3]) : 0);
    uint64_t done = 0, all = 0;
    double best = 1e30;
    mf_err err = {0};
    mf_model m;
    mf_in *in;
    int fd = open(argv[1], O_RDONLY);
    must(mf_in_open(&in, fd, argv[1], &err), &err);
    must(mf_model_load(&m, in, MF_WANT_RATINGS | MF_WANT_FACTORS, NULL, NULL, &err),
         &err);
    for (int i = 0; i < TIMES; i++) {
        double t = now();
        search_all(&m, top, threads, &done, &all);
        t = now() - t;
        best = t < best ? t : best;
    }
    printf("%u users, %u items, k %u, p %u, top %u, %d threads: %.3f s, %.0f users/s, "
           "%.1f %% multiplied\n",
           m.users.n, m.items.n, m.items.k, m.users.personas, top, threads, best,
           m.users.n / best, 100. * (double)done / (double)all);
    mf_model_free(&m);
    mf_in_close(in);
    close(fd);
    return 0;
}
