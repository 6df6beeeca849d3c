/* A list as text. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "jobs/recommend/private.h"
#include "jobs/shared/json.h"
#include "jobs/shared/table.h"
#include "jobs/shared/trec.h"

static int put_text(page *to, const char *text, mf_err *err)
{
    return mf__page_put(to, text, strlen(text), err);
}

/* "name NN%; name NN%", or the names alone. */
static int put_names(page *to, const mf_ids *items, uint32_t n, const uint32_t item[],
                     const double share[], mf_err *err)
{
    int code = MF_OK;
    for (uint32_t i = 0; code == MF_OK && i < n; i++) {
        size_t len;
        char text[16];
        const char *name = mf_ids_get(items, item[i], &len);
        mf__snprintf(text, sizeof text, " %.0f%%", share ? 100 * share[i] : 0);
        code = mf__page_put(to, "; ", i > 0 ? 2 : 0, err);
        if (code == MF_OK)
            code = mf__page_put(to, name, len, err);
        if (code == MF_OK && share)
            code = put_text(to, text, err);
    }
    return code;
}

/* A persona is a line of rank 0: cells for the item, their share for the score. */
static int write_tastes(page *to, const rec_job *job, const rec_list *list, mf_err *err)
{
    size_t len;
    const char *who = mf_ids_get(job->names, list->who, &len);
    int code = MF_OK;
    for (uint32_t i = 0; code == MF_OK && i < list->tastes; i++) {
        const rec_taste *x = &list->taste[i];
        char text[64];
        mf__snprintf(text, sizeof text, "\t0\t%llu\t%.3g\t%u\t",
                     (unsigned long long)x->cells, x->share, x->persona + 1u);
        if ((code = mf__page_put(to, who, len, err)) == MF_OK &&
            (code = put_text(to, text, err)) == MF_OK &&
            (code = put_names(to, &job->model.ratings.items, x->n, x->item, NULL,
                              err)) == MF_OK)
            code = mf__page_put(to, "\n", 1, err);
    }
    return code;
}

static int put_because(page *to, const rec_job *job, const rec_reason *why, mf_err *err)
{
    int code = why ? mf__page_put(to, "\t", 1, err) : MF_OK;
    return code == MF_OK && why ? put_names(to, &job->model.ratings.items, why->n,
                                            why->item, why->share, err)
                                : code;
}

/* A number, and a copy of text, at `to`; each returns the end of what it wrote. */
static char *add_number(char *to, uint32_t x)
{
    char digits[10];
    int n = 0;
    do
        digits[n++] = (char)('0' + x % 10);
    while ((x /= 10) > 0);
    while (n > 0)
        *to++ = digits[--n];
    return to;
}

static char *add(char *to, const char *text, size_t len)
{
    memcpy(to, text, len);
    return to + len;
}

/* The lines of one user. There are many: a line is made in one piece, but for its
 * reasons. */
static int write_tsv(page *to, const rec_job *job, const rec_list *list, mf_err *err)
{
    enum { NUMBERS = 64 }; /* rank, score, persona, tabs and newline are less */
    size_t who_len, item_len;
    const char *who = mf_ids_get(job->names, list->who, &who_len);
    int code = write_tastes(to, job, list, err);
    for (uint32_t i = 0; code == MF_OK && i < list->n; i++) {
        const rec_listed *x = &list->item[i];
        const char *item = mf_ids_get(&job->model.ratings.items, x->item, &item_len);
        code = mf__reserve(&to->text, &to->cap, to->n + who_len + item_len + NUMBERS, 1,
                           err);
        if (code < 0)
            break;
        char *at = add(to->text + to->n, who, who_len);
        *at++ = '\t';
        at = add_number(at, i + 1);
        *at++ = '\t';
        at = add(at, item, item_len);
        *at++ = '\t';
        mf__table_float(at, x->score);
        at += strlen(at);
        if (x->persona != REC_NOBODY) {
            *at++ = '\t';
            at = add_number(at, x->persona + 1u);
        }
        if (!x->because)
            *at++ = '\n';
        to->n = (size_t)(at - to->text);
        if (x->because && (code = put_because(to, job, x->because, err)) == MF_OK)
            code = mf__page_put(to, "\n", 1, err);
    }
    return code;
}

/* An id as a field of a TREC run. */
static int put_trec(page *to, const mf_ids *ids, uint32_t index, mf_err *err)
{
    size_t len;
    const char *id = mf_ids_get(ids, index, &len);
    return mf__page_put_trec(to, id, len, err);
}

