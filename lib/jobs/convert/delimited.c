/* TSV, CSV and RecBole's .inter, read: one cell a line, in columns. */
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/number.h"
#include "data/text.h"
#include "jobs/convert/format.h"
#include "jobs/shared/quoted.h"
#include "jobs/convert/splitter.h"
#include "jobs/convert/unread.h"

/* A file of records, and which of its columns are which. */
typedef struct delimited {
    cells *c;
    splitter split;
    size_t place[COLS]; /* column, from 0, or NOWHERE */
    size_t need;        /* fields that a record must have */
    size_t names;       /* of the header; 0: it decides nothing */
    size_t least, most; /* fields of all records: */
    bool trailing;      /* those past the most are there, and empty */
    bool headed, first; /* a line of names was read; no cell was read yet */
    bool told;          /* which columns are read was not said */
    bool named_split;   /* the fold was told by the name 'split' */
    char columns[COLUMNS_CHOSEN];
    char leave_fold[COLUMNS_CHOSEN + 32], leave_time[COLUMNS_CHOSEN + 32]; /* hints */
    unread unread;
    char user[64]; /* the id of the line before, if it is short, */
    size_t user_len;
    uint32_t user_number;           /* and its number */
    mf_field field[COLUMN_MAX + 1]; /* and what follows them */
} delimited;

/* Are the columns said by number alone? */
static bool all_numbers(const char *columns)
{
    return columns[strspn(columns, "0123456789,")] == '\0';
}

/* Is it the name asked for, in just these letters or in any case? */
static bool is_name(mf_field head, mf_field name, bool any_case)
{
    return head.len == name.len &&
           (any_case ? ascii_same(head.text, name.text, name.len)
                     : memcmp(head.text, name.text, name.len) == 0);
}

/* The place of a column among the n names of the header, all of them or, where RecBole
 * adds a type, without it; if there is none, whatever the case of its letters. */
static int find_column(delimited *d, mf_field name, size_t n, size_t *place,
                       mf_err *err)
{
    size_t found = 0;
    for (int any_case = 0; any_case < 2 && found == 0; any_case++)
        for (size_t i = 0; i < n; i++) {
            mf_field head = d->field[i], bare = head;
            if (d->split.format == MF_FORMAT_INTER)
                bare = mf__column_untyped(head);
            if (is_name(head, name, any_case) || is_name(bare, name, any_case)) {
                *place = i;
                found++;
            }
        }
    if (found != 1)
        return mf__lines_fail(d->c->lines, err,
                              "the header has %s column '%s', only %s",
                              found ? "more than one" : "no", mf__quoted(name).text,
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
        for (size_t j = 0; code == MF_OK && j < i; j++)
            if (d->place[i] != NOWHERE && d->place[j] == d->place[i])
                code = mf_fail(
                    err, MF_EINVAL, "--columns: column %zu is the %s and the %s too",
                    d->place[i] + 1, mf__column_names[j], mf__column_names[i]);
        if (code < 0)
            return code;
    }
    return MF_OK;
}

/* The columns by number, as in "1,2,,,5". */
static void tell_columns(const size_t place[COLS], char text[COLUMNS_CHOSEN])
{
    size_t used = 0, n = COLS;
    text[0] = '\0';
    while (place[n - 1] == NOWHERE)
        n--;
    for (size_t i = 0; i < n; i++) {
        const char *comma = i ? "," : "";
        if (place[i] == NOWHERE)
            used = mf__append(text, COLUMNS_CHOSEN, used, "%s", comma);
        else
            used = mf__append(text, COLUMNS_CHOSEN, used, "%s%zu", comma, place[i] + 1);
    }
}

/* How to read the file without a column that its header told. */
static void tell_without(const delimited *d, int role, char text[], size_t size)
{
    char columns[COLUMNS_CHOSEN];
    size_t place[COLS];
    memcpy(place, d->place, sizeof place);
    place[role] = NOWHERE;
    tell_columns(place, columns);
    mf__snprintf(text, size, "; --columns=%s leaves it out", columns);
}

/* The header has decided: remember what it did not. */
static void note_told(delimited *d, size_t n)
{
    mf_field fold = {"", 0};
    if (d->place[COL_FOLD] != NOWHERE)
        fold = mf__column_untyped(d->field[d->place[COL_FOLD]]);
    d->named_split = fold.len == 5 && ascii_same(fold.text, "split", 5);
    mf__unread_names(&d->unread, d->field, n, d->place);
    tell_without(d, COL_FOLD, d->leave_fold, sizeof d->leave_fold);
    tell_without(d, COL_TIME, d->leave_time, sizeof d->leave_time);
}

