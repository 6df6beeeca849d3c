/* Bundles whose checks hold and whose content lies: every one is an error that
 * names the frame, and none makes the reader reserve what it was promised. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "aid.h"
#include "mf/model.h"

static int load(const aid_bytes *b, unsigned want, mf_err *err)
{
    mf_model model;
    mf_in *in = aid_in(b->data, b->size);
    int code = mf_model_load(&model, in, want, NULL, NULL, err);
    aid_in_close(in);
    if (code == MF_OK) {
        assert_int_equal(mf_csr_check(&model.ratings.x, NULL), MF_OK);
        mf_model_free(&model);
    } else {
        assert_null(model.ratings.x.ptr);
        assert_null(model.users.data);
    }
    return code;
}

/* Read a document in every way; record by record and in memory must agree. */
static int try(const aid_doc *doc, mf_err *err)
{
    aid_bytes b = aid_doc_write(doc);
    mf_err second = {0};
    int code = aid_read(b.data, b.size, NULL, err);
    if (code != load(&b, MF_WANT_RATINGS, &second))
        fail_msg("read: %s; load: %s", err->text, second.text);
    (void)load(&b, MF_WANT_RATINGS | MF_WANT_FACTORS,
               NULL); /* finds more, never crashes */
    aid_free(&b);
    return code;
}

/* The document is refused in frame `i`; with `words` if they are not NULL. */
static void refused(const aid_doc *doc, size_t i, const char *words)
{
    char where[40];
    mf_err err = {0};
    int code = try(doc, &err);
    snprintf(where, sizeof where, "test: frame %zu@", i);
    if (code != MF_EFORMAT)
        fail_msg("frame %zu was accepted (%d %s)", i, code, words ? words : "");
    if (!strstr(err.text, where) || (words && !strstr(err.text, words)))
        fail_msg("not '%s..%s': %s", where, words ? words : "", err.text);
    if (strchr(err.text, '\n'))
        fail_msg("more than one line: %s", err.text);
}

static void accepted(const aid_doc *doc)
{
    mf_err err = {0};
    if (try(doc, &err) != 0)
        fail_msg("%s", err.text);
}

static aid_doc *sample(void)
{
    aid_bytes b = aid_sample(3, MF_F32);
    aid_doc *doc = aid_doc_read(b.data, b.size);
    aid_free(&b);
    return doc;
}

/* A field of a new sample is replaced; the result is refused there. */
static void lie(char tag, size_t n, const char *key, const void *value, size_t size,
                const char *words)
{
    aid_doc *doc = sample();
    size_t i = aid_doc_find(doc, tag, n);
    aid_doc_set(doc, i, key, value, size);
    refused(doc, i, words);
    aid_doc_free(doc);
}

static void lie_u64(char tag, size_t n, const char *key, uint64_t value,
                    const char *words)
{
    uint8_t v[AID_VALUE];
    lie(tag, n, key, v, aid_u64(v, value), words);
}

/* --- types --- */

enum { NIL, BOOLEAN, NEGATIVE, HUGE_UINT, REAL, STR, BIN, ARRAY, MAP, EXT, TYPES };
static const char *const TYPE_NAME[TYPES] = {"nil", "bool", "-5",    "2^64-1", "1.5",
                                             "str", "bin",  "array", "map",    "ext"};

static size_t typed(uint8_t to[AID_VALUE], int type)
{
    static const uint8_t value[TYPES][4] = {[NIL] = {0xc0},
                                            [BOOLEAN] = {0xc3},
                                            [NEGATIVE] = {0xfb},
                                            [STR] = {0xa1, '?'},
                                            [BIN] = {0xc4, 1, 7},
                                            [ARRAY] = {0x91, 1},
                                            [MAP] = {0x81, 0xa1, 'a', 1},
                                            [EXT] = {0xd4, 1, 1}};
    static const size_t size[TYPES] = {
        [NIL] = 1, [BOOLEAN] = 1, [NEGATIVE] = 1, [STR] = 2,
        [BIN] = 3, [ARRAY] = 2,   [MAP] = 4,      [EXT] = 3};
    if (type == HUGE_UINT)
        return aid_u64(to, UINT64_MAX);
    if (type == REAL)
        return aid_f64(to, 1.5);
    memcpy(to, value[type], size[type]);
    return size[type];
}

