/* The options of mf-filter: defaults, checks, provenance. */
#include "jobs/rewrite/filter_params.h"

#include <math.h>
#include <stdio.h>
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

mf_filter_params mf_filter_defaults(void)
{
    return (mf_filter_params){.min_items = 1, .min_users = 1};
}

int mf_filter_check(const mf_filter_params *p, mf_err *err)
{
    if (p->core && p->min_items <= 1 && p->min_users <= 1)
        return mf_fail(err, MF_EINVAL,
                       "--core: repeats --min-items and --min-users: give one of them");
    if (p->has_since && p->has_until && p->since >= p->until)
        return mf_fail(err, MF_EINVAL, "--since: not before --until: nothing is left");
    if (p->conditions > MF_FILTER_CONDITIONS)
        return mf_fail(err, MF_EINVAL, "--value: more than %d conditions",
                       MF_FILTER_CONDITIONS);
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

bool mf__conditions_hold(const mf_filter_params *p, double value)
{
    bool all = true;
    for (size_t i = 0; i < p->conditions; i++)
        all &= holds(p->condition[i].compare, value, p->condition[i].value);
    return all;
}

static void add_list(mf_stage *stage, const char *name, const mf_lines *lines)
{
    if (lines)
        mf_stage_input(stage, name, mf_lines_digest(lines));
}

mf_stage mf__filter_stage(const mf_filter_params *p, const mf_filter_lists *lists)
{
    mf_stage stage = mf_stage_make("mf-filter");
    char text[MF_FILTER_CONDITIONS * (NUMBER_TEXT + 3)] = "", number[NUMBER_TEXT];
    if (p->min_items > 1)
        mf_stage_option(&stage, "min-items", "%u", p->min_items);
    if (p->min_users > 1)
        mf_stage_option(&stage, "min-users", "%u", p->min_users);
    if (p->core)
        mf_stage_option(&stage, "core", "true");
    for (size_t i = 0; i < p->conditions; i++) {
        size_t used = strlen(text);
        mf__number_plain(number, p->condition[i].value);
        snprintf(text + used, sizeof text - used, "%s%s%s", i ? " " : "",
                 SIGN[p->condition[i].compare], number);
    }
    if (p->conditions)
        mf_stage_option(&stage, "value", "%s", text);
    if (p->has_since)
        mf_stage_option(&stage, "since", "%lld", (long long)p->since);
    if (p->has_until)
        mf_stage_option(&stage, "until", "%lld", (long long)p->until);
    if (p->keep_empty)
        mf_stage_option(&stage, "keep-empty", "true");
    add_list(&stage, "users", lists->users);
    add_list(&stage, "items", lists->items);
    add_list(&stage, "not-users", lists->not_users);
    add_list(&stage, "not-items", lists->not_items);
    return stage;
}
