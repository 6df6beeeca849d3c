/* Framing: bytes as documented, sizes bounded, the chain unbroken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <xxhash.h>

#include "aid.h"
#include "wire/frame.h"

static void the_bytes_are_as_documented(void **state)
{
    (void)state;
    int fd;
    mf_out *out = aid_out(&fd);
    mf_frame_writer *w;
    assert_int_equal(mf__frame_writer_open(&w, out, NULL), MF_OK);
    assert_int_equal(mf__frame_put(w, 'A', "abc", 3, NULL), MF_OK);
    assert_int_equal(mf__frame_put(w, 'b', "", 0, NULL), MF_OK);
    uint64_t first = XXH3_64bits_withSeed("Aabc", 4, 0),
             second = XXH3_64bits_withSeed("b", 1, first);
    assert_true(mf__frame_writer_digest(w) == second);
    mf__frame_writer_close(w);
    aid_bytes b = aid_out_close(out, fd);
    uint8_t want[32] = "\x93\xa1"
                       "A\xc4\x03"
                       "abc",
            number[AID_VALUE];
    memcpy(want + 8, number, aid_u64(number, first));
    memcpy(want + 17,
           "\x93\xa1"
           "b\xc4\x00",
           5);
    memcpy(want + 22, number, aid_u64(number, second));
    assert_int_equal(b.size, 31);
    assert_memory_equal(b.data, want, 31);
    aid_free(&b);
}

static void what_is_put_comes_back(void **state)
{
    (void)state;
    static const size_t sizes[] = {
        1, 0, 255, 256, 65535, 65536, 1 << 20, MF_FRAME_WRITE_MAX, 7};
    uint8_t *payload = malloc(MF_FRAME_WRITE_MAX);
    for (size_t i = 0; i < MF_FRAME_WRITE_MAX; i++)
        payload[i] = (uint8_t)(i * 2654435761u >> 13);
    int fd;
    mf_out *out = aid_out(&fd);
    mf_frame_writer *w;
    mf_frame_reader *r;
    mf_frame frame;
    assert_int_equal(mf__frame_writer_open(&w, out, NULL), MF_OK);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        assert_int_equal(mf__frame_put(w, (char)('a' + i), payload, sizes[i], NULL),
                         MF_OK);
    uint64_t digest = mf__frame_writer_digest(w);
    mf__frame_writer_close(w);
    aid_bytes b = aid_out_close(out, fd);
    mf_in *in = aid_in(b.data, b.size);
    assert_int_equal(mf__frame_reader_open(&r, in, NULL), MF_OK);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_int_equal(mf__frame_next(r, &frame, NULL), 1);
        assert_int_equal(frame.tag, 'a' + (int)i);
        assert_int_equal(frame.index, i);
        assert_int_equal(frame.size, sizes[i]);
        assert_memory_equal(frame.payload, payload, frame.size);
    }
    assert_int_equal(mf__frame_next(r, &frame, NULL), 0);
    assert_true(mf__frame_reader_digest(r) == digest);
    mf__frame_reader_close(r);
    aid_in_close(in);
    aid_free(&b);
    free(payload);
}

static void more_is_accepted_than_written(void **state)
{
    (void)state;
    uint8_t *payload = calloc(MF_FRAME_READ_MAX + 1, 1);
    int fd;
    mf_out *out = aid_out(&fd);
    mf_frame_writer *w;
    mf_err err = {0};
    assert_int_equal(mf__frame_writer_open(&w, out, NULL), MF_OK);
    assert_int_equal(mf__frame_put(w, 'a', payload, MF_FRAME_WRITE_MAX + 1, &err),
                     MF_ERANGE);
    assert_non_null(strstr(err.text, "too large"));
    assert_int_equal(mf__frame_pass(w, 'a', payload, MF_FRAME_READ_MAX, NULL), MF_OK);
    assert_int_equal(mf__frame_pass(w, 'a', payload, MF_FRAME_READ_MAX + 1, NULL),
                     MF_ERANGE);
    mf__frame_writer_close(w);
    aid_bytes b = aid_out_close(out, fd);
    mf_in *in = aid_in(b.data, b.size);
    mf_frame_reader *r;
    mf_frame frame;
    assert_int_equal(mf__frame_reader_open(&r, in, NULL), MF_OK);
    assert_int_equal(mf__frame_next(r, &frame, NULL), 1);
    assert_int_equal(frame.size, MF_FRAME_READ_MAX);
    assert_int_equal(mf__frame_next(r, &frame, NULL), 0);
    mf__frame_reader_close(r);
    aid_in_close(in);
    aid_free(&b);
    free(payload);
}

static void tags_are_letters(void **state)
{
    (void)state;
    for (int tag = 0; tag < 256; tag++) {
        aid_frames f = {0};
        mf_frame_reader *r;
        mf_frame frame;
        aid_frame(&f, (char)tag, "\x80", 1);
        mf_in *in = aid_in(f.bytes.data, f.bytes.size);
        assert_int_equal(mf__frame_reader_open(&r, in, NULL), MF_OK);
        bool letter = (tag >= 'A' && tag <= 'Z') || (tag >= 'a' && tag <= 'z');
        assert_int_equal(mf__frame_next(r, &frame, NULL), letter ? 1 : MF_EFORMAT);
        mf__frame_reader_close(r);
        aid_in_close(in);
        aid_free(&f.bytes);
    }
}

static void an_error_names_frame_and_offset(void **state)
{
    (void)state;
    aid_frames f = {0};
    aid_frame(&f, 'a', "\x80", 1); /* 3 + 5 + 1 + 9 bytes */
    aid_frame(&f, 'a', "\x80", 1);
    f.bytes.data[18 + 8] ^= 1;
    mf_in *in = aid_in(f.bytes.data, f.bytes.size);
    mf_frame_reader *r;
    mf_frame frame;
    mf_err err = {0};
    assert_int_equal(mf__frame_reader_open(&r, in, NULL), MF_OK);
    assert_int_equal(mf__frame_next(r, &frame, &err), 1);
    assert_int_equal(mf__frame_next(r, &frame, &err), MF_EFORMAT);
    assert_int_equal(err.code, MF_EFORMAT);
    assert_memory_equal(err.text, "test: frame 1@18: check does not match", 38);
    mf__frame_reader_close(r);
    aid_in_close(in);
    aid_free(&f.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bytes_are_as_documented),
        cmocka_unit_test(what_is_put_comes_back),
        cmocka_unit_test(more_is_accepted_than_written),
        cmocka_unit_test(tags_are_letters),
        cmocka_unit_test(an_error_names_frame_and_offset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
