/* When two spellings are one artist: mf/artist_key.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mf/artist_key.h"

/* The key of `name` under `rule`, in room that the next call takes. */
static const char *key_of(mf_artist_rule rule, const char *name)
{
    static char text[400];
    mf_artist_key key = {0};
    assert_int_equal(mf_artist_key_make(&key, rule, name, strlen(name), NULL), MF_OK);
    assert_true(key.len < sizeof text);
    memcpy(text, key.text, key.len);
    text[key.len] = '\0';
    mf_artist_key_free(&key);
    return text;
}

static void folds_to(const char *name, const char *key)
{
    assert_string_equal(key_of(MF_ARTIST_FOLD, name), key);
}

static void case_accents_and_blanks_fold(void **state)
{
    (void)state;
    folds_to("Björk", "bjork");
    folds_to("BJÖRK", "bjork");
    folds_to("Bjo\xcc\x88rk", "bjork"); /* decomposed */
    folds_to("  The \t Beatles\xc2\xa0 ", "the beatles");
    folds_to("Ｑｕｅｅｎ", "queen");
    folds_to("Straße", "strasse");
    folds_to("AC/DC", "ac/dc");
}

static void guests_are_cut_off(void **state)
{
    (void)state;
    folds_to("Rihanna feat. Jay-Z", "rihanna");
    folds_to("Rihanna FEAT. Jay-Z", "rihanna");
    folds_to("Shakira Featuring Wyclef Jean", "shakira");
    folds_to("DJ X-Change featuring DJ Joey A", "dj x-change");
    folds_to("Rah Digga (Featuring Outsidaz)", "rah digga");
    folds_to("T.I. [ft. Rihanna]", "t.i.");
    folds_to("T.I.\tft. Rihanna", "t.i.");
    folds_to("Zucchero / Paul Young", "zucchero");
    folds_to("A / B feat. C", "a");
    folds_to("A feat. B / C", "a");
    folds_to("Björk ( [ft. Ｊ", "bjork");
}

static void guests_need_no_full_stop(void **state)
{
    (void)state;
    folds_to("Rihanna feat Jay-Z", "rihanna");
    folds_to("rihanna ft jay-z", "rihanna");
    folds_to("Rihanna FT Jay-Z", "rihanna");
    folds_to("Rihanna (feat Jay-Z)", "rihanna");
    folds_to("Rihanna [ft Jay-Z]", "rihanna");
    folds_to("rihanna featuring jay-z", "rihanna");
    folds_to("rihanna (featuring: jay-z)", "rihanna");
    folds_to("Pet Shop Boys ft Brandon Flowers Lady GaGa", "pet shop boys");
    folds_to("Justin Bieber  ft Rascal Flatts", "justin bieber");
    folds_to("Blink-182 ft X", "blink-182");
    folds_to("Little Feat ft X", "little feat");
    folds_to("Little Feat feat. X", "little feat");
    folds_to("X ft $lick", "x");
}

static void what_only_looks_like_a_guest_stays(void **state)
{
    (void)state;
    folds_to("Little Feat", "little feat");
    folds_to("Little Feat.", "little"); /* the rule is the rule */
    folds_to("Little Feat & Friends", "little feat & friends");
    folds_to("Little Feat and Friends", "little feat and friends");
    folds_to("Little Feat (Live)", "little feat (live)");
    folds_to("50 ft Wave", "50 ft wave");
    folds_to("Six 50 ft Wave", "six 50 ft wave");
    folds_to("Defeat X", "defeat x");
    folds_to("A Featherweight", "a featherweight");
    folds_to("Loft ft", "loft ft");
    folds_to("feat X", "feat x");
    folds_to("Defeat.", "defeat.");     /* no blank before */
    folds_to("Raft.", "raft.");
    folds_to("The Featurings", "the featurings");
    folds_to("Kraft.werk (2)", "kraft.werk (2)");
    folds_to("A/B", "a/b");
    folds_to("Foo (", "foo ("); /* nothing was cut */
}

