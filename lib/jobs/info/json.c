/* The whole object is built before its first byte is written. Numbers past
 * what JSON integers of jansson hold (2^63 - 1) are strings of digits. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "jobs/shared/json.h"
#include "mf/info.h"
#include "wire/card.h"

static json_t *whole(uint64_t x)
{
    if (x <= INT64_MAX)
        return json_integer((json_int_t)x);
    return json_sprintf("%llu", (unsigned long long)x);
}

static json_t *digest(uint64_t x)
{
    return json_sprintf("%016llx", (unsigned long long)x);
}

static json_t *real(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

/* A text of provenance. It may be anything, and JSON is UTF-8. */
typedef struct plain {
    char text[sizeof((mf_stage *)0)->option->value];
} plain;

static plain make_plain(const char *text)
{
    plain p;
    snprintf(p.text, sizeof p.text, "%s", text);
    if (!mf__utf8_valid(p.text, strlen(p.text)))
        for (char *c = p.text; *c; c++)
            if ((unsigned char)*c >= 0x80)
                *c = '?';
    return p;
}

static json_t *string(const char *text)
{
    return json_string(make_plain(text).text);
}

/* o with one more key, or NULL. Both o and value are used up. */
static json_t *put(json_t *o, const char *key, json_t *value)
{
    if (o && json_object_set_new(o, key, value) == 0)
        return o;
    if (!o)
        json_decref(value);
    json_decref(o);
    return NULL;
}

static json_t *folds(const mf_info *info)
{
    static const char *const name[MF_FOLDS] = {"train", "valid", "test", "fold_in"};
    json_t *o = json_object();
    for (int f = 0; f < MF_FOLDS; f++)
        o = put(o, name[f], whole(info->fold[f]));
    return o;
}

static json_t *sections(const mf_info *info)
{
    json_t *o = json_object();
    for (char tag = 'A'; tag <= 'z'; tag++) {
        uint64_t n = mf_bundle_section(info->bundle, tag);
        char key[2] = {tag, 0};
        if (n > 0)
            o = put(o, key, whole(n));
    }
    return o;
}

static json_t *model(const mf_info *info)
{
    const mf_card *c = &info->card;
    if (!info->has_card)
        return json_null();
    json_t *o = json_pack(
        "{s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:o}",
        "k", (int)c->k, "p", (int)c->personas, "preset", string(c->preset), "init",
        string(c->init), "overlap", real(c->overlap), "unobserved", real(c->unobserved),
        "lambda_users", real(c->lambda_users), "lambda_items", real(c->lambda_items),
        "nu", real(c->nu), "iterations", (json_int_t)c->iterations, "warmup",
        (json_int_t)c->warmup, "seed", whole(c->seed), "mu", real(c->mu), "train",
        digest(c->train), "held_out", digest(c->held_out));
    o = put(o, "shrink", real(c->shrink));
    if (c->popularity > 0)
        o = put(o, "popularity", real(c->popularity));
    if (c->persona_cells)
        o = put(o, "persona_cells", json_integer(c->persona_cells));
    if (c->restarts)
        o = put(o, "restarts", json_integer((json_int_t)c->restarts));
    if (c->assign[0])
        o = put(o, "assign", string(c->assign));
    if (mf__card_has_confidence(c)) {
        o = put(o, "confidence", string(c->confidence));
        o = put(o, "alpha", real(c->alpha));
        o = put(o, "eps", real(c->eps));
    }
    if (c->lambda_bias != 0)
        o = put(o, "lambda_bias", real(c->lambda_bias));
    o = put(o, "watch", c->watch[0] ? string(c->watch) : json_null());
    o = put(o, "best", json_integer(c->best));
    o = put(o, "agreement", real(c->agreement));
    o = put(o, "entropy", real(c->entropy));
    return o;
}

static json_t *one_stage(const mf_stage *stage)
{
    json_t *options = json_object(), *inputs = json_array();
    for (size_t i = 0; i < stage->options; i++)
        options = put(options, make_plain(stage->option[i].name).text,
                      string(stage->option[i].value));
    for (size_t i = 0; inputs && i < stage->inputs; i++) {
        json_t *input = json_pack("{s:o, s:o}", "name", string(stage->input[i].name),
                                  "digest", digest(stage->input[i].digest));
        if (json_array_append_new(inputs, input) < 0) {
            json_decref(inputs);
            inputs = NULL;
        }
    }
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "tool", string(stage->tool),
                     "version", string(stage->version), "options", options, "seed",
                     stage->seeded ? whole(stage->seed) : json_null(), "inputs",
                     inputs);
}

static json_t *provenance(const mf_info *info, mf_err *err)
{
    mf_stage stage;
    json_t *list = json_array();
    for (size_t i = 0; list && i < mf_bundle_stages(info->bundle); i++)
        if (mf_bundle_stage(info->bundle, i, &stage, err) < 0 ||
            json_array_append_new(list, one_stage(&stage)) < 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

int mf_info_json(const mf_info *info, mf_out *out, mf_err *err)
{
    const mf_header *h = &info->header;
    json_t *prov = provenance(info, err);
    if (!prov)
        return err && err->code ? err->code : mf__nomem(err);
    json_t *root = json_pack(
        "{s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "users", whole(h->users),
        "items", whole(h->items), "nnz", whole(info->cells), "value",
        h->value == MF_U32 ? "u32" : "f32", "sum",
        h->value == MF_U32 ? whole(info->sum_u32) : real(info->sum_f32), "folds",
        folds(info), "sections", sections(info), "model", model(info), "prov", prov,
        "digest", digest(mf_bundle_digest(info->bundle)));
    if (info->below + info->at > 0) {
        json_t *signs = put(json_object(), "below", whole(info->below));
        signs = put(signs, "zero", whole(info->at));
        signs = put(signs, "above", whole(info->cells - info->below - info->at));
        root = put(root, "signs", signs);
    }
    if (h->time)
        root = put(root, "time",
                   info->cells ? json_pack("[I, I]", (json_int_t)info->first_time,
                                           (json_int_t)info->last_time)
                               : json_array());
    if (info->note)
        root = put(root, "note", json_string(info->note));
    char *text = root ? mf__json_dumps(root, JSON_INDENT(2)) : NULL;
    json_decref(root);
    if (!text)
        return mf__nomem(err);
    int code = mf_out_write(out, text, strlen(text), err);
    if (code == MF_OK)
        code = mf_out_write(out, "\n", 1, err);
    free(text);
    return code;
}
