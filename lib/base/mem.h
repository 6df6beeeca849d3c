/* base/mem.h - allocation that checks its products.
 *
 * Every size is a count times an element size, and the product is checked.
 * A count of 0 gives a valid pointer, so that NULL always means failure.
 * What these return is released with free(). */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

#include "base/err.h"

/* n elements of `size` bytes, uninitialized, or NULL. */
void *mf__new(size_t n, size_t size) MF_MUST_USE;

/* The same, zeroed. */
void *mf__new0(size_t n, size_t size) MF_MUST_USE;

/* The same, uninitialized, on a 64-byte boundary: for panels of floats, so
 * that kernels see one alignment in every run. */
void *mf__new_aligned(size_t n, size_t size) MF_MUST_USE;

/* The same for arrays that are read here and there: large ones lie in huge pages
 * where the machine has them, so that a look-up does not miss the TLB. */
void *mf__new_scattered(size_t n, size_t size) MF_MUST_USE;

/* Make *block, of *cap elements, hold at least `need`: the capacity at least
 * doubles, so that growing by ones is linear. *block may be NULL with *cap 0.
 * On failure both stay as they were. Returns MF_OK or MF_ENOMEM. */
int mf__reserve(void *block, size_t *cap, size_t need, size_t size,
                mf_err *err) MF_MUST_USE;

/* Give the system back what was freed, where the C library can: it may keep blocks of
 * up to 32 MB for what comes next. For moments after which much else is needed. */
void mf__mem_trim(void);

#endif
