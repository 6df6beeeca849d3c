#include "jobs/convert/join_ratings.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "data/ids.h"
#include "data/intern.h"
#include "jobs/convert/merge.h"
#include "jobs/shared/quoted.h"

/* A cell of a user who is in several parts. */
typedef struct joined_cell {
    uint32_t item, part;
    double value;
    int64_t time;
    uint8_t fold;
} joined_cell;

/* The joined axes: the places of each part's users and items in the whole; and the row
 * at hand. */
typedef struct whole {
    const join_part *part;
    size_t parts;
    mf_duplicates rule;
    bool timed, fraction; /* a mean of counts is no whole number */
    mf_value value;       /* of the parts */
    mf_ids users, items;  /* sorted */
    size_t *first;        /* [users.n + 1], where each user begins in */
    uint32_t *owner;      /* the parts that have the user, in order, */
    uint32_t *row;        /* and its row in each */
    uint32_t **item;      /* [parts][items of the part], place in `items` */
    joined_cell *cell;
    uint32_t *col, *count;
    float *val;
    uint8_t *fold;
    int64_t *time;
    size_t cell_cap, col_cap, count_cap, val_cap, fold_cap, time_cap;
} whole;

static void whole_free(whole *w)
{
    mf_ids_free(&w->users);
    mf_ids_free(&w->items);
    free(w->first);
    free(w->owner);
    free(w->row);
    for (size_t p = 0; w->item && p < w->parts; p++)
        free(w->item[p]);
    free(w->item);
    free(w->cell);
    free(w->col);
    free(w->count);
    free(w->val);
    free(w->fold);
    free(w->time);
}

/* All users of the parts, one part after the other, with their parts and rows. */
static int list_users(mf_ids *all, uint32_t **owner, uint32_t **row,
                      const join_part *part, size_t parts, mf_err *err)
{
    size_t owner_cap = 0, row_cap = 0;
    for (size_t p = 0; p < parts; p++) {
        const mf_ids *users = &part[p].model.ratings.users;
        for (uint32_t u = 0; u < users->n; u++) {
            size_t len;
            const char *text = mf_ids_get(users, u, &len);
            int code = mf_ids_append(all, text, len, err);
            if (code < 0)
                return code;
            if (mf__reserve(owner, &owner_cap, all->n, sizeof **owner, err) < 0 ||
                mf__reserve(row, &row_cap, all->n, sizeof **row, err) < 0)
                return MF_ENOMEM;
            (*owner)[all->n - 1] = (uint32_t)p;
            (*row)[all->n - 1] = u;
        }
    }
    return MF_OK;
}

static bool same_id(const mf_ids *ids, uint32_t a, uint32_t b)
{
    size_t a_len, b_len;
    const char *x = mf_ids_get(ids, a, &a_len), *y = mf_ids_get(ids, b, &b_len);
    return mf__id_compare(x, a_len, y, b_len) == 0;
}

/* All users in byte order, each with the parts that it is in, in their order. */
static int join_users(whole *w, join_sum *sum, mf_err *err)
{
    mf_ids all = {0};
    uint32_t *order = NULL, *owner = NULL, *row = NULL;
    int code = list_users(&all, &owner, &row, w->part, w->parts, err);
    if (code == MF_OK)
        code = mf__ids_sort(&all, &order, err); /* equal ones keep their order */
    if (code == MF_OK) {
        w->first = mf__new((size_t)all.n + 1, sizeof *w->first);
        w->owner = mf__new(all.n, sizeof *w->owner);
        w->row = mf__new(all.n, sizeof *w->row);
        code = w->first && w->owner && w->row ? MF_OK : mf__nomem(err);
    }
    for (uint32_t i = 0; code == MF_OK && i < all.n; i++) {
        size_t len;
        const char *text = mf_ids_get(&all, order[i], &len);
        w->owner[i] = owner[order[i]];
        w->row[i] = row[order[i]];
        if (i > 0 && same_id(&all, order[i - 1], order[i])) {
            sum->shared += w->first[w->users.n - 1] == i - 1;
            continue;
        }
        w->first[w->users.n] = i;
        code = mf_ids_append(&w->users, text, len, err);
    }
    if (code == MF_OK)
        w->first[w->users.n] = all.n;
    mf_ids_free(&all);
    free(order);
    free(owner);
    free(row);
    return code;
}

/* The union of the items. Old and new places both follow byte order, so the items of a
 * row still ascend. */
static int join_items(whole *w, mf_err *err)
{
    const join_part *part = w->part;
    size_t parts = w->parts;
    mf_intern *table;
    uint32_t *rank = NULL;
    int code = mf__intern_open(&table, err);
    if (code < 0)
        return code;
    w->item = mf__new0(parts, sizeof *w->item);
    if (!w->item)
        code = mf__nomem(err);
    for (size_t p = 0; code == MF_OK && p < parts; p++) {
        const mf_ids *items = &part[p].model.ratings.items;
        if (!(w->item[p] = mf__new(items->n, sizeof **w->item)))
            code = mf__nomem(err);
        for (uint32_t i = 0; code == MF_OK && i < items->n; i++) {
            size_t len;
            const char *text = mf_ids_get(items, i, &len);
            code = mf__intern_put(table, text, len, &w->item[p][i], err);
        }
    }
    if (code == MF_OK)
        code = mf__ids_append_sorted(&w->items, mf__intern_ids(table), &rank, err);
    for (size_t p = 0; code == MF_OK && p < parts; p++)
        for (uint32_t i = 0; i < part[p].model.ratings.items.n; i++)
            w->item[p][i] = rank[w->item[p][i]];
    free(rank);
    mf__intern_close(table);
    return code;
}

