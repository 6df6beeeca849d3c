#include "base/arena.h"

#include <stdlib.h>

#include "base/mem.h"

void mf__arena_free(arena *a)
{
    for (int c = 0; c < ARENA_CHUNKS; c++)
        free(a->chunk[c]);
    *a = (arena){0};
}

void mf__arena_reset(arena *a)
{
    a->used = 0;
}

static size_t chunk_begin(int c)
{
    return (((size_t)1 << c) - 1) << ARENA_FIRST;
}

/* The bytes number from .. from + bytes - 1, of one chunk. False if there are no
 * such chunks left. */
static int reserve(arena *a, size_t bytes, size_t align, size_t *from)
{
    size_t used = __atomic_load_n(&a->used, __ATOMIC_RELAXED);
    for (int c = 0;;) {
        *from = (used + align - 1) / align * align;
        while (c < ARENA_CHUNKS && *from >= chunk_begin(c + 1))
            c++;
        while (c < ARENA_CHUNKS && bytes > chunk_begin(c + 1) - *from)
            *from = chunk_begin(++c);
        if (c == ARENA_CHUNKS)
            return -1;
        if (__atomic_compare_exchange_n(&a->used, &used, *from + bytes, 0,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            return c;
        c = 0;
    }
}

static void *take(arena *a, size_t bytes, size_t align, size_t *from)
{
    int c = reserve(a, bytes, align, from);
    if (c < 0)
        return NULL;
    char *chunk = __atomic_load_n(&a->chunk[c], __ATOMIC_ACQUIRE);
    if (!chunk) {
        char *other = NULL;
        if (!(chunk = mf__new_scattered((size_t)1 << c, (size_t)1 << ARENA_FIRST)))
            return NULL;
        if (!__atomic_compare_exchange_n(&a->chunk[c], &other, chunk, 0,
                                         __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            free(chunk); /* another thread was first */
            chunk = other;
        }
    }
    return chunk + (*from - chunk_begin(c));
}

void *mf__arena_take(arena *a, size_t bytes)
{
    size_t from;
    return take(a, bytes, 64, &from);
}

void *mf__arena_take_small(arena *a, size_t bytes, size_t *number)
{
    return take(a, bytes, 8, number);
}