/* What may stand in place of a value of the sample. Everything else must not. */
static bool allowed(char tag, const char *key, int type)
{
    static const char *const reals[] = {
        "overlap", "shrink", "unobserved", "lambda_users", "lambda_items",
        "nu",      "mu",         "cosine",       "entropy",      NULL};
    static const char *const wide[] = {"seed", "train", "held_out", NULL};
    static const char *const narrow[] = {"iterations", "warmup", "best", NULL};
    if (tag == 'H' && strcmp(key, "nnz") == 0)
        return type == NIL; /* not known yet */
    if (tag == 'R' && strcmp(key, "continues") == 0)
        return type == BOOLEAN; /* true, as it was */
    if (tag == 'M' && (strcmp(key, "init") == 0 || strcmp(key, "watch") == 0))
        return type == STR || type == NIL;
    if (tag == 'M' && strcmp(key, "preset") == 0)
        return type == STR;
    for (size_t i = 0; tag == 'M' && reals[i]; i++)
        if (strcmp(key, reals[i]) == 0)
            return type == NIL || type == NEGATIVE || type == HUGE_UINT || type == REAL;
    for (size_t i = 0; tag == 'M' && wide[i]; i++)
        if (strcmp(key, wide[i]) == 0)
            return type == NIL || type == HUGE_UINT;
    for (size_t i = 0; tag == 'M' && narrow[i]; i++)
        if (strcmp(key, narrow[i]) == 0)
            return type == NIL;
    if (tag == 'R' && strcmp(key, "fold") == 0)
        return type == NIL; /* all train */
    return false;
}

static void every_field_has_its_type(void **state)
{
    (void)state;
    aid_doc *doc = sample();
    size_t tried = 0;
    for (size_t i = 0; i < doc->n; i++)
        for (size_t j = 0; j < doc->part[i].n; j++) {
            aid_field *f = &doc->part[i].field[j];
            for (int type = 0; type < TYPES; type++) {
                uint8_t v[AID_VALUE];
                aid_doc *copy = sample();
                mf_err err = {0};
                char where[40];
                snprintf(where, sizeof where, "frame %zu@", i);
                aid_doc_set(copy, i, f->key, v, typed(v, type));
                int code = try(copy, &err);
                bool may = allowed(doc->part[i].tag, f->key, type);
                if (strcmp(f->key, "continues") == 0 && type == NIL)
                    where[5] =
                        '\0'; /* false: it is the next frame that does not follow */
                if (may ? code != 0 : code != MF_EFORMAT || !strstr(err.text, where)) {
                    fail_msg("%c.%s as %s in frame %zu: %d %s", doc->part[i].tag,
                             f->key, TYPE_NAME[type], i, code, err.text);
                }
                tried++;
                aid_doc_free(copy);
            }
        }
    assert_true(tried > 500);
    aid_doc_free(doc);
}

static void every_required_key_is_missed(void **state)
{
    (void)state;
    static const struct {
        char tag;
        const char *key;
    } required[] = {
        {'H', "magic"},  {'H', "version"}, {'H', "users"},    {'H', "items"},
        {'H', "nnz"},    {'H', "value"},   {'I', "axis"},     {'I', "first"},
        {'I', "n"},      {'I', "len"},     {'I', "text"},     {'R', "first"},
        {'R', "n"},      {'R', "len"},     {'R', "item"},     {'R', "value"},
        {'M', "k"},      {'M', "p"},       {'M', "preset"},   {'F', "side"},
        {'F', "first"},  {'F', "n"},       {'F', "data"},     {'h', "entries"},
        {'E', "frames"}, {'E', "nnz"},     {'E', "sections"}, {'E', "prov"}};
    for (size_t i = 0; i < sizeof required / sizeof *required; i++)
        lie(required[i].tag, 0, required[i].key, NULL, 0, "missing");
    lie('F', 1, "len", NULL, 0, "missing");
    lie('F', 1, "z", NULL, 0, "missing");
}

