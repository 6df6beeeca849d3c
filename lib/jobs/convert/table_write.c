/* Ratings, ids and the training history as lines of fields. */
#include <string.h>

#include "jobs/convert/format.h"
#include "jobs/shared/table.h"

static int put_id(table *t, const mf_ids *ids, uint32_t i, mf_err *err)
{
    size_t len;
    const char *text = mf_ids_get(ids, i, &len);
    return mf__table_text(t, text, len, err);
}

static int put_ratings(table *t, const mf_model *m, mf_err *err)
{
    const mf_ratings *r = &m->ratings;
    int code = MF_OK;
    for (uint32_t u = 0; u < r->x.rows; u++)
        for (size_t i = r->x.ptr[u]; i < r->x.ptr[u + 1]; i++) {
            if ((code = put_id(t, &r->users, u, err)) < 0 ||
                (code = put_id(t, &r->items, r->x.col[i], err)) < 0 ||
                (code = m->header.value == MF_U32
                            ? mf__table_put_u32(t, r->count[i], err)
                            : mf__table_put_float(t, r->x.val[i], err)) < 0)
                return code;
            if (t->names[COL_FOLD])
                code = mf__table_put_u32(t, r->fold[i], err);
            if (code < 0 || (code = mf__table_end_row(t, err)) < 0)
                return code;
        }
    return MF_OK;
}

static int put_ids(table *t, const mf_ids *ids, mf_err *err)
{
    int code = MF_OK;
    for (uint32_t i = 0; code == MF_OK && i < ids->n; i++)
        if ((code = put_id(t, ids, i, err)) == MF_OK)
            code = mf__table_end_row(t, err);
    return code;
}

static int put_history(table *t, const mf_model *m, mf_err *err)
{
    for (size_t i = 0; i < m->history_n; i++) {
        const mf_history_entry *e = &m->history[i];
        const double number[] = {e->loss, e->prediction, e->users, e->items,
                                 e->rmse, e->valid,      e->moved};
        int code = mf__table_put_u32(t, e->iteration, err);
        if (code == MF_OK)
            code = mf__table_text(t, e->half, strlen(e->half), err);
        for (size_t j = 0; code == MF_OK && j < sizeof number / sizeof *number; j++)
            code = mf__table_put_double(t, number[j], err);
        if (code < 0 || (code = mf__table_end_row(t, err)) < 0)
            return code;
    }
    return MF_OK;
}

static int write_table(table *t, const mf_model *m, const mf_convert_to_params *p,
                       bool head, mf_err *err)
{
    int code = head ? mf__table_head(t, err) : MF_OK;
    if (code < 0)
        return code;
    switch (p->part) {
    case MF_PART_USERS: return put_ids(t, &m->ratings.users, err);
    case MF_PART_ITEMS: return put_ids(t, &m->ratings.items, err);
    case MF_PART_HISTORY: return put_history(t, m, err);
    default: return put_ratings(t, m, err);
    }
}

/* The part with its own columns. */
static int write_part(mf_out *out, table_style style, const mf_model *m,
                      const mf_convert_to_params *p, mf_err *err)
{
    static const char *const ratings[] = {"user", "item", "value", "fold", NULL};
    static const char *const users[] = {"user", NULL}, *const items[] = {"item", NULL};
    static const char *const history[] = {"iteration", "half",  "loss", "prediction",
                                          "users",     "items", "rmse", "valid",
                                          "moved",     NULL};
    static const char *const *const names[] = {[MF_PART_RATINGS] = ratings,
                                               [MF_PART_USERS] = users,
                                               [MF_PART_ITEMS] = items,
                                               [MF_PART_HISTORY] = history};
    table t = {.out = out, .style = style, .names = names[p->part]};
    return write_table(&t, m, p, p->header || p->part == MF_PART_HISTORY, err);
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
    static const char *const names[] = {"user_id:token", "item_id:token",
                                        "rating:float", NULL, NULL};
    table t = {.out = out, .style = TABLE_TSV, .names = names};
    (void)name;
    return write_table(&t, m, p, true, err);
}
