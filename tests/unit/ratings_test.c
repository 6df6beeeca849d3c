/* Ratings: folds and digests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <xxhash.h>

#include "mf/ratings.h"

/* users u, v; items a, b, c: u: a 1 train, c 2 test; v: b 3 valid, c 4 fold-in */
static mf_ratings small(void)
{
    static const uint32_t row[] = {0, 0, 1, 1}, col[] = {0, 2, 1, 2};
    static const float val[] = {1, 2, 3, 4};
    static const uint8_t fold[] = {MF_TRAIN, MF_TEST, MF_VALID, MF_FOLD_IN};
    mf_ratings r = {0};
    static const char *const names[] = {"u", "v", "a", "b", "c"};
    for (int i = 0; i < 5; i++)
        assert_int_equal(mf_ids_append(i < 2 ? &r.users : &r.items, names[i], 1, NULL),
                         MF_OK);
    assert_int_equal(mf_csr_from_triplets(&r.x, 2, 3, 4, row, col, val, NULL), MF_OK);
    r.fold = malloc(4);
    memcpy(r.fold, fold, 4);
    return r;
}

static void folds_are_taken_by_mask(void **state)
{
    (void)state;
    mf_ratings r = small();
    mf_csr x;
    assert_int_equal(mf_ratings_folds(&x, &r, 1u << MF_TRAIN | 1u << MF_FOLD_IN, NULL),
                     MF_OK);
    assert_int_equal(mf_csr_check(&x, NULL), MF_OK);
    assert_int_equal(x.nnz, 2);
    assert_int_equal(x.rows, 2);
    assert_int_equal(x.cols, 3);
    assert_int_equal(x.col[1], 2);
    assert_true(x.val[1] == 4);
    mf_csr_free(&x);
    assert_int_equal(mf_ratings_folds(&x, &r, 0, NULL), MF_OK);
    assert_int_equal(x.nnz, 0);
    assert_int_equal(mf_csr_check(&x, NULL), MF_OK);
    mf_csr_free(&x);
    mf_ratings_free(&r);
}

static void the_digest_is_the_documented_sum(void **state)
{
    (void)state;
    mf_ratings r = small();
    uint64_t digest;
    uint32_t one;
    const float x = 1;
    memcpy(&one, &x, 4);
    assert_int_equal(mf_ratings_digest(&r, 1u << MF_TRAIN, true, &digest, NULL), MF_OK);
    assert_true(digest == XXH3_64bits_withSeed("u\0a", 3, one));
    assert_int_equal(
        mf_ratings_digest(&r, 1u << MF_VALID | 1u << MF_TEST, false, &digest, NULL),
        MF_OK);
    assert_true(digest == XXH3_64bits_withSeed("u\0c", 3, 0) +
                              XXH3_64bits_withSeed("v\0b", 3, 0));
    assert_int_equal(mf_ratings_digest(&r, 0, true, &digest, NULL), MF_OK);
    assert_true(digest == 0);
    mf_ratings_free(&r);
}

static void the_digest_sees_values_only_where_asked(void **state)
{
    (void)state;
    mf_ratings r = small();
    uint64_t before[2], after[2];
    for (int values = 0; values < 2; values++)
        assert_int_equal(mf_ratings_digest(&r, 15, values, &before[values], NULL),
                         MF_OK);
    r.x.val[2] = 5;
    for (int values = 0; values < 2; values++)
        assert_int_equal(mf_ratings_digest(&r, 15, values, &after[values], NULL),
                         MF_OK);
    assert_true(before[0] == after[0] && before[1] != after[1]);
    mf_ratings_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folds_are_taken_by_mask),
        cmocka_unit_test(the_digest_is_the_documented_sum),
        cmocka_unit_test(the_digest_sees_values_only_where_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