/* --- sizes --- */

/* A value that declares n bytes or elements of its kind before its own. */
static void declares_too_much(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {1u << 28, 1u << 31, UINT32_MAX};
    aid_doc *doc = sample();
    size_t tried = 0;
    for (size_t i = 0; i < doc->n; i++)
        for (size_t j = 0; j < doc->part[i].n; j++) {
            const aid_field *f = &doc->part[i].field[j];
            uint8_t c = f->value.data[0], kind = 0;
            if (c == 0xc4 || c == 0xc5 || c == 0xc6)
                kind = 0xc6;
            else if ((c & 0xe0) == 0xa0 || c == 0xd9)
                kind = 0xdb;
            else if ((c & 0xf0) == 0x90)
                kind = 0xdd;
            else if ((c & 0xf0) == 0x80)
                kind = 0xdf;
            for (size_t s = 0; kind && s < 3; s++) {
                uint8_t head[AID_VALUE];
                aid_bytes v = {0};
                aid_add(&v, head, aid_head(head, kind, sizes[s]));
                aid_add(&v, f->value.data, f->value.size);
                aid_doc *copy = sample();
                aid_doc_set(copy, i, f->key, v.data, v.size);
                refused(copy, i, NULL);
                aid_doc_free(copy);
                aid_free(&v);
                tried++;
            }
        }
    assert_true(tried > 90);
    aid_doc_free(doc);
}

static void numbers_promise_too_much(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {1u << 28, 1u << 31, 1ull << 32, 1ull << 63};
    static const struct {
        char tag;
        size_t n;
        const char *key;
    } field[] = {
        {'I', 0, "n"}, {'I', 0, "first"}, {'I', 1, "n"},      {'I', 1, "first"},
        {'R', 0, "n"}, {'R', 0, "first"}, {'R', 1, "first"},  {'R', 1, "n"},
        {'M', 0, "k"}, {'M', 0, "p"},     {'F', 0, "n"},      {'F', 0, "first"},
        {'F', 1, "n"}, {'F', 1, "first"}, {'E', 0, "frames"}, {'E', 0, "nnz"}};
    for (size_t i = 0; i < sizeof field / sizeof *field; i++)
        for (size_t s = 0; s < 4; s++)
            lie_u64(field[i].tag, field[i].n, field[i].key, sizes[s], NULL);
    for (size_t s = 0; s < 4; s++) {
        static const char *const key[] = {"users", "items", "nnz"};
        for (size_t k = 0; k < 3; k++) {
            aid_doc *doc = sample();
            mf_err err = {0};
            aid_doc_set_u64(doc, 0, key[k], sizes[s]);
            assert_int_equal(try(doc, &err), MF_EFORMAT);
            assert_non_null(strstr(err.text, "frame "));
            aid_doc_free(doc);
        }
    }
}

static void lengths_of_rows_and_ids_lie(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {0, 1, 1u << 28, 1u << 31, UINT32_MAX};
    static const struct {
        char tag;
        size_t n, count; /* frame, and its lengths */
    } field[] = {{'I', 0, 5}, {'I', 1, 6}, {'R', 0, 1}, {'F', 1, 5}};
    for (size_t i = 0; i < sizeof field / sizeof *field; i++)
        for (size_t at = 0; at < field[i].count; at++)
            for (size_t s = 0; s < 5; s++) {
                aid_doc *doc = sample();
                size_t part = aid_doc_find(doc, field[i].tag, field[i].n), j = 0;
                while (strcmp(doc->part[part].field[j].key, "len") != 0)
                    j++;
                aid_bytes *v = &doc->part[part].field[j].value;
                uint8_t *len = v->data + v->size - 4 * (field[i].count - at);
                uint32_t old;
                memcpy(&old, len, 4);
                memcpy(len, &sizes[s], 4);
                if (old != sizes[s])
                    refused(doc, part, NULL);
                aid_doc_free(doc);
            }
}

