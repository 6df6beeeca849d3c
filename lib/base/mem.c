#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <sys/mman.h>

void *mf__new(size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes))
        return NULL;
    return malloc(bytes ? bytes : 1);
}

void *mf__new0(size_t n, size_t size)
{
    return calloc(n ? n : 1, size ? size : 1);
}

void *mf__new_aligned(size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX - 64)
        return NULL;
    return aligned_alloc(64, (bytes + 64) / 64 * 64);
}

enum { HUGE_PAGE = 2 << 20 };

void *mf__new_scattered(size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX - HUGE_PAGE)
        return NULL;
    if (bytes < 2 * (size_t)HUGE_PAGE)
        return mf__new_aligned(n, size);
    void *block =
        aligned_alloc(HUGE_PAGE, (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
#ifdef MADV_HUGEPAGE
    if (block) /* advice: it may be refused */
        (void)madvise(block, bytes / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
#endif
    return block;
}

int mf__reserve(void *block, size_t *cap, size_t need, size_t size, mf_err *err)
{
    /* `block` is the address of a typed pointer; memcpy keeps aliasing legal. */
    if (need <= *cap)
        return MF_OK;
    size_t wanted = *cap > SIZE_MAX / 2 || *cap * 2 < need ? need : *cap * 2;
    if (wanted < 16)
        wanted = 16;
    size_t bytes;
    if (__builtin_mul_overflow(wanted, size, &bytes))
        return mf__nomem(err);
    void *old;
    memcpy(&old, block, sizeof old);
    void *fresh = realloc(old, bytes);
    if (!fresh)
        return mf__nomem(err);
    memcpy(block, &fresh, sizeof fresh);
    *cap = wanted;
    return MF_OK;
}

void mf__mem_trim(void)
{
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}
