/* Random numbers by purpose and place; parts of rows. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/par.h"
#include "base/rng.h"

/* xoshiro256++ and splitmix64 as their authors' reference code has them. */
static void the_generator_is_the_published_one(void **state)
{
    (void)state;
    mf_rng rng = {{1, 2, 3, 4}};
    static const uint64_t want[] = {41943041u, 58720359u, 3588806011781223u,
                                    3591011842654386u};
    for (int i = 0; i < 4; i++)
        assert_true(mf__rng_u64(&rng) == want[i]);
}

static void equal_names_give_equal_numbers_and_others_do_not(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 50; i++) {
        mf_rng a = mf__rng_make(1, MF_STREAM_TEST, i), b = a,
               same = mf__rng_make(1, MF_STREAM_TEST, i),
               seed = mf__rng_make(2, MF_STREAM_TEST, i),
               stream = mf__rng_make(1, MF_STREAM_USERS, i),
               index = mf__rng_make(1, MF_STREAM_TEST, i + 1);
        uint64_t x = mf__rng_u64(&a);
        assert_true(x == mf__rng_u64(&b) && x == mf__rng_u64(&same));
        assert_true(x != mf__rng_u64(&seed) && x != mf__rng_u64(&stream) &&
                    x != mf__rng_u64(&index));
    }
}

/* Numbers are part of the result: they must never change. */
static void numbers_stay_what_they_are(void **state)
{
    (void)state;
    mf_rng rng = mf__rng_make(1, MF_STREAM_USERS, 0);
    mf_rng again = rng;
    uint64_t first = mf__rng_u64(&rng);
    assert_true(mf__rng_uniform(&again) == (double)(first >> 11) / 9007199254740992.0);
    assert_true(first == 0xc68bb811f588f93fu);
}

static void uniform_and_normal_have_their_moments(void **state)
{
    (void)state;
    enum { N = 200000 };
    mf_rng rng = mf__rng_make(3, MF_STREAM_TEST, 0);
    double u1 = 0, u2 = 0, n1 = 0, n2 = 0, n4 = 0;
    for (int i = 0; i < N; i++) {
        double u = mf__rng_uniform(&rng), x = mf__rng_normal(&rng);
        assert_true(u >= 0 && u < 1 && isfinite(x));
        u1 += u;
        u2 += u * u;
        n1 += x;
        n2 += x * x;
        n4 += x * x * x * x;
    }
    assert_true(fabs(u1 / N - 0.5) < 0.005 && fabs(u2 / N - 1.0 / 3) < 0.005);
    assert_true(fabs(n1 / N) < 0.01 && fabs(n2 / N - 1) < 0.02 &&
                fabs(n4 / N - 3) < 0.15);
}

static void below_is_even_and_below(void **state)
{
    (void)state;
    mf_rng rng = mf__rng_make(4, MF_STREAM_TEST, 0);
    uint32_t count[7] = {0};
    for (int i = 0; i < 70000; i++) {
        uint32_t x = mf__rng_below(&rng, 7);
        assert_true(x < 7);
        count[x]++;
    }
    for (int i = 0; i < 7; i++)
        assert_true(count[i] > 9600 && count[i] < 10400);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(mf__rng_below(&rng, 1), 0);
        assert_true(mf__rng_below(&rng, UINT32_MAX) < UINT32_MAX);
    }
}

static void parts_cover_all_rows_once(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 31, 32, 33, 1000, 4294967295u};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t next = 0, lo, hi;
        for (int part = 0; part < MF_PAR_PARTS; part++) {
            mf__par_part(sizes[i], part, &lo, &hi);
            assert_true(lo == next && hi >= lo &&
                        hi - lo <= sizes[i] / MF_PAR_PARTS + 1);
            next = hi;
        }
        assert_true(next == sizes[i]);
    }
    assert_int_equal(mf__par_threads(3), 3);
    assert_true(mf__par_threads(0) >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_generator_is_the_published_one),
        cmocka_unit_test(equal_names_give_equal_numbers_and_others_do_not),
        cmocka_unit_test(numbers_stay_what_they_are),
        cmocka_unit_test(uniform_and_normal_have_their_moments),
        cmocka_unit_test(below_is_even_and_below),
        cmocka_unit_test(parts_cover_all_rows_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
