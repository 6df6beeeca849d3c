#include "mf/info.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mf/metrics.h"
#include "wire/note.h"

void mf_info_free(mf_info *info)
{
    free(info->of_user);
    free(info->of_item);
    free(info->note);
    mf_bundle_reader_close(info->bundle);
    *info = (mf_info){0};
}

/* Make room by the ids that came, not by what the header promised. */
static int add_ids(mf_info *info, const mf_id_block *b, mf_err *err)
{
    uint32_t **count = b->axis == MF_USER ? &info->of_user : &info->of_item;
    size_t *cap = b->axis == MF_USER ? &info->user_cap : &info->item_cap;
    if (mf__reserve(count, cap, (size_t)b->first + b->n, sizeof **count, err) < 0)
        return MF_ENOMEM;
    for (size_t i = b->first; i < (size_t)b->first + b->n; i++)
        (*count)[i] = 0;
    return MF_OK;
}

static void add_rows(mf_info *info, const mf_row_block *b)
{
    info->has_ratings = true;
    for (uint32_t i = 0; i < b->n; i++)
        info->of_user[b->first + i] = b->len[i];
    for (size_t t = 0; t < b->cells; t++) {
        double x = b->u32 ? (double)b->u32[t] : (double)b->f32[t];
        if (info->cells == 0 && t == 0)
            info->min = info->max = x;
        info->min = x < info->min ? x : info->min;
        info->max = x > info->max ? x : info->max;
        info->below += x < 0;
        info->at += x == 0;
        if (b->u32)
            info->sum_u32 += b->u32[t];
        else
            info->sum_f32 += x;
        info->of_item[b->item[t]]++;
        info->fold[b->fold[t]]++;
    }
    for (size_t t = 0; b->time && t < b->cells; t++) {
        int64_t when = b->time[t];
        bool first = info->cells == 0 && t == 0;
        info->first_time = first || when < info->first_time ? when : info->first_time;
        info->last_time = first || when > info->last_time ? when : info->last_time;
    }
    info->cells += b->cells;
}

/* A number that is not known is worse than any; `more` is better for the
 * watched metric of a ranking, less for errors and the loss. */
static bool is_better(const mf_history_entry *a, const mf_history_entry *b, bool more)
{
    if (isfinite(a->valid) || isfinite(b->valid))
        return isfinite(a->valid) &&
               !(more ? b->valid >= a->valid : b->valid <= a->valid);
    return isfinite(a->loss) && !(b->loss <= a->loss);
}

static void add_history(mf_info *info, const mf_history_block *b)
{
    mf_metric_list watched;
    bool more = info->card.watch[0] &&
                mf_metrics_parse(&watched, info->card.watch, NULL) == MF_OK &&
                !mf_metric_is_prediction(&watched.metric[0]);
    for (size_t i = 0; i < b->n; i++) {
        if (info->history++ == 0)
            info->first = info->best = b->entry[i];
        /* Losses of one persona and of several are not of one objective. */
        bool anew = !(isfinite(info->best.valid) && isfinite(b->entry[i].valid)) &&
                    strcmp(b->entry[i].half, "cluster") == 0;
        if (anew || is_better(&b->entry[i], &info->best, more))
            info->best = b->entry[i];
        info->last = b->entry[i];
    }
}

static int add_record(mf_info *info, const mf_record *rec, mf_err *err)
{
    switch (rec->kind) {
    case MF_REC_HEADER: info->header = rec->header; return MF_OK;
    case MF_REC_IDS: return add_ids(info, &rec->ids, err);
    case MF_REC_ROWS: add_rows(info, &rec->rows); return MF_OK;
    case MF_REC_CARD:
        info->has_card = true;
        info->card = rec->card;
        return MF_OK;
    case MF_REC_HISTORY: add_history(info, &rec->history); return MF_OK;
    case MF_REC_NOTE: return mf__note_copy(&info->note, &rec->note, err);
    default: return MF_OK;
    }
}

int mf_info_read(mf_info *info, mf_in *in, mf_err *err)
{
    const mf_record *rec;
    *info = (mf_info){0};
    int code = mf_bundle_reader_open(&info->bundle, in, err);
    if (code < 0)
        return code;
    while ((code = mf_bundle_next(info->bundle, &rec, err)) == 1) {
        code = add_record(info, rec, err);
        if (code < 0)
            break;
    }
    if (code < 0)
        mf_info_free(info);
    return code;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x, y;
    x = *(const uint32_t *)a;
    y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static double quantile(const uint32_t sorted[], size_t n, double q)
{
    double at = q * (double)(n - 1), low = floor(at);
    size_t i = (size_t)low;
    double here = sorted[i], next = sorted[i + 1 < n ? i + 1 : i];
    return here + (at - low) * (next - here);
}

mf_spread mf_info_spread(uint32_t count[], size_t n)
{
    if (n == 0)
        return (mf_spread){0};
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += count[i]; /* whole numbers: exact in any order below 2^53 */
    qsort(count, n, sizeof *count, by_number);
    return (mf_spread){
        .min = count[0],
        .q25 = quantile(count, n, 0.25),
        .median = quantile(count, n, 0.5),
        .mean = sum / (double)n,
        .q75 = quantile(count, n, 0.75),
        .max = count[n - 1],
    };
}
