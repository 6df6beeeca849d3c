#include "jobs/evaluate/given.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/err.h"
#include "base/mem.h"
#include "data/ids.h"
#include "data/nearest.h"
#include "jobs/shared/score.h"

/* Values of the table of users that are no places among them. */
static const uint32_t USER_LEFT_OUT = UINT32_MAX - 1, USER_UNKNOWN = UINT32_MAX;

/* Lines of one user that follow each other. */
struct given_run {
    uint32_t at, n;
};

static int fill_users(given *g, mf_err *err)
{
    const test_users *t = g->users;
    const mf_ids *ids = &t->ratings->users;
    int code = mf__idtable_open(&g->user_ids, err);
    for (uint32_t u = 0, at = 0; code == MF_OK && u < ids->n; u++) {
        size_t len;
        const name *put;
        const char *id = mf_ids_get(ids, u, &len);
        bool measured = at < t->all && t->of_all[at] == u;
        code = mf__idtable_put(g->user_ids, id, len,
                               mf__idtable_hash(g->user_ids, id, len),
                               measured ? at : USER_LEFT_OUT, &put, err);
        at += measured;
    }
    return code;
}

static int fill_items(given *g, mf_err *err)
{
    const mf_ids *ids = &g->users->ratings->items;
    int code = mf__idtable_open(&g->item_ids, err);
    for (uint32_t i = 0; code == MF_OK && i < ids->n; i++) {
        size_t len;
        const name *put;
        const char *id = mf_ids_get(ids, i, &len);
        code = mf__idtable_put(g->item_ids, id, len,
                               mf__idtable_hash(g->item_ids, id, len), i, &put, err);
    }
    return code;
}

int mf__given_open(given *out, const test_users *users, mf_err *err)
{
    *out = (given){.users = users};
    out->first = mf__new0(users->all, sizeof *out->first);
    out->length = mf__new0(users->all, sizeof *out->length);
    if (!out->first || !out->length)
        return mf__nomem(err);
    int code = fill_users(out, err);
    return code == MF_OK ? fill_items(out, err) : code;
}

void mf__given_close(given *g)
{
    mf__idtable_close(g->user_ids);
    mf__idtable_close(g->item_ids);
    free(g->stranger);
    free(g->item);
    free(g->number);
    free(g->run);
    free(g->first);
    free(g->length);
    *g = (given){0};
}

/* --- lines --- */

static int hex_digit(char ch)
{
    return ch >= '0' && ch <= '9'   ? ch - '0'
           : ch >= 'A' && ch <= 'F' ? ch - 'A' + 10
                                    : -1;
}

/* What mf__text_trec made, undone. Returns the length. */
static size_t undo_percent(char to[], mf_field from)
{
    size_t n = 0;
    for (size_t i = 0; i < from.len; i++) {
        int high = -1, low = -1;
        if (from.text[i] == '%' && i + 2 < from.len) {
            high = hex_digit(from.text[i + 1]);
            low = hex_digit(from.text[i + 2]);
        }
        to[n++] = low >= 0 && high >= 0 ? (char)(high * 16 + low) : from.text[i];
        i += low >= 0 && high >= 0 ? 2 : 0;
    }
    return n;
}

static const name *find(const idtable *table, mf_field id)
{
    return mf__idtable_find(table, id.text, id.len,
                            mf__idtable_hash(table, id.text, id.len));
}

/* The name of an id; one that is not there is put with `value` as its own. */
static int name_of(idtable *table, mf_field id, bool percent, uint32_t value,
                   const name **out, mf_err *err)
{
    char undone[MF_ID_MAX];
    mf_field meant = id;
    if (percent && id.len <= sizeof undone && memchr(id.text, '%', id.len)) {
        meant = (mf_field){undone, undo_percent(undone, id)};
        if ((*out = find(table, meant)))
            return MF_OK;
    }
    if ((*out = find(table, id)))
        return MF_OK;
    return mf__idtable_put(table, meant.text, meant.len,
                           mf__idtable_hash(table, meant.text, meant.len), value, out,
                           err);
}

