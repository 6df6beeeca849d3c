/* Keys are not kept, only their hashes, in chains: making a table of half a million
 * keys takes as long as making the keys several times. What a hash finds is made again
 * and compared. */
#include "data/names.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/mem.h"
#include "data/hash_secret.h"
#include "data/loose_key.h"
#include "mf/artist_key.h"

#define NOBODY UINT32_MAX /* no index: there are at most that many ids */

/* Ways to make keys, the strictest first. */
enum { FOLD, LOOSE, BARE, RULES };

/* The ids by the hashes of their keys. */
typedef struct chains {
    uint64_t *hash; /* [ids], or NULL: not made yet */
    uint32_t *next; /* [ids], the next id of the chain, or NOBODY */
    uint32_t
        *head; /* [mask + 1], the first id of the chain of hashes with these bits */
    size_t mask;
} chains;

/* The key of a text, and the room to make it in. */
typedef struct spelling {
    mf_artist_key fold;
    mf_loose_key loose;
    const char *text; /* [len], borrowed from one of these */
    size_t len;
} spelling;

struct mf_names {
    const mf_ids *ids;
    const uint32_t *weight; /* or NULL */
    spelling typed, other;
    chains by[RULES];
    uint8_t *guests; /* [ids], 1: the name has some; NULL before the first chains */
    uint64_t secret; /* so that nobody can choose ids that share a chain */
    uint32_t *found;
    size_t found_cap;
};

int mf__names_open(mf_names **out, const mf_ids *ids, const uint32_t weight[],
                   mf_err *err)
{
    *out = mf__new0(1, sizeof **out);
    if (!*out)
        return mf__nomem(err);
    **out = (mf_names){.ids = ids, .weight = weight, .secret = mf__hash_secret()};
    return MF_OK;
}

static void spelling_free(spelling *s)
{
    mf_artist_key_free(&s->fold);
    mf__loose_key_free(&s->loose);
}

static void chains_free(chains *c)
{
    free(c->hash);
    free(c->next);
    free(c->head);
    *c = (chains){0};
}

void mf__names_close(mf_names *names)
{
    if (!names)
        return;
    spelling_free(&names->typed);
    spelling_free(&names->other);
    for (int rule = 0; rule < RULES; rule++)
        chains_free(&names->by[rule]);
    free(names->guests);
    free(names->found);
    free(names);
}

static int spell(spelling *s, int rule, const char *text, size_t len, mf_err *err)
{
    int code = mf_artist_key_make(&s->fold, MF_ARTIST_FOLD, text, len, err);
    s->text = s->fold.text;
    s->len = s->fold.len;
    if (code < 0 || rule == FOLD)
        return code;
    code = mf__loose_key_make(&s->loose, s->text, s->len, rule == BARE, err);
    s->text = s->loose.text;
    s->len = s->loose.len;
    return code;
}

/* The key of an id, to s->other. */
static int spell_id(mf_names *s, int rule, uint32_t id, mf_err *err)
{
    size_t len;
    const char *text = mf_ids_get(s->ids, id, &len);
    return spell(&s->other, rule, text, len, err);
}

static uint64_t hash_of(const mf_names *s, const spelling *key)
{
    return XXH3_64bits_withSeed(key->text, key->len, s->secret);
}

static int hash_folded(mf_names *s, mf_err *err)
{
    int code = MF_OK;
    for (uint32_t i = 0; code == MF_OK && i < s->ids->n; i++) {
        code = spell_id(s, FOLD, i, err);
        if (code < 0)
            break;
        s->by[FOLD].hash[i] = hash_of(s, &s->other);
        s->guests[i] = s->other.fold.guests;
    }
    return code;
}

/* Of both rules, whose keys are the same but where there is an article. */
static int hash_loose(mf_names *s, mf_err *err)
{
    int code = MF_OK;
    for (uint32_t i = 0; code == MF_OK && i < s->ids->n; i++) {
        code = spell_id(s, LOOSE, i, err);
        if (code < 0)
            break;
        s->by[LOOSE].hash[i] = hash_of(s, &s->other);
        s->guests[i] = s->other.fold.guests;
        if (s->other.loose.article && (code = spell_id(s, BARE, i, err)) < 0)
            break;
        s->by[BARE].hash[i] = hash_of(s, &s->other);
    }
    return code;
}

/* The last id first, so that each chain is in order. */
static void chain_ids(chains *c, uint32_t n)
{
    memset(c->head, 0xff, (c->mask + 1) * sizeof *c->head);
    for (uint32_t i = n; i-- > 0;) {
        uint32_t *head = &c->head[c->hash[i] & c->mask];
        c->next[i] = *head;
        *head = i;
    }
}

static int chains_alloc(chains *c, uint32_t n, mf_err *err)
{
    while (c->mask < n)
        c->mask = 2 * c->mask + 1;
    c->hash = mf__new(n, sizeof *c->hash);
    c->next = mf__new(n, sizeof *c->next);
    c->head = mf__new(c->mask + 1, sizeof *c->head);
    return c->hash && c->next && c->head ? MF_OK : mf__nomem(err);
}

