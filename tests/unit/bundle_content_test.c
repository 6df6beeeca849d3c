/* Content that lies: numbers, order, counts, sections. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lies.h"
#include "mf/model.h"

static void numbers_are_finite(void **state)
{
    (void)state;
    static const double wrong[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    static const char *const card[] = {
        "overlap", "unobserved", "lambda_users", "lambda_items", "nu",
        "mu",      "alpha",      "eps",          "lambda_bias",  "shrink"};
    uint8_t v[AID_VALUE];
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < 10; j++)
            lies_field('M', 0, card[j], v, aid_f64(v, wrong[i]), "finite");
        float value[4] = {1, 2, 3, (float)wrong[i]}, data[12] = {0};
        aid_doc *doc = lies_sample();
        aid_doc_set_bin(doc, 3, "value", value, sizeof value);
        lies_refused(doc, 3, "finite");
        aid_doc_free(doc);
        data[11] = (float)wrong[i];
        doc = lies_sample();
        size_t f = aid_doc_find(doc, 'F', 0);
        aid_doc_set_bin(doc, f, "data", data, sizeof data);
        lies_refused(doc, f, "finite");
        aid_doc_free(doc);
    }
}

/* The sample with biases on both sides. */
static aid_doc *biased(void)
{
    static const float item[6] = {1, 2, 3, 4, 5, 6}, user[5] = {-1, -2, 0, 1, 2};
    aid_doc *doc = lies_sample();
    aid_doc_set_bin(doc, aid_doc_find(doc, 'F', 0), "bias", item, sizeof item);
    aid_doc_set_bin(doc, aid_doc_find(doc, 'F', 1), "bias", user, sizeof user);
    return doc;
}

static void biases_are_whole_finite_and_on_both_sides(void **state)
{
    (void)state;
    const float wrong[5] = {0, 0, 0, 0, NAN}, few[4] = {0};
    aid_doc *doc = biased();
    size_t f = aid_doc_find(doc, 'F', 1);
    lies_accepted(doc);
    aid_doc_set_bin(doc, f, "bias", wrong, sizeof wrong);
    lies_refused(doc, f, "a bias is not finite");
    aid_doc_set_bin(doc, f, "bias", few, sizeof few);
    lies_refused(doc, f, "bias");
    aid_doc_set(doc, f, "bias", NULL, 0);
    lies_refused(doc, f, "some factors have a bias and some have none");
    aid_doc_free(doc);
    doc = biased();
    aid_doc_set(doc, aid_doc_find(doc, 'F', 0), "bias", NULL, 0);
    lies_refused(doc, f, "some factors have a bias and some have none");
    aid_doc_set_u64(doc, aid_doc_find(doc, 'F', 0), "bias", 7);
    lies_refused(doc, aid_doc_find(doc, 'F', 0), "bias");
    aid_doc_free(doc);
}

/* The sample with items that weigh by popularity. */
static aid_doc *weighed(void)
{
    static const float weight[6] = {1, 0, 3, .5f, 1e-6f, 2};
    static const uint8_t preset[] = "\xac"
                                    "implicit+pop";
    uint8_t v[AID_VALUE];
    aid_doc *doc = lies_sample();
    size_t card = aid_doc_find(doc, 'M', 0);
    aid_doc_set(doc, card, "preset", preset, sizeof preset - 1);
    aid_doc_set(doc, card, "popularity", v, aid_f64(v, .5));
    aid_doc_set_bin(doc, aid_doc_find(doc, 'F', 0), "weight", weight, sizeof weight);
    return doc;
}

static void weights_are_whole_finite_and_not_below_0(void **state)
{
    (void)state;
    const float wrong[2][6] = {{0, 0, 0, 0, 0, -1}, {0, (float)INFINITY}};
    uint8_t v[AID_VALUE];
    aid_doc *doc = weighed();
    size_t card = aid_doc_find(doc, 'M', 0), f = aid_doc_find(doc, 'F', 0);
    lies_accepted(doc);
    for (size_t i = 0; i < 2; i++) {
        aid_doc_set_bin(doc, f, "weight", wrong[i], sizeof wrong[i]);
        lies_refused(doc, f, "a weight is below 0 or not finite");
    }
    aid_doc_set_bin(doc, f, "weight", wrong[0], sizeof wrong[0] - 4);
    lies_refused(doc, f, "weight");
    aid_doc_set(doc, f, "weight", NULL, 0);
    lies_refused(doc, f, "key 'weight' is missing");
    aid_doc_free(doc);
    doc = weighed();
    aid_doc_set(doc, card, "popularity", v, aid_f64(v, 0));
    lies_refused(doc, card, "key 'popularity' is not more than 0");
    aid_doc_set(doc, card, "popularity", NULL, 0);
    lies_refused(doc, card, "key 'popularity' is missing");
    aid_doc_free(doc);
}

