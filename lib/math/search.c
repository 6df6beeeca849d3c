#include "mf/search.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "kernel/kernel.h"
#include "math/panels.h"

struct mf_catalogue {
    mf_panels panels; /* by length, longest first */
    uint32_t n;       /* items that may be listed */
    uint32_t tiles;
    uint32_t *item;  /* [n], by position */
    uint32_t *place; /* [all items], positions; UINT32_MAX: is not listed */
    float *bias;     /* [tiles x MF_TILE], by position; NULL: none */
    double *length;  /* [tiles], of the longest vector in a tile */
    double *offset;  /* [tiles], the largest bias in this tile and those after */
};

/* --- the catalogue --- */

typedef struct placed {
    double length;
    uint32_t item;
} placed;

static int compare_placed(const void *a, const void *b)
{
    const placed *x = a, *y = b;
    if (x->length != y->length)
        return x->length > y->length ? -1 : 1;
    return x->item < y->item ? -1 : x->item > y->item;
}

static double length_of(const float *x, uint32_t k)
{
    double sum = 0;
    for (uint32_t f = 0; f < k; f++)
        sum += (double)x[f] * (double)x[f];
    return sqrt(sum);
}

/* Sort the items, longest first, and note their places. */
static void place_items(mf_catalogue *c, const mf_tensor *items, placed *by)
{
    qsort(by, c->n, sizeof *by, compare_placed);
    for (uint32_t i = 0; i < items->n; i++)
        c->place[i] = UINT32_MAX;
    for (uint32_t at = 0; at < c->n; at++) {
        c->item[at] = by[at].item;
        c->place[by[at].item] = at;
        if (at % MF_TILE == 0)
            c->length[at / MF_TILE] = by[at].length;
    }
}

static void place_biases(mf_catalogue *c, const mf_tensor *items)
{
    double most = -INFINITY;
    for (uint32_t at = c->n; at-- > 0;) {
        c->bias[at] = items->bias[c->item[at]];
        most = fmax(most, (double)c->bias[at]);
        if (at % MF_TILE == 0)
            c->offset[at / MF_TILE] = most;
    }
}

int mf_catalogue_open(mf_catalogue **out, const mf_tensor *items,
                      const uint8_t barred[], mf_err *err)
{
    if (items->n > MF_SEARCH_ITEMS)
        return mf_fail(err, MF_EINVAL, "%u items are more than can be searched",
                       items->n);
    mf_catalogue *c = mf__new0(1, sizeof *c);
    placed *by = mf__new(items->n, sizeof *by);
    *out = NULL;
    int code = c && by ? MF_OK : mf__nomem(err);
    for (uint32_t i = 0; code == MF_OK && i < items->n; i++)
        if (!barred || !barred[i])
            by[c->n++] = (placed){length_of(mf_tensor_at(items, i, 0), items->k), i};
    if (code == MF_OK) {
        c->tiles = c->n / MF_TILE + (c->n % MF_TILE != 0);
        c->item = mf__new(c->n, sizeof *c->item);
        c->place = mf__new(items->n, sizeof *c->place);
        c->length = mf__new(c->tiles, sizeof *c->length);
        c->offset = mf__new0(c->tiles, sizeof *c->offset);
        if (items->bias)
            c->bias = mf__new0((size_t)c->tiles * MF_TILE, sizeof *c->bias);
        if (!c->item || !c->place || !c->length || !c->offset ||
            (items->bias && !c->bias))
            code = mf__nomem(err);
    }
    if (code == MF_OK) {
        place_items(c, items, by);
        if (items->bias)
            place_biases(c, items);
        code = mf__panels_build(&c->panels, items, c->n, c->item, err);
    }
    free(by);
    if (code == MF_OK)
        *out = c;
    else
        mf_catalogue_close(c);
    return code;
}

void mf_catalogue_close(mf_catalogue *c)
{
    if (!c)
        return;
    mf__panels_free(&c->panels);
    free(c->item);
    free(c->place);
    free(c->bias);
    free(c->length);
    free(c->offset);
    free(c);
}

/* --- keys: one number for score, item and persona --- */

/* Ascending keys are the order of lists: scores fall, then items rise. */
static uint64_t key_of(float score, uint32_t item, uint32_t persona)
{
    uint32_t bits;
    score += 0.0f; /* -0 is 0 */
    memcpy(&bits, &score, sizeof bits);
    bits = bits >> 31 ? bits : ~bits & 0x7fffffff;
    return (uint64_t)bits << 32 | item << 6 | persona;
}

