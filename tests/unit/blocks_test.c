/* Blocks of text and fields, against lines one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <omp.h>

#include "base/rng.h"
#include "data/blocks.h"
#include "data/fields.h"
#include "mf/io.h"
#include "scratch.h"

#include <xxhash.h>

enum { FILES = 3, SIZE = 5000 };

/* What the lines of some files are, read one after the other. */
typedef struct account {
    uint64_t lines, digest, tabs;
} account;

static account by_lines(char text[FILES][SIZE], const size_t size[])
{
    account a = {0};
    for (int f = 0; f < FILES; f++) {
        mf_lines *lines;
        mf_field line;
        int fd = scratch_fd(text[f], size[f]);
        assert_int_equal(mf_lines_open(&lines, fd, "x", NULL), 0);
        while (mf_lines_next(lines, &line, NULL) == 1)
            for (size_t i = 0; i < line.len; i++)
                a.tabs += line.text[i] == '\t';
        a.lines += mf_lines_number(lines);
        a.digest += mf_lines_digest(lines);
        mf_lines_close(lines);
        close(fd);
    }
    return a;
}

static void take_block(blocks *b, const text_block *block, account *a)
{
    fields cut[7];
    bool plain;
    size_t at = 0;
    uint32_t lines = 0;
    uint64_t digest = 0;
    while (at < block->len) {
        size_t n = mf__fields_cut(block->text, block->len, &at, cut, 7, &plain);
        for (size_t i = 0; i < n; i++) {
            size_t end = cut[i].end;
            end -= end > cut[i].begin && block->text[end - 1] == '\r';
            digest += XXH3_64bits(block->text + cut[i].begin, end - cut[i].begin);
            a->tabs += cut[i].tabs;
            if (cut[i].tabs > 1 && (block->text[cut[i].tab[0]] != '\t' ||
                                    block->text[cut[i].tab[1]] != '\t'))
                abort();
        }
        lines += (uint32_t)n;
    }
    mf__blocks_done(b, block, lines, digest);
}

static account by_blocks(char text[FILES][SIZE], const size_t size[], size_t bytes)
{
    account a = {0};
    mf_in *in[FILES];
    int fd[FILES];
    blocks b;
    for (int f = 0; f < FILES; f++) {
        fd[f] = scratch_fd(text[f], size[f]);
        assert_int_equal(mf_in_open(&in[f], fd[f], "x", NULL), 0);
    }
    assert_int_equal(mf__blocks_open(&b, in, FILES, bytes, NULL), 0);
#pragma omp parallel num_threads(2)
    {
        text_block block = {0};
        account mine = {0};
        while (mf__blocks_next(&b, &block))
            take_block(&b, &block, &mine);
        mf__text_block_free(&block);
#pragma omp critical(mf__blocks_test)
        a.tabs += mine.tabs;
    }
    assert_int_equal(mf__blocks_result(&b, NULL), 0);
    a.lines = mf__blocks_lines(&b);
    a.digest = mf__blocks_digest(&b);
    mf__blocks_close(&b);
    for (int f = 0; f < FILES; f++) {
        mf_in_close(in[f]);
        close(fd[f]);
    }
    return a;
}

static void blocks_have_the_same_lines(void **state)
{
    (void)state;
    static char text[FILES][SIZE];
    static const char letter[] = "ab\t\t\n\n\rxyzuvw";
    mf_rng rng = mf__rng_make(7, 1, 0);
    for (int round = 0; round < 300; round++) {
        size_t size[FILES];
        for (int f = 0; f < FILES; f++) {
            size[f] = mf__rng_below(&rng, round % 2 ? SIZE : 80);
            for (size_t i = 0; i < size[f]; i++)
                text[f][i] = letter[mf__rng_below(&rng, sizeof letter - 1)];
        }
        account want = by_lines(text, size);
        for (size_t bytes = 1; bytes < 9000; bytes = bytes * 3 + 1) {
            account got = by_blocks(text, size, bytes);
            assert_int_equal(got.lines, want.lines);
            assert_int_equal(got.digest, want.digest);
            assert_int_equal(got.tabs, want.tabs);
        }
    }
}

/* plain: neither NUL nor a byte above 127, wherever it stands. */
static void odd_bytes_are_seen(void **state)
{
    (void)state;
    char text[300 + BLOCK_SLACK];
    fields cut[400];
    for (size_t len = 1; len < 300; len += 13)
        for (size_t at = 0; at < len; at++)
            for (int odd = 0; odd < 4; odd++) {
                static const char byte[] = {'\0', '\x80', '\xff', '\x01'};
                bool plain;
                size_t from = 0;
                memset(text, 'a', sizeof text);
                text[at] = byte[odd];
                assert_int_equal(mf__fields_cut(text, len, &from, cut, 400, &plain), 1);
                assert_int_equal(plain, odd == 3);
                assert_int_equal(cut[0].end, len);
            }
}

/* Blocks fail in any order: the error of the first line is the one. */
static void the_first_error_counts(void **state)
{
    (void)state;
    static const char text[] = "1\n2\n3\n4\n5\n6\n";
    mf_err err = {0}, why = {.code = MF_EFORMAT, .text = "bad"};
    int fd[2] = {scratch_fd("0\n", 2), scratch_fd(text, sizeof text - 1)};
    mf_in *in[2];
    blocks b;
    text_block block[6] = {0}, more = {0};
    assert_int_equal(mf_in_open(&in[0], fd[0], "zero", NULL), 0);
    assert_int_equal(mf_in_open(&in[1], fd[1], "one", NULL), 0);
    assert_int_equal(mf__blocks_open(&b, in, 2, 2, NULL), 0);
    for (int i = 0; i < 6; i++)
        assert_int_equal(mf__blocks_next(&b, &block[i]), 1);
    mf__blocks_fail(&b, &block[5], 1, &why);
    assert_int_equal(mf__blocks_next(&b, &more), 0);
    for (int i = 0; i < 3; i++)
        mf__blocks_done(&b, &block[i], 1, 0);
    mf__blocks_fail(&b, &block[3], 1, &why);
    mf__blocks_fail(&b, &block[4], 1, &why);
    assert_int_equal(mf__blocks_result(&b, &err), MF_EFORMAT);
    assert_string_equal(err.text, "one:3: bad");
    for (int i = 0; i < 6; i++)
        mf__text_block_free(&block[i]);
    mf__text_block_free(&more);
    mf__blocks_close(&b);
    for (int i = 0; i < 2; i++) {
        mf_in_close(in[i]);
        close(fd[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_have_the_same_lines),
        cmocka_unit_test(odd_bytes_are_seen),
        cmocka_unit_test(the_first_error_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
