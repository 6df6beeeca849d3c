#include "mf/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/ids.h"
#include "data/ratings.h"
#include "data/tensor.h"
#include "wire/card.h"
#include "wire/load.h"
#include "wire/note.h"

void mf_model_free(mf_model *model)
{
    mf_ratings_free(&model->ratings);
    mf_tensor_free(&model->users);
    mf_tensor_free(&model->items);
    free(model->zptr);
    free(model->z);
    free(model->folded_active);
    free(model->history);
    free(model->note);
    free(model->stage);
    *model = (mf_model){0};
}

/* The arrays of a model under construction, with their capacities: they grow
 * with the data that came, never with what a header promised. */
typedef struct loader {
    mf_model *model;
    const mf_bundle_reader *reader;
    const mf_row_sink *sink; /* takes the rows, or NULL */
    uint8_t *fold;           /* of the rows at hand, where they are changed; owned */
    unsigned want;
    size_t ptr_cap, col_cap, val_cap, count_cap, fold_cap, time_cap;
    size_t users_cap, items_cap, zptr_cap, z_cap;
    size_t bias_cap[2]; /* by side */
    size_t weight_cap;
    size_t users_used, items_used; /* floats */
} loader;

static int load_ids(loader *l, const mf_id_block *b, mf_err *err)
{
    mf_ids *ids =
        b->axis == MF_USER ? &l->model->ratings.users : &l->model->ratings.items;
    return mf__ids_append_run(ids, b->n, b->len, b->text, err);
}

/* Make *block hold `need` elements, of which `used` are set; a header says that there
 * will be `all`. It grows sixteenfold, but never past `all`: so it is copied once or
 * twice, nothing is wasted in the end, and a header that lies reserves no more than
 * sixteen times what came. Large arrays lie in huge pages; touching single pages would
 * be half of the time of loading. */
static int reserve(void *block, size_t *cap, size_t used, size_t need, size_t all,
                   size_t size, mf_err *err)
{
    enum { TIMES = 16 };
    void *old, *fresh;
    memcpy(&old, block, sizeof old); /* the address of a typed pointer */
    if (old && need <= *cap)
        return MF_OK;
    size_t wanted = *cap > all / TIMES ? all : TIMES * *cap;
    if (wanted < need)
        wanted = need;
    if (!(fresh = mf__new_scattered(wanted, size)))
        return mf__nomem(err);
    if (old && used)
        memcpy(fresh, old, used * size);
    free(old);
    memcpy(block, &fresh, sizeof fresh);
    *cap = wanted;
    return MF_OK;
}

static void floats_of(float to[], const uint32_t from[], size_t n)
{
#pragma omp simd
    for (size_t t = 0; t < n; t++)
        to[t] = (float)from[t];
}

/* Validation cells are training cells, where that is wanted. */
static void change_folds(const loader *l, uint8_t fold[], size_t n)
{
    for (size_t t = 0; (l->want & MF_WANT_VALID_AS_TRAIN) && t < n; t++)
        if (fold[t] == MF_VALID)
            fold[t] = MF_TRAIN;
}

/* Hand the rows on; nothing of them stays. */
static int sink_rows(loader *l, const mf_row_block *b, mf_err *err)
{
    mf_row_block changed = *b;
    if (l->want & MF_WANT_VALID_AS_TRAIN) {
        if (mf__reserve(&l->fold, &l->fold_cap, b->cells + 1, 1, err) < 0)
            return MF_ENOMEM;
        if (b->cells)
            memcpy(l->fold, b->fold, b->cells);
        change_folds(l, l->fold, b->cells);
        changed.fold = l->fold;
    }
    return l->sink->put(l->sink->self, l->model, &changed, err);
}

