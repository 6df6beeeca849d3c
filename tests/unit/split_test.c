/* Splits: mf/split.h. The rules are written down again here, cell by cell. */
#include "split_aid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xxhash.h>

#include "mf/split.h"

static const split_aid_shape SHAPE = {.users = 60, .items = 80, .percent = 30};

/* The uniform number of a cell, in [0, 1), as the manual page gives it. */
static double uniform(const mf_ratings *r, uint32_t user, uint32_t item, uint64_t seed)
{
    char text[64];
    size_t user_len, item_len;
    const char *user_id = mf_ids_get(&r->users, user, &user_len);
    const char *item_id = mf_ids_get(&r->items, item, &item_len);
    memcpy(text, user_id, user_len);
    text[user_len] = '\0';
    memcpy(text + user_len + 1, item_id, item_len);
    uint64_t hash = XXH3_64bits_withSeed(text, user_len + 1 + item_len, seed);
    return ldexp((double)(hash >> 11), -53);
}

static double uniform_user(const mf_ratings *r, uint32_t user, uint64_t seed)
{
    size_t len;
    const char *id = mf_ids_get(&r->users, user, &len);
    return ldexp((double)(XXH3_64bits_withSeed(id, len, seed) >> 11), -53);
}

/* How many cells of the row have a lower number. */
static size_t rank(const mf_ratings *r, uint32_t user, size_t cell, uint64_t seed)
{
    size_t lower = 0;
    double x = uniform(r, user, r->x.col[cell], seed);
    for (size_t t = r->x.ptr[user]; t < r->x.ptr[user + 1]; t++)
        lower += uniform(r, user, r->x.col[t], seed) < x;
    return lower;
}

