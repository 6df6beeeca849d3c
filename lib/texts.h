/* texts.h - sort many short texts by their bytes, a prefix first. */
#ifndef TEXTS_H
#define TEXTS_H

#include <stddef.h>
#include <stdint.h>

#include "mf/err.h"

typedef struct sortable {
    uint64_t key;     /* of the sort */
    const char *text; /* [len], borrowed */
    uint32_t len;
    uint32_t tag; /* the caller's */
} sortable;

/* Sort in place; equal texts keep their order. Linear in the bytes of all
 * texts, whatever they have in common. Returns MF_OK or MF_ENOMEM. */
int texts_sort(sortable texts[], size_t n, mf_err *err) MF_MUST_USE;

#endif
