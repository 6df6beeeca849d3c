/* The bundle: what is written is read, what is not known is passed on. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aid.h"
#include "mf/version.h"
#include "wire/writer.h"

static void assert_reads(const aid_bytes *b, uint64_t *sum)
{
    mf_err err = {0};
    if (aid_read(b->data, b->size, sum, &err) != 0)
        fail_msg("%s", err.text);
}

static void assert_fails(int code, const mf_err *err, const char *words)
{
    assert_true(code < 0);
    if (!strstr(err->text, words))
        fail_msg("'%s' is not in: %s", words, err->text);
}

/* Every record of the sample, field by field. */
static void what_was_written_is_read(void **state)
{
    (void)state;
    aid_bytes b = aid_sample(3, MF_U32);
    mf_in *in = aid_in(b.data, b.size);
    mf_bundle_reader *r;
    const mf_record *rec;
    mf_err err = {0};
    char seen[32] = "";
    assert_int_equal(mf_bundle_reader_open(&r, in, &err), MF_OK);
    int code;
    uint32_t rows = 0;
    while ((code = mf_bundle_next(r, &rec, &err)) == 1) {
        seen[strlen(seen)] = rec->tag;
        switch (rec->kind) {
        case MF_REC_HEADER:
            assert_int_equal(rec->header.users, 5);
            assert_int_equal(rec->header.items, 6);
            assert_true(rec->header.nnz_known);
            assert_int_equal(rec->header.nnz, 13);
            assert_int_equal(rec->header.value, MF_U32);
            break;
        case MF_REC_IDS:
            if (rec->ids.axis == MF_USER)
                assert_memory_equal(rec->ids.text, "annabob", 7);
            else
                assert_memory_equal(rec->ids.text, "ABBA", 4);
            assert_int_equal(rec->ids.first, 0);
            assert_int_equal(rec->ids.len[0], 4);
            break;
        case MF_REC_ROWS:
            assert_int_equal(rec->rows.first, rows);
            rows += rec->rows.n;
            assert_null(rec->rows.f32);
            if (rec->rows.first ==
                0) { /* a row of 6 cells in frames of 4 is whole here */
                assert_int_equal(rec->rows.len[0], 6);
                assert_int_equal(rec->rows.item[5], 5);
                assert_int_equal(rec->rows.u32[5], 4294967295);
                assert_int_equal(rec->rows.fold[3], 2);
            }
            break;
        case MF_REC_CARD:
            assert_int_equal(rec->card.k, 2);
            assert_int_equal(rec->card.personas, 3);
            assert_string_equal(rec->card.preset, "implicit");
            assert_string_equal(rec->card.init, "cluster");
            assert_true(rec->card.overlap == 0.5 && rec->card.lambda_items == 0.02);
            assert_true(rec->card.train != 0 && rec->card.held_out != 0);
            break;
        case MF_REC_FACTORS:
            if (rec->factors.side == MF_USER) {
                assert_int_equal(rec->factors.personas, 3);
                assert_int_equal(rec->factors.n, 5);
                assert_int_equal(rec->factors.z_size, 9);
                assert_int_equal(rec->factors.len[0], 5);
                assert_true(rec->factors.data[29] == 29.0f / 8 - 1);
            } else {
                assert_int_equal(rec->factors.personas, 1);
                assert_null(rec->factors.z);
            }
            break;
        case MF_REC_HISTORY:
            assert_int_equal(rec->history.n, 3);
            assert_string_equal(rec->history.entry[0].half, "start");
            assert_true(isnan(rec->history.entry[0].moved));
            assert_true(rec->history.entry[2].loss == 10);
            break;
        default: fail();
        }
    }
    assert_int_equal(code, 0);
    assert_string_equal(seen, "HIIRRRMFFh");
    assert_int_equal(rows, 5);
    assert_int_equal(mf_bundle_cells(r), 13);
    assert_int_equal(mf_bundle_section(r, 'R'), 4);
    assert_int_equal(mf_bundle_stages(r), 1);
    mf_stage stage;
    assert_int_equal(mf_bundle_stage(r, 0, &stage, &err), MF_OK);
    assert_string_equal(stage.tool, "sample");
    assert_string_equal(stage.version, MF_VERSION);
    assert_true(stage.seeded && stage.seed == 7);
    assert_int_equal(stage.options, 2);
    assert_string_equal(stage.option[0].name, "lambda");
    assert_string_equal(stage.option[0].value, "0.01");
    assert_int_equal(stage.inputs, 1);
    assert_true(stage.input[0].digest == 0x0123456789abcdef);
    assert_int_equal(mf_bundle_stage(r, 1, &stage, NULL), MF_EINVAL);
    assert_int_equal(mf_bundle_next(r, &rec, &err), 0); /* the end stays the end */
    mf_bundle_reader_close(r);
    aid_in_close(in);
    aid_free(&b);
}

