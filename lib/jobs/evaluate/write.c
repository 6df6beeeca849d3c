/* The formats of mf-eval. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/number.h"
#include "jobs/evaluate/private.h"
#include "jobs/shared/json.h"

enum { DIGITS = 10 }; /* of a number for programs */

const char *mf_target_name(mf_target target)
{
    return target == MF_TARGET_VALUE ? "value" : target == MF_TARGET_ONE ? "1" : "";
}

const char *mf__evaluate_target_of(const mf_evaluation *e, const mf_estimate *x)
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
        mf__snprintf(p, sizeof p, "%.*g", DIGITS, x->p);
    return mf_out_printf(out, err, "%s\t%.*g\t%.*g\t%.*g\t%llu\t%s\t%s\t%s\t%s%s%s\n",
                         e->metrics.metric[x->metric].name, DIGITS, x->value, DIGITS,
                         x->low, DIGITS, x->high, (unsigned long long)x->n,
                         e->subject[x->subject].name, mf__evaluate_target_of(e, x),
                         difference ? e->subject[x->reference].name : "", p,
                         e->slices > 1 ? "\t" : "", e->slice[x->slice].name);
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

/* The object, with the name of the slice if x is not of all; NULL if memory ran
 * out. Takes the reference to o. */
static json_t *with_slice(const mf_evaluation *e, const mf_estimate *x, json_t *o)
{
    if (o && x->slice &&
        json_object_set_new(o, "slice", json_string(e->slice[x->slice].name)) < 0) {
        json_decref(o);
        return NULL;
    }
    return o;
}

static json_t *score_object(const mf_evaluation *e, const mf_estimate *x)
{
    const char *target = mf__evaluate_target_of(e, x);
    json_t *o = json_pack("{s:s, s:o, s:o, s:o, s:I, s:s}", "name",
                          e->metrics.metric[x->metric].name, "mean", number(x->value),
                          "low", number(x->low), "high", number(x->high), "n",
                          (json_int_t)x->n, "model", e->subject[x->subject].name);
    if (o && *target && json_object_set_new(o, "target", json_string(target)) < 0) {
        json_decref(o);
        return NULL;
    }
    return with_slice(e, x, o);
}

static json_t *difference_object(const mf_evaluation *e, const mf_estimate *x)
{
    json_t *o = json_pack(
        "{s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "model", e->subject[x->subject].name,
        "reference", e->subject[x->reference].name, "metric",
        e->metrics.metric[x->metric].name, "diff", number(x->value), "low",
        number(x->low), "high", number(x->high), "p", number(x->p));
    return with_slice(e, x, o);
}

static json_t *slice_array(const mf_evaluation *e)
{
    json_t *slices = json_array();
    for (size_t i = 1; slices && i < e->slices; i++) {
        const mf_slice *s = &e->slice[i];
        bool empty = s->low > s->high;
        json_t *o = json_pack("{s:s, s:I, s:I, s:o, s:o}", "slice", s->name, "users",
                              (json_int_t)s->n, "cells", (json_int_t)s->total, "from",
                              empty ? json_null() : json_integer(s->low), "to",
                              empty ? json_null() : json_integer(s->high));
        if (json_array_append_new(slices, o) < 0) {
            json_decref(slices);
            return NULL;
        }
    }
    return slices;
}

/* What is said only where there is something to say. */
static int add_rest(const mf_evaluation *e, json_t *root)
{
    if (e->slices > 1 && json_object_set_new(root, "slices", slice_array(e)) < 0)
        return MF_ENOMEM;
    if (e->splits > 1 &&
        json_object_set_new(root, "not_in_all",
                            json_integer(e->ids.n - e->slice[0].n)) < 0)
        return MF_ENOMEM;
    char note[400] = "";
    size_t n = 0;
    for (int why = 0; why < MF_INCOMPARABLE_COUNT; why++)
        if (e->incomparable[why])
            n += (size_t)snprintf(note + n, sizeof note - n, "%s%s", n ? "; " : "",
                                  mf_incomparable_words[why]);
    if (n && json_object_set_new(root, "note", json_string(note)) < 0)
        return MF_ENOMEM;
    return MF_OK;
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
    if (root && add_rest(e, root) < 0) {
        json_decref(root);
        return NULL;
    }
    return root;
}

static int write_json(const mf_evaluation *e, mf_out *out, mf_err *err)
{
    json_t *root = json_of(e);
    char *text = root ? mf__json_dumps(root, JSON_REAL_PRECISION(DIGITS)) : NULL;
    int code = text ? mf_out_printf(out, err, "%s\n", text) : mf__nomem(err);
    free(text);
    json_decref(root);
    return code;
}

int mf_evaluation_write(const mf_evaluation *e, mf_evaluation_format format,
                        mf_out *out, mf_err *err)
{
    switch (format) {
    case MF_EVALUATION_TEXT: return mf__evaluate_write_text(e, out, err);
    case MF_EVALUATION_TSV: return write_tsv(e, out, err);
    case MF_EVALUATION_JSON: return write_json(e, out, err);
    }
    return mf_fail(err, MF_EINVAL, "a format that is not known");
}

/* Users of one slice, under the name that it has. */
static int write_users_of(const mf_evaluation *e, const mf_slice *slice, size_t s,
                          size_t m, mf_out *out, mf_err *err)
{
    int code = MF_OK;
    for (uint32_t i = 0; code == MF_OK && i < slice->n; i++) {
        uint32_t user = slice->user ? slice->user[i] : i;
        size_t len;
        const char *id = mf_ids_get(&e->ids, user, &len);
        double value = mf_evaluation_of_user(e, slice, s, m, user);
        code =
            mf_out_printf(out, err, "%.*s\t%s\t%.*g\t%s%s%s\n", (int)len, id,
                          e->metrics.metric[m].name, DIGITS, value, e->subject[s].name,
                          e->slices > 1 ? "\t" : "", slice->name);
    }
    return code;
}

int mf_evaluation_write_users(const mf_evaluation *e, mf_out *out, mf_err *err)
{
    int code = MF_OK;
    for (size_t i = 0; i < e->slices; i++)
        for (size_t s = 0; s < e->subjects; s++)
            for (size_t m = 0; code == MF_OK && m < e->metrics.n; m++)
                if (mf_evaluation_has(e, &e->slice[i], s, m) &&
                    mf_metric_is_about(&e->metrics.metric[m]) != MF_ABOUT_ALL_LISTS)
                    code = write_users_of(e, &e->slice[i], s, m, out, err);
    return code;
}
