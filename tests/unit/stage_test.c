/* Provenance of one stage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mf/version.h"
#include "wire/pack_stage.h"

static void options_are_sorted_by_name(void **state)
{
    (void)state;
    static const char *const names[] = {"test", "alpha", "zeta", "method", "beta"};
    mf_stage stage = mf_stage_make("mf-split");
    assert_string_equal(stage.tool, "mf-split");
    assert_string_equal(stage.version, MF_VERSION);
    assert_false(stage.seeded);
    for (size_t i = 0; i < 5; i++)
        mf_stage_option(&stage, names[i], "%zu", i);
    assert_int_equal(stage.options, 5);
    for (size_t i = 1; i < 5; i++)
        assert_true(strcmp(stage.option[i - 1].name, stage.option[i].name) < 0);
    assert_string_equal(stage.option[0].value, "1");
}

static void numbers_are_the_shortest_that_come_back(void **state)
{
    (void)state;
    static const double x[] = {0,    0.1,       0.15,   1.0 / 3,
                               1e-9, 123456789, 5e-324, 1.7976931348623157e308};
    static const char *const text[] = {
        "0",     "0.1",       "0.15",   "0.3333333333333333",
        "1e-09", "123456789", "5e-324", "1.7976931348623157e+308"};
    for (size_t i = 0; i < sizeof x / sizeof *x; i++) {
        mf_stage stage = mf_stage_make("t");
        mf_stage_number(&stage, "x", x[i]);
        assert_string_equal(stage.option[0].value, text[i]);
        assert_true(strtod(stage.option[0].value, NULL) == x[i]);
    }
}

static void what_has_no_room_does_no_harm(void **state)
{
    (void)state;
    char name[300];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    mf_stage stage = mf_stage_make(name);
    assert_int_equal(strlen(stage.tool), MF_STAGE_TEXT - 1);
    assert_true(stage.cut);
    assert_false(mf_stage_make("tool").cut);
    for (int i = 0; i < MF_STAGE_OPTIONS + 5; i++)
        mf_stage_option(&stage, name, "%s", name);
    assert_int_equal(stage.options, MF_STAGE_OPTIONS);
    uint64_t sum = 0;
    for (uint64_t i = 0; i < MF_STAGE_INPUTS + 9; i++) {
        mf_stage_input(&stage, "shard", 1000 + i);
        sum += i + 1 >= MF_STAGE_INPUTS ? 1000 + i : 0;
    }
    assert_int_equal(stage.inputs, MF_STAGE_INPUTS);
    assert_true(stage.input[MF_STAGE_INPUTS - 1].digest == sum); /* none is forgotten */
}

static void a_stage_survives_the_wire(void **state)
{
    (void)state;
    wire_buffer b = {0};
    msgpack_packer pack = mf__packer(&b);
    mf_stage stage = mf_stage_make("mf-als"), back;
    mf_stage_seed(&stage, UINT64_MAX);
    for (int i = 0; i < MF_STAGE_OPTIONS; i++) {
        char name[16];
        snprintf(name, sizeof name, "o%02d", i);
        mf_stage_number(&stage, name, i / 7.0);
    }
    for (uint64_t i = 0; i < MF_STAGE_INPUTS; i++)
        mf_stage_input(&stage, "triplets", i << 60 | i);
    mf__stage_pack(&pack, &stage);
    assert_false(b.failed);
    assert_null(mf__stage_unpack((wire_span){b.data, b.size}, &back));
    assert_string_equal(back.tool, stage.tool);
    assert_true(back.seeded && back.seed == UINT64_MAX);
    assert_int_equal(back.options, stage.options);
    assert_int_equal(back.inputs, stage.inputs);
    for (size_t i = 0; i < stage.options; i++) {
        assert_string_equal(back.option[i].name, stage.option[i].name);
        assert_string_equal(back.option[i].value, stage.option[i].value);
    }
    for (size_t i = 0; i < stage.inputs; i++)
        assert_true(back.input[i].digest == stage.input[i].digest);
    for (size_t size = 0; size < b.size; size++) { /* cut anywhere: words, no crash */
        uint8_t *copy = malloc(size + 1);
        memcpy(copy, b.data, size);
        assert_non_null(mf__stage_unpack((wire_span){copy, size}, &back));
        free(copy);
    }
    mf__pack_free(&b);
}

