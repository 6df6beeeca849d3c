/* Writing: frames are cut by counts alone, so that equal content gives equal
 * frames whichever stage or shard writes it. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/ids.h"
#include "wire/private.h"

enum {
    IDS_MAX = 1 << 16,      /* ids in a frame, and */
    TEXT_MAX = 1 << 20,     /* bytes of them, at most */
    FACTOR_BYTES = 1 << 20, /* bytes in a frame of factors, unless one row has more */
    HISTORY_MAX = 256       /* entries in a frame */
};

struct mf_bundle_writer {
    mf_out *out;
    mf_frame_writer *frames;
    wire_buffer payload;
    msgpack_packer pack; /* into payload */
    mf_header header;
    uint64_t section[128], written, cells;
    uint32_t ids[2], rows_put; /* by axis; whole rows */
    size_t keys;               /* of the map at hand */

    /* rows that wait for their frame */
    size_t row_cells; /* cells in a frame, at most */
    uint32_t first, rows;
    bool cut;       /* the first waiting row goes on from the frame before */
    size_t waiting; /* cells */
    uint32_t *len, *item, *value;
    uint8_t *fold;
    size_t len_cap, item_cap, value_cap, fold_cap;
};

int mf_bundle_writer_open(mf_bundle_writer **result, mf_out *out, mf_err *err)
{
    mf_bundle_writer *w = *result = mf__new0(1, sizeof *w);
    if (!w)
        return mf__nomem(err);
    w->out = out;
    w->row_cells = MF_ROWS_CELLS;
    w->pack = mf__wire_packer(&w->payload);
    int code = mf__frame_writer_open(&w->frames, out, err);
    if (code < 0) {
        free(w);
        *result = NULL;
    }
    return code;
}

void mf_bundle_writer_close(mf_bundle_writer *w)
{
    if (!w)
        return;
    mf__frame_writer_close(w->frames);
    mf__wire_free(&w->payload);
    free(w->len);
    free(w->item);
    free(w->value);
    free(w->fold);
    free(w);
}

void mf__bundle_writer_row_cells(mf_bundle_writer *w, size_t cells)
{
    w->row_cells = cells ? cells : 1;
}

/* Start a map of `keys` keys; send it with put_map. */
static msgpack_packer *begin_map(mf_bundle_writer *w, size_t keys)
{
    mf__wire_clear(&w->payload);
    w->keys = keys;
    msgpack_pack_map(&w->pack, keys);
    return &w->pack;
}

static int put_map(mf_bundle_writer *w, char tag, mf_err *err)
{
    if (w->payload.failed)
        return mf__nomem(err);
    if (w->keys > WIRE_KEYS_MAX)
        return mf_fail(err, MF_ERANGE,
                       "a frame %c of %zu keys, with those passed on, has "
                       "too many to be read",
                       tag, w->keys);
    w->section[(unsigned char)tag & 127]++;
    w->written++;
    return mf__frame_put(w->frames, tag, w->payload.data, w->payload.size, err);
}

static void key_u64(msgpack_packer *pack, const char *key, uint64_t value)
{
    mf__wire_put_str(pack, key);
    msgpack_pack_uint64(pack, value);
}

static void key_f64(msgpack_packer *pack, const char *key, double value)
{
    mf__wire_put_str(pack, key);
    mf__wire_put_f64(pack, value);
}

static void key_str(msgpack_packer *pack, const char *key, const char *value)
{
    mf__wire_put_str(pack, key);
    mf__wire_put_str(pack, value);
}

static void key_bin(msgpack_packer *pack, const char *key, const void *data, size_t n,
                    size_t size)
{
    mf__wire_put_str(pack, key);
    mf__wire_put_bin(pack, data, n, size);
}

