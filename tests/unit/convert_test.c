/* Formats of mf-convert: csv.h, number_text.h, npy.h, zip.h, mf/convert.h. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/rng.h"
#include "data/text.h"
#include "jobs/convert/format.h"
#include "jobs/convert/npy.h"
#include "jobs/convert/zip.h"
#include "jobs/shared/csv.h"
#include "jobs/shared/number_text.h"
#include "jobs/shared/table.h"
#include "mf/convert.h"
#include "scratch.h"

enum { MAX = 8 };

/* The fields of the first record, with | between, or the error. */
static void csv_first(const char *text, char *shown, size_t size)
{
    int fd = scratch_fd(text, strlen(text));
    mf_field field[MAX];
    size_t n = 0, used = 0;
    mf_err err = {0};
    csv reader = {0};
    assert_int_equal(mf_lines_open(&reader.lines, fd, "t", &err), MF_OK);
    mf_lines *lines = reader.lines;
    int code = mf__csv_next(&reader, field, MAX, &n, &err);
    if (code < 0)
        snprintf(shown, size, "%s", err.text);
    for (size_t i = 0; code == 1 && i < n; i++)
        used += (size_t)snprintf(shown + used, size - used, "%.*s|", (int)field[i].len,
                                 field[i].text);
    mf__csv_close(&reader);
    mf_lines_close(lines);
    close(fd);
}

static void csv_fields_are_unquoted(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"a,b,c\n", "a|b|c|"},
        {"a,,\r\n", "a|||"},
        {"\"a,b\",\"c \"\"d\"\"\",e", "a,b|c \"d\"|e|"},
        {"\"two\nlines\",x\n", "two\nlines|x|"},
        {"\"\",x\n", "|x|"},
        {"a\"b,c\n", "t:1: a quote inside a field that is not quoted"},
        {"\"a\"b,c\n",
         "t:1: text follows a closing quote; write a quote inside a field twice"},
        {"\"a,c\nd", "t:2: a quoted field is never closed"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char shown[800];
        csv_first(cases[i][0], shown, sizeof shown);
        assert_string_equal(shown, cases[i][1]);
    }
}

static void every_float_is_given_back_by_its_text(void **state)
{
    (void)state;
    mf_rng rng = mf__rng_make(1, MF_STREAM_TEST, 0);
    uint32_t special[] = {0,          0x80000000u, 1,          0x007fffff,
                          0x00800000, 0x7f7fffff,  0xff7fffff, 0x3f800000,
                          0x4b800000, 0x4b7fffff,  0x5f000000, 0x3dcccccd};
    for (size_t i = 0; i < 200000; i++) {
        uint32_t bits = i < sizeof special / sizeof *special
                            ? special[i]
                            : (uint32_t)mf__rng_u64(&rng);
        char text[FLOAT_TEXT];
        float value, back = 0;
        if ((bits & 0x7f800000u) == 0x7f800000u)
            continue;
        memcpy(&value, &bits, sizeof value);
        mf__float_text(text, value);
        assert_true(mf__text_float((mf_field){text, strlen(text)}, &back));
        assert_memory_equal(&back, &value, sizeof value);
        uint32_t count; /* never taken for a count */
        assert_false(mf__text_u32((mf_field){text, strlen(text)}, &count));
        back = (float)strtod(text, NULL); /* and a reader of doubles agrees */
        assert_memory_equal(&back, &value, sizeof value);
    }
}

/* Fractions of every size that scores have. */
static void the_text_of_a_fraction_is_the_shortest_that_gives_it_back(void **state)
{
    (void)state;
    mf_rng rng = mf__rng_make(2, MF_STREAM_TEST, 0);
    for (int i = 0; i < 200000; i++) {
        double x = pow(10, mf__rng_uniform(&rng) * 12 - 5);
        float value = (float)(i % 2 ? x : round(x * 1e4) / 1e4) * (i % 3 ? 1 : -1);
        char text[FLOAT_TEXT], want[FLOAT_TEXT] = "";
        if (value == floorf(value))
            continue;
        for (int digits = 1; digits <= 9; digits++) {
            snprintf(want, sizeof want, "%.*g", digits, (double)value);
            if (strtof(want, NULL) == value)
                break;
        }
        mf__float_text(text, value);
        assert_string_equal(text, want);
    }
}

