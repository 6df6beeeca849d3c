/* JSON as it comes: jobs/shared/json_text.h. What it should look like is jansson's word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "base/number.h"
#include "base/rng.h"
#include "jobs/shared/json.h"
#include "jobs/shared/json_text.h"
#include "jobs/shared/number_text.h"

/* The text that a page has, which is freed, is that of the JSON value, which is too. */
static void same_text(page *p, json_t *json)
{
    char *want =
        mf__json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(10));
    assert_non_null(want);
    assert_int_equal(mf__page_check(p, NULL), MF_OK);
    mf__page_putc(p, '\0');
    assert_string_equal(p->text, want);
    mf__page_free(p);
    free(want);
    json_decref(json);
}

static void text_is_escaped_where_it_must_be(void **state)
{
    (void)state;
    page p = {0};
    mf__json_put_text(&p, "a \"b\" \\c\n\r\t\b\f\x01\x1f\x7f/é東😀", 26);
    mf__page_putc(&p, '\0');
    assert_string_equal(
        p.text, "\"a \\\"b\\\" \\\\c\\n\\r\\t\\b\\f\\u0001\\u001F\\u007f/é東😀\"");
    mf__page_free(&p);
    for (int c = 1; c < 128; c++) {
        char text[] = {'x', (char)c, 'y', '\0'};
        p = (page){0};
        mf__json_put_text(&p, text, 3);
        same_text(&p, json_string(text));
    }
    p = (page){0};
    mf__json_put_text(&p, "", 0);
    same_text(&p, json_string(""));
    p = (page){0};
    mf__json_put_text(&p, "a\0b", 3);
    mf__page_putc(&p, '\0');
    assert_string_equal(p.text, "\"a\\u0000b\"");
    mf__page_free(&p);
}

static void long_text_grows_the_page(void **state)
{
    (void)state;
    char text[5000];
    page p = {0};
    memset(text, '\x02', sizeof text);
    mf__json_put_text(&p, text, sizeof text);
    same_text(&p, json_stringn(text, sizeof text));
}

static void reals_look_as_they_are_read(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } known[] = {{0, "0.0"},
                 {1, "1.0"},
                 {-2.5, "-2.5"},
                 {1e-5, "1e-5"},
                 {1e22, "1e22"},
                 {-1.25e-300, "-1.25e-300"},
                 {1.0 / 3, "0.3333333333"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        page p = {0};
        mf__json_put_real(&p, known[i].value);
        mf__page_putc(&p, '\0');
        assert_string_equal(p.text, known[i].text);
        mf__page_free(&p);
    }
}

/* Bits of all kinds, and scores as there are. */
static void numbers_are_those_of_jansson(void **state)
{
    (void)state;
    mf_rng rng = mf__rng_make(1, MF_STREAM_TEST, 8);
    for (int round = 0; round < 60000; round++) {
        uint32_t bits = (uint32_t)mf__rng_u64(&rng);
        float x;
        if (round & 1)
            memcpy(&x, &bits, sizeof x);
        else
            x = (float)(((double)bits / 4294967296.0 - .5) * pow(10, round % 21 - 9));
        if (!isfinite(x))
            continue;
        char text[FLOAT_TEXT];
        mf__float_text(text, x);
        page p = {0};
        mf__json_put_float(&p, x);
        same_text(&p, json_real(mf__strtod(text, NULL)));
        double wide = (double)x / 3;
        p = (page){0};
        mf__json_put_real(&p, wide);
        same_text(&p, json_real(wide));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_escaped_where_it_must_be),
        cmocka_unit_test(long_text_grows_the_page),
        cmocka_unit_test(reals_look_as_they_are_read),
        cmocka_unit_test(numbers_are_those_of_jansson),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