int mf_bundle_put_header(mf_bundle_writer *w, const mf_header *h, const mf_record *like,
                         mf_err *err)
{
    static const char *const known[] = {"magic", "version", "users",
                                        "items", "nnz",     "value"};
    enum { KNOWN = sizeof known / sizeof *known };
    wire_map map = {0};
    uint64_t minor = MF_BUNDLE_MINOR;
    w->header = *h;
    if (like) {
        if (like->from->minor > minor) /* what is passed on may be of that version */
            minor = like->from->minor;
        const bundle_part *part = &like->from->part[0];
        mf__wire_map_parse(&map, part->payload,
                           part->size); /* parsed before: it is sound */
        for (size_t i = 0; i < KNOWN; i++)
            mf__wire_get_raw(&map, known[i]);
    }
    msgpack_packer *pack = begin_map(w, KNOWN + mf__wire_unknown(&map));
    key_str(pack, "magic", "mfpipe");
    mf__wire_put_str(pack, "version");
    msgpack_pack_array(pack, 2);
    msgpack_pack_uint64(pack, MF_BUNDLE_MAJOR);
    msgpack_pack_uint64(pack, minor);
    key_u64(pack, "users", h->users);
    key_u64(pack, "items", h->items);
    mf__wire_put_str(pack, "nnz");
    if (h->nnz_known)
        msgpack_pack_uint64(pack, h->nnz);
    else
        msgpack_pack_nil(pack);
    key_str(pack, "value", h->value == MF_U32 ? "u32" : "f32");
    mf__wire_put_unknown(&w->payload, &map);
    return put_map(w, 'H', err);
}

/* What the reader would refuse is not written. */
static int check_ids(mf_axis axis, const mf_ids *ids, mf_err *err)
{
    const char *name = axis == MF_USER ? "user" : "item", *before = NULL;
    for (size_t i = 0, len, before_len = 0; i < ids->n; i++, before_len = len) {
        const char *id = mf_ids_get(ids, (uint32_t)i, &len);
        const char *fault = mf__id_fault(id, len);
        if (fault)
            return mf_fail(err, MF_ERANGE, "%s id %zu %s", name, i, fault);
        if (before && mf__id_compare(before, before_len, id, len) >= 0)
            return mf_fail(err, MF_ERANGE,
                           "%s id %zu '%.*s' is not after the one before it "
                           "in byte order",
                           name, i, (int)len, id);
        before = id;
    }
    return MF_OK;
}

int mf_bundle_put_ids(mf_bundle_writer *w, mf_axis axis, const mf_ids *ids, mf_err *err)
{
    int checked = check_ids(axis, ids, err);
    if (checked < 0)
        return checked;
    w->ids[axis] += ids->n;
    for (uint32_t first = 0, n; first < ids->n; first += n) {
        size_t base = ids->off[first];
        for (n = 1; n < IDS_MAX && n < ids->n - first; n++)
            if (ids->off[first + n + 1] - base > TEXT_MAX)
                break;
        if (mf__reserve(&w->len, &w->len_cap, n, sizeof *w->len, err) < 0)
            return MF_ENOMEM;
        for (uint32_t i = 0; i < n; i++)
            w->len[i] = (uint32_t)(ids->off[first + i + 1] - ids->off[first + i]);
        msgpack_packer *pack = begin_map(w, 5);
        key_str(pack, "axis", axis == MF_USER ? "user" : "item");
        key_u64(pack, "first", first);
        key_u64(pack, "n", n);
        key_bin(pack, "len", w->len, n, sizeof *w->len);
        mf__wire_put_str(pack, "text");
        mf__wire_put_text(pack, ids->text + base, ids->off[first + n] - base);
        int code = put_map(w, 'I', err);
        if (code < 0)
            return code;
    }
    return MF_OK;
}

/* What goes into one R frame. The arrays need not be aligned. */
typedef struct row_frame {
    uint32_t first, n;
    size_t cells;
    const uint8_t *len, *item, *value,
        *fold; /* [n] u32, [cells] 4 bytes, 4 bytes, u8 */
    bool continues;
    const wire_map *unknown; /* the map whose unknown keys go along, or NULL */
} row_frame;

static int put_halves(mf_bundle_writer *w, const row_frame *f, mf_err *err);

