/* Sparse matrices: mf/csr.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mf/matrix.h"

static void triplets_become_sorted_rows(void **state)
{
    (void)state;
    const uint32_t row[] = {2, 0, 1, 2}, col[] = {0, 1, 0, 0};
    const float val[] = {4, 3, 2, 1};
    mf_csr x;
    assert_int_equal(mf_csr_from_triplets(&x, 3, 2, 4, row, col, val, NULL), MF_OK);
    assert_int_equal(x.nnz, 3);
    assert_float_equal(x.val[2], 5.0f, 0.0f); /* 4 + 1 merged */
    mf_csr_free(&x);
}

static void an_index_outside_is_refused(void **state)
{
    (void)state;
    const uint32_t row[] = {3}, col[] = {0};
    const float val[] = {1};
    mf_csr x;
    mf_err err = {0};
    assert_int_equal(mf_csr_from_triplets(&x, 3, 2, 1, row, col, val, &err), MF_ERANGE);
    assert_null(x.ptr);
}

static void transposing_twice_gives_the_matrix_back(void **state)
{
    (void)state;
    const uint32_t row[] = {2, 0, 1, 2, 0}, col[] = {0, 1, 0, 1, 0};
    const float val[] = {4, 3, 2, 1, 9};
    mf_csr x, t, back;
    size_t *from;
    assert_int_equal(mf_csr_from_triplets(&x, 3, 2, 5, row, col, val, NULL), MF_OK);
    assert_int_equal(mf_csr_transpose(&t, &x, &from, NULL), MF_OK);
    assert_int_equal(mf_csr_check(&t, NULL), MF_OK);
    for (size_t i = 0; i < t.nnz; i++)
        assert_float_equal(t.val[i], x.val[from[i]], 0.0f);
    assert_int_equal(mf_csr_transpose(&back, &t, NULL, NULL), MF_OK);
    assert_memory_equal(back.col, x.col, x.nnz * sizeof *x.col);
    assert_memory_equal(back.val, x.val, x.nnz * sizeof *x.val);
    free(from);
    mf_csr_free(&x);
    mf_csr_free(&t);
    mf_csr_free(&back);
}

static void rows_that_go_back_are_refused(void **state)
{
    (void)state;
    size_t ptr[] = {0, 2, 1, 3};
    uint32_t col[] = {0, 1, 0};
    float val[] = {1, 1, 1};
    mf_err err = {0};
    const mf_csr x = {
        .rows = 3, .cols = 2, .nnz = 3, .ptr = ptr, .col = col, .val = val};
    assert_int_equal(mf_csr_check(&x, &err), MF_EFORMAT);
    assert_string_equal(err.text, "csr: row 1: pointers descend");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(triplets_become_sorted_rows),
        cmocka_unit_test(an_index_outside_is_refused),
        cmocka_unit_test(transposing_twice_gives_the_matrix_back),
        cmocka_unit_test(rows_that_go_back_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
