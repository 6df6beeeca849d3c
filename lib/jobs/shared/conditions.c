#include "jobs/shared/conditions.h"

#include <math.h>
#include <string.h>

#include "base/number.h"

/* As mf_compare. A sign stands before those that begin with it. */
static const char *const SIGN[] = {">=", "<=", "!=", ">", "<", "="};
enum { SIGNS = sizeof SIGN / sizeof *SIGN };

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t");
}

/* The sign that the text begins with, or NULL; "==" is "=". */
static const char *parse_sign(const char *text, mf_compare *compare)
{
    for (int i = 0; i < SIGNS; i++) {
        size_t len = strlen(SIGN[i]);
        *compare = (mf_compare)i;
        if (strncmp(text, SIGN[i], len) == 0)
            return text + len + (*compare == MF_EQUAL_TO && text[len] == '=');
    }
    return NULL;
}

int mf_condition_parse(mf_condition *condition, const char *text, mf_err *err)
{
    mf_compare compare;
    char *end;
    const char *number = parse_sign(skip_blanks(text), &compare);
    number = number ? skip_blanks(number) : "";
    double value = mf__strtod(number, &end);
    if (end == number || *skip_blanks(end) || !isfinite(value) ||
        !memchr("0123456789+-.", *number, 13) || strpbrk(number, "xX"))
        return mf_fail(
            err, MF_EINVAL,
            "'%s' is no condition: give one of >= <= > < = != and a number, like "
            "'>=4'",
            text);
    *condition = (mf_condition){compare, value};
    return MF_OK;
}

static bool holds(mf_compare compare, double x, double value)
{
    switch (compare) {
    case MF_AT_LEAST: return x >= value;
    case MF_AT_MOST: return x <= value;
    case MF_OTHER_THAN: return x < value || x > value;
    case MF_MORE_THAN: return x > value;
    case MF_LESS_THAN: return x < value;
    case MF_EQUAL_TO: return x >= value && x <= value;
    }
    return false;
}

bool mf__conditions_hold(size_t n, const mf_condition condition[], double value)
{
    bool all = true;
    for (size_t i = 0; i < n; i++)
        all &= holds(condition[i].compare, value, condition[i].value);
    return all;
}

void mf__conditions_say(char text[MF_CONDITIONS_TEXT], size_t n,
                        const mf_condition condition[])
{
    char number[NUMBER_TEXT];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        mf__number_plain(number, condition[i].value);
        used = mf__append(text, MF_CONDITIONS_TEXT, used, "%s%s%s", i ? " " : "",
                          SIGN[condition[i].compare], number);
    }
}

bool mf__conditions_read(const char *text, size_t *n,
                         mf_condition condition[MF_FILTER_CONDITIONS])
{
    char one[MF_CONDITIONS_TEXT];
    for (*n = 0; *text; ++*n) {
        size_t len = strcspn(text, " ");
        if (*n == MF_FILTER_CONDITIONS || len >= sizeof one)
            return false;
        memcpy(one, text, len);
        one[len] = '\0';
        if (mf_condition_parse(&condition[*n], one, NULL) < 0)
            return false;
        text += len + (text[len] == ' ');
    }
    return true;
}