static int put_row_frame(mf_bundle_writer *w, const row_frame *f, mf_err *err)
{
    /* all zero: the first is, and each equals the next */
    bool folds = f->cells && (f->fold[0] || memcmp(f->fold, f->fold + 1, f->cells - 1));
    msgpack_packer *pack = begin_map(
        w, 5u + folds + f->continues + (f->unknown ? mf__wire_unknown(f->unknown) : 0));
    key_u64(pack, "first", f->first);
    key_u64(pack, "n", f->n);
    key_bin(pack, "len", f->len, f->n, 4);
    key_bin(pack, "item", f->item, f->cells, 4);
    key_bin(pack, "value", f->value, f->cells, 4);
    if (folds)
        key_bin(pack, "fold", f->fold, f->cells, 1);
    if (f->continues) {
        mf__wire_put_str(pack, "continues");
        msgpack_pack_true(pack);
    }
    if (f->unknown)
        mf__wire_put_unknown(&w->payload, f->unknown);
    if (w->payload.size > MF_FRAME_WRITE_MAX && !w->payload.failed &&
        f->cells + f->n > 2)
        return put_halves(w, f, err);
    w->cells += f->cells;
    w->rows_put += f->n - f->continues;
    return put_map(w, 'R', err);
}

/* A frame that somebody else made may have room for its cells but not for
 * their folds: then it becomes two, between rows or within its only one. */
static int put_halves(mf_bundle_writer *w, const row_frame *f, mf_err *err)
{
    row_frame left = *f, right = *f;
    uint32_t len[2], whole;
    if (f->n > 1) {
        left.n = f->n / 2;
        left.cells = 0;
        for (size_t i = 0; i < left.n; i++) {
            memcpy(&whole, f->len + 4 * i, sizeof whole);
            left.cells += whole;
        }
        left.continues = false;
        right.first = f->first + left.n;
        right.n = f->n - left.n;
        right.len = f->len + 4 * (size_t)left.n;
    } else {
        len[0] = (uint32_t)(f->cells / 2);
        len[1] = (uint32_t)(f->cells - len[0]);
        left.cells = len[0];
        left.continues = true;
        left.len = (const uint8_t *)&len[0];
        right.len = (const uint8_t *)&len[1];
    }
    right.cells = f->cells - left.cells;
    right.item = f->item + 4 * left.cells;
    right.value = f->value + 4 * left.cells;
    right.fold = f->fold + left.cells;
    int code = put_row_frame(w, &left, err);
    return code < 0 ? code : put_row_frame(w, &right, err);
}

/* Send the rows that wait. `continues`: the last of them is not whole. */
static int send_rows(mf_bundle_writer *w, bool continues, mf_err *err)
{
    if (w->rows == 0)
        return MF_OK;
    row_frame f = {.first = w->first,
                   .n = w->rows,
                   .cells = w->waiting,
                   .len = (const uint8_t *)w->len,
                   .item = (const uint8_t *)w->item,
                   .value = (const uint8_t *)w->value,
                   .fold = w->fold,
                   .continues = continues};
    int code = put_row_frame(w, &f, err);
    w->first += w->rows - continues;
    w->rows = 0;
    w->waiting = 0;
    return code;
}

/* Let n more cells of row `row` wait. */
static int wait_row(mf_bundle_writer *w, uint32_t n, const uint32_t *item,
                    const uint8_t *value, const uint8_t *fold, mf_err *err)
{
    size_t at = w->waiting;
    if (mf__reserve(&w->len, &w->len_cap, (size_t)w->rows + 1, 4, err) < 0 ||
        mf__reserve(&w->item, &w->item_cap, at + n, 4, err) < 0 ||
        mf__reserve(&w->value, &w->value_cap, at + n, 4, err) < 0 ||
        mf__reserve(&w->fold, &w->fold_cap, at + n, 1, err) < 0)
        return MF_ENOMEM;
    w->len[w->rows++] = n;
    if (n) {
        memcpy(w->item + at, item, (size_t)n * 4);
        memcpy(w->value + at, value, (size_t)n * 4);
        if (fold)
            memcpy(w->fold + at, fold, n);
        else
            memset(w->fold + at, 0, n);
    }
    w->waiting += n;
    return MF_OK;
}