static void frames_declare_too_much(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {(16 << 20) + 1, 1u << 28, 1u << 31, UINT32_MAX};
    aid_bytes b = aid_sample(0, MF_U32);
    aid_frames wide = {0};
    aid_frame(&wide, 'H', b.data,
              200); /* any payload: the head has four bytes of length */
    for (size_t s = 0; s < 4; s++) {
        uint8_t head[AID_VALUE];
        mf_err err = {0};
        aid_head(head, 0xc6, sizes[s]);
        memcpy(wide.bytes.data + 3, head, 5);
        assert_int_equal(aid_read(wide.bytes.data, wide.bytes.size, NULL, &err),
                         MF_EFORMAT);
        assert_non_null(strstr(err.text, "test: frame 0@0: payload of"));
    }
    aid_free(&wide.bytes);
    aid_free(&b);
}

static void no_lie_takes_memory(void **state)
{
    (void)state;
    struct rusage use;
    assert_int_equal(getrusage(RUSAGE_SELF, &use), 0);
#if !defined(__SANITIZE_ADDRESS__)
    assert_true(use.ru_maxrss < 64 * 1024); /* KiB; after all of the above */
#endif
}

/* --- structure --- */

static void maps_are_sound(void **state)
{
    (void)state;
    uint8_t deep[20], v[AID_VALUE];
    static const uint8_t yes[] = {0xc3}, odd_key[] = {0x81, 1, 2}, never[] = {0xc1};
    /* depth */
    memset(deep, 0x91, sizeof deep);
    deep[sizeof deep - 1] = 0xc0;
    lie('H', 0, "x", deep, sizeof deep, "too deep");
    lie('H', 0, "x", odd_key, sizeof odd_key, NULL);
    lie('H', 0, "x", never, 1, NULL);
    /* duplicate keys */
    aid_doc *doc = sample();
    for (size_t i = 0; i < doc->n; i++) {
        aid_doc *copy = sample();
        aid_doc_set(copy, i, "x", yes, 1);
        memcpy(copy->part[i].field[copy->part[i].n - 1].key, doc->part[i].field[0].key,
               32);
        refused(copy, i, "twice");
        aid_doc_free(copy);
    }
    aid_doc_free(doc);
    /* unknown kinds */
    doc = sample();
    aid_doc_insert(doc, 3, 'Q');
    aid_doc_count(doc);
    refused(doc, 3, "unknown kind");
    doc->part[3].tag = 'q';
    aid_doc_count(doc);
    accepted(doc);
    aid_doc_set(doc, 3, "safe", v, aid_u64(v, 1));
    refused(doc, 3, "safe");
    aid_doc_free(doc);
    /* a payload that is no map, or has more than a map */
    for (int what = 0; what < 3; what++) {
        aid_frames f = {0};
        mf_err err = {0};
        const uint8_t none[3][2] = {{0x91, 1}, {0x80, 0x80}, {0xc0}};
        aid_frame(&f, 'H', none[what], what == 2 ? 0 : 2);
        assert_int_equal(aid_read(f.bytes.data, f.bytes.size, NULL, &err), MF_EFORMAT);
        assert_non_null(strstr(err.text, "frame 0@0: "));
        aid_free(&f.bytes);
    }
}

