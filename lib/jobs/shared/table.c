#include "jobs/shared/table.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "jobs/shared/csv.h"
#include "jobs/shared/json_text.h"
#include "jobs/shared/number_text.h"

enum { DOUBLE_TEXT = 32 };

static const char *separator(const table *t)
{
    return t->separator ? t->separator : t->style == TABLE_TSV ? "\t" : ",";
}

/* What stands before a field. */
static void before(table *t)
{
    size_t column = t->column++;
    if (t->style == TABLE_JSON) {
        mf__page_puts(t->to, column ? ",\"" : "{\"");
        mf__page_puts(t->to, t->names[column]);
        mf__page_puts(t->to, "\":");
    } else if (column) {
        mf__page_puts(t->to, separator(t));
    }
}

bool mf__table_splits(const char *text, size_t len, const char *separator)
{
    size_t step = strlen(separator);
    for (size_t i = 0; i < len; i++) {
        size_t in = len - i < step ? len - i : step; /* the rest is in the separator */
        if (memcmp(text + i, separator, in) == 0 &&
            memcmp(separator, separator + in, step - in) == 0)
            return true;
    }
    return false;
}

static void put_tsv(table *t, const char *text, size_t len, bool first)
{
    if (len && (text[len - 1] == '\r' || (first && text[0] == '\xef' && len >= 3 &&
                                          memcmp(text, "\xef\xbb\xbf", 3) == 0)))
        mf__page_fail(t->to, MF_ERANGE,
                      "an id has a carriage return at its end or a byte "
                      "order mark at its start, which lines do not give back; use "
                      "--to=csv or --to=ndjson");
    if (t->separator && t->names[1] && mf__table_splits(text, len, t->separator))
        mf__page_fail(t->to, MF_ERANGE,
                      "an id holds the separator, which lines do not give back; use "
                      "--to=csv, which quotes it");
    mf__page_put(t->to, text, len);
}

void mf__table_put_text(table *t, const char *text, size_t len)
{
    bool first = t->row == 0 && t->column == 0;
    before(t);
    switch (t->style) {
    case TABLE_TSV: put_tsv(t, text, len, first); break;
    case TABLE_CSV: mf__csv_put(t->to, text, len, *separator(t)); break;
    case TABLE_JSON: mf__json_put_text(t->to, text, len); break;
    }
}

void mf__table_head(table *t)
{
    if (t->style == TABLE_JSON)
        return;
    for (size_t i = 0; t->names[i]; i++)
        mf__table_put_text(t, t->names[i], strlen(t->names[i]));
    mf__table_end_row(t);
}

static void put_number(table *t, const char *text)
{
    before(t);
    mf__page_puts(t->to, text);
}

void mf__table_put_u32(table *t, uint32_t value)
{
    char text[U32_TEXT];
    before(t);
    mf__page_put(t->to, text, (size_t)(mf__u32_text(text, value) - text));
}

void mf__table_put_i64(table *t, int64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)value);
    put_number(t, text);
}

void mf__table_put_float(table *t, float value)
{
    char text[FLOAT_TEXT];
    mf__float_text(text, value);
    put_number(t, text);
}

void mf__table_put_double(table *t, double value)
{
    char text[DOUBLE_TEXT] = "";
    if (isfinite(value))
        mf__number_shortest(text, value);
    else if (t->style == TABLE_JSON)
        snprintf(text, sizeof text, "null");
    put_number(t, text);
}

void mf__table_end_row(table *t)
{
    t->column = 0;
    t->row++;
    if (t->style == TABLE_JSON)
        mf__page_putc(t->to, '}');
    mf__page_putc(t->to, '\n');
}
