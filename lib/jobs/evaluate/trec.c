/* Lists and test cells in the formats of trec_eval. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "jobs/evaluate/private.h"
#include "jobs/shared/table.h"
#include "jobs/shared/trec.h"

uint32_t mf__evaluate_trec_depth(const mf_metric_list *metrics, uint32_t items)
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

int mf__evaluate_trec_list(trec_page *to, const mf_ratings *r, uint32_t user,
                           uint32_t n, const char *tag, mf_err *err)
{
    size_t user_len, item_len;
    const char *user_id = mf_ids_get(&r->users, user, &user_len);
    float last = INFINITY;
    int code = MF_OK;
    for (uint32_t i = 0; code == MF_OK && i < n; i++) {
        char number[TABLE_NUMBER], rest[TABLE_NUMBER + 16];
        const char *item = mf_ids_get(&r->items, to->top[i].item, &item_len);
        mf__table_float(number, mf__trec_score(to->top[i].score, &last));
        int len = snprintf(rest, sizeof rest, " %u %s ", i + 1, number);
        if ((code = mf__page_put_trec(&to->lines, user_id, user_len, err)) == MF_OK &&
            (code = mf__page_put(&to->lines, " Q0 ", 4, err)) == MF_OK &&
            (code = mf__page_put_trec(&to->lines, item, item_len, err)) == MF_OK &&
            (code = mf__page_put(&to->lines, rest, (size_t)len, err)) == MF_OK &&
            (code = mf__page_put_trec(&to->lines, tag, strlen(tag), err)) == MF_OK)
            code = mf__page_put(&to->lines, "\n", 1, err);
    }
    return code;
}

int mf__evaluate_trec_qrels(const scoring *s, mf_out *out, mf_err *err)
{
    const mf_ratings *r = &s->model->ratings;
    page lines = {0};
    int code = MF_OK;
    for (uint32_t at = 0; code == MF_OK && at < s->users; at++) {
        size_t len, end = r->x.ptr[s->user[at] + 1];
        const char *user = mf_ids_get(&r->users, s->user[at], &len);
        lines.n = 0;
        for (size_t t = r->x.ptr[s->user[at]]; code == MF_OK && t < end; t++) {
            size_t item_len;
            const char *item = mf_ids_get(&r->items, r->x.col[t], &item_len);
            if (r->fold[t] == MF_TEST &&
                (code = mf__page_put_trec(&lines, user, len, err)) == MF_OK &&
                (code = mf__page_put(&lines, " 0 ", 3, err)) == MF_OK &&
                (code = mf__page_put_trec(&lines, item, item_len, err)) == MF_OK)
                code = mf__page_put(&lines, " 1\n", 3, err);
        }
        if (code == MF_OK)
            code = mf_out_write(out, lines.text, lines.n, err);
    }
    free(lines.text);
    return code;
}
