/* The formats of mf-eval. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "mf/evaluate.h"

enum { DIGITS = 10 }; /* of a number for programs */

const char *mf_target_name(mf_target target)
{
    return target == MF_TARGET_VALUE ? "value" : target == MF_TARGET_ONE ? "1" : "";
}

/* The target that an estimate speaks of: none for ranking. */
static const char *target_of(const mf_evaluation *e, const mf_estimate *x)
{
    bool prediction = mf_metric_is_prediction(&e->metrics.metric[x->metric]);
    return prediction ? mf_target_name(e->subject[x->subject].target) : "";
}

/* --- tsv --- */

static int write_tsv_line(const mf_evaluation *e, const mf_estimate *x, bool difference,
                          mf_out *out, mf_err *err)
{
    char p[32] = "";
    if (difference)
        snprintf(p, sizeof p, "%.*g", DIGITS, x->p);
    return mf_out_printf(out, err, "%s\t%.*g\t%.*g\t%.*g\t%llu\t%s\t%s\t%s\t%s\n",
                         e->metrics.metric[x->metric].name, DIGITS, x->value, DIGITS,
                         x->low, DIGITS, x->high, (unsigned long long)x->n,
                         e->subject[x->subject].name, target_of(e, x),
                         difference ? e->subject[x->reference].name : "", p);
}

static int write_tsv(const mf_evaluation *e, mf_out *out, mf_err *err)
{
    int code = MF_OK;
    for (size_t i = 0; code == MF_OK && i < e->scores; i++)
        code = write_tsv_line(e, &e->score[i], false, out, err);
    for (size_t i = 0; code == MF_OK && i < e->differences; i++)
        code = write_tsv_line(e, &e->difference[i], true, out, err);
    return code;
}

/* --- json --- */

/* JSON has no NaN. */
static json_t *number(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

static json_t *score_object(const mf_evaluation *e, const mf_estimate *x)
{
    const char *target = target_of(e, x);
    json_t *o = json_pack("{s:s, s:o, s:o, s:o, s:I, s:s}", "name",
                          e->metrics.metric[x->metric].name, "mean", number(x->value),
                          "low", number(x->low), "high", number(x->high), "n",
                          (json_int_t)x->n, "model", e->subject[x->subject].name);
    if (o && *target && json_object_set_new(o, "target", json_string(target)) < 0) {
        json_decref(o);
        return NULL;
    }
    return o;
}

static json_t *difference_object(const mf_evaluation *e, const mf_estimate *x)
{
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "model",
                     e->subject[x->subject].name, "reference",
                     e->subject[x->reference].name, "metric",
                     e->metrics.metric[x->metric].name, "diff", number(x->value), "low",
                     number(x->low), "high", number(x->high), "p", number(x->p));
}

static json_t *json_of(const mf_evaluation *e)
{
    json_t *scores = json_array(), *differences = json_array();
    bool whole = scores && differences;
    for (size_t i = 0; whole && i < e->scores; i++)
        whole = json_array_append_new(scores, score_object(e, &e->score[i])) == 0;
    for (size_t i = 0; whole && i < e->differences; i++)
        whole = json_array_append_new(differences,
                                      difference_object(e, &e->difference[i])) == 0;
    if (!whole) {
        json_decref(scores);
        json_decref(differences);
        return NULL;
    }
    json_t *root = json_pack(
        "{s:I, s:I, s:I, s:o, s:o}", "users", (json_int_t)e->slice[0].n, "left_out",
        (json_int_t)e->left_out, "cells", (json_int_t)e->slice[0].total, "metrics",
        scores, "compare", differences);
    if (root && e->targets_differ &&
        json_object_set_new(root, "note", json_string(MF_TARGETS_DIFFER)) < 0) {
        json_decref(root);
        return NULL;
    }
    return root;
}

static int write_json(const mf_evaluation *e, mf_out *out, mf_err *err)
{
    json_t *root = json_of(e);
    char *text = root ? json_dumps(root, JSON_REAL_PRECISION(DIGITS)) : NULL;
    int code = text ? mf_out_printf(out, err, "%s\n", text) : mf_nomem(err);
    free(text);
    json_decref(root);
    return code;
}

/* --- text --- */

