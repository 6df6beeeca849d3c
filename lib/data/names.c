/* Keys are not kept, only their hashes, in chains: making a table of half a million
 * keys takes as long as making the keys several times. What a hash finds is made again
 * and compared.
 *
 * Ids with one hash are a run, of which the first stands in the chain: however many ids
 * share a key, a look-up passes them in one step, and the keys of all of them are made
 * once more, not each time. */
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

/* What is known of the keys of a run. */
enum { UNSEEN, ONE_KEY, SEVERAL_KEYS };

/* The ids by the hashes of their keys. */
typedef struct chains {
    uint64_t *hash; /* [ids], or NULL: not made yet */
    uint32_t *run;  /* [ids], the first id of the run that it is in */
    /* [ids], of the first id of a run: */
    uint32_t *next;        /* the first id of the next run of the chain, or NOBODY */
    uint32_t *from, *size; /* its ids stand in member[from .. from + size) */
    uint8_t *keys;
    uint32_t *member; /* [ids], in order, but the one that is meant first at the head */
    uint32_t *head;   /* [mask + 1], the first run of the hashes with these bits */
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
    uint32_t exact;  /* what was found so */
    uint32_t *found; /* in a run of several keys */
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
    free(c->run);
    free(c->next);
    free(c->from);
    free(c->size);
    free(c->keys);
    free(c->member);
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

/* The place in a chain where the run of a hash stands, or else would. */
static uint32_t *find_run(const chains *c, uint64_t hash)
{
    uint32_t *at = &c->head[hash & c->mask];
    while (*at != NOBODY && c->hash[*at] != hash)
        at = &c->next[*at];
    return at;
}

static void chain_ids(const mf_names *s, chains *c)
{
    uint32_t n = s->ids->n, from = 0;
    memset(c->head, 0xff, (c->mask + 1) * sizeof *c->head);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t *run = find_run(c, c->hash[i]);
        if (*run == NOBODY) {
            *run = i;
            c->next[i] = NOBODY;
        }
        c->run[i] = *run;
        c->size[*run]++;
    }
    for (uint32_t i = 0; i < n; i++)
        if (c->run[i] == i) {
            c->from[i] = from;
            from += c->size[i];
            c->size[i] = 0;
        }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t run = c->run[i];
        c->member[c->from[run] + c->size[run]++] = i;
    }
    for (uint32_t i = 0; i < n; i++)
        if (c->run[i] == i)
            best_to_head(s, c->member + c->from[i], c->size[i]);
}

static int chains_alloc(chains *c, uint32_t n, mf_err *err)
{
    while (c->mask < n)
        c->mask = 2 * c->mask + 1;
    c->hash = mf__new(n, sizeof *c->hash);
    c->run = mf__new(n, sizeof *c->run);
    c->next = mf__new(n, sizeof *c->next);
    c->from = mf__new(n, sizeof *c->from);
    c->size = mf__new0(n, sizeof *c->size);
    c->keys = mf__new0(n, 1);
    c->member = mf__new(n, sizeof *c->member);
    c->head = mf__new(c->mask + 1, sizeof *c->head);
    bool whole = c->hash && c->run && c->next && c->from && c->size && c->keys &&
                 c->member && c->head;
    return whole ? MF_OK : mf__nomem(err);
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
            chain_ids(s, &s->by[r]);
        else
            chains_free(&s->by[r]);
    return code;
}

/* Is the key of an id s->typed? */
static int has_key(mf_names *s, int rule, uint32_t id, bool *has, mf_err *err)
{
    int code = spell_id(s, rule, id, err);
    *has = code == MF_OK && s->other.len == s->typed.len &&
           memcmp(s->other.text, s->typed.text, s->other.len) == 0;
    return code;
}

/* The ids of a run whose key is s->typed. If all have one key, the first speaks for
 * them. Two keys of one hash are hardly ever seen. */
static int find_in_run(mf_names *s, int rule, uint32_t run, const uint32_t **index,
                       size_t *n, mf_err *err)
{
    chains *c = &s->by[rule];
    const uint32_t *member = c->member + c->from[run];
    size_t size = c->size[run], look = c->keys[run] == ONE_KEY ? 1 : size;
    bool has = false;
    int code = mf__reserve(&s->found, &s->found_cap, look, sizeof *s->found, err);
    *n = 0;
    for (size_t i = 0; code == MF_OK && i < look; i++)
        if ((code = has_key(s, rule, member[i], &has, err)) == MF_OK && has)
            s->found[(*n)++] = member[i];
    if (code < 0 || *n == 0)
        return code;
    if (look == size)
        c->keys[run] = *n == size ? ONE_KEY : SEVERAL_KEYS;
    *index = member;
    if (c->keys[run] == ONE_KEY)
        *n = size;
    else {
        if (s->found[0] != member[0])
            best_to_head(s, s->found, *n);
        *index = s->found;
    }
    return MF_OK;
}

/* All ids whose key under the rule is that of the text. */
static int find_by(mf_names *s, int rule, const char *text, size_t len,
                   const uint32_t **index, size_t *n, mf_err *err)
{
    *n = 0;
    int code = make_chains(s, rule, err);
    if (code == MF_OK)
        code = spell(&s->typed, rule, text, len, err);
    if (code < 0)
        return code;
    uint32_t run = *find_run(&s->by[rule], hash_of(s, &s->typed));
    return run == NOBODY ? MF_OK : find_in_run(s, rule, run, index, n, err);
}

int mf__names_find(mf_names *s, const char *text, size_t len, const uint32_t **index,
                   size_t *n, mf_err *err)
{
    int code = MF_OK, first = RULES, rule; /* first: the strictest that finds some */
    *n = 0;
    *index = &s->exact;
    if (mf_ids_find(s->ids, text, len, &s->exact)) {
        *n = 1;
        return MF_OK;
    }
    for (rule = FOLD; code == MF_OK && rule < RULES; rule++) {
        code = find_by(s, rule, text, len, index, n, err);
        if (*n > 0 && first == RULES)
            first = rule;
        if (*n > 0 && !s->guests[(*index)[0]])
            break;
    }
    if (code == MF_OK && rule == RULES && first < RULES) /* all have guests */
        code = find_by(s, first, text, len, index, n, err);
    if (code < 0)
        *n = 0;
    return code;
}

/* Is an id meant first among those of its key? */
static bool is_best(const chains *c, uint32_t id)
{
    return c->member[c->from[c->run[id]]] == id;
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
            if (is_best(&s->by[BARE], i))
                mf__nearest_offer(&near, s->other.text, s->other.len, i,
                                  weight_of(s, i));
    }
    mf__nearest_hint(&near, s->ids, hint);
    return MF_OK;
}
