/* LightGCN's train.txt: a user and all items of it a line, with blanks between. */
#include <string.h>

#include "base/number.h"
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

/* --- tables of ratings, which are no lists --- */

/* What all lines so far have in common. */
typedef struct looks {
    size_t lines, width; /* fields of a line; 0: not as many in all */
    bool times, tabs;    /* the last field looks like a time; there is a TAB */
    bool held[4];        /* the first field holds HELD[i] */
} looks;

static const struct {
    const char *text, *from;
} HELD[] = {{",", "csv"},
            {"::", "tsv --separator=::"},
            {";", "csv --separator=';'"},
            {"|", "csv --separator='|'"}};
enum { HELDS = sizeof HELD / sizeof *HELD };

static void look(looks *l, mf_field line, mf_field first, mf_field last, size_t width)
{
    if (l->lines++ == 0) {
        *l = (looks){.lines = 1, .width = width, .times = true, .tabs = true};
        for (size_t i = 0; i < HELDS; i++)
            l->held[i] = true;
    }
    l->width = width == l->width ? width : 0;
    l->times &= l->width > 0 && mf__looks_like_time(last);
    l->tabs &= l->width > 0 && memchr(line.text, '\t', line.len) != NULL;
    for (size_t i = 0; i < HELDS; i++)
        l->held[i] &=
            memmem(first.text, first.len, HELD[i].text, strlen(HELD[i].text)) != NULL;
}

/* Lines of three or four fields with users in several of them, or times at their ends,
 * are ratings: lists have a line a user, of as many fields as it has items. */
static void warn_ratings(const looks *l, uint32_t users, char words[UNREAD_WORDS])
{
    if (l->lines < 2 || (l->width != 3 && l->width != 4) ||
        (users == l->lines && !l->times))
        return;
    mf__append(words, UNREAD_WORDS, 0,
               "all lines have %zu fields, %s: if they are ratings, say "
               "--from=tsv%s%s",
               l->width,
               l->times ? "of which the last looks like a time"
                        : "and users stand in several lines",
               l->tabs ? "" : " --separator=whitespace",
               !l->times       ? ""
               : l->width == 3 ? " --columns=1,2,,,3"
                               : " --columns=1,2,3,,4");
}

/* After the last line: fail, or warn in words[]. */
static int check_looks(const cells *c, const looks *l, char words[UNREAD_WORDS],
                       mf_err *err)
{
    size_t i = 0;
    while (i < HELDS && !(l->lines > 0 && l->held[i]))
        i++;
    if (i == HELDS) {
        warn_ratings(l, mf__intern_ids(c->axis[MF_USER].table)->n, words);
        return MF_OK;
    }
    mf__snprintf(
        words, UNREAD_WORDS,
        "the fields look separated by '%s': say --from=%s, or --separator='%s' "
        "if a line is a user and all its items",
        HELD[i].text, HELD[i].from, HELD[i].text);
    return c->n > 0 ? MF_OK
                    : mf_fail(err, MF_EFORMAT, "%s: no line has an item; %s", c->source,
                              words);
}

static int put_line(cells *c, const separator *between, mf_field line, looks *l,
                    mf_err *err)
{
    entry e = {.value = 1, .whole = true, .line = mf_lines_number(c->lines)};
    mf_field rest = line, field, first;
    size_t width = 1;
    if (!next_field(between, &rest, &field))
        return mf__cells_fail(c, err, "the line is empty");
    first = field;
    int code = mf__cells_number(c, MF_USER, field, &e.user, err);
    for (; code == MF_OK && next_field(between, &rest, &field); width++) {
        code = mf__cells_number(c, MF_ITEM, field, &e.item, err);
        if (code == MF_OK)
            code = mf__cells_put(c, &e, err);
    }
    look(l, line, first, field, width);
    return code;
}

int mf__lists_read(cells *c, const mf_convert_input *input,
                   const mf_convert_from_params *params, reading *got, mf_err *err)
{
    looks l = {.lines = 0};
    splitter s;
    mf_field line;
    int code =
        mf__splitter_open(&s, input->text, params->format, params->separator, err);
    while (code >= 0 && (code = mf__splitter_line(&s, &line, err)) == 1)
        code = put_line(c, &s.between, line, &l, err);
    if (code == 0)
        code = check_looks(c, &l, got->unread, err);
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
