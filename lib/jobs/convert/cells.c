#include "jobs/convert/cells.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/number.h"
#include "data/ids.h"
#include "data/intern.h"
#include "data/text.h"

enum { SHOWN = 60 }; /* bytes of a foreign text that a message quotes */

static const char *const AXIS[] = {"user", "item"};

/* A piece of the input for a message: no more than SHOWN bytes, whole characters. */
static int shown(mf_field text)
{
    size_t n = text.len;
    if (n > SHOWN)
        for (n = SHOWN; n > 0 && ((unsigned char)text.text[n] & 0xc0) == 0x80; n--)
            ;
    return (int)n;
}

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

/* Add a name; `key` is NULL if the number of the line is its key. */
static int add_name(cells_axis *a, mf_lines *lines, const mf_field *key, mf_field name,
                    mf_err *err)
{
    uint32_t row = a->name.n;
    const char *fault = mf__id_fault(name.text, name.len);
    if (fault)
        return mf__lines_fail(lines, err, "the name '%.*s' %s, so it cannot be an id",
                              shown(name), name.text, fault);
    if (key) {
        int code = mf__intern_put(a->keys, key->text, key->len, &row, err);
        if (code < 0)
            return code;
        if (row != a->name.n)
            return mf__lines_fail(lines, err, "id '%.*s' has a name already",
                                  shown(*key), key->text);
    }
    return mf_ids_append(&a->name, name.text, name.len, err);
}

int mf__cells_read_names(cells *c, mf_axis axis, mf_lines *lines, bool by_index,
                         bool header, mf_err *err)
{
    cells_axis *a = &c->axis[axis];
    mf_field line, field[3];
    int code = by_index ? MF_OK : mf__intern_open(&a->keys, err);
    a->named = true;
    if (code == MF_OK && header)
        code = mf_lines_next(lines, &line, err);
    while (code >= 0 && (code = mf_lines_next(lines, &line, err)) == 1) {
        if (by_index)
            code = add_name(a, lines, NULL, line, err);
        else if (mf__text_split(line, "\t", field, 3) < 2)
            code =
                mf__lines_fail(lines, err, "no name: wanted an id, a TAB and a name");
        else
            code = add_name(a, lines, &field[0], field[1], err);
        if (code < 0)
            return code;
    }
    if (code < 0)
        return code;
    a->number = mf__new(a->name.n, sizeof *a->number);
    if (!a->number)
        return mf__nomem(err);
    for (uint32_t i = 0; i < a->name.n; i++) {
        a->number[i] = UINT32_MAX;
        if (by_index) { /* every index is there, with cells or without */
            size_t len;
            const char *name = mf_ids_get(&a->name, i, &len);
            if ((code = mf__intern_put(a->table, name, len, &a->number[i], err)) < 0)
                return code;
        }
    }
    return MF_OK;
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
            return mf__cells_fail(c, err, "%s id '%.*s' %s", AXIS[axis], shown(id),
                                  id.text, fault);
        return mf__intern_put(a->table, id.text, id.len, number, err);
    }
    if (!mf__intern_find(a->keys, id.text, id.len, &row))
        return mf__cells_fail(c, err, "%s '%.*s' has no name in the file of names",
                              AXIS[axis], shown(id), id.text);
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

int mf__cells_index(cells *c, mf_axis axis, uint64_t index, unsigned base,
                    uint32_t *number, mf_err *err)
{
    cells_axis *a = &c->axis[axis];
    if (a->named) { /* mf__cells_extent saw that all indices have names */
        *number = a->number[index];
        return MF_OK;
    }
    char text[24];
    int len = snprintf(text, sizeof text, "%llu", (unsigned long long)index + base);
    return mf__intern_put(a->table, text, (size_t)len, number, err);
}

int mf__cells_extent(const cells *c, mf_axis axis, uint64_t extent, mf_err *err)
{
    const cells_axis *a = &c->axis[axis];
    if (a->named && a->name.n != extent)
        return mf__cells_fail(c, err, "%llu %ss, but %u names",
                              (unsigned long long)extent, AXIS[axis], a->name.n);
    return MF_OK;
}

int mf__cells_value(const cells *c, mf_field field, double *value, bool *whole,
                    mf_err *err)
{
    uint32_t count;
    float real;
    *whole = mf__text_u32(field, &count);
    if (*whole)
        *value = count;
    else if (mf__text_float(field, &real))
        *value = (double)real;
    else
        return mf__cells_fail(c, err, "'%.*s' is not a finite number", shown(field),
                              field.text);
    return MF_OK;
}

int mf__cells_fold(const cells *c, mf_field field, unsigned *fold, mf_err *err)
{
    uint32_t number;
    if (!mf__text_u32(field, &number) || number >= MF_FOLDS)
        return mf__cells_fail(c, err, "'%.*s' is not a fold of 0 to 3", shown(field),
                              field.text);
    *fold = number;
    return MF_OK;
}

int mf__cells_put(cells *c, uint32_t user, uint32_t item, double value, bool whole,
                  unsigned fold, uint64_t line, mf_err *err)
{
    if (mf__reserve(&c->cell, &c->cap, c->n + 1, sizeof *c->cell, err) < 0)
        return MF_ENOMEM;
    c->cell[c->n++] = (cell){user, item, value, line << 2 | fold};
    c->fraction |= !whole;
    return MF_OK;
}

