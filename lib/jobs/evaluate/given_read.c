/* Files of lists: a TREC run, lines of TSV or CSV with or without a header, and the
 * objects that mf-recommend(1) writes. Which of these it is, the first line says. */
#include <math.h>
#include <string.h>

#include "base/ascii.h"
#include "base/io.h"
#include "base/number.h"
#include "data/ids.h"
#include "data/text.h"
#include "jobs/evaluate/given.h"
#include "jobs/shared/column_names.h"
#include "jobs/shared/csv.h"
#include "jobs/shared/json.h"

enum { FIELDS_MAX = 32 };

/* Where the fields of a line stand. */
typedef struct layout {
    size_t user, item, number; /* NOWHERE: there is no number */
    size_t least, most;        /* fields of a line */
    given_by by;
    bool ours; /* lines of mf-recommend, in which rank 0 is no item */
} layout;

typedef struct reader {
    given *to;
    mf_lines *lines;
    layout at;
    mf_err *err;
} reader;

/* --- fields --- */

static bool is_blank(char ch)
{
    return ch == ' ' || ch == '\t';
}

/* Fields between blanks. Returns how many there are, of which `max` are stored. */
static size_t split_blanks(mf_field line, mf_field field[], size_t max)
{
    size_t n = 0, at = 0;
    for (;;) {
        while (at < line.len && is_blank(line.text[at]))
            at++;
        size_t begin = at;
        while (at < line.len && !is_blank(line.text[at]))
            at++;
        if (at == begin)
            return n;
        if (n < max)
            field[n] = (mf_field){line.text + begin, at - begin};
        n++;
    }
}

static bool is_blank_line(mf_field line)
{
    for (size_t i = 0; i < line.len; i++)
        if (!is_blank(line.text[i]))
            return false;
    return true;
}

/* A decimal number of up to 15 digits and a point is exact as the quotient of two
 * numbers; others are what strtod makes of them. */