/* An id of the file, as a message shows it. */
static void show(char to[MF_LIST_EXAMPLE], const name *x)
{
    if (to[0])
        return;
    snprintf(to, MF_LIST_EXAMPLE, "%.*s",
             mf__nearest_clip(x->text, x->len, MF_LIST_EXAMPLE - 1), x->text);
    mf_err_clean(to);
}

static int user_of(given *g, mf_field user, bool percent, mf_err *err)
{
    const name *last = g->last;
    if (last && last->len == user.len && memcmp(last->text, user.text, user.len) == 0 &&
        !(percent && memchr(user.text, '%', user.len)))
        return MF_OK;
    size_t before = mf__idtable_count(g->user_ids);
    int code = name_of(g->user_ids, user, percent, USER_UNKNOWN, &g->last, err);
    if (code == MF_OK && mf__idtable_count(g->user_ids) > before) {
        g->counts.unknown_users++;
        show(g->counts.user, g->last);
    }
    return code;
}

static int item_of(given *g, mf_field item, bool percent, uint32_t *index, mf_err *err)
{
    const uint32_t known = g->users->ratings->items.n;
    const name *found;
    uint32_t next = known + (uint32_t)g->strangers;
    int code = name_of(g->item_ids, item, percent, next, &found, err);
    if (code < 0)
        return code;
    *index = found->value;
    if (found->value < next)
        return MF_OK;
    if (mf__reserve(&g->stranger, &g->strangers_cap, g->strangers + 1,
                    sizeof *g->stranger, err) < 0)
        return MF_ENOMEM;
    g->stranger[g->strangers++] = found;
    return MF_OK;
}

int mf__given_add(given *g, mf_field user, mf_field item, bool percent, double number,
                  mf_err *err)
{
    const name *before = g->last;
    uint32_t index = 0;
    int code = user_of(g, user, percent, err);
    if (code < 0)
        return code;
    g->any_user |= g->last->value != USER_UNKNOWN;
    if (g->last->value >= USER_LEFT_OUT)
        return MF_OK;
    if ((code = item_of(g, item, percent, &index, err)) < 0)
        return code;
    if (mf__reserve(&g->item, &g->item_cap, g->n + 1, sizeof *g->item, err) < 0 ||
        mf__reserve(&g->number, &g->number_cap, g->n + 1, sizeof *g->number, err) < 0)
        return MF_ENOMEM;
    if (before != g->last || g->runs == 0 || g->run[g->runs - 1].n == UINT32_MAX) {
        if (mf__reserve(&g->run, &g->runs_cap, g->runs + 1, sizeof *g->run, err) < 0)
            return MF_ENOMEM;
        g->run[g->runs++] = (struct given_run){.at = g->last->value};
    }
    g->run[g->runs - 1].n++;
    g->item[g->n] = index;
    g->number[g->n++] = number;
    return MF_OK;
}

/* --- lists --- */

/* Where each list begins. Where the lines of some user do not stand together, they are
 * brought together, in their order. */
static int gather(given *g, mf_err *err)
{
    size_t at = 0;
    bool together = true;
    for (size_t r = 0; r < g->runs; r++) {
        const struct given_run *run = &g->run[r];
        if ((uint64_t)g->length[run->at] + run->n > UINT32_MAX)
            return mf__nomem(err);
        together &= g->length[run->at] == 0;
        g->first[run->at] = at;
        g->length[run->at] += run->n;
        at += run->n;
    }
    if (together)
        return MF_OK;
    uint32_t *item = mf__new(g->n, sizeof *item);
    double *number = mf__new(g->n, sizeof *number);
    if (!item || !number) {
        free(item);
        free(number);
        return mf__nomem(err);
    }
    at = 0;
    for (uint32_t u = 0; u < g->users->all; u++) {
        g->first[u] = at;
        at += g->length[u];
    }
    for (size_t r = 0, from = 0; r < g->runs; from += g->run[r++].n) {
        size_t *to = &g->first[g->run[r].at];
        memcpy(item + *to, g->item + from, g->run[r].n * sizeof *item);
        memcpy(number + *to, g->number + from, g->run[r].n * sizeof *number);
        *to += g->run[r].n;
    }
    for (uint32_t u = 0; u < g->users->all; u++)
        g->first[u] -= g->length[u];
    free(g->item);
    free(g->number);
    g->item = item;
    g->number = number;
    return MF_OK;
}

