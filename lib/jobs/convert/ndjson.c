/* One JSON object a line: {"user":"..","item":"..","value":3,"fold":0,"time":1}. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "data/time.h"
#include "jobs/convert/format.h"
#include "jobs/shared/quoted.h"
#include "jobs/convert/splitter.h"
#include "jobs/shared/json.h"

/* The keys of a cell, terminated; "": there is none. */
typedef struct keys {
    char name[COLS][COLUMNS_CHOSEN];
    bool first, timed; /* no cell was read yet; --columns asks for times */
    bool usual;        /* the keys are our own: --columns was not given */
} keys;

/* The value of a key, or where it has points that of a key in an object in an object
 * ("a.b"); NULL if it is not there. *at is the object that lacks it. */
static const json_t *get(const json_t *object, const char *key, const json_t **at)
{
    const json_t *value = json_object_get(object, key);
    const char *point = strchr(key, '.');
    char outer[COLUMNS_CHOSEN];
    *at = object;
    for (; !value && point; point = strchr(point + 1, '.')) {
        snprintf(outer, sizeof outer, "%.*s", (int)(point - key), key);
        const json_t *inner = json_object_get(object, outer);
        if (json_is_object(inner))
            return get(inner, point + 1, at);
    }
    return value;
}

/* Fail about a key of an object, and name those that it has. */
static int fail_keys(const cells *c, const char *key, const char *what,
                     const json_t *object, mf_err *err)
{
    mf_field name[32];
    size_t n = 0;
    for (void *i = json_object_iter((json_t *)(uintptr_t)object); i && n < 32;
         i = json_object_iter_next((json_t *)(uintptr_t)object, i), n++) {
        name[n].text = json_object_iter_key(i);
        name[n].len = strlen(name[n].text);
    }
    return mf__cells_fail(c, err, "key '%s' is %s; %s%s", mf__quoted_text(key).text,
                          what, n ? "there are " : "the object is empty",
                          mf__columns_list(name, n).text);
}

static int fail_id(const cells *c, const char *key, const json_t *value,
                   const json_t *at, mf_err *err)
{
    char what[120] = "no string or whole number";
    if (!value)
        return fail_keys(c, key, "missing", at, err);
    if (!json_is_object(value))
        return mf__cells_fail(c, err, "key '%s' is %s", mf__quoted_text(key).text,
                              value && json_is_null(value) ? "null" : what);
    snprintf(what, sizeof what, "an object: say --columns=...%s.KEY",
             mf__quoted_text(strrchr(key, '.') ? strrchr(key, '.') + 1 : key).text);
    return fail_keys(c, key, what, value, err);
}

/* An id is a string, or a whole number that stands for its digits. */
static int read_id(cells *c, mf_axis axis, const json_t *object, const char *key,
                   uint32_t *number, mf_err *err)
{
    const json_t *at, *value = get(object, key, &at);
    char digits[32];
    mf_field id = {digits, 0};
    if (json_is_string(value))
        id = (mf_field){json_string_value(value), json_string_length(value)};
    else if (json_is_integer(value))
        id.len = (size_t)snprintf(digits, sizeof digits, "%lld",
                                  (long long)json_integer_value(value));
    else
        return fail_id(c, key, value, at, err);
    return mf__cells_number(c, axis, id, number, err);
}

static int read_value(const cells *c, const json_t *value, const char *key, entry *e,
                      mf_err *err)
{
    e->value = 1;
    e->whole = true;
    if (!value)
        return MF_OK;
    e->whole = json_is_integer(value) && json_integer_value(value) >= 0 &&
               json_integer_value(value) <= UINT32_MAX;
    e->value = json_number_value(value);
    if (!e->whole)
        e->value = (double)(float)e->value;
    if (json_is_string(value))
        return mf__cells_fail(c, err,
                              "key '%s' is a string, no number; jq -c '.%s |= "
                              "tonumber' makes numbers of them",
                              mf__quoted_text(key).text, mf__quoted_text(key).text);
    if (json_is_null(value))
        return mf__cells_fail(c, err,
                              "key '%s' is null; jq -c 'select(.%s != null)' leaves "
                              "such lines out",
                              mf__quoted_text(key).text, mf__quoted_text(key).text);
    if (!json_is_number(value) || !isfinite(e->value))
        return mf__cells_fail(c, err, "key '%s' is no number that a float can hold",
                              mf__quoted_text(key).text);
    return MF_OK;
}

/* A whole number, or a string as mf__time_parse takes it. */
static int read_time(const cells *c, const json_t *value, const char *key, entry *e,
                     mf_err *err)
{
    char digits[40];
    mf_field field = {digits, 0};
    if (json_is_null(value))
        return mf__cells_fail(c, err,
                              "key '%s' is null; all lines have a time, or none: jq -c "
                              "'select(.%s != null)' leaves such lines out",
                              mf__quoted_text(key).text, mf__quoted_text(key).text);
    if (json_is_string(value))
        field = (mf_field){json_string_value(value), json_string_length(value)};
    else if (json_is_integer(value))
        field.len = (size_t)snprintf(digits, sizeof digits, "%lld",
                                     (long long)json_integer_value(value));
    else if (json_is_real(value) && fabs(json_real_value(value)) < 1e15)
        field.len = (size_t)snprintf(digits, sizeof digits, "%lld",
                                     (long long)floor(json_real_value(value)));
    return mf__cells_time(c, field, "", e, err);
}

