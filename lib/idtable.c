/* Open addressing with linear probing at a load of at most one half. A slot is
 * one atom: the high half has bits of the hash, the low half says where the
 * name lies in the arena of its shard, in units of 8 bytes, plus 1; 0 is free. */
#include "idtable.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "mf/ids.h"
#include "mf/mem.h"
#include "texts.h"

enum {
    UNIT = 8,
    USUAL = 40,            /* bytes in an id that is not long */
    TOGETHER = 64,         /* lookups that wait for memory at once */
    FIRST_UNITS = 1 << 14, /* in the first chunk, which holds the longest name; each
                              has twice the units of the one before */
    CHUNKS = 18,           /* with these, units are less than 2^32 */
    FIRST_BITS = 4,
    FIRST_SLOTS = 1 << FIRST_BITS,
    NUMBERS = (1u << 24) - 1 /* names in a shard, so that codes are 32 bits */
};

typedef struct slots {
    _Alignas(64) struct slots *outgrown; /* the ones before */
    unsigned bits;
    _Alignas(64) uint64_t slot[]; /* [2^bits] */
} slots;

/* The slots' address with `bits` in the low bits, which are free since slots are
 * aligned: a lookup then reads one line less. */
typedef uintptr_t slots_ref;

typedef struct shard {
    _Alignas(64) slots_ref slots;
    char *chunk[CHUNKS];
    pthread_mutex_t lock; /* for putting */
    uint32_t n, used;     /* names; units */
} shard;

struct idtable {
    shard shard[IDTABLE_SHARDS];
    size_t count, bytes;
    XXH64_hash_t secret;
    char *first; /* [IDTABLE_SHARDS][FIRST_BYTES] */
};

/* The first slots of all shards are one allocation. */
enum { FIRST_BYTES = sizeof(slots) + FIRST_SLOTS * sizeof(uint64_t) };
_Static_assert(FIRST_BYTES % 64 == 0, "slots are aligned");

static slots_ref ref_of(const slots *t)
{
    return (slots_ref)t | t->bits;
}

static slots *slots_of(slots_ref ref)
{
    return (slots *)(ref & ~(slots_ref)63);
}

static size_t mask_of(slots_ref ref)
{
    return ((size_t)1 << (ref & 63)) - 1;
}

/* What a thread that puts has made is seen too. */
static slots_ref now(const shard *s)
{
    return __atomic_load_n(&s->slots, __ATOMIC_ACQUIRE);
}

int idtable_open(idtable **out, mf_err *err)
{
    idtable *table = *out = mf_new_aligned(1, sizeof *table);
    if (!table)
        return mf_nomem(err);
    memset(table, 0, sizeof *table);
    if (getrandom(&table->secret, sizeof table->secret, GRND_NONBLOCK) !=
        sizeof table->secret) { /* early in boot: the clock is secret enough */
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        table->secret = (XXH64_hash_t)now.tv_nsec * 0x9e3779b97f4a7c15u;
    }
    table->first = mf_new_aligned(IDTABLE_SHARDS, FIRST_BYTES);
    if (!table->first) {
        free(table);
        *out = NULL;
        return mf_nomem(err);
    }
    memset(table->first, 0, (size_t)IDTABLE_SHARDS * FIRST_BYTES);
    for (unsigned i = 0; i < IDTABLE_SHARDS; i++) {
        slots *first = (slots *)(void *)(table->first + (size_t)i * FIRST_BYTES);
        first->bits = FIRST_BITS;
        table->shard[i].slots = ref_of(first);
        pthread_mutex_init(&table->shard[i].lock, NULL);
    }
    return MF_OK;
}

void idtable_close(idtable *table)
{
    if (!table)
        return;
    for (unsigned i = 0; i < IDTABLE_SHARDS; i++) {
        shard *s = &table->shard[i];
        for (slots *t = slots_of(now(s)), *before; t->outgrown; t = before) {
            before = t->outgrown;
            free(t);
        }
        for (int c = 0; c < CHUNKS; c++)
            free(__atomic_load_n(&s->chunk[c], __ATOMIC_RELAXED));
        pthread_mutex_destroy(&s->lock);
    }
    free(table->first);
    free(table);
}

uint64_t idtable_hash(const idtable *table, const char *text, size_t len)
{
    return XXH3_64bits_withSeed(text, len, table->secret);
}

static unsigned shard_of(uint64_t hash)
{
    return (unsigned)(hash >> 56);
}

static uint64_t tag_of(uint64_t hash)
{
    return hash >> 24 << 32;
}

/* Chunk c begins at unit FIRST_UNITS * (2^c - 1). */
static int chunk_of(uint32_t unit)
{
    return 31 - __builtin_clz(unit / FIRST_UNITS + 1);
}

static uint32_t chunk_begin(int chunk)
{
    return (uint32_t)FIRST_UNITS * ((1u << chunk) - 1);
}