/* Read the line of names, if there shall be one, and find the columns. */
static int begin(delimited *d, const mf_convert_from_params *params, mf_err *err)
{
    size_t n = 0;
    bool inter = d->split.format == MF_FORMAT_INTER;
    int code = 1;
    d->headed = params->header || inter;
    d->told = !params->columns;
    if (d->headed)
        code = mf__splitter_next(&d->split, d->field, COLUMN_MAX + 1, &n, err);
    size_t all = n;
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
    d->names =
        d->headed && (!params->columns || !all_numbers(params->columns)) ? all : 0;
    for (size_t i = 0; i < COLS; i++)
        if (d->place[i] != NOWHERE && d->place[i] + 1 > d->need)
            d->need = d->place[i] + 1;
    d->c->timed = d->place[COL_TIME] != NOWHERE;
    if (code < 0)
        return code;
    tell_columns(d->place, d->columns);
    if (d->headed && d->told)
        note_told(d, n);
    return code;
}

/* Is it a word, where a number should be, and not the truth of something? */
static bool is_word(mf_field field)
{
    return field.len > 1 && !mf__cells_truth(field) &&
           ascii_upper(field.text[0]) >= 'A' && ascii_upper(field.text[0]) <= 'Z' &&
           !ascii_same(field.text, "nan", 3) && !ascii_same(field.text, "inf", 3);
}

static int fail_short(const delimited *d, size_t n, mf_err *err)
{
    static const char header[] = "; the first line looks like a header: say --header";
    const char *hint =
        d->first && !d->headed && mf__columns_named(d->field, n) ? header : "";
    uint32_t count;
    size_t i = 0;
    while (d->place[i] == NOWHERE || d->place[i] < n)
        i++;
    const char *between = d->split.between.text;
    if (!d->first && d->split.format == MF_FORMAT_TSV && (!*between || *between == ' '))
        hint = "; say --from=lists if a line is a user and all its items";
    else if (n == 2 && i == COL_VALUE && d->told && !*hint)
        hint = mf__text_u32(d->field[1], &count)
                   ? "; say --columns=1,2 if these are user and item; the history of "
                     "one user, item and count, is for mf-recommend --history"
                   : "; say --columns=1,2 if these are user and item, without a value";
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
    bool numbers = false; /* then it is no header */
    float unused;
    n = n < COLUMN_MAX ? n : COLUMN_MAX;
    for (size_t i = 0; i < n; i++)
        numbers |= mf__text_float(d->field[i], &unused);
    if (value != NOWHERE && numbers && is_word(d->field[value]))
        return mf__lines_fail(d->c->lines, err,
                              "'%s' in column %zu is no value; say which column has it "
                              "with --columns=USER,ITEM,VALUE, or --columns=USER,ITEM",
                              mf__quoted(d->field[value]).text, value + 1);
    if (value == NOWHERE ? mf__columns_named(d->field, n) : is_word(d->field[value]))
        return mf__lines_fail(d->c->lines, err,
                              "the first line looks like a header: %s; say --header",
                              mf__columns_list(d->field, n).text);
    return MF_OK;
}

/* Are the fields past the first `n` empty, as where each line ends with a comma? */
static bool empty_after(const delimited *d, size_t n, size_t all)
{
    for (size_t i = n; i < all && i <= COLUMN_MAX; i++)
        if (d->field[i].len > 0)
            return false;
    return all <= COLUMN_MAX;
}

/* What to do with lines of more fields than others, or fewer. */
static const char *width_hint(const delimited *d, bool more)
{
    const char *between = d->split.between.text;
    if (d->split.format == MF_FORMAT_CSV)
        return more ? "; put quotes around a field that holds the separator"
                    : "; fill in what is missing, or leave the line out";
    if (!more)
        return "; fill in what is missing, or leave the line out";
    if (!d->headed && (!*between || *between == ' ' || *between == '\t'))
        return "; a field cannot hold the separator, but with --from=csv and quotes; "
               "say "
               "--from=lists if a line is a user and all its items";
    return "; a field cannot hold the separator, but with --from=csv and quotes";
}

/* See that the record has as many fields as the others. Below the header of the names
 * that decide, all have as many; R, for one, writes the number of each row before it,
 * and no name for that. */
static int check_width(delimited *d, size_t n, mf_err *err)
{
    if (d->first) {
        bool named = d->names > 0;
        d->trailing = named && n > d->names && empty_after(d, d->names, n);
        if (named && n > d->names && !d->trailing)
            return mf__lines_fail(
                d->c->lines, err,
                "%zu fields, but %zu name%s in the header%s; if all lines have them, "
                "say "
                "which to read by number, --columns=USER,ITEM[,VALUE[,FOLD[,TIME]]]",
                n, d->names, mf__plural(d->names), width_hint(d, true));
        d->most = named ? d->names : n;
        d->least = d->headed ? d->most : 0;
    }
    if (n < d->least || (n > d->most && !(d->trailing && empty_after(d, d->most, n))))
        return mf__lines_fail(d->c->lines, err, "%zu field%s, but the %s %zu%s", n,
                              mf__plural(n),
                              d->names    ? "header has"
                              : d->headed ? "line below the header has"
                                          : "first line has",
                              d->most, width_hint(d, n > d->most));
    return MF_OK;
}

