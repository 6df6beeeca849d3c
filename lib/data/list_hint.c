#include "data/list_hint.h"

#include <string.h>

#include "base/ascii.h"
#include "base/io.h"
#include "base/number.h"
#include "data/nearest.h"
#include "data/text.h"

enum { FIELDS = 32, WORD = 24 };

static const char *const SEPARATOR[] = {"\t", "::", ",", ";", "|"};

/* A field without the quotes that it may stand in; those inside are written twice. */
static mf_field unquoted(mf_field f, char room[MF_LIST_LINE], bool *quoted)
{
    size_t n = 0;
    *quoted = f.len >= 2 && f.text[0] == '"' && f.text[f.len - 1] == '"';
    for (size_t i = 1; *quoted && i + 1 < f.len; i++) {
        room[n++] = f.text[i];
        i += f.text[i] == '"' && f.text[i + 1] == '"';
    }
    return *quoted ? (mf_field){room, n} : f;
}

/* Cut a line at the separators that are not in quotes. */
static size_t split(mf_field line, const char *separator, mf_field field[FIELDS])
{
    size_t step = strlen(separator), n = 0, from = 0;
    bool in = false;
    for (size_t i = 0; i < line.len && n + 1 < FIELDS; i++) {
        in ^= line.text[i] == '"';
        if (in || line.len - i < step || memcmp(line.text + i, separator, step) != 0)
            continue;
        field[n++] = (mf_field){line.text + from, i - from};
        from = i + step;
        i = from - 1;
    }
    field[n++] = (mf_field){line.text + from, line.len - from};
    return n;
}

/* --- headers --- */

/* Cut off the end of a word that is one of these, if it is. */
static void cut_end(char word[WORD], const char *const ends[])
{
    size_t len = strlen(word);
    for (size_t i = 0; ends[i]; i++) {
        size_t n = strlen(ends[i]);
        if (len >= n && strcmp(word + len - n, ends[i]) == 0) {
            word[len - n] = '\0';
            return;
        }
    }
}

/* Does a column have such a name: "userId", "movie_title", "rating", "id"? */
static bool names_column(mf_field field)
{
    static const char *const ends[] = {"ID",  "IDS",  "NAME", "TITLE",
                                       "KEY", "MBID", NULL};
    static const char *const stems[] = {
        "",      "USER",   "USERS",  "ITEM",  "ITEMS", "ARTIST", "ARTISTS",   "MOVIE",
        "FILM",  "SONG",   "TRACK",  "ALBUM", "GAME",  "BOOK",   "PRODUCT",   "APP",
        "VALUE", "RATING", "WEIGHT", "SCORE", "PLAYS", "COUNT",  "PLAYCOUNT", NULL};
    char word[WORD] = "", room[MF_LIST_LINE];
    bool quoted;
    size_t n = 0;
    field = unquoted(field, room, &quoted);
    for (size_t i = 0; i < field.len; i++) {
        if (strchr(" _-.#", field.text[i]))
            continue;
        if (n + 1 == WORD)
            return false;
        word[n++] = ascii_upper(field.text[i]);
    }
    cut_end(word, ends);
    for (size_t i = 0; n > 0 && stems[i]; i++)
        if (strcmp(word, stems[i]) == 0)
            return true;
    return false;
}

static bool is_header(mf_field line)
{
    mf_field field[FIELDS];
    for (size_t s = 0; s < sizeof SEPARATOR / sizeof *SEPARATOR; s++)
        for (size_t n = split(line, SEPARATOR[s], field); n-- > 0;)
            if (names_column(field[n]))
                return true;
    return false;
}

/* --- the field with the id --- */

static bool look_for_field(mf_list_hint *hint, const mf_list_ids *ids, mf_field line,
                           const char *separator)
{
    mf_field field[FIELDS];
    char room[MF_LIST_LINE];
    float number;
    bool quoted;
    size_t n = split(line, separator, field);
    for (size_t i = 0; i < n; i++) {
        mf_field id = unquoted(field[i], room, &quoted);
        if (id.len == 0 || (n == 1 && !quoted) || !ids->has(ids->self, id))
            continue;
        hint->field = i + 1;
        hint->alone = n == 1;
        hint->separator = separator;
        hint->quoted = quoted;
        hint->value = ids->values && i + 1 < n && mf__text_float(field[i + 1], &number);
        return true;
    }
    return false;
}

void mf__list_hint_see(mf_list_hint *hint, const mf_list_ids *ids, mf_field line,
                       bool first)
{
    if (line.len > MF_LIST_LINE)
        return;
    hint->header |= first && is_header(line);
    for (size_t s = 0; hint->field == 0 && s < sizeof SEPARATOR / sizeof *SEPARATOR;
         s++)
        look_for_field(hint, ids, line, SEPARATOR[s]);
}

