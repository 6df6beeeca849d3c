#include "jobs/tune/record.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "mf/version.h"

static const char *const STATUS[] = {"short", "dropped", "failed", "whole", NULL};

/* The fields after the settings, in their order. */
enum { SWEEPS, METRIC, EARLY, SECONDS, END, FIELDS };
static const char *const NAMES[FIELDS] = {"sweeps", "metric", "early", "seconds",
                                          "status"};

enum { LINE = 4096 };

void mf__record_free(record *r)
{
    free(r->entry);
    *r = (record){0};
}

static void settings_of(record_entry *e, const space *s, const mf_als_params *p)
{
    for (size_t j = 0; j < s->axes; j++)
        mf__space_value(e->setting[j], s, j, p);
}

const record_entry *mf__record_find(const record *r, const mf_als_params *settings,
                                    bool whole)
{
    record_entry like = {.whole = whole};
    settings_of(&like, r->space, settings);
    for (size_t i = 0; i < r->n; i++) {
        const record_entry *e = &r->entry[i];
        bool same = e->whole == whole;
        for (size_t j = 0; same && j < r->space->axes; j++)
            same = strcmp(e->setting[j], like.setting[j]) == 0;
        if (same)
            return e;
    }
    return NULL;
}

/* --- writing --- */

static void head_line(char line[LINE], const record *r, int which)
{
    switch (which) {
    case 0: snprintf(line, LINE, "# mf-tune %s", MF_VERSION); break;
    case 1: snprintf(line, LINE, "# data %016" PRIx64, r->data); break;
    case 2: snprintf(line, LINE, "# options %s", r->fixed); break;
    default: {
        size_t used = 0;
        for (size_t j = 0; j < r->space->axes; j++)
            used = mf__append(line, LINE, used, "%s\t",
                              mf_tune_axis_names[r->space->what[j]]);
        for (int f = 0; f < FIELDS; f++)
            used = mf__append(line, LINE, used, "%s%s", NAMES[f],
                              f + 1 < FIELDS ? "\t" : "");
    }
    }
}
enum { HEAD_LINES = 4 };

static void number(char text[NUMBER_TEXT], double value)
{
    if (isnan(value))
        snprintf(text, NUMBER_TEXT, "-");
    else
        mf__number_shortest(text, value);
}

static int put(const record *r, const record_entry *e, mf_err *err)
{
    char line[LINE], metric[NUMBER_TEXT], early[NUMBER_TEXT];
    size_t used = 0;
    if (!r->log)
        return MF_OK;
    for (size_t j = 0; j < r->space->axes; j++)
        used = mf__append(line, LINE, used, "%s\t", e->setting[j]);
    number(metric, e->result.metric);
    number(early, e->result.early);
    int end = e->result.end == TRIAL_WHOLE && e->whole ? 3 : (int)e->result.end;
    mf__append(line, LINE, used, "%u\t%s\t%s\t%.3f\t%s\n", e->result.sweeps, metric,
               early, e->seconds, STATUS[end]);
    int code = mf_out_write(r->log, line, strlen(line), err);
    return code == MF_OK ? mf_out_flush(r->log, err) : code;
}

int mf__record_begin(const record *r, mf_err *err)
{
    int code = MF_OK;
    for (int i = 0; r->log && code == MF_OK && i < HEAD_LINES; i++) {
        char line[LINE];
        head_line(line, r, i);
        code = mf_out_printf(r->log, err, "%s\n", line);
    }
    for (size_t i = 0; code == MF_OK && i < r->n; i++)
        code = put(r, &r->entry[i], err);
    return code == MF_OK && r->log ? mf_out_flush(r->log, err) : code;
}

static int append(record *r, const record_entry *e, mf_err *err)
{
    int code = mf__reserve(&r->entry, &r->cap, r->n + 1, sizeof *r->entry, err);
    if (code == MF_OK)
        r->entry[r->n++] = *e;
    return code;
}

