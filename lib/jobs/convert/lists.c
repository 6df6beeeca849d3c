/* LightGCN's train.txt: a user and all items of it a line, with blanks between. */
#include <string.h>

#include "jobs/convert/format.h"
#include "jobs/convert/splitter.h"
#include "jobs/shared/table.h"

/* The field at the beginning of *rest, which becomes what follows. False at the end. */
static bool next_field(const separator *between, mf_field *rest, mf_field *field)
{
    size_t step = strlen(between->text);
    mf_field two[2];
    if (!rest->text)
        return false;
    if (step > 0) {
        const char *cut = memmem(rest->text, rest->len, between->text, step);
        *field = (mf_field){rest->text, cut ? (size_t)(cut - rest->text) : rest->len};
        *rest = cut ? (mf_field){cut + step, rest->len - field->len - step}
                    : (mf_field){NULL, 0};
        return true;
    }
    if (mf__split_words(*rest, two, 1) == 0)
        return false;
    size_t used = (size_t)(two[0].text - rest->text) + two[0].len;
    *field = two[0];
    *rest = (mf_field){rest->text + used, rest->len - used};
    return true;
}

static int put_line(cells *c, const separator *between, mf_field line, mf_err *err)
{
    entry e = {.value = 1, .whole = true, .line = mf_lines_number(c->lines)};
    mf_field field;
    if (!next_field(between, &line, &field))
        return mf__cells_fail(c, err, "the line is empty");
    int code = mf__cells_number(c, MF_USER, field, &e.user, err);
    while (code == MF_OK && next_field(between, &line, &field)) {
        code = mf__cells_number(c, MF_ITEM, field, &e.item, err);
        if (code == MF_OK)
            code = mf__cells_put(c, &e, err);
    }
    return code;
}

int mf__lists_read(cells *c, const mf_convert_input *input,
                   const mf_convert_from_params *params, reading *got, mf_err *err)
{
    (void)got;
    splitter s;
    mf_field line;
    int code =
        mf__splitter_open(&s, input->text, params->format, params->separator, err);
    while (code >= 0 && (code = mf__splitter_line(&s, &line, err)) == 1)
        code = put_line(c, &s.between, line, err);
    mf__splitter_close(&s);
    return code;
}

static void put_id(page *p, const mf_ids *ids, uint32_t i, const char *before,
                   const char *between)
{
    size_t len;
    const char *text = mf_ids_get(ids, i, &len);
    mf__page_puts(p, before);
    mf__page_put(p, text, len);
    if (memchr(text, '\r', len) || mf__table_splits(text, len, between))
        mf__page_fail(p, MF_ERANGE,
                      "an id holds a blank or the separator, which lists do not give "
                      "back; use --to=tsv");
}

int mf__lists_write(mf_out *out, const mf_model *m, const mf_convert_to_params *params,
                    const char *name, mf_err *err)
{
    (void)name;
    const mf_ratings *r = &m->ratings;
    page lines = {0};
    separator sep;
    int code = mf__separator_read(&sep, params->format, params->separator, err);
    const char *between = code == MF_OK && sep.text[0] ? sep.text : " ";
    for (uint32_t u = 0; code == MF_OK && u < r->x.rows; u++) {
        put_id(&lines, &r->users, u, "", between);
        for (size_t t = r->x.ptr[u]; t < r->x.ptr[u + 1]; t++)
            put_id(&lines, &r->items, r->x.col[t], between, between);
        mf__page_puts(&lines, "\n");
        code = mf__page_write(&lines, out, err);
    }
    mf__page_free(&lines);
    return code;
}
