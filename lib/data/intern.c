#include "data/intern.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/mem.h"
#include "data/hash_secret.h"

/* Open addressing with linear probing at a load of at most one half. */
typedef struct slot {
    uint32_t hash;   /* high half of the hash, to skip most comparisons */
    uint32_t number; /* number + 1; 0 is free */
} slot;

struct mf_intern {
    mf_ids ids;
    slot *slots; /* [mask + 1] */
    size_t mask;
    uint64_t secret;
};

int mf__intern_open(mf_intern **out, mf_err *err)
{
    mf_intern *table = *out = mf__new0(1, sizeof *table);
    if (!table)
        return mf__nomem(err);
    table->mask = 1023;
    table->slots = mf__new0(table->mask + 1, sizeof *table->slots);
    if (!table->slots) {
        free(table);
        *out = NULL;
        return mf__nomem(err);
    }
    table->secret = mf__hash_secret();
    return MF_OK;
}

void mf__intern_close(mf_intern *table)
{
    if (!table)
        return;
    mf_ids_free(&table->ids);
    free(table->slots);
    free(table);
}

/* The slot that holds the id, or the free one where it belongs. */
static slot *probe(const mf_intern *table, const char *text, size_t len, uint64_t hash)
{
    for (size_t i = hash & table->mask;; i = (i + 1) & table->mask) {
        slot *s = &table->slots[i];
        if (s->number == 0)
            return s;
        if (s->hash == hash >> 32) {
            size_t other_len;
            const char *other = mf_ids_get(&table->ids, s->number - 1, &other_len);
            if (other_len == len && memcmp(other, text, len) == 0)
                return s;
        }
    }
}

static int grow(mf_intern *table, mf_err *err)
{
    size_t mask = table->mask * 2 + 1;
    slot *slots = mf__new0(mask + 1, sizeof *slots);
    if (!slots)
        return mf__nomem(err);
    free(table->slots);
    table->slots = slots;
    table->mask = mask;
    for (uint32_t i = 0; i < table->ids.n; i++) {
        size_t len;
        const char *text = mf_ids_get(&table->ids, i, &len);
        uint64_t hash = XXH3_64bits_withSeed(text, len, table->secret);
        size_t at = hash & mask;
        while (slots[at].number)
            at = (at + 1) & mask;
        slots[at] = (slot){.hash = (uint32_t)(hash >> 32), .number = i + 1};
    }
    return MF_OK;
}

int mf__intern_put(mf_intern *table, const char *text, size_t len, uint32_t *number,
                   mf_err *err)
{
    uint64_t hash = XXH3_64bits_withSeed(text, len, table->secret);
    slot *s = probe(table, text, len, hash);
    if (s->number == 0) {
        if ((size_t)table->ids.n + 1 > table->mask / 2) {
            int code = grow(table, err);
            if (code < 0)
                return code;
            s = probe(table, text, len, hash);
        }
        int code = mf_ids_append(&table->ids, text, len, err);
        if (code < 0)
            return code;
        *s = (slot){.hash = (uint32_t)(hash >> 32), .number = table->ids.n};
    }
    *number = s->number - 1;
    return MF_OK;
}

bool mf__intern_find(const mf_intern *table, const char *text, size_t len,
                     uint32_t *number)
{
    const slot *s =
        probe(table, text, len, XXH3_64bits_withSeed(text, len, table->secret));
    if (s->number == 0)
        return false;
    *number = s->number - 1;
    return true;
}

const mf_ids *mf__intern_ids(const mf_intern *table)
{
    return &table->ids;
}