static int by_text(const void *a, const void *b)
{
    const name *x = *(const name *const *)a, *y = *(const name *const *)b;
    return mf__id_compare(x->text, x->len, y->text, y->len);
}

/* The order of all items by their ids: of the ratings' it is that of their index. NULL
 * and MF_OK where there are no others. */
static int order_items(const given *g, uint32_t **out, mf_err *err)
{
    const mf_ids *ids = &g->users->ratings->items;
    *out = NULL;
    if (g->strangers == 0)
        return MF_OK;
    const name **sorted = mf__new(g->strangers, sizeof *sorted);
    uint32_t *place = *out = mf__new(ids->n + g->strangers, sizeof *place);
    if (!sorted || !place) {
        free(sorted);
        return mf__nomem(err);
    }
    memcpy(sorted, g->stranger, g->strangers * sizeof *sorted);
    qsort(sorted, g->strangers, sizeof *sorted, by_text);
    uint32_t next = 0, i = 0;
    for (size_t s = 0; s < g->strangers; s++) {
        for (; i < ids->n; i++) {
            size_t len;
            const char *id = mf_ids_get(ids, i, &len);
            if (mf__id_compare(id, len, sorted[s]->text, sorted[s]->len) > 0)
                break;
            place[i] = next++;
        }
        place[sorted[s]->value] = next++;
    }
    while (i < ids->n)
        place[i++] = next++;
    free(sorted);
    return MF_OK;
}

/* A line of the list at hand. */
typedef struct listed {
    double number;
    uint32_t place; /* of the item, in the order of ids */
    uint32_t item;
} listed;

/* The largest number first; of equal ones the last item, as trec_eval has it. */
static int by_number(const void *a, const void *b)
{
    const listed *x = a, *y = b;
    if (x->number != y->number)
        return x->number > y->number ? -1 : 1;
    return (x->place < y->place) - (x->place > y->place);
}

static bool is_sorted(const listed list[], uint32_t n)
{
    for (uint32_t i = 1; i < n; i++)
        if (by_number(&list[i - 1], &list[i]) > 0)
            return false;
    return true;
}

/* What the numbers of all lists have in common, where they may be ranks or scores. */
typedef struct counted {
    bool whole;    /* each list has 1 to n, or 0 to n - 1 */
    bool zero;     /* some list begins with 0 */
    bool up, down; /* and as the lines stand, from the first to the last or back */
} counted;

static void look(counted *c, const double number[], const listed sorted[], uint32_t n)
{
    double least = sorted[n - 1].number;
    c->whole &= least == 0 || least == 1;
    c->zero |= least == 0;
    for (uint32_t i = 0; i < n; i++) {
        c->whole &= sorted[i].number == least + n - 1 - i;
        c->up &= number[i] == least + i;
        c->down &= number[i] == least + n - 1 - i;
    }
}

/* Is the list of the user at this place counted, in that there is a relevant test cell?
 */
static bool is_counted(const test_users *t, uint32_t at)
{
    const mf_ratings *r = t->ratings;
    uint32_t user = t->of_all[at];
    if (!t->params->part && (at < t->first || at - t->first >= t->n))
        return false;
    for (size_t c = r->x.ptr[user]; c < r->x.ptr[user + 1]; c++)
        if (r->fold[c] == MF_TEST && is_relevant(t->params, r->x.val[c]))
            return true;
    return false;
}

