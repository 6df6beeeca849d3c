#include "jobs/shared/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "jobs/shared/csv.h"

/* What stands before a field. */
static int before(table *t, mf_err *err)
{
    size_t column = t->column++;
    if (t->style == TABLE_JSON)
        return mf_out_printf(t->out, err, "%s\"%s\":", column ? "," : "{",
                             t->names[column]);
    return column ? mf_out_write(t->out, t->style == TABLE_TSV ? "\t" : ",", 1, err)
                  : MF_OK;
}

static int put_json(mf_out *out, const char *text, size_t len, mf_err *err)
{
    int code = mf_out_write(out, "\"", 1, err);
    for (size_t i = 0, from = 0; code == MF_OK && i <= len; i++) {
        unsigned char ch = i < len ? (unsigned char)text[i] : '"';
        if (ch >= 0x20 && ch != '"' && ch != '\\' && ch != 0x7f)
            continue;
        code = mf_out_write(out, text + from, i - from, err);
        from = i + 1;
        if (code == MF_OK && i < len)
            code = ch == '"' || ch == '\\' ? mf_out_printf(out, err, "\\%c", ch)
                                           : mf_out_printf(out, err, "\\u%04x", ch);
    }
    return code == MF_OK ? mf_out_write(out, "\"", 1, err) : code;
}

static int put_csv(mf_out *out, const char *text, size_t len, mf_err *err)
{
    if (!mf__csv_needs_quotes(text, len))
        return mf_out_write(out, text, len, err);
    int code = mf_out_write(out, "\"", 1, err);
    for (size_t from = 0; code == MF_OK && from < len;) {
        const char *quote = memchr(text + from, '"', len - from);
        size_t n = quote ? (size_t)(quote + 1 - text) - from : len - from;
        code = mf_out_write(out, text + from, n, err);
        if (code == MF_OK && quote)
            code = mf_out_write(out, "\"", 1, err);
        from += n;
    }
    return code == MF_OK ? mf_out_write(out, "\"", 1, err) : code;
}

int mf__table_text(table *t, const char *text, size_t len, mf_err *err)
{
    bool first = t->row == 0 && t->column == 0;
    int code = before(t, err);
    if (code < 0)
        return code;
    if (t->style == TABLE_JSON)
        return put_json(t->out, text, len, err);
    if (t->style == TABLE_CSV)
        return put_csv(t->out, text, len, err);
    if (len && (text[len - 1] == '\r' || (first && text[0] == '\xef' && len >= 3 &&
                                          memcmp(text, "\xef\xbb\xbf", 3) == 0)))
        return mf_fail(err, MF_ERANGE,
                       "an id has a carriage return at its end or a byte "
                       "order mark at its start, which lines do not give back; use "
                       "--to=csv or --to=ndjson");
    return mf_out_write(t->out, text, len, err);
}

int mf__table_head(table *t, mf_err *err)
{
    if (t->style == TABLE_JSON)
        return MF_OK;
    for (size_t i = 0; t->names[i]; i++) {
        int code = mf__table_text(t, t->names[i], strlen(t->names[i]), err);
        if (code < 0)
            return code;
    }
    return mf__table_end_row(t, err);
}

static int put_number(table *t, const char *text, mf_err *err)
{
    int code = before(t, err);
    return code < 0 ? code : mf_out_write(t->out, text, strlen(text), err);
}

int mf__table_put_u32(table *t, uint32_t value, mf_err *err)
{
    char text[TABLE_NUMBER];
    snprintf(text, sizeof text, "%u", value);
    return put_number(t, text, err);
}

int mf__table_put_float(table *t, float value, mf_err *err)
{
    char text[TABLE_NUMBER];
    mf__table_float(text, value);
    return put_number(t, text, err);
}

int mf__table_put_double(table *t, double value, mf_err *err)
{
    char text[TABLE_NUMBER] = "";
    if (isfinite(value))
        mf__number_shortest(text, value);
    else if (t->style == TABLE_JSON)
        snprintf(text, sizeof text, "null");
    return put_number(t, text, err);
}

int mf__table_end_row(table *t, mf_err *err)
{
    t->column = 0;
    t->row++;
    return mf_out_write(t->out, t->style == TABLE_JSON ? "}\n" : "\n",
                        t->style == TABLE_JSON ? 2 : 1, err);
}