static bool read_number(mf_field field, double *value)
{
    static const double power[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    char text[64], *end;
    uint64_t digits = 0;
    size_t n = 0, after = 0, i = field.len > 0 && field.text[0] == '-';
    bool point = false, plain = true;
    for (; i < field.len; i++) {
        char ch = field.text[i];
        if (ch >= '0' && ch <= '9') {
            digits = n < 16 ? digits * 10 + (uint64_t)(ch - '0') : digits;
            after += point;
            n++;
        } else if (ch == '.' && !point) {
            point = true;
        } else if (memchr("+-eE", ch, 4)) {
            plain = false;
        } else {
            return false;
        }
    }
    if (plain && n > 0 && n < 16) {
        double x = (double)digits / power[after];
        *value = field.text[0] == '-' ? -x : x;
        return true;
    }
    if (n == 0 || field.len >= sizeof text)
        return false;
    memcpy(text, field.text, field.len);
    text[field.len] = '\0';
    *value = mf__strtod(text, &end);
    return *end == '\0' && isfinite(*value);
}

static int fail_number(const reader *r, mf_field field)
{
    return mf__lines_fail(
        r->lines, r->err, "'%.*s' is no %s: only finite numbers order a list%s",
        (int)(field.len < 40 ? field.len : 40), field.text,
        r->at.by == GIVEN_BY_RANK ? "rank" : "score", mf__text_number_hint(field));
}

/* --- which field is which --- */

/* What the columns of lists are called beside what those of ratings are. */
static const char *const QUERY[] = {"qid",   "query",   "queryid",
                                    "topic", "topicid", NULL};
static const char *const DOC[] = {"doc", "docid", "docno", NULL};
/* The first is our own. */
static const char *const SCORE[] = {"score",  "prediction", "predicted", "pred",
                                    "est",    "estimate",   "rating",    "value",
                                    "weight", "similarity", "sim",       NULL};
static const char *const RANK[] = {"rank", "position", "pos", NULL};

enum { IS_USER, IS_ITEM, IS_RANK, IS_SCORE, ROLES };
static const char *const *const NAMES[ROLES] = {QUERY, DOC, RANK, SCORE};

/* Find the columns of these roles: our own names before others. place[role] is NOWHERE
 * where there is none. Returns the first role of several columns, or ROLES. */
static int find_roles(const mf_field field[], size_t n, size_t place[ROLES])
{
    int several = ROLES;
    for (int role = ROLES - 1; role >= 0; role--) {
        int best = 0;
        bool twice = false;
        place[role] = NOWHERE;
        for (size_t i = 0; i < n; i++) {
            int how = mf__column_spells(field[i], NAMES[role]);
            if (role == IS_USER || role == IS_ITEM)
                how = how ? 1
                          : mf__column_stands_for(field[i], role == IS_USER ? COL_USER
                                                                            : COL_ITEM);
            twice = how > best ? false : twice || (how > 0 && how == best);
            if (how > best) {
                best = how;
                place[role] = i;
            }
        }
        several = twice ? role : several;
    }
    return several;
}

static bool is_whole(mf_field field)
{
    uint32_t unused;
    return mf__text_u32(field, &unused);
}

static int fail_header(const reader *r, const mf_field field[], size_t n, bool several,
                       const char *what)
{
    return mf__lines_fail(
        r->lines, r->err, "the header %s the %s among %s; name one %s",
        several ? "has several columns that could be" : "does not tell", what,
        mf__columns_list(field, n).text,
        "'user', one 'item' and one 'rank' or 'score'");
}

/* A field that begins with a letter and is no number, nor nan or inf. */
static bool is_word(mf_field field)
{
    double number;
    char first = field.len > 0 ? (char)(field.text[0] | 0x20) : ' ';
    bool odd = field.len == 3 &&
               (ascii_same(field.text, "nan", 3) || ascii_same(field.text, "inf", 3));
    return first >= 'a' && first <= 'z' && !odd && !read_number(field, &number);
}

/* Is the first line a header though it does not name a user and an item? With three
 * fields, where the last is a word; with more, where it is no line of mf-recommend and
 * has a name of some column. */
static bool is_header(const mf_field field[], size_t n, const size_t place[ROLES])
{
    bool any = false;
    for (int role = 0; role < ROLES; role++)
        any |= place[role] != NOWHERE;
    return n == 3 ? is_word(field[2]) : n > 3 && any && !is_whole(field[1]);
}

/* The layout that a header line tells. Returns 1, 0 if the line is none, or fails. */
static int read_header(reader *r, const mf_field field[], size_t n)
{
    static const char *const called[] = {"user", "item", "rank", "score"};
    layout *at = &r->at;
    size_t place[ROLES];
    int several = find_roles(field, n, place);
    size_t user = place[IS_USER], item = place[IS_ITEM];
    size_t rank = place[IS_RANK], score = place[IS_SCORE];
    bool numbered = rank != NOWHERE || score != NOWHERE;
    bool named = user != NOWHERE && item != NOWHERE;
    if (!named && !is_header(field, n, place))
        return 0;
    if (several < ROLES)
        return fail_header(r, field, n, true, called[several]);
    if (!named || (!numbered && n > 2))
        return fail_header(r, field, n, false,
                           user == NOWHERE   ? "user"
                           : item == NOWHERE ? "item"
                                             : "rank or score");
    *at = (layout){.user = user,
                   .item = item,
                   .number = rank != NOWHERE ? rank : score,
                   .most = SIZE_MAX,
                   .by = rank != NOWHERE    ? GIVEN_BY_RANK
                         : score != NOWHERE ? GIVEN_BY_SCORE
                                            : GIVEN_BY_LINE};
    at->least = 1 + (user > item ? user : item);
    if (at->number != NOWHERE && at->number >= at->least)
        at->least = at->number + 1;
    return 1;
}

/* The layout of a first line without a header. */
static int guess_layout(reader *r, const mf_field field[], size_t n)
{
    layout *at = &r->at;
    *at = (layout){.user = 0, .item = 1, .number = NOWHERE, .least = n, .most = n};
    if (n == 2) {
        at->by = GIVEN_BY_LINE;
    } else if (n == 3) {
        at->number = 2;
        at->by = GIVEN_BY_EITHER;
    } else if (n >= 4 && is_whole(field[1])) { /* user, rank, item, score ... */
        *at = (layout){.user = 0,
                       .item = 2,
                       .number = 1,
                       .least = 4,
                       .most = SIZE_MAX,
                       .by = GIVEN_BY_RANK,
                       .ours = true};
    } else
        return mf__lines_fail(r->lines, r->err,
                              "neither a line of a TREC run, nor user, item and score; "
                              "other columns need a header line, such as 'user item "
                              "rank'");
    return MF_OK;
}

/* --- lines --- */

static int check_id(const reader *r, mf_field id, const char *what)
{
    const char *fault = mf__id_fault(id.text, id.len);
    return fault ? mf__lines_fail(r->lines, r->err, "%s: %s", what, fault) : MF_OK;
}

static int add(reader *r, mf_field user, mf_field item, bool percent, double number)
{
    int code = check_id(r, user, "user");
    if (code == MF_OK)
        code = check_id(r, item, "item");
    return code == MF_OK ? mf__given_add(r->to, user, item, percent, number, r->err)
                         : code;
}

/* A line of fields, as the layout says. */
static int take_fields(reader *r, const mf_field field[], size_t n)
{
    const layout *at = &r->at;
    double number = (double)mf_lines_number(r->lines);
    if (n < at->least || n > at->most)
        return mf__lines_fail(r->lines, r->err, "the line has %zu fields, not %zu", n,
                              at->least);
    if (at->number != NOWHERE && !read_number(field[at->number], &number))
        return fail_number(r, field[at->number]);
    if (at->ours && number == 0)
        return MF_OK;
    return add(r, field[at->user], field[at->item], false, number);
}

/* The first line of fields is a header, or tells the layout by their number. */
static int begin_fields(reader *r, const mf_field field[], size_t n)
{
    int code = read_header(r, field, n);
    if (code != 0)
        return code < 0 ? code : MF_OK;
    code = guess_layout(r, field, n);
    return code == MF_OK ? take_fields(r, field, n) : code;
}

static int read_tsv(reader *r, mf_field line)
{
    mf_field field[FIELDS_MAX];
    bool first = true;
    int code = 1;
    for (; code == 1; code = mf_lines_next(r->lines, &line, r->err)) {
        if (is_blank_line(line))
            continue;
        size_t n = mf__text_split(line, "\t", field, FIELDS_MAX);
        int done = first ? begin_fields(r, field, n) : take_fields(r, field, n);
        if (done < 0)
            return done;
        first = false;
    }
    return code;
}

static int read_csv(reader *r, mf_field line)
{
    csv records = {.lines = r->lines, .begun = true, .first = line};
    mf_field field[FIELDS_MAX];
    bool first = true;
    size_t n;
    int code;
    while ((code = mf__csv_next(&records, field, FIELDS_MAX, &n, r->err)) == 1) {
        if (n == 1 && field[0].len == 0)
            continue;
        n = n < FIELDS_MAX ? n : FIELDS_MAX;
        code = first ? begin_fields(r, field, n) : take_fields(r, field, n);
        if (code < 0)
            break;
        first = false;
    }
    mf__csv_close(&records);
    return code;
}

static bool is_trec(const mf_field field[], size_t n)
{
    return n == 6 && field[1].len == 2 && ascii_same(field[1].text, "Q0", 2);
}

/* An object, in which a TAB is an escape. */
static bool is_json(mf_field line, size_t tabs)
{
    size_t i = 1;
    while (i < line.len && line.text[i] == ' ')
        i++;
    return tabs == 0 && line.text[0] == '{' &&
           (i == line.len || line.text[i] == '"' || line.text[i] == '}');
}

static size_t count_tabs(mf_field line)
{
    size_t n = 0;
    for (size_t i = 0; i < line.len; i++)
        n += line.text[i] == '\t';
    return n;
}

static int read_trec(reader *r, mf_field line)
{
    mf_field field[6];
    int code = 1;
    r->at = (layout){.by = GIVEN_BY_SCORE};
    for (; code == 1; code = mf_lines_next(r->lines, &line, r->err)) {
        double score;
        size_t n = split_blanks(line, field, 6);
        if (n == 0)
            continue;
        if (!is_trec(field, n))
            return mf__lines_fail(r->lines, r->err,
                                  "no line of a TREC run: user Q0 item rank score tag");
        if (!read_number(field[4], &score))
            return fail_number(r, field[4]);
        int done = add(r, field[0], field[2], true, score);
        if (done < 0)
            return done;
    }
    return code;
}

/* A text of an object; empty if it has none of this name. */
static mf_field text_of(const json_t *object, const char *key)
{
    const json_t *text = json_object_get(object, key);
    return json_is_string(text)
               ? (mf_field){json_string_value(text), json_string_length(text)}
               : (mf_field){"", 0};
}

/* {"user": ..., "items": [{"item": ...}, ...]}, the best first. */
static int take_object(reader *r, const json_t *object)
{
    const json_t *items = json_object_get(object, "items");
    mf_field user = text_of(object, "user");
    if (user.len == 0 || !json_is_array(items))
        return mf__lines_fail(r->lines, r->err,
                              "no list of mf-recommend --format=json: no \"user\" or "
                              "no \"items\"");
    for (size_t i = 0; i < json_array_size(items); i++) {
        int code = add(r, user, text_of(json_array_get(items, i), "item"), false,
                       (double)(i + 1));
        if (code < 0)
            return code;
    }
    return MF_OK;
}

static int read_json(reader *r, mf_field line)
{
    int code = 1;
    r->at = (layout){.by = GIVEN_BY_RANK};
    for (; code == 1; code = mf_lines_next(r->lines, &line, r->err)) {
        json_error_t error;
        if (is_blank_line(line))
            continue;
        json_t *object = mf__json_loadb(line.text, line.len, 0, &error);
        if (!object)
            return mf__lines_fail(r->lines, r->err, "no JSON: %s", error.text);
        int done = take_object(r, object);
        json_decref(object);
        if (done < 0)
            return done;
    }
    return code;
}

int mf__given_read(given *g, mf_lines *lines, mf_err *err)
{
    reader r = {.to = g, .lines = lines, .err = err};
    mf_field line = {NULL, 0}, field[7];
    int code;
    do
        code = mf_lines_next(lines, &line, err);
    while (code == 1 && is_blank_line(line));
    if (code == 0)
        return mf_fail(err, MF_EFORMAT,
                       "%s: there are no lists; a line is user, item and score, or "
                       "that of a TREC run",
                       mf_lines_name(lines));
    if (code < 0)
        return code;
    size_t tabs = count_tabs(line);
    if (is_json(line, tabs))
        code = read_json(&r, line);
    else if ((tabs == 0 || tabs == 5) && is_trec(field, split_blanks(line, field, 7)))
        code = read_trec(&r, line);
    else if (tabs > 0)
        code = read_tsv(&r, line);
    else if (memchr(line.text, ',', line.len))
        code = read_csv(&r, line);
    else
        return mf__lines_fail(lines, err,
                              "no list: a line is user, item and score with TABs or "
                              "commas between them, or that of a TREC run");
    return code < 0 ? code : mf__given_settle(g, mf_lines_name(lines), r.at.by, err);
}
