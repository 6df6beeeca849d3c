/* Lengths, types and maps that lie; none makes the reader reserve what it was
 * promised. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "lies.h"
#include "mf/model.h"

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
    static const char *const reals[] = {"mu", "agreement", "entropy", NULL};
    static const char *const amounts[] = {"shrink",       "unobserved", "lambda_users",
                                          "lambda_items", "nu",         NULL};
    static const char *const wide[] = {"seed", "train", "held_out", NULL};
    static const char *const narrow[] = {"iterations", "warmup", "restarts", "best",
                                         NULL};
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
    for (size_t i = 0; tag == 'M' && amounts[i]; i++)
        if (strcmp(key, amounts[i]) == 0)
            return type == NIL || type == HUGE_UINT || type == REAL;
    if (tag == 'M' && strcmp(key, "overlap") == 0) /* 0 to 1 */
        return type == NIL;
    for (size_t i = 0; tag == 'M' && wide[i]; i++)
        if (strcmp(key, wide[i]) == 0)
            return type == NIL || type == HUGE_UINT;
    for (size_t i = 0; tag == 'M' && narrow[i]; i++)
        if (strcmp(key, narrow[i]) == 0)
            return type == NIL;
    if (tag == 'n' && strcmp(key, "safe") == 0)
        return type == BOOLEAN || type == NIL;
    if (tag == 'n' && strcmp(key, "text") == 0)
        return type == STR;
    return false;
}

