#include <string.h>

#include "jobs/convert/private.h"
#include "jobs/shared/table.h"

mf_convert_to_params mf_convert_to_defaults(void)
{
    return (mf_convert_to_params){.format = MF_FORMAT_TSV, .part = MF_PART_RATINGS};
}

/* Formats of lines of fields, which hold every part. */
static bool lines_of_fields(mf_format format)
{
    return format == MF_FORMAT_TSV || format == MF_FORMAT_CSV ||
           format == MF_FORMAT_NDJSON;
}

int mf_convert_to_check(const mf_convert_to_params *p, mf_err *err)
{
    bool biases = p->part == MF_PART_USER_BIASES || p->part == MF_PART_ITEM_BIASES;
    bool factors = p->part == MF_PART_USERS || p->part == MF_PART_ITEMS || biases;
    if (p->format == MF_FORMAT_NPY && !factors)
        return mf_fail(err, MF_EINVAL,
                       "--to=npy holds factors: say --part=users or --part=items, "
                       "or user-biases or item-biases");
    if (p->format != MF_FORMAT_NPY && biases)
        return mf_fail(err, MF_EINVAL, "--part=%s: say --to=npy",
                       mf_part_names[p->part]);
    if (p->format != MF_FORMAT_NPY && !lines_of_fields(p->format) &&
        p->part != MF_PART_RATINGS)
        return mf_fail(err, MF_EINVAL,
                       "--to=%s holds ratings, not --part=%s; tsv, csv and "
                       "ndjson have all parts",
                       mf_format_names[p->format], mf_part_names[p->part]);
    if (p->header && p->format != MF_FORMAT_TSV && p->format != MF_FORMAT_CSV)
        return mf_fail(err, MF_EINVAL,
                       "--header: only tsv and csv can be with or without");
    return MF_OK;
}

bool mf_convert_to_binary(const mf_convert_to_params *p)
{
    return p->format == MF_FORMAT_NPY || p->format == MF_FORMAT_NPZ;
}

static void put_id(table *t, const mf_ids *ids, uint32_t i)
{
    size_t len;
    const char *text = mf_ids_get(ids, i, &len);
    mf__table_put_text(t, text, len);
}

static int put_ratings(table *t, const mf_model *m, mf_out *out, mf_err *err)
{
    const mf_ratings *r = &m->ratings;
    int code = MF_OK;
    for (uint32_t u = 0; code == MF_OK && u < r->x.rows; u++) {
        for (size_t i = r->x.ptr[u]; i < r->x.ptr[u + 1]; i++) {
            put_id(t, &r->users, u);
            put_id(t, &r->items, r->x.col[i]);
            if (m->header.value == MF_U32)
                mf__table_put_u32(t, r->count[i]);
            else
                mf__table_put_float(t, r->x.val[i]);
            if (t->names[COL_FOLD])
                mf__table_put_u32(t, r->fold[i]);
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

static int put_table(mf_out *out, const mf_model *m, const mf_convert_to_params *p,
                     mf_err *err)
{
    static const char *const ratings[] = {"user", "item", "value", "fold", NULL};
    static const char *const inter[] = {"user_id:token", "item_id:token",
                                        "rating:float", NULL, NULL};
    static const char *const users[] = {"user", NULL}, *const items[] = {"item", NULL};
    static const char *const history[] = {"iteration", "half",  "loss", "prediction",
                                          "users",     "items", "rmse", "valid",
                                          "moved",     NULL};
    static const char *const *const names[] = {ratings, users, items, history};
    page lines = {0};
    table t = {.to = &lines, .names = names[p->part]};
    t.style = p->format == MF_FORMAT_CSV      ? TABLE_CSV
              : p->format == MF_FORMAT_NDJSON ? TABLE_JSON
                                              : TABLE_TSV;
    if (p->format == MF_FORMAT_INTER)
        t.names = inter;
    if (p->header || p->part == MF_PART_HISTORY || p->format == MF_FORMAT_INTER)
        mf__table_head(&t);
    int code = mf__page_write(&lines, out, err);
    if (code == MF_OK)
        switch (p->part) {
        case MF_PART_USERS: code = put_ids(&t, &m->ratings.users, out, err); break;
        case MF_PART_ITEMS: code = put_ids(&t, &m->ratings.items, out, err); break;
        case MF_PART_HISTORY: code = put_history(&t, m, out, err); break;
        default: code = put_ratings(&t, m, out, err);
        }
    mf__page_free(&lines);
    return code;
}

static int write_biases(mf_out *out, const mf_tensor *side, const char *name,
                        mf_err *err)
{
    if (side->bias)
        return mf__npy_write_biases(out, side, err);
    return mf_fail(err, MF_EFORMAT,
                   "%s: the model has no biases; mf-als "
                   "--preset=explicit makes one that has",
                   name);
}

/* What must be in memory for a part. */
static unsigned wanted(const mf_convert_to_params *p)
{
    if (p->format == MF_FORMAT_NPY)
        return MF_WANT_FACTORS;
    return p->part == MF_PART_RATINGS ? MF_WANT_RATINGS : 0;
}

int mf_convert_to_run(mf_in *in, mf_out *out, const mf_convert_to_params *p,
                      mf_err *err)
{
    mf_model model;
    int code = mf_convert_to_check(p, err);
    if (code == MF_OK)
        code = mf_model_load(&model, in, wanted(p), NULL, NULL, err);
    if (code < 0)
        return code;
    bool of_users = p->part == MF_PART_USERS || p->part == MF_PART_USER_BIASES;
    const mf_tensor *side = of_users ? &model.users : &model.items;
    if (p->part == MF_PART_HISTORY && model.history_n == 0)
        code = mf_fail(err, MF_EFORMAT,
                       "%s: the bundle holds no training history; pipe it "
                       "through mf-als",
                       mf_in_name(in));
    else if (p->format == MF_FORMAT_MTX)
        code = mf__mtx_write(out, &model, err);
    else if (p->format == MF_FORMAT_NPZ)
        code = mf__npz_write(out, &model, err);
    else if (p->format == MF_FORMAT_NPY)
        code = p->part == MF_PART_USERS || p->part == MF_PART_ITEMS
                   ? mf__npy_write_factors(out, side, err)
                   : write_biases(out, side, mf_in_name(in), err);
    else
        code = put_table(out, &model, p, err);
    mf_model_free(&model);
    return code;
}
