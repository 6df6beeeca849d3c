/* Rows of a bundle, and how frames cut them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aid.h"
#include "wire/writer.h"

/* Rows of n cells, of which some folds are not 0, in frames of `cells`. */
static aid_bytes rows_in_frames(size_t cells, uint32_t users, uint32_t items)
{
    mf_bundle_writer *w;
    int fd;
    mf_out *out = aid_out(&fd);
    mf_header h = {.users = users, .items = items, .value = MF_F32};
    mf_stage stage = mf_stage_make("test");
    mf_ids ids[2] = {{0}, {0}};
    uint32_t *item = calloc(items + 1, sizeof *item);
    float *value = calloc(items + 1, sizeof *value);
    uint8_t *fold = calloc(items + 1, 1);
    char name[16];
    for (int axis = 0; axis < 2; axis++)
        for (uint32_t i = 0; i < (axis ? items : users); i++) {
            snprintf(name, sizeof name, "%08u", i);
            assert_int_equal(mf_ids_append(&ids[axis], name, 8, NULL), MF_OK);
        }
    assert_int_equal(mf_bundle_writer_open(&w, out, NULL), MF_OK);
    mf__writer_row_cells(w, cells);
    assert_int_equal(mf_bundle_put_header(w, &h, NULL, NULL), MF_OK);
    assert_int_equal(mf_bundle_put_ids(w, MF_USER, &ids[0], NULL), MF_OK);
    assert_int_equal(mf_bundle_put_ids(w, MF_ITEM, &ids[1], NULL), MF_OK);
    for (uint32_t u = 0; u < users; u++) {
        uint32_t n = u * 7 % (items + 1); /* 0 to all items */
        for (uint32_t t = 0; t < n; t++) {
            item[t] = t + items - n;
            value[t] = (float)(u * items + t);
            fold[t] = (u + t) % 4 == 3;
        }
        assert_int_equal(
            mf_bundle_put_row(w, n, item, value, u % 3 ? fold : NULL, NULL), MF_OK);
    }
    assert_int_equal(mf_bundle_put_end(w, NULL, &stage, NULL), MF_OK);
    mf_bundle_writer_close(w);
    mf_ids_free(&ids[0]);
    mf_ids_free(&ids[1]);
    free(item);
    free(value);
    free(fold);
    return aid_out_close(out, fd);
}

/* All cells of a bundle, whatever its frames: len, then item, value, fold of
 * each row. */
static aid_bytes cells_of(const aid_bytes *b)
{
    aid_bytes all = {0};
    mf_in *in = aid_in(b->data, b->size);
    mf_bundle_reader *r;
    const mf_record *rec;
    mf_err err = {0};
    assert_int_equal(mf_bundle_reader_open(&r, in, &err), MF_OK);
    int code;
    while ((code = mf_bundle_next(r, &rec, &err)) == 1) {
        const mf_row_block *rows = &rec->rows;
        if (rec->kind != MF_REC_ROWS)
            continue;
        for (size_t i = 0, at = 0; i < rows->n; at += rows->len[i++]) {
            aid_add(&all, &rows->len[i], 4);
            aid_add(&all, rows->item + at, 4 * (size_t)rows->len[i]);
            aid_add(&all, rows->f32 + at, 4 * (size_t)rows->len[i]);
            aid_add(&all, rows->fold + at, rows->len[i]);
        }
    }
    if (code < 0)
        fail_msg("%s", err.text);
    mf_bundle_reader_close(r);
    aid_in_close(in);
    return all;
}

static void rows_are_the_same_however_frames_cut_them(void **state)
{
    (void)state;
    aid_bytes whole = rows_in_frames(1 << 17, 40, 23), want = cells_of(&whole);
    for (size_t cells = 1; cells <= 30; cells++) {
        aid_bytes cut = rows_in_frames(cells, 40, 23), got = cells_of(&cut), passed;
        assert_int_equal(got.size, want.size);
        assert_memory_equal(got.data, want.data, want.size);
        aid_free(&got);
        mf_err err = {0};
        if (aid_pass(cut.data, cut.size, true, &passed, &err) != 0)
            fail_msg("%s", err.text);
        assert_true(
            aid_same_but_end(&cut, &passed)); /* the cuts stay where they were */
        aid_free(&passed);
        aid_free(&cut);
    }
    aid_free(&whole);
    aid_free(&want);
}

