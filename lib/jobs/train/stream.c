#include "jobs/train/stream.h"

#include <stdlib.h>
#include <string.h>

#include "als/wide.h"
#include "base/mem.h"
#include "base/par.h"
#include "math/rank.h"

/* --- what memory is needed --- */

enum { MB = 1 << 20 };

/* Of one user: row pointers, orders, roots, the reader's count; and where there are
 * validation cells, what measuring them takes. */
enum { USER = 48, WATCHED = 56, WIDE = 8, ITEM = 160, CELL = 40, PROGRAM = 28 * MB };

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t of_threads(const mf_als_params *p, uint32_t items, bool watches)
{
    size_t threads = (size_t)mf__par_threads(p->threads), k = p->k;
    size_t scores = watches ? (size_t)MF_RANK_USERS * items * 5 : 0;
    return threads * (scores + 24 * k * k + MB) + 500 * (k < 160 ? k * k : k);
}

stream_need mf__stream_need(const mf_als_params *p, uint32_t users, uint32_t items,
                            bool watches)
{
    size_t k = p->k, of_user = USER, square = k * k;
    if (p->personas > 1)
        of_user += 16 + 4 * (size_t)p->personas;
    if (mf__als_is_wide(p))
        of_user += WIDE * (size_t)p->personas;
    if (watches)
        of_user += WATCHED;
    /* items take vectors from here and there in sweeps: these are in memory */
    bool plain = p->init == MF_INIT_CLUSTER && p->warmup == MF_WARMUP_ALL;
    size_t vectors = users * k * sizeof(float),
           swept = p->personas == 1 || plain ? 1 : 1 + (size_t)p->personas;
    return (stream_need){.least = PROGRAM + users * of_user +
                                  items * (ITEM + 3 * k * sizeof(float)) + 40 * square +
                                  of_threads(p, items, watches) + swept * vectors,
                         .swept = swept * vectors,
                         .users = p->personas * vectors};
}

/* Decide what can be in memory, or that there is too little of it: when the header is
 * known, and when all is read. */
static int plan(const train_stream *s, const mf_model *m, bool read, mf_err *err)
{
    const mf_header *h = &m->header;
    const mf_ids *ids = &m->ratings.users;
    size_t bound = s->params->memory, text = ids->n > 0 ? ids->off[ids->n] : 0;
    const mf_als_params *p = &s->params->als;
    stream_need need =
        mf__stream_need(p, h->users, h->items, s->valid.x.nnz > 0);
    size_t reading = PROGRAM + (size_t)h->users * 40 + text +
                     (size_t)h->items * ITEM; /* ids are in memory then */
    size_t least = mf__disk_least(larger(need.least, reading));
    if (mf__disk_relaxed(s->disk))
        return MF_OK;
    if (bound < least && !read) /* who tries again gets through with either */
        need = mf__stream_need(p, h->users, h->items, true);
    if (bound < least)
        return mf_fail(err, MF_EINVAL,
                       "--memory: %zuM is too little for %u users and %u items with %u "
                       "factors; give it %zuM",
                       bound / MB, h->users, h->items, p->k,
                       mf__disk_least(larger(need.least, reading)) / MB + 1);
    size_t all = mf__stream_need(p, h->users, h->items, true).least + 2 * need.users +
                 text + h->nnz * CELL;
    if (!read && h->nnz_known && h->nnz < bound / CELL && mf__disk_least(all) <= bound)
        mf__disk_relax(s->disk);
    mf__disk_allow(s->disk, bound - least + need.swept);
    return MF_OK;
}

/* --- rows --- */

static int reserve(stream_rows *to, mf_disk *disk, const mf_header *h, size_t cells,
                   mf_err *err)
{
    mf_csr *x = &to->x;
    size_t most = h->nnz_known ? h->nnz : SIZE_MAX;
    int code = mf__disk_reserve(disk, &x->col, &to->col_cap, x->nnz + cells, most,
                                sizeof *x->col, err);
    return code == MF_OK ? mf__disk_reserve(disk, &x->val, &to->val_cap, x->nnz + cells,
                                            most, sizeof *x->val, err)
                         : code;
}

static void put_cell(stream_rows *to, uint32_t item, float value)
{
    to->x.col[to->x.nnz] = item;
    to->x.val[to->x.nnz++] = value;
}