int mf__record_add(record *r, const mf_als_params *settings, bool whole,
                   const trial_result *result, double seconds, mf_err *err)
{
    record_entry e = {.whole = whole, .result = *result, .seconds = seconds};
    settings_of(&e, r->space, settings);
    int code = append(r, &e, err);
    return code == MF_OK ? put(r, &e, err) : code;
}

/* --- reading --- */

static bool is(const mf_field *line, const char *text)
{
    return line->len == strlen(text) && memcmp(line->text, text, line->len) == 0;
}

/* An empty log is one that was to begin. */
static int check_head(const record *r, mf_lines *past, mf_err *err)
{
    static const char *const what[] = {
        "it is no log of this version of mf-tune", "it is a log of other data",
        "it is a log of other options", "it is a log of another --space"};
    for (int i = 0; i < HEAD_LINES; i++) {
        char line[LINE];
        mf_field field;
        int code = mf_lines_next(past, &field, err);
        head_line(line, r, i);
        if (code < 0 || (code == 0 && i == 0))
            return code;
        if (code == 0 || !is(&field, line))
            return mf_fail(err, MF_EFORMAT, "%s:%d: %s; name another --log",
                           mf_lines_name(past), i + 1, what[i]);
    }
    return MF_OK;
}

/* A number, or "-" as NaN. False for anything else. */
static bool read_number(const char *text, double *value)
{
    char *end;
    *value = NAN;
    if (strcmp(text, "-") == 0)
        return true;
    *value = mf__strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*value);
}

/* Cut the line at its TABs; returns the number of fields. */
static size_t cut(char *line, char *field[], size_t most)
{
    size_t n = 0;
    for (char *at = line; n < most; at++) {
        field[n++] = at;
        at = strchr(at, '\t');
        if (!at)
            break;
        *at = '\0';
    }
    return n;
}

static bool parse(record_entry *e, const record *r, const mf_field *line)
{
    char text[LINE], *field[MF_TUNE_AXES + FIELDS + 1];
    size_t axes = r->space->axes;
    double sweeps;
    int end = 0;
    *e = (record_entry){0};
    if (line->len >= sizeof text)
        return false;
    memcpy(text, line->text, line->len);
    text[line->len] = '\0';
    if (cut(text, field, axes + FIELDS + 1) != axes + FIELDS)
        return false;
    for (size_t j = 0; j < axes; j++)
        if (snprintf(e->setting[j], SPACE_TEXT, "%s", field[j]) >= SPACE_TEXT)
            return false;
    while (STATUS[end] && strcmp(STATUS[end], field[axes + END]) != 0)
        end++;
    if (!STATUS[end] || !read_number(field[axes + SWEEPS], &sweeps) ||
        !(sweeps >= 0 && sweeps <= 10000) ||
        !read_number(field[axes + METRIC], &e->result.metric) ||
        !read_number(field[axes + EARLY], &e->result.early) ||
        !read_number(field[axes + SECONDS], &e->seconds) || !(e->seconds >= 0))
        return false;
    e->whole = end == 3;
    e->result.end = end == 3 ? TRIAL_WHOLE : (trial_end)end;
    e->result.sweeps = (uint32_t)sweeps;
    return e->result.end == TRIAL_FAILED ||
           (!isnan(e->result.metric) &&
            (e->result.end != TRIAL_DROPPED || !isnan(e->result.early)));
}

int mf__record_read(record *r, mf_lines *past, mf_err *err)
{
    mf_field line;
    int code = check_head(r, past, err);
    while (code == MF_OK && (code = mf_lines_next(past, &line, err)) == 1) {
        record_entry e;
        if (parse(&e, r, &line)) {
            code = append(r, &e, err);
            continue;
        }
        uint64_t number = mf_lines_number(past);
        if ((code = mf_lines_next(past, &line, err)) == 1) /* else it was cut short */
            code = mf_fail(err, MF_EFORMAT,
                           "%s:%" PRIu64 ": this is no trial; take the line away, or "
                           "name another --log",
                           mf_lines_name(past), number);
    }
    return code;
}
