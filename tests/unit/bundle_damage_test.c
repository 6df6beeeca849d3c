/* A bundle with every kind of frame, cut at every byte, with every bit flipped,
 * with frames dropped, doubled and swapped: always an error that says where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aid.h"
#include "wire/frame.h"

static aid_bytes whole; /* at least 1.5 KB, all kinds of frames */
static size_t start[AID_FRAMES + 1], frames;

static int set_up(void **state)
{
    (void)state;
    whole = aid_sample_foreign();
    mf_in *in = aid_in(whole.data, whole.size);
    mf_frame_reader *r;
    mf_frame frame;
    assert_int_equal(mf__frame_reader_open(&r, in, NULL), MF_OK);
    while (mf__frame_next(r, &frame, NULL) == 1)
        start[frames++] = (size_t)frame.offset;
    start[frames] = whole.size;
    mf__frame_reader_close(r);
    aid_in_close(in);
    return whole.size < 1536;
}

static int tear_down(void **state)
{
    (void)state;
    aid_free(&whole);
    return 0;
}

static void refused(const uint8_t *data, size_t size, const char *what, size_t at)
{
    mf_err err = {0};
    int code = aid_read(data, size, NULL, &err);
    unsigned long long frame = 0, offset = 0;
    if (code != MF_EFORMAT)
        fail_msg("%s %zu: %d %s", what, at, code, err.text);
    if (sscanf(err.text, "test: frame %llu@%llu: ", &frame, &offset) != 2 ||
        offset > size)
        fail_msg("%s %zu: no frame and offset: %s", what, at, err.text);
}

static void the_whole_is_read(void **state)
{
    (void)state;
    assert_int_equal(aid_read(whole.data, whole.size, NULL, NULL), 0);
    assert_int_equal(frames, 14);
}

static void a_cut_at_every_byte_is_found(void **state)
{
    (void)state;
    for (size_t size = 0; size < whole.size; size++)
        refused(whole.data, size, "cut at", size);
}

