/* Times of cells in a bundle: written, read, passed on, and refused where they lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lies.h"
#include "mf/model.h"
#include "wire/writer.h"

enum { USERS = 3, ITEMS = 5, CELLS = 8 };
static const uint32_t len[USERS] = {5, 0, 3};
static const uint32_t item[CELLS] = {0, 1, 2, 3, 4, 1, 2, 4};
static const uint32_t count[CELLS] = {1, 2, 3, 4, 5, 6, 7, 8};
/* both bounds of what is allowed, and the epoch */
static const int64_t when[CELLS] = {
    INT64_C(-62167219200), INT64_C(253402300799), 0, -1, 1, 1262304000, 7, 7};

static void put_ids(mf_bundle_writer *w, mf_axis axis, uint32_t n)
{
    mf_ids ids = {0};
    for (uint32_t i = 0; i < n; i++) {
        char text = (char)('a' + i);
        assert_int_equal(mf_ids_append(&ids, &text, 1, NULL), MF_OK);
    }
    assert_int_equal(mf_bundle_put_ids(w, axis, &ids, NULL), MF_OK);
    mf_ids_free(&ids);
}

/* Rows with times, in frames of at most `cells` cells. */
static aid_bytes timed(size_t cells)
{
    int fd;
    mf_out *out = aid_out(&fd);
    mf_bundle_writer *w;
    mf_header h = {.users = USERS, .items = ITEMS, .time = true};
    mf_stage stage = mf_stage_make("test");
    assert_int_equal(mf_bundle_writer_open(&w, out, NULL), MF_OK);
    mf__writer_row_cells(w, cells);
    assert_int_equal(mf_bundle_put_header(w, &h, NULL, NULL), MF_OK);
    put_ids(w, MF_USER, USERS);
    put_ids(w, MF_ITEM, ITEMS);
    for (uint32_t u = 0, at = 0; u < USERS; at += len[u++])
        assert_int_equal(mf_bundle_put_row_time(w, len[u], item + at, count + at, NULL,
                                                when + at, NULL),
                         MF_OK);
    assert_int_equal(mf_bundle_put_end(w, NULL, &stage, NULL), MF_OK);
    mf_bundle_writer_close(w);
    return aid_out_close(out, fd);
}

static void assert_times(const aid_bytes *b)
{
    mf_model m;
    mf_err err = {0};
    mf_in *in = aid_in(b->data, b->size);
    if (mf_model_load(&m, in, MF_WANT_RATINGS, NULL, NULL, &err) != MF_OK)
        fail_msg("%s", err.text);
    assert_true(m.header.time);
    assert_int_equal(m.ratings.x.nnz, CELLS);
    assert_memory_equal(m.ratings.time, when, sizeof when);
    mf_model_free(&m);
    aid_in_close(in);
}

static void times_come_back_whatever_cuts_the_rows(void **state)
{
    (void)state;
    for (size_t cells = 1; cells <= CELLS + 1; cells++) {
        aid_bytes b = timed(cells), out;
        assert_times(&b);
        for (int rewrite = 0; rewrite < 2; rewrite++) {
            mf_err err = {0};
            assert_int_equal(aid_pass(b.data, b.size, rewrite, &out, &err), 0);
            assert_times(&out);
            aid_free(&out);
        }
        aid_free(&b);
    }
}

static bool has(const aid_bytes *b, const char *bytes, size_t n)
{
    return memmem(b->data, b->size, bytes, n) != NULL;
}

static void the_minor_version_is_one_only_with_times(void **state)
{
    (void)state;
    static const char zero[] = "version\x92\x01", one[] = "version\x92\x01\x01";
    aid_bytes with = timed(4), without = aid_sample(0, MF_U32);
    assert_true(has(&with, one, sizeof one - 1));
    assert_true(has(&without, zero, sizeof zero)); /* and its NUL */
    aid_free(&with);
    aid_free(&without);
}

static void a_row_has_what_the_header_says(void **state)
{
    (void)state;
    static const int64_t late = INT64_C(253402300800);
    for (int says = 0; says < 2; says++) {
        int fd;
        mf_out *out = aid_out(&fd);
        mf_bundle_writer *w;
        mf_err err = {0};
        mf_header h = {.users = USERS, .items = ITEMS, .time = says};
        assert_int_equal(mf_bundle_writer_open(&w, out, NULL), MF_OK);
        assert_int_equal(mf_bundle_put_header(w, &h, NULL, NULL), MF_OK);
        assert_int_equal(
            mf_bundle_put_row_time(w, 1, item, count, NULL, says ? NULL : when, &err),
            MF_EINVAL);
        assert_non_null(strstr(err.text, "times"));
        if (says)
            assert_int_equal(
                mf_bundle_put_row_time(w, 1, item, count, NULL, &late, &err),
                MF_EINVAL);
        mf_bundle_writer_close(w);
        aid_bytes b = aid_out_close(out, fd);
        aid_free(&b);
    }
}

static aid_doc *doc_of(aid_bytes b)
{
    aid_doc *doc = aid_doc_read(b.data, b.size);
    aid_free(&b);
    return doc;
}

static void times_that_lie_are_refused(void **state)
{
    (void)state;
    static const int64_t bad[2][5] = {{0, 0, 0, 0, INT64_C(253402300800)},
                                      {INT64_C(-62167219201), 0, 0, 0, 0}};
    aid_doc *doc = doc_of(timed(5));
    size_t i = aid_doc_find(doc, 'R', 0);
    lies_accepted(doc);
    for (int b = 0; b < 2; b++) {
        aid_doc_set_bin(doc, i, "time", bad[b], sizeof bad[b]);
        lies_refused(doc, i, "a time is outside the years 0000 to 9999");
    }
    aid_doc_set_bin(doc, i, "time", when, 4 * sizeof *when);
    lies_refused(doc, i, "'time' has 32 bytes, not 5 times 8");
    aid_doc_set_u64(doc, i, "time", 7);
    lies_refused(doc, i, "time");
    aid_doc_set(doc, i, "time", NULL, 0);
    lies_refused(doc, i, "key 'time' is missing");
    aid_doc_set_u64(doc, 0, "time", 1);
    lies_refused(doc, 0, "key 'time' has a wrong type");
    aid_doc_free(doc);
}

/* Before minor version 1 the key is anybody's, in H and in R. */
static void an_older_bundle_may_have_a_key_of_that_name(void **state)
{
    (void)state;
    static const uint8_t older[] = {0x92, 1, 0};
    aid_doc *doc = doc_of(timed(5));
    size_t i = aid_doc_find(doc, 'R', 0);
    aid_doc_set(doc, 0, "version", older, sizeof older);
    aid_doc_set_u64(doc, 0, "time", 1700000000);
    aid_doc_set_u64(doc, i, "time", 7);
    lies_accepted(doc);
    aid_bytes b = aid_doc_write(doc), out;
    mf_err err = {0};
    assert_int_equal(aid_pass(b.data, b.size, true, &out, &err), 0);
    assert_true(has(&out, "time", 4)); /* passed on */
    assert_true(has(&out, "version\x92\x01\x00", 10));
    aid_free(&b);
    aid_free(&out);
    aid_doc_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_come_back_whatever_cuts_the_rows),
        cmocka_unit_test(the_minor_version_is_one_only_with_times),
        cmocka_unit_test(a_row_has_what_the_header_says),
        cmocka_unit_test(times_that_lie_are_refused),
        cmocka_unit_test(an_older_bundle_may_have_a_key_of_that_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