/* One row of so many cells that with its folds it passes 8 MiB. */
static void a_frame_that_grows_past_the_limit_becomes_two(void **state)
{
    (void)state;
    enum { CELLS = 1000000 };
    aid_bytes plain = rows_in_frames(1 << 17, 8, 1); /* 7 % 2: rows of 0 or 1 cell */
    aid_doc *doc = aid_doc_read(plain.data, plain.size);
    size_t row = aid_doc_find(doc, 'R', 0), items = aid_doc_find(doc, 'I', 1);
    static const uint32_t len[8] = {CELLS / 2, 0, 0, 0, 0, 0, CELLS / 2, 0};
    uint32_t *number = calloc(CELLS, sizeof *number), *eights = calloc(CELLS / 2, 4);
    aid_bytes names = {0};
    uint8_t v[AID_VALUE];
    aid_add(&names, v, aid_head(v, 0xdb, CELLS / 2 * 8));
    for (uint32_t i = 0; i < CELLS; i++)
        number[i] = i % (CELLS / 2);
    for (uint32_t i = 0; i < CELLS / 2; i++) {
        char name[16];
        snprintf(name, sizeof name, "%08u", i);
        aid_add(&names, name, 8);
        eights[i] = 8;
    }
    aid_doc_set_u64(doc, 0, "items", CELLS / 2);
    aid_doc_set_u64(doc, items, "n", CELLS / 2);
    aid_doc_set_bin(doc, items, "len", eights, CELLS / 2 * 4);
    aid_doc_set(doc, items, "text", names.data, names.size);
    aid_doc_set_bin(doc, row, "len", len, sizeof len);
    aid_doc_set_bin(doc, row, "item", number, CELLS * 4);
    aid_doc_set_bin(doc, row, "value", number, CELLS * 4);
    aid_doc_set(doc, row, "fold", NULL, 0);
    aid_doc_set_u64(doc, doc->n - 1, "nnz", CELLS);
    for (uint32_t i = 0; i < CELLS; i++)
        number[i] = 0x3f800000;
    aid_doc_set_bin(doc, row, "value", number, CELLS * 4);
    aid_bytes big = aid_doc_write(doc);

    uint8_t *fold = calloc(CELLS, 1);
    fold[CELLS - 1] = 2;
    int fd;
    mf_in *in = aid_in(big.data, big.size);
    mf_out *out = aid_out(&fd);
    mf_bundle_reader *r;
    mf_bundle_writer *w;
    const mf_record *rec;
    mf_err err = {0};
    mf_stage stage = mf_stage_make("test");
    assert_int_equal(mf_bundle_reader_open(&r, in, &err), MF_OK);
    assert_int_equal(mf_bundle_writer_open(&w, out, &err), MF_OK);
    int code;
    while ((code = mf_bundle_next(r, &rec, &err)) == 1) {
        code = rec->kind == MF_REC_ROWS
                   ? mf_bundle_put_rows_like(w, rec, MF_F32, NULL, fold, &err)
                   : mf_bundle_pass(w, rec, &err);
        if (code < 0)
            break;
    }
    if (code < 0 || mf_bundle_put_end(w, r, &stage, &err) < 0)
        fail_msg("%s", err.text);
    mf_bundle_writer_close(w);
    mf_bundle_reader_close(r);
    aid_in_close(in);
    aid_bytes result = aid_out_close(out, fd);
    aid_doc *after = aid_doc_read(result.data, result.size);
    assert_int_equal(after->part[aid_doc_find(after, 'R', 1)].tag, 'R');
    aid_bytes cells = cells_of(&result);
    assert_int_equal(cells.data[cells.size - 4 - 1], 2); /* before the empty last row */
    aid_free(&cells);
    aid_doc_free(after);
    aid_doc_free(doc);
    aid_free(&result);
    aid_free(&big);
    aid_free(&plain);
    aid_free(&names);
    free(fold);
    free(number);
    free(eights);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_the_same_however_frames_cut_them),
        cmocka_unit_test(a_frame_that_grows_past_the_limit_becomes_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