static void a_name_that_is_all_guest_stays_whole(void **state)
{
    (void)state;
    folds_to("feat. X", "feat. x");
    folds_to("(feat. X)", "(feat. x)");
    folds_to("[ ft. X", "[ ft. x");
    folds_to("/ ", "/");
    folds_to("\xcc\x88", "\xcc\x88"); /* an accent alone: the name itself */
    folds_to(" ", " ");
}

static void names_in_other_scripts_survive_and_differ(void **state)
{
    (void)state;
    folds_to("宇多田ヒカル", "宇多田ヒカル");
    folds_to("КИНО", "кино");
    folds_to("Кино feat. Баста", "кино");
    folds_to("ΆΡΗΣ", "αρησ");
    char first[64];
    strcpy(first, key_of(MF_ARTIST_FOLD, "ガ"));
    assert_string_not_equal(first, key_of(MF_ARTIST_FOLD, "カ")); /* voiced */
    strcpy(first, key_of(MF_ARTIST_FOLD, "की"));
    assert_string_not_equal(first, key_of(MF_ARTIST_FOLD, "कु")); /* a vowel sign */
    assert_string_equal(key_of(MF_ARTIST_FOLD, "ｶﾞ"), key_of(MF_ARTIST_FOLD, "ガ"));
}

static void the_exact_key_is_the_name(void **state)
{
    (void)state;
    assert_string_equal(key_of(MF_ARTIST_EXACT, " Björk feat. X "), " Björk feat. X ");
}

static void the_ascii_key_has_the_mistake_of_the_study(void **state)
{
    (void)state;
    assert_string_equal(key_of(MF_ARTIST_ASCII, "BJÖRK feat. X"), "bjork");
    assert_string_equal(key_of(MF_ARTIST_ASCII, "A feat X"), "a feat x");
    assert_string_equal(key_of(MF_ARTIST_ASCII, "Mø"), "m");
    assert_string_equal(key_of(MF_ARTIST_ASCII, "宇多田ヒカル"), "");
    assert_string_equal(key_of(MF_ARTIST_ASCII, "КИНО"), "");
    assert_string_equal(key_of(MF_ARTIST_ASCII, "Кино feat. X"), "");
    assert_string_equal(key_of(MF_ARTIST_ASCII, "Straße"), "strae");
}

static void folding_a_key_changes_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"Björk feat. X", "ΆΡΗΣ",     "(feat. X)",
                                        "ｶﾞ ft. y",      "İstanbul", "ﬁne ǅ ft z",
                                        "한국 / x",      "x  y"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char once[200];
        strcpy(once, key_of(MF_ARTIST_FOLD, names[i]));
        folds_to(once, once);
    }
}

static void bytes_that_are_not_utf8_are_refused(void **state)
{
    (void)state;
    mf_artist_key key = {0};
    mf_err err = {0};
    assert_int_equal(mf_artist_key_make(&key, MF_ARTIST_FOLD, "a\xff", 2, &err),
                     MF_EFORMAT);
    mf_artist_key_free(&key);
}

static void a_name_of_the_largest_size_takes_linear_room(void **state)
{
    (void)state;
    enum { N = 65535 };
    char *name = malloc(N);
    mf_artist_key key = {0};
    assert_non_null(name);
    memset(name, ' ', N);
    name[0] = 'A';
    name[N - 1] = 'B';
    assert_int_equal(mf_artist_key_make(&key, MF_ARTIST_FOLD, name, N, NULL), MF_OK);
    assert_int_equal(key.len, 3);
    assert_memory_equal(key.text, "a b", 3);
    mf_artist_key_free(&key);
    free(name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_accents_and_blanks_fold),
        cmocka_unit_test(guests_are_cut_off),
        cmocka_unit_test(guests_need_no_full_stop),
        cmocka_unit_test(what_only_looks_like_a_guest_stays),
        cmocka_unit_test(a_name_that_is_all_guest_stays_whole),
        cmocka_unit_test(names_in_other_scripts_survive_and_differ),
        cmocka_unit_test(the_exact_key_is_the_name),
        cmocka_unit_test(the_ascii_key_has_the_mistake_of_the_study),
        cmocka_unit_test(folding_a_key_changes_nothing),
        cmocka_unit_test(bytes_that_are_not_utf8_are_refused),
        cmocka_unit_test(a_name_of_the_largest_size_takes_linear_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