/* Most files have all lines of a user together: it is looked up once. */
static int read_user(delimited *d, mf_field id, uint32_t *number, mf_err *err)
{
    size_t len = id.len; /* others mostly end otherwise */
    if (len > 0 && len == d->user_len && id.text[len - 1] == d->user[len - 1] &&
        memcmp(id.text, d->user, len) == 0) {
        *number = d->user_number;
        return MF_OK;
    }
    int code = mf__cells_number(d->c, MF_USER, id, number, err);
    d->user_len = 0;
    if (code == MF_OK && len <= sizeof d->user) {
        memcpy(d->user, id.text, len);
        d->user_len = len;
        d->user_number = *number;
    }
    return code;
}

/* The fold is a time: the columns have one comma too few. */
static int fail_time(const delimited *d, mf_field field, mf_err *err)
{
    char columns[COLUMNS_CHOSEN];
    size_t place[COLS];
    memcpy(place, d->place, sizeof place);
    place[COL_TIME] = place[COL_FOLD];
    place[COL_FOLD] = NOWHERE;
    tell_columns(place, columns);
    return mf__lines_fail(d->c->lines, err,
                          "'%s' in column %zu is no fold, but looks like a time: say "
                          "--columns=%s",
                          mf__quoted(field).text, d->place[COL_FOLD] + 1, columns);
}

static int read_fold(const delimited *d, entry *e, mf_err *err)
{
    mf_field field = d->field[d->place[COL_FOLD]];
    uint32_t number;
    if (d->named_split && mf__text_u32(field, &number))
        return mf__lines_fail(d->c->lines, err,
                              "the split is '%s', no name of a fold; say --columns=%s "
                              "if 0 to 3 are train, valid, test and fold-in%s",
                              mf__quoted(field).text, d->columns, d->leave_fold);
    if (field.len >= 9 && d->place[COL_TIME] == NOWHERE && mf__looks_like_time(field))
        return fail_time(d, field, err);
    return mf__cells_fold(d->c, field, d->leave_fold, e, err);
}

/* What is looked at in the first record alone. */
static int begin_records(delimited *d, size_t n, mf_err *err)
{
    if (d->headed)
        return MF_OK;
    if (d->told)
        mf__unread_first(&d->unread, d->field, n < COLUMN_MAX ? n : COLUMN_MAX);
    return check_first(d, n, err);
}

static int put_record(delimited *d, size_t n, mf_err *err)
{
    const mf_field *field = d->field;
    const size_t *place = d->place;
    entry e = {.value = 1, .whole = true, .line = mf_lines_number(d->c->lines)};
    int code;
    if (n < d->need)
        return fail_short(d, n, err);
    if (d->first && (code = begin_records(d, n, err)) < 0)
        return code;
    if ((d->first || n < d->least || n > d->most) &&
        (code = check_width(d, n, err)) < 0)
        return code;
    unread_next(&d->unread, field, n);
    if ((code = read_user(d, field[place[COL_USER]], &e.user, err)) < 0 ||
        (code = mf__cells_number(d->c, MF_ITEM, field[place[COL_ITEM]], &e.item, err)) <
            0)
        return code;
    if (place[COL_VALUE] != NOWHERE &&
        (code = mf__cells_value(d->c, field[place[COL_VALUE]], &e, err)) < 0)
        return code;
    if (place[COL_FOLD] != NOWHERE && (code = read_fold(d, &e, err)) < 0)
        return code;
    if (d->c->timed && (code = mf__cells_time(d->c, field[place[COL_TIME]],
                                              d->leave_time, &e, err)) < 0)
        return code;
    d->first = false;
    return mf__cells_put(d->c, &e, err);
}

int mf__delimited_read(cells *c, const mf_convert_input *input,
                       const mf_convert_from_params *params, reading *got, mf_err *err)
{
    delimited *d = mf__new0(1, sizeof *d);
    if (!d)
        return mf__nomem(err);
    d->c = c;
    d->first = true;
    size_t n, max = COLUMN_MAX + 1;
    int code = mf__splitter_open(&d->split, input->text, params->format,
                                 params->separator, err);
    if (code == MF_OK)
        code = begin(d, params, err);
    if (code >= 0)
        memcpy(got->columns, d->columns, sizeof d->columns);
    while (code >= 0) {
        if (!d->first && !d->trailing &&
            d->need < COLUMN_MAX) /* the last keeps the rest */
            max = d->need + 1 + d->unread.folds;
        code = mf__splitter_next(&d->split, d->field, max, &n, err);
        if (code != 1)
            break;
        code = put_record(d, n, err);
    }
    if (code == 0)
        code = mf__unread_end(&d->unread, c, got->columns, got->unread, err);
    mf__splitter_close(&d->split);
    free(d);
    return code;
}
