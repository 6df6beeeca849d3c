/* How fast mf-split is: MSD-like ids, 40 cells a user.
 *
 *     split_bench [USERS]
 *
 * Each figure is the best of three, in bytes of ratings read (8 a cell); output
 * goes to /dev/null. Memory is that of the ids: see it with
 * `/usr/bin/time -v mf-split`. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/rng.h"
#include "mf/bundle.h"
#include "mf/split.h"

enum { ITEMS = 45000, CELLS = 40, TIMES = 3 };

static void must(int code, const mf_err *err)
{
    if (code < 0) {
        fprintf(stderr, "split_bench: %s\n", err->text);
        exit(1);
    }
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void put_ids(mf_bundle_writer *w, mf_axis axis, uint32_t n, mf_err *err)
{
    mf_ids ids = {0};
    char text[64];
    for (uint32_t i = 0; i < n; i++) {
        const char *format = axis == MF_USER ? "%08x6f2a1c55d0b94e7f8a3312c4e5d60718"
                                             : "Artist %05u & Band";
        int len = snprintf(text, sizeof text, format, i);
        must(mf_ids_append(&ids, text, (size_t)len, err), err);
    }
    must(mf_bundle_put_ids(w, axis, &ids, err), err);
    mf_ids_free(&ids);
}

static void make(int fd, uint32_t users, mf_err *err)
{
    mf_out *out;
    mf_bundle_writer *w;
    uint32_t item[CELLS], count[CELLS];
    mf_rng rng = mf__rng_make(1, MF_STREAM_TEST, 0);
    mf_stage stage = mf_stage_make("split_bench");
    mf_header header = {.users = users,
                        .items = ITEMS,
                        .nnz = (uint64_t)users * CELLS,
                        .nnz_known = true};
    must(mf_out_open(&out, fd, "memory", err), err);
    must(mf_bundle_writer_open(&w, out, err), err);
    must(mf_bundle_put_header(w, &header, NULL, err), err);
    put_ids(w, MF_USER, users, err);
    put_ids(w, MF_ITEM, ITEMS, err);
    for (uint32_t u = 0; u < users; u++) {
        for (uint32_t t = 0; t < CELLS; t++) {
            item[t] = t * (ITEMS / CELLS) + mf__rng_below(&rng, ITEMS / CELLS);
            count[t] = 1 + mf__rng_below(&rng, 50);
        }
        must(mf_bundle_put_row(w, CELLS, item, count, NULL, err), err);
    }
    must(mf_bundle_put_end(w, NULL, &stage, err), err);
    mf_bundle_writer_close(w);
    mf_out_close(out);
}

static double seconds_of(int store, int sink, const mf_split_params *p, mf_err *err)
{
    mf_in *in;
    mf_out *out;
    lseek(store, 0, SEEK_SET);
    must(mf_in_open(&in, store, "memory", err), err);
    must(mf_out_open(&out, sink, "/dev/null", err), err);
    double begin = now();
    must(mf_split_run(in, out, p, NULL, err), err);
    double seconds = now() - begin;
    mf_in_close(in);
    mf_out_close(out);
    return seconds;
}

int main(int argc, char *argv[])
{
    static const char *const name[] = {"pairs", "per-user", "leave-out", "users"};
    mf_err err = {0};
    uint32_t users = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 300000;
    int sink = open("/dev/null", O_WRONLY), store = memfd_create("bundle", 0);
    if (users == 0 || sink < 0 || store < 0) {
        fprintf(stderr, "usage: split_bench [USERS]\n");
        return 2;
    }
    make(store, users, &err);
    double bytes = 8.0 * CELLS * users;
    printf("%u users of %d cells, %.0f MB of ratings\n", users, CELLS, bytes / 1e6);
    for (int method = MF_SPLIT_PAIRS; method <= MF_SPLIT_USERS; method++) {
        mf_split_params p = mf_split_defaults();
        p.method = (mf_split_method)method;
        for (int all = 0; all < 2; all++) {
            double best = 1e300;
            p.threads = all ? mf__par_threads(0) : 1;
            for (int i = 0; i < TIMES; i++) {
                double seconds = seconds_of(store, sink, &p, &err);
                best = seconds < best ? seconds : best;
            }
            printf("%-10s %2d threads %7.0f MB/s\n", name[method], p.threads,
                   bytes / best / 1e6);
        }
    }
    return 0;
}
