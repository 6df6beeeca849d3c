#include "data/ids.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "data/texts.h"

void mf_ids_free(mf_ids *ids)
{
    free(ids->off);
    free(ids->text);
    *ids = (mf_ids){0};
}

const char *mf_ids_get(const mf_ids *ids, uint32_t i, size_t *len)
{
    *len = ids->off[i + 1] - ids->off[i];
    return ids->text + ids->off[i];
}

int mf_ids_append(mf_ids *ids, const char *text, size_t len, mf_err *err)
{
    if (ids->n == UINT32_MAX)
        return mf_fail(err, MF_ERANGE, "more than 4294967295 ids");
    size_t at = ids->n ? ids->off[ids->n] : 0;
    if (mf__reserve(&ids->off, &ids->off_cap, (size_t)ids->n + 2, sizeof *ids->off,
                    err) < 0 ||
        mf__reserve(&ids->text, &ids->text_cap, at + len + 1, 1, err) < 0)
        return MF_ENOMEM;
    if (len)
        memcpy(ids->text + at, text, len);
    ids->off[ids->n] = at;
    ids->off[++ids->n] = at + len;
    return MF_OK;
}

int mf__ids_append_run(mf_ids *ids, uint32_t n, const uint32_t len[], const char *text,
                       mf_err *err)
{
    for (uint32_t i = 0; i < n; i++) {
        int code = mf_ids_append(ids, text, len[i], err);
        if (code < 0)
            return code;
        text += len[i];
    }
    return MF_OK;
}

int mf__id_compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
    int order = memcmp(a, b, a_len < b_len ? a_len : b_len);
    return order ? order : (a_len > b_len) - (a_len < b_len);
}

bool mf_ids_find(const mf_ids *ids, const char *text, size_t len, uint32_t *index)
{
    uint32_t lo = 0, hi = ids->n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        size_t mid_len;
        const char *mid_text = mf_ids_get(ids, mid, &mid_len);
        int order = mf__id_compare(mid_text, mid_len, text, len);
        if (order == 0) {
            *index = mid;
            return true;
        }
        if (order < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return false;
}

const char *mf__id_fault(const char *text, size_t len)
{
    if (len == 0)
        return "is empty";
    if (len > MF_ID_MAX)
        return "is longer than 65535 bytes";
    if (memchr(text, 0, len) || memchr(text, '\t', len) || memchr(text, '\n', len))
        return "holds a NUL, TAB or newline";
    return mf__utf8_valid(text, len) ? NULL : "is not UTF-8";
}

int mf__ids_sort(const mf_ids *ids, uint32_t **order, mf_err *err)
{
    size_t n = ids->n;
    *order = NULL;
    sortable *texts = mf__new(n, sizeof *texts);
    if (!texts)
        return mf__nomem(err);
    for (uint32_t i = 0; i < n; i++) {
        size_t len;
        const char *id = mf_ids_get(ids, i, &len);
        texts[i] = (sortable){.text = id, .len = (uint32_t)len, .tag = i};
    }
    int code = mf__texts_sort(texts, n, err);
    if (code == MF_OK && !(*order = mf__new(n, sizeof **order)))
        code = mf__nomem(err);
    for (size_t r = 0; code == MF_OK && r < n; r++)
        (*order)[r] = texts[r].tag;
    free(texts);
    return code;
}

int mf__ids_append_sorted(mf_ids *out, const mf_ids *ids, uint32_t **rank, mf_err *err)
{
    uint32_t *order;
    *rank = NULL;
    int code = mf__ids_sort(ids, &order, err);
    if (code == MF_OK && !(*rank = mf__new(ids->n, sizeof **rank)))
        code = mf__nomem(err);
    for (uint32_t r = 0; code == MF_OK && r < ids->n; r++) {
        size_t len;
        const char *text = mf_ids_get(ids, order[r], &len);
        (*rank)[order[r]] = r;
        code = mf_ids_append(out, text, len, err);
    }
    free(order);
    return code;
}
