/* Which names are nearest to a mistyped one: mf/nearest.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "base/utf8.h"
#include "data/nearest.h"

static uint32_t distance(const char *a, const char *b)
{
    mf_nearest near = mf__nearest_to(a, strlen(a));
    return mf__nearest_distance(&near, b, strlen(b));
}

static void edits_are_of_letters_not_bytes(void **state)
{
    (void)state;
    assert_int_equal(distance("radiohead", "radiohead"), 0);
    assert_int_equal(distance("radiohed", "radiohead"), 1);
    assert_int_equal(distance("radiohaed", "radiohead"), 1); /* swapped */
    assert_int_equal(distance("kitten", "sitting"), 3);
    assert_int_equal(distance("ca", "abc"), 3); /* no edit within a swap */
    assert_int_equal(distance("кино", "кина"), 1);
    assert_int_equal(distance("東京", "京東"), 1);
    assert_int_equal(distance("", ""), 0);
    assert_int_equal(distance("", "éa"), 2);
    assert_int_equal(distance("éa", ""), 2);
    assert_int_equal(distance("\xff\xfe", "\xff"), 1); /* bytes that are no text */
}

/* --- the textbook's table --- */

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t table_distance(const uint32_t a[], uint32_t m, const uint32_t b[],
                               uint32_t n)
{
    static uint32_t d[80][80];
    for (uint32_t i = 0; i <= m; i++)
        for (uint32_t j = 0; j <= n; j++) {
            uint32_t best = i == 0 ? j : j == 0 ? i : UINT32_MAX;
            if (i > 0 && j > 0) {
                best = least(d[i - 1][j], d[i][j - 1]) + 1;
                best = least(best, d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    best = least(best, d[i - 2][j - 2] + 1);
            }
            d[i][j] = best;
        }
    return d[m][n];
}

/* Letters of one, two, three and four bytes. */
static size_t write_text(char *to, const uint32_t letter[], uint32_t n)
{
    static const char *const set[] = {"a", "b", "é", "水", "😀"};
    size_t len = 0;
    for (uint32_t i = 0; i < n; i++) {
        memcpy(to + len, set[letter[i]], strlen(set[letter[i]]));
        len += strlen(set[letter[i]]);
    }
    return len;
}

static void distances_are_those_of_the_table(void **state)
{
    (void)state;
    mf_rng rng = mf__rng_make(1, MF_STREAM_TEST, 7);
    for (int round = 0; round < 4000; round++) {
        uint32_t a[80], b[80], m = (uint32_t)mf__rng_below(&rng, round % 8 ? 12 : 80),
                               n = (uint32_t)mf__rng_below(&rng, round % 8 ? 12 : 80);
        char x[400], y[400];
        for (uint32_t i = 0; i < m; i++)
            a[i] = (uint32_t)mf__rng_below(&rng, 5);
        for (uint32_t i = 0; i < n; i++)
            b[i] = mf__rng_below(&rng, 3) && i < m ? a[i]
                                                   : (uint32_t)mf__rng_below(&rng, 5);
        size_t x_len = write_text(x, a, m), y_len = write_text(y, b, n);
        mf_nearest near = mf__nearest_to(x, x_len);
        uint32_t want = table_distance(a, least(m, MF_NEAREST_POINTS), b,
                                       least(n, MF_NEAREST_POINTS));
        assert_int_equal(mf__nearest_distance(&near, y, y_len), want);
    }
}

static void the_nearest_come_first_then_the_weighty_then_in_order(void **state)
{
    (void)state;
    static const char *const name[] = {"maze", "mute", "muse", "nuse", "mu", "zzzz"};
    static const uint64_t weight[] = {5, 1, 1, 0, 9, 100};
    for (uint32_t start = 0; start < 6; start++) { /* the order of offers is nothing */
        mf_nearest near = mf__nearest_to("muze", 4);
        for (uint32_t i = 0; i < 6; i++) {
            uint32_t at = (i + start) % 6;
            mf__nearest_offer(&near, name[at], strlen(name[at]), at, weight[at]);
        }
        assert_int_equal(near.n, 3);
        assert_int_equal(near.found[0].index, 0);
        assert_int_equal(near.found[1].index, 1);
        assert_int_equal(near.found[2].index, 2);
        assert_int_equal(near.found[2].distance, 1);
    }
}

static void the_hint_names_as_many_as_there_are(void **state)
{
    (void)state;
    char hint[MF_NEAREST_HINT];
    mf_ids ids = {0};
    mf_nearest near = mf__nearest_to("b", 1);
    static const char *const want[] = {"", "; the nearest is 'b'",
                                       "; the nearest are 'b' and 'a'",
                                       "; the nearest are 'b', 'a' and 'c'"};
    for (uint32_t i = 0; i < 4; i++) {
        mf__nearest_hint(&near, &ids, hint);
        assert_string_equal(hint, want[i]);
        assert_int_equal(mf_ids_append(&ids, &"bacd"[i], 1, NULL), MF_OK);
        mf__nearest_offer(&near, &"bacd"[i], 1, i, 0);
    }
    mf_ids_free(&ids);
}

static void long_names_are_cut_between_letters(void **state)
{
    (void)state;
    char hint[MF_NEAREST_HINT], name[300];
    mf_ids ids = {0};
    for (size_t i = 0; i < 300; i += 3)
        memcpy(name + i, "水", 3);
    mf_nearest near = mf__nearest_to("", 0);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(mf_ids_append(&ids, name, 300, NULL), MF_OK);
        mf__nearest_offer(&near, name, 300, i, 0);
    }
    mf__nearest_hint(&near, &ids, hint);
    assert_true(mf__utf8_valid(hint, strlen(hint)));
    assert_true(hint[strlen(hint) - 1] == '\'');
    assert_int_equal(mf__nearest_clip(name, 300, 76), 75);
    assert_int_equal(mf__nearest_clip(name, 6, 6), 6);
    assert_int_equal(mf__nearest_clip(name, 6, 2), 0);
    mf_ids_free(&ids);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_are_of_letters_not_bytes),
        cmocka_unit_test(distances_are_those_of_the_table),
        cmocka_unit_test(the_nearest_come_first_then_the_weighty_then_in_order),
        cmocka_unit_test(the_hint_names_as_many_as_there_are),
        cmocka_unit_test(long_names_are_cut_between_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