static void set_items(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    aid_doc *doc = lies_sample();
    uint32_t item[4] = {a, b, c, d};
    aid_doc_set_bin(doc, 3, "item", item, sizeof item);
    lies_refused(doc, a < b && b < c && c < d && d < 6 ? 4 : 3, "ascend");
    aid_doc_free(doc);
}

static void items_ascend_within_a_row(void **state)
{
    (void)state;
    set_items(0, 1, 1, 3);
    set_items(0, 2, 1, 3);
    set_items(0, 1, 2, 6);
    set_items(0, 1, 2, UINT32_MAX);
    set_items(1, 0, 2, 3);
    set_items(2, 3, 4, 5); /* the row goes on in the next frame with 4 */
}

static void folds_and_personas_are_in_range(void **state)
{
    (void)state;
    static const uint8_t fold[4] = {0, 0, 4, 0}, high[4] = {255, 0, 0, 0},
                         z[9] = {0, 1, 2, 1, 0, 1, 1, 0, 3}, few[8] = {0};
    aid_doc *doc = lies_sample();
    aid_doc_set_bin(doc, 3, "fold", fold, 4);
    lies_refused(doc, 3, "fold");
    aid_doc_set_bin(doc, 3, "fold", high, 4);
    lies_refused(doc, 3, "fold");
    aid_doc_set_bin(doc, 3, "fold", few, 3);
    lies_refused(doc, 3, "fold");
    aid_doc_free(doc);
    doc = lies_sample();
    size_t f = aid_doc_find(doc, 'F', 1);
    aid_doc_set_bin(doc, f, "z", z, 9);
    lies_refused(doc, f, "persona");
    aid_doc_set_bin(doc, f, "z", few, 8);
    lies_refused(doc, f, "'z'");
    aid_doc_free(doc);
}

static void personas_belong_to_the_training_cells(void **state)
{
    (void)state;
    static const uint8_t fold[4] = {0, 0, 0, 0};
    aid_doc *doc = lies_sample();
    aid_doc_set_bin(doc, 3, "fold", fold, 4);
    lies_refused(doc, aid_doc_find(doc, 'F', 1), "do not fit");
    aid_doc_free(doc);
    /* as many in all, but of other users */
    static const uint32_t len[5] = {4, 3, 0, 1, 1};
    doc = lies_sample();
    size_t f = aid_doc_find(doc, 'F', 1);
    aid_doc_set_bin(doc, f, "len", len, sizeof len);
    lies_refused(doc, f, "do not fit");
    aid_doc_free(doc);
}

/* What the tools that read a card and a history would refuse. */
static void numbers_of_the_card_are_in_range(void **state)
{
    (void)state;
    static const char *const least[] = {"overlap",      "shrink",       "unobserved",
                                        "lambda_users", "lambda_items", "lambda_bias",
                                        "nu",           "alpha",        "eps"};
    uint8_t v[AID_VALUE];
    for (size_t i = 0; i < sizeof least / sizeof *least; i++)
        lies_field('M', 0, least[i], v, aid_f64(v, -0.5), "is below 0");
    lies_field('M', 0, "overlap", v, aid_f64(v, 2), "'overlap' is more than 1");
}

static void numbers_of_the_history_are_finite_or_nil(void **state)
{
    (void)state;
    static const char *const key[] = {"loss", "prediction", "users", "items",
                                      "rmse", "valid",      "moved"};
    static const double wrong[] = {(double)NAN, (double)INFINITY};
    for (size_t i = 0; i < sizeof key / sizeof *key; i++)
        for (int w = 0; w < 3; w++) {
            aid_bytes entry = {0};
            uint8_t v[AID_VALUE];
            static const uint8_t start[] = "\x91\x83\xa9iteration\x00\xa4half\xa5start",
                                 nil[] = {0xc0};
            aid_add(&entry, start, sizeof start - 1);
            aid_add(&entry, v, aid_head(v, 0xdb, (uint32_t)strlen(key[i])));
            aid_add(&entry, key[i], strlen(key[i]));
            if (w < 2)
                aid_add(&entry, v, aid_f64(v, wrong[w]));
            else
                aid_add(&entry, nil, 1);
            aid_doc *doc = lies_sample();
            size_t h = aid_doc_find(doc, 'h', 0);
            aid_doc_set(doc, h, "entries", entry.data, entry.size);
            if (w < 2)
                lies_refused(doc, h, "a number of the history is not finite");
            else
                lies_accepted(doc);
            aid_doc_free(doc);
            aid_free(&entry);
        }
}

