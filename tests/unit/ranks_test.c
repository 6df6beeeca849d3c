/* Two ranks, of which the other one is played: what it sends is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/ranks.h"

/* What the other rank puts into each call, in their order. */
typedef struct other {
    char data[4096];
    size_t at, end;
} other;

static void say(other *o, const void *data, size_t bytes)
{
    memcpy(o->data + o->end, data, bytes);
    o->end += bytes;
}

static void hear(other *o, void *to, size_t bytes)
{
    assert_true(o->at + bytes <= o->end);
    memcpy(to, o->data + o->at, bytes);
    o->at += bytes;
}

/* This one is rank 1. */
static void exchange(void *self, const char *to, const size_t to_at[], char *from,
                     const size_t from_at[])
{
    hear(self, from + from_at[0], from_at[1] - from_at[0]);
    memcpy(from + from_at[1], to + to_at[1], to_at[2] - to_at[1]);
}

static void gather(void *self, char *all, const size_t at[])
{
    hear(self, all + at[0], at[1] - at[0]);
}

static void broadcast(void *self, char *data, size_t bytes, int root)
{
    if (root == 0)
        hear(self, data, bytes);
}

static void leave(void *self)
{
    (void)self;
}

static void abandon(void *self, int status)
{
    (void)self;
    (void)status;
}

static const ranks_ops OPS = {exchange, gather, broadcast, leave, abandon};

static mf_ranks *with(other *o)
{
    mf_ranks *r;
    assert_int_equal(mf__ranks_make(&r, 1, 2, &OPS, o, NULL), MF_OK);
    return r;
}

static void none_is_one(void **state)
{
    (void)state;
    double x = 3;
    uint64_t all;
    mf_err err = {0};
    assert_int_equal(mf_ranks_size(NULL), 1);
    assert_int_equal(mf_ranks_rank(NULL), 0);
    assert_int_equal(mf_ranks_agree(NULL, MF_EIO, &err), MF_EIO);
    mf__ranks_total(NULL, &x, 1);
    assert_true(x == 3);
    assert_int_equal(mf__ranks_sum(NULL, MF_ENOMEM, RANKS_GRAM, &x, 1, NULL),
                     MF_ENOMEM);
    assert_int_equal(mf__ranks_before(NULL, 5, &all), 0);
    assert_int_equal(all, 5);
    mf_ranks_close(NULL);
}

/* From 0, as a sum of one rank would be. */
static void sums_are_in_the_order_of_the_ranks(void **state)
{
    (void)state;
    other o = {.end = 0};
    mf_ranks *r = with(&o);
    double theirs[] = {.1, 1e16}, x[] = {.2, 1};
    say(&o, theirs, sizeof theirs);
    mf__ranks_total(r, x, 2);
    assert_true(x[0] == 0. + .1 + .2);
    assert_true(x[1] == 1e16 + 1);
    mf_ranks_close(r);
}

/* Of three numbers rank 0 has two, and this one the last. */
static void large_sums_are_exchanged_in_pieces(void **state)
{
    (void)state;
    other o = {.end = 0};
    mf_ranks *r = with(&o);
    double x[] = {1, 2, 3}, last = 30, first[] = {11, 22};
    uint64_t fine = 0;
    say(&o, &fine, sizeof fine);
    say(&o, &last, sizeof last);
    say(&o, first, sizeof first);
    assert_int_equal(mf__ranks_sum(r, MF_OK, RANKS_GRAM, x, 3, NULL), MF_OK);
    assert_true(x[0] == 11 && x[1] == 22 && x[2] == 33);
    assert_int_equal(r->account[RANKS_GRAM].bytes, sizeof last + sizeof first);
    mf_ranks_close(r);
}

static void the_first_failure_is_that_of_all(void **state)
{
    (void)state;
    other o = {.end = 0};
    mf_ranks *r = with(&o);
    mf_err theirs = {0}, err = {0};
    uint64_t failed = -(int64_t)MF_EFORMAT, fine = 0;
    mf_fail(&theirs, MF_EFORMAT, "theirs");
    mf_fail(&err, MF_EIO, "ours");
    say(&o, &failed, sizeof failed);
    say(&o, &theirs, sizeof theirs);
    assert_int_equal(mf_ranks_agree(r, MF_EIO, &err), MF_EFORMAT);
    assert_string_equal(err.text, "theirs");
    err = (mf_err){0};
    mf_fail(&err, MF_EIO, "ours");
    say(&o, &fine, sizeof fine);
    assert_int_equal(mf_ranks_agree(r, MF_EIO, &err), MF_EIO);
    assert_string_equal(err.text, "ours");
    /* without a message of its own */
    err = (mf_err){0};
    theirs = (mf_err){0};
    say(&o, &failed, sizeof failed);
    say(&o, &theirs, sizeof theirs);
    assert_int_equal(mf_ranks_agree(r, MF_OK, &err), MF_EFORMAT);
    assert_string_equal(err.text, "a rank failed");
    mf_ranks_close(r);
}

static void parts_follow_one_another(void **state)
{
    (void)state;
    other o = {.end = 0};
    mf_ranks *r = with(&o);
    uint64_t bytes = 3, five = 5, all;
    char whole[8] = "";
    say(&o, &bytes, sizeof bytes);
    say(&o, "abc", 3);
    mf__ranks_concat(r, RANKS_SMALL, whole, "de", 2);
    assert_string_equal(whole, "abcde");
    say(&o, &five, sizeof five);
    assert_int_equal(mf__ranks_before(r, 7, &all), 5);
    assert_int_equal(all, 12);
    assert_int_equal(mf__ranks_part(r, 5, 1), 3);
    mf_ranks_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_is_one),
        cmocka_unit_test(sums_are_in_the_order_of_the_ranks),
        cmocka_unit_test(large_sums_are_exchanged_in_pieces),
        cmocka_unit_test(the_first_failure_is_that_of_all),
        cmocka_unit_test(parts_follow_one_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
