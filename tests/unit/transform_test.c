/* Values: mf/transform.h, against formulas written out the slow way. */
#include "split_aid.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "mf/transform.h"

enum { USERS = 12, ITEMS = 15 };

static uint8_t fold[USERS * ITEMS]; /* all four, by place */
static split_aid_shape shape = {
    .users = USERS, .items = ITEMS, .percent = 50, .fold = fold};

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof fold; i++)
        fold[i] = (uint8_t)((i * 7 + i / 5) % MF_FOLDS);
    return 0;
}

static mf_transform_params ops(const char *a, const char *b, const char *c)
{
    const char *const text[] = {a, b, c};
    mf_transform_params p = {0};
    for (int i = 0; i < 3 && text[i]; i++)
        assert_int_equal(mf_transform_parse(&p.op[p.n++], text[i], NULL), MF_OK);
    return p;
}

static int transform_file(int from, int to, const mf_transform_params *p, mf_err *err)
{
    mf_in *in = split_aid_in(from);
    mf_out *out = split_aid_out(to);
    int code = mf_transform_run(in, out, p, NULL, err);
    mf_in_close(in);
    mf_out_close(out);
    return code;
}

/* The ratings before and after. */
static void transform(mf_model *before, mf_model *after, const split_aid_shape *s,
                      const mf_transform_params *p)
{
    mf_err err = {0};
    int from = split_aid_bundle(s), to = split_aid_file();
    int code = transform_file(from, to, p, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(code, MF_OK);
    split_aid_load(before, from);
    split_aid_load(after, to);
    assert_int_equal(after->header.value, MF_F32);
    assert_int_equal(after->ratings.x.nnz, before->ratings.x.nnz);
    assert_memory_equal(after->ratings.fold, before->ratings.fold,
                        before->ratings.x.nnz);
    assert_memory_equal(after->ratings.x.col, before->ratings.x.col,
                        before->ratings.x.nnz * sizeof(uint32_t));
    close(from);
    close(to);
}

/* Make *want doubles from a model; the caller changes them and compares. */
static double *doubles(const mf_model *m)
{
    double *x = mf__new(m->ratings.x.nnz, sizeof *x);
    assert_non_null(x);
    for (size_t t = 0; t < m->ratings.x.nnz; t++)
        x[t] = m->ratings.count ? (double)m->ratings.count[t]
                                : (double)m->ratings.x.val[t];
    return x;
}

static void check_and_free(double *want, mf_model *before, mf_model *after)
{
    for (size_t t = 0; t < after->ratings.x.nnz; t++)
        assert_true(fabs(after->ratings.x.val[t] - want[t]) <= 1e-6 * fabs(want[t]));
    free(want);
    mf_model_free(before);
    mf_model_free(after);
}

static bool known(const mf_model *m, size_t t)
{
    return m->ratings.fold[t] == MF_TRAIN || m->ratings.fold[t] == MF_FOLD_IN;
}

static void log2_and_offset_are_exact_on_large_counts(void **state)
{
    (void)state;
    uint32_t count[USERS * ITEMS];
    for (uint32_t i = 0; i < USERS * ITEMS; i++)
        count[i] = UINT32_MAX - i;
    split_aid_shape large = shape;
    large.count = count;
    mf_model before, after;
    mf_transform_params p = ops("offset:-4294967095", "log2:0.8", NULL);
    transform(&before, &after, &large, &p);
    for (size_t t = 0; t < after.ratings.x.nnz; t++) {
        double exact = (double)before.ratings.count[t] - 4294967095.0;
        assert_true(after.ratings.x.val[t] == (float)log2(exact + 0.8));
    }
    mf_model_free(&before);
    mf_model_free(&after);
}

static void user_mean_is_of_training_and_fold_in(void **state)
{
    (void)state;
    mf_model before, after;
    mf_transform_params p = ops("user-mean", NULL, NULL);
    transform(&before, &after, &shape, &p);
    double *want = doubles(&before);
    for (uint32_t u = 0; u < USERS; u++) {
        double sum = 0, n = 0;
        const size_t *ptr = before.ratings.x.ptr;
        for (size_t t = ptr[u]; t < ptr[u + 1]; t++)
            if (known(&before, t)) {
                sum += want[t];
                n++;
            }
        for (size_t t = ptr[u]; n > 0 && t < ptr[u + 1]; t++)
            want[t] /= sum / n;
    }
    check_and_free(want, &before, &after);
}

static void a_user_without_known_cells_keeps_the_values(void **state)
{
    (void)state;
    uint8_t all_test[USERS * ITEMS];
    memset(all_test, MF_TEST, sizeof all_test);
    split_aid_shape s = shape;
    s.fold = all_test;
    mf_model before, after;
    mf_transform_params p = ops("user-mean", NULL, NULL);
    transform(&before, &after, &s, &p);
    check_and_free(doubles(&before), &before, &after);
}

static void binarize_keeps_every_cell(void **state)
{
    (void)state;
    mf_model before, after;
    mf_transform_params p = ops("binarize:20", NULL, NULL);
    transform(&before, &after, &shape, &p);
    double *want = doubles(&before);
    size_t ones = 0;
    for (size_t t = 0; t < before.ratings.x.nnz; t++)
        ones += (want[t] = want[t] >= 20) > 0;
    assert_true(ones > 0 && ones < before.ratings.x.nnz);
    check_and_free(want, &before, &after);
}

/* tfidf (k1 < 0) or bm25 of x, by the formulas of mf/transform.h. */
static void weigh(double *x, const mf_model *m, double k1, double b, bool items)
{
    const mf_csr *c = &m->ratings.x;
    double df[ITEMS + USERS] = {0}, length[ITEMS + USERS] = {0}, total = 0;
    double documents = items ? ITEMS : USERS;
    for (uint32_t u = 0; u < USERS; u++)
        for (size_t t = c->ptr[u]; t < c->ptr[u + 1]; t++)
            if (known(m, t)) {
                df[items ? u : c->col[t]]++;
                length[items ? c->col[t] : u] += x[t];
                total += x[t];
            }
    for (uint32_t u = 0; u < USERS; u++)
        for (size_t t = c->ptr[u]; t < c->ptr[u + 1]; t++) {
            uint32_t term = items ? u : c->col[t], document = items ? c->col[t] : u;
            double idf = log(documents / (1 + df[term]));
            double norm = (1 - b) + b * length[document] / (total / documents);
            if (k1 < 0)
                x[t] = sqrt(x[t]) * idf;
            else
                x[t] = x[t] * (k1 + 1) / (k1 * norm + x[t]) * idf;
        }
}

static void tfidf_and_bm25_are_their_formulas(void **state)
{
    (void)state;
    const struct {
        const char *op;
        double k1, b;
        bool items;
    } cases[] = {
        {"tfidf", -1, 0, false},
        {"tfidf:items", -1, 0, true},
        {"bm25", 100, 0.8, false},
        {"bm25:1.2,0.75", 1.2, 0.75, false},
        {"bm25:100,.8,items", 100, 0.8, true},
        {"bm25:2", 2, 0.8, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mf_model before, after;
        mf_transform_params p = ops(cases[i].op, NULL, NULL);
        transform(&before, &after, &shape, &p);
        double *want = doubles(&before);
        weigh(want, &before, cases[i].k1, cases[i].b, cases[i].items);
        check_and_free(want, &before, &after);
    }
}

static void operations_are_applied_in_order(void **state)
{
    (void)state;
    mf_model before, after;
    mf_transform_params p = ops("log2:0.8", "bm25:3,0.5", "tfidf:items");
    p.op[p.n++] = (mf_transform_op){.kind = MF_OP_OFFSET, .a = 9};
    split_aid_shape all =
        shape; /* with positive weights alone, for the root of tfidf */
    all.percent = 40;
    transform(&before, &after, &all, &p);
    double *want = doubles(&before);
    for (size_t t = 0; t < before.ratings.x.nnz; t++)
        want[t] = log2(want[t] + 0.8);
    weigh(want, &before, 3, 0.5, false);
    weigh(want, &before, -1, 0, true);
    for (size_t t = 0; t < before.ratings.x.nnz; t++)
        want[t] += 9;
    check_and_free(want, &before, &after);
}

static void real_values_are_taken_as_they_are(void **state)
{
    (void)state;
    float real[USERS * ITEMS];
    for (int i = 0; i < USERS * ITEMS; i++)
        real[i] = -3.25f + (float)i / 8;
    split_aid_shape s = shape;
    s.value = MF_F32;
    s.real = real;
    mf_model before, after;
    mf_transform_params p = ops("offset:1e-3", NULL, NULL);
    transform(&before, &after, &s, &p);
    double *want = doubles(&before);
    for (size_t t = 0; t < before.ratings.x.nnz; t++)
        want[t] += 1e-3;
    check_and_free(want, &before, &after);
}

/* Run and expect an error with all these words. */
static void refuses(const split_aid_shape *s, const mf_transform_params *p,
                    const char *words[])
{
    mf_err err = {0};
    int from = split_aid_bundle(s), to = split_aid_file();
    assert_int_equal(transform_file(from, to, p, &err), MF_ERANGE);
    for (; *words; words++)
        if (!strstr(err.text, *words))
            fail_msg("'%s' is not in '%s'", *words, err.text);
    close(from);
    close(to);
}

static void what_is_not_finite_names_user_item_and_operation(void **state)
{
    (void)state;
    uint32_t count[USERS * ITEMS], zero_at = USERS * ITEMS;
    for (uint32_t i = 0; i < USERS * ITEMS; i++) {
        count[i] = 1;
        if (zero_at == USERS * ITEMS && i >= 70 &&
            split_aid_has(i / ITEMS, i % ITEMS, 50))
            zero_at = i;
    }
    count[zero_at] = 0;
    char user[16], item[16];
    snprintf(user, sizeof user, "'user%04u'", zero_at / ITEMS);
    snprintf(item, sizeof item, "'item%04u'", zero_at % ITEMS);
    split_aid_shape s = shape;
    s.count = count;
    mf_transform_params p = ops("offset:0", "log2:0", NULL),
                        huge = ops("offset:1e300", NULL, NULL);
    mf_transform_params held = ops("log2:0", "tfidf", NULL);
    refuses(&s, &p, (const char *[]){user, item, "log2:0", NULL});
    refuses(&s, &held, (const char *[]){user, item, "log2:0", NULL});
    refuses(&s, &huge, (const char *[]){"offset:", "f32", NULL});
}

static void a_mean_of_zero_is_refused(void **state)
{
    (void)state;
    uint32_t count[USERS * ITEMS] = {0};
    split_aid_shape s = shape;
    s.count = count;
    mf_transform_params p = ops("user-mean", NULL, NULL);
    refuses(&s, &p, (const char *[]){"user 'user00", "user-mean", "mean", NULL});
}

static void frames_and_what_is_unknown_go_through(void **state)
{
    (void)state;
    const char *const op[] = {"user-mean", "bm25"}; /* streamed, held */
    split_aid_shape s = shape;
    s.frame_cells = 4;
    s.strange = true;
    s.model = true;
    int from = split_aid_bundle(&s), to = split_aid_file();
    for (int i = 0; i < 2; i++) {
        mf_transform_params p = ops(op[i], NULL, NULL);
        assert_int_equal(transform_file(from, to, &p, NULL), MF_OK);
        for (const char *tag = "HIRsE"; *tag; tag++) {
            size_t before, strange, after;
            split_aid_count_frames(from, *tag, &before, &strange);
            split_aid_count_frames(to, *tag, &after, &strange);
            assert_int_equal(after, before);
            assert_int_equal(strange, before);
        }
        for (const char *tag = "MFhu"; *tag; tag++) {
            size_t after, strange;
            split_aid_count_frames(to, *tag, &after, &strange);
            assert_int_equal(after, 0);
        }
    }
    close(from);
    close(to);
}

static void bundles_without_cells_go_through(void **state)
{
    (void)state;
    mf_model before, after;
    split_aid_shape empty = shape;
    empty.percent = 0;
    mf_transform_params p = ops("bm25", "user-mean", "log2");
    transform(&before, &after, &empty, &p);
    assert_int_equal(after.ratings.x.nnz, 0);
    mf_model_free(&before);
    mf_model_free(&after);
}

static void operations_are_read_and_written_back(void **state)
{
    (void)state;
    const char *const good[][2] = {
        {"log2", "log2:1"},
        {"log2:0.80", "log2:0.8"},
        {"user-mean", "user-mean"},
        {"binarize", "binarize:1"},
        {"binarize:-2e0", "binarize:-2"},
        {"offset:.5", "offset:0.5"},
        {"tfidf", "tfidf"},
        {"tfidf:users", "tfidf"},
        {"tfidf:items", "tfidf:items"},
        {"bm25", "bm25:100,0.8"},
        {"bm25:1.2", "bm25:1.2,0.8"},
        {"bm25:1,1,items", "bm25:1,1,items"},
        {"bm25:items", "bm25:100,0.8,items"},
    };
    const char *const bad[] = {
        "",           "log",         "log2:",        "log2:x",    "log2:1,2",
        "log2:1,",    "log2: 1",     "log2:inf",     "log2:nan",  "user-mean:1",
        "offset",     "offset:",     "tfidf:1",      "tfidf:all", "bm25:1,2",
        "bm25:-1",    "bm25:1,.5,x", "bm25:1,.5,2",  "bm25:1,",   "log22",
        "log2:items", "bm25:0x1p3",  "offset:1e999",
    };
    char text[MF_TRANSFORM_TEXT];
    mf_transform_op op;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(mf_transform_parse(&op, good[i][0], NULL), MF_OK);
        mf_transform_format(&op, text);
        assert_string_equal(text, good[i][1]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (mf_transform_parse(&op, bad[i], NULL) != MF_EINVAL)
            fail_msg("'%s' was accepted", bad[i]);
}

/* Both ways of two passes: a file is read again, from where it began; a pipe is
 * held. */
static void a_file_a_part_of_a_file_and_a_pipe_give_the_same(void **state)
{
    (void)state;
    mf_err err = {0};
    mf_transform_params p = ops("tfidf:items", "log2:3", "bm25");
    int from = split_aid_bundle(&shape), want = split_aid_file();
    assert_int_equal(transform_file(from, want, &p, NULL), MF_OK);

    size_t size;
    int part = split_aid_file(), end[2];
    uint8_t *bytes = split_aid_bytes(from, &size);
    assert_true(write(part, "something else", 14) == 14);
    assert_true(write(part, bytes, size) == (ssize_t)size);
    assert_int_equal(pipe(end), 0);
    assert_true(size < 65536 && write(end[1], bytes, size) == (ssize_t)size);
    close(end[1]);
    assert_int_equal(lseek(part, 14, SEEK_SET), 14);
    int source[] = {part, end[0]};
    for (int i = 0; i < 2; i++) {
        mf_in *in;
        int got = split_aid_file();
        mf_out *out = split_aid_out(got);
        assert_int_equal(mf_in_open(&in, source[i], "input", NULL), MF_OK);
        assert_int_equal(mf__in_can_rewind(in), i == 0);
        assert_int_equal(mf_transform_run(in, out, &p, NULL, &err), MF_OK);
        mf_in_close(in);
        mf_out_close(out);
        split_aid_same_bytes(got, want);
        close(got);
        close(source[i]);
    }
    free(bytes);
    close(from);
    close(want);
}

typedef struct meddler {
    int from, to;
} meddler;

/* A note comes while the input is read for the first time. */
static void meddle(void *self, const char *line)
{
    const meddler *m = self;
    size_t size;
    uint8_t *bytes = split_aid_bytes(m->from, &size);
    off_t here = lseek(m->to, 0, SEEK_CUR);
    (void)line;
    assert_true(pwrite(m->to, bytes, size, 0) == (ssize_t)size);
    assert_int_equal(ftruncate(m->to, (off_t)size), 0);
    assert_true(lseek(m->to, here, SEEK_SET) == here);
    free(bytes);
}

static void a_file_that_changes_while_it_is_read_is_refused(void **state)
{
    (void)state;
    mf_err err = {0};
    split_aid_shape with_model = shape, other = shape;
    with_model.model = true;
    other.percent = 40;
    meddler m = {split_aid_bundle(&other), split_aid_bundle(&with_model)};
    mf_report report = {.self = &m, .note = meddle};
    mf_transform_params p = ops("tfidf", NULL, NULL);
    int to = split_aid_file();
    mf_in *in = split_aid_in(m.to);
    mf_out *out = split_aid_out(to);
    assert_int_equal(mf_transform_run(in, out, &p, &report, &err), MF_EFORMAT);
    assert_non_null(strstr(err.text, "changed while it was read"));
    mf_in_close(in);
    mf_out_close(out);
    close(m.from);
    close(m.to);
    close(to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log2_and_offset_are_exact_on_large_counts),
        cmocka_unit_test(user_mean_is_of_training_and_fold_in),
        cmocka_unit_test(a_user_without_known_cells_keeps_the_values),
        cmocka_unit_test(binarize_keeps_every_cell),
        cmocka_unit_test(tfidf_and_bm25_are_their_formulas),
        cmocka_unit_test(operations_are_applied_in_order),
        cmocka_unit_test(real_values_are_taken_as_they_are),
        cmocka_unit_test(what_is_not_finite_names_user_item_and_operation),
        cmocka_unit_test(a_mean_of_zero_is_refused),
        cmocka_unit_test(frames_and_what_is_unknown_go_through),
        cmocka_unit_test(bundles_without_cells_go_through),
        cmocka_unit_test(operations_are_read_and_written_back),
        cmocka_unit_test(a_file_a_part_of_a_file_and_a_pipe_give_the_same),
        cmocka_unit_test(a_file_that_changes_while_it_is_read_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
