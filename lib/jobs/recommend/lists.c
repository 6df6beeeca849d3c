/* Users are scored, or searched for, in blocks; threads take blocks in any order, and
 * what they write comes out in the order of blocks. */
#include "jobs/recommend/lists.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/par.h"
#include "base/report.h"
#include "jobs/recommend/candidates.h"
#include "jobs/recommend/choose.h"
#include "jobs/recommend/explain.h"
#include "jobs/recommend/fallback.h"
#include "jobs/recommend/formats.h"
#include "jobs/recommend/popularity.h"
#include "jobs/recommend/search.h"
#include "jobs/shared/in_order.h"

typedef struct workspaces {
    const recommend_job *job;
    mf_out *out; /* borrowed */
    const list_format *format;
    int threads;
    workspace *each; /* [threads] */
    /* scores of all items */
    mf_scorer scorer;
    /* or, if search is not NULL, lists that are searched for */
    mf_catalogue *catalogue;
    search_workspace *search; /* [threads] */
} workspaces;

static void workspaces_close(workspaces *w)
{
    for (int t = 0; w->each && t < w->threads; t++)
        mf__rec_workspace_close(&w->each[t]);
    for (int t = 0; w->search && t < w->threads; t++)
        mf__rec_search_close(&w->search[t]);
    free(w->each);
    free(w->search);
    mf_catalogue_close(w->catalogue);
    mf__scorer_close(&w->scorer);
}

static int search_open(workspaces *w, mf_err *err)
{
    const mf_scored *scored = &w->job->scored;
    size_t blocks = w->job->asked.n / MF_SEARCH_USERS + 1;
    w->threads = mf__par_threads(w->job->params->threads);
    if ((size_t)w->threads > blocks)
        w->threads = (int)blocks;
    int code = mf_search_check(scored->users, scored->items, scored->mu, err);
    if (code == MF_OK)
        code = mf_catalogue_open(&w->catalogue, scored->items, w->job->excluded, err);
    if (code == MF_OK && !(w->search = mf__new0((size_t)w->threads, sizeof *w->search)))
        code = mf__nomem(err);
    return code;
}

static int workspaces_open(workspaces *w, mf_err *err)
{
    size_t n = w->job->asked.n;
    uint32_t users = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
    int code;
    if (mf__rec_can_search(w->job))
        code = search_open(w, err);
    else {
        code = mf__scorer_open(&w->scorer, &w->job->scored, users,
                               w->job->params->threads, err);
        w->threads = w->scorer.threads;
    }
    if (code < 0)
        return code;
    w->each = mf__new0((size_t)w->threads, sizeof *w->each);
    if (!w->each)
        return mf__nomem(err);
    for (int t = 0; code == MF_OK && t < w->threads; t++) {
        code = mf__rec_workspace_open(&w->each[t], w->job, err);
        if (code == MF_OK && w->search)
            code = mf__rec_search_open(&w->search[t], w->job, w->catalogue,
                                       w->each[t].most, err);
    }
    return code;
}

/* Explain a list, if that is wanted, and put it on the page. */
static int finish_list(const workspaces *w, workspace *own, item_list *list,
                       mf_err *err)
{
    int code = MF_OK;
    if (w->job->params->explain && !mf__rec_falls_back(w->job, list->owner))
        code = mf__rec_explain(list, w->job, own, err);
    if (code == MF_OK)
        w->format->list(&own->page, w->job, list);
    return code;
}

/* The lists of a block of users or items, from the scores of everything. */
static int score_lists(const workspaces *w, int thread, uint32_t n,
                       const uint32_t owner[], mf_err *err)
{
    const mf_rank_block *block = mf__scorer_users(&w->scorer, thread, n, owner);
    workspace *own = &w->each[thread];
    int code = MF_OK;
    for (uint32_t j = 0; code == MF_OK && j < n; j++) {
        item_list list;
        float *score = mf_rank_row(block, j);
        if (mf__rec_falls_back(w->job, owner[j]))
            mf__rec_fallback_list(&list, w->job, own, owner[j]);
        else {
            mf__rec_hide(w->job, owner[j], score);
            mf__rec_rarity_apply(w->job, score);
            code = mf__rec_choose(&list, w->job, own, owner[j], score,
                                  mf_rank_personas(block, j), err);
        }
        if (code == MF_OK)
            code = finish_list(w, own, &list, err);
    }
    return code;
}

static int search_lists(const workspaces *w, int thread, uint32_t n,
                        const uint32_t user[], mf_err *err)
{
    search_workspace *search = &w->search[thread];
    workspace *own = &w->each[thread];
    int code = mf__rec_search_users(search, w->job, n, user, err);
    for (uint32_t j = 0; code == MF_OK && j < n; j++) {
        item_list list;
        if (mf__rec_falls_back(w->job, user[j]))
            mf__rec_fallback_list(&list, w->job, own, user[j]);
        else
            mf__rec_search_list(&list, search, own, user[j], j);
        code = finish_list(w, own, &list, err);
    }
    return code;
}

static size_t block_size(const workspaces *w)
{
    return w->search ? MF_SEARCH_USERS : MF_RANK_USERS;
}

/* Put the lists of a block on the page of the thread. */
static int make_block(const void *self, int thread, size_t block, mf_err *err)
{
    const workspaces *w = self;
    size_t size = block_size(w), lo = block * size, left = w->job->asked.n - lo;
    uint32_t n = (uint32_t)(left < size ? left : size);
    const uint32_t *owner = w->job->asked.index + lo;
    int code = w->search ? search_lists(w, thread, n, owner, err)
                         : score_lists(w, thread, n, owner, err);
    return code == MF_OK ? mf__page_check(&w->each[thread].page, err) : code;
}

static int put_block(const void *self, int thread, size_t block, mf_err *err)
{
    const workspaces *w = self;
    size_t n = w->job->asked.n, done = (block + 1) * block_size(w);
    int code = mf__page_write(&w->each[thread].page, w->out, err);
    mf__report_count(w->job->params->report, "listing", "users",
                     w->job->done + (done < n ? done : n), w->job->all);
    return code;
}

static void note_inexact(recommend_job *job, const workspaces *w)
{
    for (int t = 0; w->each && t < w->threads; t++)
        job->inexact += w->each[t].inexact;
    if (job->inexact && job->done == job->all)
        mf__report_note(job->params->report,
                        "the scores of %llu user%s are not what their cells add up to: "
                        "the users of this model were not solved with its items",
                        (unsigned long long)job->inexact, mf__plural(job->inexact));
}

/* Before the first list of all: a further shard has none. */
static int write_head(const workspaces *w, mf_err *err)
{
    page head = {0};
    if (w->format->head && w->job->params->shard <= 1)
        w->format->head(&head, w->job);
    int code = mf__page_write(&head, w->out, err);
    mf__page_free(&head);
    return code;
}

int mf__rec_write_lists(recommend_job *job, mf_out *out, mf_err *err)
{
    workspaces w = {.job = job, .out = out, .format = mf__rec_format(job->params)};
    int code = workspaces_open(&w, err);
    if (code == MF_OK && job->done == 0)
        code = write_head(&w, err);
    if (code == MF_OK) {
        size_t size = block_size(&w);
        in_order work = {.self = &w,
                         .threads = w.threads,
                         .blocks = (job->asked.n + size - 1) / size,
                         .make = make_block,
                         .put = put_block};
        code = mf__in_order(&work, err);
    }
    if (code == MF_OK) {
        job->done += job->asked.n;
        note_inexact(job, &w);
    }
    workspaces_close(&w);
    return code;
}
