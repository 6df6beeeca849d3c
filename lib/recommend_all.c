/* All lists: users are scored in blocks, blocks by threads in any order, and
 * what they write comes out in the order of blocks. */
#include <stdlib.h>

#include <jansson.h>
#include <omp.h>

#include "mf/mem.h"
#include "recommend_private.h"

typedef struct crew {
    const rec_job *job;
    mf_scorer scorer;
    rec_desk *desk; /* [threads] */
} crew;

static void crew_close(crew *w)
{
    for (int t = 0; w->desk && t < w->scorer.threads; t++)
        rec_desk_close(&w->desk[t]);
    free(w->desk);
    mf_scorer_close(&w->scorer);
}

static int crew_open(crew *w, mf_err *err)
{
    size_t n = w->job->who.n;
    uint32_t users = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
    int code = mf_scorer_open(&w->scorer, &w->job->scored, users,
                              w->job->params->threads, err);
    if (code < 0)
        return code;
    w->desk = mf_new0((size_t)w->scorer.threads, sizeof *w->desk);
    if (!w->desk)
        return mf_nomem(err);
    for (int t = 0; code == MF_OK && t < w->scorer.threads; t++)
        code = rec_desk_open(&w->desk[t], w->job, err);
    return code;
}

/* Write the lists of a block of users to the page of `thread`. */
static int fill_page(const crew *w, int thread, uint32_t n, const uint32_t who[],
                     mf_err *err)
{
    const mf_rank_block *block = mf_scorer_users(&w->scorer, thread, n, who);
    rec_desk *desk = &w->desk[thread];
    int code = MF_OK;
    desk->page.n = 0;
    for (uint32_t j = 0; code == MF_OK && j < n; j++) {
        rec_list list;
        float *score = mf_rank_row(block, j);
        rec_score_hide(w->job, who[j], score);
        rec_score_temper(w->job, score);
        code = rec_choose(&list, w->job, desk, who[j], score,
                          mf_rank_personas(block, j), err);
        if (code == MF_OK && w->job->params->explain)
            code = rec_explain(&list, w->job, desk, err);
        if (code == MF_OK)
            code = rec_write(&desk->page, w->job, &list, err);
    }
    return code;
}

/* The error that is kept is that of the first block that failed. */
static int write_pages(const crew *w, mf_out *out, mf_err *err)
{
    const rec_who *who = &w->job->who;
    size_t blocks = (who->n + MF_RANK_USERS - 1) / MF_RANK_USERS;
    int result = MF_OK;
#pragma omp parallel for ordered num_threads(w->scorer.threads) schedule(dynamic)
    for (size_t b = 0; b < blocks; b++) {
        int stop, code = MF_OK, thread = omp_get_thread_num();
        mf_err own = {0};
        size_t lo = b * MF_RANK_USERS, left = who->n - lo;
        uint32_t n = left < MF_RANK_USERS ? (uint32_t)left : MF_RANK_USERS;
#pragma omp atomic read
        stop = result;
        if (stop == MF_OK)
            code = fill_page(w, thread, n, who->index + lo, &own);
#pragma omp ordered
        if (result == MF_OK) {
            const rec_page *page = &w->desk[thread].page;
            if (code == MF_OK)
                code = mf_out_write(out, page->text, page->n, &own);
            if (code < 0) {
                mf_fail(err, code, "%s", own.text);
#pragma omp atomic write
                result = code;
            }
            mf_report_progress(w->job->params->report, "users", lo + n, who->n);
        }
    }
    return result;
}

static void note_astray(const crew *w)
{
    uint64_t users = 0;
    for (int t = 0; w->desk && t < w->scorer.threads; t++)
        users += w->desk[t].astray;
    if (users)
        mf_report_note(w->job->params->report,
                       "the scores of %llu users are not what their cells add up to: "
                       "the users of this model were not solved with its items",
                       (unsigned long long)users);
}

int rec_write_all(const rec_job *job, mf_out *out, mf_err *err)
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
