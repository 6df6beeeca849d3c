/* Open addressing with linear probing at a load of at most one half. A slot is
 * one atom: the high half has bits of the hash, the low half says where the name
 * lies in the arena, in units of 8 bytes, plus 1; 0 is free. Names lie in the
 * order of their arrival, and so in few pages. */
#include "data/idtable.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/arena.h"
#include "base/mem.h"
#include "data/hash_secret.h"
#include "data/texts.h"

enum {
    UNIT = 8,
    USUAL = 40,    /* bytes in an id that is not long */
    TOGETHER = 64, /* lookups whose waits for memory overlap */
    FIRST_BITS = 4,
    NUMBERS = (1u << 24) - 1 /* names in a shard, so that codes are 32 bits */
};

/* Where slots are, at a multiple of 64, and in the low bits their number's binary
 * logarithm: a lookup reads one word and knows both. */
typedef uintptr_t slots_ref;

typedef struct shard {
    uint32_t n;           /* names */
    pthread_mutex_t lock; /* for putting */
} shard;

struct idtable {
    slots_ref slots[IDTABLE_SHARDS];
    shard shard[IDTABLE_SHARDS];
    arena arena; /* names and slots, also those that were outgrown */
    size_t count, bytes;
    uint64_t secret;
};

static slots_ref ref_of(const uint64_t *slot, unsigned bits)
{
    return (slots_ref)slot | bits;
}

static uint64_t *slots_of(slots_ref ref)
{
    return (uint64_t *)(ref & ~(slots_ref)63);
}

static size_t mask_of(slots_ref ref)
{
    return ((size_t)1 << (ref & 63)) - 1;
}

static unsigned shard_of(uint64_t hash)
{
    return (unsigned)(hash >> 56);
}

/* The slots of a shard, and all that other threads have put into it so far. */
static slots_ref slots_now(const idtable *table, unsigned i)
{
    return __atomic_load_n(&table->slots[i], __ATOMIC_ACQUIRE);
}

int mf__idtable_open(idtable **out, mf_err *err)
{
    const size_t all = (size_t)IDTABLE_SHARDS << FIRST_BITS;
    idtable *table = *out = mf__new_aligned(1, sizeof *table);
    if (!table)
        return mf__nomem(err);
    memset(table, 0, sizeof *table);
    table->secret = mf__hash_secret();
    uint64_t *first = mf__arena_take(&table->arena, all * sizeof *first);
    if (!first) {
        free(table);
        *out = NULL;
        return mf__nomem(err);
    }
    memset(first, 0, all * sizeof *first);
    for (unsigned i = 0; i < IDTABLE_SHARDS; i++) {
        table->slots[i] = ref_of(first + ((size_t)i << FIRST_BITS), FIRST_BITS);
        pthread_mutex_init(&table->shard[i].lock, NULL);
    }
    return MF_OK;
}

void mf__idtable_close(idtable *table)
{
    if (!table)
        return;
    for (unsigned i = 0; i < IDTABLE_SHARDS; i++)
        pthread_mutex_destroy(&table->shard[i].lock);
    mf__arena_free(&table->arena);
    free(table);
}

uint64_t mf__idtable_hash(const idtable *table, const char *text, size_t len)
{
    return XXH3_64bits_withSeed(text, len, table->secret);
}

static uint64_t tag_of(uint64_t hash)
{
    return hash >> 24 << 32;
}

static name *at_unit(const idtable *table, uint64_t slot)
{
    return arena_at(&table->arena, (size_t)UNIT * ((uint32_t)slot - 1));
}

/* The name; or NULL, and *free_at is the slot where it belongs. */
static name *probe(const idtable *table, slots_ref ref, const char *id, size_t len,
                   uint64_t hash, size_t *free_at)
{
    const uint64_t *slots = slots_of(ref);
    const size_t mask = mask_of(ref);
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        uint64_t slot = __atomic_load_n(&slots[i], __ATOMIC_ACQUIRE);
        if (slot == 0) {
            *free_at = i;
            return NULL;
        }
        if (slot >> 32 == tag_of(hash) >> 32) {
            name *n = at_unit(table, slot);
            if (n->len == len && texts_equal(n->text, id, len))
                return n;
        }
    }
}

