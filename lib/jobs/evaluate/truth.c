#include "jobs/evaluate/truth.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "data/ids.h"
#include "data/nearest.h"

enum { ID_SHOWN = 40 }; /* bytes of an id in a message */
static const uint32_t NOWHERE = UINT32_MAX;

/* Copy n ids, by index; NULL: the first n. */
static int copy_ids(mf_ids *out, const mf_ids *ids, uint32_t n, const uint32_t index[],
                    mf_err *err)
{
    int code = MF_OK;
    for (uint32_t i = 0; code == MF_OK && i < n; i++) {
        size_t len;
        const char *id = mf_ids_get(ids, index ? index[i] : i, &len);
        code = mf_ids_append(out, id, len, err);
    }
    return code;
}

int mf__truth_take(truth *out, const mf_evaluation *e, const test_users *t, mf_err *err)
{
    const mf_ratings *r = t->ratings;
    size_t cells = 0;
    *out = (truth){.users = &e->ids, .skip = t->first};
    for (uint32_t at = 0; at < t->all; at++)
        cells += mf__cells_in_fold(r, t->of_all[at], MF_TEST);
    out->first = mf__new((size_t)t->all + 1, sizeof *out->first);
    out->item = mf__new(cells, sizeof *out->item);
    out->value = mf__new(cells, sizeof *out->value);
    if (!out->first || !out->item || !out->value)
        return mf__nomem(err);
    cells = 0;
    for (uint32_t at = 0; at < t->all; at++) {
        uint32_t user = t->of_all[at];
        out->first[at] = cells;
        for (size_t c = r->x.ptr[user]; c < r->x.ptr[user + 1]; c++)
            if (r->fold[c] == MF_TEST) {
                out->item[cells] = r->x.col[c];
                out->value[cells++] = r->x.val[c];
            }
    }
    out->first[t->all] = cells;
    int code = copy_ids(&out->items, &r->items, r->items.n, NULL, err);
    if (code < 0 || t->n == t->all)
        return code;
    out->users = &out->own;
    return copy_ids(&out->own, &r->users, t->all, t->of_all, err);
}

void mf__truth_free(truth *known)
{
    mf_ids_free(&known->own);
    mf_ids_free(&known->items);
    free(known->first);
    free(known->item);
    free(known->value);
    *known = (truth){0};
}

/* A further model beside the truth. Users and items of both are in the order of their
 * ids, so that two cursors go through them. */
typedef struct comparison {
    const truth *known;
    const mf_ratings *r;
    uint32_t *known_item; /* [items of the model], index in known->items or NOWHERE;
                             owned */
    truth_match *out;
} comparison;

static void show(char text[200], const mf_ids *users, uint32_t user,
                 const mf_ids *items, uint32_t item)
{
    size_t user_len, item_len;
    const char *user_id = mf_ids_get(users, user, &user_len);
    const char *item_id = mf_ids_get(items, item, &item_len);
    snprintf(text, 200, "user '%.*s', item '%.*s'",
             mf__nearest_clip(user_id, user_len, ID_SHOWN), user_id,
             mf__nearest_clip(item_id, item_len, ID_SHOWN), item_id);
}

static void add(const comparison *w, uint32_t user, size_t cell)
{
    if (w->out->added++ == 0)
        show(w->out->example_added, &w->r->users, user, &w->r->items,
             w->r->x.col[cell]);
}

static void miss(const comparison *w, uint32_t user, size_t cell)
{
    if (w->out->missing++ == 0)
        show(w->out->example_missing, w->known->users, user, &w->known->items,
             w->known->item[cell]);
}

static void meet(const comparison *w, float value, float known)
{
    w->out->values += value != known;
    w->out->likes += mf__likes(value) != mf__likes(known);
    double more = (double)value - (double)known;
    w->out->least = fmin(w->out->least, more);
    w->out->most = fmax(w->out->most, more);
    w->out->size = fmax(w->out->size, fmax(fabs((double)value), fabs((double)known)));
}

/* Of one user, by index in the model and in the truth; NOWHERE: one has no such. */
static void compare_user(const comparison *w, uint32_t user, uint32_t place)
{
    const mf_csr *x = &w->r->x;
    const truth *known = w->known;
    size_t c = user == NOWHERE ? 0 : x->ptr[user];
    size_t end = user == NOWHERE ? 0 : x->ptr[user + 1];
    size_t k = place == NOWHERE ? 0 : known->first[place];
    size_t last = place == NOWHERE ? 0 : known->first[place + 1];
    for (; c < end; c++) {
        uint32_t item = w->known_item[x->col[c]];
        if (w->r->fold[c] != MF_TEST)
            continue;
        w->out->cells++;
        while (item != NOWHERE && k < last && known->item[k] < item)
            miss(w, place, k++);
        if (item != NOWHERE && k < last && known->item[k] == item)
            meet(w, x->val[c], known->value[k++]);
        else
            add(w, user, c);
    }
    while (k < last)
        miss(w, place, k++);
}

static int order_of(const comparison *w, const test_users *t, uint32_t at,
                    uint32_t place)
{
    size_t len, known_len;
    if (at == t->all || place == w->known->users->n)
        return at == t->all ? 1 : -1;
    const char *id = mf_ids_get(&w->r->users, t->of_all[at], &len);
    const char *known = mf_ids_get(w->known->users, place, &known_len);
    return mf__id_compare(id, len, known, known_len);
}

bool mf__truth_is_moved(const truth_match *match)
{
    return !(match->most - match->least > 4 * (double)FLT_EPSILON * match->size);
}

int mf__truth_match(truth_match *out, const truth *known, const test_users *t,
                    mf_err *err)
{
    const mf_ids *items = &t->ratings->items;
    comparison w = {.known = known, .r = t->ratings, .out = out};
    *out = (truth_match){.least = INFINITY, .most = -INFINITY};
    w.known_item = mf__new(items->n, sizeof *w.known_item);
    if (!w.known_item)
        return mf__nomem(err);
    for (uint32_t i = 0; i < items->n; i++) {
        size_t len;
        const char *id = mf_ids_get(items, i, &len);
        if (!mf_ids_find(&known->items, id, len, &w.known_item[i]))
            w.known_item[i] = NOWHERE;
    }
    for (uint32_t at = 0, place = 0; at < t->all || place < known->users->n;) {
        int order = order_of(&w, t, at, place);
        compare_user(&w, order <= 0 ? t->of_all[at] : NOWHERE,
                     order >= 0 ? place : NOWHERE);
        at += order <= 0;
        place += order >= 0;
    }
    free(w.known_item);
    return MF_OK;
}