static void set_users(const char *a, const char *b, const char *words)
{
    aid_doc *doc = lies_sample();
    const uint32_t len[5] = {(uint32_t)strlen(a), (uint32_t)strlen(b), 1, 1, 1};
    aid_bytes text = {0};
    uint8_t v[AID_VALUE];
    aid_add(&text, v, aid_head(v, 0xdb, len[0] + len[1] + 3));
    aid_add(&text, a, len[0]);
    aid_add(&text, b, len[1]);
    aid_add(&text, "xyz", 3);
    aid_doc_set_bin(doc, 1, "len", len, sizeof len);
    aid_doc_set(doc, 1, "text", text.data, text.size);
    if (words)
        lies_refused(doc, 1, words);
    else
        lies_accepted(doc);
    aid_free(&text);
    aid_doc_free(doc);
}

static void ids_are_ids_in_order(void **state)
{
    (void)state;
    set_users("a", "aa", NULL);
    set_users("b", "a", "order");
    set_users("a", "a", "order");
    set_users("", "a", "empty");
    set_users("a\tb", "b", "TAB");
    set_users("a\nb", "b", "newline");
    set_users("a", "b\xff", "UTF-8");
    set_users("a", "b\xed\xa0\x80", "UTF-8"); /* a surrogate */
    set_users("a", "b\xc0\xaf", "UTF-8");     /* more bytes than needed */
    lies_field('I', 0, "axis",
               "\xa4"
               "both",
               5, "axis");
    lies_field('I', 0, "axis", "\xa4item", 5, "before all users");
    lies_field('F', 0, "side", "\xa4user", 5, "before those of all items");
}

static void counts_in_the_end_are_true(void **state)
{
    (void)state;
    static const uint8_t none[] = {0x80}, more[] = {0x81, 0xa1, 'R', 9},
                         twice[] = {0x82, 0xa1, 'R', 4, 0xa1, 'R', 4};
    lies_u64('E', 0, "frames", 14, "totals");
    lies_u64('E', 0, "nnz", 12, "totals");
    lies_field('E', 0, "sections", none, sizeof none, "section");
    lies_field('E', 0, "sections", more, sizeof more, "section");
    lies_field('E', 0, "sections", twice, sizeof twice, "sections");
    aid_doc *doc = lies_sample();
    aid_doc_set_u64(doc, 0, "nnz", 14);
    lies_refused(doc, doc->n - 1, "fewer cells");
    aid_doc_set_u64(doc, 0, "nnz", 12);
    lies_refused(doc, 6, "more cells");
    aid_doc_free(doc);
}

static void entries_of_the_history_are_whole(void **state)
{
    (void)state;
    static const uint8_t empty[] = {0x91, 0x80}, number[] = {0x91, 1},
                         start[] = {0x91, 0x81, 0xa9, 'i', 't', 'e', 'r',
                                    'a',  't',  'i',  'o', 'n', 0};
    lies_field('h', 0, "entries", empty, sizeof empty, "key 'iteration' is missing");
    lies_field('h', 0, "entries", start, sizeof start, "key 'half' is missing");
    lies_field('h', 0, "entries", number, sizeof number, "not a map");
}

/* A note stands anywhere between the header and the end, once, and says something. */
static void a_note_is_one_text(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "a\xff", "a\xed\xa0\x80"};
    aid_bytes b = aid_sample(3, MF_F32);
    aid_doc *doc = aid_doc_read(b.data, b.size);
    size_t n = doc->n;
    aid_free(&b);
    for (size_t i = 0; i <= n; i++) {
        aid_doc_note(doc, i, "CC0");
        if (i == 0)
            lies_refused(doc, 0, "does not begin with a header");
        else if (doc->part[i - 1].tag == 'E')
            lies_refused(doc, n, "a frame follows the end frame");
        else if (i == 4) /* within a row that goes on */
            lies_refused(doc, i, "followed by no R frame");
        else
            lies_accepted(doc);
        aid_doc_remove(doc, i);
        aid_doc_count(doc);
    }
    aid_doc_note(doc, n - 1, "one");
    aid_doc_note(doc, 3, "two");
    lies_refused(doc, n, "a bundle has one such frame");
    aid_doc_free(doc);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        doc = lies_sample();
        size_t at = aid_doc_find(doc, 'n', 0);
        aid_doc_remove(doc, at);
        aid_doc_note(doc, at, bad[i]);
        lies_refused(doc, at, "the note is");
        aid_doc_free(doc);
    }
    lies_field('n', 0, "text",
               "\xa3"
               "a\0b",
               4, "without NUL");
    for (size_t more = 0; more < 2; more++) {
        char *text = calloc(MF_NOTE_MAX + 2, 1);
        memset(text, 'x', MF_NOTE_MAX + more);
        doc = lies_sample();
        size_t at = aid_doc_find(doc, 'n', 0);
        aid_doc_remove(doc, at);
        aid_doc_note(doc, at, text);
        if (more)
            lies_refused(doc, at, "more than 65536 bytes");
        else
            lies_accepted(doc);
        aid_doc_free(doc);
        free(text);
    }
}

