/* An object for each list. */
#include <stdlib.h>

#include "base/number.h"
#include "jobs/recommend/formats.h"
#include "jobs/shared/json.h"
#include "jobs/shared/number_text.h"

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

static json_t *item_object(const mf_ids *items, const listed_item *x, uint32_t rank)
{
    size_t len;
    char score[FLOAT_TEXT];
    const char *id = mf_ids_get(items, x->item, &len);
    mf__float_text(score, x->score);
    /* Ten digits of the double that has this text give the text again. */
    json_t *o = json_pack("{s:i, s:s%, s:f}", "rank", (int)rank, "item", id, len,
                          "score", mf__strtod(score, NULL));
    if (o && x->persona != NO_PERSONA &&
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

static json_t *persona_object(const mf_ids *items, const persona_summary *x)
{
    return json_pack("{s:i, s:I, s:f, s:o}", "persona", x->persona + 1, "cells",
                     (json_int_t)x->cells, "share", x->share, "typical",
                     names_array(items, x->n, x->item, NULL));
}

static json_t *list_object(const recommend_job *job, const item_list *list)
{
    size_t len;
    const mf_ids *ids = &job->model.ratings.items;
    const char *owner = mf_ids_get(job->names, list->owner, &len);
    json_t *items = json_array(), *personas = json_array();
    bool whole = items && personas;
    for (uint32_t i = 0; whole && i < list->personas; i++)
        whole = json_array_append_new(personas,
                                      persona_object(ids, &list->persona[i])) == 0;
    for (uint32_t i = 0; whole && i < list->n; i++)
        whole =
            json_array_append_new(items, item_object(ids, &list->item[i], i + 1)) == 0;
    const char *key = job->params->similars ? "similar" : "user";
    json_t *root = !whole ? NULL
                   : list->persona
                       ? json_pack("{s:s%, s:O, s:O}", key, owner, len, "personas",
                                   personas, "items", items)
                       : json_pack("{s:s%, s:O}", key, owner, len, "items", items);
    json_decref(items);
    json_decref(personas);
    return root;
}

void mf__rec_json_list(page *to, const recommend_job *job, const item_list *list)
{
    json_t *root = list_object(job, list);
    char *line =
        root ? mf__json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(10)) : NULL;
    if (line) {
        mf__page_puts(to, line);
        mf__page_putc(to, '\n');
    } else
        mf__page_fail(to, MF_ENOMEM, NULL);
    free(line);
    json_decref(root);
}