const name *mf__idtable_find(const idtable *table, const char *id, size_t len,
                             uint64_t hash)
{
    size_t unused;
    return probe(table, slots_now(table, shard_of(hash)), id, len, hash, &unused);
}

/* Prefetch the slots of all, then the names that they point to, then compare. */
static void find_together(const idtable *table, lookup ids[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ids[i].hash = mf__idtable_hash(table, ids[i].text, ids[i].len);
        slots_ref ref = slots_now(table, shard_of(ids[i].hash));
        __builtin_prefetch(&slots_of(ref)[ids[i].hash & mask_of(ref)]);
    }
    for (size_t i = 0; i < n; i++) {
        slots_ref ref = slots_now(table, shard_of(ids[i].hash));
        uint64_t slot = __atomic_load_n(&slots_of(ref)[ids[i].hash & mask_of(ref)],
                                        __ATOMIC_ACQUIRE);
        if (slot) {
            const name *it = at_unit(table, slot);
            __builtin_prefetch(it);
            __builtin_prefetch(it->text + USUAL - 1);
        }
    }
    for (size_t i = 0; i < n; i++)
        ids[i].found = mf__idtable_find(table, ids[i].text, ids[i].len, ids[i].hash);
}

void mf__idtable_find_all(const idtable *table, lookup ids[], size_t n)
{
    for (size_t i = 0; i < n; i += TOGETHER)
        find_together(table, ids + i, n - i < TOGETHER ? n - i : TOGETHER);
}

/* Twice the slots for a shard whose lock is held. */
static int grow(idtable *table, unsigned which, mf_err *err)
{
    slots_ref ref = slots_now(table, which);
    const uint64_t *old = slots_of(ref);
    size_t before = mask_of(ref) + 1, n = 2 * before;
    uint64_t *new = mf__arena_take(&table->arena, n * sizeof *new);
    if (!new)
        return mf__nomem(err);
    memset(new, 0, n * sizeof *new);
    for (size_t i = 0; i < before; i++) {
        uint64_t slot = __atomic_load_n(&old[i], __ATOMIC_RELAXED);
        if (!slot)
            continue;
        const name *it = at_unit(table, slot);
        size_t to = mf__idtable_hash(table, it->text, it->len) & (n - 1);
        while (new[to])
            to = (to + 1) & (n - 1);
        new[to] = slot;
    }
    __atomic_fetch_add(&table->bytes, n * sizeof *new, __ATOMIC_RELAXED);
    __atomic_store_n(&table->slots[which], ref_of(new, (unsigned)(ref & 63) + 1),
                     __ATOMIC_RELEASE);
    return MF_OK;
}

static int put_new(idtable *table, const char *id, size_t len, uint64_t hash,
                   uint32_t value, name **put, mf_err *err)
{
    unsigned which = shard_of(hash);
    uint32_t *n = &table->shard[which].n;
    slots_ref ref = slots_now(table, which);
    size_t at, from, bytes = sizeof(name) + len;
    if ((*put = probe(table, ref, id, len, hash, &at))) /* another thread was first */
        return MF_OK;
    if (*n == NUMBERS)
        return mf_fail(err, MF_ERANGE, "too many ids");
    if ((size_t)*n + 1 > mask_of(ref) / 2) {
        int code = grow(table, which, err);
        if (code < 0)
            return code;
        ref = slots_now(table, which);
        probe(table, ref, id, len, hash, &at);
    }
    name *new = mf__arena_take_small(&table->arena, bytes, &from);
    if (!new)
        return mf__nomem(err);
    if (from / UNIT >= UINT32_MAX)
        return mf_fail(err, MF_ERANGE, "too many ids");
    __atomic_fetch_add(&table->bytes, (bytes + UNIT - 1) / UNIT * UNIT,
                       __ATOMIC_RELAXED);
    __atomic_fetch_add(&table->count, 1, __ATOMIC_RELAXED);
    *new = (name){
        .code = (*n)++ * IDTABLE_SHARDS + which, .value = value, .len = (uint32_t)len};
    memcpy(new->text, id, len);
    *put = new;
    /* this makes the name, and the chunk that it lies in, visible to other threads */
    __atomic_store_n(&slots_of(ref)[at], tag_of(hash) | (from / UNIT + 1),
                     __ATOMIC_RELEASE);
    return MF_OK;
}

