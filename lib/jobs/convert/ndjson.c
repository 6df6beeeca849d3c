/* One JSON object a line: {"user":"..","item":"..","value":3,"fold":0}. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "jobs/convert/format.h"
#include "jobs/shared/json.h"

/* The keys of a cell, terminated. */
typedef struct keys {
    char name[COLS][KEY_MAX + 1];
    size_t n;
} keys;

/* An id is a string, or a whole number that stands for its digits. */
static int read_id(cells *c, mf_axis axis, const json_t *object, const char *key,
                   uint32_t *number, mf_err *err)
{
    const json_t *value = json_object_get(object, key);
    char digits[32];
    mf_field id = {digits, 0};
    if (json_is_string(value))
        id = (mf_field){json_string_value(value), json_string_length(value)};
    else if (json_is_integer(value))
        id.len = (size_t)snprintf(digits, sizeof digits, "%lld",
                                  (long long)json_integer_value(value));
    else
        return mf__cells_fail(c, err, "key '%s' is %s", key,
                              value ? "no string or whole number" : "missing");
    return mf__cells_number(c, axis, id, number, err);
}

static int read_value(const cells *c, const json_t *value, const char *key,
                      double *number, bool *whole, mf_err *err)
{
    *number = 1;
    *whole = true;
    if (!value)
        return MF_OK;
    *whole = json_is_integer(value) && json_integer_value(value) >= 0 &&
             json_integer_value(value) <= UINT32_MAX;
    *number = json_number_value(value);
    if (!*whole)
        *number = (double)(float)*number;
    if (!json_is_number(value) || !isfinite(*number))
        return mf__cells_fail(c, err, "key '%s' is no number that a float can hold",
                              key);
    return MF_OK;
}

static int put_object(cells *c, const json_t *object, const keys *k, uint64_t line,
                      mf_err *err)
{
    uint32_t user, item;
    double value;
    bool whole;
    unsigned fold = MF_TRAIN;
    int code;
    if (!json_is_object(object))
        return mf__cells_fail(c, err, "not a JSON object");
    if ((code = read_id(c, MF_USER, object, k->name[COL_USER], &user, err)) < 0 ||
        (code = read_id(c, MF_ITEM, object, k->name[COL_ITEM], &item, err)) < 0)
        return code;
    const json_t *number =
        k->n > COL_VALUE ? json_object_get(object, k->name[COL_VALUE]) : NULL;
    if ((code = read_value(c, number, k->name[COL_VALUE], &value, &whole, err)) < 0)
        return code;
    const json_t *part =
        k->n > COL_FOLD ? json_object_get(object, k->name[COL_FOLD]) : NULL;
    if (part) {
        if (!json_is_integer(part) || json_integer_value(part) < 0 ||
            json_integer_value(part) >= MF_FOLDS)
            return mf__cells_fail(c, err, "key '%s' is not a fold of 0 to 3",
                                  k->name[COL_FOLD]);
        fold = (unsigned)json_integer_value(part);
    }
    return mf__cells_put(c, user, item, value, whole, fold, line, err);
}

int mf__ndjson_read(cells *c, const mf_convert_input *input,
                    const mf_convert_from_params *params, reading *got, mf_err *err)
{
    mf_lines *lines = input->text;
    const char *columns = params->columns ? params->columns : "user,item,value,fold";
    mf_field part[COLS], line;
    keys k = {.n = mf__columns_split(columns, part)};
    int code;
    for (size_t i = 0; i < k.n; i++)
        memcpy(k.name[i], part[i].text, part[i].len); /* checked with the params */
    snprintf(got->columns, sizeof got->columns, "%s", columns);
    while ((code = mf_lines_next(lines, &line, err)) == 1) {
        json_error_t why;
        json_t *object =
            mf__json_loadb(line.text, line.len, JSON_REJECT_DUPLICATES, &why);
        if (!object && json_error_code(&why) == json_error_out_of_memory)
            return mf__nomem(err);
        if (!object)
            return mf__lines_fail(lines, err, "not JSON: %s", why.text);
        code = put_object(c, object, &k, mf_lines_number(lines), err);
        json_decref(object);
        if (code < 0)
            return code;
    }
    return code;
}