static float key_score(uint64_t key)
{
    uint32_t bits = (uint32_t)(key >> 32);
    float score;
    bits = bits >> 31 ? bits : ~bits & 0x7fffffff;
    memcpy(&score, &bits, sizeof score);
    return score;
}

static void swap_keys(uint64_t *a, uint64_t *b)
{
    uint64_t t = *a;
    *a = *b;
    *b = t;
}

static void sort_few(uint64_t key[], size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint64_t x = key[i];
        size_t at = i;
        for (; at > 0 && key[at - 1] > x; at--)
            key[at] = key[at - 1];
        key[at] = x;
    }
}

/* Divide key[n], n >= 3, by the median of three of them. Returns where the second
 * part begins: 0 < at < n, nothing before it is larger than anything in it. */
static size_t divide(uint64_t key[], size_t n)
{
    uint64_t *mid = &key[n / 2], *last = &key[n - 1];
    if (*mid < key[0])
        swap_keys(mid, &key[0]);
    if (*last < *mid) {
        swap_keys(last, mid);
        if (*mid < key[0])
            swap_keys(mid, &key[0]);
    }
    uint64_t pivot = *mid;
    size_t i = 0, j = n - 1;
    for (;;) {
        while (key[++i] < pivot)
            ;
        while (key[--j] > pivot)
            ;
        if (i >= j)
            return j + 1;
        swap_keys(&key[i], &key[j]);
    }
}

/* Bring the `keep` smallest of key[n] to the front, in any order. */
static void select_keys(uint64_t key[], size_t n, size_t keep)
{
    while (n > 24 && keep > 0 && keep < n) {
        size_t at = divide(key, n);
        if (keep < at)
            n = at;
        else {
            key += at;
            n -= at;
            keep -= at;
        }
    }
    if (keep > 0 && keep < n)
        sort_few(key, n);
}

static void sort_keys(uint64_t key[], size_t n)
{
    while (n > 24) {
        size_t at = divide(key, n);
        if (at < n - at) {
            sort_keys(key, at);
            key += at;
            n -= at;
        } else {
            sort_keys(key + at, n - at);
            n = at;
        }
    }
    sort_few(key, n);
}

/* --- the search --- */

/* The search for one user. */
typedef struct user_search {
    const mf_query *query;
    uint64_t *key;    /* [room], the best so far and those that came since */
    uint64_t *hidden; /* a bit for each position; all 0 between two users */
    size_t n;         /* keys */
    uint64_t worst;   /* key of the best, once there are `top`; else UINT64_MAX */
    float least;      /* its score, else -infinity */
    bool done;
} user_search;

struct mf_search {
    const mf_catalogue *catalogue;
    const mf_kernel *kernel;
    uint32_t personas, top;
    size_t room, words; /* keys, and words of hidden, of a user */
    double slack;       /* of bounds, for the rounding of scores */
    user_search user[MF_SEARCH_USERS];
    double *length;       /* [MF_SEARCH_USERS x personas], of the vectors */
    const float **vector; /* [MF_TILE_ROWS + personas], what is multiplied now */
    uint8_t *persona_of;  /* [MF_TILE_ROWS + personas], their personas */
    float *product;       /* [(MF_TILE_ROWS + personas) x MF_TILE] */
    float *total;         /* [MF_TILE], the scores of one user */
    uint32_t *above;      /* [MF_TILE + 16] */
    uint64_t *key;        /* [MF_SEARCH_USERS x room] */
    uint64_t *hidden;     /* [MF_SEARCH_USERS x words] */
    uint64_t multiplied, all;
};