/* The command that leaves the field, and its value, of each line. A column cannot be
 * read twice, so mf-convert is asked for the field and a neighbour, which it takes for
 * the two ids of a cell: a value too. */
static void say_command(const mf_list_hint *h, char text[MF_LIST_HINT], size_t used)
{
    const char *separator = strcmp(h->separator, "\t") == 0 ? "\\t" : h->separator;
    size_t f = h->field, neighbour = h->value || f == 1 ? f + 1 : f - 1;
    bool comma = separator[0] == ',';
    if (h->alone) {
        mf__append(text, MF_LIST_HINT, used, "sed 's/^\"//; s/\"$//; s/\"\"/\"/g'");
    } else if (h->quoted || (h->header && comma)) { /* other lines may have quotes */
        bool two = separator[0] == ':'; /* bytes; mf-convert parts csv by one */
        if (two)
            used =
                mf__append(text, MF_LIST_HINT, used, "sed 's/%s/\\t/g' | ", separator);
        used = mf__append(text, MF_LIST_HINT, used, "mf-convert --from=csv");
        if (!comma)
            used = mf__append(text, MF_LIST_HINT, used, " --separator='%s'",
                              two || separator[0] == '\\' ? "tab" : separator);
        mf__append(text, MF_LIST_HINT, used,
                   " --columns=%zu,%zu | mf-convert --to=tsv | cut -f1%s", f, neighbour,
                   h->value ? ",2" : "");
    } else if (h->value) {
        mf__append(text, MF_LIST_HINT, used,
                   "awk -F'%s' -v OFS='\\t' '{ print $%zu, $%zu }'", separator, f,
                   f + 1);
    } else if (separator[0] == '\\') {
        mf__append(text, MF_LIST_HINT, used, "cut -f%zu", f);
    } else if (separator[1]) {
        mf__append(text, MF_LIST_HINT, used, "awk -F'%s' '{ print $%zu }'", separator,
                   f);
    } else {
        mf__append(text, MF_LIST_HINT, used, "cut -d'%s' -f%zu", separator, f);
    }
}

void mf__list_hint_say(const mf_list_hint *h, char text[MF_LIST_HINT])
{
    size_t used = 0;
    text[0] = '\0';
    if (h->header)
        used = mf__append(text, MF_LIST_HINT, used,
                          "; the first line looks like a header");
    if (h->field)
        used = mf__append(text, MF_LIST_HINT, used, "%s field %zu of a line is one",
                          h->header ? ", and" : ";", h->field);
    if (used)
        used = mf__append(text, MF_LIST_HINT, used, ": pipe the file through %s",
                          h->header ? "tail -n +2" : "");
    if (h->header && h->field)
        used = mf__append(text, MF_LIST_HINT, used, " | ");
    if (h->field)
        say_command(h, text, used);
}

void mf__list_hint_look(mf_lines *list, const mf_list_ids *ids, mf_field line,
                        char text[MF_LIST_HINT])
{
    mf_list_hint hint = {0};
    mf__list_hint_see(&hint, ids, line, mf_lines_number(list) == 1);
    if (hint.header && hint.field == 0 && mf_lines_next(list, &line, NULL) == 1)
        mf__list_hint_see(&hint, ids, line, false);
    mf__list_hint_say(&hint, text);
}

int mf__list_some(const mf_lines *list, mf_err *err)
{
    if (mf_lines_number(list))
        return MF_OK;
    return mf_fail(err, MF_EFORMAT,
                   "%s: holds no ids: what wrote it may have failed; where none are "
                   "meant, leave the option out",
                   mf_lines_name(list));
}

int mf__list_empty(const mf_lines *list, mf_err *err)
{
    return mf__lines_fail(
        list, err, "an empty line; pipe the file through grep . to leave it out");
}

int mf__list_unknown(mf_lines *list, const mf_list_ids *ids, mf_field line, mf_field id,
                     const char *what, const char *nearest, mf_err *err)
{
    char name[80], say[MF_LIST_HINT];
    unsigned long long number = mf_lines_number(list);
    mf__snprintf(name, sizeof name, "%.*s", mf__nearest_clip(id.text, id.len, 76),
                 id.text);
    mf__list_hint_look(list, ids, line, say);
    return mf_fail(err, MF_EFORMAT, "%s:%llu: '%s' %s%s", mf_lines_name(list), number,
                   name, what, *say ? say : nearest);
}
