/* Ratings, ids and the training history as lines of fields. */
#include <string.h>

#include "jobs/convert/format.h"
#include "jobs/convert/splitter.h"
#include "jobs/shared/table.h"

static void put_id(table *t, const mf_ids *ids, uint32_t i)
{
    size_t len;
    const char *text = mf_ids_get(ids, i, &len);
    mf__table_put_text(t, text, len);
}

static int put_ratings(table *t, const mf_model *m, mf_out *out, mf_err *err)
{
    const mf_ratings *r = &m->ratings;
    const char *after = t->names[COL_FOLD]; /* the value: fold, time or nothing */
    bool folds = after && strcmp(after, mf__column_names[COL_FOLD]) == 0;
    int code = MF_OK;
    for (uint32_t u = 0; code == MF_OK && u < r->x.rows; u++) {
        for (size_t i = r->x.ptr[u]; i < r->x.ptr[u + 1]; i++) {
            put_id(t, &r->users, u);
            put_id(t, &r->items, r->x.col[i]);
            if (m->header.value == MF_U32)
                mf__table_put_u32(t, r->count[i]);
            else
                mf__table_put_float(t, r->x.val[i]);
            if (folds)
                mf__table_put_u32(t, r->fold[i]);
            if (r->time)
                mf__table_put_i64(t, r->time[i]);
            mf__table_end_row(t);
        }
        code = mf__page_write(t->to, out, err);
    }
    return code;
}

static int put_ids(table *t, const mf_ids *ids, mf_out *out, mf_err *err)
{
    int code = MF_OK;
    for (uint32_t i = 0; code == MF_OK && i < ids->n; i++) {
        put_id(t, ids, i);
        mf__table_end_row(t);
        code = mf__page_write(t->to, out, err);
    }
    return code;
}

static int put_history(table *t, const mf_model *m, mf_out *out, mf_err *err)
{
    for (size_t i = 0; i < m->history_n; i++) {
        const mf_history_entry *e = &m->history[i];
        const double number[] = {e->loss, e->prediction, e->users, e->items,
                                 e->rmse, e->valid,      e->moved};
        mf__table_put_u32(t, e->iteration);
        mf__table_put_text(t, e->half, strlen(e->half));
        for (size_t j = 0; j < sizeof number / sizeof *number; j++)
            mf__table_put_double(t, number[j]);
        mf__table_end_row(t);
    }
    return mf__page_write(t->to, out, err);
}

static int write_table(mf_out *out, table_style style, const char *const names[],
                       const char *between, const mf_model *m, mf_part part, bool head,
                       mf_err *err)
{
    page lines = {0};
    table t = {.to = &lines, .style = style, .names = names, .separator = between};
    if (head)
        mf__table_head(&t);
    int code = mf__page_write(&lines, out, err);
    if (code == MF_OK)
        switch (part) {
        case MF_PART_USERS: code = put_ids(&t, &m->ratings.users, out, err); break;
        case MF_PART_ITEMS: code = put_ids(&t, &m->ratings.items, out, err); break;
        case MF_PART_HISTORY: code = put_history(&t, m, out, err); break;
        default: code = put_ratings(&t, m, out, err);
        }
    mf__page_free(&lines);
    return code;
}

/* The part with its own columns. */
static int write_part(mf_out *out, table_style style, const mf_model *m,
                      const mf_convert_to_params *p, mf_err *err)
{
    const char *const ratings[] = {
        "user", "item", "value", "fold", m->ratings.time ? "time" : NULL, NULL};
    static const char *const users[] = {"user", NULL}, *const items[] = {"item", NULL};
    static const char *const history[] = {"iteration", "half",  "loss", "prediction",
                                          "users",     "items", "rmse", "valid",
                                          "moved",     NULL};
    const char *const *const names[] = {[MF_PART_RATINGS] = ratings,
                                        [MF_PART_USERS] = users,
                                        [MF_PART_ITEMS] = items,
                                        [MF_PART_HISTORY] = history};
    separator between;
    int code = mf__separator_read(&between, p->format, p->separator, err);
    if (code < 0)
        return code;
    const char *blank = between.text[0] ? between.text : " "; /* of whitespace */
    return write_table(out, style, names[p->part], p->separator ? blank : NULL, m,
                       p->part, p->header || p->part == MF_PART_HISTORY, err);
}

int mf__tsv_write(mf_out *out, const mf_model *m, const mf_convert_to_params *p,
                  const char *name, mf_err *err)
{
    (void)name;
    return write_part(out, TABLE_TSV, m, p, err);
}

int mf__csv_write(mf_out *out, const mf_model *m, const mf_convert_to_params *p,
                  const char *name, mf_err *err)
{
    (void)name;
    return write_part(out, TABLE_CSV, m, p, err);
}

int mf__ndjson_write(mf_out *out, const mf_model *m, const mf_convert_to_params *p,
                     const char *name, mf_err *err)
{
    (void)name;
    return write_part(out, TABLE_JSON, m, p, err);
}

int mf__inter_write(mf_out *out, const mf_model *m, const mf_convert_to_params *p,
                    const char *name, mf_err *err)
{
    const char *const names[] = {"user_id:token", "item_id:token", "rating:float",
                                 m->ratings.time ? "timestamp:float" : NULL, NULL};
    (void)name;
    return write_table(out, TABLE_TSV, names, NULL, m, p->part, true, err);
}