static int load_rows(loader *l, const mf_row_block *b, mf_err *err)
{
    mf_ratings *r = &l->model->ratings;
    mf_csr *x = &r->x;
    l->model->has_ratings = true;
    if (!(l->want & MF_WANT_RATINGS))
        return MF_OK;
    if (l->sink)
        return sink_rows(l, b, err);
    const mf_header *h = &l->model->header;
    size_t at = x->nnz, end = at + b->cells, rows = (size_t)b->first + b->n;
    size_t all = h->nnz_known ? h->nnz : 2 * end;
    if (reserve(&x->ptr, &l->ptr_cap, b->first + (size_t)1, rows + 1,
                (size_t)h->users + 1, sizeof *x->ptr, err) < 0 ||
        reserve(&x->col, &l->col_cap, at, end, all, sizeof *x->col, err) < 0 ||
        reserve(&x->val, &l->val_cap, at, end, all, sizeof *x->val, err) < 0 ||
        reserve(&r->fold, &l->fold_cap, at, end, all, 1, err) < 0 ||
        (b->time &&
         reserve(&r->time, &l->time_cap, at, end, all, sizeof *r->time, err) < 0) ||
        (b->u32 &&
         reserve(&r->count, &l->count_cap, at, end, all, sizeof *r->count, err) < 0))
        return MF_ENOMEM;
    if (b->first == 0)
        x->ptr[0] = 0;
    for (uint32_t i = 0; i < b->n; i++)
        x->ptr[b->first + i + 1] = x->ptr[b->first + i] + b->len[i];
    if (b->cells) {
        memcpy(x->col + at, b->item, b->cells * sizeof *x->col);
        memcpy(r->fold + at, b->fold, b->cells);
        change_folds(l, r->fold + at, b->cells);
        if (b->time)
            memcpy(r->time + at, b->time, b->cells * sizeof *r->time);
        if (b->f32)
            memcpy(x->val + at, b->f32, b->cells * sizeof *x->val);
        else
            memcpy(r->count + at, b->u32, b->cells * sizeof *r->count);
        if (b->u32)
            floats_of(x->val + at, b->u32, b->cells);
    }
    x->nnz = end;
    return MF_OK;
}

static int load_factors(loader *l, const mf_factor_block *b, mf_err *err)
{
    mf_model *m = l->model;
    m->has_factors = true;
    if (!(l->want & MF_WANT_FACTORS))
        return MF_OK;
    mf_tensor *f = b->side == MF_USER ? &m->users : &m->items;
    size_t *cap = b->side == MF_USER ? &l->users_cap : &l->items_cap;
    size_t *used = b->side == MF_USER ? &l->users_used : &l->items_used;
    size_t row = (size_t)b->personas * b->k, floats = b->n * row;
    uint32_t rows = b->side == MF_USER ? m->header.users : m->header.items;
    if (reserve(&f->data, cap, *used, *used + floats, rows * row, sizeof *f->data,
                err) < 0)
        return MF_ENOMEM;
    memcpy(f->data + *used, b->data, floats * sizeof *f->data);
    *used += floats;
    f->n = b->first + b->n;
    if (b->bias) {
        if (mf__reserve(&f->bias, &l->bias_cap[b->side], f->n, sizeof *f->bias, err) <
            0)
            return MF_ENOMEM;
        memcpy(f->bias + b->first, b->bias, b->n * sizeof *f->bias);
    }
    if (b->weight) {
        if (mf__reserve(&f->weight, &l->weight_cap, f->n, sizeof *f->weight, err) < 0)
            return MF_ENOMEM;
        memcpy(f->weight + b->first, b->weight, b->n * sizeof *f->weight);
    }
    if (!b->z)
        return MF_OK;

    size_t at = m->zptr ? m->zptr[b->first] : 0;
    if (mf__reserve(&m->zptr, &l->zptr_cap, (size_t)f->n + 1, sizeof *m->zptr, err) <
            0 ||
        mf__reserve(&m->z, &l->z_cap, at + b->z_size + 1, 1, err) < 0) /* never NULL */
        return MF_ENOMEM;
    m->zptr[b->first] = at;
    for (uint32_t i = 0; i < b->n; i++)
        m->zptr[b->first + i + 1] = m->zptr[b->first + i] + b->len[i];
    if (b->z_size)
        memcpy(m->z + at, b->z, b->z_size);
    return MF_OK;
}

static int load_history(loader *l, const mf_history_block *b, mf_err *err)
{
    mf_model *m = l->model;
    if (mf__reserve(&m->history, &m->history_cap, m->history_n + b->n,
                    sizeof *m->history, err) < 0)
        return MF_ENOMEM;
    if (b->n)
        memcpy(m->history + m->history_n, b->entry, b->n * sizeof *b->entry);
    m->history_n += b->n;
    return MF_OK;
}

