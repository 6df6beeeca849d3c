/* Do the ids of the parts mean the same? Rows and columns of a matrix without names are
 * numbers, which are no names: those of another matrix count from another one, or have
 * more digits. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/report.h"
#include "data/intern.h"
#include "jobs/convert/format.h"
#include "jobs/convert/join_part.h"
#include "jobs/shared/quoted.h"

static const char *const AXIS[] = {"user", "item"};
static const char *const LINES[] = {"rows", "columns"};

static const mf_ids *ids_of(const join_part *part, int axis)
{
    const mf_ratings *r = &part->model.ratings;
    return axis == MF_USER ? &r->users : &r->items;
}

/* What the ids of an axis count from, if they are the numbers of a matrix; else -1. */
static int counts_from(const join_part *part, int axis)
{
    static const char *const names[] = {"user-names", "item-names"};
    const mf_model *m = &part->model;
    const mf_stage *stage = m->stage;
    const char *from = "";
    if (m->stages == 0 || strcmp(stage->tool, "mf-convert") != 0 ||
        ids_of(part, axis)->n == 0)
        return -1;
    for (size_t i = 0; i < stage->options; i++)
        if (strcmp(stage->option[i].name, "from") == 0)
            from = stage->option[i].value;
    for (size_t i = 0; i < stage->inputs; i++)
        if (strcmp(stage->input[i].name, names[axis]) == 0)
            return -1;
    return strcmp(from, mf_format_names[MF_FORMAT_MTX]) == 0   ? 1
           : strcmp(from, mf_format_names[MF_FORMAT_NPZ]) == 0 ? 0
                                                               : -1;
}

/* The ids of an axis of a matrix have as many digits as the first. */
static size_t width(const join_part *part, int axis)
{
    size_t len;
    (void)mf_ids_get(ids_of(part, axis), 0, &len);
    return len;
}

/* Refuse matrices whose numbers do not mean the same. */
static int check_numbers(const join_part *part, size_t parts, int axis, mf_err *err)
{
    const join_part *first = NULL;
    for (size_t p = 0; p < parts; p++) {
        int base = counts_from(&part[p], axis);
        if (base < 0)
            continue;
        if (!first)
            first = &part[p];
        int other = counts_from(first, axis);
        if (base != other)
            return mf_fail(err, MF_EFORMAT,
                           "%s: its %ss are the %s of a matrix, counted from %d, those "
                           "of %s from %d: give both their names, with --%s-names when "
                           "they are read",
                           part[p].name, AXIS[axis], LINES[axis], base, first->name,
                           other, AXIS[axis]);
        if (width(&part[p], axis) != width(first, axis))
            return mf_fail(err, MF_EFORMAT,
                           "%s: its %ss are the %s of a matrix, numbers of %zu "
                           "digit%s, those of %s of %zu, so that none would be the "
                           "same: give both their names, with --%s-names when they are "
                           "read, or make both of one shape",
                           part[p].name, AXIS[axis], LINES[axis], width(&part[p], axis),
                           mf__plural(width(&part[p], axis)), first->name,
                           width(first, axis), AXIS[axis]);
    }
    return MF_OK;
}

/* Digits alone: *bare becomes them without the zeros before them. */
static bool is_number(const mf_ids *ids, uint32_t i, mf_field *id, mf_field *bare)
{
    id->text = mf_ids_get(ids, i, &id->len);
    for (size_t c = 0; c < id->len; c++)
        if (id->text[c] < '0' || id->text[c] > '9')
            return false;
    *bare = *id;
    while (bare->len > 1 && bare->text[0] == '0') {
        bare->text++;
        bare->len--;
    }
    return true;
}

/* Without zeros before a number, no two ids of one number differ. */
static bool has_zeros(const join_part *part, size_t parts, int axis)
{
    mf_field id, bare;
    for (size_t p = 0; p < parts; p++) {
        const mf_ids *ids = ids_of(&part[p], axis);
        for (uint32_t i = 0; i < ids->n; i++)
            if (is_number(ids, i, &id, &bare) && bare.len < id.len)
                return true;
    }
    return false;
}

typedef struct spelling {
    size_t part, last; /* that has it, and the last one that has its number */
    mf_field id;
} spelling;

/* Ids of one number that differ between the parts: how many, and the first two. Where
 * one part has both, they are meant to differ: none. */
static int find_pairs(const join_part *part, size_t parts, int axis, spelling pair[2],
                      size_t *pairs, mf_err *err)
{
    mf_intern *table;
    spelling *first = NULL;
    size_t cap = 0;
    bool meant = false;
    int code = mf__intern_open(&table, err);
    for (size_t p = 0; code == MF_OK && !meant && p < parts; p++) {
        const mf_ids *ids = ids_of(&part[p], axis);
        for (uint32_t i = 0; code == MF_OK && !meant && i < ids->n; i++) {
            mf_field id, bare;
            uint32_t number, known = mf__intern_ids(table)->n;
            if (!is_number(ids, i, &id, &bare))
                continue;
            code = mf__intern_put(table, bare.text, bare.len, &number, err);
            if (code == MF_OK)
                code =
                    mf__reserve(&first, &cap, (size_t)number + 1, sizeof *first, err);
            if (code < 0)
                break;
            spelling *one = &first[number];
            if (number == known)
                *one = (spelling){p, SIZE_MAX, id};
            else if (one->id.len != id.len && (*pairs)++ == 0) {
                pair[0] = *one;
                pair[1] = (spelling){p, p, id};
            }
            meant = one->last == p;
            one->last = p;
        }
    }
    if (meant)
        *pairs = 0;
    free(first);
    mf__intern_close(table);
    return code;
}

int mf__join_ids(const join_part *part, size_t parts, const mf_report *report,
                 mf_err *err)
{
    int code = MF_OK;
    for (int axis = MF_USER; code == MF_OK && axis <= MF_ITEM; axis++)
        code = check_numbers(part, parts, axis, err);
    for (int axis = MF_USER; code == MF_OK && axis <= MF_ITEM; axis++) {
        spelling pair[2] = {{0}};
        size_t pairs = 0;
        if (!has_zeros(part, parts, axis))
            continue;
        code = find_pairs(part, parts, axis, pair, &pairs, err);
        if (code == MF_OK && pairs > 0)
            mf__report_warn(
                report,
                "%s '%s' of %s and '%s' of %s are one number, but two %ss, as "
                "%zu pair%s in all; if they are one, spell them alike before the join",
                AXIS[axis], mf__quoted(pair[0].id).text, part[pair[0].part].name,
                mf__quoted(pair[1].id).text, part[pair[1].part].name, AXIS[axis], pairs,
                mf__plural(pairs));
    }
    return code;
}
