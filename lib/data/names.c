#include "data/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/intern.h"
#include "mf/artist_key.h"

#define NOBODY UINT32_MAX /* no index: there are at most that many ids */

struct mf_names {
    const mf_ids *ids;
    const uint32_t *weight; /* or NULL */
    mf_artist_key key;
    mf_intern *keys; /* or NULL: not made yet */
    uint32_t *first; /* [keys], the first id of each, in order of ids */
    uint32_t *next;  /* [ids], the next id of the same key, or NOBODY */
    uint32_t *found;
    size_t found_cap;
};

int mf__names_open(mf_names **out, const mf_ids *ids, const uint32_t weight[],
                   mf_err *err)
{
    *out = mf__new0(1, sizeof **out);
    if (!*out)
        return mf__nomem(err);
    **out = (mf_names){.ids = ids, .weight = weight};
    return MF_OK;
}

void mf__names_close(mf_names *names)
{
    if (!names)
        return;
    mf_artist_key_free(&names->key);
    mf__intern_close(names->keys);
    free(names->first);
    free(names->next);
    free(names->found);
    free(names);
}

/* The last id first, so that each chain is in order. */
static int chain_keys(mf_names *s, mf_err *err)
{
    for (uint32_t i = s->ids->n; i-- > 0;) {
        size_t len;
        uint32_t number;
        const char *id = mf_ids_get(s->ids, i, &len);
        int code = mf_artist_key_make(&s->key, MF_ARTIST_FOLD, id, len, err);
        if (code == MF_OK)
            code = mf__intern_put(s->keys, s->key.text, s->key.len, &number, err);
        if (code < 0)
            return code;
        s->next[i] = s->first[number];
        s->first[number] = i;
    }
    return MF_OK;
}

static int make_keys(mf_names *s, mf_err *err)
{
    if (s->keys)
        return MF_OK;
    uint32_t n = s->ids->n;
    free(s->first);
    free(s->next);
    s->first = mf__new(n, sizeof *s->first);
    s->next = mf__new(n, sizeof *s->next);
    if (!s->first || !s->next)
        return mf__nomem(err);
    memset(s->first, 0xff, n * sizeof *s->first);
    int code = mf__intern_open(&s->keys, err);
    if (code == MF_OK && (code = chain_keys(s, err)) < 0) {
        mf__intern_close(s->keys);
        s->keys = NULL;
    }
    return code;
}

static uint32_t weight_of(const mf_names *s, uint32_t id)
{
    return s->weight ? s->weight[id] : 0;
}

/* The id of a chain that is meant first. */
static uint32_t best_of(const mf_names *s, uint32_t number)
{
    uint32_t best = s->first[number];
    for (uint32_t i = s->next[best]; i != NOBODY; i = s->next[i])
        if (weight_of(s, i) > weight_of(s, best))
            best = i;
    return best;
}

/* A whole chain, the best at its head. */
static int gather(mf_names *s, uint32_t number, size_t *n, mf_err *err)
{
    uint32_t best = best_of(s, number);
    *n = 0;
    for (uint32_t i = best; i != NOBODY;) {
        if (mf__reserve(&s->found, &s->found_cap, *n + 1, sizeof *s->found, err) < 0)
            return MF_ENOMEM;
        s->found[(*n)++] = i;
        i = *n == 1 ? s->first[number] : s->next[i];
        if (i == best)
            i = s->next[i];
    }
    return MF_OK;
}

int mf__names_find(mf_names *s, const char *text, size_t len, const uint32_t **index,
                   size_t *n, mf_err *err)
{
    uint32_t number;
    *n = 0;
    int code = mf__reserve(&s->found, &s->found_cap, 1, sizeof *s->found, err);
    if (code == MF_OK && mf_ids_find(s->ids, text, len, s->found)) {
        *n = 1;
    } else if (code == MF_OK && (code = make_keys(s, err)) == MF_OK &&
               (code = mf_artist_key_make(&s->key, MF_ARTIST_FOLD, text, len, err)) ==
                   MF_OK &&
               mf__intern_find(s->keys, s->key.text, s->key.len, &number)) {
        code = gather(s, number, n, err);
    }
    *index = s->found;
    return code;
}

/* People leave the article out, or add one that is not there. */
static void drop_article(const char **key, size_t *len)
{
    if (*len > 4 && memcmp(*key, "the ", 4) == 0) {
        *key += 4;
        *len -= 4;
    }
}

int mf__names_hint(mf_names *s, const char *text, size_t len,
                   char hint[MF_NEAREST_HINT], mf_err *err)
{
    int code = make_keys(s, err);
    if (code == MF_OK)
        code = mf_artist_key_make(&s->key, MF_ARTIST_FOLD, text, len, err);
    if (code < 0)
        return code;
    const char *key = s->key.text;
    len = s->key.len;
    drop_article(&key, &len);
    mf_nearest near = mf__nearest_to(key, len);
    const mf_ids *keys = mf__intern_ids(s->keys);
    for (uint32_t number = 0; number < keys->n; number++) {
        uint32_t id = best_of(s, number);
        key = mf_ids_get(keys, number, &len);
        drop_article(&key, &len);
        mf__nearest_offer(&near, key, len, id, weight_of(s, id));
    }
    mf__nearest_hint(&near, s->ids, hint);
    return MF_OK;
}