static void at_most_128_keys(void **state)
{
    (void)state;
    for (unsigned keys = 127; keys <= 130; keys++) {
        aid_bytes p = {0};
        aid_frames f = {0};
        mf_err err = {0};
        uint8_t v[AID_VALUE];
        aid_add(&p, v, aid_head(v, 0xdf, keys));
        for (unsigned i = 0; i < keys; i++) {
            char key[16];
            snprintf(key, sizeof key, "%c%03u", 0xa4, i);
            aid_add(&p, key, 5);
            aid_add(&p, "", 1); /* the integer 0 */
        }
        aid_frame(&f, 'H', p.data, p.size);
        assert_int_equal(aid_read(f.bytes.data, f.bytes.size, NULL, &err), MF_EFORMAT);
        assert_non_null(strstr(err.text, keys > 128 ? "too many keys" : "magic"));
        aid_free(&p);
        aid_free(&f.bytes);
    }
}

static void versions(void **state)
{
    (void)state;
    static const uint8_t major[] = {0x92, 2, 0}, zero[] = {0x92, 0, 0},
                         one[] = {0x91, 1}, big[] = {0x92, 0xcd, 1, 0, 0},
                         text[] = {0x92, 1, 0xa1, '0'}, nil[] = {0x92, 1, 0xc0},
                         wide[] = {0x92, 0xcc, 1, 0xcc, 0};
    lie('H', 0, "version", major, sizeof major, "newer mfpipe");
    lie('H', 0, "version", big, sizeof big, "newer mfpipe");
    lie('H', 0, "version", zero, sizeof zero, "version");
    lie('H', 0, "version", one, sizeof one, "version");
    lie('H', 0, "version", text, sizeof text, "version");
    lie('H', 0, "version", nil, sizeof nil, "version");
    aid_doc *doc = sample();
    aid_doc_set(doc, 0, "version", wide, sizeof wide);
    accepted(doc);
    aid_doc_free(doc);
    lie('H', 0, "magic", "\xa6mfpope", 7, "magic");
    lie('H', 0, "value",
        "\xa3"
        "f64",
        4, "neither");
}

static void dimensions_overflow(void **state)
{
    (void)state;
    aid_doc *doc = sample();
    size_t m = aid_doc_find(doc, 'M', 0), f = aid_doc_find(doc, 'F', 0);
    uint8_t two[8] = {0};
    aid_doc_set_u64(doc, m, "k", 4096);
    aid_doc_set_u64(doc, m, "p", 64);
    aid_doc_set_bin(doc, f, "data", two, sizeof two);
    refused(doc, f, "data");
    aid_doc_free(doc);
    lie_u64('M', 0, "k", 4097, "k is");
    lie_u64('M', 0, "p", 65, "p is");
    lie_u64('M', 0, "k", 0, "k is");
    lie_u64('M', 0, "p", 0, "p is");
    lie_u64('H', 0, "nnz", 31, "users times items");
}

static void numbers_are_finite(void **state)
{
    (void)state;
    static const double wrong[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    static const char *const card[] = {"overlap",      "unobserved", "lambda_users",
                                       "lambda_items", "nu",         "mu",
                                       "alpha",        "eps",        "lambda_bias",
                                       "shrink"};
    uint8_t v[AID_VALUE];
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < 10; j++)
            lie('M', 0, card[j], v, aid_f64(v, wrong[i]), "finite");
        float value[4] = {1, 2, 3, (float)wrong[i]}, data[12] = {0};
        aid_doc *doc = sample();
        aid_doc_set_bin(doc, 3, "value", value, sizeof value);
        refused(doc, 3, "finite");
        aid_doc_free(doc);
        data[11] = (float)wrong[i];
        doc = sample();
        size_t f = aid_doc_find(doc, 'F', 0);
        aid_doc_set_bin(doc, f, "data", data, sizeof data);
        refused(doc, f, "finite");
        aid_doc_free(doc);
    }
}

