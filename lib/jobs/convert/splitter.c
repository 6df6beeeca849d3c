#include "jobs/convert/splitter.h"

#include <string.h>

#include "base/io.h"
#include "base/utf8.h"
#include "data/text.h"

static const struct {
    const char *name, *text;
} NAMED[] = {{"tab", "\t"}, {"space", " "}, {"whitespace", ""}};
enum { NAMED_COUNT = sizeof NAMED / sizeof *NAMED };

int mf__separator_read(separator *s, mf_format format, const char *text, mf_err *err)
{
    const char *own = format == MF_FORMAT_CSV     ? ","
                      : format == MF_FORMAT_LISTS ? ""
                                                  : "\t";
    const char *given = text ? text : own;
    bool named = !text;
    for (size_t i = 0; i < NAMED_COUNT; i++)
        if (strcmp(given, NAMED[i].name) == 0) {
            given = NAMED[i].text;
            named = true;
        }
    size_t len = strlen(given);
    if ((len == 0 && !named) || len > SEPARATOR_MAX || strpbrk(given, "\r\n") ||
        !mf__utf8_valid(given, len))
        return mf_fail(err, MF_EINVAL,
                       "--separator: wanted tab, space, whitespace or a text of 1 to "
                       "%d bytes without a line feed",
                       SEPARATOR_MAX);
    if (format == MF_FORMAT_CSV && (len != 1 || given[0] == '"'))
        return mf_fail(err, MF_EINVAL,
                       "--separator: that of csv is one byte, and no quote; tsv takes "
                       "any, and quotes nothing");
    memcpy(s->text, given, len + 1);
    s->name = strcmp(given, own) == 0 ? NULL : given;
    for (size_t i = 0; s->name && i < NAMED_COUNT; i++)
        if (strcmp(given, NAMED[i].text) == 0)
            s->name = NAMED[i].name;
    return MF_OK;
}

size_t mf__split_words(mf_field line, mf_field word[], size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < line.len;) {
        size_t begin = i;
        while (i < line.len && line.text[i] != ' ' && line.text[i] != '\t')
            i++;
        if (i > begin) {
            if (n == max)
                return n + 1;
            word[n++] = (mf_field){line.text + begin, i - begin};
        }
        i += i < line.len;
    }
    return n;
}

const char *mf__separator_hint(mf_format format, mf_field line)
{
    static const struct {
        const char *text, *tsv, *csv;
    } guess[] = {
        {"\t", "", "; it holds TABs: say --from=tsv"},
        {"::", "; the fields look separated by '::': say --separator=::",
         "; the fields look separated by '::': say --from=tsv --separator=::"},
        {";", "; the fields look separated by ';': say --separator=';'",
         "; the fields look separated by ';': say --separator=';'"},
        {"|", "; the fields look separated by '|': say --separator='|'",
         "; the fields look separated by '|': say --separator='|'"},
        {",", "; the fields look separated by commas: say --from=csv", ""},
        {" ",
         "; the fields look separated by blanks: say --separator=space or "
         "--separator=whitespace",
         "; the fields look separated by blanks: say --separator=space"},
    };
    mf_field word[5];
    for (size_t i = 0; i < sizeof guess / sizeof *guess; i++) {
        const char *say = format == MF_FORMAT_CSV ? guess[i].csv : guess[i].tsv;
        if (*say && memmem(line.text, line.len, guess[i].text, strlen(guess[i].text)))
            return guess[i].text[0] == ' ' && mf__split_words(line, word, 5) > 5
                       ? "; say --from=lists if a line is a user and all its items"
                       : say;
    }
    return "";
}

int mf__splitter_open(splitter *s, mf_lines *lines, mf_format format,
                      const char *between, mf_err *err)
{
    *s = (splitter){.format = format, .csv = {.lines = lines}};
    int code = mf__separator_read(&s->between, format, between, err);
    s->csv.separator = s->between.text[0];
    return code;
}

void mf__splitter_close(splitter *s)
{
    mf__csv_close(&s->csv);
}

/* Step over an empty line: remember that it was there. False if the record is not one;
 * *code says whether empty lines before it are an error. */
static bool step_over(splitter *s, bool empty, int *code, mf_err *err)
{
    if (empty && s->blank == 0)
        s->blank = mf_lines_number(s->csv.lines);
    if (!empty && s->blank)
        *code = mf_fail(err, MF_EFORMAT, "%s:%llu: the line is empty",
                        mf_lines_name(s->csv.lines), (unsigned long long)s->blank);
    return empty;
}

int mf__splitter_line(splitter *s, mf_field *line, mf_err *err)
{
    int code;
    do
        code = mf_lines_next(s->csv.lines, line, err);
    while (code == 1 && step_over(s, line->len == 0, &code, err));
    return code;
}

/* How many fields there are from this one on, which keeps what follows it. */
static size_t count_rest(mf_field rest, const char *between)
{
    size_t n = 1, step = strlen(between);
    const char *at = rest.text, *end = rest.text + rest.len;
    for (const char *cut;
         (cut = step == 1 ? memchr(at, *between, (size_t)(end - at))
                          : memmem(at, (size_t)(end - at), between, step));
         n++)
        at = cut + step;
    return n;
}

/* How many words there are behind this one, which stands in the line. */
static size_t count_words(mf_field line, mf_field word)
{
    size_t n = 0;
    bool in = true;
    for (const char *at = word.text + word.len; at < line.text + line.len; at++) {
        bool blank = *at == ' ' || *at == '\t';
        n += !in && !blank;
        in = !blank;
    }
    return n;
}

int mf__splitter_next(splitter *s, mf_field field[], size_t max, size_t *n, mf_err *err)
{
    mf_field line;
    int code;
    if (s->format == MF_FORMAT_CSV) {
        do
            code = mf__csv_next(&s->csv, field, max, n, err);
        while (code == 1 && step_over(s, *n == 1 && field[0].len == 0, &code, err));
        return code;
    }
    code = mf__splitter_line(s, &line, err);
    if (code == 1 && s->between.text[0]) {
        *n = mf__text_split(line, s->between.text, field, max);
        if (*n == max)
            *n += count_rest(field[max - 1], s->between.text) - 1;
    } else if (code == 1) {
        *n = mf__split_words(line, field, max);
        if (*n > max)
            *n = max + count_words(line, field[max - 1]);
    }
    return code;
}