/* A number of 0 to 3 or a name; without one it is train. */
static int read_fold(const cells *c, const json_t *value, const char *key, entry *e,
                     mf_err *err)
{
    e->fold = MF_TRAIN;
    if (value && c->one_fold)
        return mf__cells_fail(
            c, err,
            "key '%s' is there, and --as gives one fold to all cells; "
            "leave --as out, or the key out of --columns",
            mf__quoted_text(key).text);
    if (json_is_string(value))
        return mf__cells_fold(
            c, (mf_field){json_string_value(value), json_string_length(value)}, "", e,
            err);
    if (value && (!json_is_integer(value) || json_integer_value(value) < 0 ||
                  json_integer_value(value) >= MF_FOLDS))
        return mf__cells_fail(c, err, "key '%s' is not a fold of 0 to 3",
                              mf__quoted_text(key).text);
    if (value)
        e->fold = (unsigned)json_integer_value(value);
    return MF_OK;
}

/* The optional parts: all cells have a time, or none has. */
static int read_rest(cells *c, const json_t *object, keys *k, entry *e, mf_err *err)
{
    const json_t *at, *value[COLS];
    for (int i = COL_VALUE; i < COLS; i++)
        value[i] = k->name[i][0] ? get(object, k->name[i], &at) : NULL;
    int code = read_value(c, value[COL_VALUE], k->name[COL_VALUE], e, err);
    const json_t *fold = value[COL_FOLD];
    if (code < 0)
        return code;
    if ((code = read_fold(c, fold, k->name[COL_FOLD], e, err)) < 0)
        return code;
    if (k->first)
        c->timed = value[COL_TIME] || k->timed;
    k->first = false;
    if (c->timed != !!value[COL_TIME])
        return mf__cells_fail(c, err, "key '%s' is %s",
                              mf__quoted_text(k->name[COL_TIME]).text,
                              c->timed ? "missing; all lines have a time, or none"
                                       : "there, but the lines before have no time");
    return c->timed ? read_time(c, value[COL_TIME], k->name[COL_TIME], e, err) : MF_OK;
}

/* A value, fold or time under another name than our own must not get lost. */
static int check_other_names(const cells *c, const json_t *object, const keys *k,
                             mf_err *err)
{
    static const char *const what[] = {[COL_VALUE] = "value", "fold", "time"};
    const char *name;
    json_t *value;
    json_t *all = (json_t *)(uintptr_t)object; /* it is only read */
    json_object_foreach(all, name, value)
    {
        for (int role = COL_VALUE; role < COLS; role++)
            if (!json_object_get(object, k->name[role]) &&
                mf__column_stands_for((mf_field){name, strlen(name)}, role))
                return mf__cells_fail(c, err,
                                      "key '%s' could be the %s, which is read from "
                                      "'%s': say which to read with "
                                      "--columns=USER,ITEM[,VALUE[,FOLD[,TIME]]]",
                                      mf__quoted_text(name).text, what[role],
                                      k->name[role]);
    }
    return MF_OK;
}

static int put_object(cells *c, const json_t *object, keys *k, uint64_t line,
                      mf_err *err)
{
    entry e = {.line = line};
    int code;
    if (!json_is_object(object))
        return mf__cells_fail(c, err,
                              "a JSON array, not an object; where the file is one "
                              "array, jq -c '.[]' makes a line of each object");
    if (k->first && k->usual && (code = check_other_names(c, object, k, err)) < 0)
        return code;
    if ((code = read_id(c, MF_USER, object, k->name[COL_USER], &e.user, err)) < 0 ||
        (code = read_id(c, MF_ITEM, object, k->name[COL_ITEM], &e.item, err)) < 0 ||
        (code = read_rest(c, object, k, &e, err)) < 0)
        return code;
    return mf__cells_put(c, &e, err);
}

/* Does the text begin so, after blanks? */
static bool begins_with(mf_field line, char ch)
{
    size_t i = 0;
    while (i < line.len && (line.text[i] == ' ' || line.text[i] == '\t'))
        i++;
    return i < line.len && line.text[i] == ch;
}

static int put_line(cells *c, mf_field line, keys *k, mf_err *err)
{
    json_error_t why;
    json_t *object = mf__json_loadb(line.text, line.len, JSON_REJECT_DUPLICATES, &why);
    if (!object && json_error_code(&why) == json_error_out_of_memory)
        return mf__nomem(err);
    if (!object)
        return mf__lines_fail(
            c->lines, err, "not JSON: %s%s", why.text,
            !k->first                ? ""
            : begins_with(line, '[') ? "; of a JSON array jq -c '.[]' makes a line of "
                                       "each object"
            : begins_with(line, '{') ? "; jq -c . makes a line of each object"
                                     : "");
    int code = put_object(c, object, k, mf_lines_number(c->lines), err);
    json_decref(object);
    return code;
}

int mf__ndjson_read(cells *c, const mf_convert_input *input,
                    const mf_convert_from_params *params, reading *got, mf_err *err)
{
    const char *columns =
        params->columns ? params->columns : "user,item,value,fold,time";
    mf_field part[COLS], line;
    splitter s;
    keys k = {.first = true, .usual = !params->columns};
    int code = mf__splitter_open(&s, input->text, params->format, NULL, err);
    (void)mf__columns_split(columns, part); /* checked with the params */
    for (size_t i = 0; i < COLS; i++)
        memcpy(k.name[i], part[i].text, part[i].len);
    k.timed = params->columns && k.name[COL_TIME][0];
    snprintf(got->columns, sizeof got->columns, "%s", columns);
    while (code >= 0 && (code = mf__splitter_line(&s, &line, err)) == 1)
        code = put_line(c, line, &k, err);
    mf__splitter_close(&s);
    return code;
}
