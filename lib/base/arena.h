/* base/arena.h - memory that is taken piece by piece and freed all together.
 *
 * The first chunk has 2^ARENA_FIRST bytes, each further one twice those of the one
 * before. Large chunks lie in huge pages where the machine has them, which are mapped
 * and found far faster. What is not taken of a chunk costs address space alone.
 * Several threads may take at the same time. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "mf/err.h"

enum { ARENA_FIRST = 17, ARENA_CHUNKS = 24 };

/* Zeroed before the first use. */
typedef struct arena {
    size_t used; /* the first byte of chunk c is number 2^ARENA_FIRST * (2^c - 1) */
    char *chunk[ARENA_CHUNKS];
} arena;

/* So many bytes at a multiple of 64, or NULL. */
void *mf__arena_take(arena *a, size_t bytes);

/* The same at a multiple of 8; *number is that of the first byte. */
void *mf__arena_take_small(arena *a, size_t bytes, size_t *number);

/* Forget all that was taken, but keep the chunks for others. */
void mf__arena_reset(arena *a);
void mf__arena_free(arena *a);

/* Where byte `number` is. */
static inline void *arena_at(const arena *a, size_t number)
{
    int c = 63 - ARENA_FIRST - __builtin_clzll(number + ((size_t)1 << ARENA_FIRST));
    size_t begin = (((size_t)1 << c) - 1) << ARENA_FIRST;
    return __atomic_load_n(&a->chunk[c], __ATOMIC_RELAXED) + (number - begin);
}

#endif