static void equal_content_gives_equal_bytes(void **state)
{
    (void)state;
    aid_bytes a = aid_sample(3, MF_F32), b = aid_sample(3, MF_F32);
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.data, b.data, a.size);
    aid_free(&a);
    aid_free(&b);
}

static void passing_and_rewriting_change_nothing_but_provenance(void **state)
{
    (void)state;
    aid_bytes sample[] = {aid_sample(0, MF_U32), aid_sample(1, MF_F32),
                          aid_sample(3, MF_U32), aid_sample_foreign()};
    for (size_t i = 0; i < sizeof sample / sizeof *sample; i++) {
        for (int rewrite = 0; rewrite < 2; rewrite++) {
            aid_bytes out;
            mf_err err = {0};
            uint64_t before, after;
            if (aid_pass(sample[i].data, sample[i].size, rewrite, &out, &err) != 0)
                fail_msg("%s", err.text);
            assert_reads(&sample[i], &before);
            assert_reads(&out, &after);
            if (!rewrite && i < 3) /* as it came, in the shortest framing */
                assert_memory_equal(out.data, sample[i].data, 600);
            assert_true(aid_same_but_end(&sample[i], &out));
            aid_free(&out);
        }
        aid_free(&sample[i]);
    }
}

static bool holds(const aid_bytes *b, const char *text)
{
    return memmem(b->data, b->size, text, strlen(text)) != NULL;
}

static void unknown_keys_of_the_end_are_passed_on(void **state)
{
    (void)state;
    aid_bytes in = aid_sample_foreign(), out;
    mf_err err = {0};
    assert_int_equal(aid_pass(in.data, in.size, true, &out, &err), 0);
    aid_doc *doc = aid_doc_read(out.data, out.size);
    const aid_part *end = &doc->part[doc->n - 1];
    bool found = false;
    for (size_t i = 0; i < end->n; i++)
        found |= strcmp(end->field[i].key, "x_note") == 0;
    assert_true(found);
    aid_doc_free(doc);
    aid_free(&in);
    aid_free(&out);
}

static void the_bundle_before_stands_in_the_provenance(void **state)
{
    (void)state;
    aid_bytes in = aid_sample(1, MF_U32), out;
    mf_err err = {0};
    assert_int_equal(aid_pass(in.data, in.size, false, &out, &err), 0);
    uint64_t digest = 0; /* the last eight bytes, big-endian */
    for (size_t i = 0; i < 8; i++)
        digest = digest << 8 | in.data[in.size - 8 + i];
    mf_in *again = aid_in(out.data, out.size);
    mf_bundle_reader *r;
    const mf_record *rec;
    mf_stage stage;
    assert_int_equal(mf_bundle_reader_open(&r, again, &err), MF_OK);
    while (mf_bundle_next(r, &rec, &err) == 1)
        ;
    assert_int_equal(mf_bundle_stages(r), 2);
    assert_int_equal(mf_bundle_stage(r, 1, &stage, &err), MF_OK);
    assert_string_equal(stage.tool, "aid");
    assert_string_equal(stage.input[0].name, "bundle");
    assert_true(stage.input[0].digest == digest);
    mf_bundle_reader_close(r);
    aid_in_close(again);
    aid_free(&in);
    aid_free(&out);
}