int mf_bundle_put_row(mf_bundle_writer *w, uint32_t n, const uint32_t item[],
                      const void *value, const uint8_t fold[], mf_err *err)
{
    const uint8_t *bytes = value;
    int code = MF_OK;
    if (w->rows > 0 && (n > w->row_cells - w->waiting || w->rows >= w->row_cells))
        code = send_rows(w, false, err);
    while (code == MF_OK && n > w->row_cells) { /* nothing waits but this row */
        uint32_t now = (uint32_t)w->row_cells;
        code = wait_row(w, now, item, bytes, fold, err);
        if (code == MF_OK)
            code = send_rows(w, true, err);
        item += now;
        bytes += (size_t)now * 4;
        fold = fold ? fold + now : NULL;
        n -= now;
    }
    return code < 0 ? code : wait_row(w, n, item, bytes, fold, err);
}

int mf_bundle_put_rows_like(mf_bundle_writer *w, const mf_record *record, mf_value as,
                            const void *value, const uint8_t *fold, mf_err *err)
{
    const mf_row_block *rows = &record->rows;
    const mf_bundle_reader *r = record->from;
    if (!value)
        value = rows->u32 ? (const void *)rows->u32 : rows->f32;
    if (!fold)
        fold = rows->fold;
    if (as != w->header.value)
        return mf_fail(err, MF_EINVAL, "rows have not the value type of the header");
    int code = send_rows(w, false, err);
    if (code < 0)
        return code;
    size_t at = 0;
    for (size_t i = 0; i < r->parts; i++) {
        wire_map map;
        wire_span len, item;
        const bundle_part *part = &r->part[i];
        row_frame f = {.cells = part->cells,
                       .value = (const uint8_t *)value + at * 4,
                       .fold = fold + at,
                       .unknown = &map};
        if (mf__wire_map_parse(&map, part->payload, part->size) ||
            mf__wire_get_u32(&map, "first", true, &f.first) ||
            mf__wire_get_u32(&map, "n", true, &f.n) ||
            mf__wire_get_bin(&map, "len", true, &len) ||
            mf__wire_get_bin(&map, "item", true, &item) ||
            mf__wire_get_bool(&map, "continues", &f.continues))
            return mf_fail(err, MF_EINVAL,
                           "a record that was read cannot be read again");
        mf__bundle_know_rows(&map);
        f.len = len.data;
        f.item = item.data;
        if ((code = put_row_frame(w, &f, err)) < 0)
            return code;
        at += part->cells;
    }
    return MF_OK;
}

int mf_bundle_put_card(mf_bundle_writer *w, const mf_card *c, mf_err *err)
{
    int code = send_rows(w, false, err);
    if (code < 0)
        return code;
    bool confident = c->confidence[0] && strcmp(c->confidence, "none") != 0;
    bool biased = c->lambda_bias != 0;
    size_t keys = 20;
    keys += c->assign[0] ? 1 : 0;
    keys += confident ? 3 : 0;
    keys += biased ? 1 : 0;
    keys += c->restarts ? 1 : 0;
    msgpack_packer *pack = begin_map(w, keys);
    key_u64(pack, "k", c->k);
    key_u64(pack, "p", c->personas);
    key_str(pack, "preset", c->preset);
    key_str(pack, "init", c->init);
    key_f64(pack, "overlap", c->overlap);
    key_f64(pack, "shrink", c->shrink);
    key_f64(pack, "unobserved", c->unobserved);
    key_f64(pack, "lambda_users", c->lambda_users);
    key_f64(pack, "lambda_items", c->lambda_items);
    key_f64(pack, "nu", c->nu);
    key_u64(pack, "iterations", c->iterations);
    key_u64(pack, "warmup", c->warmup);
    if (c->restarts)
        key_u64(pack, "restarts", c->restarts);
    key_u64(pack, "seed", c->seed);
    key_f64(pack, "mu", c->mu);
    if (c->assign[0])
        key_str(pack, "assign", c->assign);
    if (confident) {
        key_str(pack, "confidence", c->confidence);
        key_f64(pack, "alpha", c->alpha);
        key_f64(pack, "eps", c->eps);
    }
    if (biased)
        key_f64(pack, "lambda_bias", c->lambda_bias);
    mf__wire_put_str(pack, "train");
    msgpack_pack_fix_uint64(pack, c->train);
    mf__wire_put_str(pack, "held_out");
    msgpack_pack_fix_uint64(pack, c->held_out);
    key_str(pack, "watch", c->watch);
    key_u64(pack, "best", c->best);
    key_f64(pack, "cosine", c->cosine);
    key_f64(pack, "entropy", c->entropy);
    return put_map(w, 'M', err);
}