static int write_trec(page *to, const rec_job *job, const rec_list *list, mf_err *err)
{
    int code = MF_OK;
    float last = INFINITY;
    for (uint32_t i = 0; code == MF_OK && i < list->n; i++) {
        char rest[TABLE_NUMBER + 32], score[TABLE_NUMBER];
        /* The scores of a diverse list are in no order. */
        bool counts = job->params->diversify != MF_DIVERSIFY_NONE;
        float own = counts ? (float)(list->n - i) : list->item[i].score;
        mf__table_float(score, mf__trec_score(own, &last));
        snprintf(rest, sizeof rest, " %u %s mfpipe\n", i + 1, score);
        if ((code = put_trec(to, job->names, list->who, err)) == MF_OK &&
            (code = put_text(to, " Q0 ", err)) == MF_OK &&
            (code = put_trec(to, &job->model.ratings.items, list->item[i].item, err)) ==
                MF_OK)
            code = put_text(to, rest, err);
    }
    return code;
}

/* [{"item":,"share":}], or without shares the names alone. */
static json_t *names_array(const mf_ids *items, uint32_t n, const uint32_t item[],
                           const double share[])
{
    json_t *all = json_array();
    for (uint32_t i = 0; all && i < n; i++) {
        size_t len;
        const char *id = mf_ids_get(items, item[i], &len);
        json_t *one = share
                          ? json_pack("{s:s%, s:f}", "item", id, len, "share", share[i])
                          : json_stringn(id, len);
        if (json_array_append_new(all, one) < 0) {
            json_decref(all);
            return NULL;
        }
    }
    return all;
}

static json_t *item_object(const mf_ids *items, const rec_listed *x, uint32_t rank)
{
    size_t len;
    char score[TABLE_NUMBER];
    const char *id = mf_ids_get(items, x->item, &len);
    mf__table_float(score, x->score);
    /* Ten digits of the double that has this text give the text again. */
    json_t *o = json_pack("{s:i, s:s%, s:f}", "rank", (int)rank, "item", id, len,
                          "score", mf__strtod(score, NULL));
    if (o && x->persona != REC_NOBODY &&
        json_object_set_new(o, "persona", json_integer(x->persona + 1)) < 0) {
        json_decref(o);
        return NULL;
    }
    if (o && x->because &&
        json_object_set_new(o, "because",
                            names_array(items, x->because->n, x->because->item,
                                        x->because->share)) < 0) {
        json_decref(o);
        return NULL;
    }
    return o;
}

static json_t *taste_object(const mf_ids *items, const rec_taste *x)
{
    return json_pack("{s:i, s:I, s:f, s:o}", "persona", x->persona + 1, "cells",
                     (json_int_t)x->cells, "share", x->share, "typical",
                     names_array(items, x->n, x->item, NULL));
}

static json_t *list_object(const rec_job *job, const rec_list *list)
{
    size_t len;
    const mf_ids *ids = &job->model.ratings.items;
    const char *who = mf_ids_get(job->names, list->who, &len);
    json_t *items = json_array(), *tastes = json_array();
    bool whole = items && tastes;
    for (uint32_t i = 0; whole && i < list->tastes; i++)
        whole = json_array_append_new(tastes, taste_object(ids, &list->taste[i])) == 0;
    for (uint32_t i = 0; whole && i < list->n; i++)
        whole =
            json_array_append_new(items, item_object(ids, &list->item[i], i + 1)) == 0;
    const char *key = job->params->similars ? "similar" : "user";
    json_t *root = !whole ? NULL
                   : list->taste
                       ? json_pack("{s:s%, s:O, s:O}", key, who, len, "personas",
                                   tastes, "items", items)
                       : json_pack("{s:s%, s:O}", key, who, len, "items", items);
    json_decref(items);
    json_decref(tastes);
    return root;
}

static int write_json(page *to, const rec_job *job, const rec_list *list, mf_err *err)
{
    json_t *root = list_object(job, list);
    char *line =
        root ? mf__json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(10)) : NULL;
    int code = line ? mf__page_put(to, line, strlen(line), err) : mf__nomem(err);
    if (code == MF_OK)
        code = mf__page_put(to, "\n", 1, err);
    free(line);
    json_decref(root);
    return code;
}

int mf__rec_write(page *to, const rec_job *job, const rec_list *list, mf_err *err)
{
    switch (job->params->format) {
    case MF_RECOMMEND_TSV: return write_tsv(to, job, list, err);
    case MF_RECOMMEND_JSON: return write_json(to, job, list, err);
    case MF_RECOMMEND_TREC: return write_trec(to, job, list, err);
    }
    return mf_fail(err, MF_EINVAL, "a format that is not known");
}