static void texts_of_floats_are_short(void **state)
{
    (void)state;
    static const struct {
        float value;
        const char *text;
    } cases[] = {{3, "3.0"},
                 {0.1f, "0.1"},
                 {-2.5f, "-2.5"},
                 {1e10f, "1e+10"},
                 {16777216, "16777216.0"},
                 {1.0f / 3, "0.33333334"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[FLOAT_TEXT];
        mf__float_text(text, cases[i].value);
        assert_string_equal(text, cases[i].text);
    }
}

static void arrays_have_the_size_of_their_shape(void **state)
{
    (void)state;
    static const char *const heads[] = {
        "{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }",
        "{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387905,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (65536,4294967296,65536)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1), }",
        "{'descr': '<f4', 'fortran_order': False, }",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '<f3', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
        "{",
        "",
    };
    uint8_t bytes[NPY_HEAD + 8] = {0};
    const uint64_t shape[] = {1, 2};
    npy a;
    mf__npy_head((char *)bytes, "<f4", 2, shape);
    assert_null(mf__npy_parse(&a, bytes, sizeof bytes));
    assert_int_equal(a.n, 2);
    assert_int_equal(a.dims, 2);
    for (size_t size = 0; size < sizeof bytes; size++) { /* cut anywhere */
        uint8_t *cut = malloc(size + 1);
        memcpy(cut, bytes, size);
        assert_non_null(mf__npy_parse(&a, cut, size));
        free(cut);
    }
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        uint8_t bad[10 + 100 + 4] = "\x93NUMPY\x01\x00\x64\x00";
        memset(bad + 10, ' ', 100);
        memcpy(bad + 10, heads[i], strlen(heads[i]));
        assert_non_null(mf__npy_parse(&a, bad, sizeof bad));
    }
}

/* A small .npz, made by our own writer from a TSV. */
static char *make_npz(size_t *size)
{
    static const char text[] = "a\tx\t1\na\ty\t2\nb\tx\t3\n";
    mf_convert_from_params from = mf_convert_from_defaults();
    mf_convert_to_params to = {.format = MF_FORMAT_NPZ};
    mf_convert_input input = {0};
    int fd = scratch_fd(text, strlen(text)), mid = scratch_fd("", 0),
        end = scratch_fd("", 0);
    mf_out *out;
    mf_in *in;
    assert_int_equal(mf_lines_open(&input.text, fd, "t", NULL), MF_OK);
    assert_int_equal(mf_out_open(&out, mid, "t", NULL), MF_OK);
    assert_int_equal(mf_convert_from_run(&input, out, &from, NULL, NULL), MF_OK);
    mf_out_close(out);
    mf_lines_close(input.text);
    lseek(mid, 0, SEEK_SET);
    assert_int_equal(mf_in_open(&in, mid, "t", NULL), MF_OK);
    assert_int_equal(mf_out_open(&out, end, "t", NULL), MF_OK);
    assert_int_equal(mf_convert_to_run(in, out, &to, NULL, NULL), MF_OK);
    assert_int_equal(mf_out_flush(out, NULL), MF_OK);
    mf_out_close(out);
    mf_in_close(in);
    char *bytes = scratch_bytes(end, size);
    close(fd);
    close(mid);
    close(end);
    return bytes;
}

/* Read an .npz; *digest is of the bundle's bytes where that is MF_OK. */
static int read_npz(const char *bytes, size_t size, char **bundle, size_t *bundle_size)
{
    mf_convert_from_params from = {.format = MF_FORMAT_NPZ};
    mf_convert_input input = {0};
    mf_err err = {0};
    int fd = scratch_fd(bytes, size), to = scratch_fd("", 0);
    mf_out *out;
    assert_int_equal(mf_in_open(&input.binary, fd, "t", NULL), MF_OK);
    assert_int_equal(mf_out_open(&out, to, "t", NULL), MF_OK);
    int code = mf_convert_from_run(&input, out, &from, NULL, &err);
    assert_int_equal(code, err.code);
    mf_out_close(out);
    mf_in_close(input.binary);
    *bundle = scratch_bytes(to, bundle_size);
    close(fd);
    close(to);
    return code;
}

static void a_cut_archive_is_refused_at_every_byte(void **state)
{
    (void)state;
    size_t size, n;
    char *bytes = make_npz(&size), *bundle;
    assert_int_equal(read_npz(bytes, size, &bundle, &n), MF_OK);
    assert_true(n > 0);
    free(bundle);
    for (size_t cut = 0; cut < size; cut++) {
        char *exact = malloc(cut + 1);
        memcpy(exact, bytes, cut);
        assert_int_equal(read_npz(exact, cut, &bundle, &n), MF_EFORMAT);
        assert_int_equal(n, 0);
        free(exact);
        free(bundle);
    }
    free(bytes);
}

/* Bytes that nobody reads (dates, versions, the local copies of sizes) may
 * flip; what is read then is never another matrix. */