static name *at_unit(const shard *s, uint32_t unit)
{
    int c = chunk_of(unit);
    char *chunk = __atomic_load_n(&s->chunk[c], __ATOMIC_RELAXED);
    return (name *)(void *)(chunk + (size_t)UNIT * (unit - chunk_begin(c)));
}

/* The name; or NULL, and *free_at is the slot where it belongs. */
static name *probe(const shard *s, slots_ref ref, const char *id, size_t len,
                   uint64_t hash, size_t *free_at)
{
    const slots *t = slots_of(ref);
    const size_t mask = mask_of(ref);
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        uint64_t slot = __atomic_load_n(&t->slot[i], __ATOMIC_ACQUIRE);
        if (slot == 0) {
            *free_at = i;
            return NULL;
        }
        if (slot >> 32 == tag_of(hash) >> 32) {
            name *n = at_unit(s, (uint32_t)slot - 1);
            if (n->len == len && texts_equal(n->text, id, len))
                return n;
        }
    }
}

const name *idtable_find(const idtable *table, const char *id, size_t len,
                         uint64_t hash)
{
    size_t unused;
    const shard *s = &table->shard[shard_of(hash)];
    return probe(s, now(s), id, len, hash, &unused);
}

/* Ask for the slots of all, then for the names that these speak of, then compare. */
static void find_together(const idtable *table, lookup ids[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ids[i].hash = idtable_hash(table, ids[i].text, ids[i].len);
        slots_ref ref = now(&table->shard[shard_of(ids[i].hash)]);
        __builtin_prefetch(&slots_of(ref)->slot[ids[i].hash & mask_of(ref)]);
    }
    for (size_t i = 0; i < n; i++) {
        const shard *s = &table->shard[shard_of(ids[i].hash)];
        slots_ref ref = now(s);
        uint64_t slot = __atomic_load_n(
            &slots_of(ref)->slot[ids[i].hash & mask_of(ref)], __ATOMIC_ACQUIRE);
        if (slot) {
            const name *it = at_unit(s, (uint32_t)slot - 1);
            __builtin_prefetch(it);
            __builtin_prefetch(it->text + USUAL - 1);
        }
    }
    for (size_t i = 0; i < n; i++)
        ids[i].found = idtable_find(table, ids[i].text, ids[i].len, ids[i].hash);
}

void idtable_find_all(const idtable *table, lookup ids[], size_t n)
{
    for (size_t i = 0; i < n; i += TOGETHER)
        find_together(table, ids + i, n - i < TOGETHER ? n - i : TOGETHER);
}

static int grow(idtable *table, shard *s, mf_err *err)
{
    slots *old = slots_of(now(s));
    size_t before = (size_t)1 << old->bits, n = 2 * before;
    slots *new = mf_new_aligned(1, sizeof *new + n * sizeof new->slot[0]);
    if (!new)
        return mf_nomem(err);
    memset(new, 0, sizeof *new + n * sizeof new->slot[0]);
    new->outgrown = old;
    new->bits = old->bits + 1;
    for (size_t i = 0; i < before; i++) {
        uint64_t slot = __atomic_load_n(&old->slot[i], __ATOMIC_RELAXED);
        if (!slot)
            continue;
        const name *it = at_unit(s, (uint32_t)slot - 1);
        size_t to = idtable_hash(table, it->text, it->len) & (n - 1);
        while (__atomic_load_n(&new->slot[to], __ATOMIC_RELAXED))
            to = (to + 1) & (n - 1);
        __atomic_store_n(&new->slot[to], slot, __ATOMIC_RELAXED);
    }
    __atomic_fetch_add(&table->bytes, n * sizeof new->slot[0], __ATOMIC_RELAXED);
    __atomic_store_n(&s->slots, ref_of(new), __ATOMIC_RELEASE);
    return MF_OK;
}

/* Room for so many units in one chunk; *unit is the first. */
static int take(shard *s, uint32_t units, uint32_t *unit, mf_err *err)
{
    int c = chunk_of(s->used);
    uint32_t end = chunk_begin(c) + ((uint32_t)FIRST_UNITS << c);
    if (units > end - s->used) {
        if (c + 1 == CHUNKS)
            return mf_fail(err, MF_ERANGE, "too many ids");
        s->used = end;
        c++;
    }
    if (!__atomic_load_n(&s->chunk[c], __ATOMIC_RELAXED)) {
        char *chunk = mf_new((size_t)FIRST_UNITS << c, UNIT);
        if (!chunk)
            return mf_nomem(err);
        __atomic_store_n(&s->chunk[c], chunk, __ATOMIC_RELAXED);
    }
    *unit = s->used;
    s->used += units;
    return MF_OK;
}