static void every_flipped_bit_is_found(void **state)
{
    (void)state;
    for (size_t bit = 0; bit < 8 * whole.size; bit++) {
        whole.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        refused(whole.data, whole.size, "bit", bit);
        whole.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void every_changed_byte_is_found(void **state)
{
    (void)state;
    for (size_t at = 0; at < whole.size; at++) {
        uint8_t old = whole.data[at];
        static const uint8_t other[] = {0, 0xff, 0xc1, 0x93, 0xcf};
        for (size_t i = 0; i < sizeof other; i++)
            if (other[i] != old) {
                whole.data[at] = other[i];
                refused(whole.data, whole.size, "byte", at);
            }
        whole.data[at] = old;
    }
}

/* The frames of `order`, in that order. */
static aid_bytes arrange(const size_t *order, size_t n)
{
    aid_bytes b = {0};
    for (size_t i = 0; i < n; i++)
        aid_add(&b, whole.data + start[order[i]],
                start[order[i] + 1] - start[order[i]]);
    return b;
}

static void dropped_doubled_and_swapped_frames_are_found(void **state)
{
    (void)state;
    size_t order[2 * AID_FRAMES];
    for (size_t i = 0; i < frames; i++)
        for (size_t j = i; j < frames; j++)
            for (int what = 0; what < 3; what++) {
                size_t n = 0;
                for (size_t k = 0; k < frames; k++) {
                    bool hit = k == i || k == j;
                    if (what == 0 && hit)
                        continue; /* dropped, singly and in pairs */
                    order[n++] = what == 1 && k == i ? j : what == 1 && k == j ? i : k;
                    if (what == 2 && hit)
                        order[n++] = k;
                }
                if (what == 1 && i == j)
                    continue; /* swapped with itself */
                aid_bytes b = arrange(order, n);
                refused(b.data, b.size,
                        what == 0   ? "dropped"
                        : what == 1 ? "swapped"
                                    : "doubled",
                        100 * i + j);
                aid_free(&b);
            }
}

static void nothing_may_follow_the_end(void **state)
{
    (void)state;
    aid_bytes second = aid_sample(1, MF_U32);
    struct {
        const void *data;
        size_t size;
    } suffix[20] = {{"", 1},
                    {"\n", 1},
                    {"\x93", 1},
                    {"\x93\xa1", 2},
                    {"\x93\xa1"
                     "E",
                     3},
                    {"\x93\xa1"
                     "E\xc4",
                     4},
                    {"\xc0", 1},
                    {"\xff\xff\xff\xff", 4},
                    {"garbage", 7},
                    {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16}};
    for (size_t i = 0; i < 10; i++) {
        if (i < 2) { /* a second end; the end and one before */
            suffix[10 + i].data = whole.data + start[frames - 1 - i];
            suffix[10 + i].size = whole.size - start[frames - 1 - i];
        } else if (i < 6) { /* other frames, whole and cut */
            suffix[10 + i].data = whole.data + start[2 * i];
            suffix[10 + i].size = start[2 * i + 1] - start[2 * i] - i % 2;
        } else { /* a second bundle, whole and cut */
            suffix[10 + i].data = second.data;
            suffix[10 + i].size = i == 6 ? second.size : second.size >> i;
        }
    }
    for (size_t i = 0; i < 20; i++) {
        aid_bytes b = {0};
        aid_add(&b, whole.data, whole.size);
        aid_add(&b, suffix[i].data, suffix[i].size);
        refused(b.data, b.size, "suffix", i);
        aid_free(&b);
    }
    /* a second end whose check holds */
    aid_doc *doc = aid_doc_read(second.data, second.size);
    aid_doc_insert(doc, doc->n, 'E');
    aid_part *end = &doc->part[doc->n - 2];
    for (size_t i = 0; i < end->n; i++)
        aid_doc_set(doc, doc->n - 1, end->field[i].key, end->field[i].value.data,
                    end->field[i].value.size);
    aid_bytes two = aid_doc_write(doc);
    refused(two.data, two.size, "two ends", 0);
    aid_free(&two);
    aid_doc_free(doc);
    aid_free(&second);
}

static void what_is_no_bundle_is_called_so(void **state)
{
    (void)state;
    /* first bytes, and what to type */
    static const char *const is[][2] = {
        {"user\titem\t3\n", "--from=tsv"},
        {"user,item,3\nu\ti\n", "--from=csv"},
        {"\xef\xbb\xbfuser,item\n", "--from=csv"},
        {"1::2::5\n", "--from=tsv or csv"},
        {"\n", "--from=tsv or csv"},
        {"{\"a\":1}", "--from=ndjson"},
        {"%%MatrixMarket", "--from=mtx"},
        {"PK\x03\x04", "--from=npz"},
        {"\x93NUMPY", "save_npz"},
        {"\xff\xfeu", "iconv"},
        {"PAR1\x15", "Parquet"},
        {"\x01\x02", "no frame"},
        {"\x93", "cut short"},
        {"\x93\xa1H\xc4\x01", "cut short"},
        {"\x93\xa1\x01\xc4\x01zzzz", "no frame"},
    };
    for (size_t i = 0; i < sizeof is / sizeof *is; i++) {
        mf_err err = {0};
        assert_int_equal(aid_read(is[i][0], strlen(is[i][0]), NULL, &err), MF_EFORMAT);
        if (!strstr(err.text, is[i][1]) || !strstr(err.text, "frame 0@0: "))
            fail_msg("%zu: not '%s': %s", i, is[i][1], err.text);
    }
    mf_err err = {0};
    assert_int_equal(aid_read("", 0, NULL, &err), MF_EFORMAT);
    assert_non_null(strstr(err.text, "is empty"));
    assert_non_null(strstr(err.text, "what wrote it may have failed"));
}

static void after_an_error_there_is_only_the_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < frames; i++) {
        whole.data[start[i + 1] - 1] ^= 1;
        mf_in *in = aid_in(whole.data, whole.size);
        mf_bundle_reader *r;
        const mf_record *rec;
        int code;
        assert_int_equal(mf_bundle_reader_open(&r, in, NULL), MF_OK);
        while ((code = mf_bundle_next(r, &rec, NULL)) == 1)
            ;
        assert_int_equal(code, MF_EFORMAT);
        for (int again = 0; again < 3; again++) {
            assert_int_equal(mf_bundle_next(r, &rec, NULL), MF_EFORMAT);
            assert_null(rec);
        }
        mf_bundle_reader_close(r);
        aid_in_close(in);
        whole.data[start[i + 1] - 1] ^= 1;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_is_read),
        cmocka_unit_test(a_cut_at_every_byte_is_found),
        cmocka_unit_test(every_flipped_bit_is_found),
        cmocka_unit_test(every_changed_byte_is_found),
        cmocka_unit_test(dropped_doubled_and_swapped_frames_are_found),
        cmocka_unit_test(nothing_may_follow_the_end),
        cmocka_unit_test(what_is_no_bundle_is_called_so),
        cmocka_unit_test(after_an_error_there_is_only_the_error),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
