/* The reader, the loader and the writer, on bundles that nobody would write.
 *
 * A fuzzer cannot guess checks, so the checks of the input are made right
 * first: the input is taken as frames [tag, bin, check], and each check is put
 * in its place. Bundles whose checks are wrong are the unit tests' affair. */
#include <string.h>

#include <xxhash.h>

#include "fuzz.h"
#include "mf/model.h"

/* Put the right checks into a copy of the bytes. */
static void mend(uint8_t *data, size_t size)
{
    uint64_t check = 0;
    for (size_t at = 0; size - at >= 4 + 9;) {
        size_t width = data[at + 3] == 0xc4 ? 1 : data[at + 3] == 0xc5 ? 2 : 4, n = 0;
        size_t head = 4 + width;
        if (size - at < head + 9)
            return;
        for (size_t i = 0; i < width; i++)
            n = n << 8 | data[at + 4 + i];
        if (n > size - at - head - 9)
            return;
        /* tag and payload side by side, where the last byte of the head was */
        uint8_t *payload = data + at + head, last = payload[-1];
        payload[-1] = data[at + 2];
        check = XXH3_64bits_withSeed(payload - 1, n + 1, check);
        payload[-1] = last;
        payload[n] = 0xcf;
        for (size_t i = 0; i < 8; i++)
            payload[n + 1 + i] = (uint8_t)(check >> (56 - 8 * i));
        at += head + n + 9;
    }
}

/* What a reader showed, as a number; the code of its end in *code. */
static uint64_t read_all(const uint8_t *data, size_t size, int *code, mf_err *err)
{
    mf_in *in;
    mf_bundle_reader *r;
    const mf_record *rec;
    uint64_t sum = 0;
    PROMISE(mf_in_open(&in, fuzz_file(data, size), "fuzz", NULL) == MF_OK);
    PROMISE(mf_bundle_reader_open(&r, in, NULL) == MF_OK);
    while ((*code = mf_bundle_next(r, &rec, err)) == 1) {
        sum = XXH3_64bits_withSeed(&rec->tag, 1, sum);
        if (rec->kind == MF_REC_ROWS) {
            const mf_row_block *b = &rec->rows;
            size_t cells = 0;
            for (uint32_t i = 0; i < b->n; i++) {
                for (size_t t = cells; t < cells + b->len[i]; t++) {
                    PROMISE(b->item[t] < mf_bundle_header(r)->items && b->fold[t] < 4);
                    PROMISE(t == cells || b->item[t] > b->item[t - 1]);
                }
                cells += b->len[i];
            }
            PROMISE(cells == b->cells);
            sum = XXH3_64bits_withSeed(b->item, 4 * cells, sum);
            sum = XXH3_64bits_withSeed(b->u32 ? (const void *)b->u32 : b->f32,
                                       4 * cells, sum);
        } else if (rec->kind == MF_REC_FACTORS) {
            const mf_factor_block *b = &rec->factors;
            sum = XXH3_64bits_withSeed(b->data,
                                       sizeof(float) * b->n * b->personas * b->k, sum);
        } else if (rec->kind == MF_REC_IDS) {
            sum = XXH3_64bits_withSeed(rec->ids.len, 4 * (size_t)rec->ids.n, sum);
        }
    }
    mf_bundle_reader_close(r);
    mf_in_close(in);
    return sum;
}

static uint8_t *rewritten(const uint8_t *data, size_t size, size_t *bytes)
{
    static int sink = -1;
    mf_in *in;
    mf_out *out;
    mf_bundle_reader *r;
    mf_bundle_writer *w;
    const mf_record *rec;
    mf_err err = {0};
    mf_stage stage = mf_stage_make("fuzz");
    int code;
    if (sink < 0)
        sink = memfd_create("sink", 0);
    PROMISE(ftruncate(sink, 0) == 0 && lseek(sink, 0, SEEK_SET) == 0);
    PROMISE(mf_in_open(&in, fuzz_file(data, size), "fuzz", NULL) == MF_OK);
    PROMISE(mf_out_open(&out, sink, "sink", NULL) == MF_OK);
    PROMISE(mf_bundle_reader_open(&r, in, NULL) == MF_OK);
    PROMISE(mf_bundle_writer_open(&w, out, NULL) == MF_OK);
    while ((code = mf_bundle_next(r, &rec, &err)) == 1) {
        if (rec->kind == MF_REC_HEADER)
            code = mf_bundle_put_header(w, &rec->header, rec, &err);
        else if (rec->kind == MF_REC_ROWS)
            code = mf_bundle_put_rows_like(w, rec, rec->rows.u32 ? MF_U32 : MF_F32,
                                           NULL, NULL, &err);
        else
            code = mf_bundle_pass(w, rec, &err);
        if (code < 0)
            break;
    }
    if (code == 0)
        code = mf_bundle_put_end(w, r, &stage, &err);
    mf_bundle_writer_close(w);
    mf_bundle_reader_close(r);
    mf_out_close(out);
    mf_in_close(in);
    if (code < 0) { /* too many keys or stages, too large: nothing else may stop it */
        PROMISE(code == MF_ERANGE);
        return NULL;
    }
    *bytes = (size_t)lseek(sink, 0, SEEK_END);
    uint8_t *copy = malloc(*bytes);
    PROMISE(copy && pread(sink, copy, *bytes, 0) == (ssize_t)*bytes);
    return copy;
}

static int load(const uint8_t *data, size_t size)
{
    mf_in *in;
    mf_model m;
    mf_err err = {0};
    PROMISE(mf_in_open(&in, fuzz_file(data, size), "fuzz", NULL) == MF_OK);
    int code =
        mf_model_load(&m, in, MF_WANT_RATINGS | MF_WANT_FACTORS, NULL, NULL, &err);
    if (code == MF_OK) {
        PROMISE(mf_csr_check(&m.ratings.x, NULL) == MF_OK);
        PROMISE(m.users.n == m.header.users && m.items.n == m.header.items);
        for (uint32_t u = 0; u < m.users.n; u++)
            PROMISE(mf_model_active(&m, u) != 0);
    } else {
        fuzz_error(code, &err);
        PROMISE(!m.ratings.x.col && !m.users.data && !m.stage);
    }
    mf_model_free(&m);
    mf_in_close(in);
    return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    mf_err first = {0}, second = {0}, third = {0};
    int a, b;
    PROMISE(copy);
    if (size)
        memcpy(copy, data, size);
    mend(copy, size);
    uint64_t sum = read_all(copy, size, &a, &first);
    PROMISE(sum == read_all(copy, size, &b, &second) && a == b);
    PROMISE(strcmp(first.text, second.text) == 0);
    int loaded = load(copy, size);
    if (a < 0) {
        fuzz_error(a, &first);
        PROMISE(loaded < 0);
    } else { /* what is read can be written, and is then read the same */
        size_t bytes = 0;
        uint8_t *again = rewritten(copy, size, &bytes);
        if (again) {
            int code;
            uint64_t after = read_all(again, bytes, &code, &third);
            PROMISE(code == 0);
            PROMISE(after == sum);
        }
        free(again);
    }
    free(copy);
    return 0;
}
