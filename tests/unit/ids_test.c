/* Ids: validity, order, lookup, interning. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <utf8proc.h>

#include "base/rng.h"
#include "base/utf8.h"
#include "data/ids.h"
#include "data/intern.h"
#include "mf/ratings.h"

static void only_ids_are_ids(void **state)
{
    (void)state;
    char *big = malloc(MF_ID_MAX + 1);
    memset(big, 'x', MF_ID_MAX + 1);
    assert_null(mf__id_fault("a", 1));
    assert_null(mf__id_fault("a b\r", 4));
    assert_null(mf__id_fault(big, MF_ID_MAX));
    assert_non_null(mf__id_fault(big, MF_ID_MAX + 1));
    assert_non_null(mf__id_fault("", 0));
    assert_non_null(mf__id_fault("a\0b", 3));
    assert_non_null(mf__id_fault("a\tb", 3));
    assert_non_null(mf__id_fault("a\n", 2));
    assert_non_null(mf__id_fault("a\x80", 2));
    free(big);
}

/* Every sequence of one to three bytes from the corners of UTF-8, alone and in
 * the middle of text, against utf8proc alone. */
static void utf8_is_told_from_what_is_not(void **state)
{
    (void)state;
    static const unsigned char corner[] = {0x00, 0x41, 0x7f, 0x80, 0xbf, 0xc0, 0xc1,
                                           0xc2, 0xdf, 0xe0, 0xa0, 0x9f, 0xed, 0xef,
                                           0xf0, 0x8f, 0x90, 0xf4, 0xf5, 0xff};
    enum { N = sizeof corner };
    size_t good = 0;
    for (size_t i = 0; i < (size_t)N * N * N * N; i++) {
        char text[20] = "abcdefgh        xyz";
        size_t at = i % 16;
        text[at] = (char)corner[i % N];
        text[at + 1] = (char)corner[i / N % N];
        text[at + 2] = (char)corner[i / N / N % N];
        text[at + 3] = (char)corner[i / N / N / N];
        bool want = true;
        for (size_t p = 0; p < 19 && want;) {
            utf8proc_int32_t point;
            utf8proc_ssize_t step = utf8proc_iterate(
                (const utf8proc_uint8_t *)text + p, (utf8proc_ssize_t)(19 - p), &point);
            want = step > 0;
            p += (size_t)(want ? step : 0);
        }
        assert_int_equal(mf__utf8_valid(text, 19), want);
        good += want;
    }
    assert_true(good > 1000);
    assert_false(mf__utf8_valid("\xe2\x82", 2)); /* cut short */
    assert_true(mf__utf8_valid("", 0));
}

static void order_is_by_bytes_a_prefix_first(void **state)
{
    (void)state;
    static const char *const sorted[] = {"",      "A",  "AB", "a",
                                         "a\x01", "aa", "b",  "\xc3\xa4"};
    for (int i = 0; i < 8; i++)
        for (int j = 0; j < 8; j++) {
            int c = mf__id_compare(sorted[i], strlen(sorted[i]), sorted[j],
                                   strlen(sorted[j]));
            assert_int_equal((c > 0) - (c < 0), (i > j) - (i < j));
        }
}

