/* R, ratings by row, read: frames become whole rows, whatever cut them. */
#include <string.h>

#include "base/mem.h"
#include "data/finite.h"
#include "data/time.h"
#include "mf/ratings.h"
#include "wire/kinds.h"
#include "wire/reader.h"
#include "wire/rows.h"

/* The rows of a record, as far as its frames were read. */
typedef struct gathered {
    uint32_t rows;
    size_t cells;
    bool continues; /* the last row goes on in the next frame */
} gathered;

/* The checks below have no way out of their loops, so that they are vector code;
 * the pragma asks for it where -O2 would not. */

/* True if the n items of a row ascend and are below `items`. */
static bool items_ascend(const uint32_t *item, size_t n, uint32_t items)
{
    unsigned wrong = 0;
#pragma omp simd reduction(| : wrong)
    for (size_t t = 1; t < n; t++)
        wrong |= item[t] <= item[t - 1];
    return !wrong && (n == 0 || item[n - 1] < items);
}

static bool folds_in_range(const uint8_t *fold, size_t n)
{
    uint8_t all = 0;
#pragma omp simd reduction(| : all)
    for (size_t t = 0; t < n; t++)
        all |= fold[t];
    return all < MF_FOLDS;
}

/* The number of rows of the frame at hand, and their lengths behind those that are
 * gathered. `going_on`: the first of them is the last one gathered. */
static int read_lengths(mf_bundle_reader *r, gathered *g, bool going_on, uint32_t *n,
                        mf_err *err)
{
    uint32_t first = 0;
    const char *why;
    g->continues = false;
    if ((why = mf__map_u32(&r->map, "first", true, &first)) ||
        (why = mf__map_u32(&r->map, "n", true, n)) ||
        (why = mf__map_bool(&r->map, "continues", &g->continues)))
        return mf__reader_bad(r, err, why);
    uint32_t expected = r->next_row + g->rows - going_on;
    if (first != expected || *n == 0 || *n > r->header.users - first)
        return mf__reader_bad(
            r, err, "rows do not follow those before, or are more than H says");
    return mf__reader_copy_bin(r, "len", *n, sizeof *r->len, &r->len, &r->len_cap,
                               g->rows, err);
}

bool mf__times_valid(const int64_t time[], size_t n)
{
    unsigned wrong = 0;
#pragma omp simd reduction(| : wrong)
    for (size_t t = 0; t < n; t++)
        wrong |= (time[t] < MF_TIME_MIN) | (time[t] > MF_TIME_MAX);
    return !wrong;
}

/* So many cells, behind those that are gathered. */
static int read_cells(mf_bundle_reader *r, const gathered *g, size_t n, mf_err *err)
{
    wire_span fold = {0};
    size_t at = g->cells;
    int code;
    if (n > MF_FRAME_READ_MAX)
        return mf__reader_bad(r, err,
                              "the lengths of the rows are more than a frame holds");
    if (r->header.nnz_known && n > r->header.nnz - r->cells - at)
        return mf__reader_bad(r, err, "more cells than H says");
    if ((code = mf__reader_copy_bin(r, "item", n, 4, &r->item, &r->item_cap, at, err)) <
            0 ||
        (code = mf__reader_copy_bin(r, "value", n, 4, &r->value, &r->value_cap, at,
                                    err)) < 0 ||
        (code = mf__reserve(&r->fold, &r->fold_cap, at + n + 1, 1, err)) < 0)
        return code;
    const char *why = mf__map_bin(&r->map, "fold", false, &fold);
    if (why)
        return mf__reader_bad(r, err, why);
    if (fold.data && fold.size != n)
        return mf__reader_bad(r, err, "'fold' has not one byte for each cell");
    if (fold.data && n)
        memcpy(r->fold + at, fold.data, n);
    else if (n)
        memset(r->fold + at, MF_TRAIN, n);
    if (!folds_in_range(r->fold + at, n))
        return mf__reader_bad(r, err, "a fold is more than 3");
    if (r->header.value == MF_F32 && !mf__floats_finite(r->value + at, n))
        return mf__reader_bad(r, err, "a value is not finite");
    if (!r->header.time)
        return MF_OK;
    code = mf__reader_copy_bin(r, "time", n, sizeof *r->time, &r->time, &r->time_cap,
                               at, err);
    if (code == MF_OK && !mf__times_valid(r->time + at, n))
        return mf__reader_bad(r, err,
                              "a time is outside the years 0000 to 9999: times are "
                              "seconds since 1970");
    return code;
}

