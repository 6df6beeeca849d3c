/* mf/csr.h - sparse interaction matrices, compressed by row.
 *
 * X is [rows x cols] with nnz explicit entries. Row r owns positions
 * ptr[r] .. ptr[r+1]-1 of `col` and `val`; columns within a row strictly
 * ascend. mf_csr_check() states these invariants as code. */
#ifndef MF_CSR_H
#define MF_CSR_H

#include <stddef.h>
#include <stdint.h>

#include "mf/err.h"

typedef struct mf_csr {
    uint32_t rows, cols;
    size_t nnz;    /* == ptr[rows] */
    size_t *ptr;   /* [rows + 1], ptr[0] == 0, non-decreasing; owned */
    uint32_t *col; /* [nnz], each < cols; owned */
    float *val;    /* [nnz], finite; owned */
} mf_csr;

void mf_csr_free(mf_csr *x);

/* Verify the invariants. O(nnz). Returns MF_OK or MF_EFORMAT. */
int mf_csr_check(const mf_csr *x, mf_err *err) MF_MUST_USE;

/* An empty matrix with room for nnz entries: ptr is zeroed, col and val are
 * not. Returns MF_OK or MF_ENOMEM. */
int mf_csr_alloc(mf_csr *out, uint32_t rows, uint32_t cols, size_t nnz,
                 mf_err *err) MF_MUST_USE;

/* Build X from n triplets in any order; duplicates are summed, in the order
 * given. On success *out owns new storage; on failure *out is empty.
 * O(n + rows + cols). Returns MF_OK, MF_ERANGE (an index outside, a value or
 * sum not finite) or MF_ENOMEM. */
int mf_csr_from_triplets(mf_csr *out, uint32_t rows, uint32_t cols, size_t n,
                         const uint32_t row[], const uint32_t col[], const float val[],
                         mf_err *err) MF_MUST_USE;

/* X' into *out. If `from` is not NULL, (*from)[t] is the position in x of the
 * entry at position t of X', [nnz], the caller's to free.
 * O(nnz + rows + cols). Returns MF_OK or MF_ENOMEM. */
int mf_csr_transpose(mf_csr *out, const mf_csr *x, size_t **from,
                     mf_err *err) MF_MUST_USE;

#endif
