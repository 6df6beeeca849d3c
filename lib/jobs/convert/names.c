/* Files of names, read; names that several ids have. */
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/report.h"
#include "data/ids.h"
#include "data/text.h"
#include "jobs/convert/cells.h"
#include "jobs/convert/columns.h"
#include "jobs/shared/quoted.h"

/* Add a name; `key` is NULL if the number of the line is its key. */
static int add_name(cells_axis *a, mf_lines *lines, const mf_field *key, mf_field name,
                    mf_err *err)
{
    uint32_t row = a->name.n;
    const char *fault = mf__id_fault(name.text, name.len);
    if (fault)
        return mf__lines_fail(lines, err, "the name '%s' %s, so it cannot be an id",
                              mf__quoted(name).text, fault);
    if (key) {
        int code = mf__intern_put(a->keys, key->text, key->len, &row, err);
        if (code < 0)
            return code;
        if (row != a->name.n)
            return mf__lines_fail(lines, err, "id '%s' has a name already",
                                  mf__quoted(*key).text);
    }
    return mf_ids_append(&a->name, name.text, name.len, err);
}

/* Does the shell take the name of the file as it is? */
static bool is_plain(const char *name)
{
    return name[0] != '-' &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "0123456789._/+-")] == '\0';
}

/* A line has no TAB: say how to make such lines of it, if it has another separator. */
static int fail_nameless(const mf_lines *lines, mf_field line, bool header, mf_err *err)
{
    static const struct {
        const char *text, *options;
    } known[] = {{",", "csv"},
                 {";", "csv --separator=';'"},
                 {"::", "tsv --separator=::"},
                 {"|", "tsv --separator='|'"}};
    const char *options = NULL, *best = line.text + line.len;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const char *at =
            memmem(line.text, line.len, known[i].text, strlen(known[i].text));
        if (at && at < best) {
            best = at;
            options = known[i].options;
        }
    }
    if (!options)
        return mf__lines_fail(lines, err, "no name: wanted an id, a TAB and a name");
    mf_field first = {line.text, (size_t)(best - line.text)};
    bool headed = header || (first.len == 2 && ascii_same(first.text, "id", 2)) ||
                  mf__column_stands_for(first, COL_USER) ||
                  mf__column_stands_for(first, COL_ITEM);
    const char *file = mf_lines_name(lines);
    return mf__lines_fail(
        lines, err,
        "no name: wanted an id, a TAB and a name; mf-convert --from=%s%s --columns=1,2 "
        "%s | mf-convert --to=tsv%s makes such lines of columns 1 and 2",
        options, headed ? " --header" : "", is_plain(file) ? file : "FILE",
        header ? " --header" : "");
}

/* The line below which the names stand is one, too, if the input has its id: the file
 * has no header then, though the input has. */
static int read_header(cells_axis *a, mf_lines *lines, bool by_index, mf_err *err)
{
    mf_field line, field[3];
    int code = mf_lines_next(lines, &line, err);
    if (code != 1 || by_index || mf__text_split(line, "\t", field, 3) < 2 ||
        mf__id_fault(field[1].text, field[1].len))
        return code;
    return add_name(a, lines, &field[0], field[1], err);
}

int mf__cells_read_names(cells *c, mf_axis axis, mf_lines *lines, bool by_index,
                         bool header, mf_err *err)
{
    cells_axis *a = &c->axis[axis];
    mf_field line, field[3];
    int code = by_index ? MF_OK : mf__intern_open(&a->keys, err);
    a->named = true;
    if (code == MF_OK && header)
        code = read_header(a, lines, by_index, err);
    while (code >= 0 && (code = mf_lines_next(lines, &line, err)) == 1) {
        if (by_index)
            code = add_name(a, lines, NULL, line, err);
        else if (mf__text_split(line, "\t", field, 3) < 2)
            code = fail_nameless(lines, line, header, err);
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

/* The id that has name i. */
static quoted id_of(const cells_axis *a, uint32_t i)
{
    char digits[24];
    mf_field id = {digits, 0};
    if (a->keys)
        id.text = mf_ids_get(mf__intern_ids(a->keys), i, &id.len);
    else
        id.len =
            (size_t)mf__snprintf(digits, sizeof digits, "%u", i + (unsigned)a->base);
    return mf__quoted(id);
}

/* Warn of the names that several ids have; first[n], of the n names that are in use,
 * is all UINT32_MAX. */
static void warn_shared(const cells_axis *a, const char *source, uint32_t first[],
                        bool shared[], const mf_report *report)
{
    size_t names = 0, used = 0;
    uint32_t example = UINT32_MAX;
    char list[200] = "";
    for (uint32_t i = 0; i < a->name.n; i++) {
        uint32_t number = a->number[i];
        if (number == UINT32_MAX)
            continue;
        if (first[number] == UINT32_MAX) {
            first[number] = i;
            continue;
        }
        names += !shared[number];
        shared[number] = true;
        if (example == UINT32_MAX) {
            example = number;
            used = mf__append(list, sizeof list, 0, "%s", id_of(a, first[number]).text);
        }
        if (number == example && used + QUOTED_BYTES + 8 < sizeof list)
            used = mf__append(list, sizeof list, used, ", %s", id_of(a, i).text);
        else if (number == example && list[used - 1] != '.')
            used = mf__append(list, sizeof list, used, ", ...");
    }
    if (names == 0)
        return;
    mf_field name;
    name.text = mf_ids_get(&a->name, first[example], &name.len);
    mf__report_warn(report,
                    "%s: %zu name%s stand%s for several ids, such as '%s': %s; they "
                    "become one, unless the file of names calls them differently",
                    source, names, mf__plural(names), names == 1 ? "s" : "",
                    mf__quoted(name).text, list);
}

int mf__cells_warn_names(const cells *c, const mf_report *report, mf_err *err)
{
    for (int axis = MF_USER; axis <= MF_ITEM; axis++) {
        const cells_axis *a = &c->axis[axis];
        if (!a->named)
            continue;
        uint32_t n = mf__intern_ids(a->table)->n;
        uint32_t *first = mf__new(n, sizeof *first);
        bool *shared = mf__new0(n, sizeof *shared);
        if (first && shared) {
            memset(first, 0xff, n * sizeof *first);
            warn_shared(a, c->source, first, shared, report);
        }
        bool full = !first || !shared;
        free(first);
        free(shared);
        if (full)
            return mf__nomem(err);
    }
    return MF_OK;
}
