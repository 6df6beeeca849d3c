/* TSV, CSV and RecBole's .inter, read: one cell a line, in columns. */
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/number.h"
#include "data/text.h"
#include "jobs/convert/format.h"
#include "jobs/convert/splitter.h"

/* A file of records, and which of its columns are which. */
typedef struct delimited {
    cells *c;
    splitter split;
    size_t place[COLS]; /* column, from 0, or NOWHERE */
    size_t need;        /* fields that a record must have */
    bool headed, first; /* a line of names was read; no cell was read yet */
    mf_field field[COLUMN_MAX];
} delimited;

/* The place of a column among the n names of the header, all of them or, where RecBole
 * adds a type, without it. */
static int find_column(delimited *d, mf_field name, size_t n, size_t *place,
                       mf_err *err)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        mf_field head = d->field[i], bare = head;
        if (d->split.format == MF_FORMAT_INTER)
            bare = mf__column_untyped(head);
        if ((head.len == name.len && memcmp(head.text, name.text, name.len) == 0) ||
            (bare.len == name.len && memcmp(bare.text, name.text, name.len) == 0)) {
            *place = i;
            found++;
        }
    }
    if (found != 1)
        return mf__lines_fail(d->c->lines, err,
                              "the header has %s column '%.*s', only %s",
                              found ? "more than one" : "no", (int)name.len, name.text,
                              mf__columns_list(d->field, n).text);
    return MF_OK;
}

/* Resolve --columns: numbers as they are, names by the header's n. */
static int choose_columns(delimited *d, const char *text, size_t n, mf_err *err)
{
    mf_field part[COLS];
    (void)mf__columns_split(text, part); /* checked with the params */
    for (size_t i = 0; i < COLS; i++) {
        uint32_t number;
        int code = MF_OK;
        d->place[i] = NOWHERE;
        if (mf__text_u32(part[i], &number))
            d->place[i] = number - 1;
        else if (part[i].len > 0)
            code = find_column(d, part[i], n, &d->place[i], err);
        if (code < 0)
            return code;
    }
    return MF_OK;
}

/* Read the line of names, if there shall be one, and find the columns. */
static int begin(delimited *d, const mf_convert_from_params *params, mf_err *err)
{
    size_t n = 0;
    bool inter = d->split.format == MF_FORMAT_INTER;
    int code = 1;
    d->headed = params->header || inter;
    if (d->headed)
        code = mf__splitter_next(&d->split, d->field, COLUMN_MAX, &n, err);
    n = n < COLUMN_MAX ? n : COLUMN_MAX;
    if (code < 0)
        return code;
    if (code == 0)
        return mf_fail(err, MF_EFORMAT, "%s: is empty: the header is missing",
                       d->c->source);
    if (d->headed && n == 1) {
        const char *hint = mf__separator_hint(d->split.format, d->field[0]);
        if (*hint)
            return mf__lines_fail(d->c->lines, err, "the header has one name%s", hint);
    }
    if (d->headed && !params->columns)
        code = mf__columns_told(d->field, n, d->place, d->c->lines, err);
    else
        code = choose_columns(d, params->columns ? params->columns : "1,2,3", n, err);
    for (size_t i = 0; i < COLS; i++)
        if (d->place[i] != NOWHERE && d->place[i] + 1 > d->need)
            d->need = d->place[i] + 1;
    d->c->timed = d->place[COL_TIME] != NOWHERE;
    return code;
}

/* The words of a number that is none, in the first line of a file without a header. */
static const char *header_hint(const delimited *d, mf_field field)
{
    static const char hint[] = "; the first line looks like a header: say --header";
    bool word = field.len > 1 && ascii_upper(field.text[0]) >= 'A' &&
                ascii_upper(field.text[0]) <= 'Z' &&
                !ascii_same(field.text, "nan", 3) && !ascii_same(field.text, "inf", 3);
    return d->first && !d->headed && word ? hint : "";
}

