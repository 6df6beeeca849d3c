/* Ids by names as people type them: data/names.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/names.h"

/* Sorted by bytes, as ids are. */
static const char *const NAMES[] = {"BJORK",     "Bjork",       "Björk",
                                    "Radiohead", "The Beatles", "bjo\xcc\x88rk",
                                    "Кино",      "東京"};
enum { COUNT = sizeof NAMES / sizeof *NAMES };
static const uint32_t WEIGHT[COUNT] = {3, 1, 40, 9, 8, 40, 2, 1};

typedef struct shelf {
    mf_ids ids;
    mf_names *names;
} shelf;

static void open_shelf(shelf *s, uint32_t count, const uint32_t weight[])
{
    *s = (shelf){0};
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(mf_ids_append(&s->ids, NAMES[i], strlen(NAMES[i]), NULL),
                         MF_OK);
    assert_int_equal(mf__names_open(&s->names, &s->ids, weight, NULL), MF_OK);
}

static void close_shelf(shelf *s)
{
    mf__names_close(s->names);
    mf_ids_free(&s->ids);
}

/* What `text` stands for, as digits. */
static const char *found(shelf *s, const char *text)
{
    static char digits[16];
    const uint32_t *index;
    size_t n;
    assert_int_equal(mf__names_find(s->names, text, strlen(text), &index, &n, NULL),
                     MF_OK);
    for (size_t i = 0; i < n; i++)
        digits[i] = (char)('0' + index[i]);
    digits[n] = '\0';
    return digits;
}

static void an_id_is_itself_and_nothing_else(void **state)
{
    (void)state;
    shelf s;
    open_shelf(&s, COUNT, WEIGHT);
    for (uint32_t i = 0; i < COUNT; i++) {
        char want[2] = {(char)('0' + i), '\0'};
        assert_string_equal(found(&s, NAMES[i]), want);
    }
    close_shelf(&s);
}

static void other_spellings_stand_for_all_of_their_key(void **state)
{
    (void)state;
    shelf s;
    open_shelf(&s, COUNT, WEIGHT);
    assert_string_equal(found(&s, "radioHEAD"), "3");
    assert_string_equal(found(&s, "  the  BEATLES feat. Nobody"), "4");
    assert_string_equal(found(&s, "КИНО"), "6");
    assert_string_equal(found(&s, "bjÖrk"), "2015"); /* 2 and 5 weigh as much */
    assert_string_equal(found(&s, ""), "");
    close_shelf(&s);
    open_shelf(&s, COUNT, NULL);
    assert_string_equal(found(&s, "bjÖrk"), "0125");
    close_shelf(&s);
}

/* Each is found by what stands behind it, up to NULL. */
static const struct {
    const char *id, *typed[6];
} LOOSE[] = {
    {"!!!", {"! ! !", NULL}},
    {"A Camp", {"an camp", "camp", NULL}},
    {"AC/DC", {"acdc", "AC DC", "ac-dc", NULL}},
    {"Czesław Niemen", {"Czeslaw Niemen", "czeslaw-niemen", NULL}},
    {"Florence + The Machine",
     {"florence and the machine", "Florence & the Machine", "florence + the machine",
      NULL}},
    {"Guns N' Roses",
     {"guns n roses", "Guns N’ Roses", "GUNS'N'ROSES", "guns nʼ roses", NULL}},
    {"Jay-Z", {"jay z", "JAYZ", "Jay–Z", NULL}},
    {"Kırmızı", {"kirmizi", NULL}},
    {"Sigur Rós", {"the sigur-ros", NULL}},
    {"Simon & Garfunkel", {"simon and garfunkel", "Simon & Garfunkel,", NULL}},
    {"The Beatles", {"beatles", "a beatles", "Beatles!", NULL}},
    {"The The", {"the-the", "the", NULL}},
    {"Trentemøller", {"trentemoller", "TRENTEMØLLER!", NULL}},
    {"a-ha", {"aha", "a.ha", NULL}},
    {"Þursaflokkurinn", {"thursaflokkurinn", NULL}},
    {"Ægir", {"aegir", NULL}},
    {"Đorđe Balašević", {"dorde balasevic", NULL}},
    {"こぶしファクトリー", {"こぶし・ファクトリー", NULL}},
};