/* Make those of the rule, if they are not there: of LOOSE and BARE together. */
static int make_chains(mf_names *s, int rule, mf_err *err)
{
    int from = rule == FOLD ? FOLD : LOOSE, to = rule == FOLD ? FOLD : BARE;
    int code = MF_OK;
    if (s->by[rule].hash)
        return MF_OK;
    if (!s->guests && !(s->guests = mf__new0(s->ids->n, 1)))
        return mf__nomem(err);
    for (int r = from; code == MF_OK && r <= to; r++)
        code = chains_alloc(&s->by[r], s->ids->n, err);
    if (code == MF_OK)
        code = rule == FOLD ? hash_folded(s, err) : hash_loose(s, err);
    for (int r = from; r <= to; r++)
        if (code == MF_OK)
            chain_ids(&s->by[r], s->ids->n);
        else
            chains_free(&s->by[r]);
    return code;
}

static uint32_t weight_of(const mf_names *s, uint32_t id)
{
    return s->weight ? s->weight[id] : 0;
}

/* Is `a` meant before `b`? Names without guests come first, then those of more weight,
 * then the lower. */
static bool is_before(const mf_names *s, uint32_t a, uint32_t b)
{
    if (s->guests[a] != s->guests[b])
        return !s->guests[a];
    if (weight_of(s, a) != weight_of(s, b))
        return weight_of(s, a) > weight_of(s, b);
    return a < b;
}

/* Move the id that is meant first to the head of n that ascend. */
static void best_to_head(const mf_names *s, uint32_t id[], size_t n)
{
    size_t at = 0;
    for (size_t i = 1; i < n; i++)
        if (is_before(s, id[i], id[at]))
            at = i;
    uint32_t best = id[at];
    memmove(id + 1, id, at * sizeof *id);
    id[0] = best;
}

/* All ids whose key is s->typed, the best at their head, to s->found. */
static int gather(mf_names *s, int rule, size_t *n, mf_err *err)
{
    const chains *c = &s->by[rule];
    uint64_t hash = hash_of(s, &s->typed);
    for (uint32_t i = c->head[hash & c->mask]; i != NOBODY; i = c->next[i]) {
        if (c->hash[i] != hash)
            continue;
        int code = spell_id(s, rule, i, err);
        if (code == MF_OK)
            code = mf__reserve(&s->found, &s->found_cap, *n + 1, sizeof *s->found, err);
        if (code < 0)
            return code;
        if (s->other.len == s->typed.len &&
            memcmp(s->other.text, s->typed.text, s->other.len) == 0)
            s->found[(*n)++] = i;
    }
    if (*n)
        best_to_head(s, s->found, *n);
    return MF_OK;
}

/* All ids whose key under the rule is that of the text, to s->found. */
static int find_by(mf_names *s, int rule, const char *text, size_t len, size_t *n,
                   mf_err *err)
{
    *n = 0;
    int code = make_chains(s, rule, err);
    if (code == MF_OK)
        code = spell(&s->typed, rule, text, len, err);
    return code == MF_OK ? gather(s, rule, n, err) : code;
}

int mf__names_find(mf_names *s, const char *text, size_t len, const uint32_t **index,
                   size_t *n, mf_err *err)
{
    int first = RULES, rule; /* `first`: the strictest that finds something */
    *n = 0;
    int code = mf__reserve(&s->found, &s->found_cap, 1, sizeof *s->found, err);
    *index = s->found;
    if (code == MF_OK && mf_ids_find(s->ids, text, len, s->found)) {
        *n = 1;
        return MF_OK;
    }
    for (rule = FOLD; code == MF_OK && rule < RULES; rule++) {
        code = find_by(s, rule, text, len, n, err);
        if (*n > 0 && first == RULES)
            first = rule;
        if (*n > 0 && !s->guests[s->found[0]])
            break;
    }
    if (code == MF_OK && rule == RULES && first < RULES) /* all have guests */
        code = find_by(s, first, text, len, n, err);
    *index = s->found;
    if (code < 0)
        *n = 0;
    return code;
}

/* Is an id meant first among those of its key? */
static bool is_best(const mf_names *s, const chains *c, uint32_t id)
{
    for (uint32_t i = c->head[c->hash[id] & c->mask]; i != NOBODY; i = c->next[i])
        if (c->hash[i] == c->hash[id] && i != id && is_before(s, i, id))
            return false;
    return true;
}

int mf__names_hint(mf_names *s, const char *text, size_t len,
                   char hint[MF_NEAREST_HINT], mf_err *err)
{
    int code = make_chains(s, BARE, err);
    if (code == MF_OK)
        code = spell(&s->typed, BARE, text, len, err);
    if (code < 0)
        return code;
    mf_nearest near = mf__nearest_to(s->typed.text, s->typed.len);
    for (uint32_t i = 0; i < s->ids->n; i++) {
        if ((code = spell_id(s, BARE, i, err)) < 0)
            return code;
        uint32_t distance = mf__nearest_distance(&near, s->other.text, s->other.len);
        if (near.n < MF_NEAREST_FOUND || distance <= near.found[near.n - 1].distance)
            if (is_best(s, &s->by[BARE], i))
                mf__nearest_offer(&near, s->other.text, s->other.len, i,
                                  weight_of(s, i));
    }
    mf__nearest_hint(&near, s->ids, hint);
    return MF_OK;
}
