#include "jobs/evaluate/trec.h"

#include "jobs/shared/trec.h"
#include "math/metrics.h"

uint32_t mf__run_depth(const mf_metric_list *metrics, uint32_t items)
{
    uint32_t most = 0;
    for (size_t m = 0; m < metrics->n; m++) {
        uint32_t depth = mf__metric_depth(&metrics->metric[m]);
        most = depth > most ? depth : most;
    }
    if (most == 0)
        most = 1000;
    return most < items ? most : items;
}

void mf__run_put_list(page *to, const mf_ratings *r, uint32_t user, uint32_t n,
                      const mf_ranked top[], const char *tag)
{
    trec_list list = {
        .to = to, .users = &r->users, .items = &r->items, .user = user, .tag = tag};
    for (uint32_t i = 0; i < n; i++)
        mf__trec_put_item(&list, top[i].item, top[i].score);
}

int mf__qrels_write(const test_users *t, mf_out *out, mf_err *err)
{
    const mf_ratings *r = t->ratings;
    page lines = {0};
    int code = MF_OK;
    for (uint32_t at = 0; code == MF_OK && at < t->n; at++) {
        uint32_t user = t->user[at];
        size_t nth = 0;
        for (size_t c = r->x.ptr[user]; c < r->x.ptr[user + 1]; c++) {
            if (r->fold[c] != MF_TEST ||
                !mf__test_cell_relevant(t, t->place[at], nth++, r->x.val[c]))
                continue;
            mf__trec_put_id(&lines, &r->users, user);
            mf__page_puts(&lines, " 0 ");
            mf__trec_put_id(&lines, &r->items, r->x.col[c]);
            mf__page_puts(&lines, " 1\n");
        }
        code = mf__page_write(&lines, out, err);
    }
    mf__page_free(&lines);
    return code;
}