static int fail_short(const delimited *d, size_t n, mf_err *err)
{
    const char *hint = header_hint(d, d->field[0]);
    size_t i = 0;
    while (d->place[i] == NOWHERE || d->place[i] < n)
        i++;
    if (n == 1 && *mf__separator_hint(d->split.format, d->field[0]))
        hint = mf__separator_hint(d->split.format, d->field[0]);
    return mf__lines_fail(d->c->lines, err,
                          "%zu field%s, but the %s is in column %zu%s", n,
                          n == 1 ? "" : "s", mf__column_names[i], d->place[i] + 1,
                          *hint ? hint : "; --columns says which are there");
}

/* See that the first line is not one of names. A number where the value is makes it a
 * cell, whatever its ids. */
static int check_first(const delimited *d, size_t n, mf_err *err)
{
    size_t value = d->place[COL_VALUE];
    n = n < COLUMN_MAX ? n : COLUMN_MAX;
    if (value == NOWHERE ? mf__columns_named(d->field, n)
                         : *header_hint(d, d->field[value]) != '\0')
        return mf__lines_fail(d->c->lines, err,
                              "the first line looks like a header: %s; say --header",
                              mf__columns_list(d->field, n).text);
    return MF_OK;
}

static int put_record(delimited *d, size_t n, mf_err *err)
{
    const mf_field *field = d->field;
    const size_t *place = d->place;
    entry e = {.value = 1, .whole = true, .line = mf_lines_number(d->c->lines)};
    int code;
    if (n < d->need)
        return fail_short(d, n, err);
    if (d->first && !d->headed && (code = check_first(d, n, err)) < 0)
        return code;
    if ((code = mf__cells_number(d->c, MF_USER, field[place[COL_USER]], &e.user, err)) <
            0 ||
        (code = mf__cells_number(d->c, MF_ITEM, field[place[COL_ITEM]], &e.item, err)) <
            0)
        return code;
    if (place[COL_VALUE] != NOWHERE &&
        (code = mf__cells_value(d->c, field[place[COL_VALUE]], &e, err)) < 0)
        return code;
    if (place[COL_FOLD] != NOWHERE &&
        (code = mf__cells_fold(d->c, field[place[COL_FOLD]], &e, err)) < 0)
        return code;
    if (d->c->timed &&
        (code = mf__cells_time(d->c, field[place[COL_TIME]], &e, err)) < 0)
        return code;
    d->first = false;
    return mf__cells_put(d->c, &e, err);
}

/* The columns by number, as in "1,2,,,5". */
static void tell_columns(const delimited *d, char text[COLUMNS_CHOSEN])
{
    size_t used = 0, n = COLS;
    while (d->place[n - 1] == NOWHERE)
        n--;
    for (size_t i = 0; i < n; i++) {
        const char *comma = i ? "," : "";
        if (d->place[i] == NOWHERE)
            used = mf__append(text, COLUMNS_CHOSEN, used, "%s", comma);
        else
            used =
                mf__append(text, COLUMNS_CHOSEN, used, "%s%zu", comma, d->place[i] + 1);
    }
}

int mf__delimited_read(cells *c, const mf_convert_input *input,
                       const mf_convert_from_params *params, reading *got, mf_err *err)
{
    delimited *d = mf__new0(1, sizeof *d);
    if (!d)
        return mf__nomem(err);
    d->c = c;
    d->first = true;
    size_t n, max = COLUMN_MAX;
    int code = mf__splitter_open(&d->split, input->text, params->format,
                                 params->separator, err);
    if (code == MF_OK)
        code = begin(d, params, err);
    if (code >= 0)
        tell_columns(d, got->columns);
    while (code >= 0) {
        if (!d->first && d->need < COLUMN_MAX)
            max = d->need + 1; /* the last field keeps the rest */
        code = mf__splitter_next(&d->split, d->field, max, &n, err);
        if (code != 1)
            break;
        code = put_record(d, n, err);
    }
    mf__splitter_close(&d->split);
    free(d);
    return code;
}
