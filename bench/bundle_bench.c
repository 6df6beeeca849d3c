/* How fast bundles are read, passed on and written, on one core.
 *
 *     bundle_bench [ROWS] [CELLS PER ROW]
 *
 * A bundle of counts with folds is made in memory; each figure is the best of
 * five, in bytes of the bundle. Output goes to /dev/null, so that the figures
 * are ours and not a disk's. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/rng.h"
#include "mf/bundle.h"
#include "mf/model.h"

enum { ITEMS = 50000, TIMES = 5 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void must(int code, const mf_err *err)
{
    if (code < 0) {
        fprintf(stderr, "bundle_bench: %s\n", err->text);
        exit(1);
    }
}

static void number_ids(mf_ids *ids, uint32_t n, mf_err *err)
{
    char text[32];
    for (uint32_t i = 0; i < n; i++) {
        int len = snprintf(text, sizeof text, "id%09u", i);
        must(mf_ids_append(ids, text, (size_t)len, err), err);
    }
}

typedef struct matrix {
    uint32_t rows, cells; /* cells in each row */
    mf_ids users, items;
    uint32_t *item, *count; /* of one row, used for all */
    uint8_t *fold;
} matrix;

static matrix make(uint32_t rows, uint32_t cells, mf_err *err)
{
    matrix m = {.rows = rows, .cells = cells};
    mf_rng rng = mf__rng_make(1, MF_STREAM_TEST, 0);
    number_ids(&m.users, rows, err);
    number_ids(&m.items, ITEMS, err);
    m.item = mf__new(cells, sizeof *m.item);
    m.count = mf__new(cells, sizeof *m.count);
    m.fold = mf__new(cells, 1);
    if (!m.item || !m.count || !m.fold)
        must(mf__nomem(err), err);
    for (uint32_t t = 0; t < cells; t++) {
        m.item[t] = t * (ITEMS / cells) + mf__rng_below(&rng, ITEMS / cells);
        m.count[t] = 1 + mf__rng_below(&rng, 100);
        m.fold[t] = mf__rng_below(&rng, 10) == 0 ? 2 : 0;
    }
    return m;
}

static void write_to(int fd, const matrix *m, mf_err *err)
{
    mf_out *out;
    mf_bundle_writer *w;
    mf_stage stage = mf_stage_make("bundle_bench");
    mf_header header = {.users = m->rows,
                        .items = ITEMS,
                        .nnz_known = true,
                        .nnz = (uint64_t)m->rows * m->cells};
    must(mf_out_open(&out, fd, "output", err), err);
    must(mf_bundle_writer_open(&w, out, err), err);
    must(mf_bundle_put_header(w, &header, NULL, err), err);
    must(mf_bundle_put_ids(w, MF_USER, &m->users, err), err);
    must(mf_bundle_put_ids(w, MF_ITEM, &m->items, err), err);
    for (uint32_t u = 0; u < m->rows; u++)
        must(mf_bundle_put_row(w, m->cells, m->item, m->count, m->fold, err), err);
    must(mf_bundle_put_end(w, NULL, &stage, err), err);
    mf_bundle_writer_close(w);
    mf_out_close(out);
}

enum { READ, PASS, CHANGE };

static void read_from(int fd, int sink, int what, mf_err *err)
{
    mf_in *in;
    mf_out *out;
    mf_bundle_reader *r;
    mf_bundle_writer *w;
    const mf_record *rec;
    mf_stage stage = mf_stage_make("bundle_bench");
    must(mf_in_open(&in, fd, "bundle", err), err);
    must(mf_out_open(&out, sink, "output", err), err);
    must(mf_bundle_reader_open(&r, in, err), err);
    must(mf_bundle_writer_open(&w, out, err), err);
    int code;
    while ((code = mf_bundle_next(r, &rec, err)) == 1) {
        if (what == CHANGE && rec->kind == MF_REC_ROWS)
            must(mf_bundle_put_rows_like(w, rec, MF_U32, NULL, NULL, err), err);
        else if (what != READ)
            must(mf_bundle_pass(w, rec, err), err);
    }
    must(code, err);
    if (what != READ)
        must(mf_bundle_put_end(w, r, &stage, err), err);
    mf_bundle_writer_close(w);
    mf_bundle_reader_close(r);
    mf_out_close(out);
    mf_in_close(in);
}

static void load_from(int fd, mf_err *err)
{
    mf_in *in;
    mf_model model;
    must(mf_in_open(&in, fd, "bundle", err), err);
    must(mf_model_load(&model, in, MF_WANT_RATINGS, NULL, NULL, err), err);
    mf_model_free(&model);
    mf_in_close(in);
}

int main(int argc, char *argv[])
{
    mf_err err = {0};
    uint32_t rows = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 400000;
    uint32_t cells = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 40;
    if (rows == 0 || cells == 0 || cells > ITEMS) {
        fprintf(stderr, "usage: bundle_bench [ROWS] [CELLS PER ROW, 1 .. %d]\n", ITEMS);
        return 2;
    }
    matrix m = make(rows, cells, &err);
    int sink = open("/dev/null", O_WRONLY), store = memfd_create("bundle", 0);
    if (sink < 0 || store < 0) {
        perror("bundle_bench");
        return 1;
    }
    write_to(store, &m, &err);
    double bytes = (double)lseek(store, 0, SEEK_END);
    printf("%u rows of %u cells, %.0f MB\n", rows, cells, bytes / 1e6);

    static const char *const name[] = {"read", "read and pass on",
                                       "read and rewrite rows", "load into memory",
                                       "write rows"};
    for (int what = 0; what < 5; what++) {
        double best = 1e300;
        for (int i = 0; i < TIMES; i++) {
            lseek(store, 0, SEEK_SET);
            double begin = now();
            if (what == 4)
                write_to(sink, &m, &err);
            else if (what == 3)
                load_from(store, &err);
            else
                read_from(store, sink, what, &err);
            double seconds = now() - begin;
            best = seconds < best ? seconds : best;
        }
        printf("%-24s %7.0f MB/s\n", name[what], bytes / best / 1e6);
    }
    mf_ids_free(&m.users);
    mf_ids_free(&m.items);
    free(m.item);
    free(m.count);
    free(m.fold);
    return 0;
}