/* What another writer may put in a stage: no seed, nil, more options. */
static void foreign_stages_are_read(void **state)
{
    (void)state;
    static const uint8_t foreign[] = "\x85\xa4tool\xa1x\xa7version\xa1"
                                     "1\xa4seed\xc0"
                                     "\xa7options\x82\xa1"
                                     "a\xa1"
                                     "b\xa1"
                                     "c\xc0"
                                     "\xa5other\x93\x01\x02\x03";
    mf_stage stage;
    assert_null(mf__stage_unpack((wire_span){foreign, sizeof foreign - 1}, &stage));
    assert_false(stage.seeded);
    assert_int_equal(stage.options, 1);
    assert_string_equal(stage.option[0].value, "b");
    assert_int_equal(stage.inputs, 0);
    static const uint8_t nils[] = "\x84\xa4tool\xa1x\xa7version\xa1"
                                  "1\xa7options\xc0\xa6inputs\xc0";
    assert_null(mf__stage_unpack((wire_span){nils, sizeof nils - 1}, &stage));
}

/* The words for a stage whose one option has this name and this value, msgpack both; or
 * for one of so many options. */
static const char *refusal(const void *name, size_t name_len, const void *value,
                           size_t value_len, mf_stage *stage)
{
    wire_buffer b = {0};
    msgpack_packer pack = mf__packer(&b);
    msgpack_pack_map(&pack, 3);
    mf__pack_key_str(&pack, "tool", "x");
    mf__pack_key_str(&pack, "version", "1");
    mf__pack_str(&pack, "options");
    msgpack_pack_map(&pack, 1);
    mf__pack_append(&b, name, name_len);
    mf__pack_append(&b, value, value_len);
    const char *why = mf__stage_unpack((wire_span){b.data, b.size}, stage);
    mf__pack_free(&b);
    return why;
}

static void what_has_no_room_is_refused(void **state)
{
    (void)state;
    static const uint8_t n[] = "\xa1n", five[] = {5}, list[] = {0x91, 1},
                         bad[] = {0xa2, 0xff, 0xff}, nul[] = {0xa1, 0};
    mf_stage stage;
    wire_buffer b = {0};
    msgpack_packer pack = mf__packer(&b);
    char text[300];
    memset(text, 'v', sizeof text);
    assert_non_null(strstr(refusal(n, 2, five, 1, &stage), "not a str"));
    assert_non_null(strstr(refusal(n, 2, list, 2, &stage), "not a str"));
    assert_non_null(strstr(refusal(n, 2, bad, 3, &stage), "UTF-8"));
    assert_non_null(strstr(refusal(n, 2, nul, 2, &stage), "NUL"));
    assert_non_null(strstr(refusal(bad, 3, n, 2, &stage), "name"));
    for (size_t len = 255; len <= 256; len++) {
        mf__pack_clear(&b);
        msgpack_pack_str(&pack, len);
        msgpack_pack_str_body(&pack, text, len);
        const char *why = refusal(n, 2, b.data, b.size, &stage);
        if (len == 255) {
            assert_null(why);
            assert_int_equal(strlen(stage.option[0].value), 255);
        } else {
            assert_non_null(strstr(why, "at most 255 bytes"));
        }
    }
    for (size_t len = 63; len <= 64; len++) {
        mf__pack_clear(&b);
        msgpack_pack_str(&pack, len);
        msgpack_pack_str_body(&pack, text, len);
        assert_true((refusal(b.data, b.size, n, 2, &stage) == NULL) == (len == 63));
    }
    for (int many = 0; many < 2; many++) { /* 41 options, 65 inputs */
        size_t options = many ? 1 : MF_STAGE_OPTIONS + 1,
               inputs = many ? MF_STAGE_INPUTS + 1 : 0;
        mf__pack_clear(&b);
        msgpack_pack_map(&pack, 4);
        mf__pack_key_str(&pack, "tool", "x");
        mf__pack_key_str(&pack, "version", "1");
        mf__pack_str(&pack, "options");
        msgpack_pack_map(&pack, options);
        for (size_t i = 0; i < options; i++) {
            snprintf(text, sizeof text, "o%zu", i);
            mf__pack_key_str(&pack, text, "1");
        }
        mf__pack_str(&pack, "inputs");
        msgpack_pack_array(&pack, inputs);
        for (size_t i = 0; i < inputs; i++) {
            msgpack_pack_map(&pack, 2);
            mf__pack_key_str(&pack, "name", "shard");
            mf__pack_key_digest(&pack, "digest", i);
        }
        assert_non_null(strstr(mf__stage_unpack((wire_span){b.data, b.size}, &stage),
                               many ? "more than 64 inputs" : "more than 40 options"));
    }
    mf__pack_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_sorted_by_name),
        cmocka_unit_test(numbers_are_the_shortest_that_come_back),
        cmocka_unit_test(what_has_no_room_does_no_harm),
        cmocka_unit_test(a_stage_survives_the_wire),
        cmocka_unit_test(foreign_stages_are_read),
        cmocka_unit_test(what_has_no_room_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