static void sorted_ids_are_found(void **state)
{
    (void)state;
    mf_ids ids = {0};
    mf_rng rng = mf__rng_make(1, MF_STREAM_TEST, 0);
    uint32_t index, *order;
    assert_false(mf_ids_find(&ids, "a", 1, &index));
    for (uint32_t i = 0; i < 1000; i++) {
        char text[16];
        int len = snprintf(text, sizeof text, "%u", mf__rng_below(&rng, 300));
        assert_int_equal(mf_ids_append(&ids, text, (size_t)len, NULL), MF_OK);
    }
    assert_int_equal(mf__ids_sort(&ids, &order, NULL), MF_OK);
    mf_ids sorted = {0}, all = {0};
    uint32_t *rank;
    assert_int_equal(mf__ids_append_sorted(&all, &ids, &rank, NULL), MF_OK);
    assert_int_equal(all.n, ids.n);
    for (uint32_t i = 0; i < ids.n; i++) {
        size_t len, all_len;
        const char *text = mf_ids_get(&ids, i, &len);
        assert_int_equal(order[rank[i]], i);
        assert_memory_equal(mf_ids_get(&all, rank[i], &all_len), text, len);
        assert_int_equal(all_len, len);
    }
    mf_ids_free(&all);
    free(rank);
    for (uint32_t i = 0; i < ids.n; i++) {
        size_t len, before_len;
        const char *text = mf_ids_get(&ids, order[i], &len);
        if (i > 0) {
            const char *before = mf_ids_get(&ids, order[i - 1], &before_len);
            int c = mf__id_compare(before, before_len, text, len);
            assert_true(c < 0 || (c == 0 && order[i - 1] < order[i])); /* stable */
            if (c == 0)
                continue;
        }
        assert_int_equal(mf_ids_append(&sorted, text, len, NULL), MF_OK);
    }
    for (uint32_t i = 0; i < sorted.n; i++) {
        size_t len;
        const char *text = mf_ids_get(&sorted, i, &len);
        assert_true(mf_ids_find(&sorted, text, len, &index));
        assert_int_equal(index, i);
        assert_false(mf_ids_find(&sorted, "x", 1, &index));
    }
    free(order);
    mf_ids_free(&ids);
    mf_ids_free(&sorted);
}

static void interned_ids_have_one_number_each(void **state)
{
    (void)state;
    mf_intern *table;
    uint32_t number;
    assert_int_equal(mf__intern_open(&table, NULL), MF_OK);
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 100000; i++) {
            char text[16];
            int len = snprintf(text, sizeof text, "%u", i);
            assert_int_equal(mf__intern_put(table, text, (size_t)len, &number, NULL),
                             MF_OK);
            assert_int_equal(number, i);
        }
    assert_int_equal(mf__intern_ids(table)->n, 100000);
    assert_true(mf__intern_find(table, "99999", 5, &number));
    assert_int_equal(number, 99999);
    assert_false(mf__intern_find(table, "099999", 6, &number));
    assert_int_equal(mf__intern_put(table, "", 0, &number, NULL),
                     MF_OK); /* any bytes will do */
    assert_int_equal(mf__intern_put(table, "a\0b", 3, &number, NULL), MF_OK);
    assert_int_equal(mf__intern_put(table, "a\0c", 3, &number, NULL), MF_OK);
    assert_int_equal(number, 100002);
    assert_true(mf__intern_find(table, "", 0, &number));
    mf__intern_close(table);
}

static double seconds_for(uint32_t n, uint64_t seed)
{
    mf_intern *table;
    uint32_t number;
    clock_t begin = clock();
    assert_int_equal(mf__intern_open(&table, NULL), MF_OK);
    for (uint32_t i = 0; i < n; i++) {
        /* long common prefixes and nothing but the last bytes to tell them apart */
        char text[80];
        int len =
            snprintf(text, sizeof text, "%s%016llx", "the same prefix for every one ",
                     (unsigned long long)(seed + i) << 24);
        assert_int_equal(mf__intern_put(table, text, (size_t)len, &number, NULL),
                         MF_OK);
        assert_int_equal(number, i);
    }
    mf__intern_close(table);
    return (double)(clock() - begin) / CLOCKS_PER_SEC;
}

/* 20 times the ids in far less than 400 times the time. */
static void interning_is_linear(void **state)
{
    (void)state;
    double few = seconds_for(20000, 1), many = seconds_for(400000, 1);
    assert_true(many < 100 * few + 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_ids_are_ids),
        cmocka_unit_test(utf8_is_told_from_what_is_not),
        cmocka_unit_test(order_is_by_bytes_a_prefix_first),
        cmocka_unit_test(sorted_ids_are_found),
        cmocka_unit_test(interned_ids_have_one_number_each),
        cmocka_unit_test(interning_is_linear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
