/* Ids that look as if they were not read as they were meant. */
#include <string.h>

#include "base/number.h"
#include "base/report.h"
#include "jobs/convert/cells.h"
#include "jobs/shared/quoted.h"

/* How many ids look so, and the first of them in byte order. */
typedef struct odd {
    size_t n;
    mf_field example;
} odd;

static void count(odd *o, mf_field id)
{
    size_t len = id.len < o->example.len ? id.len : o->example.len;
    int order = o->n ? memcmp(id.text, o->example.text, len) : -1;
    if (order < 0 || (order == 0 && id.len < o->example.len))
        o->example = id;
    o->n++;
}

static bool has_blank_beside(mf_field id)
{
    return id.text[0] == ' ' || id.text[id.len - 1] == ' ';
}

/* Is it in quotes, with those within it doubled? *doubled: there are some. */
static bool is_quoted(mf_field id, bool *doubled)
{
    if (id.len < 2 || id.text[0] != '"' || id.text[id.len - 1] != '"')
        return false;
    *doubled = false;
    for (size_t i = 1; i + 1 < id.len; i++)
        if (id.text[i] == '"') {
            if (id.text[++i] != '"' || i + 1 == id.len)
                return false;
            *doubled = true;
        }
    return true;
}

/* Quotes alone are part of many a name; not so where all have them, or where some
 * hold doubled ones. */
static void warn_axis(const cells_axis *a, const char *source, const char *axis,
                      mf_format format, const mf_report *report)
{
    const mf_ids *ids = mf__intern_ids(a->table);
    odd blank = {0}, quotes = {0};
    bool doubled = false;
    for (uint32_t i = 0; i < ids->n; i++) {
        bool inner = false;
        mf_field id;
        id.text = mf_ids_get(ids, i, &id.len);
        if (has_blank_beside(id))
            count(&blank, id);
        if (is_quoted(id, &inner))
            count(&quotes, id);
        doubled |= inner;
    }
    if (blank.n > 0)
        mf__report_warn(
            report, "%s: %zu %s id%s begin%s or end%s with a blank, such as '%s'%s",
            source, blank.n, axis, mf__plural(blank.n), blank.n == 1 ? "s" : "",
            blank.n == 1 ? "s" : "", mf__quoted(blank.example).text,
            format == MF_FORMAT_CSV
                ? "; sed 's/ *, */,/g' takes blanks beside commas out"
            : format == MF_FORMAT_TSV
                ? "; sed 's/ *\\t */\\t/g' takes blanks beside TABs out"
                : "; without it they would be other ids");
    if (format == MF_FORMAT_TSV && quotes.n > 0 && (doubled || quotes.n == ids->n))
        mf__report_warn(
            report,
            "%s: %zu %s id%s stand%s in quotes, such as '%s'; say --from=csv "
            "with --separator=tab, or that between the fields, to take them "
            "off",
            source, quotes.n, axis, mf__plural(quotes.n), quotes.n == 1 ? "s" : "",
            mf__quoted(quotes.example).text);
}

void mf__cells_warn_ids(const cells *c, mf_format format, const mf_report *report)
{
    for (int axis = MF_USER; axis <= MF_ITEM; axis++)
        if (!c->axis[axis].named && !c->axis[axis].indexed)
            warn_axis(&c->axis[axis], c->source, mf__axis_names[axis], format, report);
}
