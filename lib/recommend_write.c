/* A list as text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "mf/mem.h"
#include "recommend_private.h"
#include "table.h"

static int put(rec_page *to, const char *text, size_t len, mf_err *err)
{
    int code = mf_reserve(&to->text, &to->cap, to->n + len, 1, err);
    if (code == MF_OK && len) {
        memcpy(to->text + to->n, text, len);
        to->n += len;
    }
    return code;
}

/* The lines of one user: what comes before the rank, and between it and the
 * rest, are ids of any length; the numbers fit in a small buffer. */
static int write_tsv(rec_page *to, const rec_job *job, const rec_list *list,
                     mf_err *err)
{
    size_t who_len, item_len;
    const char *who = mf_ids_get(job->names, list->who, &who_len);
    int code = MF_OK;
    for (uint32_t i = 0; code == MF_OK && i < list->n; i++) {
        const rec_listed *x = &list->item[i];
        char rank[16], rest[TABLE_NUMBER + 8], score[TABLE_NUMBER];
        const char *item = mf_ids_get(&job->model.ratings.items, x->item, &item_len);
        table_float(score, x->score);
        int rank_len = snprintf(rank, sizeof rank, "\t%u\t", i + 1);
        int rest_len =
            snprintf(rest, sizeof rest, "\t%s\t%u\n", score, x->persona + 1u);
        if ((code = put(to, who, who_len, err)) == MF_OK &&
            (code = put(to, rank, (size_t)rank_len, err)) == MF_OK &&
            (code = put(to, item, item_len, err)) == MF_OK)
            code = put(to, rest, (size_t)rest_len, err);
    }
    return code;
}

static json_t *item_object(const mf_ids *items, const rec_listed *x, uint32_t rank)
{
    size_t len;
    char score[TABLE_NUMBER];
    const char *id = mf_ids_get(items, x->item, &len);
    table_float(score, x->score);
    /* Ten digits of the double that has this text give the text again. */
    return json_pack("{s:i, s:s%, s:f, s:i}", "rank", (int)rank, "item", id, len,
                     "score", strtod(score, NULL), "persona", x->persona + 1);
}

static int write_json(rec_page *to, const rec_job *job, const rec_list *list,
                      mf_err *err)
{
    size_t len;
    const mf_ids *ids = &job->model.ratings.items;
    const char *who = mf_ids_get(job->names, list->who, &len);
    json_t *items = json_array();
    bool whole = items != NULL;
    for (uint32_t i = 0; whole && i < list->n; i++)
        whole =
            json_array_append_new(items, item_object(ids, &list->item[i], i + 1)) == 0;
    json_t *root =
        whole ? json_pack("{s:s%, s:O}", "user", who, len, "items", items) : NULL;
    char *line = root ? json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(10)) : NULL;
    int code = line ? put(to, line, strlen(line), err) : mf_nomem(err);
    if (code == MF_OK)
        code = put(to, "\n", 1, err);
    free(line);
    json_decref(root);
    json_decref(items);
    return code;
}

int rec_write(rec_page *to, const rec_job *job, const rec_list *list, mf_err *err)
{
    switch (job->params->format) {
    case MF_RECOMMEND_TSV: return write_tsv(to, job, list, err);
    case MF_RECOMMEND_JSON: return write_json(to, job, list, err);
    }
    return mf_fail(err, MF_EINVAL, "a format that is not known");
}