/* Floats are wide enough for all: counts beside them become floats, as they do in a
 * text. Times must be in all parts or in none. */
static int check_types(whole *w, join_sum *sum, mf_err *err)
{
    const join_part *part = w->part, *timed = NULL, *other = NULL;
    w->value = part[0].model.header.value;
    for (size_t p = 0; p < w->parts; p++) {
        const mf_model *m = &part[p].model;
        sum->widened |= m->header.value != w->value;
        if (m->ratings.time && !timed)
            timed = &part[p];
        if (!m->ratings.time && !other)
            other = &part[p];
    }
    if (sum->widened)
        w->value = MF_F32;
    w->timed = timed != NULL;
    if (timed && other)
        return mf_fail(err, MF_EFORMAT,
                       "%s: holds no times, %s holds some; to join without: mf-convert "
                       "--to=csv %s | mf-convert --from=csv --columns=1,2,3,4 and join "
                       "what that writes",
                       other->name, timed->name, timed->name);
    return MF_OK;
}

/* By item, then by value, then by part. */
static int compare(const void *a, const void *b)
{
    const joined_cell *x = a, *y = b;
    if (x->item != y->item)
        return x->item < y->item ? -1 : 1;
    int order = merge_compare(x->value, y->value);
    if (order != 0)
        return order;
    return (x->part > y->part) - (x->part < y->part);
}

/* All cells of a user into w->cell, sorted. */
static int gather(whole *w, uint32_t u, size_t *n, mf_err *err)
{
    *n = 0;
    for (size_t i = w->first[u]; i < w->first[u + 1]; i++) {
        uint32_t p = w->owner[i];
        const mf_ratings *r = &w->part[p].model.ratings;
        size_t t = r->x.ptr[w->row[i]], end = r->x.ptr[w->row[i] + 1];
        if (mf__reserve(&w->cell, &w->cell_cap, *n + end - t, sizeof *w->cell, err) < 0)
            return MF_ENOMEM;
        for (; t < end; t++)
            w->cell[(*n)++] = (joined_cell){
                .item = w->item[p][r->x.col[t]],
                .part = p,
                .value = r->count ? (double)r->count[t] : (double)r->x.val[t],
                .time = r->time ? r->time[t] : 0,
                .fold = r->fold[t],
            };
    }
    if (*n > 0)
        qsort(w->cell, *n, sizeof *w->cell, compare);
    return MF_OK;
}

static int fail_cell(const whole *w, uint32_t u, const joined_cell *a,
                     const joined_cell *b, mf_err *err, const char *why)
{
    mf_field user, item;
    user.text = mf_ids_get(&w->users, u, &user.len);
    item.text = mf_ids_get(&w->items, a->item, &item.len);
    return mf_fail(err, MF_EFORMAT, "user '%s', item '%s' in %s and in %s: %s",
                   mf__quoted(user).text, mf__quoted(item).text, w->part[a->part].name,
                   w->part[b->part].name, why);
}

static int reserve_row(whole *w, size_t n, mf_err *err)
{
    return mf__reserve(&w->col, &w->col_cap, n, sizeof *w->col, err) < 0 ||
                   mf__reserve(&w->count, &w->count_cap, n, sizeof *w->count, err) <
                       0 ||
                   mf__reserve(&w->val, &w->val_cap, n, sizeof *w->val, err) < 0 ||
                   mf__reserve(&w->fold, &w->fold_cap, n, 1, err) < 0 ||
                   mf__reserve(&w->time, &w->time_cap, n, sizeof *w->time, err) < 0
               ? MF_ENOMEM
               : MF_OK;
}

/* What to do about a cell in different folds; the columns follow. */
#define FOLDS                                                                          \
    "in different folds; join what mf-split read, and split the whole. Without its "   \
    "folds a bundle is mf-convert --to=csv BUNDLE | mf-convert --from=csv --columns="