static int load_record(loader *l, const mf_record *rec, mf_err *err)
{
    mf_model *m = l->model;
    switch (rec->kind) {
    case MF_REC_HEADER:
        m->header = rec->header;
        m->ratings.x.rows = rec->header.users;
        m->ratings.x.cols = rec->header.items;
        return MF_OK;
    case MF_REC_IDS: return load_ids(l, &rec->ids, err);
    case MF_REC_ROWS: return load_rows(l, &rec->rows, err);
    case MF_REC_CARD:
        m->card = rec->card;
        m->has_factors = true;
        m->users = (mf_tensor){.personas = m->card.personas, .k = m->card.k};
        m->items = (mf_tensor){.personas = 1, .k = m->card.k};
        return MF_OK;
    case MF_REC_FACTORS: return load_factors(l, &rec->factors, err);
    case MF_REC_HISTORY: return load_history(l, &rec->history, err);
    case MF_REC_NOTE: return mf__note_copy(&m->note, &rec->note, err);
    default: return MF_OK;
    }
}

static int load_stages(mf_model *m, const mf_bundle_reader *r, mf_err *err)
{
    m->stages = mf_bundle_stages(r);
    m->stage = mf__new(m->stages, sizeof *m->stage);
    if (!m->stage)
        return mf__nomem(err);
    for (size_t i = 0; i < m->stages; i++) {
        int code = mf_bundle_stage(r, i, &m->stage[i], err);
        if (code < 0)
            return code;
    }
    m->digest = mf_bundle_digest(r);
    return MF_OK;
}

/* Give arrays without elements an address, and check that what is wanted is there. */
static int settle(loader *l, const char *name, mf_err *err)
{
    mf_model *m = l->model;
    mf_csr *x = &m->ratings.x;
    if (m->header.users == 0 && mf_bundle_section(l->reader, 'R') == 0 &&
        !m->has_factors)
        m->has_ratings = true; /* no rows at all */
    bool strict = !(l->want & MF_WANT_WHAT_IS_THERE);
    if (strict && (l->want & MF_WANT_RATINGS) && !m->has_ratings)
        return mf_fail(err, MF_EFORMAT,
                       m->has_factors
                           ? "%s: holds factors but no ratings; put both together "
                             "with mf-convert --join"
                           : "%s: the bundle holds no ratings",
                       name);
    if (strict && (l->want & MF_WANT_FACTORS) && !m->has_factors)
        return mf_fail(err, MF_EFORMAT,
                       "%s: the bundle holds no model; pipe it through mf-als", name);
    if ((l->want & MF_WANT_RATINGS) && !l->sink) {
        if (mf__reserve(&x->ptr, &l->ptr_cap, 1, sizeof *x->ptr, err) < 0 ||
            mf__reserve(&x->col, &l->col_cap, 1, sizeof *x->col, err) < 0 ||
            mf__reserve(&x->val, &l->val_cap, 1, sizeof *x->val, err) < 0 ||
            mf__reserve(&m->ratings.fold, &l->fold_cap, 1, 1, err) < 0)
            return MF_ENOMEM;
        if (m->header.users == 0)
            x->ptr[0] = 0;
        if (m->header.time &&
            mf__reserve(&m->ratings.time, &l->time_cap, 1, sizeof(int64_t), err) < 0)
            return MF_ENOMEM;
        if (m->header.value == MF_U32 &&
            mf__reserve(&m->ratings.count, &l->count_cap, 1, sizeof(uint32_t), err) < 0)
            return MF_ENOMEM;
    }
    if ((l->want & MF_WANT_FACTORS) &&
        (reserve(&m->users.data, &l->users_cap, l->users_used, l->users_used, 0,
                 sizeof *m->users.data, err) < 0 ||
         reserve(&m->items.data, &l->items_cap, l->items_used, l->items_used, 0,
                 sizeof *m->items.data, err) < 0))
        return MF_ENOMEM;
    return MF_OK;
}

/* Pass a record on, rows with the folds that they were read with. */
static int pass(const loader *l, const mf_record *rec, mf_bundle_writer *through,
                mf_err *err)
{
    const mf_ratings *r = &l->model->ratings;
    if (rec->kind != MF_REC_ROWS || !(l->want & MF_WANT_VALID_AS_TRAIN))
        return mf_bundle_pass(through, rec, err);
    const uint8_t *fold = l->sink  ? l->fold
                          : r->fold ? r->fold + (r->x.nnz - rec->rows.cells)
                                    : NULL;
    return mf_bundle_put_rows_like(through, rec, l->model->header.value, NULL, fold,
                                   err);
}