static void only_what_says_safe_outlives_a_change(void **state)
{
    (void)state;
    aid_bytes b = aid_sample_foreign();
    mf_in *in = aid_in(b.data, b.size);
    mf_bundle_reader *r;
    const mf_record *rec;
    char stay[32] = "", go[32] = "";
    assert_int_equal(mf_bundle_reader_open(&r, in, NULL), MF_OK);
    while (mf_bundle_next(r, &rec, NULL) == 1) {
        char *list = mf_bundle_outlives_change(rec) ? stay : go;
        list[strlen(list)] = rec->tag;
    }
    assert_string_equal(stay, "HIIRRRx");
    assert_string_equal(go, "MFFhy");
    mf_bundle_reader_close(r);
    aid_in_close(in);
    aid_free(&b);
}

/* Options that have no room are no provenance: the bundle gets no end. */
static void options_without_room_are_refused(void **state)
{
    (void)state;
    char text[2][300];
    memset(text, 'v', sizeof text);
    text[0][255] = text[1][256] = '\0';
    for (int i = 0; i < 4; i++) {
        mf_bundle_writer *w;
        int fd;
        mf_out *out = aid_out(&fd);
        mf_err err = {0};
        const mf_header h = {.nnz_known = true};
        mf_stage stage = mf_stage_make("test");
        for (int j = 0; i >= 2 && j < MF_STAGE_OPTIONS + i - 2; j++)
            mf_stage_option(&stage, "o", "%d", j);
        if (i < 2)
            mf_stage_option(&stage, "o", "%s", text[i]);
        assert_int_equal(mf_bundle_writer_open(&w, out, NULL), MF_OK);
        assert_int_equal(mf_bundle_put_header(w, &h, NULL, NULL), MF_OK);
        int code = mf_bundle_put_end(w, NULL, &stage, &err);
        assert_int_equal(code, i % 2 ? MF_ERANGE : MF_OK);
        assert_true(i % 2 == 0 || strstr(err.text, "do not fit into provenance"));
        mf_bundle_writer_close(w);
        aid_bytes b = aid_out_close(out, fd);
        aid_free(&b);
    }
}

/* A bundle of one cell with a note; the code of the last put. */
static int put_noted(const char *const note[], size_t notes, aid_bytes *result,
                     mf_err *err)
{
    mf_bundle_writer *w;
    int fd, code = MF_OK;
    mf_out *out = aid_out(&fd);
    const mf_header h = {1, 1, 1, true, MF_U32, false};
    const uint32_t item = 0, count = 3;
    mf_stage stage = mf_stage_make("test");
    mf_ids ids = {0};
    assert_int_equal(mf_ids_append(&ids, "x", 1, NULL), MF_OK);
    assert_int_equal(mf_bundle_writer_open(&w, out, NULL), MF_OK);
    assert_int_equal(mf_bundle_put_header(w, &h, NULL, NULL), MF_OK);
    for (size_t i = 0; code == MF_OK && i < notes; i++)
        code = mf_bundle_put_note(w, note[i], err);
    assert_int_equal(mf_bundle_put_ids(w, MF_USER, &ids, NULL), MF_OK);
    assert_int_equal(mf_bundle_put_ids(w, MF_ITEM, &ids, NULL), MF_OK);
    assert_int_equal(mf_bundle_put_row(w, 1, &item, &count, NULL, NULL), MF_OK);
    assert_int_equal(mf_bundle_put_end(w, NULL, &stage, NULL), MF_OK);
    mf_bundle_writer_close(w);
    mf_ids_free(&ids);
    *result = aid_out_close(out, fd);
    return code;
}

