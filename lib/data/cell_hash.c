#include "data/cell_hash.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/mem.h"

/* Cells are hashed in batches. The id of each item is first copied behind its own copy
 * of the user's id, because hashing bytes right after they were written would wait for
 * the write. Most ids are short: they are copied in two moves of fixed size, where so
 * many bytes of text follow. A longer one goes into the last copy, which has room for
 * any. */
enum { BATCH = 16, AHEAD = 8, MOVE = 16, USUAL = 4 * MOVE };

int mf__cell_hash_user(mf_cell_hash *h, const mf_ids *users, uint32_t user, mf_err *err)
{
    size_t len;
    const char *id = mf_ids_get(users, user, &len);
    h->prefix = len + 1;
    h->stride = h->prefix + 2 * MOVE;
    if (mf__reserve(&h->text, &h->cap,
                    BATCH * h->stride + h->prefix + MF_ID_MAX + USUAL, 1, err) < 0)
        return MF_ENOMEM;
    size_t after = users->off[users->n] - users->off[user]; /* bytes, from the id on */
    for (size_t i = 0; i <= BATCH; i++) {
        char *to = h->text + i * h->stride;
        if (len <= USUAL && after >= USUAL) /* the bytes past the id are overwritten */
            memcpy(to, id, USUAL);
        else
            memcpy(to, id, len);
        to[len] = '\0';
    }
    return MF_OK;
}

uint64_t mf__cell_hash_item(mf_cell_hash *h, const mf_ids *items, uint32_t item,
                            uint64_t seed)
{
    size_t len;
    const char *id = mf_ids_get(items, item, &len);
    char *text = h->text + BATCH * h->stride;
    memcpy(text + h->prefix, id, len);
    return XXH3_64bits_withSeed(text, h->prefix + len, seed);
}

void mf__cell_hash_items(mf_cell_hash *h, const mf_ids *items, const uint32_t item[],
                         size_t n, uint64_t seed, uint64_t hash[])
{
    size_t len[BATCH], end = n > 0 ? items->off[items->n] : 0;
    for (size_t from = 0, many; from < n; from += many) {
        many = n - from < BATCH ? n - from : BATCH;
        for (size_t i = 0; i < many; i++) {
            size_t t = from + i, begin = items->off[item[t]];
            char *to = h->text + i * h->stride + h->prefix;
            len[i] = items->off[item[t] + 1] - begin;
            __builtin_prefetch(
                &items->off[item[t + 2 * AHEAD < n ? t + 2 * AHEAD : t]]);
            const char *later =
                items->text + items->off[item[t + AHEAD < n ? t + AHEAD : t]];
            __builtin_prefetch(later);
            __builtin_prefetch(later + 2 * MOVE - 1);
            if (end - begin >= 2 * MOVE) {
                memcpy(to, items->text + begin, MOVE);
                memcpy(to + MOVE, items->text + begin + MOVE, MOVE);
            } else {
                memcpy(to, items->text + begin, end - begin);
            }
        }
        for (size_t i = 0; i < many; i++)
            hash[from + i] = len[i] <= 2 * MOVE
                                 ? XXH3_64bits_withSeed(h->text + i * h->stride,
                                                        h->prefix + len[i], seed)
                                 : mf__cell_hash_item(h, items, item[from + i], seed);
    }
}

void mf__cell_hash_free(mf_cell_hash *h)
{
    free(h->text);
    *h = (mf_cell_hash){0};
}