static int split_file(int from, const mf_split_params *p)
{
    mf_err err = {0};
    int to = split_aid_file();
    mf_in *in = split_aid_in(from);
    mf_out *out = split_aid_out(to);
    int code = mf_split_run(in, out, p, NULL, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(code, MF_OK);
    mf_in_close(in);
    mf_out_close(out);
    return to;
}

/* Split a bundle of this shape and load the result. */
static void split(mf_model *m, const split_aid_shape *shape, const mf_split_params *p)
{
    int from = split_aid_bundle(shape), to = split_file(from, p);
    split_aid_load(m, to);
    close(from);
    close(to);
}

static size_t row_count(const mf_ratings *r, uint32_t user, int fold)
{
    size_t n = 0;
    for (size_t t = r->x.ptr[user]; t < r->x.ptr[user + 1]; t++)
        n += r->fold[t] == fold;
    return n;
}

static void pairs_follow_their_numbers_alone(void **state)
{
    (void)state;
    mf_model m;
    mf_split_params p = mf_split_defaults();
    p.valid = (mf_split_amount){true, 0.2};
    p.seed = 42;
    split(&m, &SHAPE, &p);
    size_t held = 0;
    for (uint32_t u = 0; u < m.ratings.users.n; u++)
        for (size_t t = m.ratings.x.ptr[u]; t < m.ratings.x.ptr[u + 1]; t++) {
            double x = uniform(&m.ratings, u, m.ratings.x.col[t], 42);
            int want = x < 0.15 ? MF_TEST : x < 0.15 + 0.2 ? MF_VALID : MF_TRAIN;
            assert_int_equal(m.ratings.fold[t], want);
            held += want != MF_TRAIN;
        }
    assert_true(held > m.ratings.x.nnz / 4 && held < m.ratings.x.nnz / 2);
    mf_model_free(&m);
}

static void minimum_of_training_takes_back_the_highest(void **state)
{
    (void)state;
    mf_model plain, kept;
    mf_split_params p = mf_split_defaults();
    p.test.value = 0.4;
    p.valid = (mf_split_amount){true, 0.4};
    split(&plain, &SHAPE, &p);
    p.min_train = 9;
    split(&kept, &SHAPE, &p);
    const mf_ratings *a = &plain.ratings, *b = &kept.ratings;
    size_t changed = 0;
    for (uint32_t u = 0; u < a->users.n; u++) {
        size_t n = a->x.ptr[u + 1] - a->x.ptr[u], train = row_count(a, u, MF_TRAIN);
        size_t most = n > 9 ? n - 9 : 0; /* that may be held out */
        assert_int_equal(row_count(b, u, MF_TRAIN),
                         train > n - most ? train : n - most);
        for (size_t t = a->x.ptr[u]; t < a->x.ptr[u + 1]; t++) {
            bool back = rank(a, u, t, 1) >= most;
            assert_int_equal(b->fold[t], back ? MF_TRAIN : a->fold[t]);
            changed += back && a->fold[t] != MF_TRAIN;
        }
    }
    assert_true(changed > 0);
    mf_model_free(&plain);
    mf_model_free(&kept);
}

static void per_user_takes_a_rounded_share_of_each(void **state)
{
    (void)state;
    mf_model m;
    mf_split_params p = mf_split_defaults();
    p.method = MF_SPLIT_PER_USER;
    p.test.value = 0.25;
    p.valid = (mf_split_amount){true, 0.125};
    split(&m, &SHAPE, &p);
    const mf_ratings *r = &m.ratings;
    size_t halves = 0;
    for (uint32_t u = 0; u < r->users.n; u++) {
        size_t n = r->x.ptr[u + 1] - r->x.ptr[u];
        size_t test = (2 * n + 4) / 8, valid = (n + 4) / 8; /* halves go up */
        halves += n % 4 == 2;
        for (size_t t = r->x.ptr[u]; t < r->x.ptr[u + 1]; t++) {
            size_t at = rank(r, u, t, 1);
            assert_int_equal(r->fold[t], at < test           ? MF_TEST
                                         : at < test + valid ? MF_VALID
                                                             : MF_TRAIN);
        }
    }
    assert_true(halves > 0);
    mf_model_free(&m);
}

static void per_user_leaves_a_training_cell(void **state)
{
    (void)state;
    mf_model m;
    split_aid_shape sparse = SHAPE;
    sparse.percent = 2;
    mf_split_params p = mf_split_defaults();
    p.method = MF_SPLIT_PER_USER;
    p.test.value = 1;
    split(&m, &sparse, &p);
    size_t ones = 0;
    for (uint32_t u = 0; u < m.ratings.users.n; u++) {
        size_t n = m.ratings.x.ptr[u + 1] - m.ratings.x.ptr[u];
        assert_int_equal(row_count(&m.ratings, u, MF_TRAIN), n > 0);
        ones += n == 1;
    }
    assert_true(ones > 0);
    mf_model_free(&m);
}

static void leave_out_takes_the_same_number_of_each_or_none(void **state)
{
    (void)state;
    mf_model m;
    split_aid_shape sparse = SHAPE;
    sparse.percent = 5;
    mf_split_params p = mf_split_defaults();
    p.method = MF_SPLIT_LEAVE_OUT;
    p.test = (mf_split_amount){false, 2};
    p.valid = (mf_split_amount){false, 1};
    split(&m, &sparse, &p);
    const mf_ratings *r = &m.ratings;
    size_t whole = 0;
    for (uint32_t u = 0; u < r->users.n; u++) {
        size_t n = r->x.ptr[u + 1] - r->x.ptr[u];
        whole += n < 4;
        for (size_t t = r->x.ptr[u]; t < r->x.ptr[u + 1]; t++) {
            size_t at = rank(r, u, t, 1);
            assert_int_equal(r->fold[t], n < 4    ? MF_TRAIN
                                         : at < 2 ? MF_TEST
                                         : at < 3 ? MF_VALID
                                                  : MF_TRAIN);
        }
    }
    assert_true(whole > 0 && whole < r->users.n);
    mf_model_free(&m);
}

/* A held-out user's cells are fold-in and of one fold; the lowest are held. */
static void check_held_out_user(const mf_ratings *r, uint32_t u, int fold,
                                double fold_in)
{
    size_t n = r->x.ptr[u + 1] - r->x.ptr[u];
    size_t held = n - (size_t)floor(fold_in * (double)n + 0.5);
    if (held == 0 && n >= 2)
        held = 1;
    if (held == n && n > 0)
        held = n - 1;
    for (size_t t = r->x.ptr[u]; t < r->x.ptr[u + 1]; t++)
        assert_int_equal(r->fold[t], rank(r, u, t, 1) < held ? fold : MF_FOLD_IN);
}

static void held_out_users_never_train(void **state)
{
    (void)state;
    mf_model m;
    split_aid_shape sparse = SHAPE;
    sparse.percent = 4; /* users of no, one and two cells are among them */
    mf_split_params p = mf_split_defaults();
    p.method = MF_SPLIT_USERS;
    p.test.value = 0.3;
    p.valid = (mf_split_amount){true, 0.2};
    split(&m, &sparse, &p);
    size_t kinds[3] = {0};
    for (uint32_t u = 0; u < m.ratings.users.n; u++) {
        double x = uniform_user(&m.ratings, u, 1);
        int kind = x < 0.3 ? MF_TEST : x < 0.3 + 0.2 ? MF_VALID : MF_TRAIN;
        size_t n = m.ratings.x.ptr[u + 1] - m.ratings.x.ptr[u];
        kinds[kind]++;
        if (kind == MF_TRAIN)
            assert_int_equal(row_count(&m.ratings, u, MF_TRAIN), n);
        else
            check_held_out_user(&m.ratings, u, kind, 0.8);
    }
    assert_true(kinds[MF_TRAIN] && kinds[MF_VALID] && kinds[MF_TEST]);
    mf_model_free(&m);
}

static void a_count_of_users_is_kept_exactly(void **state)
{
    (void)state;
    mf_model m;
    split_aid_shape sparse = SHAPE;
    sparse.percent = 4;
    mf_split_params p = mf_split_defaults();
    p.method = MF_SPLIT_USERS;
    p.test = (mf_split_amount){false, 25};
    p.valid = (mf_split_amount){false, 10};
    p.fold_in = 0.5;
    split(&m, &sparse, &p);
    const mf_ratings *r = &m.ratings;
    for (uint32_t u = 0; u < r->users.n; u++) {
        size_t lower = 0, n = r->x.ptr[u + 1] - r->x.ptr[u];
        for (uint32_t v = 0; v < r->users.n; v++)
            lower += uniform_user(r, v, 1) < uniform_user(r, u, 1);
        if (lower >= 35)
            assert_int_equal(row_count(r, u, MF_TRAIN), n);
        else
            check_held_out_user(r, u, lower < 25 ? MF_TEST : MF_VALID, 0.5);
    }
    mf_model_free(&m);
}

static void more_users_than_there_are_cannot_be_held_out(void **state)
{
    (void)state;
    mf_err err = {0};
    int from = split_aid_bundle(&SHAPE), to = split_aid_file();
    mf_in *in = split_aid_in(from);
    mf_out *out = split_aid_out(to);
    mf_split_params p = mf_split_defaults();
    p.method = MF_SPLIT_USERS;
    p.test = (mf_split_amount){false, 61};
    assert_int_equal(mf_split_run(in, out, &p, NULL, &err), MF_EINVAL);
    assert_non_null(strstr(err.text, "there are 60"));
    mf_in_close(in);
    mf_out_close(out);
    close(from);
    close(to);
}

/* Every cell is tested by one of the folds, and where floor(K x) says. */
static void folds_part_the_whole(mf_split_method method)
{
    mf_split_params p = mf_split_defaults();
    p.method = method;
    p.folds = 3;
    p.valid = (mf_split_amount){true, 0.5};
    for (p.fold = 1; p.fold <= 3; p.fold++) {
        mf_model m;
        split(&m, &SHAPE, &p);
        const mf_ratings *r = &m.ratings;
        size_t seen[MF_FOLDS] = {0};
        for (uint32_t u = 0; u < r->users.n; u++)
            for (size_t t = r->x.ptr[u]; t < r->x.ptr[u + 1]; t++) {
                double x = method == MF_SPLIT_USERS ? uniform_user(r, u, 1)
                                                    : uniform(r, u, r->x.col[t], 1);
                double after = x - p.fold / 3.0;
                if (after < 0)
                    after += 1;
                int want = floor(3 * x) == p.fold - 1 ? MF_TEST
                           : after < 0.5              ? MF_VALID
                                                      : MF_TRAIN;
                if (r->fold[t] != MF_FOLD_IN)
                    assert_int_equal(r->fold[t], want);
                else
                    assert_int_not_equal(want, MF_TRAIN);
                seen[want]++;
            }
        assert_true(seen[MF_TRAIN] && seen[MF_VALID] && seen[MF_TEST]);
        mf_model_free(&m);
    }
}

static void folds_of_pairs_and_of_users_part_the_whole(void **state)
{
    (void)state;
    folds_part_the_whole(MF_SPLIT_PAIRS);
    folds_part_the_whole(MF_SPLIT_USERS);
}

static void a_part_is_split_like_the_whole(void **state)
{
    (void)state;
    for (int method = MF_SPLIT_PAIRS; method <= MF_SPLIT_USERS; method++) {
        mf_model whole, part;
        split_aid_shape shard = SHAPE;
        shard.skip_users = 20;
        mf_split_params p = mf_split_defaults();
        p.method = (mf_split_method)method;
        if (method == MF_SPLIT_PAIRS)
            shard.skip_items = 33; /* a pair does not even know the row it is in */
        split(&whole, &SHAPE, &p);
        split(&part, &shard, &p);
        for (uint32_t u = 0; u < part.ratings.users.n; u++) {
            size_t t = part.ratings.x.ptr[u], s = whole.ratings.x.ptr[u + 20];
            while (s < whole.ratings.x.ptr[u + 21] &&
                   whole.ratings.x.col[s] < shard.skip_items)
                s++;
            for (; t < part.ratings.x.ptr[u + 1]; t++, s++) {
                assert_int_equal(part.ratings.x.col[t] + shard.skip_items,
                                 whole.ratings.x.col[s]);
                assert_int_equal(part.ratings.fold[t], whole.ratings.fold[s]);
            }
        }
        mf_model_free(&whole);
        mf_model_free(&part);
    }
}

static void threads_do_not_change_a_byte(void **state)
{
    (void)state;
    int from = split_aid_bundle(&SHAPE);
    for (int method = MF_SPLIT_PAIRS; method <= MF_SPLIT_USERS; method++) {
        mf_split_params p = mf_split_defaults();
        p.method = (mf_split_method)method;
        p.min_train = 2;
        p.threads = 1;
        int one = split_file(from, &p);
        for (p.threads = 2; p.threads <= 8; p.threads += 3) {
            int more = split_file(from, &p);
            split_aid_same_bytes(one, more);
            close(more);
        }
        close(one);
    }
    close(from);
}

static void old_folds_do_not_matter(void **state)
{
    (void)state;
    mf_model a, b;
    uint8_t fold[60 * 80];
    for (size_t i = 0; i < sizeof fold; i++)
        fold[i] = (uint8_t)(i % MF_FOLDS);
    split_aid_shape folded = SHAPE;
    folded.fold = fold;
    mf_split_params p = mf_split_defaults();
    split(&a, &SHAPE, &p);
    split(&b, &folded, &p);
    assert_int_equal(a.ratings.x.nnz, b.ratings.x.nnz);
    assert_memory_equal(a.ratings.fold, b.ratings.fold, a.ratings.x.nnz);
    mf_model_free(&a);
    mf_model_free(&b);
}

static void frames_and_what_is_unknown_go_through(void **state)
{
    (void)state;
    split_aid_shape shape = SHAPE;
    shape.frame_cells = 10; /* every row goes on in another frame */
    shape.strange = true;
    shape.model = true;
    mf_split_params p = mf_split_defaults();
    int from = split_aid_bundle(&shape), to = split_file(from, &p);
    for (const char *tag = "HIRsE"; *tag; tag++) {
        size_t before, strange_before, after, strange;
        split_aid_count_frames(from, *tag, &before, &strange_before);
        split_aid_count_frames(to, *tag, &after, &strange);
        assert_int_equal(before, after);
        assert_int_equal(strange, before);
    }
    for (const char *tag = "MFhu"; *tag; tag++) {
        size_t before, after, strange;
        split_aid_count_frames(from, *tag, &before, &strange);
        split_aid_count_frames(to, *tag, &after, &strange);
        assert_true(before > 0);
        assert_int_equal(after, 0);
    }
    close(from);
    close(to);
}

static void a_cut_input_gives_no_bundle(void **state)
{
    (void)state;
    split_aid_shape small = {.users = 3, .items = 9, .percent = 50};
    int from = split_aid_bundle(&small), cut = split_aid_file(), to = split_aid_file();
    size_t size;
    uint8_t *bytes = split_aid_bytes(from, &size);
    mf_split_params p = mf_split_defaults();
    for (size_t n = 0; n < size; n++) {
        mf_err err = {0};
        mf_out *put = split_aid_out(cut);
        assert_int_equal(mf_out_write(put, bytes, n, NULL), MF_OK);
        assert_int_equal(mf_out_flush(put, NULL), MF_OK);
        mf_out_close(put);
        mf_in *in = split_aid_in(cut);
        mf_out *out = split_aid_out(to);
        assert_int_equal(mf_split_run(in, out, &p, NULL, &err), MF_EFORMAT);
        assert_string_not_equal(err.text, "");
        mf_in_close(in);
        mf_out_close(out);
    }
    free(bytes);
    close(from);
    close(cut);
    close(to);
}

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    const mf_split_amount most = {true, 0.9}, some = {true, 0.2}, two = {false, 2},
                          none = {true, -1}, over = {true, 1.5};
    const struct {
        mf_split_method method;
        mf_split_amount test, valid;
        double fold_in;
        uint32_t folds, fold;
        bool good;
    } cases[] = {
        {MF_SPLIT_PAIRS, some, most, -1, 0, 0, false},
        {MF_SPLIT_PAIRS, none, most, -1, 0, 0, false}, /* .15 + .9 */
        {MF_SPLIT_PAIRS, two, none, -1, 0, 0, false},
        {MF_SPLIT_PAIRS, over, none, -1, 0, 0, false},
        {MF_SPLIT_PAIRS, some, some, 0.5, 0, 0, false},
        {MF_SPLIT_PAIRS, none, some, -1, 5, 5, true},
        {MF_SPLIT_PAIRS, none, most, -1, 5, 5, false},
        {MF_SPLIT_PAIRS, none, none, -1, 5, 6, false},
        {MF_SPLIT_PAIRS, none, none, -1, 5, 0, false},
        {MF_SPLIT_PAIRS, none, none, -1, 0, 1, false},
        {MF_SPLIT_PAIRS, some, none, -1, 5, 1, false},
        {MF_SPLIT_PAIRS, none, none, -1, 1, 1, false},
        {MF_SPLIT_PER_USER, two, none, -1, 0, 0, false},
        {MF_SPLIT_PER_USER, none, none, -1, 5, 1, false},
        {MF_SPLIT_LEAVE_OUT, some, none, -1, 0, 0, false},
        {MF_SPLIT_LEAVE_OUT, two, two, -1, 0, 0, true},
        {MF_SPLIT_USERS, two, some, -1, 0, 0, false},
        {MF_SPLIT_USERS, two, two, 0, 0, 0, true},
        {MF_SPLIT_USERS, two, two, 1, 0, 0, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mf_err err = {0};
        mf_split_params p = mf_split_defaults();
        p.method = cases[i].method;
        p.test = cases[i].test;
        p.valid = cases[i].valid;
        p.fold_in = cases[i].fold_in;
        p.folds = cases[i].folds;
        p.fold = cases[i].fold;
        int code = mf_split_check(&p, &err);
        if (code != (cases[i].good ? MF_OK : MF_EINVAL))
            fail_msg("case %zu: %d %s", i, code, err.text);
    }
}

static void a_minimum_that_no_user_can_have_is_refused(void **state)
{
    (void)state;
    mf_err err = {0};
    mf_split_params p = mf_split_defaults();
    p.min_train = (uint64_t)UINT32_MAX + 1;
    assert_int_equal(mf_split_check(&p, &err), MF_EINVAL);
    assert_string_equal(err.text, "--min-train: too large");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_follow_their_numbers_alone),
        cmocka_unit_test(minimum_of_training_takes_back_the_highest),
        cmocka_unit_test(per_user_takes_a_rounded_share_of_each),
        cmocka_unit_test(per_user_leaves_a_training_cell),
        cmocka_unit_test(leave_out_takes_the_same_number_of_each_or_none),
        cmocka_unit_test(held_out_users_never_train),
        cmocka_unit_test(a_count_of_users_is_kept_exactly),
        cmocka_unit_test(more_users_than_there_are_cannot_be_held_out),
        cmocka_unit_test(folds_of_pairs_and_of_users_part_the_whole),
        cmocka_unit_test(a_part_is_split_like_the_whole),
        cmocka_unit_test(threads_do_not_change_a_byte),
        cmocka_unit_test(old_folds_do_not_matter),
        cmocka_unit_test(frames_and_what_is_unknown_go_through),
        cmocka_unit_test(a_cut_input_gives_no_bundle),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(a_minimum_that_no_user_can_have_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