static void a_note_is_written_read_passed_on_and_outlives_a_change(void **state)
{
    (void)state;
    static const char text[] = "Plays of \xc3\xa9t\xc3\xa9 2009\nCC BY-NC";
    const char *const note[] = {text};
    aid_bytes b, out;
    mf_err err = {0};
    assert_int_equal(put_noted(note, 1, &b, &err), MF_OK);
    aid_doc *doc = aid_doc_read(b.data, b.size), *same = aid_doc_read(b.data, b.size);
    assert_int_equal(doc->part[1].tag, 'n');
    aid_doc_remove(same, 1);
    aid_doc_note(same, 1, text);
    aid_bytes by_hand = aid_doc_write(same);
    assert_int_equal(aid_pass(b.data, b.size, true, &out, &err), 0);
    const aid_bytes *all[] = {&b, &by_hand, &out};
    for (size_t i = 0; i < 3; i++) {
        mf_in *in = aid_in(all[i]->data, all[i]->size);
        mf_bundle_reader *r;
        const mf_record *rec;
        size_t notes = 0;
        assert_int_equal(mf_bundle_reader_open(&r, in, NULL), MF_OK);
        while (mf_bundle_next(r, &rec, NULL) == 1)
            if (rec->kind == MF_REC_NOTE) {
                notes++;
                assert_int_equal(rec->note.len, sizeof text - 1);
                assert_memory_equal(rec->note.text, text, rec->note.len);
                assert_true(rec->safe && mf_bundle_outlives_change(rec));
            }
        assert_int_equal(notes, 1);
        assert_int_equal(mf_bundle_section(r, 'n'), 1);
        mf_bundle_reader_close(r);
        aid_in_close(in);
    }
    assert_true(aid_same_but_end(&b, &out));
    aid_doc_free(doc);
    aid_doc_free(same);
    aid_free(&b);
    aid_free(&by_hand);
    aid_free(&out);
}

static void what_is_no_note_is_not_written(void **state)
{
    (void)state;
    static char long_text[MF_NOTE_MAX + 2];
    memset(long_text, 'x', sizeof long_text - 1);
    const char *const note[] = {"", "\xff", long_text, "one", "two"};
    static const char *const words[] = {"the note is empty", "the note is not UTF-8",
                                        "more than 65536 bytes",
                                        "a bundle has one note"};
    for (size_t i = 0; i < 4; i++) {
        mf_err err = {0};
        aid_bytes b;
        assert_int_equal(put_noted(note + i, i == 3 ? 2 : 1, &b, &err), MF_ERANGE);
        assert_fails(MF_ERANGE, &err, words[i]);
        assert_reads(&b, NULL);
        aid_free(&b);
    }
}

static void a_newer_minor_version_is_read_and_kept(void **state)
{
    (void)state;
    static const uint8_t newer[] = {0x92, 1, 0xcd, 1, 0x2c}; /* 1.300 */
    aid_bytes b = aid_sample(1, MF_U32), out;
    aid_doc *doc = aid_doc_read(b.data, b.size);
    aid_doc_set(doc, 0, "version", newer, sizeof newer);
    aid_free(&b);
    b = aid_doc_write(doc);
    mf_err err = {0};
    assert_reads(&b, NULL);
    assert_int_equal(aid_pass(b.data, b.size, true, &out, &err), 0);
    assert_true(memmem(out.data, out.size, newer, sizeof newer) != NULL);
    aid_doc_free(doc);
    aid_free(&b);
    aid_free(&out);
}

