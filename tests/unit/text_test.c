/* Lines and fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <xxhash.h>

#include "aid.h"
#include "base/utf8.h"
#include "data/text.h"
#include "mf/io.h"

static mf_lines *lines_of(const void *data, size_t size, int *fd)
{
    mf_lines *lines;
    *fd = memfd_create("text", 0);
    assert_true(*fd >= 0 && write(*fd, data, size) == (ssize_t)size);
    assert_int_equal(lseek(*fd, 0, SEEK_SET), 0);
    assert_int_equal(mf_lines_open(&lines, *fd, "f.tsv", NULL), MF_OK);
    return lines;
}

static void expect(const char *data, size_t size, const char *const want[], size_t n)
{
    int fd;
    mf_field line;
    mf_err err = {0};
    mf_lines *lines = lines_of(data, size, &fd);
    uint64_t digest = 0;
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(mf_lines_next(lines, &line, &err), 1);
        assert_int_equal(line.len, strlen(want[i]));
        assert_memory_equal(line.text, want[i], line.len);
        assert_int_equal(mf_lines_number(lines), i + 1);
        digest += XXH3_64bits(want[i], strlen(want[i]));
    }
    assert_int_equal(mf_lines_next(lines, &line, &err), 0);
    assert_int_equal(mf_lines_next(lines, &line, &err), 0); /* the end stays */
    assert_true(mf_lines_digest(lines) == digest);
    mf_lines_close(lines);
    close(fd);
}

#define EXPECT(data, n, ...)                                                           \
    expect(data, sizeof(data) - 1, (const char *const[]){__VA_ARGS__, NULL}, n)

static void lines_end_in_every_way(void **state)
{
    (void)state;
    EXPECT("", 0, "");
    EXPECT("\xef\xbb\xbf", 0, "");
    EXPECT("a", 1, "a");
    EXPECT("a\n", 1, "a");
    EXPECT("a\r\n", 1, "a");
    EXPECT("a\r", 1, "a");
    EXPECT("\n", 1, "");
    EXPECT("\n\n", 2, "", "");
    EXPECT("a\n\nb", 3, "a", "", "b");
    EXPECT("\xef\xbb\xbfkey\tx\r\nb\n", 2, "key\tx", "b");
    EXPECT("a\rb\n", 1, "a\rb");
    EXPECT("\xc3\xa4\n\xe2\x82\xac", 2, "\xc3\xa4", "\xe2\x82\xac");
}

static void refuse(const char *data, size_t size, const char *words)
{
    int fd, code;
    mf_field line;
    mf_err err = {0};
    mf_lines *lines = lines_of(data, size, &fd);
    while ((code = mf_lines_next(lines, &line, &err)) == 1)
        ;
    assert_int_equal(code, MF_EFORMAT);
    if (!strstr(err.text, words))
        fail_msg("not '%s': %s", words, err.text);
    mf_lines_close(lines);
    close(fd);
}

#define REFUSE(data, words) refuse(data, sizeof(data) - 1, words)

static void what_is_no_text_is_refused(void **state)
{
    (void)state;
    REFUSE("a\nb\0c\n", "f.tsv:2: line holds a NUL");
    REFUSE("a\n\nb\xff\n", "f.tsv:3: line is not UTF-8");
    REFUSE("\xff\xfe"
           "a\0",
           "f.tsv: is UTF-16");
}

static void a_line_has_a_limit(void **state)
{
    (void)state;
    size_t size = 2 * (size_t)MF_LINE_MAX + 10;
    char *big = malloc(size);
    for (size_t more = 0; more < 2; more++)
        for (size_t crlf = 0; crlf < 2; crlf++) {
            int fd;
            mf_field line;
            mf_err err = {0};
            memset(big, 'x', size);
            memcpy(big, "ab\n", 3);
            size_t len = MF_LINE_MAX + more;
            memcpy(big + 3 + len, crlf ? "\r\nend\n" : "\nend\n", crlf ? 6 : 5);
            mf_lines *lines = lines_of(big, 3 + len + 5 + crlf, &fd);
            assert_int_equal(mf_lines_next(lines, &line, &err), 1);
            assert_int_equal(mf_lines_next(lines, &line, &err), more ? MF_EFORMAT : 1);
            if (more) {
                assert_string_equal(err.text,
                                    "f.tsv:2: line is longer than 1048576 bytes");
            } else {
                assert_int_equal(line.len, MF_LINE_MAX);
                assert_int_equal(mf_lines_next(lines, &line, &err), 1);
                assert_int_equal(line.len, 3);
            }
            mf_lines_close(lines);
            close(fd);
        }
    memset(big, 'x', size); /* a line without an end is not read into memory */
    refuse(big, size, "f.tsv:1: line is longer");
    free(big);
}