/* The sample with biases on both sides. */
static aid_doc *biased(void)
{
    static const float item[6] = {1, 2, 3, 4, 5, 6}, user[5] = {-1, -2, 0, 1, 2};
    aid_doc *doc = sample();
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
    accepted(doc);
    aid_doc_set_bin(doc, f, "bias", wrong, sizeof wrong);
    refused(doc, f, "a bias is not finite");
    aid_doc_set_bin(doc, f, "bias", few, sizeof few);
    refused(doc, f, "bias");
    aid_doc_set(doc, f, "bias", NULL, 0);
    refused(doc, f, "some factors have a bias and some have none");
    aid_doc_free(doc);
    doc = biased();
    aid_doc_set(doc, aid_doc_find(doc, 'F', 0), "bias", NULL, 0);
    refused(doc, f, "some factors have a bias and some have none");
    aid_doc_set_u64(doc, aid_doc_find(doc, 'F', 0), "bias", 7);
    refused(doc, aid_doc_find(doc, 'F', 0), "bias");
    aid_doc_free(doc);
}

static void set_items(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    aid_doc *doc = sample();
    uint32_t item[4] = {a, b, c, d};
    aid_doc_set_bin(doc, 3, "item", item, sizeof item);
    refused(doc, a < b && b < c && c < d && d < 6 ? 4 : 3, "ascend");
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
    aid_doc *doc = sample();
    aid_doc_set_bin(doc, 3, "fold", fold, 4);
    refused(doc, 3, "fold");
    aid_doc_set_bin(doc, 3, "fold", high, 4);
    refused(doc, 3, "fold");
    aid_doc_set_bin(doc, 3, "fold", few, 3);
    refused(doc, 3, "fold");
    aid_doc_free(doc);
    doc = sample();
    size_t f = aid_doc_find(doc, 'F', 1);
    aid_doc_set_bin(doc, f, "z", z, 9);
    refused(doc, f, "persona");
    aid_doc_set_bin(doc, f, "z", few, 8);
    refused(doc, f, "'z'");
    aid_doc_free(doc);
}

/* Only loading holds them together. */
static void personas_belong_to_the_training_cells(void **state)
{
    (void)state;
    static const uint8_t fold[4] = {0, 0, 0, 0};
    aid_doc *doc = sample();
    aid_doc_set_bin(doc, 3, "fold", fold, 4);
    aid_bytes b = aid_doc_write(doc);
    mf_err err = {0};
    assert_int_equal(aid_read(b.data, b.size, NULL, &err), 0);
    assert_int_equal(load(&b, MF_WANT_RATINGS | MF_WANT_FACTORS, &err), MF_EFORMAT);
    assert_non_null(strstr(err.text, "do not fit"));
    aid_free(&b);
    aid_doc_free(doc);
}

static void set_users(const char *a, const char *b, const char *words)
{
    aid_doc *doc = sample();
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
        refused(doc, 1, words);
    else
        accepted(doc);
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
    lie('I', 0, "axis",
        "\xa4"
        "both",
        5, "axis");
    lie('I', 0, "axis", "\xa4item", 5, "before all users");
    lie('F', 0, "side", "\xa4user", 5, "before those of all items");
}

static void counts_in_the_end_are_true(void **state)
{
    (void)state;
    static const uint8_t none[] = {0x80}, more[] = {0x81, 0xa1, 'R', 9},
                         twice[] = {0x82, 0xa1, 'R', 4, 0xa1, 'R', 4};
    lie_u64('E', 0, "frames", 12, "totals");
    lie_u64('E', 0, "nnz", 12, "totals");
    lie('E', 0, "sections", none, sizeof none, "section");
    lie('E', 0, "sections", more, sizeof more, "section");
    lie('E', 0, "sections", twice, sizeof twice, "sections");
    aid_doc *doc = sample();
    aid_doc_set_u64(doc, 0, "nnz", 14);
    refused(doc, doc->n - 1, "fewer cells");
    aid_doc_set_u64(doc, 0, "nnz", 12);
    refused(doc, 6, "more cells");
    aid_doc_free(doc);
}