/* By item, then by value, so that a sum of duplicates has one order. */
static int compare_cells(const void *a, const void *b)
{
    const cell *x = a, *y = b;
    if (x->item != y->item)
        return x->item < y->item ? -1 : 1;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

/* Renumber the cells by rank and sort them: by user with a counting sort, each
 * user's with qsort. ptr, [users + 1] and zeroed, becomes the starts. */
static int sort_cells(cells *c, size_t *ptr, uint32_t *const rank[2], mf_err *err)
{
    uint32_t users = mf__intern_ids(c->axis[MF_USER].table)->n;
    cell *sorted = mf__new(c->n, sizeof *sorted);
    if (!sorted)
        return mf__nomem(err);
    for (size_t t = 0; t < c->n; t++)
        ptr[rank[MF_USER][c->cell[t].user]]++;
    for (size_t u = 0, start = 0; u <= users; u++) {
        size_t count = ptr[u];
        ptr[u] = start;
        start += count;
    }
    for (size_t t = 0; t < c->n; t++) {
        cell one = c->cell[t];
        one.user = rank[MF_USER][one.user];
        one.item = rank[MF_ITEM][one.item];
        sorted[ptr[one.user]++] = one;
    }
    memmove(ptr + 1, ptr, users * sizeof *ptr);
    ptr[0] = 0;
    for (uint32_t u = 0; u < users; u++)
        qsort(sorted + ptr[u], ptr[u + 1] - ptr[u], sizeof *sorted, compare_cells);
    free(c->cell);
    c->cell = sorted;
    c->cap = c->n;
    return MF_OK;
}

/* Fail about cells that name the same user and item. */
static int fail_pair(const cells *c, const mf_ratings *r, const cell *one, mf_err *err,
                     int code, const char *why)
{
    mf_field user, item;
    char line[24] = "";
    user.text = mf_ids_get(&r->users, one->user, &user.len);
    item.text = mf_ids_get(&r->items, one->item, &item.len);
    if (c->lines)
        snprintf(line, sizeof line, ":%llu", (unsigned long long)(one->place >> 2));
    return mf_fail(err, code, "%s%s: user '%.*s', item '%.*s': %s", c->source, line,
                   shown(user), user.text, shown(item), item.text, why);
}

/* Find the first line of the input that repeats a user and item. */
static int refuse_repeats(const cells *c, const mf_ratings *r, mf_err *err)
{
    const cell *worst = NULL, *before = NULL;
    for (size_t t = 0, end; t < c->n; t = end) {
        const cell *first = NULL, *second = NULL;
        for (end = t; end < c->n && c->cell[end].user == c->cell[t].user &&
                      c->cell[end].item == c->cell[t].item;
             end++) {
            const cell *one = &c->cell[end];
            if (!first || one->place < first->place) {
                second = first;
                first = one;
            } else if (!second || one->place < second->place) {
                second = one;
            }
        }
        if (second && (!worst || second->place < worst->place)) {
            before = first;
            worst = second;
        }
    }
    if (!worst)
        return MF_OK;
    char why[120] = "stand twice; sum them with --duplicates=sum";
    if (c->lines)
        snprintf(
            why, sizeof why,
            "stand twice, the first time in line %llu; sum them with --duplicates=sum",
            (unsigned long long)(before->place >> 2));
    return fail_pair(c, r, worst, err, MF_EFORMAT, why);
}

/* Merge equal cells into the ratings, whose arrays hold c->n. */
static int merge_cells(const cells *c, mf_ratings *r, mf_err *err)
{
    size_t to = 0, t = 0;
    for (uint32_t u = 0; u < r->users.n; u++) {
        size_t end = r->x.ptr[u + 1];
        r->x.ptr[u] = to;
        while (t < end) {
            const cell *one = &c->cell[t];
            double sum = one->value;
            for (t++; t < end && c->cell[t].item == one->item; t++) {
                sum += c->cell[t].value; /* whole below 2^53: exact */
                if ((c->cell[t].place & 3) != (one->place & 3))
                    return fail_pair(c, r, one, err, MF_EFORMAT,
                                     "stand twice, in different folds");
            }
            if (r->count && sum > UINT32_MAX)
                return fail_pair(c, r, one, err, MF_ERANGE,
                                 "the sum is more than 4294967295");
            if (!isfinite((float)sum))
                return fail_pair(c, r, one, err, MF_ERANGE,
                                 "the sum is more than a float can hold");
            r->x.col[to] = one->item;
            r->x.val[to] = (float)sum;
            if (r->count)
                r->count[to] = (uint32_t)sum;
            r->fold[to++] = (uint8_t)(one->place & 3);
        }
    }
    r->x.ptr[r->users.n] = to;
    r->x.nnz = to;
    return MF_OK;
}

int mf__cells_settle(cells *c, bool refuse_duplicates, mf_ratings *out, mf_err *err)
{
    uint32_t *rank[2] = {NULL, NULL};
    *out = (mf_ratings){0};
    mf_ids *ids[2] = {&out->users, &out->items};
    int code = MF_OK;
    for (int axis = MF_USER; code == MF_OK && axis <= MF_ITEM; axis++)
        code = mf__ids_append_sorted(ids[axis], mf__intern_ids(c->axis[axis].table),
                                     &rank[axis], err);
    if (code == MF_OK)
        code = mf_csr_alloc(&out->x, out->users.n, out->items.n, c->n, err);
    if (code == MF_OK) {
        out->fold = mf__new(c->n, 1);
        if (!c->fraction)
            out->count = mf__new(c->n, sizeof *out->count);
        if (!out->fold || (!c->fraction && !out->count))
            code = mf__nomem(err);
    }
    if (code == MF_OK)
        code = sort_cells(c, out->x.ptr, rank, err);
    if (code == MF_OK && refuse_duplicates)
        code = refuse_repeats(c, out, err);
    if (code == MF_OK)
        code = merge_cells(c, out, err);
    free(rank[MF_USER]);
    free(rank[MF_ITEM]);
    if (code < 0)
        mf_ratings_free(out);
    return code;
}
