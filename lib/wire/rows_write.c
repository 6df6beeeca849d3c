/* R, ratings by row, written: frames are cut by counts alone, so that equal content
 * gives equal frames whichever stage or shard writes it. */
#include <string.h>

#include "base/mem.h"
#include "wire/kinds.h"
#include "wire/reader.h"
#include "wire/rows.h"
#include "wire/writer.h"

/* The keys that we know. */
static const char *const KEYS[] = {"first", "n",    "len",       "item",
                                   "value", "fold", "continues", NULL};
static const char *const TIME_KEYS[] = {"time", NULL}; /* if H says so */

/* What goes into one R frame. The arrays need not be aligned. */
typedef struct row_frame {
    uint32_t first, n;
    size_t cells;
    const uint8_t *len;          /* [n] u32 */
    const uint8_t *item, *value; /* [cells] of 4 bytes */
    const uint8_t *fold;         /* [cells] */
    const uint8_t *time;         /* [cells] of 8 bytes, or NULL */
    bool continues;              /* the last row goes on in the next frame */
    const wire_map *unknown;     /* its unknown keys are passed on; or NULL */
} row_frame;

static int put_halves(mf_bundle_writer *w, const row_frame *f, mf_err *err);

static int put_row_frame(mf_bundle_writer *w, const row_frame *f, mf_err *err)
{
    /* all zero: the first is, and each equals the next */
    bool folds = f->cells && (f->fold[0] || memcmp(f->fold, f->fold + 1, f->cells - 1));
    msgpack_packer *pack =
        mf__writer_begin(w, 5u + folds + (f->time != NULL) + f->continues +
                                (f->unknown ? mf__map_unknown(f->unknown) : 0));
    mf__pack_key_u64(pack, "first", f->first);
    mf__pack_key_u64(pack, "n", f->n);
    mf__pack_key_bin(pack, "len", f->len, f->n, 4);
    mf__pack_key_bin(pack, "item", f->item, f->cells, 4);
    mf__pack_key_bin(pack, "value", f->value, f->cells, 4);
    if (folds)
        mf__pack_key_bin(pack, "fold", f->fold, f->cells, 1);
    if (f->time)
        mf__pack_key_bin(pack, "time", f->time, f->cells, sizeof *w->time);
    if (f->continues)
        mf__pack_key_bool(pack, "continues", true);
    if (f->unknown)
        mf__pack_unknown(&w->payload, f->unknown);
    if (w->payload.size > MF_FRAME_WRITE_MAX && !w->payload.failed &&
        f->cells + f->n > 2)
        return put_halves(w, f, err);
    w->cells += f->cells;
    w->rows_put += f->n - f->continues;
    return mf__writer_put(w, 'R', err);
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
    right.time = f->time ? f->time + sizeof *w->time * left.cells : NULL;
    int code = put_row_frame(w, &left, err);
    return code < 0 ? code : put_row_frame(w, &right, err);
}

/* Put the rows that wait. `continues`: the last of them is not whole. */
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
                   .time = w->header.time ? (const uint8_t *)w->time : NULL,
                   .continues = continues};
    int code = put_row_frame(w, &f, err);
    w->first += w->rows - continues;
    w->rows = 0;
    w->waiting = 0;
    return code;
}

int mf__rows_send(mf_bundle_writer *w, mf_err *err)
{
    return send_rows(w, false, err);
}

/* Let a row wait, or a piece of one: n cells. */
static int wait_row(mf_bundle_writer *w, uint32_t n, const uint32_t *item,
                    const uint8_t *value, const uint8_t *fold, const int64_t *time,
                    mf_err *err)
{
    size_t at = w->waiting;
    if (mf__reserve(&w->len, &w->len_cap, (size_t)w->rows + 1, 4, err) < 0 ||
        mf__reserve(&w->item, &w->item_cap, at + n, 4, err) < 0 ||
        mf__reserve(&w->value, &w->value_cap, at + n, 4, err) < 0 ||
        mf__reserve(&w->fold, &w->fold_cap, at + n, 1, err) < 0 ||
        (w->header.time &&
         mf__reserve(&w->time, &w->time_cap, at + n + 1, 8, err) < 0)) /* never NULL */
        return MF_ENOMEM;
    w->len[w->rows++] = n;
    if (n) {
        memcpy(w->item + at, item, (size_t)n * 4);
        memcpy(w->value + at, value, (size_t)n * 4);
        if (fold)
            memcpy(w->fold + at, fold, n);
        else
            memset(w->fold + at, 0, n);
        if (time)
            memcpy(w->time + at, time, (size_t)n * sizeof *time);
    }
    w->waiting += n;
    return MF_OK;
}

int mf_bundle_put_row(mf_bundle_writer *w, uint32_t n, const uint32_t item[],
                      const void *value, const uint8_t fold[], mf_err *err)
{
    return mf_bundle_put_row_time(w, n, item, value, fold, NULL, err);
}

int mf_bundle_put_row_time(mf_bundle_writer *w, uint32_t n, const uint32_t item[],
                           const void *value, const uint8_t fold[],
                           const int64_t time[], mf_err *err)
{
    const uint8_t *bytes = value;
    int code = MF_OK;
    if (n > 0 && (time != NULL) != w->header.time)
        return mf_fail(err, MF_EINVAL,
                       time ? "a row has times, but the header does not say so"
                            : "a row has no times, but the header says that it has");
    if (time && !mf__times_valid(time, n))
        return mf_fail(err, MF_EINVAL, "a time is outside the years 0000 to 9999");
    if (w->rows > 0 && (n > w->row_cells - w->waiting || w->rows >= w->row_cells))
        code = mf__rows_send(w, err);
    while (code == MF_OK && n > w->row_cells) { /* nothing waits but this row */
        uint32_t now = (uint32_t)w->row_cells;
        code = wait_row(w, now, item, bytes, fold, time, err);
        if (code == MF_OK)
            code = send_rows(w, true, err);
        item += now;
        bytes += (size_t)now * 4;
        fold = fold ? fold + now : NULL;
        time = time ? time + now : NULL;
        n -= now;
    }
    return code < 0 ? code : wait_row(w, n, item, bytes, fold, time, err);
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
    int code = mf__rows_send(w, err);
    if (code < 0)
        return code;
    size_t at = 0;
    for (size_t i = 0; i < r->parts; i++) {
        wire_map map;
        wire_span len, item, time = {0};
        const bundle_part *part = &r->part[i];
        row_frame f = {.cells = part->cells,
                       .value = (const uint8_t *)value + at * 4,
                       .fold = fold + at,
                       .unknown = &map};
        if (mf__map_parse(&map, part->payload, part->size) ||
            mf__map_u32(&map, "first", true, &f.first) ||
            mf__map_u32(&map, "n", true, &f.n) ||
            mf__map_bin(&map, "len", true, &len) ||
            mf__map_bin(&map, "item", true, &item) ||
            mf__map_bool(&map, "continues", &f.continues) ||
            (w->header.time && mf__map_bin(&map, "time", true, &time)))
            return mf_fail(err, MF_EINVAL,
                           "a record that was read cannot be read again");
        mf__map_know(&map, KEYS);
        if (r->header.time)
            mf__map_know(&map, TIME_KEYS);
        f.len = len.data;
        f.item = item.data;
        f.time = time.data;
        if ((code = put_row_frame(w, &f, err)) < 0)
            return code;
        at += part->cells;
    }
    return MF_OK;
}

void mf__rows_passed(mf_bundle_writer *w, const mf_record *record)
{
    w->cells += record->rows.cells;
    w->rows_put += record->rows.n;
}