int mf_model_load(mf_model *out, mf_in *in, unsigned want, mf_bundle_writer *through,
                  mf_bundle_reader **reader, mf_err *err)
{
    return mf__model_load(out, in, want, NULL, through, reader, err);
}

int mf__model_load(mf_model *out, mf_in *in, unsigned want, const mf_row_sink *sink,
                   mf_bundle_writer *through, mf_bundle_reader **reader, mf_err *err)
{
    *out = (mf_model){0};
    if (reader)
        *reader = NULL;
    mf_bundle_reader *r;
    const mf_record *rec;
    int code = mf_bundle_reader_open(&r, in, err);
    if (code < 0)
        return code;
    loader l = {.model = out, .reader = r, .sink = sink, .want = want};
    while ((code = mf_bundle_next(r, &rec, err)) == 1) {
        code = load_record(&l, rec, err);
        bool goes_on = mf_bundle_outlives_change(rec) &&
                       !(rec->kind == MF_REC_ROWS && (want & MF_WANT_NO_ROWS));
        if (code == MF_OK && through && goes_on)
            code = pass(&l, rec, through, err);
        if (code < 0)
            break;
    }
    if (sink)
        free(l.fold);
    if (code == 0)
        code = settle(&l, mf_in_name(in), err);
    if (code == 0)
        code = load_stages(out, r, err);
    if (code < 0)
        mf_model_free(out);
    if (code == 0 && through)
        *reader = r;
    else
        mf_bundle_reader_close(r);
    return code;
}

/* The personas that own a training cell that is liked, from z of all training cells. */
static uint64_t likers(const mf_model *m, uint32_t user)
{
    const mf_ratings *r = &m->ratings;
    const uint8_t *z = m->z + m->zptr[user];
    uint64_t set = 0;
    for (size_t t = r->x.ptr[user]; t < r->x.ptr[user + 1]; t++)
        if (r->fold[t] == MF_TRAIN) {
            set |= mf__likes(r->x.val[t]) ? (uint64_t)1 << *z : 0;
            z++;
        }
    return set ? set : mf__active_personas(NULL, NULL, 0, m->users.personas);
}

uint64_t mf_model_active(const mf_model *model, uint32_t user)
{
    if (model->folded_active && model->folded_active[user])
        return model->folded_active[user];
    if (!model->z)
        return mf__active_personas(NULL, NULL, 0, model->users.personas);
    if (model->has_ratings && model->ratings.fold &&
        !mf__card_takes_numbers(&model->card))
        return likers(model, user);
    size_t begin = model->zptr[user];
    return mf__active_personas(model->z + begin, NULL, model->zptr[user + 1] - begin,
                               model->users.personas);
}

static bool same_ids(const mf_ids *a, const mf_ids *b)
{
    return a->n == b->n &&
           (a->n == 0 ||
            (memcmp(a->off, b->off, ((size_t)a->n + 1) * sizeof *a->off) == 0 &&
             memcmp(a->text, b->text, a->off[a->n]) == 0));
}

static bool personas_of(const mf_model *model, const mf_ratings *r)
{
    for (uint32_t u = 0; model->z && u < r->x.rows; u++)
        if (mf__cells_in_fold(r, u, MF_TRAIN) != model->zptr[u + 1] - model->zptr[u])
            return false;
    return true;
}

int mf_model_fits(const mf_model *model, const char *name, const mf_ratings *r,
                  const char *ratings, mf_err *err)
{
    uint64_t train, held_out;
    if (!same_ids(&r->users, &model->ratings.users) ||
        !same_ids(&r->items, &model->ratings.items))
        return mf_fail(err, MF_EFORMAT, "%s: its users or items are not those of %s",
                       name, ratings);
    int code = mf_ratings_digest(r, 1u << MF_TRAIN, true, &train, err);
    if (code == MF_OK)
        code =
            mf_ratings_digest(r, 1u << MF_VALID | 1u << MF_TEST, false, &held_out, err);
    if (code < 0)
        return code;
    if (train != model->card.train)
        return mf_fail(err, MF_EFORMAT,
                       "%s: was not trained on the training cells of %s", name,
                       ratings);
    if (held_out != model->card.held_out)
        return mf_fail(err, MF_EFORMAT,
                       "%s: was trained with other cells held out than those of %s",
                       name, ratings);
    if (!personas_of(model, r))
        return mf_fail(err, MF_EFORMAT, "%s: its personas do not fit the cells of %s",
                       name, ratings);
    return MF_OK;
}
