/* The result of an evaluation as one JSON object. */
#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/number.h"
#include "jobs/evaluate/formats.h"
#include "jobs/evaluate/subject.h"
#include "jobs/evaluate/users.h"
#include "jobs/shared/json.h"

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
    const char *target = mf__target_of(e, x);
    json_t *o = json_pack("{s:s, s:o, s:o, s:o, s:I, s:s}", "name",
                          e->metrics.metric[x->metric].name, "mean", number(x->value),
                          "low", number(x->low), "high", number(x->high), "n",
                          (json_int_t)x->n, "model", e->subject[x->subject].name);
    uint32_t unknown;
    bool lists = mf__unknown_of(e, x, &unknown);
    bool own = *target && e->subject[x->subject].own_values;
    if (o &&
        ((*target && json_object_set_new(o, "target", json_string(target)) < 0) ||
         (own && json_object_set_new(o, "own_values", json_true()) < 0) ||
         (lists && json_object_set_new(o, "unknown", json_integer(unknown)) < 0))) {
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

/* From which value on test cells are relevant, by the values of which model, and how
 * many users have such. */
static json_t *relevant_object(const mf_evaluation *e)
{
    const mf_slice *all = &e->slice[0];
    bool above = isnan(e->relevant);
    return json_pack("{s:o, s:s, s:I, s:I}", above ? "above" : "at_least",
                     above ? json_integer(0) : json_real((double)e->relevant), "model",
                     e->truth, "users", (json_int_t)all->relevant, "left_out",
                     (json_int_t)(all->n - all->relevant));
}

/* What was met in the lists that came from elsewhere. */
static json_t *lists_array(const mf_evaluation *e)
{
    json_t *lists = json_array();
    for (size_t s = 0; lists && s < e->subjects; s++) {
        const mf_list_counts *c = &e->subject[s].list;
        if (!e->subject[s].listed)
            continue;
        json_t *o = json_pack(
            "{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b}",
            "model", e->subject[s].name, "lists", (json_int_t)c->lists, "missing",
            (json_int_t)c->missing, "shortest", (json_int_t)c->shortest, "longest",
            (json_int_t)c->longest, "unknown_users", (json_int_t)c->unknown_users,
            "unknown_items", (json_int_t)c->unknown_items, "unknown_places",
            (json_int_t)c->unknown_places, "known_places", (json_int_t)c->known,
            "validation_places", (json_int_t)c->known_valid, "repeated_places",
            (json_int_t)c->twice, "tied_lists", (json_int_t)c->tied_lists,
            "tied_places", (json_int_t)c->tied, "taken_as_ranks",
            (int)c->taken_as_ranks);
        if (json_array_append_new(lists, o) < 0) {
            json_decref(lists);
            return NULL;
        }
    }
    return lists;
}

static bool any_lists(const mf_evaluation *e)
{
    bool any = false;
    for (size_t s = 0; s < e->subjects; s++)
        any |= e->subject[s].listed;
    return any;
}

/* Add the members that are there only where they have something to say. */
static int add_optional(const mf_evaluation *e, json_t *root)
{
    if (mf__needs_relevant(&e->metrics) &&
        json_object_set_new(root, "relevant", relevant_object(e)) < 0)
        return MF_ENOMEM;
    if (any_lists(e) && json_object_set_new(root, "lists", lists_array(e)) < 0)
        return MF_ENOMEM;
    if (e->slices > 1 && json_object_set_new(root, "slices", slice_array(e)) < 0)
        return MF_ENOMEM;
    if (e->splits > 1 &&
        json_object_set_new(root, "not_in_all",
                            json_integer(e->ids.n - e->slice[0].n)) < 0)
        return MF_ENOMEM;
    char note[MF_INCOMPARABLE_COUNT * (MF_INCOMPARABLE_TEXT + 2)] = "";
    char words[MF_INCOMPARABLE_TEXT];
    size_t n = 0;
    for (int why = 0; why < MF_INCOMPARABLE_COUNT; why++)
        if (e->incomparable[why]) {
            mf_incomparable_words((mf_incomparable)why, words);
            n = mf__append(note, sizeof note, n, "%s%s", n ? "; " : "", words);
        }
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
    if (root && add_optional(e, root) < 0) {
        json_decref(root);
        return NULL;
    }
    return root;
}

int mf__evaluation_json(const mf_evaluation *e, const mf_evaluation_style *style,
                        mf_out *out, mf_err *err)
{
    (void)style;
    json_t *root = json_of(e);
    char *text =
        root ? mf__json_dumps(root, JSON_REAL_PRECISION(EVALUATION_DIGITS)) : NULL;
    int code = text ? mf_out_printf(out, err, "%s\n", text) : mf__nomem(err);
    free(text);
    json_decref(root);
    return code;
}
