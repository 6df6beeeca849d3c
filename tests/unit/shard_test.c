/* What a shard is: of users by their ids, and of things in their order. */
#include "data/shard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* XXH3-64 of "" is 0x2d06800538d394c2, of "a" 0xe6c632b61e964e1f, of "abc"
 * 0x78af5f94892f3950: what xxhsum -H3 prints. */
static void a_user_is_in_the_shard_of_its_hash(void **state)
{
    (void)state;
    assert_true(mf__shard_has_id("a", 1, 0x1f + 1, 256));
    assert_false(mf__shard_has_id("a", 1, 0x1f, 256));
    assert_true(mf__shard_has_id("abc", 3, 0x3950 + 1, 65536));
    assert_true(mf__shard_has_id("abc", 3, 1, 1));
    assert_true(mf__shard_has_id("abc", 3, 1, 2));
    assert_true(mf__shard_has_id("a", 1, 2, 2));
}

static void parts_in_order_are_the_whole_and_differ_by_one_at_most(void **state)
{
    (void)state;
    assert_int_equal(mf__shard_begin(10, 1, 3), 0);
    assert_int_equal(mf__shard_begin(10, 2, 3), 3);
    assert_int_equal(mf__shard_begin(10, 3, 3), 6);
    assert_int_equal(mf__shard_begin(10, 4, 3), 10);
    assert_int_equal(mf__shard_begin(UINT32_MAX, 65536, 65536), 4294901759);
    for (size_t n = 0; n < 30; n++)
        for (uint32_t shards = 1; shards < 40; shards++)
            for (uint32_t i = 1; i <= shards; i++) {
                size_t part =
                    mf__shard_begin(n, i + 1, shards) - mf__shard_begin(n, i, shards);
                assert_true(part == n / shards || part == n / shards + 1);
                if (i == shards)
                    assert_int_equal(mf__shard_begin(n, i + 1, shards), n);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_is_in_the_shard_of_its_hash),
        cmocka_unit_test(parts_in_order_are_the_whole_and_differ_by_one_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