static void provenance_is_bounded(void **state)
{
    (void)state;
    static const uint8_t stage[] = {0x82, 0xa4, 't', 'o', 'o', 'l', 0xa1, 'x',  0xa7,
                                    'v',  'e',  'r', 's', 'i', 'o', 'n',  0xa1, '1'};
    for (uint32_t n = 1024; n <= 40000; n += 38976) {
        aid_doc *doc = sample();
        aid_bytes prov = {0};
        uint8_t v[AID_VALUE];
        aid_add(&prov, v, aid_head(v, 0xdd, n));
        for (uint32_t i = 0; i < n; i++)
            aid_add(&prov, stage, sizeof stage);
        aid_doc_set(doc, doc->n - 1, "prov", prov.data, prov.size);
        if (n == 1024)
            accepted(doc);
        else
            refused(doc, doc->n - 1, "provenance");
        aid_free(&prov);
        aid_doc_free(doc);
    }
    static const uint8_t not_stage[] = {0x91, 0x80}, number[] = {0x91, 1};
    lie('E', 0, "prov", not_stage, sizeof not_stage, "provenance");
    lie('E', 0, "prov", number, sizeof number, "provenance");
}

static void sections_come_whole_and_in_order(void **state)
{
    (void)state;
    aid_doc *doc = sample();
    size_t n = doc->n;
    aid_doc_free(doc);
    for (size_t i = 0; i < n; i++) { /* each part left out, with true totals */
        mf_err err = {0};
        doc = sample();
        char tag = doc->part[i].tag;
        aid_doc_remove(doc, i);
        if (tag != 'E')
            aid_doc_count(doc);
        int code = try(doc, &err);
        if (tag == 'h' ? code != 0 : code != MF_EFORMAT)
            fail_msg("without frame %zu (%c): %d %s", i, tag, code, err.text);
        aid_doc_free(doc);
    }
    for (size_t i = 0; i + 1 < n; i++)
        for (size_t j = i + 1; j + 1 < n; j++) { /* each pair swapped */
            mf_err err = {0};
            doc = sample();
            aid_part part = doc->part[i];
            doc->part[i] = doc->part[j];
            doc->part[j] = part;
            if (try(doc, &err) != MF_EFORMAT)
                fail_msg("frames %zu and %zu swapped", i, j);
            assert_non_null(strstr(err.text, "frame "));
            aid_doc_free(doc);
        }
    /* a card after half the rows: nobody may look at rows that are not there */
    doc = sample();
    size_t row = aid_doc_find(doc, 'R', 3);
    aid_doc_remove(doc, row);
    aid_doc_remove(doc, row - 1);
    aid_doc_count(doc);
    refused(doc, row - 1, "before all rows");
    aid_doc_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(declares_too_much),
        cmocka_unit_test(numbers_promise_too_much),
        cmocka_unit_test(lengths_of_rows_and_ids_lie),
        cmocka_unit_test(frames_declare_too_much),
        cmocka_unit_test(dimensions_overflow),
        cmocka_unit_test(provenance_is_bounded),
        cmocka_unit_test(no_lie_takes_memory),
        cmocka_unit_test(every_field_has_its_type),
        cmocka_unit_test(every_required_key_is_missed),
        cmocka_unit_test(maps_are_sound),
        cmocka_unit_test(at_most_128_keys),
        cmocka_unit_test(versions),
        cmocka_unit_test(numbers_are_finite),
        cmocka_unit_test(biases_are_whole_finite_and_on_both_sides),
        cmocka_unit_test(items_ascend_within_a_row),
        cmocka_unit_test(folds_and_personas_are_in_range),
        cmocka_unit_test(personas_belong_to_the_training_cells),
        cmocka_unit_test(ids_are_ids_in_order),
        cmocka_unit_test(counts_in_the_end_are_true),
        cmocka_unit_test(sections_come_whole_and_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
