#include "mf/recommend.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <omp.h>

#include "mf/mem.h"
#include "mf/model.h"
#include "mf/score.h"
#include "table.h"

mf_recommend_params mf_recommend_defaults(void)
{
    return (mf_recommend_params){.top = 10};
}

int mf_recommend_check(const mf_recommend_params *params, mf_err *err)
{
    if (params->top < 1 || params->top > MF_RECOMMEND_TOP_MAX)
        return mf_fail(err, MF_EINVAL, "top is not in 1 .. %d", MF_RECOMMEND_TOP_MAX);
    return MF_OK;
}

/* --- whose lists --- */

typedef struct asked {
    size_t n, cap;
    uint32_t *user; /* [n], index in the model */
} asked;

/* Ask for a user, if there is one of this id. */
static int ask(asked *a, const mf_model *model, const char *id, size_t len, bool *found,
               mf_err *err)
{
    int code = mf_reserve(&a->user, &a->cap, a->n + 1, sizeof *a->user, err);
    if (code < 0)
        return code;
    *found = mf_ids_find(&model->ratings.users, id, len, &a->user[a->n]);
    a->n += *found;
    return MF_OK;
}

static int ask_all(asked *a, const mf_model *model, mf_err *err)
{
    int code = mf_reserve(&a->user, &a->cap, model->users.n, sizeof *a->user, err);
    for (; code == MF_OK && a->n < model->users.n; a->n++)
        a->user[a->n] = (uint32_t)a->n;
    return code;
}

static int ask_list(asked *a, const mf_model *model, mf_lines *list, const char *name,
                    mf_err *err)
{
    mf_field line;
    int code;
    bool found;
    while ((code = mf_lines_next(list, &line, err)) == 1) {
        code = ask(a, model, line.text, line.len, &found, err);
        if (code == MF_OK && line.len == 0)
            code = mf_lines_fail(list, err, "an empty line; write one user id a line");
        if (code == MF_OK && !found)
            code = mf_lines_fail(list, err, "user '%.*s' is not in %s",
                                 line.len < 200 ? (int)line.len : 200, line.text, name);
        if (code < 0)
            return code;
    }
    return code;
}

static int find_asked(asked *a, const mf_model *model, mf_lines *list, const char *name,
                      const mf_recommend_params *params, mf_err *err)
{
    bool found;
    if (params->users == 0 && !list)
        return ask_all(a, model, err);
    for (size_t i = 0; i < params->users; i++) {
        const char *id = params->user[i];
        int code = ask(a, model, id, strlen(id), &found, err);
        if (code == MF_OK && !found)
            code = mf_fail(err, MF_EFORMAT, "%s: there is no user '%.200s'", name, id);
        if (code < 0)
            return code;
    }
    return list ? ask_list(a, model, list, name, err) : MF_OK;
}

/* --- lists as text --- */

/* Text under construction by one thread. */
typedef struct page {
    char *text;
    size_t n, cap;
    mf_ranked *top; /* [params->top or all items] */
} page;

static int put(page *to, const char *text, size_t len, mf_err *err)
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
static int write_tsv(page *to, const mf_ratings *r, uint32_t user, uint32_t n,
                     const uint8_t *persona, mf_err *err)
{
    size_t user_len, item_len;
    const char *user_id = mf_ids_get(&r->users, user, &user_len);
    int code = MF_OK;
    for (uint32_t i = 0; code == MF_OK && i < n; i++) {
        char rank[16], rest[TABLE_NUMBER + 8], score[TABLE_NUMBER];
        const char *item_id = mf_ids_get(&r->items, to->top[i].item, &item_len);
        table_float(score, to->top[i].score);
        int rank_len = snprintf(rank, sizeof rank, "\t%u\t", i + 1);
        int rest_len = snprintf(rest, sizeof rest, "\t%s\t%u\n", score,
                                persona[to->top[i].item] + 1u);
        if ((code = put(to, user_id, user_len, err)) == MF_OK &&
            (code = put(to, rank, (size_t)rank_len, err)) == MF_OK &&
            (code = put(to, item_id, item_len, err)) == MF_OK)
            code = put(to, rest, (size_t)rest_len, err);
    }
    return code;
}

static json_t *item_object(const mf_ratings *r, const mf_ranked *x, uint32_t rank,
                           uint8_t persona)
{
    size_t len;
    char score[TABLE_NUMBER];
    const char *id = mf_ids_get(&r->items, x->item, &len);
    table_float(score, x->score);
    /* Ten digits of the double that has this text give the text again. */
    return json_pack("{s:i, s:s%, s:f, s:i}", "rank", (int)rank, "item", id, len,
                     "score", strtod(score, NULL), "persona", persona + 1);
}

static int write_json(page *to, const mf_ratings *r, uint32_t user, uint32_t n,
                      const uint8_t *persona, mf_err *err)
{
    size_t len;
    const char *id = mf_ids_get(&r->users, user, &len);
    json_t *items = json_array();
    bool whole = items != NULL;
    for (uint32_t i = 0; whole && i < n; i++)
        whole =
            json_array_append_new(items, item_object(r, &to->top[i], i + 1,
                                                     persona[to->top[i].item])) == 0;
    json_t *root =
        whole ? json_pack("{s:s%, s:O}", "user", id, len, "items", items) : NULL;
    char *line = root ? json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(10)) : NULL;
    int code = line ? put(to, line, strlen(line), err) : mf_nomem(err);
    if (code == MF_OK)
        code = put(to, "\n", 1, err);
    free(line);
    json_decref(root);
    json_decref(items);
    return code;
}

/* --- all of them --- */

typedef struct recommending {
    const mf_recommend_params *params;
    const mf_model *model;
    const asked *asked;
    mf_scorer scorer;
    page *page; /* [threads] */
} recommending;