/* The same lines whatever the pieces in which a pipe hands them over. */
static void pieces_do_not_matter(void **state)
{
    (void)state;
    static const char text[] = "\xef\xbb\xbf"
                               "a\tb\r\n\xe2\x82\xac\nlast";
    for (size_t piece = 1; piece < sizeof text; piece++) {
        int end[2];
        mf_lines *lines;
        mf_field line;
        assert_int_equal(pipe(end), 0);
        assert_int_equal(mf_lines_open(&lines, end[0], "pipe", NULL), MF_OK);
        pid_t child = fork();
        if (child == 0) {
            for (size_t at = 0; at < sizeof text - 1; at += piece) {
                size_t n = sizeof text - 1 - at < piece ? sizeof text - 1 - at : piece;
                if (write(end[1], text + at, n) != (ssize_t)n)
                    _exit(1);
                usleep(200);
            }
            _exit(0);
        }
        close(end[1]);
        static const char *const want[] = {"a\tb", "\xe2\x82\xac", "last"};
        for (int i = 0; i < 3; i++) {
            assert_int_equal(mf_lines_next(lines, &line, NULL), 1);
            assert_int_equal(line.len, strlen(want[i]));
            assert_memory_equal(line.text, want[i], line.len);
        }
        assert_int_equal(mf_lines_next(lines, &line, NULL), 0);
        mf_lines_close(lines);
        close(end[0]);
    }
}

static void the_digest_does_not_depend_on_order(void **state)
{
    (void)state;
    uint64_t digest[2];
    static const char *const text[] = {"a\nb\nc\n", "c\r\na\nb"};
    for (int i = 0; i < 2; i++) {
        int fd;
        mf_field line;
        mf_lines *lines = lines_of(text[i], strlen(text[i]), &fd);
        while (mf_lines_next(lines, &line, NULL) == 1)
            ;
        digest[i] = mf_lines_digest(lines);
        mf_lines_close(lines);
        close(fd);
    }
    assert_true(digest[0] == digest[1] && digest[0] != 0);
}

static mf_field field(const char *text)
{
    return (mf_field){text, strlen(text)};
}

static void fields_are_cut_at_separators(void **state)
{
    (void)state;
    mf_field f[4];
    assert_int_equal(mf__text_split(field("a\tb\tc"), "\t", f, 4), 3);
    assert_int_equal(f[2].len, 1);
    assert_int_equal(mf__text_split(field("a\t\t"), "\t", f, 4), 3);
    assert_int_equal(f[1].len + f[2].len, 0);
    assert_int_equal(mf__text_split(field("a\tb\tc\td\te"), "\t", f, 4), 4);
    assert_int_equal(f[3].len, 3); /* the last keeps what is left */
    assert_int_equal(mf__text_split(field("a<SEP>b<SEP"), "<SEP>", f, 4), 2);
    assert_int_equal(f[1].len, 5);
    assert_int_equal(mf__text_split(field(""), "\t", f, 4), 1);
    assert_int_equal(f[0].len, 0);
}

static void numbers_are_digits_and_nothing_else(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "-1",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "1.0",
                                      "1e3",
                                      "0x1",
                                      "4294967296",
                                      "18446744073709551616",
                                      "99999999999999999999999",
                                      "1\r",
                                      "a"};
    uint32_t x = 7;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(mf__text_u32(field(bad[i]), &x));
    assert_false(mf__text_u32((mf_field){"1\0", 2}, &x));
    assert_int_equal(x, 7);
    assert_true(mf__text_u32(field("0"), &x) && x == 0);
    assert_true(mf__text_u32(field("007"), &x) && x == 7);
    assert_true(mf__text_u32(field("4294967295"), &x) && x == UINT32_MAX);
}

static void floats_are_finite_decimals(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",       ".",
        "-",      "e1",
        "1e",     "1e400",
        "-1e400", "inf",
        "nan",    "0x1p3",
        " 1",     "1 ",
        "1,5",    "1e5x",
        "--1",    "0.00000000000000000000000000000000000000000000000000000000000001"};
    float x = 0;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (mf__text_float(field(bad[i]), &x))
            fail_msg("'%s' was accepted", bad[i]);
    assert_false(mf__text_float((mf_field){"1\0"
                                           "2",
                                           3},
                                &x));
    assert_true(mf__text_float(field("-1.5e-3"), &x) && x == -1.5e-3f);
    assert_true(mf__text_float(field("+.5"), &x) && x == 0.5f);
    assert_true(mf__text_float(field("5."), &x) && x == 5);
}