static void names_are_found_as_people_type_them(void **state)
{
    (void)state;
    enum { N = sizeof LOOSE / sizeof *LOOSE };
    mf_ids ids = {0};
    mf_names *names;
    for (size_t i = 0; i < N; i++)
        assert_int_equal(mf_ids_append(&ids, LOOSE[i].id, strlen(LOOSE[i].id), NULL),
                         MF_OK);
    assert_int_equal(mf__names_open(&names, &ids, NULL, NULL), MF_OK);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; LOOSE[i].typed[j]; j++) {
            const char *typed = LOOSE[i].typed[j];
            const uint32_t *index;
            size_t n;
            assert_int_equal(
                mf__names_find(names, typed, strlen(typed), &index, &n, NULL), MF_OK);
            if (n != 1 || index[0] != i)
                fail_msg("'%s' is not '%s' alone", typed, LOOSE[i].id);
        }
    mf__names_close(names);
    mf_ids_free(&ids);
}

/* The first rule that finds something finds all that it does, and later ones are not
 * asked. */
static void the_strictest_key_wins(void **state)
{
    (void)state;
    static const char *const id[] = {"AC/DC", "ACDC", "Ac Dc", "The AC-DC", "ac/dc"};
    static const uint32_t weight[] = {5, 2, 7, 90, 5};
    static const struct {
        const char *typed, *found;
    } want[] = {{"AC/DC", "0"},     {"ac/dc", "4"},   {"Ac/Dc", "04"},
                {"acdc", "1"},      {"ac dc", "2"},   {"A.C.D.C", "2014"},
                {"the ac-dc", "3"}, {"theacdc", "3"}, {"an acdc", "30124"},
                {"acdc!", "2014"}};
    mf_ids ids = {0};
    shelf s = {0};
    for (uint32_t i = 0; i < 5; i++)
        assert_int_equal(mf_ids_append(&ids, id[i], strlen(id[i]), NULL), MF_OK);
    assert_int_equal(mf__names_open(&s.names, &ids, weight, NULL), MF_OK);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        if (strcmp(found(&s, want[i].typed), want[i].found) != 0)
            fail_msg("'%s': %s", want[i].typed, found(&s, want[i].typed));
    mf__names_close(s.names);
    mf_ids_free(&ids);
}

/* A name without guests is meant before those with some, though they are stricter or
 * better known. */
static void a_name_without_guests_wins(void **state)
{
    (void)state;
    static const char *const id[] = {
        "Jay Z feat. Foo", "Jay-Z",       "Nas",         "Nas feat. Drake",
        "Nas ft Jay-Z",    "Six feat. A", "Six feat. B", "The Cab (feat X)",
        "The-Cab"};
    static const uint32_t weight[] = {90, 5, 2, 80, 70, 1, 7, 9, 1};
    static const struct {
        const char *typed, *found;
    } want[] = {
        {"nas ft jay-z", "234"}, {"NAS", "234"},     {"nas (feat Drake)", "234"},
        {"Nas ft Jay-Z", "4"},   {"jay z", "10"},    {"jay z featuring y", "10"},
        {"six", "65"},           {"six ft c", "65"}, {"cab", "7"},
        {"the cab feat y", "87"}};
    mf_ids ids = {0};
    shelf s = {0};
    char hint[MF_NEAREST_HINT];
    for (uint32_t i = 0; i < sizeof id / sizeof *id; i++)
        assert_int_equal(mf_ids_append(&ids, id[i], strlen(id[i]), NULL), MF_OK);
    assert_int_equal(mf__names_open(&s.names, &ids, weight, NULL), MF_OK);
    assert_int_equal(mf__names_hint(s.names, "Nass", 4, hint, NULL), MF_OK);
    assert_non_null(strstr(hint, "the nearest are 'Nas', "));
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        if (strcmp(found(&s, want[i].typed), want[i].found) != 0)
            fail_msg("'%s': %s", want[i].typed, found(&s, want[i].typed));
    mf__names_close(s.names);
    mf_ids_free(&ids);
}

