/* Memory that is given out piece by piece. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/rng.h"

enum { PIECES = 20000, THREADS = 4 };

typedef struct piece {
    unsigned char *at;
    size_t bytes, number;
} piece;

static piece got[THREADS][PIECES];

static int by_address(const void *a, const void *b)
{
    const piece *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

static void fill(arena *a, int thread)
{
    mf_rng rng = mf__rng_make(3, MF_STREAM_TEST, (uint64_t)thread);
    for (int i = 0; i < PIECES; i++) {
        piece *p = &got[thread][i];
        p->bytes = 1 + mf__rng_below(&rng, i % 100 ? 100 : 70000);
        p->number = SIZE_MAX;
        p->at = i % 2 ? mf__arena_take(a, p->bytes)
                      : mf__arena_take_small(a, p->bytes, &p->number);
        if (!p->at)
            abort();
        memset(p->at, i & 255, p->bytes);
    }
}

static void pieces_do_not_overlap_and_are_found_by_number(void **state)
{
    (void)state;
    arena a = {0};
    for (int round = 0; round < 2; round++) {
#pragma omp parallel for num_threads(THREADS) schedule(static, 1)
        for (int t = 0; t < THREADS; t++)
            fill(&a, t);
        for (int t = 0; t < THREADS; t++)
            for (int i = 0; i < PIECES; i++) {
                const piece *p = &got[t][i];
                assert_int_equal((uintptr_t)p->at % (i % 2 ? 64 : 8), 0);
                assert_int_equal(p->at[0], i & 255);
                assert_int_equal(p->at[p->bytes - 1], i & 255);
                if (i % 2 == 0)
                    assert_ptr_equal(arena_at(&a, p->number), p->at);
            }
        piece *all = &got[0][0];
        qsort(all, (size_t)THREADS * PIECES, sizeof *all, by_address);
        for (size_t i = 1; i < (size_t)THREADS * PIECES; i++)
            assert_true(all[i - 1].at + all[i - 1].bytes <= all[i].at);
        mf__arena_reset(&a); /* the second time in the same chunks */
    }
    mf__arena_free(&a);
    assert_int_equal(a.used, 0);
}

static void what_is_larger_than_a_chunk_goes_into_a_later_one(void **state)
{
    (void)state;
    arena a = {0};
    size_t first, large, after;
    assert_non_null(mf__arena_take_small(&a, 8, &first));
    char *block = mf__arena_take_small(&a, (size_t)5 << ARENA_FIRST, &large);
    assert_non_null(block);
    memset(block, 1, (size_t)5 << ARENA_FIRST);
    assert_int_equal(first, 0);
    assert_int_equal(large, (size_t)7 << ARENA_FIRST); /* chunk 3 has 8 times */
    assert_non_null(mf__arena_take_small(&a, 8, &after));
    assert_int_equal(after, large + ((size_t)5 << ARENA_FIRST));
    assert_null(mf__arena_take(&a, SIZE_MAX / 2));
    assert_ptr_equal(arena_at(&a, large), block);
    mf__arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_do_not_overlap_and_are_found_by_number),
        cmocka_unit_test(what_is_larger_than_a_chunk_goes_into_a_later_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