static void a_flipped_bit_never_gives_another_matrix(void **state)
{
    (void)state;
    size_t size, n, flipped_n, refused = 0;
    char *bytes = make_npz(&size), *bundle, *flipped;
    assert_int_equal(read_npz(bytes, size, &bundle, &n), MF_OK);
    const char *end = memmem(bundle, n,
                             "\x93\xa1"
                             "E",
                             3);
    assert_non_null(end); /* from there on the digest of the input, which differs */
    size_t before_end = (size_t)(end - bundle);
    for (size_t bit = 0; bit < size * 8; bit++) {
        bytes[bit / 8] ^= (char)(1 << bit % 8);
        if (read_npz(bytes, size, &flipped, &flipped_n) < 0)
            refused++;
        else
            assert_memory_equal(flipped, bundle, before_end);
        bytes[bit / 8] ^= (char)(1 << bit % 8);
        free(flipped);
    }
    assert_true(refused > size * 8 / 2);
    free(bundle);
    free(bytes);
}

static void put_le(char *to, uint64_t value, size_t bytes)
{
    for (; bytes > 0; bytes--, value >>= 8)
        *to++ = (char)(value & 0xff);
}

static void must_read(const char *bytes, size_t size, int want)
{
    char *bundle;
    size_t n;
    assert_int_equal(read_npz(bytes, size, &bundle, &n), want);
    assert_int_equal(n > 0, want == MF_OK);
    free(bundle);
}

/* The end record is the last 22 bytes: members at 8 and 10, bytes of the directory at
 * 12, its beginning at 16. */
static void a_forged_end_record_is_refused(void **state)
{
    (void)state;
    size_t size, end;
    char *bytes = make_npz(&size);
    end = size - 22;
    for (size_t at = 10; at < 20; at += at == 10 ? 2 : 4) {
        char *forged = malloc(size);
        memcpy(forged, bytes, size);
        memset(forged + end + at, 0xff, at == 10 ? 2 : 4);
        must_read(forged, size, MF_EFORMAT);
        free(forged);
    }
    char *last = NULL; /* a name in the directory that no member has */
    for (char *at = bytes; (at = memmem(at, size - (size_t)(at - bytes), "PK\1\2", 4));
         at++)
        last = at;
    assert_non_null(last);
    last[46] ^= 1;
    must_read(bytes, size, MF_EFORMAT);
    last[46] ^= 1;
    must_read(bytes, size, MF_OK);
    free(bytes);
}

/* As those who write more than 65534 members do. */
static void a_wide_end_record_is_read(void **state)
{
    (void)state;
    enum { WIDE = 56 + 20 };
    size_t size, end;
    char *bytes = make_npz(&size), *wide;
    end = size - 22;
    wide = calloc(size + WIDE, 1);
    memcpy(wide, bytes, end);
    memcpy(wide + end, "PK\6\6", 4);
    put_le(wide + end + 4, 44, 8);
    put_le(wide + end + 24, 5, 8);
    put_le(wide + end + 32, 5, 8);
    memcpy(wide + end + 40, bytes + end + 12, 4);
    memcpy(wide + end + 48, bytes + end + 16, 4);
    memcpy(wide + end + 56, "PK\6\7", 4);
    put_le(wide + end + 64, end, 8);
    memcpy(wide + end + WIDE, "PK\5\6", 4);
    memset(wide + end + WIDE + 8, 0xff, 12);
    must_read(wide, size + WIDE, MF_OK);
    for (size_t at = 32; at < 76; at += 8) { /* the numbers, and where they are */
        if (at == 56 || at == 72)
            continue;
        wide[end + at]++;
        must_read(wide, size + WIDE, MF_EFORMAT);
        wide[end + at]--;
    }
    free(wide);
    free(bytes);
}

static void a_matrix_too_large_for_scipy_is_refused(void **state)
{
    (void)state;
    const mf_convert_to_params params = {.format = MF_FORMAT_NPZ};
    for (int i = 0; i < 2; i++) {
        mf_model m = {0};
        mf_err err = {0};
        m.ratings.x.cols = i == 0 ? 0x80000000u : 1;
        m.ratings.x.nnz = i == 0 ? 1 : 0x80000000u;
        assert_int_equal(mf__npz_write(NULL, &m, &params, "t", &err), MF_ERANGE);
        assert_string_equal(
            err.text, "more than 2147483647 items or cells: too many for --to=npz");
    }
}

