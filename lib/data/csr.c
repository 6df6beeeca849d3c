#include "mf/matrix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void mf_csr_free(mf_csr *x)
{
    free(x->ptr);
    free(x->col);
    free(x->val);
    *x = (mf_csr){0};
}

int mf_csr_check(const mf_csr *x, mf_err *err)
{
    if (x->ptr[0] != 0 || x->ptr[x->rows] != x->nnz)
        return mf_fail(err, MF_EFORMAT, "csr: row pointers do not span the entries");
    for (uint32_t r = 0; r < x->rows; r++) {
        if (x->ptr[r] > x->ptr[r + 1] || x->ptr[r + 1] > x->nnz)
            return mf_fail(err, MF_EFORMAT, "csr: row %u: pointers descend", r);
        for (size_t t = x->ptr[r]; t < x->ptr[r + 1]; t++) {
            if (x->col[t] >= x->cols || (t > x->ptr[r] && x->col[t] <= x->col[t - 1]))
                return mf_fail(err, MF_EFORMAT, "csr: row %u: columns do not ascend",
                               r);
            if (!isfinite(x->val[t]))
                return mf_fail(err, MF_EFORMAT, "csr: row %u: value is not finite", r);
        }
    }
    return MF_OK;
}

int mf_csr_alloc(mf_csr *out, uint32_t rows, uint32_t cols, size_t nnz, mf_err *err)
{
    *out = (mf_csr){.rows = rows, .cols = cols, .nnz = nnz};
    out->ptr = mf__new0((size_t)rows + 1, sizeof *out->ptr);
    out->col = mf__new(nnz, sizeof *out->col);
    out->val = mf__new(nnz, sizeof *out->val);
    if (!out->ptr || !out->col || !out->val) {
        mf_csr_free(out);
        return mf__nomem(err);
    }
    return MF_OK;
}

/* Turn counts, stored one place up, into row starts. */
static void counts_to_starts(size_t *ptr, uint32_t rows)
{
    for (uint32_t r = 0; r < rows; r++)
        ptr[r + 1] += ptr[r];
}

/* After ptr[r] was used as the write position of row r, move starts back. */
static void restore_starts(size_t *ptr, uint32_t rows)
{
    memmove(ptr + 1, ptr, rows * sizeof *ptr);
    ptr[0] = 0;
}

int mf_csr_transpose(mf_csr *out, const mf_csr *x, size_t **from, mf_err *err)
{
    size_t *place = NULL;
    if (from)
        *from = NULL;
    int code = mf_csr_alloc(out, x->cols, x->rows, x->nnz, err);
    if (code < 0)
        return code;
    if (from && !(place = *from = mf__new(x->nnz, sizeof *place))) {
        mf_csr_free(out);
        return mf__nomem(err);
    }
    for (size_t t = 0; t < x->nnz; t++)
        out->ptr[x->col[t] + 1]++;
    counts_to_starts(out->ptr, out->rows);
    for (uint32_t r = 0; r < x->rows; r++)
        for (size_t t = x->ptr[r]; t < x->ptr[r + 1]; t++) {
            size_t to = out->ptr[x->col[t]]++;
            out->col[to] = r;
            out->val[to] = x->val[t];
            if (place)
                place[to] = t;
        }
    restore_starts(out->ptr, out->rows);
    return MF_OK;
}

/* Sum runs of equal columns in place. */
static void merge_duplicates(mf_csr *x)
{
    size_t to = 0, begin = 0;
    for (uint32_t r = 0; r < x->rows; r++) {
        size_t end = x->ptr[r + 1], row_start = to;
        for (size_t t = begin; t < end; t++) {
            if (to > row_start && x->col[to - 1] == x->col[t]) {
                x->val[to - 1] += x->val[t];
            } else {
                x->col[to] = x->col[t];
                x->val[to++] = x->val[t];
            }
        }
        begin = end;
        x->ptr[r + 1] = to;
    }
    x->nnz = to;
}

int mf_csr_from_triplets(mf_csr *out, uint32_t rows, uint32_t cols, size_t n,
                         const uint32_t row[], const uint32_t col[], const float val[],
                         mf_err *err)
{
    *out = (mf_csr){0};
    for (size_t t = 0; t < n; t++)
        if (row[t] >= rows || col[t] >= cols || !isfinite(val[t]))
            return mf_fail(err, MF_ERANGE,
                           "triplet %zu: (%u, %u) is outside %u x %u or "
                           "its value is not finite",
                           t, row[t], col[t], rows, cols);

    /* Two stable counting sorts, by column and then by row. The first is a
     * matrix compressed by column whose row numbers need not ascend. */
    mf_csr by_col;
    int code = mf_csr_alloc(&by_col, cols, rows, n, err);
    if (code < 0)
        return code;
    for (size_t t = 0; t < n; t++)
        by_col.ptr[col[t] + 1]++;
    counts_to_starts(by_col.ptr, cols);
    for (size_t t = 0; t < n; t++) {
        size_t to = by_col.ptr[col[t]]++;
        by_col.col[to] = row[t];
        by_col.val[to] = val[t];
    }
    restore_starts(by_col.ptr, cols);
    code = mf_csr_transpose(out, &by_col, NULL, err);
    mf_csr_free(&by_col);
    if (code < 0)
        return code;
    merge_duplicates(out);
    code = mf_csr_check(out, NULL) < 0
               ? mf_fail(err, MF_ERANGE, "a sum of values is not finite")
               : MF_OK;
    if (code < 0)
        mf_csr_free(out);
    return code;
}
