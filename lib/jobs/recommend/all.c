/* All lists: users are scored in blocks, blocks by threads in any order, and
 * what they write comes out in the order of blocks. */
#include <stdlib.h>

#include <jansson.h>
#include <omp.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/report.h"
#include "jobs/recommend/private.h"

typedef struct crew {
    const rec_job *job;
    int threads;
    rec_desk *desk;          /* [threads] */
    mf_scorer scorer;        /* empty if lists are searched for: then there are */
    mf_catalogue *catalogue; /* this, and */
    rec_search *search;      /* these, [threads] */
} crew;

static void crew_close(crew *w)
{
    for (int t = 0; w->desk && t < w->threads; t++)
        mf__rec_desk_close(&w->desk[t]);
    for (int t = 0; w->search && t < w->threads; t++)
        mf__rec_search_close(&w->search[t]);
    free(w->desk);
    free(w->search);
    mf_catalogue_close(w->catalogue);
    mf__scorer_close(&w->scorer);
}

static int search_open(crew *w, mf_err *err)
{
    const mf_scored *scored = &w->job->scored;
    size_t blocks = w->job->who.n / MF_SEARCH_USERS + 1;
    w->threads = mf__par_threads(w->job->params->threads);
    if ((size_t)w->threads > blocks)
        w->threads = (int)blocks;
    int code = mf_search_check(scored->users, scored->items, scored->mu, err);
    if (code == MF_OK)
        code = mf_catalogue_open(&w->catalogue, scored->items, w->job->barred, err);
    if (code == MF_OK && !(w->search = mf__new0((size_t)w->threads, sizeof *w->search)))
        code = mf__nomem(err);
    return code;
}

static int crew_open(crew *w, mf_err *err)
{
    size_t n = w->job->who.n;
    uint32_t users = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
    int code;
    if (mf__rec_search_can(w->job))
        code = search_open(w, err);
    else {
        code = mf__scorer_open(&w->scorer, &w->job->scored, users,
                               w->job->params->threads, err);
        w->threads = w->scorer.threads;
    }
    if (code < 0)
        return code;
    w->desk = mf__new0((size_t)w->threads, sizeof *w->desk);
    if (!w->desk)
        return mf__nomem(err);
    for (int t = 0; code == MF_OK && t < w->threads; t++) {
        code = mf__rec_desk_open(&w->desk[t], w->job, err);
        if (code == MF_OK && w->search)
            code = mf__rec_search_open(&w->search[t], w->job, w->catalogue,
                                       w->desk[t].most, err);
    }
    return code;
}

/* Explain a list, if that is wanted, and write it. */
static int finish_list(const crew *w, rec_desk *desk, rec_list *list, mf_err *err)
{
    int code = MF_OK;
    if (w->job->params->explain)
        code = mf__rec_explain(list, w->job, desk, err);
    return code == MF_OK ? mf__rec_write(&desk->page, w->job, list, err) : code;
}

/* The lists of a block of users, from the scores of everything. */
static int score_lists(const crew *w, int thread, uint32_t n, const uint32_t who[],
                       mf_err *err)
{
    const mf_rank_block *block = mf__scorer_users(&w->scorer, thread, n, who);
    rec_desk *desk = &w->desk[thread];
    int code = MF_OK;
    for (uint32_t j = 0; code == MF_OK && j < n; j++) {
        rec_list list;
        float *score = mf_rank_row(block, j);
        mf__rec_score_hide(w->job, who[j], score);
        mf__rec_score_temper(w->job, score);
        code = mf__rec_choose(&list, w->job, desk, who[j], score,
                              mf_rank_personas(block, j), err);
        if (code == MF_OK)
            code = finish_list(w, desk, &list, err);
    }
    return code;
}

static int search_lists(const crew *w, int thread, uint32_t n, const uint32_t who[],
                        mf_err *err)
{
    rec_search *search = &w->search[thread];
    rec_desk *desk = &w->desk[thread];
    int code = mf__rec_search_users(search, w->job, n, who, err);
    for (uint32_t j = 0; code == MF_OK && j < n; j++) {
        rec_list list;
        mf__rec_search_list(&list, search, desk, who[j], j);
        code = finish_list(w, desk, &list, err);
    }
    return code;
}

/* Write the lists of a block of users to the page of `thread`. */
static int fill_page(const crew *w, int thread, uint32_t n, const uint32_t who[],
                     mf_err *err)
{
    w->desk[thread].page.n = 0;
    return w->search ? search_lists(w, thread, n, who, err)
                     : score_lists(w, thread, n, who, err);
}

/* The error that is kept is that of the first block that failed. */
static int write_pages(const crew *w, mf_out *out, mf_err *err)
{
    const rec_who *who = &w->job->who;
    size_t size = w->search ? MF_SEARCH_USERS : MF_RANK_USERS;
    size_t blocks = (who->n + size - 1) / size;
    int result = MF_OK;
#pragma omp parallel for ordered num_threads(w->threads) schedule(dynamic)
    for (size_t b = 0; b < blocks; b++) {
        int stop, code = MF_OK, thread = omp_get_thread_num();
        mf_err own = {0};
        size_t lo = b * size, left = who->n - lo;
        uint32_t n = (uint32_t)(left < size ? left : size);
#pragma omp atomic read
        stop = result;
        if (stop == MF_OK)
            code = fill_page(w, thread, n, who->index + lo, &own);
#pragma omp ordered
        if (result == MF_OK) {
            const page *text = &w->desk[thread].page;
            if (code == MF_OK)
                code = mf_out_write(out, text->text, text->n, &own);
            if (code < 0) {
                mf_fail(err, code, "%s", own.text);
#pragma omp atomic write
                result = code;
            }
            mf__report_progress(w->job->params->report, "users", lo + n, who->n);
        }
    }
    return result;
}

static void note_astray(const crew *w)
{
    uint64_t users = 0;
    for (int t = 0; w->desk && t < w->threads; t++)
        users += w->desk[t].astray;
    if (users)
        mf__report_note(w->job->params->report,
                        "the scores of %llu users are not what their cells add up to: "
                        "the users of this model were not solved with its items",
                        (unsigned long long)users);
}

int mf__rec_write_all(const rec_job *job, mf_out *out, mf_err *err)
{
    crew w = {.job = job};
    json_object_seed(0); /* before threads meet in it */
    int code = crew_open(&w, err);
    if (code == MF_OK)
        code = write_pages(&w, out, err);
    if (code == MF_OK)
        note_astray(&w);
    crew_close(&w);
    return code;
}