static void provenance_is_bounded(void **state)
{
    (void)state;
    static const uint8_t stage[] = {0x82, 0xa4, 't', 'o', 'o', 'l', 0xa1, 'x',  0xa7,
                                    'v',  'e',  'r', 's', 'i', 'o', 'n',  0xa1, '1'};
    for (uint32_t n = 1024; n <= 40000; n += 38976) {
        aid_doc *doc = lies_sample();
        aid_bytes prov = {0};
        uint8_t v[AID_VALUE];
        aid_add(&prov, v, aid_head(v, 0xdd, n));
        for (uint32_t i = 0; i < n; i++)
            aid_add(&prov, stage, sizeof stage);
        aid_doc_set(doc, doc->n - 1, "prov", prov.data, prov.size);
        if (n == 1024)
            lies_accepted(doc);
        else
            lies_refused(doc, doc->n - 1, "provenance");
        aid_free(&prov);
        aid_doc_free(doc);
    }
    static const uint8_t not_stage[] = {0x91, 0x80}, number[] = {0x91, 1};
    lies_field('E', 0, "prov", not_stage, sizeof not_stage, "provenance");
    lies_field('E', 0, "prov", number, sizeof number, "provenance");
}

static void sections_come_whole_and_in_order(void **state)
{
    (void)state;
    aid_doc *doc = lies_sample();
    size_t n = doc->n;
    aid_doc_free(doc);
    for (size_t i = 0; i < n; i++) { /* each part left out, with true totals */
        mf_err err = {0};
        doc = lies_sample();
        char tag = doc->part[i].tag;
        aid_doc_remove(doc, i);
        if (tag != 'E')
            aid_doc_count(doc);
        int code = lies_try(doc, &err);
        bool may = tag == 'h' || tag == 'n';
        if (may ? code != 0 : code != MF_EFORMAT)
            fail_msg("without frame %zu (%c): %d %s", i, tag, code, err.text);
        aid_doc_free(doc);
    }
    for (size_t i = 0; i + 1 < n; i++)
        for (size_t j = i + 1; j + 1 < n; j++) { /* each pair swapped */
            mf_err err = {0};
            doc = lies_sample();
            aid_part part = doc->part[i];
            doc->part[i] = doc->part[j];
            doc->part[j] = part;
            bool note =
                doc->part[i].tag == 'n' && j == i + 1; /* may stand there, too */
            int code = lies_try(doc, &err);
            if (note ? code != 0 : code != MF_EFORMAT)
                fail_msg("frames %zu and %zu swapped: %d", i, j, code);
            assert_true(note || strstr(err.text, "frame "));
            aid_doc_free(doc);
        }
    /* a card after half the rows: nobody may look at rows that are not there */
    doc = lies_sample();
    size_t row = aid_doc_find(doc, 'R', 3);
    aid_doc_remove(doc, row);
    aid_doc_remove(doc, row - 1);
    aid_doc_count(doc);
    lies_refused(doc, row - 1, "before all rows");
    aid_doc_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_finite),
        cmocka_unit_test(biases_are_whole_finite_and_on_both_sides),
        cmocka_unit_test(weights_are_whole_finite_and_not_below_0),
        cmocka_unit_test(items_ascend_within_a_row),
        cmocka_unit_test(folds_and_personas_are_in_range),
        cmocka_unit_test(personas_belong_to_the_training_cells),
        cmocka_unit_test(numbers_of_the_card_are_in_range),
        cmocka_unit_test(numbers_of_the_history_are_finite_or_nil),
        cmocka_unit_test(ids_are_ids_in_order),
        cmocka_unit_test(counts_in_the_end_are_true),
        cmocka_unit_test(entries_of_the_history_are_whole),
        cmocka_unit_test(a_note_is_one_text),
        cmocka_unit_test(provenance_is_bounded),
        cmocka_unit_test(sections_come_whole_and_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
