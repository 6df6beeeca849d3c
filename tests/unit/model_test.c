/* A whole bundle in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aid.h"
#include "mf/model.h"

enum { BOTH = MF_WANT_RATINGS | MF_WANT_FACTORS };

static int load(mf_model *m, const aid_bytes *b, unsigned want, mf_err *err)
{
    mf_in *in = aid_in(b->data, b->size);
    int code = mf_model_load(m, in, want, NULL, NULL, err);
    aid_in_close(in);
    return code;
}

static void a_model_is_loaded_whole(void **state)
{
    (void)state;
    aid_bytes b = aid_sample(3, MF_U32);
    mf_model m;
    mf_err err = {0};
    if (load(&m, &b, BOTH, &err) != MF_OK)
        fail_msg("%s", err.text);
    assert_true(m.has_ratings && m.has_factors);
    assert_int_equal(mf_csr_check(&m.ratings.x, NULL), MF_OK);
    assert_int_equal(m.ratings.x.rows, 5);
    assert_int_equal(m.ratings.x.nnz, 13);
    assert_int_equal(m.ratings.count[5], UINT32_MAX);
    assert_int_equal(m.ratings.count[11], 16777217); /* x.val rounds this */
    assert_true(m.ratings.x.val[0] == 1);
    assert_int_equal(m.ratings.fold[9], MF_FOLD_IN);
    assert_int_equal(m.ratings.users.n, 5);
    assert_int_equal(m.ratings.items.n, 6);
    assert_int_equal(m.users.personas, 3);
    assert_int_equal(m.users.n, 5);
    assert_int_equal(m.items.n, 6);
    assert_int_equal((uintptr_t)m.users.data % 64, 0);
    assert_int_equal((uintptr_t)m.items.data % 64, 0);
    assert_true(mf_tensor_at(&m.users, 4, 2)[1] == 29.0f / 8 - 1);
    assert_int_equal(m.zptr[5], 9);
    assert_int_equal(m.z[8], 2);
    assert_int_equal(m.history_n, 3);
    assert_int_equal(m.stages, 1);
    uint64_t digest = 0;
    for (size_t i = 0; i < 8; i++)
        digest = digest << 8 | b.data[b.size - 8 + i];
    assert_true(m.digest == digest);
    /* a persona that owns nothing does not speak where a sibling owns something */
    assert_int_equal(mf_model_active(&m, 0), 7);
    assert_int_equal(mf_model_active(&m, 1), 2);
    assert_int_equal(mf_model_active(&m, 2), 7); /* no training cell: all */
    assert_int_equal(mf_model_active(&m, 4), 4);
    mf_model_free(&m);
    mf_model_free(&m); /* what is zeroed may be freed */
    aid_free(&b);
}

static void biases_and_the_rest_of_the_card_come_back_as_written(void **state)
{
    (void)state;
    mf_card card = {.k = 2,
                    .personas = 1,
                    .preset = "explicit",
                    .assign = "max",
                    .confidence = "log",
                    .alpha = 3,
                    .eps = 0.5,
                    .lambda_bias = 0.25,
                    .mu = 7};
    mf_header header = {.users = 0, .items = 3, .nnz_known = true};
    mf_stage stage = mf_stage_make("test");
    mf_tensor items;
    mf_ids ids = {0};
    mf_bundle_writer *w;
    mf_model m;
    int fd;
    mf_out *out = aid_out(&fd);
    assert_int_equal(mf_tensor_alloc(&items, 3, 1, 2, NULL), MF_OK);
    assert_int_equal(mf_tensor_add_bias(&items, NULL), MF_OK);
    for (uint32_t i = 0; i < 3; i++) {
        items.bias[i] = (float)i - 1.5f;
        assert_int_equal(mf_ids_append(&ids, &"abc"[i], 1, NULL), MF_OK);
    }
    assert_int_equal(mf_bundle_writer_open(&w, out, NULL), MF_OK);
    assert_int_equal(mf_bundle_put_header(w, &header, NULL, NULL), MF_OK);
    assert_int_equal(mf_bundle_put_ids(w, MF_ITEM, &ids, NULL), MF_OK);
    assert_int_equal(mf_bundle_put_card(w, &card, NULL), MF_OK);
    assert_int_equal(mf_bundle_put_factors(w, MF_ITEM, &items, NULL, NULL, NULL),
                     MF_OK);
    assert_int_equal(mf_bundle_put_end(w, NULL, &stage, NULL), MF_OK);
    mf_bundle_writer_close(w);
    aid_bytes b = aid_out_close(out, fd);
    mf_err err = {0};
    if (load(&m, &b, MF_WANT_FACTORS, &err) != MF_OK)
        fail_msg("%s", err.text);
    assert_memory_equal(m.items.bias, items.bias, 3 * sizeof(float));
    assert_string_equal(m.card.assign, "max");
    assert_string_equal(m.card.confidence, "log");
    assert_true(m.card.alpha == 3 && m.card.eps == 0.5 && m.card.lambda_bias == 0.25);
    assert_true(m.card.mu == 7);
    mf_model_free(&m);
    mf_tensor_free(&items);
    mf_ids_free(&ids);
    aid_free(&b);
}