int mf_search_open(mf_search **out, const mf_catalogue *catalogue, uint32_t personas,
                   uint32_t top, mf_err *err)
{
    *out = NULL;
    if (personas < 1 || personas > MF_PERSONAS_MAX)
        return mf_fail(err, MF_EINVAL, "personas: %u is not in 1 .. %d", personas,
                       MF_PERSONAS_MAX);
    if (top < 1 || top > MF_SEARCH_TOP)
        return mf_fail(err, MF_EINVAL, "top: %u is not in 1 .. %d", top, MF_SEARCH_TOP);
    mf_search *s = mf__new0(1, sizeof *s);
    if (!s)
        return mf__nomem(err);
    s->catalogue = catalogue;
    s->kernel = mf__kernel_choose();
    s->personas = personas;
    s->top = top;
    s->room = (size_t)2 * top + 2 * MF_TILE;
    s->words = catalogue->n / 64 + 1;
    s->slack = (catalogue->panels.k + 8) * 0x1p-23;
    size_t rows = MF_TILE_ROWS + personas;
    s->length = mf__new((size_t)MF_SEARCH_USERS * personas, sizeof *s->length);
    s->vector = mf__new(rows, sizeof *s->vector);
    s->persona_of = mf__new(rows, 1);
    s->product = mf__new_aligned(rows * MF_TILE, sizeof *s->product);
    s->total = mf__new_aligned(MF_TILE, sizeof *s->total);
    s->above = mf__new(MF_TILE + 16, sizeof *s->above);
    s->key = mf__new(MF_SEARCH_USERS * s->room, sizeof *s->key);
    s->hidden = mf__new0(MF_SEARCH_USERS * s->words, sizeof *s->hidden);
    if (s->length && s->vector && s->persona_of && s->product && s->total && s->above &&
        s->key && s->hidden) {
        *out = s;
        return MF_OK;
    }
    mf_search_close(s);
    return mf__nomem(err);
}

void mf_search_close(mf_search *s)
{
    if (!s)
        return;
    free(s->length);
    free(s->vector);
    free(s->persona_of);
    free(s->product);
    free(s->total);
    free(s->above);
    free(s->key);
    free(s->hidden);
    free(s);
}

void mf_search_work(const mf_search *s, uint64_t *done, uint64_t *all)
{
    *done = s->multiplied;
    *all = s->all;
}

/* Hide the items that a user's query hides, or show them again. */
static void set_hidden(const mf_search *s, user_search *user, bool hide)
{
    const mf_query *q = user->query;
    for (uint32_t i = 0; i < q->hidden; i++) {
        uint32_t at = s->catalogue->place[q->hide[i]];
        uint64_t bit = UINT64_C(1) << at % 64;
        if (at != UINT32_MAX)
            user->hidden[at / 64] =
                hide ? user->hidden[at / 64] | bit : user->hidden[at / 64] & ~bit;
    }
}

static void begin(mf_search *s, uint32_t j, const mf_query *query)
{
    uint32_t k = s->catalogue->panels.k;
    s->user[j] = (user_search){.query = query,
                               .key = s->key + j * s->room,
                               .hidden = s->hidden + j * s->words,
                               .worst = UINT64_MAX,
                               .least = -INFINITY};
    for (uint32_t q = 0; q < s->personas; q++)
        if (query->active >> q & 1) {
            s->length[j * s->personas + q] =
                length_of(query->vectors + (size_t)q * k, k);
            s->all += s->catalogue->tiles;
        }
    set_hidden(s, &s->user[j], true);
}

/* Keep the best `top` keys of those that there are. */
static void keep_best(const mf_search *s, user_search *user)
{
    if (user->n < s->top)
        return;
    select_keys(user->key, user->n, s->top);
    user->n = s->top;
    uint64_t worst = 0;
    for (size_t i = 0; i < user->n; i++)
        worst = user->key[i] > worst ? user->key[i] : worst;
    user->worst = worst;
    user->least = key_score(worst);
}

/* Append to the `rows` that there are the vectors of user j that can still bring an
 * item of the tile into the list. Returns how many. */
static uint32_t gather(const mf_search *s, uint32_t j, uint32_t tile, uint32_t rows)
{
    const mf_catalogue *c = s->catalogue;
    const mf_query *query = s->user[j].query;
    uint32_t n = 0;
    for (uint32_t q = 0; q < s->personas; q++) {
        if (!(query->active >> q & 1))
            continue;
        double offset = query->base + c->offset[tile];
        double product = s->length[j * s->personas + q] * c->length[tile];
        double bound = offset + product + s->slack * (fabs(offset) + product);
        if (bound < (double)s->user[j].least)
            continue;
        s->vector[rows + n] = query->vectors + (size_t)q * c->panels.k;
        s->persona_of[rows + n++] = (uint8_t)q;
    }
    return n;
}

