/* Moments as text: data/time.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "data/time.h"

static bool parse(const char *text, int64_t *seconds)
{
    return mf__time_parse((mf_field){text, strlen(text)}, seconds);
}

/* The seconds are those of Python's datetime. */
static void moments_are_seconds_since_1970(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds;
    } cases[] = {
        {"0", 0},
        {"978300760", 978300760},
        {"-1", -1},
        {"-0", 0},
        {"1.999", 1},
        {"-1.5", -2},
        {"-1.0", -1},
        {"1e9", 1000000000},
        {"1.5e9", 1500000000},
        {"1.147880044E+09", 1147880044},
        {"1.1478800449e9", 1147880044},
        {"-1.1478800441e9", -1147880045},
        {"15e-1", 1},
        {"-15e-1", -2},
        {"5e-30", 0},
        {"-5e-30", -1},
        {"0e0", 0},
        {"2.53402300799e11", INT64_C(253402300799)},
        {"253402300799", INT64_C(253402300799)},
        {"-62167219200", INT64_C(-62167219200)},
        {"1970-01-01", 0},
        {"1969-12-31", -86400},
        {"2000-02-29", 951782400},
        {"2000-12-31T22:12:40Z", 978300760},
        {"2000-12-31 22:12:40", 978300760},
        {"2000-12-31T22:12:40.999Z", 978300760},
        {"2000-12-31T22:12", 978300720},
        {"2001-01-01T00:12:40+02:00", 978300760},
        {"2000-12-31T16:42:40-0530", 978300760},
        {"2000-12-31T23:12:40+01", 978300760},
        {"2016-12-31T23:59:60Z", 1483228800},
        {"1900-03-01", -2203891200},
        {"0000-01-01", INT64_C(-62167219200)},
        {"9999-12-31T23:59:59Z", INT64_C(253402300799)},
        {"2009-05-04T23:08:57Z", 1241478537},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t seconds = 7;
        assert_true(parse(cases[i].text, &seconds));
        assert_int_equal(seconds, cases[i].seconds);
    }
}

static void what_is_no_moment_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "-",
        "x",
        "1e",
        "e9",
        "1e+",
        "1e-",
        "1.e9",
        ".5e9",
        "1e9.5",
        "1e99",
        "1e9999999999",
        "1.5e12",
        "1e9x",
        "1.5.5e9",
        "+5",
        "1.",
        ".5",
        " 5",
        "1900-02-29",
        "2001-02-29",
        "2001-00-10",
        "2001-13-01",
        "2001-1-1",
        "2001-04-31",
        "2001-01-01T",
        "2001-01-01T24:00",
        "2001-01-01T10",
        "2001-01-01T10:60",
        "2001-01-01T10:10:61",
        "2001-01-01T10:10Zx",
        "2001-01-01T10:10+2",
        "2001-01-01T10:10+24:00",
        "2001-01-01T10:10+02:60",
        "2001-01-01T10:10:10.",
        "20010101T1010",
        "12345-01-01",
        "0000-01-01T00:00+01:00",
        "9999-12-31T23:59-01:00",
        "253402300800",
        "-62167219201",
        "978300760000",
        "99999999999999999999",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t seconds;
        if (parse(cases[i], &seconds))
            fail_msg("'%s' became %lld", cases[i], (long long)seconds);
    }
    assert_non_null(
        strstr(mf__time_fault((mf_field){"1483228800000", 13}), "milliseconds"));
    assert_non_null(strstr(mf__time_fault((mf_field){"May", 3}), "YYYY-MM-DD"));
}

/* Each day of 400 years and more, and what is written is read. */
static void every_day_is_given_back_by_its_text(void **state)
{
    (void)state;
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t day = -25567; /* 1900-01-01 */
    for (unsigned y = 1900; y < 2310; y++)
        for (unsigned m = 0; m < 12; m++) {
            bool leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
            for (unsigned d = 1; d <= days[m] + (m == 1 && leap); d++, day++) {
                char want[40], text[MF_TIME_TEXT];
                int64_t moment = day * 86400 + 86399, back;
                snprintf(want, sizeof want, "%04u-%02u-%02uT23:59:59Z", y, m + 1, d);
                mf__time_format(moment, text);
                assert_string_equal(text, want);
                assert_true(parse(text, &back));
                assert_int_equal(back, moment);
            }
        }
    char text[MF_TIME_TEXT];
    mf__time_format(MF_TIME_MIN, text);
    assert_string_equal(text, "0000-01-01T00:00:00Z");
    mf__time_format(MF_TIME_MAX, text);
    assert_string_equal(text, "9999-12-31T23:59:59Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_seconds_since_1970),
        cmocka_unit_test(what_is_no_moment_is_refused),
        cmocka_unit_test(every_day_is_given_back_by_its_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
