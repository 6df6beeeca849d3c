/* A bundle that is as large as one likes, to train on: written row by row.
 *
 *     memory USERS ITEMS CELLS >bundle.mf
 *
 * CELLS is the mean of a user. Items are drawn by a skewed law, within one of a hundred
 * tastes or beyond; ids are those of the Million Song Dataset. bench/memory.sh uses it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "mf/bundle.h"

enum { TASTES = 100 };

static void must(int code, const mf_err *err)
{
    if (code < 0) {
        fprintf(stderr, "memory: %s\n", err->text);
        exit(1);
    }
}

static void put_ids(mf_bundle_writer *w, mf_axis axis, uint32_t n, mf_err *err)
{
    mf_ids ids = {0};
    char text[64];
    for (uint32_t i = 0; i < n; i++) {
        const char *format = axis == MF_USER ? "%08x6f2a1c55d0b94e7f8a3312c4e5d60718"
                                             : "Artist %08u & Band";
        int len = snprintf(text, sizeof text, format, i);
        must(mf_ids_append(&ids, text, (size_t)len, err), err);
    }
    must(mf_bundle_put_ids(w, axis, &ids, err), err);
    mf_ids_free(&ids);
}

static int ascending(const void *x, const void *y)
{
    const uint32_t *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

/* Draw a row of at most `most` items; returns how many are different. */
static uint32_t draw(uint32_t item[], uint32_t most, uint32_t items, mf_rng *rng)
{
    uint32_t taste = (uint32_t)mf__rng_below(rng, TASTES), n = 0;
    for (uint32_t t = 0; t < most; t++) {
        double x = mf__rng_uniform(rng);
        uint32_t i = (uint32_t)((double)items * x * x * sqrt(x));
        if (t % 2 == 0 && items > TASTES) /* one of the taste */
            i = i / TASTES * TASTES + taste;
        item[t] = i < items ? i : items - 1;
    }
    qsort(item, most, sizeof *item, ascending);
    for (uint32_t t = 0; t < most; t++)
        if (n == 0 || item[t] != item[n - 1])
            item[n++] = item[t];
    return n;
}

int main(int argc, char *argv[])
{
    mf_err err = {0};
    if (argc != 4) {
        fprintf(stderr, "usage: memory USERS ITEMS CELLS >bundle.mf\n");
        return 2;
    }
    uint32_t users = (uint32_t)strtoul(argv[1], NULL, 10),
             items = (uint32_t)strtoul(argv[2], NULL, 10),
             mean = (uint32_t)strtoul(argv[3], NULL, 10);
    uint32_t *item = malloc(4 * (size_t)mean * sizeof *item),
             *count = malloc(4 * (size_t)mean * sizeof *count);
    mf_out *out;
    mf_bundle_writer *w;
    mf_header header = {.users = users, .items = items, .value = MF_U32};
    mf_stage stage = mf_stage_make("memory");
    must(item && count ? MF_OK : MF_ENOMEM, &err);
    for (int pass = 0; pass < 2; pass++) { /* to count the cells, and to write them */
        mf_rng rng = mf__rng_make(1, MF_STREAM_TEST, 0);
        if (pass == 1) {
            header.nnz_known = true;
            must(mf_out_open(&out, 1, "standard output", &err), &err);
            must(mf_bundle_writer_open(&w, out, &err), &err);
            must(mf_bundle_put_header(w, &header, NULL, &err), &err);
            put_ids(w, MF_USER, users, &err);
            put_ids(w, MF_ITEM, items, &err);
        }
        for (uint32_t u = 0; u < users; u++) {
            double x = mf__rng_uniform(&rng); /* most are short */
            uint32_t n = draw(item, 1 + (uint32_t)(2.9 * mean * x * x * (.4 + x)), items,
                              &rng);
            for (uint32_t t = 0; t < n; t++)
                count[t] = 1;
            header.nnz += pass == 0 ? n : 0;
            if (pass == 1)
                must(mf_bundle_put_row(w, n, item, count, NULL, &err), &err);
        }
    }
    must(mf_bundle_put_end(w, NULL, &stage, &err), &err);
    mf_bundle_writer_close(w);
    mf_out_close(out);
    fprintf(stderr, "%u users, %u items, %llu cells\n", users, items,
            (unsigned long long)header.nnz);
    return 0;
}