static void fields_of_a_run_hold_no_white_space_and_stay_apart(void **state)
{
    (void)state;
    static const char *const pair[][2] = {
        {"Sun Ra", "Sun%20Ra"},
        {"Sun%20Ra", "Sun%2520Ra"},
        {"\xd0\x9a\xd0\xb8\xd0\xbd\xd0\xbe", "\xd0\x9a\xd0\xb8\xd0\xbd\xd0\xbe"},
        {"a\xc2\xa0\x62\xe3\x80\x80", "a%C2%A0b%E3%80%80"}, /* no-break, ideographic */
        {"\r\v\f\x1c\x7f\xc2\x85", "%0D%0B%0C%1C%7F%C2%85"},
        {"\xff x", "%FF%20x"}, /* not UTF-8 */
        {"", ""}};
    char to[64];
    for (size_t i = 0; i < sizeof pair / sizeof *pair; i++) {
        size_t n = mf__text_trec(to, pair[i][0], strlen(pair[i][0]));
        assert_true(n <= 3 * strlen(pair[i][0]));
        to[n] = '\0';
        assert_string_equal(to, pair[i][1]);
    }
}

static void what_acts_on_a_terminal_is_not_shown(void **state)
{
    (void)state;
    static const char *const pair[][2] = {
        {"plain \xd0\x9a\xe5\xb1\xb1\tx", "plain \xd0\x9a\xe5\xb1\xb1\tx"},
        {"\x1b[2J\r\n\x7f", "?[2J???"},
        {"\xc2\x9bK\xc2\xa0", "?K\xc2\xa0"}, /* C1; a blank that does not break */
        {"\xe2\x80\xae\xe2\x81\xa9\xe2\x80\x8d", "??\xe2\x80\x8d"}, /* a joiner stays */
        {"a\xff\xc3", "a??"},
        {"\xc2\x80\xc2\x9f\xd8\x9c\xe2\x80\x8e\xe2\x80\x8f\xef\xbb\xbf", "??????"},
        {"\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa\xe2\x81\xa6", "????"},
        {"", ""}};
    char to[64];
    for (size_t i = 0; i < sizeof pair / sizeof *pair; i++) {
        strcpy(to, pair[i][0]);
        to[mf__utf8_clean(to, to, strlen(to), "\t")] = '\0';
        assert_string_equal(to, pair[i][1]);
        assert_int_equal(mf__utf8_harmless(pair[i][0], strlen(pair[i][0])),
                         strcmp(pair[i][0], pair[i][1]) == 0 &&
                             !strchr(pair[i][0], '\t'));
    }
}

/* Cut anywhere, the pieces of a text are cleaned as the whole is. */
static void a_terminal_is_shown_whole_characters(void **state)
{
    (void)state;
    static const char text[] = "\xd0\x9a\xe5\xb1\xb1\t\xc2\x9b\n\xf0\x9f\x8e\xb5\x1b"
                               "\xe2\x80\xae.\xff\xe2\x80";
    static const char want[] = "\xd0\x9a\xe5\xb1\xb1\t?\n\xf0\x9f\x8e\xb5??.???";
    size_t len = sizeof text - 1;
    for (size_t a = 0; a <= len; a++)
        for (size_t b = a; b <= len; b++) {
            int fd;
            mf_out *out = aid_out(&fd);
            mf_out_show(out);
            assert_int_equal(mf_out_write(out, text, a, NULL), MF_OK);
            assert_int_equal(mf_out_write(out, text + a, b - a, NULL), MF_OK);
            assert_int_equal(mf_out_write(out, text + b, len - b, NULL), MF_OK);
            aid_bytes got = aid_out_close(out, fd);
            /* the end of a text comes with mf_out_sync, which closes */
            assert_true(got.size == strlen(want) - 2 &&
                        memcmp(got.data, want, got.size) == 0);
            aid_free(&got);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_end_in_every_way),
        cmocka_unit_test(what_is_no_text_is_refused),
        cmocka_unit_test(a_line_has_a_limit),
        cmocka_unit_test(pieces_do_not_matter),
        cmocka_unit_test(the_digest_does_not_depend_on_order),
        cmocka_unit_test(fields_are_cut_at_separators),
        cmocka_unit_test(numbers_are_digits_and_nothing_else),
        cmocka_unit_test(floats_are_finite_decimals),
        cmocka_unit_test(fields_of_a_run_hold_no_white_space_and_stay_apart),
        cmocka_unit_test(what_acts_on_a_terminal_is_not_shown),
        cmocka_unit_test(a_terminal_is_shown_whole_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