static void what_is_not_wanted_is_not_kept(void **state)
{
    (void)state;
    aid_bytes b = aid_sample(1, MF_F32);
    mf_model m;
    assert_int_equal(load(&m, &b, MF_WANT_FACTORS, NULL), MF_OK);
    assert_null(m.ratings.x.col);
    assert_true(m.has_ratings);
    assert_non_null(m.users.data);
    assert_null(m.z);
    assert_int_equal(mf_model_active(&m, 0), 1);
    mf_model_free(&m);
    assert_int_equal(load(&m, &b, MF_WANT_RATINGS, NULL), MF_OK);
    assert_null(m.ratings.count);
    assert_null(m.users.data);
    mf_model_free(&m);
    aid_free(&b);
}

static void what_is_wanted_and_missing_is_an_error(void **state)
{
    (void)state;
    aid_bytes b = aid_sample(0, MF_U32);
    mf_model m;
    mf_err err = {0};
    assert_int_equal(load(&m, &b, BOTH, &err), MF_EFORMAT);
    assert_non_null(
        strstr(err.text, "test: the bundle holds no model; pipe it through mf-als"));
    assert_null(m.ratings.x.ptr);
    aid_free(&b);

    b = aid_sample(1, MF_U32); /* factors without ratings */
    aid_doc *doc = aid_doc_read(b.data, b.size);
    for (size_t i = doc->n; i-- > 0;)
        if (doc->part[i].tag == 'R')
            aid_doc_remove(doc, i);
    aid_doc_count(doc);
    aid_doc_set_u64(doc, doc->n - 1, "nnz", 0);
    aid_bytes bare = aid_doc_write(doc);
    err = (mf_err){0};
    assert_int_equal(load(&m, &bare, BOTH, &err), MF_EFORMAT);
    assert_non_null(strstr(err.text, "no ratings"));
    assert_int_equal(load(&m, &bare, MF_WANT_FACTORS, NULL), MF_OK);
    mf_model_free(&m);
    aid_doc_free(doc);
    aid_free(&bare);
    aid_free(&b);
}

static aid_bytes empty(uint32_t users, uint32_t items, mf_value value)
{
    int fd;
    mf_out *out = aid_out(&fd);
    mf_bundle_writer *w;
    mf_header h = {.users = users, .items = items, .nnz_known = true, .value = value};
    mf_stage stage = mf_stage_make("test");
    mf_ids ids = {0};
    static const char letter[] = "abcdef";
    assert_int_equal(mf_bundle_writer_open(&w, out, NULL), MF_OK);
    assert_int_equal(mf_bundle_put_header(w, &h, NULL, NULL), MF_OK);
    for (int axis = 0; axis < 2; axis++) {
        for (uint32_t i = 0; i < (axis ? items : users); i++)
            assert_int_equal(mf_ids_append(&ids, letter + i, 1, NULL), MF_OK);
        assert_int_equal(mf_bundle_put_ids(w, axis ? MF_ITEM : MF_USER, &ids, NULL),
                         MF_OK);
        mf_ids_free(&ids);
    }
    for (uint32_t u = 0; u < users; u++)
        assert_int_equal(mf_bundle_put_row(w, 0, NULL, NULL, NULL, NULL), MF_OK);
    assert_int_equal(mf_bundle_put_end(w, NULL, &stage, NULL), MF_OK);
    mf_bundle_writer_close(w);
    return aid_out_close(out, fd);
}