int mf__idtable_put(idtable *table, const char *id, size_t len, uint64_t hash,
                    uint32_t value, const name **put, mf_err *err)
{
    pthread_mutex_t *lock = &table->shard[shard_of(hash)].lock;
    if ((*put = mf__idtable_find(table, id, len, hash)))
        return MF_OK;
    name *new = NULL;
    pthread_mutex_lock(lock);
    int code = put_new(table, id, len, hash, value, &new, err);
    pthread_mutex_unlock(lock);
    *put = new;
    return code;
}

uint32_t mf__idtable_in_shard(const idtable *table, unsigned i)
{
    return table->shard[i].n;
}

size_t mf__idtable_count(const idtable *table)
{
    return __atomic_load_n(&table->count, __ATOMIC_RELAXED);
}

size_t mf__idtable_codes(const idtable *table)
{
    uint32_t most = 0;
    for (unsigned i = 0; i < IDTABLE_SHARDS; i++)
        most = table->shard[i].n > most ? table->shard[i].n : most;
    return (size_t)most * IDTABLE_SHARDS;
}

size_t mf__idtable_bytes(const idtable *table)
{
    return sizeof *table + __atomic_load_n(&table->bytes, __ATOMIC_RELAXED);
}

size_t mf__idtable_probes(const idtable *table)
{
    size_t probes = 0;
    for (unsigned i = 0; i < IDTABLE_SHARDS; i++) {
        const uint64_t *slots = slots_of(table->slots[i]);
        const size_t mask = mask_of(table->slots[i]);
        for (size_t at = 0; at <= mask; at++) {
            uint64_t slot = __atomic_load_n(&slots[at], __ATOMIC_RELAXED);
            if (!slot)
                continue;
            const name *it = at_unit(table, slot);
            size_t home = mf__idtable_hash(table, it->text, it->len) & mask;
            probes += ((at - home) & mask) + 1;
        }
    }
    return probes;
}

const name *mf__idtable_next(const idtable *table, uint64_t *at)
{
    for (uint64_t i = *at >> 32, slot_at = *at & UINT32_MAX; i < IDTABLE_SHARDS;
         i++, slot_at = 0) {
        const uint64_t *slots = slots_of(table->slots[i]);
        for (; slot_at <= mask_of(table->slots[i]); slot_at++) {
            uint64_t slot = __atomic_load_n(&slots[slot_at], __ATOMIC_RELAXED);
            if (slot) {
                *at = i << 32 | (slot_at + 1);
                return at_unit(table, slot);
            }
        }
    }
    return NULL;
}

void mf__idtable_map(idtable *table, const uint32_t to[], bool by_code)
{
    for (unsigned i = 0; i < IDTABLE_SHARDS; i++) {
        const uint64_t *slots = slots_of(table->slots[i]);
        for (size_t at = 0; at <= mask_of(table->slots[i]); at++) {
            name *it = slots[at] ? at_unit(table, slots[at]) : NULL;
            if (it && it->value != UINT32_MAX)
                it->value = to[by_code ? it->code : it->value];
        }
    }
}

int mf__idtable_sort(const idtable *table, const name ***order, uint32_t **rank,
                     mf_err *err)
{
    size_t n = mf__idtable_count(table), filled = 0;
    sortable *texts = mf__new(n, sizeof *texts);
    int code = texts ? MF_OK : mf__nomem(err);
    *order = NULL;
    if (rank)
        *rank = NULL;
    uint64_t at = 0;
    for (const name *it; code == MF_OK && (it = mf__idtable_next(table, &at));)
        texts[filled++] = (sortable){.text = it->text, .len = it->len};
    if (code == MF_OK)
        code = mf__texts_sort(texts, n, err);
    if (code == MF_OK &&
        (!(*order = mf__new(n, sizeof **order)) ||
         (rank && !(*rank = mf__new(mf__idtable_codes(table), sizeof **rank)))))
        code = mf__nomem(err);
    for (uint32_t r = 0; code == MF_OK && r < n; r++) {
        const name *it =
            (const name *)(const void *)(texts[r].text - offsetof(name, text));
        (*order)[r] = it;
        if (rank)
            (*rank)[it->code] = r;
    }
    free(texts);
    return code;
}
