#include "mf/ids.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <utf8proc.h>
#include <xxhash.h>

#include "mf/mem.h"
#include "texts.h"

void mf_ids_free(mf_ids *ids)
{
    free(ids->off);
    free(ids->text);
    *ids = (mf_ids){0};
}

const char *mf_ids_get(const mf_ids *ids, uint32_t i, size_t *len)
{
    *len = ids->off[i + 1] - ids->off[i];
    return ids->text + ids->off[i];
}

int mf_ids_append(mf_ids *ids, const char *text, size_t len, mf_err *err)
{
    if (ids->n == UINT32_MAX)
        return mf_fail(err, MF_ERANGE, "more than 4294967295 ids");
    size_t at = ids->n ? ids->off[ids->n] : 0;
    if (mf_reserve(&ids->off, &ids->off_cap, (size_t)ids->n + 2, sizeof *ids->off,
                   err) < 0 ||
        mf_reserve(&ids->text, &ids->text_cap, at + len + 1, 1, err) < 0)
        return MF_ENOMEM;
    if (len)
        memcpy(ids->text + at, text, len);
    ids->off[ids->n] = at;
    ids->off[++ids->n] = at + len;
    return MF_OK;
}

int mf_ids_append_run(mf_ids *ids, uint32_t n, const uint32_t len[], const char *text,
                      mf_err *err)
{
    for (uint32_t i = 0; i < n; i++) {
        int code = mf_ids_append(ids, text, len[i], err);
        if (code < 0)
            return code;
        text += len[i];
    }
    return MF_OK;
}

int mf_id_compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
    int order = memcmp(a, b, a_len < b_len ? a_len : b_len);
    return order ? order : (a_len > b_len) - (a_len < b_len);
}

bool mf_ids_find(const mf_ids *ids, const char *text, size_t len, uint32_t *index)
{
    uint32_t lo = 0, hi = ids->n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        size_t mid_len;
        const char *mid_text = mf_ids_get(ids, mid, &mid_len);
        int order = mf_id_compare(mid_text, mid_len, text, len);
        if (order == 0) {
            *index = mid;
            return true;
        }
        if (order < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return false;
}

bool mf_utf8_valid(const char *text, size_t len)
{
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)text;
    for (size_t i = 0; i < len;) {
        uint64_t eight;
        if (len - i >= sizeof eight) {
            memcpy(&eight, p + i, sizeof eight);
            if ((eight & 0x8080808080808080u) == 0) {
                i += sizeof eight;
                continue;
            }
        }
        if (p[i] < 0x80) {
            i++;
            continue;
        }
        utf8proc_int32_t point;
        utf8proc_ssize_t step =
            utf8proc_iterate(p + i, (utf8proc_ssize_t)(len - i), &point);
        if (step <= 0)
            return false;
        i += (size_t)step;
    }
    return true;
}

const char *mf_id_fault(const char *text, size_t len)
{
    if (len == 0)
        return "is empty";
    if (len > MF_ID_MAX)
        return "is longer than 65535 bytes";
    if (memchr(text, 0, len) || memchr(text, '\t', len) || memchr(text, '\n', len))
        return "holds a NUL, TAB or newline";
    return mf_utf8_valid(text, len) ? NULL : "is not UTF-8";
}

bool mf_id_in_shard(const char *text, size_t len, uint32_t shard, uint32_t shards)
{
    return XXH3_64bits(text, len) % shards == shard - 1;
}

/* Open addressing with linear probing at a load of at most one half. */
typedef struct slot {
    uint32_t hash;   /* high half of the hash, to skip most comparisons */
    uint32_t number; /* number + 1; 0 is free */
} slot;

struct mf_intern {
    mf_ids ids;
    slot *slots; /* [mask + 1] */
    size_t mask;
    XXH64_hash_t secret;
};

int mf_intern_open(mf_intern **out, mf_err *err)
{
    mf_intern *table = *out = mf_new0(1, sizeof *table);
    if (!table)
        return mf_nomem(err);
    table->mask = 1023;
    table->slots = mf_new0(table->mask + 1, sizeof *table->slots);
    if (!table->slots) {
        free(table);
        *out = NULL;
        return mf_nomem(err);
    }
    if (getrandom(&table->secret, sizeof table->secret, GRND_NONBLOCK) !=
        sizeof table->secret) { /* early in boot: the clock is secret enough */
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        table->secret = (XXH64_hash_t)now.tv_nsec * 0x9e3779b97f4a7c15u;
    }
    return MF_OK;
}

void mf_intern_close(mf_intern *table)
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
    slot *slots = mf_new0(mask + 1, sizeof *slots);
    if (!slots)
        return mf_nomem(err);
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

int mf_intern_put(mf_intern *table, const char *text, size_t len, uint32_t *number,
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

bool mf_intern_find(const mf_intern *table, const char *text, size_t len,
                    uint32_t *number)
{
    const slot *s =
        probe(table, text, len, XXH3_64bits_withSeed(text, len, table->secret));
    if (s->number == 0)
        return false;
    *number = s->number - 1;
    return true;
}

const mf_ids *mf_intern_ids(const mf_intern *table)
{
    return &table->ids;
}

int mf_ids_sort(const mf_ids *ids, uint32_t **order, mf_err *err)
{
    size_t n = ids->n;
    *order = NULL;
    sortable *texts = mf_new(n, sizeof *texts);
    if (!texts)
        return mf_nomem(err);
    for (uint32_t i = 0; i < n; i++) {
        size_t len;
        const char *id = mf_ids_get(ids, i, &len);
        texts[i] = (sortable){.text = id, .len = (uint32_t)len, .tag = i};
    }
    int code = texts_sort(texts, n, err);
    if (code == MF_OK && !(*order = mf_new(n, sizeof **order)))
        code = mf_nomem(err);
    for (size_t r = 0; code == MF_OK && r < n; r++)
        (*order)[r] = texts[r].tag;
    free(texts);
    return code;
}