/* Merge the cells of a user into the row at hand, of *n cells. */
static int merge_row(whole *w, uint32_t u, size_t *n, size_t *merged, mf_err *err)
{
    size_t all;
    *n = 0;
    int code = gather(w, u, &all, err);
    if (code == MF_OK)
        code = reserve_row(w, all, err);
    for (size_t t = 0; code == MF_OK && t < all;) {
        const joined_cell *one = &w->cell[t];
        merge m = {.rule = w->rule, .timed = w->timed};
        for (; code == MF_OK && t < all && w->cell[t].item == one->item; t++) {
            const joined_cell *next = &w->cell[t];
            merge_add(&m, next->value, next->time, next->part);
            if (m.n > 1 && w->rule == MF_DUPLICATES_ERROR)
                code = fail_cell(w, u, one, next, err, "merge them with --duplicates");
            else if (next->fold != one->fold)
                code = fail_cell(w, u, one, next, err,
                                 w->timed ? FOLDS "1,2,3,,5" : FOLDS "1,2,3");
        }
        double value = merge_value(&m);
        if (code == MF_OK && w->value == MF_U32 && value > UINT32_MAX)
            code = fail_cell(w, u, one, &w->cell[t - 1], err,
                             "the sum is more than 4294967295");
        if (code == MF_OK && !isfinite((float)value))
            code = fail_cell(w, u, one, &w->cell[t - 1], err,
                             "the sum is more than a float can hold");
        if (code < 0)
            return code;
        w->fraction |= value != floor(value);
        w->col[*n] = one->item;
        w->val[*n] = (float)value;
        w->count[*n] = w->value == MF_U32 ? (uint32_t)value : 0;
        w->fold[*n] = one->fold;
        w->time[(*n)++] = m.time;
        *merged += m.n - 1;
    }
    return code;
}

/* The header of the whole: the users of several parts are merged once to know how many
 * cells they have. */
static int make_header(mf_header *h, whole *w, join_sum *sum, mf_err *err)
{
    *h = (mf_header){.users = w->users.n, .items = w->items.n, .nnz_known = true};
    for (size_t p = 0; p < w->parts; p++) {
        h->nnz += w->part[p].model.ratings.x.nnz;
        h->nnz_known &= w->part[p].model.header.nnz_known;
    }
    for (uint32_t u = 0; u < w->users.n; u++) {
        size_t n;
        int code = w->first[u + 1] - w->first[u] > 1
                       ? merge_row(w, u, &n, &sum->merged, err)
                       : MF_OK;
        if (code < 0)
            return code;
    }
    h->time = w->timed;
    h->nnz -= sum->merged;
    h->value = w->value == MF_U32 && w->fraction ? MF_F32 : w->value;
    return MF_OK;
}

/* The row of a user who is in one part, as it is but for the places of the items. */
static int copy_row(whole *w, uint32_t u, size_t *n, mf_err *err)
{
    uint32_t p = w->owner[w->first[u]], row = w->row[w->first[u]];
    const mf_ratings *r = &w->part[p].model.ratings;
    size_t begin = r->x.ptr[row];
    *n = r->x.ptr[row + 1] - begin;
    if (reserve_row(w, *n, err) < 0)
        return MF_ENOMEM;
    for (size_t t = 0; t < *n; t++) {
        w->col[t] = w->item[p][r->x.col[begin + t]];
        w->val[t] = r->x.val[begin + t];
        w->count[t] = r->count ? r->count[begin + t] : 0;
        w->fold[t] = r->fold[begin + t];
        w->time[t] = r->time ? r->time[begin + t] : 0;
    }
    return MF_OK;
}

static int put_row(mf_bundle_writer *out, whole *w, const mf_header *h, uint32_t u,
                   mf_err *err)
{
    size_t n, merged = 0;
    int code = w->first[u + 1] - w->first[u] > 1 ? merge_row(w, u, &n, &merged, err)
                                                 : copy_row(w, u, &n, err);
    return code < 0 ? code
                    : mf_bundle_put_row_time(out, (uint32_t)n, w->col,
                                             h->value == MF_U32 ? (const void *)w->count
                                                                : w->val,
                                             w->fold, w->timed ? w->time : NULL, err);
}

int mf__join_ratings(const join_part *part, size_t parts, mf_duplicates rule,
                     const char *note, mf_bundle_writer *out, join_chain *chain,
                     join_sum *sum, mf_err *err)
{
    whole w = {.part = part, .parts = parts, .rule = rule};
    mf_header header;
    int code = join_users(&w, sum, err);
    if (code == MF_OK)
        code = mf__join_chain_ratings(chain, part, parts,
                                      sum->shared > 0 ? &rule : NULL, err);
    if (code == MF_OK)
        code = join_items(&w, err);
    if (code == MF_OK)
        code = check_types(&w, sum, err);
    if (code == MF_OK)
        code = make_header(&header, &w, sum, err);
    if (code == MF_OK)
        code = mf_bundle_put_header(out, &header, NULL, err);
    if (code == MF_OK && note)
        code = mf_bundle_put_note(out, note, err);
    if (code == MF_OK)
        code = mf_bundle_put_ids(out, MF_USER, &w.users, err);
    if (code == MF_OK)
        code = mf_bundle_put_ids(out, MF_ITEM, &w.items, err);
    for (uint32_t u = 0; code == MF_OK && u < w.users.n; u++)
        code = put_row(out, &w, &header, u, err);
    if (sum->ordered) {
        sum->users = w.users.n;
        sum->owner = w.owner;
        sum->row = w.row;
        w.owner = w.row = NULL;
    }
    whole_free(&w);
    return code;
}
