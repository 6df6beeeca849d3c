#include "mf/convert.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/report.h"
#include "data/ids.h"
#include "data/intern.h"
#include "jobs/convert/join_chain.h"
#include "jobs/convert/join_part.h"
#include "jobs/convert/ratings_put.h"

struct mf_join {
    join_part *part;
    size_t parts, cap;
};

int mf_join_open(mf_join **out, mf_err *err)
{
    *out = mf__new0(1, sizeof **out);
    return *out ? MF_OK : mf__nomem(err);
}

void mf_join_close(mf_join *join)
{
    if (!join)
        return;
    for (size_t i = 0; i < join->parts; i++) {
        mf_model_free(&join->part[i].model);
        free(join->part[i].name);
    }
    free(join->part);
    free(join);
}

int mf_join_put(mf_join *join, mf_in *in, mf_err *err)
{
    size_t bytes = strlen(mf_in_name(in)) + 1;
    if (mf__reserve(&join->part, &join->cap, join->parts + 1, sizeof *join->part, err) <
        0)
        return MF_ENOMEM;
    join_part *part = &join->part[join->parts];
    *part = (join_part){.name = mf__new(bytes, 1)};
    if (!part->name)
        return mf__nomem(err);
    memcpy(part->name, mf_in_name(in), bytes);
    join->parts++;
    return mf_model_load(&part->model, in,
                         MF_WANT_RATINGS | MF_WANT_FACTORS | MF_WANT_WHAT_IS_THERE,
                         NULL, NULL, err);
}

/* --- shards --- */

/* The joined axes: the place of each part's users and items in the whole. */
typedef struct whole {
    mf_ids users, items; /* sorted */
    uint32_t *owner;     /* [users.n], part that has the user */
    uint32_t *row;       /* [users.n], and its row there */
    uint32_t **item;     /* [parts][items of the part], place in `items` */
    size_t parts;
    uint32_t *col; /* scratch for a row */
    size_t col_cap;
} whole;

static void whole_free(whole *w)
{
    mf_ids_free(&w->users);
    mf_ids_free(&w->items);
    free(w->owner);
    free(w->row);
    for (size_t p = 0; w->item && p < w->parts; p++)
        free(w->item[p]);
    free(w->item);
    free(w->col);
}

