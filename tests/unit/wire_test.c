/* msgpack maps, bounded. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/map.h"

#define PARSE(map, bytes)                                                              \
    mf__map_parse(map, (const uint8_t *)(bytes), sizeof(bytes) - 1)

static void integers_of_every_encoding_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        uint64_t value;
    } good[] = {{"\x00", 1, 0},
                {"\x7f", 1, 127},
                {"\xcc\xff", 2, 255},
                {"\xcd\x01\x00", 3, 256},
                {"\xce\xff\xff\xff\xff", 5, UINT32_MAX},
                {"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", 9, UINT64_MAX},
                {"\xd0\x7f", 2, 127},
                {"\xd1\x7f\xff", 3, 32767},
                {"\xd2\x00\x00\x00\x05", 5, 5},
                {"\xd3\x00\x00\x00\x00\x00\x00\x00\x09", 9, 9}},
      bad[] = {{"\xff", 1, 0},
               {"\xe0", 1, 0},
               {"\xd0\x80", 2, 0},
               {"\xd1\xff\xff", 3, 0},
               {"\xd3\x80\0\0\0\0\0\0\0", 9, 0},
               {"\xca\0\0\0\0", 5, 0},
               {"\xc0", 1, 0},
               {"\xc2", 1, 0},
               {"\xa1"
                "1",
                2, 0},
               {"\xc4\x00", 2, 0},
               {"\x90", 1, 0},
               {"\x80", 1, 0},
               {"\xd4\x01\x01", 3, 0},
               {"\xc7\x00\x01", 3, 0},
               {"", 0, 0},
               {"\xcc", 1, 0},
               {"\xcf\x01", 2, 0}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        uint64_t x = 1;
        wire_span span = {(const uint8_t *)good[i].bytes, good[i].size};
        assert_true(mf__span_u64(span, &x));
        assert_true(x == good[i].value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint64_t x = 1;
        wire_span span = {(const uint8_t *)bad[i].bytes, bad[i].size};
        assert_false(mf__span_u64(span, &x));
    }
}

static void numbers_of_every_encoding_are_read(void **state)
{
    (void)state;
    wire_map map;
    assert_null(PARSE(&map, "\x86\xa1"
                            "a\xca\x3f\xc0\x00\x00\xa1"
                            "b\xcb\xbf\xf8\0\0\0\0\0\0"
                            "\xa1"
                            "c\xff\xa1"
                            "d\xd1\xff\x00\xa1"
                            "e\xcc\x80\xa1"
                            "f\xc3"));
    static const double want[] = {1.5, -1.5, -1, -256, 128};
    for (int i = 0; i < 5; i++) {
        const char key[2] = {(char)('a' + i), 0};
        double x = 0;
        assert_null(mf__map_f64(&map, key, true, &x));
        assert_true(x == want[i]);
    }
    double x = 9;
    bool yes = false;
    assert_non_null(mf__map_f64(&map, "f", true, &x));
    assert_null(mf__map_f64(&map, "g", false, &x));
    assert_true(x == 9);
    assert_string_equal(mf__map_f64(&map, "g", true, &x), "key 'g' is missing");
    assert_null(mf__map_bool(&map, "f", &yes));
    assert_true(yes);
    assert_non_null(mf__map_bool(&map, "a", &yes));
}

static void what_is_packed_is_read(void **state)
{
    (void)state;
    wire_buffer b = {0};
    wire_map map;
    msgpack_packer pack = mf__packer(&b);
    const uint8_t data[5] = {1, 2, 3, 4, 5};
    msgpack_pack_map(&pack, 4);
    mf__pack_key_text(&pack, "text", "abc", 3);
    mf__pack_key_bin(&pack, "bin", data, 5, 1);
    mf__pack_key_f64(&pack, "nan", (double)NAN);
    mf__pack_str(&pack, "list");
    msgpack_pack_array(&pack, 2);
    msgpack_pack_uint64(&pack, 7);
    mf__pack_str(&pack, "x");
    assert_false(b.failed);
    assert_null(mf__map_parse(&map, b.data, b.size));

    const char *text = NULL;
    size_t len = 0, n = 0;
    char name[4], small[3];
    double x = 3;
    wire_span bin, *list;
    assert_null(mf__map_str(&map, "text", true, &text, &len));
    assert_int_equal(len, 3);
    assert_null(mf__map_name(&map, "text", true, name, sizeof name));
    assert_string_equal(name, "abc");
    assert_non_null(mf__map_name(&map, "text", true, small, sizeof small));
    assert_null(mf__map_bin(&map, "bin", true, &bin));
    assert_int_equal(bin.size, 5);
    assert_memory_equal(bin.data, data, 5);
    assert_non_null(mf__map_bin(&map, "text", true, &bin));
    assert_non_null(mf__map_str(&map, "bin", true, &text, &len));
    assert_null(mf__map_f64(&map, "nan", false, &x));
    assert_true(x == 3);
    assert_null(mf__map_array(&map, "list", true, &list, &n));
    assert_int_equal(n, 2);
    assert_int_equal(list[1].size, 2);
    free(list);
    assert_non_null(mf__map_array(&map, "bin", true, &list, &n));
    assert_null(list);
    assert_int_equal(mf__map_unknown(&map), 0);
    mf__pack_free(&b);
}

static void unknown_keys_keep_their_bytes(void **state)
{
    (void)state;
    wire_map map;
    wire_buffer b = {0};
    uint64_t x;
    assert_null(PARSE(&map, "\x83\xa1"
                            "a\x01\xd9\x01"
                            "b\xdd\x00\x00\x00\x01\xc0\xa1"
                            "c\x03"));
    assert_null(mf__map_u64(&map, "a", 5, true, &x));
    assert_int_equal(mf__map_unknown(&map), 2);
    mf__pack_unknown(&b, &map);
    assert_int_equal(b.size, 12);
    assert_memory_equal(b.data,
                        "\xd9\x01"
                        "b\xdd\x00\x00\x00\x01\xc0\xa1"
                        "c\x03",
                        12);
    assert_non_null(mf__map_u64(&map, "c", 2, true, &x)); /* past its maximum */
    mf__pack_free(&b);
}