/* Put a row's cells where they belong, and add them to the digests. */
static void put_row(train_stream *s, const mf_ids *items, const mf_row_block *b,
                    size_t begin, size_t end)
{
    stream_rows *of[MF_FOLDS] = {NULL};
    of[MF_TRAIN] = &s->train;
    of[MF_VALID] = &s->valid;
    of[MF_FOLD_IN] = &s->known;
    for (size_t t = begin; t < end; t++) {
        unsigned fold = b->fold[t];
        float value = b->u32 ? (float)b->u32[t] : b->f32[t];
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        if (of[fold])
            put_cell(of[fold], b->item[t], value);
        if (fold == MF_TRAIN)
            s->of_train += mf__cell_hash_item(&s->hash, items, b->item[t], bits);
        else if (fold != MF_FOLD_IN)
            s->of_held_out += mf__cell_hash_item(&s->hash, items, b->item[t], 0);
    }
}

static int end_row(stream_rows *to, uint32_t row, mf_err *err)
{
    mf_csr *x = &to->x;
    if (mf__reserve(&x->ptr, &to->ptr_cap, (size_t)row + 2, sizeof *x->ptr, err) < 0)
        return MF_ENOMEM;
    x->ptr[row + 1] = x->nnz;
    return MF_OK;
}

static int put(void *self, const mf_model *model, const mf_row_block *b, mf_err *err)
{
    train_stream *s = self;
    stream_rows *all[] = {&s->train, &s->valid, &s->known};
    const mf_ratings *r = &model->ratings;
    size_t at = 0;
    int code = b->first == 0 ? plan(s, model, false, err) : MF_OK;
    for (size_t i = 0; code == MF_OK && i < 3; i++)
        code = reserve(all[i], s->disk, &model->header, b->cells, err);
    for (uint32_t u = 0; code == MF_OK && u < b->n; at += b->len[u++]) {
        if ((code = mf__cell_hash_user(&s->hash, &r->users, b->first + u, err)) < 0)
            break;
        put_row(s, &r->items, b, at, at + b->len[u]);
        for (size_t i = 0; code == MF_OK && i < 3; i++)
            code = end_row(all[i], b->first + u, err);
    }
    mf__disk_beat(s->disk);
    return code;
}

mf_row_sink mf__stream_sink(train_stream *s)
{
    return (mf_row_sink){s, put};
}

/* --- the end --- */

/* Ids are read once more where the result is written, and for messages. */
static int move_ids(mf_disk *disk, mf_ids *ids, mf_err *err)
{
    mf_ids moved = {.n = ids->n};
    size_t text = ids->n > 0 ? ids->off[ids->n] : 0;
    int code = mf__disk_new(disk, &moved.off, (size_t)ids->n + 1, sizeof *moved.off, err);
    if (code == MF_OK)
        code = mf__disk_new(disk, &moved.text, text, 1, err);
    if (code == MF_OK && ids->n > 0) {
        mf__disk_copy(disk, moved.off, ids->off, ((size_t)ids->n + 1) * sizeof *ids->off);
        mf__disk_copy(disk, moved.text, ids->text, text);
    }
    if (code < 0) {
        mf__stream_free_ids(disk, &moved);
        return code;
    }
    mf_ids_free(ids);
    *ids = moved;
    return MF_OK;
}

int mf__stream_end(train_stream *s, mf_model *model, mf_err *err)
{
    stream_rows *all[] = {&s->train, &s->valid, &s->known};
    const mf_header *h = &model->header;
    int code = MF_OK;
    for (size_t i = 0; code == MF_OK && i < 3; i++) {
        mf_csr *x = &all[i]->x;
        x->rows = h->users;
        x->cols = h->items;
        code = mf__reserve(&x->ptr, &all[i]->ptr_cap, 1, sizeof *x->ptr, err);
        if (code == MF_OK)
            x->ptr[0] = 0;
        if (code == MF_OK)
            code = reserve(all[i], s->disk, h, 0, err);
    }
    if (code == MF_OK)
        code = plan(s, model, true, err);
    if (code == MF_OK)
        code = move_ids(s->disk, &model->ratings.users, err);
    mf__cell_hash_free(&s->hash);
    mf__mem_trim();
    return code;
}

void mf__stream_free_ids(mf_disk *disk, mf_ids *ids)
{
    mf__disk_free(disk, ids->off);
    mf__disk_free(disk, ids->text);
    *ids = (mf_ids){0};
}

void mf__stream_free_rows(mf_disk *disk, mf_csr *x)
{
    mf__disk_free(disk, x->col);
    mf__disk_free(disk, x->val);
    x->col = NULL;
    x->val = NULL;
    mf_csr_free(x);
}

void mf__stream_free(train_stream *s)
{
    mf__stream_free_rows(s->disk, &s->train.x);
    mf__stream_free_rows(s->disk, &s->valid.x);
    mf__stream_free_rows(s->disk, &s->known.x);
    mf__cell_hash_free(&s->hash);
}
