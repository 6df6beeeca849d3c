/* A line of names, and a line for each item. */
#include "jobs/recommend/formats.h"
#include "jobs/recommend/reason_text.h"
#include "jobs/shared/table.h"

static table table_on(page *to, const recommend_job *job)
{
    static const char *const similar[] = {"similar", "rank", "item", "score", NULL};
    static const char *const user[] = {"user",  "rank",    "item",
                                       "score", "persona", NULL};
    static const char *const explained[] = {"user",    "rank",    "item", "score",
                                            "persona", "because", NULL};
    return (table){.to = to,
                   .style = TABLE_CSV,
                   .names = job->params->similars  ? similar
                            : job->params->explain ? explained
                                                   : user};
}

void mf__rec_csv_head(page *to, const recommend_job *job)
{
    table t = table_on(to, job);
    mf__table_head(&t);
}

static void put_id(table *t, const mf_ids *ids, uint32_t index)
{
    size_t len;
    const char *id = mf_ids_get(ids, index, &len);
    mf__table_put_text(t, id, len);
}

/* The names are made apart, since as one field they may need quotes. */
static void put_reason(table *t, const mf_ids *items, const reason *because,
                       const char *fallback)
{
    page names = {0};
    if (because)
        mf__rec_put_names(&names, items, because->n, because->item, because->share);
    mf__page_puts(&names, fallback ? fallback : "");
    if (names.code < 0)
        mf__page_fail(t->to, names.code, names.why);
    mf__table_put_text(t, names.n ? names.text : "", names.n);
    mf__page_free(&names);
}

void mf__rec_csv_list(page *to, const recommend_job *job, const item_list *list)
{
    const mf_ids *items = &job->model.ratings.items;
    table t = table_on(to, job);
    for (uint32_t i = 0; i < list->n; i++) {
        const listed_item *x = &list->item[i];
        put_id(&t, job->names, list->owner);
        mf__table_put_u32(&t, i + 1);
        put_id(&t, items, x->item);
        mf__table_put_float(&t, x->score);
        if (x->persona != NO_PERSONA)
            mf__table_put_u32(&t, persona_number(x->persona));
        if (job->params->explain)
            put_reason(&t, items, x->because, list->fallback);
        mf__table_end_row(&t);
    }
}
