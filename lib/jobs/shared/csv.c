#include "jobs/shared/csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"

void mf__csv_close(csv *reader)
{
    free(reader->text);
    *reader = (csv){0};
}

/* True if a field must be quoted to be read back as it is. */
static bool needs_quotes(const char *text, size_t len, char separator)
{
    if (len == 0 || text[0] == ' ' || text[len - 1] == ' ' ||
        memcmp(text, "\xef\xbb\xbf", len < 3 ? len : 3) == 0)
        return true;
    for (size_t i = 0; i < len; i++)
        if (text[i] == separator || strchr("\"\r\n", text[i]))
            return true;
    return false;
}

void mf__csv_put(page *to, const char *text, size_t len, char separator)
{
    char *at = mf__page_room(to, 2 * len + 2);
    if (!at)
        return;
    if (!needs_quotes(text, len, separator)) {
        mf__page_put(to, text, len);
        return;
    }
    *at++ = '"';
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"')
            *at++ = '"';
        *at++ = text[i];
    }
    *at++ = '"';
    to->n = (size_t)(at - to->text);
}

/* States of the parser between two characters. */
enum { FIELD_START, BARE, QUOTED, CLOSING };

/* A record under construction: fields as ends in the text, because the text
 * moves while it grows. */
typedef struct record {
    int state;
    char separator;
    size_t used, begin; /* bytes of text; of the field at hand, the first */
    size_t n, max;
    mf_field *field; /* len is right, text comes at the end */
} record;

static void end_field(record *r)
{
    if (r->n < r->max)
        r->field[r->n].len = r->used - r->begin;
    else
        r->used = r->begin; /* not asked for */
    r->n++;
    r->begin = r->used;
    r->state = FIELD_START;
}

/* Take one character. Returns NULL or what is wrong. */
static const char *take(record *r, char *text, char ch)
{
    switch (r->state) {
    case QUOTED:
        if (ch == '"')
            r->state = CLOSING;
        else
            text[r->used++] = ch;
        return NULL;
    case CLOSING:
        if (ch == '"') {
            text[r->used++] = ch;
            r->state = QUOTED;
            return NULL;
        }
        if (ch != r->separator)
            return "text follows a closing quote; write a quote inside a field twice";
        end_field(r);
        return NULL;
    default:
        if (ch == r->separator) {
            end_field(r);
        } else if (ch == '"') {
            if (r->state == BARE)
                return "a quote inside a field that is not quoted";
            r->state = QUOTED;
        } else {
            text[r->used++] = ch;
            r->state = BARE;
        }
        return NULL;
    }
}

int mf__csv_next(csv *reader, mf_field field[], size_t max, size_t *n, mf_err *err)
{
    record r = {.max = max, .field = field};
    r.separator = reader->separator ? reader->separator : ',';
    size_t read = 0;
    mf_field line;
    do {
        int code = 1;
        if (reader->begun)
            line = reader->first;
        else
            code = mf_lines_next(reader->lines, &line, err);
        reader->begun = false;
        if (code == 0 && r.state == QUOTED)
            return mf__lines_fail(reader->lines, err, "a quoted field is never closed");
        if (code != 1)
            return code;
        if ((read += line.len) > MF_LINE_MAX)
            return mf__lines_fail(reader->lines, err, "record is longer than %d bytes",
                                  MF_LINE_MAX);
        if (mf__reserve(&reader->text, &reader->cap, r.used + line.len + 1, 1, err) < 0)
            return MF_ENOMEM;
        if (r.state == QUOTED)
            reader->text[r.used++] = '\n';
        for (size_t i = 0; i < line.len; i++) {
            const char *why = take(&r, reader->text, line.text[i]);
            if (why)
                return mf__lines_fail(reader->lines, err, "%s", why);
        }
    } while (r.state == QUOTED);
    end_field(&r);
    const char *at = reader->text;
    for (size_t i = 0; i < r.n && i < max; i++) {
        field[i].text = at;
        at += field[i].len;
    }
    *n = r.n;
    return 1;
}