int mf_bundle_put_factors(mf_bundle_writer *w, mf_axis side, const mf_tensor *f,
                          const size_t *zptr, const uint8_t *z, mf_err *err)
{
    int code = send_rows(w, false, err);
    if (code < 0)
        return code;
    bool personas = side == MF_USER && f->personas > 1;
    size_t row_bytes = (size_t)f->personas * f->k * sizeof *f->data;
    size_t bias_bytes = f->bias ? sizeof *f->bias : 0;
    for (uint32_t first = 0, n; first < f->n; first += n) {
        size_t bytes = 0;
        for (n = 0; n < f->n - first; n++) {
            size_t more = row_bytes + bias_bytes;
            if (personas)
                more += zptr[first + n + 1] - zptr[first + n];
            if (n > 0 && bytes + more > FACTOR_BYTES)
                break;
            bytes += more;
        }
        if (mf__reserve(&w->len, &w->len_cap, n, sizeof *w->len, err) < 0)
            return MF_ENOMEM;
        msgpack_packer *pack = begin_map(w, (personas ? 6u : 4u) + (f->bias ? 1u : 0u));
        key_str(pack, "side", side == MF_USER ? "user" : "item");
        key_u64(pack, "first", first);
        key_u64(pack, "n", n);
        key_bin(pack, "data", mf_tensor_at(f, first, 0), n, row_bytes);
        if (f->bias)
            key_bin(pack, "bias", f->bias + first, n, bias_bytes);
        if (personas) {
            for (uint32_t i = 0; i < n; i++)
                w->len[i] = (uint32_t)(zptr[first + i + 1] - zptr[first + i]);
            key_bin(pack, "len", w->len, n, sizeof *w->len);
            key_bin(pack, "z", z + zptr[first], zptr[first + n] - zptr[first], 1);
        }
        if ((code = put_map(w, 'F', err)) < 0)
            return code;
    }
    return MF_OK;
}

void mf__bundle_pack_entry(msgpack_packer *pack, const mf_history_entry *e)
{
    msgpack_pack_map(pack, 9);
    key_u64(pack, "iteration", e->iteration);
    key_str(pack, "half", e->half);
    key_f64(pack, "loss", e->loss);
    key_f64(pack, "prediction", e->prediction);
    key_f64(pack, "users", e->users);
    key_f64(pack, "items", e->items);
    key_f64(pack, "rmse", e->rmse);
    key_f64(pack, "valid", e->valid);
    key_f64(pack, "moved", e->moved);
}

int mf_bundle_put_history(mf_bundle_writer *w, size_t n, const mf_history_entry entry[],
                          mf_err *err)
{
    int code = send_rows(w, false, err);
    if (code < 0)
        return code;
    for (size_t first = 0, count; first < n; first += count) {
        count = n - first < HISTORY_MAX ? n - first : HISTORY_MAX;
        msgpack_packer *pack = begin_map(w, 1);
        mf__wire_put_str(pack, "entries");
        msgpack_pack_array(pack, count);
        for (size_t i = first; i < first + count; i++)
            mf__bundle_pack_entry(pack, &entry[i]);
        if ((code = put_map(w, 'h', err)) < 0)
            return code;
    }
    return MF_OK;
}