static int fail_twice(const join_part *part, const whole *w, uint32_t r, mf_err *err)
{
    size_t len;
    const char *id = mf_ids_get(&w->users, r, &len);
    return mf_fail(err, MF_EFORMAT,
                   "%s: user '%.*s' is in %s too; shards have no user in "
                   "common",
                   part[w->owner[r]].name, len < 60 ? (int)len : 60, id,
                   part[w->owner[r - 1]].name);
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

/* All users in byte order, each from one part. */
static int join_users(whole *w, const join_part *part, size_t parts, mf_err *err)
{
    mf_ids all = {0};
    uint32_t *rank = NULL, *owner = NULL, *row = NULL;
    int code = list_users(&all, &owner, &row, part, parts, err);
    if (code == MF_OK)
        code = mf__ids_append_sorted(&w->users, &all, &rank, err);
    if (code == MF_OK) {
        w->owner = mf__new(all.n, sizeof *w->owner);
        w->row = mf__new(all.n, sizeof *w->row);
        code = w->owner && w->row ? MF_OK : mf__nomem(err);
    }
    for (uint32_t i = 0; code == MF_OK && i < all.n; i++) {
        w->owner[rank[i]] = owner[i];
        w->row[rank[i]] = row[i];
    }
    for (uint32_t r = 1; code == MF_OK && r < all.n; r++)
        if (mf__id_compare(w->users.text + w->users.off[r - 1],
                           w->users.off[r] - w->users.off[r - 1],
                           w->users.text + w->users.off[r],
                           w->users.off[r + 1] - w->users.off[r]) == 0)
            code = fail_twice(part, w, r, err);
    mf_ids_free(&all);
    free(rank);
    free(owner);
    free(row);
    return code;
}

/* The union of the items. Old and new places both follow byte order, so the items of a
 * row still ascend. */
static int join_items(whole *w, const join_part *part, size_t parts, mf_err *err)
{
    mf_intern *table;
    uint32_t *rank = NULL;
    int code = mf__intern_open(&table, err);
    if (code < 0)
        return code;
    w->item = mf__new0(parts, sizeof *w->item);
    w->parts = parts;
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

/* The header of the whole; all parts must hold values of one type. */
static int join_header(mf_header *h, const whole *w, const join_part *part,
                       size_t parts, mf_err *err)
{
    *h = (mf_header){.users = w->users.n,
                     .items = w->items.n,
                     .nnz_known = true,
                     .value = part[0].model.header.value};
    for (size_t p = 0; p < parts; p++) {
        const mf_model *m = &part[p].model;
        if (m->header.value != h->value)
            return mf_fail(err, MF_EFORMAT, "%s: holds %s, %s holds %s", part[p].name,
                           m->header.value == MF_U32 ? "counts" : "floats",
                           part[0].name, h->value == MF_U32 ? "counts" : "floats");
        h->nnz += m->ratings.x.nnz;
        h->nnz_known &= m->header.nnz_known;
    }
    return MF_OK;
}

static int put_row(mf_bundle_writer *out, whole *w, const join_part *part, uint32_t u,
                   mf_err *err)
{
    const mf_ratings *r = &part[w->owner[u]].model.ratings;
    const uint32_t *place = w->item[w->owner[u]];
    size_t begin = r->x.ptr[w->row[u]], n = r->x.ptr[w->row[u] + 1] - begin;
    if (mf__reserve(&w->col, &w->col_cap, n, sizeof *w->col, err) < 0)
        return MF_ENOMEM;
    for (size_t t = 0; t < n; t++)
        w->col[t] = place[r->x.col[begin + t]];
    return mf_bundle_put_row(out, (uint32_t)n, w->col,
                             r->count ? (const void *)(r->count + begin)
                                      : r->x.val + begin,
                             r->fold + begin, err);
}

static int join_shards(const mf_join *join, const char *note, mf_bundle_writer *out,
                       join_chain *chain, mf_err *err)
{
    const join_part *part = join->part;
    whole w = {0};
    mf_header header;
    int code = mf__join_chain_shards(chain, part, join->parts, err);
    if (code == MF_OK)
        code = join_users(&w, part, join->parts, err);
    if (code == MF_OK)
        code = join_items(&w, part, join->parts, err);
    if (code == MF_OK)
        code = join_header(&header, &w, part, join->parts, err);
    if (code == MF_OK)
        code = mf_bundle_put_header(out, &header, NULL, err);
    if (code == MF_OK && note)
        code = mf_bundle_put_note(out, note, err);
    if (code == MF_OK)
        code = mf_bundle_put_ids(out, MF_USER, &w.users, err);
    if (code == MF_OK)
        code = mf_bundle_put_ids(out, MF_ITEM, &w.items, err);
    for (uint32_t u = 0; code == MF_OK && u < w.users.n; u++)
        code = put_row(out, &w, part, u, err);
    whole_free(&w);
    return code;
}

/* --- ratings and factors --- */

static int join_model(const join_part *ratings, const join_part *factors,
                      const char *note, mf_bundle_writer *out, join_chain *chain,
                      mf_err *err)
{
    const mf_model *r = &ratings->model, *f = &factors->model;
    int code = mf_model_fits(f, factors->name, &r->ratings, ratings->name, err);
    if (code == MF_OK)
        code = mf__join_chain_model(chain, r, f, err);
    if (code == MF_OK)
        code = mf__ratings_put(out, &r->ratings, r->header.value, r->header.nnz_known,
                               note, err);
    if (code == MF_OK)
        code = mf_bundle_put_card(out, &f->card, err);
    if (code == MF_OK)
        code = mf_bundle_put_factors(out, MF_ITEM, &f->items, NULL, NULL, err);
    if (code == MF_OK)
        code = mf_bundle_put_factors(out, MF_USER, &f->users, f->zptr, f->z, err);
    return code == MF_OK ? mf_bundle_put_history(out, f->history_n, f->history, err)
                         : code;
}

/* --- either --- */

/* Returns 0 if all parts are ratings, or which of two is factors: 1 or 2. */
static int which_factors(const mf_join *join, mf_err *err)
{
    const join_part *part = join->part;
    if (join->parts == 2)
        for (int f = 0; f < 2; f++)
            if (part[f].model.has_factors && !part[f].model.has_ratings &&
                part[1 - f].model.has_ratings && !part[1 - f].model.has_factors)
                return f + 1;
    for (size_t p = 0; p < join->parts; p++) {
        if (part[p].model.has_factors)
            return mf_fail(err, MF_EFORMAT,
                           "%s: holds a model; join ratings, or just one "
                           "bundle of ratings and one of factors",
                           part[p].name);
        if (!part[p].model.has_ratings)
            return mf_fail(err, MF_EFORMAT, "%s: holds no ratings", part[p].name);
    }
    return 0;
}

int mf_join_finish(mf_join *join, mf_out *out, const mf_report *report, mf_err *err)
{
    mf_bundle_writer *w;
    join_chain chain = {0};
    char *note = NULL;
    const join_part *part = join->part;
    if (join->parts == 0)
        return mf_fail(err, MF_EINVAL, "no bundles to join");
    int factors = which_factors(join, err);
    int code = factors < 0 ? factors : mf_bundle_writer_open(&w, out, err);
    if (code < 0)
        return code;
    code = mf__join_note(&note, part, join->parts, err);
    if (code == MF_OK)
        code = factors ? join_model(&part[2 - factors], &part[factors - 1], note, w,
                                    &chain, err)
                       : join_shards(join, note, w, &chain, err);
    if (code == MF_OK)
        code = mf_bundle_put_end_stages(w, chain.n, chain.stage, err);
    if (code == MF_OK)
        mf__report_note(report, "%zu bundles joined, %s", join->parts,
                        factors ? "ratings and factors" : "by user");
    mf_bundle_writer_close(w);
    free(chain.stage);
    free(note);
    return code;
}