static int put_new(idtable *table, shard *s, const char *id, size_t len, uint64_t hash,
                   uint32_t value, name **put, mf_err *err)
{
    slots_ref ref = now(s);
    size_t at;
    if ((*put = probe(s, ref, id, len, hash, &at))) /* another thread was first */
        return MF_OK;
    if (s->n == NUMBERS)
        return mf_fail(err, MF_ERANGE, "too many ids");
    if ((size_t)s->n + 1 > mask_of(ref) / 2) {
        int code = grow(table, s, err);
        if (code < 0)
            return code;
        ref = now(s);
        probe(s, ref, id, len, hash, &at);
    }
    uint32_t unit = 0, units = (uint32_t)((sizeof(name) + len + UNIT - 1) / UNIT);
    int code = take(s, units, &unit, err);
    if (code < 0)
        return code;
    __atomic_fetch_add(&table->bytes, (size_t)units * UNIT, __ATOMIC_RELAXED);
    __atomic_fetch_add(&table->count, 1, __ATOMIC_RELAXED);
    *put = at_unit(s, unit);
    **put = (name){.code = s->n++ * IDTABLE_SHARDS + shard_of(hash),
                   .value = value,
                   .len = (uint32_t)len};
    memcpy((*put)->text, id, len);
    /* with it the name becomes visible, and its chunk */
    __atomic_store_n(&slots_of(ref)->slot[at], tag_of(hash) | (unit + 1),
                     __ATOMIC_RELEASE);
    return MF_OK;
}

int idtable_put(idtable *table, const char *id, size_t len, uint64_t hash,
                uint32_t value, const name **put, mf_err *err)
{
    shard *s = &table->shard[shard_of(hash)];
    if ((*put = idtable_find(table, id, len, hash)))
        return MF_OK;
    name *new = NULL;
    pthread_mutex_lock(&s->lock);
    int code = put_new(table, s, id, len, hash, value, &new, err);
    pthread_mutex_unlock(&s->lock);
    *put = new;
    return code;
}

uint32_t idtable_in_shard(const idtable *table, unsigned i)
{
    return table->shard[i].n;
}

size_t idtable_count(const idtable *table)
{
    return __atomic_load_n(&table->count, __ATOMIC_RELAXED);
}

size_t idtable_codes(const idtable *table)
{
    uint32_t most = 0;
    for (unsigned i = 0; i < IDTABLE_SHARDS; i++)
        most = table->shard[i].n > most ? table->shard[i].n : most;
    return (size_t)most * IDTABLE_SHARDS;
}

size_t idtable_bytes(const idtable *table)
{
    return sizeof *table + __atomic_load_n(&table->bytes, __ATOMIC_RELAXED);
}

size_t idtable_probes(const idtable *table)
{
    size_t probes = 0;
    for (unsigned i = 0; i < IDTABLE_SHARDS; i++) {
        const shard *s = &table->shard[i];
        const slots *t = slots_of(now(s));
        const size_t mask = mask_of(now(s));
        for (size_t at = 0; at <= mask; at++) {
            uint64_t slot = __atomic_load_n(&t->slot[at], __ATOMIC_RELAXED);
            if (!slot)
                continue;
            const name *it = at_unit(s, (uint32_t)slot - 1);
            size_t home = idtable_hash(table, it->text, it->len) & mask;
            probes += ((at - home) & mask) + 1;
        }
    }
    return probes;
}

const name *idtable_next(const idtable *table, uint64_t *at)
{
    for (uint64_t i = *at >> 32, slot_at = *at & UINT32_MAX; i < IDTABLE_SHARDS;
         i++, slot_at = 0) {
        const shard *s = &table->shard[i];
        const slots *t = slots_of(now(s));
        for (; slot_at <= mask_of(now(s)); slot_at++) {
            uint64_t slot = __atomic_load_n(&t->slot[slot_at], __ATOMIC_RELAXED);
            if (slot) {
                *at = i << 32 | (slot_at + 1);
                return at_unit(s, (uint32_t)slot - 1);
            }
        }
    }
    return NULL;
}

int idtable_sort(const idtable *table, const name ***order, uint32_t **rank,
                 mf_err *err)
{
    size_t n = idtable_count(table), filled = 0;
    sortable *texts = mf_new(n, sizeof *texts);
    int code = texts ? MF_OK : mf_nomem(err);
    *order = NULL;
    if (rank)
        *rank = NULL;
    uint64_t at = 0;
    for (const name *it; code == MF_OK && (it = idtable_next(table, &at));)
        texts[filled++] = (sortable){.text = it->text, .len = it->len};
    if (code == MF_OK)
        code = texts_sort(texts, n, err);
    if (code == MF_OK &&
        (!(*order = mf_new(n, sizeof **order)) ||
         (rank && !(*rank = mf_new(idtable_codes(table), sizeof **rank)))))
        code = mf_nomem(err);
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