/* Columns of a name, which may hold letters of several bytes. */
static int columns(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

/* printf pads by bytes: a width that gives `want` columns. */
static int padded(const char *text, int want)
{
    return want + (int)strlen(text) - columns(text);
}

typedef struct widths {
    int model, metric;
} widths;

static widths measure(const mf_evaluation *e)
{
    widths w = {.model = 5, .metric = 6};
    for (size_t s = 0; s < e->subjects; s++)
        w.model = columns(e->subject[s].name) > w.model ? columns(e->subject[s].name)
                                                        : w.model;
    for (size_t m = 0; m < e->metrics.n; m++)
        w.metric = columns(e->metrics.metric[m].name) > w.metric
                       ? columns(e->metrics.metric[m].name)
                       : w.metric;
    return w;
}

/* A number for people: five decimals, or five digits where it is large. */
static const char *plain(double x, bool sign, char text[32])
{
    const char *plus = sign && x >= 0 ? "+" : "";
    if (fabs(x) < 100)
        snprintf(text, 32, "%s%.5f", plus, x);
    else
        snprintf(text, 32, "%s%.5g", plus, x);
    return text;
}

/* Half the width of an interval, or blanks. */
static const char *half(const mf_estimate *x, char text[32])
{
    char number[32];
    text[0] = '\0';
    if (isfinite(x->high - x->low))
        snprintf(text, 32, "+-%.29s", plain((x->high - x->low) / 2, false, number));
    return text;
}

static int write_text_scores(const mf_evaluation *e, widths w, mf_out *out, mf_err *err)
{
    int code = mf_out_printf(out, err, "%-*s  %-*s  %11s  %-12s %9s\n", w.model,
                             "model", w.metric, "metric", "mean", "", "n");
    for (size_t i = 0; code == MF_OK && i < e->scores; i++) {
        const mf_estimate *x = &e->score[i];
        const char *name = e->subject[x->subject].name, *target = target_of(e, x);
        char number[32], wide[32];
        code = mf_out_printf(
            out, err, "%-*s  %-*s  %11s  %-12s %9llu%s%s\n", padded(name, w.model),
            name, w.metric, e->metrics.metric[x->metric].name,
            plain(x->value, false, number), half(x, wide), (unsigned long long)x->n,
            *target ? "  target: " : "",
            strcmp(target, "value") == 0 ? "the stored value" : target);
    }
    return code;
}

static int write_text_differences(const mf_evaluation *e, widths w, mf_out *out,
                                  mf_err *err)
{
    int code = mf_out_printf(out, err, "\n%-*s  %-*s  %-*s  %11s  %-12s %9s\n", w.model,
                             "model", w.model, "less", w.metric, "metric", "difference",
                             "", "p");
    for (size_t i = 0; code == MF_OK && i < e->differences; i++) {
        const mf_estimate *x = &e->difference[i];
        const char *name = e->subject[x->subject].name,
                   *less = e->subject[x->reference].name;
        char number[32], wide[32];
        code = mf_out_printf(out, err, "%-*s  %-*s  %-*s  %11s  %-12s",
                             padded(name, w.model), name, padded(less, w.model), less,
                             w.metric, e->metrics.metric[x->metric].name,
                             plain(x->value, true, number), half(x, wide));
        if (code == MF_OK)
            code = isfinite(x->p) ? mf_out_printf(out, err, " %9.4f\n", x->p)
                                  : mf_out_write(out, "\n", 1, err);
    }
    return code;
}

static int write_text(const mf_evaluation *e, mf_out *out, mf_err *err)
{
    widths w = measure(e);
    int code = write_text_scores(e, w, out, err);
    if (code == MF_OK && e->differences)
        code = write_text_differences(e, w, out, err);
    if (code == MF_OK)
        code = mf_out_printf(
            out, err,
            "\n%u users with %llu test cells; %u users have none and are "
            "left out\n",
            e->slice[0].n, (unsigned long long)e->slice[0].total, e->left_out);
    if (code == MF_OK && isfinite(e->score[0].low))
        code = mf_out_printf(out, err, "+-: half of the 95 %% interval over users\n");
    if (code == MF_OK && e->targets_differ)
        code = mf_out_printf(out, err, "%s\n", MF_TARGETS_DIFFER);
    return code;
}

int mf_evaluation_write(const mf_evaluation *e, mf_evaluation_format format,
                        mf_out *out, mf_err *err)
{
    switch (format) {
    case MF_EVALUATION_TEXT: return write_text(e, out, err);
    case MF_EVALUATION_TSV: return write_tsv(e, out, err);
    case MF_EVALUATION_JSON: return write_json(e, out, err);
    }
    return mf_fail(err, MF_EINVAL, "a format that is not known");
}

int mf_evaluation_write_users(const mf_evaluation *e, mf_out *out, mf_err *err)
{
    int code = MF_OK;
    for (size_t s = 0; s < e->subjects; s++)
        for (size_t m = 0; m < e->metrics.n; m++) {
            const mf_metric *metric = &e->metrics.metric[m];
            if (!mf_subject_has(&e->subject[s], metric))
                continue;
            for (uint32_t u = 0; code == MF_OK && u < e->ids.n; u++) {
                size_t len;
                const char *id = mf_ids_get(&e->ids, u, &len);
                code = mf_out_printf(out, err, "%.*s\t%s\t%.*g\t%s\n", (int)len, id,
                                     metric->name, DIGITS,
                                     mf_evaluation_of_user(e, &e->slice[0], s, m, u),
                                     e->subject[s].name);
            }
        }
    return code;
}