static void the_hint_names_one_id_of_each_key(void **state)
{
    (void)state;
    shelf s;
    char hint[MF_NEAREST_HINT];
    open_shelf(&s, COUNT, WEIGHT);
    assert_int_equal(mf__names_hint(s.names, "Bjrok", 5, hint, NULL), MF_OK);
    assert_string_equal(hint, "; the nearest are 'Björk', 'Кино' and '東京'");
    assert_int_equal(mf__names_hint(s.names, "RADIO HAED", 10, hint, NULL), MF_OK);
    assert_non_null(strstr(hint, "are 'Radiohead', "));
    close_shelf(&s);
    open_shelf(&s, 0, NULL);
    assert_string_equal(found(&s, "x"), "");
    assert_int_equal(mf__names_hint(s.names, "x", 1, hint, NULL), MF_OK);
    assert_string_equal(hint, "");
    close_shelf(&s);
}

static void an_article_more_or_less_is_no_distance(void **state)
{
    (void)state;
    shelf s;
    char hint[MF_NEAREST_HINT];
    open_shelf(&s, COUNT, WEIGHT);
    assert_int_equal(mf__names_hint(s.names, "beatels", 7, hint, NULL), MF_OK);
    assert_non_null(strstr(hint, "are 'The Beatles', "));
    assert_int_equal(mf__names_hint(s.names, "The Radiohed", 12, hint, NULL), MF_OK);
    assert_non_null(strstr(hint, "are 'Radiohead', "));
    close_shelf(&s);
}

/* Twenty thousand spellings of one name, looked up as often: without a run for each key
 * this takes minutes. */
static void many_spellings_of_one_name_are_found_at_once(void **state)
{
    (void)state;
    enum { MANY = 20000, HEAVY = 12345 };
    mf_ids ids = {0};
    mf_names *names;
    uint32_t *weight = calloc(MANY, sizeof *weight);
    const uint32_t *index;
    char hint[MF_NEAREST_HINT], text[400];
    size_t n;
    assert_non_null(weight);
    weight[HEAVY] = 2;
    for (uint32_t i = 0; i < MANY; i++) { /* in order: '!' < '.' */
        uint32_t len = 1 + i / 100;
        text[0] = 'a';
        memset(text + 1, '.', len);
        memset(text + 1 + len, '!', i % 100 + 1);
        assert_int_equal(mf_ids_append(&ids, text, len + i % 100 + 2, NULL), MF_OK);
    }
    assert_int_equal(mf__names_open(&names, &ids, weight, NULL), MF_OK);
    for (uint32_t i = 0; i < MANY; i++) {
        text[0] = 'A';
        memset(text + 1, '?', i % 300);
        assert_int_equal(mf__names_find(names, text, 1 + i % 300, &index, &n, NULL),
                         MF_OK);
        assert_int_equal(n, MANY);
        assert_int_equal(index[0], HEAVY);
        assert_int_equal(index[1], 0);
        assert_int_equal(index[HEAVY], HEAVY - 1);
        assert_int_equal(index[MANY - 1], MANY - 1);
    }
    assert_int_equal(mf__names_find(names, "ab", 2, &index, &n, NULL), MF_OK);
    assert_int_equal(n, 0);
    assert_int_equal(mf__names_hint(names, "ab", 2, hint, NULL), MF_OK);
    assert_non_null(strstr(hint, "the nearest is 'a....."));
    mf__names_close(names);
    mf_ids_free(&ids);
    free(weight);
}

static void what_is_not_utf8_is_refused(void **state)
{
    (void)state;
    shelf s;
    const uint32_t *index;
    size_t n;
    open_shelf(&s, COUNT, WEIGHT);
    assert_int_equal(mf__names_find(s.names, "\xff", 1, &index, &n, NULL), MF_EFORMAT);
    assert_int_equal(n, 0);
    assert_string_equal(found(&s, "radiohead"), "3"); /* and it goes on */
    close_shelf(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_is_itself_and_nothing_else),
        cmocka_unit_test(other_spellings_stand_for_all_of_their_key),
        cmocka_unit_test(names_are_found_as_people_type_them),
        cmocka_unit_test(the_strictest_key_wins),
        cmocka_unit_test(a_name_without_guests_wins),
        cmocka_unit_test(the_hint_names_one_id_of_each_key),
        cmocka_unit_test(an_article_more_or_less_is_no_distance),
        cmocka_unit_test(many_spellings_of_one_name_are_found_at_once),
        cmocka_unit_test(what_is_not_utf8_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
