/* TSV, CSV and RecBole's .inter, read: one cell a line, in columns. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "data/text.h"
#include "jobs/convert/format.h"
#include "jobs/shared/csv.h"

static const char *const WHAT[COLS] = {"user", "item", "value", "fold"};

/* A file of records, and which of its columns are which. */
typedef struct delimited {
    cells *c;
    mf_lines *lines;
    mf_format format;
    csv csv;
    size_t n, place[COLS]; /* of the first n of user, item, value, fold; from 0 */
    size_t need;           /* fields that a record must have */
    mf_field field[COLUMN_MAX];
} delimited;

static int next_record(delimited *d, size_t *n, mf_err *err)
{
    if (d->format == MF_FORMAT_CSV)
        return mf__csv_next(&d->csv, d->field, COLUMN_MAX, n, err);
    mf_field line;
    int code = mf_lines_next(d->lines, &line, err);
    if (code == 1) /* the last field keeps what follows the columns that are needed */
        *n = mf__text_split(line, "\t", d->field, d->need + 1);
    return code;
}

/* The place of a column among the n fields of the header. RecBole adds the type
 * to a name: "rating:float". */
static int find_column(delimited *d, mf_field name, size_t n, size_t *place,
                       mf_err *err)
{
    size_t found = 0;
    for (size_t i = 0; i < n && i < COLUMN_MAX; i++) {
        mf_field head = d->field[i];
        const char *colon = memchr(head.text, ':', head.len);
        if (d->format == MF_FORMAT_INTER && colon)
            head.len = (size_t)(colon - head.text);
        if (head.len == name.len && memcmp(head.text, name.text, name.len) == 0) {
            *place = i;
            found++;
        }
    }
    if (found != 1)
        return mf__lines_fail(d->lines, err, "the header has %s column '%.*s'",
                              found ? "more than one" : "no", (int)name.len, name.text);
    return MF_OK;
}

/* Resolve the columns: numbers as they are, names by the header's n fields. */
static int choose_columns(delimited *d, const char *text, size_t n, mf_err *err)
{
    mf_field part[COLS];
    d->n = mf__columns_split(text, part);
    for (size_t i = 0; i < d->n; i++) {
        uint32_t number;
        int code = MF_OK;
        if (!mf__text_u32(part[i], &number))
            code = find_column(d, part[i], n, &d->place[i], err);
        else
            d->place[i] = number - 1;
        if (code < 0)
            return code;
        if (d->place[i] + 1 > d->need)
            d->need = d->place[i] + 1;
    }
    return MF_OK;
}

/* RecBole's names; a file without ratings has the value 1 everywhere. */
static const char *inter_columns(const delimited *d, size_t n)
{
    for (size_t i = 0; i < n && i < COLUMN_MAX; i++)
        if (d->field[i].len >= 7 && memcmp(d->field[i].text, "rating:", 7) == 0)
            return "user_id,item_id,rating";
    return "user_id,item_id";
}

static int begin(delimited *d, const mf_convert_from_params *params, mf_err *err)
{
    const char *columns = params->columns ? params->columns : "1,2,3";
    size_t n = 0;
    bool inter = d->format == MF_FORMAT_INTER;
    if (params->header || inter) {
        d->need = COLUMN_MAX - 1;
        int code = next_record(d, &n, err);
        d->need = 0;
        if (code < 0)
            return code;
        if (code == 0 && inter)
            return mf_fail(err, MF_EFORMAT, "%s: is empty: the header is missing",
                           mf_lines_name(d->lines));
    }
    if (inter && !params->columns)
        columns = inter_columns(d, n);
    return choose_columns(d, columns, n, err);
}

static int put_record(delimited *d, size_t n, mf_err *err)
{
    uint32_t user, item;
    double value = 1;
    bool whole = true;
    unsigned fold = MF_TRAIN;
    int code;
    if (n < d->need) {
        for (size_t i = 0; i < d->n; i++)
            if (d->place[i] >= n)
                return mf__lines_fail(d->lines, err,
                                      "%zu field%s, but the %s is in column "
                                      "%zu; --columns says which are there",
                                      n, n == 1 ? "" : "s", WHAT[i], d->place[i] + 1);
    }
    if ((code = mf__cells_number(d->c, MF_USER, d->field[d->place[COL_USER]], &user,
                                 err)) < 0 ||
        (code = mf__cells_number(d->c, MF_ITEM, d->field[d->place[COL_ITEM]], &item,
                                 err)) < 0)
        return code;
    if (d->n > COL_VALUE && (code = mf__cells_value(d->c, d->field[d->place[COL_VALUE]],
                                                    &value, &whole, err)) < 0)
        return code;
    if (d->n > COL_FOLD &&
        (code = mf__cells_fold(d->c, d->field[d->place[COL_FOLD]], &fold, err)) < 0)
        return code;
    return mf__cells_put(d->c, user, item, value, whole, fold,
                         mf_lines_number(d->lines), err);
}

int mf__delimited_read(cells *c, const mf_convert_input *input,
                       const mf_convert_from_params *params, reading *got, mf_err *err)
{
    delimited *d = mf__new0(1, sizeof *d);
    if (!d)
        return mf__nomem(err);
    *d = (delimited){.c = c,
                     .lines = input->text,
                     .format = params->format,
                     .csv = {.lines = input->text}};
    size_t n;
    int code = begin(d, params, err);
    while (code >= 0 && (code = next_record(d, &n, err)) == 1)
        code = put_record(d, n, err);
    for (size_t i = 0, used = 0; i < d->n; i++)
        used += (size_t)snprintf(got->columns + used, 8, "%s%zu", i ? "," : "",
                                 d->place[i] + 1);
    mf__csv_close(&d->csv);
    free(d);
    return code;
}