/* Count the places of a sorted list whose number another place has. */
static void count_ties(mf_list_counts *c, const listed sorted[], uint32_t n)
{
    uint64_t before = c->tied;
    for (uint32_t i = 0; i < n; i++)
        c->tied += (i > 0 && sorted[i].number == sorted[i - 1].number) ||
                   (i + 1 < n && sorted[i].number == sorted[i + 1].number);
    c->tied_lists += c->tied > before;
}

/* Put all lists in order by their numbers, the largest first. */
static int sort_lists(given *g, counted *seen, mf_err *err)
{
    uint32_t most = 0, *place;
    int code = order_items(g, &place, err);
    for (uint32_t u = 0; u < g->users->all; u++)
        most = g->length[u] > most ? g->length[u] : most;
    listed *list = code == MF_OK ? mf__new(most, sizeof *list) : NULL;
    if (code == MF_OK && !list)
        code = mf__nomem(err);
    *seen = (counted){.whole = true, .up = true, .down = true};
    for (uint32_t u = 0; list && g->n > 0 && u < g->users->all; u++) {
        uint32_t *item = g->item + g->first[u], n = g->length[u];
        double *number = g->number + g->first[u];
        for (uint32_t i = 0; i < n; i++)
            list[i] = (listed){number[i], place ? place[item[i]] : item[i], item[i]};
        if (!is_sorted(list, n))
            qsort(list, n, sizeof *list, by_number);
        if (n > 0)
            look(seen, number, list, n);
        if (n > 1 && is_counted(g->users, u))
            count_ties(&g->counts, list, n);
        for (uint32_t i = 0; i < n; i++) {
            item[i] = list[i].item;
            number[i] = list[i].number;
        }
    }
    free(list);
    free(place);
    return code;
}

static void reverse_lists(given *g)
{
    for (uint32_t u = 0; u < g->users->all; u++) {
        uint32_t *item = g->item + g->first[u], n = g->length[u];
        for (uint32_t i = 0; i < n / 2; i++) {
            uint32_t last = item[n - 1 - i];
            item[n - 1 - i] = item[i];
            item[i] = last;
        }
    }
}

/* What was met in the lists so far: the list where an item was met last, and the one
 * whose user knows it. */
typedef struct sighting {
    uint32_t *listed; /* [items and strangers], at + 1 */
    uint32_t *known;  /* [items] */
    uint8_t *fold;    /* [items], of the cell */
} sighting;

/* Go through the list of a user, mark what stands in it again, and count. */
static void look_through(given *g, sighting *w, uint32_t at)
{
    const mf_ratings *r = g->users->ratings;
    uint32_t *item = g->item + g->first[at], n = g->length[at];
    uint32_t user = g->users->of_all[at];
    mf_list_counts *c = &g->counts;
    for (size_t t = r->x.ptr[user]; t < r->x.ptr[user + 1]; t++) {
        w->known[r->x.col[t]] = at + 1;
        w->fold[r->x.col[t]] = r->fold[t];
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t x = item[i];
        if (w->listed[x] == at + 1) {
            item[i] = GIVEN_TWICE;
            c->twice++;
            continue;
        }
        bool stranger = x >= r->items.n;
        c->unknown_places += stranger;
        if (stranger && w->listed[x] == 0) {
            c->unknown_items++;
            show(c->item, g->stranger[x - r->items.n]);
        }
        w->listed[x] = at + 1;
        if (!stranger && w->known[x] == at + 1 && (MF_SEEN >> w->fold[x] & 1)) {
            c->known++;
            c->known_valid += w->fold[x] == MF_VALID;
        }
    }
    c->lists++;
    c->shortest = c->lists == 1 || n < c->shortest ? n : c->shortest;
    c->longest = n > c->longest ? n : c->longest;
}

