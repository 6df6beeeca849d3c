/* Lists and test cells in the formats of trec_eval. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate_private.h"
#include "mf/mem.h"
#include "mf/text.h"
#include "table.h"
#include "trec.h"

uint32_t evaluate_trec_depth(const mf_metric_list *metrics, uint32_t items)
{
    uint32_t depth = 0;
    for (size_t m = 0; m < metrics->n; m++)
        if (metrics->metric[m].n > depth &&
            metrics->metric[m].kind != MF_METRIC_PERSONAS)
            depth = metrics->metric[m].n;
    if (depth == 0)
        depth = 1000;
    return depth < items ? depth : items;
}

static int put(trec_page *to, const char *text, size_t len, mf_err *err)
{
    int code = mf_reserve(&to->text, &to->cap, to->n + len, 1, err);
    if (code == MF_OK && len) {
        memcpy(to->text + to->n, text, len);
        to->n += len;
    }
    return code;
}

static int put_id(trec_page *to, const char *id, size_t len, mf_err *err)
{
    int code = mf_reserve(&to->text, &to->cap, to->n + 3 * len, 1, err);
    if (code == MF_OK)
        to->n += mf_text_trec(to->text + to->n, id, len);
    return code;
}

int evaluate_trec_list(trec_page *to, const mf_ratings *r, uint32_t user, uint32_t n,
                       const char *tag, mf_err *err)
{
    size_t user_len, item_len;
    const char *user_id = mf_ids_get(&r->users, user, &user_len);
    float last = INFINITY;
    int code = MF_OK;
    for (uint32_t i = 0; code == MF_OK && i < n; i++) {
        char number[TABLE_NUMBER], rest[TABLE_NUMBER + 16];
        const char *item = mf_ids_get(&r->items, to->top[i].item, &item_len);
        table_float(number, trec_score(to->top[i].score, &last));
        int len = snprintf(rest, sizeof rest, " %u %s ", i + 1, number);
        if ((code = put_id(to, user_id, user_len, err)) == MF_OK &&
            (code = put(to, " Q0 ", 4, err)) == MF_OK &&
            (code = put_id(to, item, item_len, err)) == MF_OK &&
            (code = put(to, rest, (size_t)len, err)) == MF_OK &&
            (code = put_id(to, tag, strlen(tag), err)) == MF_OK)
            code = put(to, "\n", 1, err);
    }
    return code;
}

int evaluate_trec_qrels(const scoring *s, mf_out *out, mf_err *err)
{
    const mf_ratings *r = &s->model->ratings;
    trec_page page = {0};
    int code = MF_OK;
    for (uint32_t at = 0; code == MF_OK && at < s->users; at++) {
        size_t len, end = r->x.ptr[s->user[at] + 1];
        const char *user = mf_ids_get(&r->users, s->user[at], &len);
        page.n = 0;
        for (size_t t = r->x.ptr[s->user[at]]; code == MF_OK && t < end; t++) {
            size_t item_len;
            const char *item = mf_ids_get(&r->items, r->x.col[t], &item_len);
            if (r->fold[t] == MF_TEST &&
                (code = put_id(&page, user, len, err)) == MF_OK &&
                (code = put(&page, " 0 ", 3, err)) == MF_OK &&
                (code = put_id(&page, item, item_len, err)) == MF_OK)
                code = put(&page, " 1\n", 3, err);
        }
        if (code == MF_OK)
            code = mf_out_write(out, page.text, page.n, err);
    }
    free(page.text);
    return code;
}