static void every_field_has_its_type(void **state)
{
    (void)state;
    aid_doc *doc = lies_sample();
    size_t tried = 0;
    for (size_t i = 0; i < doc->n; i++)
        for (size_t j = 0; j < doc->part[i].n; j++) {
            aid_field *f = &doc->part[i].field[j];
            for (int type = 0; type < TYPES; type++) {
                uint8_t v[AID_VALUE];
                aid_doc *copy = lies_sample();
                mf_err err = {0};
                char where[40];
                snprintf(where, sizeof where, "frame %zu@", i);
                aid_doc_set(copy, i, f->key, v, typed(v, type));
                int code = lies_try(copy, &err);
                bool may = allowed(doc->part[i].tag, f->key, type);
                /* false: it is the next frame that does not follow; all train: it is
                 * the model that does not fit */
                if (type == NIL &&
                    (strcmp(f->key, "continues") == 0 || strcmp(f->key, "fold") == 0))
                    where[5] = '\0';
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
        {'H', "magic"}, {'H', "version"}, {'H', "users"},  {'H', "items"},
        {'H', "nnz"},   {'H', "value"},   {'I', "axis"},   {'I', "first"},
        {'I', "n"},     {'I', "len"},     {'I', "text"},   {'R', "first"},
        {'R', "n"},     {'R', "len"},     {'R', "item"},   {'R', "value"},
        {'M', "k"},     {'M', "p"},       {'M', "preset"}, {'F', "side"},
        {'F', "first"}, {'F', "n"},       {'F', "data"},   {'h', "entries"},
        {'n', "text"},  {'E', "frames"},  {'E', "nnz"},    {'E', "sections"},
        {'E', "prov"}};
    for (size_t i = 0; i < sizeof required / sizeof *required; i++)
        lies_field(required[i].tag, 0, required[i].key, NULL, 0, "missing");
    lies_field('F', 1, "len", NULL, 0, "missing");
    lies_field('F', 1, "z", NULL, 0, "missing");
}

/* --- sizes --- */

/* A value that declares n bytes or elements of its kind before its own. */
static void declares_too_much(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {1u << 28, 1u << 31, UINT32_MAX};
    aid_doc *doc = lies_sample();
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
                aid_doc *copy = lies_sample();
                aid_doc_set(copy, i, f->key, v.data, v.size);
                lies_refused(copy, i, NULL);
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
            lies_u64(field[i].tag, field[i].n, field[i].key, sizes[s], NULL);
    for (size_t s = 0; s < 4; s++) {
        static const char *const key[] = {"users", "items", "nnz"};
        for (size_t k = 0; k < 3; k++) {
            aid_doc *doc = lies_sample();
            mf_err err = {0};
            aid_doc_set_u64(doc, 0, key[k], sizes[s]);
            assert_int_equal(lies_try(doc, &err), MF_EFORMAT);
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
                aid_doc *doc = lies_sample();
                size_t part = aid_doc_find(doc, field[i].tag, field[i].n), j = 0;
                while (strcmp(doc->part[part].field[j].key, "len") != 0)
                    j++;
                aid_bytes *v = &doc->part[part].field[j].value;
                uint8_t *len = v->data + v->size - 4 * (field[i].count - at);
                uint32_t old;
                memcpy(&old, len, 4);
                memcpy(len, &sizes[s], 4);
                if (old != sizes[s])
                    lies_refused(doc, part, NULL);
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
    lies_field('H', 0, "x", deep, sizeof deep, "too deep");
    lies_field('H', 0, "x", odd_key, sizeof odd_key, NULL);
    lies_field('H', 0, "x", never, 1, NULL);
    /* duplicate keys */
    aid_doc *doc = lies_sample();
    for (size_t i = 0; i < doc->n; i++) {
        aid_doc *copy = lies_sample();
        aid_doc_set(copy, i, "x", yes, 1);
        memcpy(copy->part[i].field[copy->part[i].n - 1].key, doc->part[i].field[0].key,
               32);
        lies_refused(copy, i, "twice");
        aid_doc_free(copy);
    }
    aid_doc_free(doc);
    /* unknown kinds */
    doc = lies_sample();
    aid_doc_insert(doc, 3, 'Q');
    aid_doc_count(doc);
    lies_refused(doc, 3, "unknown kind");
    doc->part[3].tag = 'q';
    aid_doc_count(doc);
    lies_accepted(doc);
    aid_doc_set(doc, 3, "safe", v, aid_u64(v, 1));
    lies_refused(doc, 3, "safe");
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
    lies_field('H', 0, "version", major, sizeof major, "newer mfpipe");
    lies_field('H', 0, "version", big, sizeof big, "newer mfpipe");
    lies_field('H', 0, "version", zero, sizeof zero, "version");
    lies_field('H', 0, "version", one, sizeof one, "version");
    lies_field('H', 0, "version", text, sizeof text, "version");
    lies_field('H', 0, "version", nil, sizeof nil, "version");
    aid_doc *doc = lies_sample();
    aid_doc_set(doc, 0, "version", wide, sizeof wide);
    lies_accepted(doc);
    aid_doc_free(doc);
    lies_field('H', 0, "magic", "\xa6mfpope", 7, "magic");
    lies_field('H', 0, "value",
               "\xa3"
               "f64",
               4, "neither");
}

static void dimensions_overflow(void **state)
{
    (void)state;
    aid_doc *doc = lies_sample();
    size_t m = aid_doc_find(doc, 'M', 0), f = aid_doc_find(doc, 'F', 0);
    uint8_t two[8] = {0};
    aid_doc_set_u64(doc, m, "k", 16384);
    aid_doc_set_u64(doc, m, "p", 64);
    aid_doc_set_bin(doc, f, "data", two, sizeof two);
    lies_refused(doc, f, "data");
    aid_doc_free(doc);
    lies_u64('M', 0, "k", 16385, "k is");
    lies_u64('M', 0, "p", 65, "p is");
    lies_u64('M', 0, "k", 0, "k is");
    lies_u64('M', 0, "p", 0, "p is");
    lies_u64('H', 0, "nnz", 31, "users times items");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_has_its_type),
        cmocka_unit_test(every_required_key_is_missed),
        cmocka_unit_test(declares_too_much),
        cmocka_unit_test(numbers_promise_too_much),
        cmocka_unit_test(lengths_of_rows_and_ids_lie),
        cmocka_unit_test(frames_declare_too_much),
        cmocka_unit_test(no_lie_takes_memory),
        cmocka_unit_test(maps_are_sound),
        cmocka_unit_test(at_most_128_keys),
        cmocka_unit_test(versions),
        cmocka_unit_test(dimensions_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