static int look_through_all(given *g, mf_err *err)
{
    const size_t items = g->users->ratings->items.n;
    sighting w = {.listed = mf__new0(items + g->strangers, sizeof *w.listed),
                  .known = mf__new0(items, sizeof *w.known),
                  .fold = mf__new0(items, 1)};
    bool whole = w.listed && w.known && w.fold;
    for (uint32_t at = 0; whole && at < g->users->all; at++) {
        if (!is_counted(g->users, at))
            continue;
        if (g->length[at])
            look_through(g, &w, at);
        else
            g->counts.missing++;
    }
    free(w.listed);
    free(w.known);
    free(w.fold);
    return whole ? MF_OK : mf__nomem(err);
}

/* --- all --- */

static const char ORDER[] =
    "its lines are user, item and score, or those of a TREC run; other orders need a "
    "header line, such as 'user item rank'";

/* Refuse lists of which nothing is known. */
static int check(const given *g, const char *file, mf_err *err)
{
    char item[MF_LIST_EXAMPLE] = "";
    if (g->counts.unknown_users > 0 && !g->any_user)
        return mf_fail(err, MF_EFORMAT,
                       "%s: the ratings have none of its users, such as '%s'; %s", file,
                       g->counts.user, ORDER);
    for (size_t i = 0; i < g->n; i++)
        if (g->item[i] < g->users->ratings->items.n)
            return MF_OK;
    if (g->n == 0)
        return MF_OK;
    show(item, g->stranger[0]);
    return mf_fail(err, MF_EFORMAT,
                   "%s: the ratings have none of its items, such as '%s'; %s", file,
                   item, ORDER);
}

int mf__given_settle(given *g, const char *file, given_by by, mf_err *err)
{
    counted seen = {0};
    int code = check(g, file, err);
    if (code == MF_OK)
        code = gather(g, err);
    g->counts.ranked = by == GIVEN_BY_RANK;
    if (by == GIVEN_BY_RANK || by == GIVEN_BY_LINE)
        for (size_t i = 0; i < g->n; i++)
            g->number[i] = -g->number[i];
    if (code == MF_OK)
        code = sort_lists(g, &seen, err);
    free(g->number);
    g->number = NULL;
    if (code == MF_OK && by == GIVEN_BY_EITHER && seen.whole && !seen.down) {
        if (!seen.up)
            return mf_fail(err, MF_EFORMAT,
                           "%s: the third field of its lines may be ranks or scores: "
                           "it holds %s ... in every list; say which with a "
                           "header line, 'user item rank' or 'user item score'",
                           file, seen.zero ? "0, 1, 2" : "1, 2, 3");
        reverse_lists(g);
        g->counts.taken_as_ranks = true;
        g->counts.from_zero = seen.zero;
    }
    return code == MF_OK ? look_through_all(g, err) : code;
}

uint64_t mf__given_digest(const given *g)
{
    uint64_t digest = 0;
    for (uint32_t at = 0; at < g->users->all; at++)
        if (g->length[at])
            digest = XXH3_64bits_withSeed(g->item + g->first[at],
                                          g->length[at] * sizeof *g->item, digest + at);
    return digest;
}

const uint32_t *mf__given_list(const given *g, uint32_t at, uint32_t *n)
{
    at += g->users->first;
    *n = g->length[at];
    return *n ? g->item + g->first[at] : NULL;
}

void mf__list_ranks(uint32_t n, const uint32_t item[], uint32_t m,
                    const uint32_t wanted[], uint32_t rank[], mf_ranked found[])
{
    uint32_t hits = 0, rest;
    for (uint32_t i = 0; i < n && hits < m; i++) {
        uint32_t low = 0, high = m;
        while (low < high) {
            uint32_t middle = low + (high - low) / 2;
            if (wanted[middle] < item[i])
                low = middle + 1;
            else
                high = middle;
        }
        if (low < m && wanted[low] == item[i]) {
            rank[hits] = i + 1;
            found[hits++].item = item[i];
        }
    }
    rest = hits;
    for (uint32_t t = 0; rest < m && t < m; t++) {
        uint32_t h = 0;
        while (h < hits && found[h].item != wanted[t])
            h++;
        if (h == hits) {
            rank[rest] = MF_RANK_NONE;
            found[rest++].item = wanted[t];
        }
    }
}
