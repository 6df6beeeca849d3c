/* mf/matrix.h - what is computed on: sparse matrices and factors.
 *
 * X is [rows x cols] with nnz explicit entries, compressed by row. Row r owns
 * positions ptr[r] .. ptr[r+1]-1 of `col` and `val`; columns within a row strictly
 * ascend. mf_csr_check() states these invariants as code.
 *
 * T, a tensor of factors, is [n x personas x k], row-major: the vector of row r and
 * persona q starts at data[(r * personas + q) * k]. Items have one persona. A model
 * with biases has one for each row; one whose items do not weigh the same has a weight
 * for each item (h of mf/als.h). */
#ifndef MF_MATRIX_H
#define MF_MATRIX_H

#include <stddef.h>
#include <stdint.h>

#include "mf/err.h"

MF_BEGIN_DECLS

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

/* --- factors --- */

enum {
    MF_K_MAX = 16384, /* factors of a vector */
    MF_PERSONAS_MAX =
        64 /* personas of a user: a set of them is the bits of a uint64_t */
};

typedef struct mf_tensor {
    uint32_t n, personas, k;
    float *data;   /* [n * personas * k], 64-byte aligned; owned */
    float *bias;   /* [n], or NULL: no biases; owned */
    float *weight; /* [n], >= 0, or NULL: all 1; owned */
} mf_tensor;

/* Zeroed factors without biases and weights. On failure *out is empty. Returns MF_OK or
 * MF_ENOMEM. */
int mf_tensor_alloc(mf_tensor *out, uint32_t n, uint32_t personas, uint32_t k,
                    mf_err *err) MF_MUST_USE;

void mf_tensor_free(mf_tensor *t);

/* Give T zeroed biases if it has none. Returns MF_OK or MF_ENOMEM. */
int mf_tensor_add_bias(mf_tensor *t, mf_err *err) MF_MUST_USE;

/* The k factors of row r, persona q. */
static inline float *mf_tensor_at(const mf_tensor *t, uint32_t r, uint32_t q)
{
    return t->data + ((size_t)r * t->personas + q) * t->k;
}

MF_END_DECLS

#endif
