/* data/texts.h - compare short texts, and sort many by their bytes, a prefix first. */
#ifndef DATA_TEXTS_H
#define DATA_TEXTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "mf/err.h"

/* memcmp(a, b, n) == 0, without a call for what is short. */
static inline bool texts_equal(const char *a, const char *b, size_t n)
{
    uint64_t x, y;
    if (n < sizeof x)
        return memcmp(a, b, n) == 0;
    for (size_t i = 0; i + sizeof x < n; i += sizeof x) {
        memcpy(&x, a + i, sizeof x);
        memcpy(&y, b + i, sizeof y);
        if (x != y)
            return false;
    }
    memcpy(&x, a + n - sizeof x, sizeof x);
    memcpy(&y, b + n - sizeof y, sizeof y);
    return x == y;
}

typedef struct sortable {
    uint64_t key;     /* of the sort */
    const char *text; /* [len], borrowed */
    uint32_t len;
    uint32_t tag; /* the caller's */
} sortable;

/* Sort in place; equal texts keep their order. Linear in the bytes of all
 * texts, whatever they have in common. Returns MF_OK or MF_ENOMEM. */
int mf__texts_sort(sortable texts[], size_t n, mf_err *err) MF_MUST_USE;

#endif