static void broken_maps_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *why;
    } bad[] = {{"", 0, "not a map"},
               {"\x90", 1, "not a map"},
               {"\xde\x00", 2, "not a map"},
               {"\x81", 1, "no str"},
               {"\x81\x01\x01", 3, "no str"},
               {"\x81\xa2"
                "a",
                3, "no str"},
               {"\x81\xa1"
                "a",
                3, "cut short"},
               {"\x80\x00", 2, "follow"},
               {"\xdf\xff\xff\xff\xff", 5, "too many"},
               {"\x81\xa1"
                "a\xc6\x7f\xff\xff\xff",
                8, "cut"},
               {"\x81\xa1"
                "a\xdd\xff\xff\xff\xff",
                8, "cut"},
               {"\x81\xa1"
                "a\xc9\xff\xff\xff\xff",
                8, "cut"},
               {"\x81\xa1"
                "a\xdf\xff\xff\xff\xff",
                8, "cut"},
               {"\x81\xa1"
                "a\xc1",
                4, "cut"},
               {"\x81\xdb\xff\xff\xff\xff", 6, "no str"},
               {"\x82\xa1"
                "a\x01\xa1"
                "a\x01",
                7, "twice"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        wire_map map;
        /* a copy of its own size, so that a step too far is seen */
        uint8_t *copy = malloc(bad[i].size + 1);
        assert_non_null(copy);
        memcpy(copy, bad[i].bytes, bad[i].size);
        const char *why = mf__map_parse(&map, copy, bad[i].size);
        assert_non_null(why);
        assert_non_null(strstr(why, bad[i].why));
        free(copy);
    }
}

static void depth_and_number_of_objects_are_bounded(void **state)
{
    (void)state;
    wire_map map;
    uint8_t deep[WIRE_DEPTH_MAX + 4] = {0x81, 0xa1, 'a'};
    for (size_t levels = 1; levels <= WIRE_DEPTH_MAX; levels++) {
        memset(deep + 3, 0x91, levels);
        deep[3 + levels] = 0xc0;
        const char *why = mf__map_parse(&map, deep, 4 + levels);
        assert_true(levels < WIRE_DEPTH_MAX ? why == NULL : why != NULL);
    }
    for (size_t n = WIRE_OBJECTS_MAX - 1; n <= WIRE_OBJECTS_MAX; n++) {
        uint8_t *many = calloc(n + 8, 1);
        memcpy(many,
               "\x81\xa1"
               "a\xdd\x00",
               5);
        many[5] = (uint8_t)(n >> 16);
        many[6] = (uint8_t)(n >> 8);
        many[7] = (uint8_t)n;
        const char *why = mf__map_parse(&map, many, n + 8);
        assert_true(n < WIRE_OBJECTS_MAX ? why == NULL : why != NULL);
        free(many);
    }
}

static void names_are_utf8_without_nul(void **state)
{
    (void)state;
    wire_map map;
    char name[8];
    assert_null(PARSE(&map, "\x83\xa1"
                            "a\xa2\xc3\xa9\xa1"
                            "b\xa2x\x00\xa1"
                            "c\xa1\xff"));
    assert_null(mf__map_name(&map, "a", true, name, sizeof name));
    assert_string_equal(name, "\xc3\xa9");
    assert_non_null(mf__map_name(&map, "b", true, name, sizeof name));
    assert_non_null(mf__map_name(&map, "c", true, name, sizeof name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_of_every_encoding_are_read),
        cmocka_unit_test(numbers_of_every_encoding_are_read),
        cmocka_unit_test(what_is_packed_is_read),
        cmocka_unit_test(unknown_keys_keep_their_bytes),
        cmocka_unit_test(broken_maps_are_refused),
        cmocka_unit_test(depth_and_number_of_objects_are_bounded),
        cmocka_unit_test(names_are_utf8_without_nul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