int mf_bundle_pass(mf_bundle_writer *w, const mf_record *record, mf_err *err)
{
    int code = send_rows(w, false, err);
    if (record->kind == MF_REC_HEADER)
        w->header = record->header;
    if (record->kind == MF_REC_IDS)
        w->ids[record->ids.axis] += record->ids.n;
    if (record->kind == MF_REC_ROWS) {
        w->cells += record->rows.cells;
        w->rows_put += record->rows.n;
    }
    for (size_t i = 0; code == MF_OK && i < record->from->parts; i++) {
        const bundle_part *part = &record->from->part[i];
        w->section[(unsigned char)record->tag & 127]++;
        w->written++;
        code = mf__frame_pass(w->frames, record->tag, part->payload, part->size, err);
    }
    return code;
}

static void pack_sections(msgpack_packer *pack, const uint64_t section[128])
{
    size_t kinds = 0;
    for (size_t tag = 0; tag < 128; tag++)
        kinds += section[tag] > 0;
    msgpack_pack_map(pack, kinds);
    for (size_t tag = 0; tag < 128; tag++)
        if (section[tag] > 0) {
            char key[2] = {(char)tag, 0};
            key_u64(pack, key, section[tag]);
        }
}

/* E: the stages of `from`, if it is not NULL, then n more. */
static int put_end(mf_bundle_writer *w, const mf_bundle_reader *from, size_t n,
                   const mf_stage stage[], mf_err *err)
{
    int code = send_rows(w, false, err);
    if (code < 0)
        return code;
    const mf_header *h = &w->header;
    if (w->section['R'] && h->nnz_known && w->cells != h->nnz)
        return mf_fail(err, MF_EINVAL, "%llu cells were put, the header said %llu",
                       (unsigned long long)w->cells, (unsigned long long)h->nnz);
    if (w->ids[MF_USER] != h->users || w->ids[MF_ITEM] != h->items ||
        (w->section['R'] && w->rows_put != h->users))
        return mf_fail(err, MF_EINVAL,
                       "%u and %u ids and %u rows were put, the header said "
                       "%u users and %u items",
                       w->ids[MF_USER], w->ids[MF_ITEM], w->rows_put, h->users,
                       h->items);
    if (from && !from->ended)
        return mf_fail(err, MF_EINVAL, "the end of the input was not verified yet");
    wire_map before = {0};
    size_t stages = 0;
    if (from) {
        before = from->tail_map;
        mf__bundle_know_end(&before);
        stages = from->stages;
    }
    if (stages + n > BUNDLE_STAGES_MAX)
        return mf_fail(err, MF_ERANGE,
                       "%zu stages of provenance; at most %d are allowed", stages + n,
                       BUNDLE_STAGES_MAX);
    msgpack_packer *pack = begin_map(w, 4 + mf__wire_unknown(&before));
    key_u64(pack, "frames", w->written);
    key_u64(pack, "nnz", w->cells);
    mf__wire_put_str(pack, "sections");
    pack_sections(pack, w->section);
    mf__wire_put_str(pack, "prov");
    msgpack_pack_array(pack, stages + n);
    for (size_t i = 0; i < stages; i++)
        mf__wire_append(&w->payload, from->stage[i].data, from->stage[i].size);
    for (size_t i = 0; i < n; i++)
        mf__bundle_pack_stage(pack, &stage[i]);
    mf__wire_put_unknown(&w->payload, &before);
    code = put_map(w, 'E', err);
    return code < 0 ? code : mf_out_flush(w->out, err);
}

int mf_bundle_put_end(mf_bundle_writer *w, const mf_bundle_reader *from,
                      const mf_stage *stage, mf_err *err)
{
    mf_stage self = *stage;
    if (from)
        mf_stage_input(&self, "bundle", mf_bundle_digest(from));
    return put_end(w, from, 1, &self, err);
}

int mf_bundle_put_end_stages(mf_bundle_writer *w, size_t n, const mf_stage stage[],
                             mf_err *err)
{
    return put_end(w, NULL, n, stage, err);
}