/* The scores of a user for the tile, from `n` rows of products. */
static const float *add_up(const mf_search *s, const mf_query *query, uint32_t tile,
                           uint32_t width, uint32_t n, const float *row)
{
    const float *bias = s->catalogue->bias;
    float *total = s->total;
    if (n == 1 && query->base == 0 && !bias)
        return row;
    memcpy(total, row, width * sizeof *total);
    for (uint32_t q = 1; q < n; q++)
        for (uint32_t i = 0; i < width; i++) {
            float x = row[(size_t)q * MF_TILE + i];
            total[i] = x > total[i] ? x : total[i];
        }
    if (query->base == 0 && !bias)
        return total;
    for (uint32_t i = 0; i < width; i++) {
        double offset =
            query->base + (bias ? (double)bias[(size_t)tile * MF_TILE + i] : 0);
        total[i] = (float)(offset + (double)total[i]);
    }
    return total;
}

/* The persona that gives item i its score: the first of those of the largest
 * product. */
static uint32_t best_persona(const uint8_t *persona_of, uint32_t n, const float *row,
                             uint32_t i)
{
    uint32_t best = 0;
    for (uint32_t q = 1; q < n; q++)
        if (row[(size_t)q * MF_TILE + i] > row[(size_t)best * MF_TILE + i])
            best = q;
    return persona_of[best];
}

/* Add the items of a tile that may be in the list to the keys. */
static void add_items(const mf_search *s, user_search *user, uint32_t tile, uint32_t n,
                      const float *row, const uint8_t *persona_of)
{
    const mf_catalogue *c = s->catalogue;
    uint32_t lo = tile * MF_TILE, width = c->n - lo < MF_TILE ? c->n - lo : MF_TILE;
    const float *total = add_up(s, user->query, tile, width, n, row);
    uint32_t found = s->kernel->above(s->above, total, width, user->least);
    for (uint32_t h = 0; h < found; h++) {
        uint32_t i = s->above[h], at = lo + i;
        if (user->hidden[at / 64] >> at % 64 & 1)
            continue;
        uint64_t key =
            key_of(total[i], c->item[at], best_persona(persona_of, n, row, i));
        user->key[user->n] = key;
        user->n += key < user->worst;
    }
    if (user->n >= s->top + (user->worst == UINT64_MAX ? 0 : s->top / 2))
        keep_best(s, user);
}

/* Multiply the rows that are gathered, of which count[j] are those of user j in first
 * .. last - 1. */
static void score_tile(mf_search *s, uint32_t tile, uint32_t first, uint32_t last,
                       const uint32_t count[], uint32_t rows)
{
    mf__panels_score(&s->catalogue->panels, tile, rows, s->vector, s->product);
    s->multiplied += rows;
    for (uint32_t j = first, row = 0; j < last; row += count[j++])
        if (count[j] > 0)
            add_items(s, &s->user[j], tile, count[j],
                      s->product + (size_t)row * MF_TILE, s->persona_of + row);
}

/* One tile for all users who need it. Returns false if none does. */
static bool visit(mf_search *s, uint32_t tile, uint32_t n)
{
    uint32_t count[MF_SEARCH_USERS], rows = 0, first = 0;
    bool any = false;
    for (uint32_t j = 0; j < n; j++) {
        count[j] = s->user[j].done ? 0 : gather(s, j, tile, rows);
        s->user[j].done = count[j] == 0;
        any |= count[j] > 0;
        rows += count[j];
        if (rows >= MF_TILE_ROWS || j + 1 == n) {
            score_tile(s, tile, first, j + 1, count, rows);
            first = j + 1;
            rows = 0;
        }
    }
    return any;
}

void mf_search_users(mf_search *s, uint32_t n, const mf_query query[], mf_hit hit[],
                     uint32_t found[])
{
    for (uint32_t j = 0; j < n; j++)
        begin(s, j, &query[j]);
    for (uint32_t tile = 0; tile < s->catalogue->tiles; tile++)
        if (!visit(s, tile, n))
            break;
    for (uint32_t j = 0; j < n; j++) {
        user_search *user = &s->user[j];
        keep_best(s, user);
        sort_keys(user->key, user->n);
        set_hidden(s, user, false);
        found[j] = (uint32_t)user->n;
        for (size_t i = 0; i < user->n; i++)
            hit[(size_t)j * s->top + i] =
                (mf_hit){.item = (uint32_t)user->key[i] >> 6,
                         .score = key_score(user->key[i]),
                         .persona = (uint8_t)(user->key[i] & 63)};
    }
}