/* Gather the frame at hand. */
static int gather_frame(mf_bundle_reader *r, gathered *g, mf_err *err)
{
    bool going_on = g->continues;
    uint32_t n = 0, at = g->rows;
    size_t cells = 0, begin = g->cells;
    int code = read_lengths(r, g, going_on, &n, err);
    if (code < 0)
        return code;
    for (uint32_t i = 0; i < n; i++)
        cells += r->len[at + i]; /* at most 2^32 terms below 2^32 */
    if ((code = read_cells(r, g, cells, err)) < 0)
        return code;
    for (uint32_t i = 0; i < n; i++) {
        /* a row that goes on is held against the last cell that it had before */
        uint32_t len = r->len[at + i];
        size_t back = going_on && i == 0 && r->len[at - 1] > 0 && len > 0;
        if (!items_ascend(r->item + begin - back, len + back, r->header.items))
            return mf__reader_bad(r, err,
                                  "item numbers of a row do not ascend, or are more "
                                  "than H says");
        begin += len;
    }
    if (going_on) { /* two lengths of one row */
        size_t sum = (size_t)r->len[at - 1] + r->len[at];
        if (sum > r->header.items)
            return mf__reader_bad(r, err, "a row has more cells than there are items");
        r->len[at - 1] = (uint32_t)sum;
        memmove(r->len + at, r->len + at + 1, (n - 1) * sizeof *r->len);
    }
    r->part[r->parts - 1].cells = cells;
    g->rows += n - going_on;
    g->cells += cells;
    return MF_OK;
}

/* Keep a copy of the last part, because the next frame is about to be read. */
static int hold_part(mf_bundle_reader *r, mf_err *err)
{
    bundle_part *part = &r->part[r->parts - 1];
    uint8_t *copy = mf__new(part->size, 1);
    if (!copy)
        return mf__nomem(err);
    memcpy(copy, part->payload, part->size);
    part->payload = copy;
    part->held = true;
    return MF_OK;
}

/* Count the training cells of each row: a model must fit them. */
static int count_train(mf_bundle_reader *r, const gathered *g, mf_err *err)
{
    const uint8_t *fold = r->fold;
    if (mf__reserve(&r->train, &r->train_cap, (size_t)r->next_row + g->rows,
                    sizeof *r->train, err) < 0)
        return MF_ENOMEM;
    for (uint32_t i = 0; i < g->rows; i++) {
        uint32_t n = 0;
#pragma omp simd reduction(+ : n)
        for (uint32_t t = 0; t < r->len[i]; t++)
            n += fold[t] == MF_TRAIN;
        r->train[r->next_row + i] = n;
        fold += r->len[i];
    }
    return MF_OK;
}

int mf__rows_read(mf_bundle_reader *r, mf_err *err)
{
    gathered g = {0};
    int code = gather_frame(r, &g, err);
    while (code == MF_OK && g.continues) {
        if ((code = hold_part(r, err)) < 0 ||
            (code = mf__reader_next_frame(r, err)) < 0)
            return code;
        if (r->frame.tag != 'R')
            return mf__reader_bad(r, err,
                                  "a row that goes on is followed by no R frame");
        code = gather_frame(r, &g, err);
    }
    if (code == MF_OK)
        code = count_train(r, &g, err);
    if (code < 0)
        return code;
    mf_row_block *b = &r->record.rows;
    *b = (mf_row_block){.first = r->next_row,
                        .n = g.rows,
                        .cells = g.cells,
                        .len = r->len,
                        .item = r->item,
                        .fold = r->fold,
                        .time = r->header.time ? r->time : NULL};
    if (r->header.value == MF_U32)
        b->u32 = r->value;
    else
        b->f32 = (const float *)(const void *)r->value;
    r->next_row += g.rows;
    r->cells += g.cells;
    return MF_OK;
}

bool mf__rows_missing(const mf_bundle_reader *r)
{
    return mf_bundle_section(r, 'R') > 0 && r->next_row != r->header.users;
}