static void a_writer_keeps_to_its_header(void **state)
{
    (void)state;
    mf_bundle_writer *w;
    mf_err err = {0};
    mf_stage stage = mf_stage_make("test");
    mf_header h = {.users = 1, .items = 2, .nnz = 2, .nnz_known = true};
    static const uint32_t item[] = {0, 1}, count[] = {1, 1};
    mf_ids user = {0}, items = {0}, wrong = {0};
    assert_int_equal(mf_ids_append(&user, "u", 1, NULL), MF_OK);
    assert_int_equal(mf_ids_append(&items, "a", 1, NULL), MF_OK);
    assert_int_equal(mf_ids_append(&items, "b", 1, NULL), MF_OK);
    assert_int_equal(mf_ids_append(&wrong, "b", 1, NULL), MF_OK);
    assert_int_equal(mf_ids_append(&wrong, "a", 1, NULL), MF_OK);
    for (int what = 0; what < 5; what++) {
        int fd;
        mf_out *out = aid_out(&fd);
        err = (mf_err){0};
        assert_int_equal(mf_bundle_writer_open(&w, out, NULL), MF_OK);
        assert_int_equal(mf_bundle_put_header(w, &h, NULL, NULL), MF_OK);
        assert_int_equal(mf_bundle_put_ids(w, MF_USER, &user, NULL), MF_OK);
        if (what == 3)
            assert_fails(mf_bundle_put_ids(w, MF_ITEM, &wrong, &err), &err,
                         "item id 1 'a' is not after the one before it in byte order");
        else if (what != 2)
            assert_int_equal(mf_bundle_put_ids(w, MF_ITEM, &items, NULL), MF_OK);
        assert_int_equal(
            mf_bundle_put_row(w, what == 0 ? 1 : 2, item, count, NULL, NULL), MF_OK);
        if (what == 1)
            assert_int_equal(mf_bundle_put_row(w, 0, item, count, NULL, NULL), MF_OK);
        int code = mf_bundle_put_end(w, NULL, &stage, &err);
        assert_int_equal(code, what == 4 ? MF_OK : MF_EINVAL);
        assert_true(what != 0 ||
                    strcmp(err.text, "1 cells were put, the header said 2") == 0);
        mf_bundle_writer_close(w);
        aid_bytes b = aid_out_close(out, fd);
        assert_int_equal(aid_read(b.data, b.size, NULL, NULL),
                         what == 4 ? 0 : MF_EFORMAT);
        aid_free(&b);
    }
    mf_ids_free(&user);
    mf_ids_free(&items);
    mf_ids_free(&wrong);
}

static void an_end_waits_for_the_end_of_the_input(void **state)
{
    (void)state;
    aid_bytes b = aid_sample(0, MF_U32);
    mf_in *in = aid_in(b.data, b.size);
    int fd;
    mf_out *out = aid_out(&fd);
    mf_bundle_reader *r;
    mf_bundle_writer *w;
    const mf_record *rec;
    mf_err err = {0};
    mf_stage stage = mf_stage_make("test");
    assert_int_equal(mf_bundle_reader_open(&r, in, NULL), MF_OK);
    assert_int_equal(mf_bundle_writer_open(&w, out, NULL), MF_OK);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(mf_bundle_next(r, &rec, NULL), 1);
        assert_int_equal(mf_bundle_pass(w, rec, NULL), MF_OK);
    }
    assert_fails(mf_bundle_put_end(w, r, &stage, &err), &err, "not verified");
    mf_bundle_writer_close(w);
    mf_bundle_reader_close(r);
    aid_in_close(in);
    aid_bytes got = aid_out_close(out, fd);
    aid_free(&got);
    aid_free(&b);
}

static void many_stages_and_options_survive(void **state)
{
    (void)state;
    aid_bytes b = aid_sample(0, MF_U32);
    for (int i = 0; i < 50; i++) {
        aid_bytes out;
        mf_err err = {0};
        assert_int_equal(aid_pass(b.data, b.size, i % 2, &out, &err), 0);
        aid_free(&b);
        b = out;
    }
    assert_reads(&b, NULL);
    assert_true(holds(&b, "sample"));
    aid_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_without_room_are_refused),
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(equal_content_gives_equal_bytes),
        cmocka_unit_test(passing_and_rewriting_change_nothing_but_provenance),
        cmocka_unit_test(unknown_keys_of_the_end_are_passed_on),
        cmocka_unit_test(the_bundle_before_stands_in_the_provenance),
        cmocka_unit_test(only_what_says_safe_outlives_a_change),
        cmocka_unit_test(a_note_is_written_read_passed_on_and_outlives_a_change),
        cmocka_unit_test(what_is_no_note_is_not_written),
        cmocka_unit_test(a_newer_minor_version_is_read_and_kept),
        cmocka_unit_test(a_writer_keeps_to_its_header),
        cmocka_unit_test(an_end_waits_for_the_end_of_the_input),
        cmocka_unit_test(many_stages_and_options_survive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
