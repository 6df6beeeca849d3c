/* Reading ratings: R frames become whole rows, whatever frames cut them. */
#include <string.h>

#include "base/mem.h"
#include "mf/ratings.h"
#include "wire/private.h"

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

bool mf__bundle_all_finite(const void *data, size_t n)
{
    const uint32_t *bits = data;
    unsigned wrong = 0;
#pragma omp simd reduction(| : wrong)
    for (size_t t = 0; t < n; t++)
        wrong |= (bits[t] & 0x7f800000u) == 0x7f800000u; /* Inf or NaN */
    return !wrong;
}

void mf__bundle_know_rows(wire_map *map)
{
    static const char *const keys[] = {"first", "n",    "len",      "item",
                                       "value", "fold", "continues"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        mf__wire_get_raw(map, keys[i]);
}

/* Append one R frame to the record. *rows and *cells are those before it;
 * `going_on`: the last row of them goes on in this frame. */
static int append_rows(mf_bundle_reader *r, uint32_t *rows, size_t *cells,
                       bool going_on, bool *continues, mf_err *err)
{
    uint32_t first = 0, n = 0;
    const char *why;
    if ((why = mf__wire_get_u32(&r->map, "first", true, &first)) ||
        (why = mf__wire_get_u32(&r->map, "n", true, &n)) ||
        (why = mf__wire_get_bool(&r->map, "continues", continues)))
        return mf__bundle_bad(r, err, why);
    uint32_t expected = r->next_row + *rows - going_on;
    if (first != expected || n == 0 || n > r->header.users - first)
        return mf__bundle_bad(
            r, err, "rows do not follow those before, or are more than H says");
    int code = mf__bundle_copy_bin(r, "len", n, sizeof *r->len, &r->len, &r->len_cap,
                                   *rows, err);
    if (code < 0)
        return code;

    size_t added = 0, begin = *cells;
    for (uint32_t i = 0; i < n; i++)
        added += r->len[*rows + i]; /* at most 2^32 terms below 2^32 */
    if (added > MF_FRAME_READ_MAX)
        return mf__bundle_bad(r, err,
                              "the lengths of the rows are more than a frame holds");
    if (r->header.nnz_known && added > r->header.nnz - r->cells - begin)
        return mf__bundle_bad(r, err, "more cells than H says");
    wire_span fold = {0};
    if ((code = mf__bundle_copy_bin(r, "item", added, 4, &r->item, &r->item_cap, begin,
                                    err)) < 0 ||
        (code = mf__bundle_copy_bin(r, "value", added, 4, &r->value, &r->value_cap,
                                    begin, err)) < 0 ||
        (code = mf__reserve(&r->fold, &r->fold_cap, begin + added + 1, 1, err)) < 0)
        return code;
    if ((why = mf__wire_get_bin(&r->map, "fold", false, &fold)))
        return mf__bundle_bad(r, err, why);
    if (fold.data && fold.size != added)
        return mf__bundle_bad(r, err, "'fold' has not one byte for each cell");
    if (fold.data && added)
        memcpy(r->fold + begin, fold.data, added);
    else if (added)
        memset(r->fold + begin, MF_TRAIN, added);

    if (!folds_in_range(r->fold + begin, added))
        return mf__bundle_bad(r, err, "a fold is more than 3");
    if (r->header.value == MF_F32 && !mf__bundle_all_finite(r->value + begin, added))
        return mf__bundle_bad(r, err, "a value is not finite");
    for (uint32_t i = 0, at = *rows; i < n; i++, at++) {
        /* a row that goes on is held against the last cell that it had before */
        size_t back = going_on && i == 0 && r->len[at - 1] > 0 && r->len[at] > 0;
        if (!items_ascend(r->item + begin - back, r->len[at] + back, r->header.items))
            return mf__bundle_bad(r, err,
                                  "item numbers of a row do not ascend, or are more "
                                  "than H says");
        begin += r->len[at];
    }
    if (going_on) { /* the first row belongs to the last one before */
        size_t sum = (size_t)r->len[*rows - 1] + r->len[*rows];
        if (sum > r->header.items)
            return mf__bundle_bad(r, err, "a row has more cells than there are items");
        r->len[*rows - 1] = (uint32_t)sum;
        memmove(r->len + *rows, r->len + *rows + 1, (n - 1) * sizeof *r->len);
    }
    *rows += n - going_on;
    *cells += added;
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

int mf__bundle_read_rows(mf_bundle_reader *r, mf_err *err)
{
    uint32_t rows = 0;
    size_t cells = 0;
    bool going_on = false, continues;
    for (;;) {
        size_t before = cells;
        continues = false;
        int code = append_rows(r, &rows, &cells, going_on, &continues, err);
        if (code < 0 || (code = mf__bundle_add_part(r, cells - before, err)) < 0)
            return code;
        if (!continues)
            break;
        if ((code = hold_part(r, err)) < 0 ||
            (code = mf__bundle_next_frame(r, err)) < 0)
            return code;
        if (r->frame.tag != 'R')
            return mf__bundle_bad(r, err,
                                  "a row that goes on is followed by no R frame");
        going_on = true;
    }
    mf_row_block *b = &r->record.rows;
    *b = (mf_row_block){.first = r->next_row,
                        .n = rows,
                        .cells = cells,
                        .len = r->len,
                        .item = r->item,
                        .fold = r->fold};
    if (r->header.value == MF_U32)
        b->u32 = r->value;
    else
        b->f32 = (const float *)(const void *)r->value;
    r->next_row += rows;
    r->cells += cells;
    r->record.kind = MF_REC_ROWS;
    return MF_OK;
}