static void bundles_of_nothing_load(void **state)
{
    (void)state;
    for (uint32_t users = 0; users < 3; users += 2)
        for (uint32_t items = 0; items < 3; items += 2)
            for (int value = 0; value < 2; value++) {
                aid_bytes b = empty(users, items, value ? MF_F32 : MF_U32), passed;
                mf_model m;
                mf_err err = {0};
                if (load(&m, &b, MF_WANT_RATINGS, &err) != MF_OK)
                    fail_msg("%s", err.text);
                assert_int_equal(mf_csr_check(&m.ratings.x, NULL), MF_OK);
                assert_int_equal(m.ratings.count == NULL,
                                 value); /* no cells are still counts */
                mf_model_free(&m);
                assert_int_equal(aid_pass(b.data, b.size, true, &passed, &err), 0);
                aid_free(&passed);
                aid_free(&b);
            }
}

static void a_model_is_passed_through_without_its_factors(void **state)
{
    (void)state;
    aid_bytes b = aid_sample_foreign();
    mf_in *in = aid_in(b.data, b.size);
    int fd;
    mf_out *out = aid_out(&fd);
    mf_bundle_writer *w;
    mf_bundle_reader *r;
    mf_model m;
    mf_err err = {0};
    mf_stage stage = mf_stage_make("test");
    assert_int_equal(mf_bundle_writer_open(&w, out, NULL), MF_OK);
    assert_int_equal(mf_model_load(&m, in, MF_WANT_RATINGS, w, &r, &err), MF_OK);
    assert_int_equal(mf_bundle_put_end(w, r, &stage, &err), MF_OK);
    mf_bundle_reader_close(r);
    mf_bundle_writer_close(w);
    mf_model_free(&m);
    aid_in_close(in);
    aid_bytes got = aid_out_close(out, fd);
    aid_doc *doc = aid_doc_read(got.data, got.size);
    char tags[32] = "";
    for (size_t i = 0; i < doc->n; i++)
        tags[i] = doc->part[i].tag;
    assert_string_equal(tags, "HIIRRRRxE");
    assert_int_equal(aid_read(got.data, got.size, NULL, &err), 0);
    aid_doc_free(doc);
    aid_free(&got);
    aid_free(&b);
}

static void a_failure_leaves_nothing(void **state)
{
    (void)state;
    aid_bytes b = aid_sample(3, MF_U32);
    mf_bundle_reader *r = (mf_bundle_reader *)(uintptr_t)1;
    for (size_t size = 0; size < b.size; size += 7) {
        mf_model m;
        mf_in *in = aid_in(b.data, size);
        assert_int_equal(mf_model_load(&m, in, BOTH, NULL, &r, NULL), MF_EFORMAT);
        aid_in_close(in);
        assert_null(r);
        static const mf_model none;
        assert_memory_equal(&m, &none, sizeof m);
    }
    aid_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_is_loaded_whole),
        cmocka_unit_test(biases_and_the_rest_of_the_card_come_back_as_written),
        cmocka_unit_test(what_is_not_wanted_is_not_kept),
        cmocka_unit_test(what_is_wanted_and_missing_is_an_error),
        cmocka_unit_test(bundles_of_nothing_load),
        cmocka_unit_test(a_model_is_passed_through_without_its_factors),
        cmocka_unit_test(a_failure_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