static int pages_open(recommending *w, mf_err *err)
{
    uint32_t items = w->model->items.n;
    uint32_t most = w->params->top < items ? w->params->top : items;
    w->page = mf_new0((size_t)w->scorer.threads, sizeof *w->page);
    for (int t = 0; w->page && t < w->scorer.threads; t++)
        if (!(w->page[t].top = mf_new(most, sizeof *w->page[t].top)))
            return mf_nomem(err);
    return w->page ? MF_OK : mf_nomem(err);
}

static void pages_close(recommending *w)
{
    for (int t = 0; w->page && t < w->scorer.threads; t++) {
        free(w->page[t].top);
        free(w->page[t].text);
    }
    free(w->page);
}

/* Write the lists of a block of users to the page of `thread`. */
static int fill_page(const recommending *w, int thread, uint32_t n,
                     const uint32_t user[], mf_err *err)
{
    const mf_ratings *r = &w->model->ratings;
    const mf_rank_block *block = mf_scorer_users(&w->scorer, thread, n, user);
    uint32_t most = w->params->top < block->items ? w->params->top : block->items;
    page *to = &w->page[thread];
    int code = MF_OK;
    to->n = 0;
    for (uint32_t j = 0; code == MF_OK && j < n; j++) {
        float *score = mf_rank_row(block, j);
        if (!w->params->include_seen)
            mf_score_hide(r, user[j], MF_SEEN, score);
        uint32_t found = mf_rank_top(score, block->items, most, to->top);
        code = w->params->format == MF_RECOMMEND_JSON
                   ? write_json(to, r, user[j], found, mf_rank_personas(block, j), err)
                   : write_tsv(to, r, user[j], found, mf_rank_personas(block, j), err);
    }
    return code;
}

/* Threads fill pages in any order; they are written in the order of blocks.
 * The error that is kept is that of the first block that failed. */
static int write_pages(const recommending *w, mf_out *out, mf_err *err)
{
    size_t blocks = (w->asked->n + MF_RANK_USERS - 1) / MF_RANK_USERS;
    int result = MF_OK;
#pragma omp parallel for ordered num_threads(w->scorer.threads) schedule(dynamic)
    for (size_t b = 0; b < blocks; b++) {
        int stop, code = MF_OK, thread = omp_get_thread_num();
        mf_err own = {0};
        size_t lo = b * MF_RANK_USERS, left = w->asked->n - lo;
        uint32_t n = left < MF_RANK_USERS ? (uint32_t)left : MF_RANK_USERS;
#pragma omp atomic read
        stop = result;
        if (stop == MF_OK)
            code = fill_page(w, thread, n, w->asked->user + lo, &own);
#pragma omp ordered
        if (result == MF_OK) {
            if (code == MF_OK)
                code = mf_out_write(out, w->page[thread].text, w->page[thread].n, &own);
            if (code < 0) {
                mf_fail(err, code, "%s", own.text);
#pragma omp atomic write
                result = code;
            }
            mf_report_progress(w->params->report, "users", lo + n, w->asked->n);
        }
    }
    return result;
}

static void note_strangers(const recommending *w)
{
    const mf_ratings *r = &w->model->ratings;
    size_t strangers = 0;
    for (size_t i = 0; w->model->has_ratings && i < w->asked->n; i++) {
        uint32_t u = w->asked->user[i];
        size_t t = r->x.ptr[u], end = r->x.ptr[u + 1];
        while (t < end && r->fold[t] != MF_TRAIN && r->fold[t] != MF_FOLD_IN)
            t++;
        strangers += t == end;
    }
    if (strangers)
        mf_report_note(
            w->params->report,
            "%zu users have no training cells and no fold-in cells: the model says "
            "nothing of them, and their lists are in the order of its biases and items",
            strangers);
}

static int recommend(const mf_model *model, const asked *a, mf_out *out,
                     const mf_recommend_params *params, mf_err *err)
{
    recommending w = {.params = params, .model = model, .asked = a};
    uint32_t users = a->n < UINT32_MAX ? (uint32_t)a->n : UINT32_MAX;
    mf_scored what = mf_scored_model(model);
    int code = mf_scorer_open(&w.scorer, &what, users, params->threads, err);
    if (code < 0)
        return code;
    json_object_seed(0); /* before threads meet in it */
    note_strangers(&w);
    code = pages_open(&w, err);
    if (code == MF_OK)
        code = write_pages(&w, out, err);
    pages_close(&w);
    mf_scorer_close(&w.scorer);
    return code;
}

int mf_recommend_run(mf_in *in, mf_lines *list, mf_out *out,
                     const mf_recommend_params *params, mf_err *err)
{
    mf_model model;
    asked a = {0};
    unsigned want = MF_WANT_RATINGS | MF_WANT_FACTORS;
    if (params->include_seen) /* then nobody asks what they have seen */
        want |= MF_WANT_WHAT_IS_THERE;
    int code = mf_recommend_check(params, err);
    if (code == MF_OK)
        code = mf_model_load(&model, in, want, NULL, NULL, err);
    if (code == MF_OK && !model.has_factors) {
        mf_model_free(&model);
        code = mf_fail(err, MF_EFORMAT,
                       "%s: the bundle holds no model; pipe it through mf-als",
                       mf_in_name(in));
    }
    if (code < 0)
        return code;
    code = find_asked(&a, &model, list, mf_in_name(in), params, err);
    if (code == MF_OK)
        code = mf_model_fold_in(&model, mf_in_name(in), a.n, a.user, params->threads,
                                params->report, err);
    if (code == MF_OK)
        code = recommend(&model, &a, out, params, err);
    free(a.user);
    mf_model_free(&model);
    return code;
}
