#include "jobs/convert/cells.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/number.h"
#include "data/ids.h"
#include "data/intern.h"
#include "data/text.h"
#include "data/time.h"
#include "jobs/shared/quoted.h"

const char *const mf__axis_names[] = {"user", "item"};

int mf__cells_open(cells *c, const mf_lines *lines, const char *source, mf_err *err)
{
    *c = (cells){.lines = lines, .source = lines ? mf_lines_name(lines) : source};
    if (mf__intern_open(&c->axis[MF_USER].table, err) < 0 ||
        mf__intern_open(&c->axis[MF_ITEM].table, err) < 0) {
        mf__cells_close(c);
        return MF_ENOMEM;
    }
    return MF_OK;
}

void mf__cells_close(cells *c)
{
    for (int axis = MF_USER; axis <= MF_ITEM; axis++) {
        mf__intern_close(c->axis[axis].table);
        mf__intern_close(c->axis[axis].keys);
        mf_ids_free(&c->axis[axis].name);
        free(c->axis[axis].number);
    }
    free(c->cell);
    free(c->time);
    free(c->line);
    *c = (cells){0};
}

int mf__cells_fail(const cells *c, mf_err *err, const char *format, ...)
{
    char what[400];
    va_list args;
    va_start(args, format);
    mf__vsnprintf(what, sizeof what, format, args);
    va_end(args);
    if (c->lines)
        return mf__lines_fail(c->lines, err, "%s", what);
    return mf_fail(err, MF_EFORMAT, "%s: %s", c->source, what);
}

int mf__cells_number(cells *c, mf_axis axis, mf_field id, uint32_t *number, mf_err *err)
{
    cells_axis *a = &c->axis[axis];
    uint32_t row;
    if (!a->keys) {
        /* an id that is known was valid when it came */
        if (mf__intern_find(a->table, id.text, id.len, number))
            return MF_OK;
        const char *fault = mf__id_fault(id.text, id.len);
        if (fault)
            return mf__cells_fail(c, err, "%s id '%s' %s", mf__axis_names[axis],
                                  mf__quoted(id).text, fault);
        return mf__intern_put(a->table, id.text, id.len, number, err);
    }
    if (!mf__intern_find(a->keys, id.text, id.len, &row))
        return mf__cells_fail(c, err, "%s '%s' has no name in the file of names",
                              mf__axis_names[axis], mf__quoted(id).text);
    if (a->number[row] == UINT32_MAX) {
        size_t len;
        const char *name = mf_ids_get(&a->name, row, &len);
        int code = mf__intern_put(a->table, name, len, &a->number[row], err);
        if (code < 0)
            return code;
    }
    *number = a->number[row];
    return MF_OK;
}

bool mf__cells_truth(mf_field field)
{
    return (field.len == 4 && ascii_same(field.text, "true", 4)) ||
           (field.len == 5 && ascii_same(field.text, "false", 5));
}

/* What to do with a value that is a word or in quotes, or "". */
static const char *word_hint(mf_field field)
{
    if (mf__cells_truth(field))
        return "; write 1 and 0, or leave the lines of False out, as grep -v False "
               "does, "
               "and say --columns=USER,ITEM";
    if (field.len > 2 && field.text[0] == '"' && field.text[field.len - 1] == '"')
        return "; fields in quotes are read by --from=csv, with --separator=tab if "
               "TABs "
               "are between";
    return "";
}

int mf__cells_extent(cells *c, mf_axis axis, uint64_t extent, unsigned base,
                     mf_err *err)
{
    cells_axis *a = &c->axis[axis];
    if (a->named && a->name.n != extent)
        return mf__cells_fail(c, err, "%llu %s%s, but %u name%s",
                              (unsigned long long)extent, mf__axis_names[axis],
                              mf__plural(extent), a->name.n, mf__plural(a->name.n));
    if (extent > UINT32_MAX)
        return mf__cells_fail(c, err, "more than 4294967295 %ss", mf__axis_names[axis]);
    a->indexed = !a->named;
    a->extent = (uint32_t)extent;
    a->base = base;
    return MF_OK;
}

int mf__cells_value(const cells *c, mf_field field, entry *e, mf_err *err)
{
    uint32_t count;
    float real;
    e->whole = mf__text_u32(field, &count);
    if (e->whole)
        e->value = count;
    else if (mf__text_float(field, &real))
        e->value = (double)real;
    else if (field.len == 0)
        return mf__cells_fail(c, err,
                              "the value is empty; fill it in, or leave the line out");
    else if (*word_hint(field))
        return mf__cells_fail(c, err, "'%s' is not a finite number%s",
                              mf__quoted(field).text, word_hint(field));
    else
        return mf__cells_fail(c, err, "'%s' is not a finite number%s",
                              mf__quoted(field).text, mf__text_number_hint(field));
    return MF_OK;
}

int mf__cells_fold(const cells *c, mf_field field, const char *hint, entry *e,
                   mf_err *err)
{
    static const struct {
        const char *name;
        unsigned fold;
    } names[] = {{"train", MF_TRAIN},      {"training", MF_TRAIN}, {"valid", MF_VALID},
                 {"validation", MF_VALID}, {"val", MF_VALID},      {"dev", MF_VALID},
                 {"test", MF_TEST},        {"fold-in", MF_FOLD_IN}};
    uint32_t number = MF_FOLDS;
    if (c->one_fold)
        return mf__cells_fail(c, err,
                              "the fold '%s' stands here, and --as gives one to all "
                              "cells; leave --as out, or the fold out of --columns%s",
                              mf__quoted(field).text, hint);
    (void)mf__text_u32(field, &number);
    for (size_t i = 0; number >= MF_FOLDS && i < sizeof names / sizeof *names; i++)
        if (strlen(names[i].name) == field.len &&
            ascii_same(field.text, names[i].name, field.len))
            number = names[i].fold;
    if (number >= MF_FOLDS)
        return mf__cells_fail(
            c, err, "'%s' is not a fold of 0 to 3, or train, valid, test or fold-in%s",
            mf__quoted(field).text, hint);
    e->fold = number;
    return MF_OK;
}

int mf__cells_time(const cells *c, mf_field field, const char *hint, entry *e,
                   mf_err *err)
{
    if (!mf__time_parse(field, &e->time))
        return mf__cells_fail(c, err, "'%s' %s%s", mf__quoted(field).text,
                              mf__time_fault(field), hint);
    return MF_OK;
}

int mf__cells_put(cells *c, const entry *e, mf_err *err)
{
    uint64_t place = e->line;
    if (c->n == c->cap &&
        mf__reserve(&c->cell, &c->cap, c->n + 1, sizeof *c->cell, err) < 0)
        return MF_ENOMEM;
    if (c->timed) {
        if (mf__reserve(&c->time, &c->time_cap, c->n + 1, sizeof *c->time, err) < 0 ||
            mf__reserve(&c->line, &c->line_cap, c->n + 1, sizeof *c->line, err) < 0)
            return MF_ENOMEM;
        c->time[c->n] = e->time;
        c->line[c->n] = e->line;
        place = c->n;
    }
    if (c->ordered) /* a sum of all sums so far, so that no two orders are alike */
        c->order =
            (c->order ^ mf_lines_digest(c->lines)) * UINT64_C(0x9e3779b97f4a7c15);
    c->cell[c->n++] = (cell){e->user, e->item, e->value,
                             place << 2 | (c->one_fold ? c->fold : e->fold)};
    c->fraction |= !e->whole;
    return MF_OK;
}