static void a_separator_within_a_text_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *text, *separator;
        bool splits;
    } cases[] = {{"a", ":", false},    {"a:", ":", true},    {":a", ":", true},
                 {"a:", "::", true},   {"a:b", "::", false}, {"a", "::", false},
                 {"ab", "aba", true},  {"ab", "abab", true}, {"xab", "aab", false},
                 {"xa", "aab", false}, {"x:", "::=", false}, {"x:", "::", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(
            mf__table_splits(cases[i].text, strlen(cases[i].text), cases[i].separator),
            cases[i].splits);
}

/* An archive with one deflated member "m", its header saying `size` and `crc`. */
static size_t make_zip(uint8_t *to, const uint8_t *data, size_t n, uint32_t size,
                       uint32_t crc)
{
    z_stream z = {.next_in = (z_const Bytef *)data, .avail_in = (uInt)n};
    uint8_t packed[1000], *p = to;
    z.next_out = packed;
    z.avail_out = sizeof packed;
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    uint32_t bytes = (uint32_t)z.total_out;
    deflateEnd(&z);
    const uint8_t common[] = {20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0};
    const uint32_t sums[] = {crc, bytes, size}, name = 1;
    const uint8_t local[4] = {'P', 'K', 3, 4}, central[6] = {'P', 'K', 1, 2, 20, 0};
    const uint8_t finish[12] = {'P', 'K', 5, 6, 0, 0, 0, 0, 1, 0, 1, 0};
#define PUT(from, count) (memcpy(p, from, count), p += (count))
    PUT(local, 4), PUT(common, 10), PUT(sums, 12), PUT(&name, 4), PUT("m", 1);
    PUT(packed, bytes);
    uint32_t directory = (uint32_t)(p - to), zero[4] = {0};
    PUT(central, 6), PUT(common, 10), PUT(sums, 12), PUT(&name, 4), PUT(zero, 14),
        PUT("m", 1);
    uint32_t length = (uint32_t)(p - to) - directory;
    PUT(finish, 12), PUT(&length, 4), PUT(&directory, 4), PUT(zero, 2);
#undef PUT
    return (size_t)(p - to);
}

/* Read the member of an archive. Returns the first failure, or MF_OK. */
static int unzip(const uint8_t *archive, size_t size, uint8_t *out, size_t room,
                 size_t *got)
{
    zip_reader *z;
    mf_in *in;
    mf_err err = {0};
    const char *name;
    uint64_t declared;
    int fd = scratch_fd(archive, size);
    assert_int_equal(mf_in_open(&in, fd, "t", NULL), MF_OK);
    int code = mf__zip_open(&z, in, &err);
    if (code == MF_OK)
        code = mf__zip_next(z, &name, &declared, &err);
    if (code == 1) {
        assert_string_equal(name, "m");
        code = mf__zip_read(z, out, room, got, &err);
    }
    if (code == MF_OK)
        code = mf__zip_next(z, &name, &declared, &err);
    assert_int_equal(code < 0, err.text[0] != '\0');
    mf__zip_close(z);
    mf_in_close(in);
    close(fd);
    return code;
}

static void deflated_members_are_inflated_and_checked(void **state)
{
    (void)state;
    static uint8_t data[100000], out[200000];
    uint8_t archive[2000];
    size_t n = sizeof data, got;
    data[77] = 'x';
    uint32_t crc = (uint32_t)crc32(0, data, (uInt)n);
    size_t size = make_zip(archive, data, n, (uint32_t)n, crc);
    assert_int_equal(unzip(archive, size, out, sizeof out, &got), MF_OK);
    assert_int_equal(got, n);
    assert_memory_equal(out, data, n);
    for (size_t cut = 0; cut < size; cut++)
        assert_int_equal(unzip(archive, cut, out, sizeof out, &got), MF_EFORMAT);
    const uint32_t lies[][2] = {
        {100, crc}, {(uint32_t)n - 1, crc}, {(uint32_t)n + 1, crc},
        {0, crc},   {0xfffffffe, crc},      {(uint32_t)n, crc + 1}};
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        size = make_zip(archive, data, n, lies[i][0], lies[i][1]);
        assert_int_equal(unzip(archive, size, out, sizeof out, &got), MF_EFORMAT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_fields_are_unquoted),
        cmocka_unit_test(every_float_is_given_back_by_its_text),
        cmocka_unit_test(texts_of_floats_are_short),
        cmocka_unit_test(the_text_of_a_fraction_is_the_shortest_that_gives_it_back),
        cmocka_unit_test(arrays_have_the_size_of_their_shape),
        cmocka_unit_test(a_cut_archive_is_refused_at_every_byte),
        cmocka_unit_test(a_flipped_bit_never_gives_another_matrix),
        cmocka_unit_test(a_forged_end_record_is_refused),
        cmocka_unit_test(a_wide_end_record_is_read),
        cmocka_unit_test(a_matrix_too_large_for_scipy_is_refused),
        cmocka_unit_test(a_separator_within_a_text_is_found),
        cmocka_unit_test(deflated_members_are_inflated_and_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
