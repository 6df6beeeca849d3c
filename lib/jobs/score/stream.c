/* Threads take blocks of lines as they come, and put out what they made when its turn
 * has come: each waits for the one before, which waits for no later one. */
#include "jobs/score/stream.h"

#include <stdlib.h>
#include <string.h>

#include <omp.h>
#include <pthread.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/par.h"
#include "base/report.h"
#include "data/nearest.h"
#include "jobs/score/lines.h"

/* Some six thousand lines: two threads' text and page stay in their caches. */
enum { BLOCK_BYTES = MF_BUFFER };

/* Of one thread. */
typedef struct seat {
    score_lines *lines;
    text_block block;
    page page;
    score_found found;
} seat;

typedef struct stream {
    const score_job *job;
    score_places places;
    mf_out *out; /* borrowed */
    blocks blocks;
    seat *seat; /* [threads] */
    int threads;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t turned;
    size_t turn; /* number of the block that is put out next */
    bool failed; /* then nothing is put out any more */
    score_found all;
} stream;

static int open_stream(stream *s, mf_in **pairs, mf_err *err)
{
    int code = mf__blocks_open(&s->blocks, pairs, 1, BLOCK_BYTES, err);
    if (code == MF_OK && !(s->seat = mf__new0((size_t)s->threads, sizeof *s->seat)))
        code = mf__nomem(err);
    for (int t = 0; code == MF_OK && t < s->threads; t++)
        code = mf__score_lines_open(&s->seat[t].lines, s->job, &s->places, err);
    return code;
}

static void close_stream(stream *s)
{
    for (int t = 0; s->seat && t < s->threads; t++) {
        mf__score_lines_close(s->seat[t].lines);
        mf__text_block_free(&s->seat[t].block);
        mf__page_free(&s->seat[t].page);
    }
    free(s->seat);
    mf__blocks_close(&s->blocks);
    pthread_cond_destroy(&s->turned);
    pthread_mutex_destroy(&s->lock);
}

/* Add what a later block found. */
static void add_found(score_found *to, const score_found *from)
{
    if (to->strangers == 0)
        to->first_stranger = from->first_stranger;
    to->lines += from->lines;
    to->strangers += from->strangers;
    mf__few_join(&to->users, &from->users);
    mf__few_join(&to->items, &from->items);
}

/* Put a block out when its turn has come, unless one before has failed. */
static void put_block(stream *s, seat *own, bool whole)
{
    mf_err err = {0};
    pthread_mutex_lock(&s->lock);
    while (s->turn != own->block.number)
        pthread_cond_wait(&s->turned, &s->lock);
    if (!s->failed && whole && mf__page_write(&own->page, s->out, &err) < 0) {
        mf__blocks_fail(&s->blocks, &own->block, 0, &err);
        whole = false;
    }
    s->failed |= !whole;
    if (!s->failed)
        add_found(&s->all, &own->found);
    s->turn++;
    pthread_cond_broadcast(&s->turned);
    pthread_mutex_unlock(&s->lock);
}

static void work_block(stream *s, seat *own)
{
    mf_err err = {0};
    uint64_t bad;
    bool whole = mf__score_lines_block(own->lines, &own->block, &own->page, &own->found,
                                       &bad, &err) == MF_OK;
    if (whole)
        mf__blocks_done(&s->blocks, &own->block, (uint32_t)own->found.lines, 0);
    else
        mf__blocks_fail(&s->blocks, &own->block, bad, &err);
    put_block(s, own, whole);
}

/* The first block, whose first line says what all threads have to know. */
static void begin_with_header(stream *s, seat *own)
{
    mf_err err = {0};
    if (!mf__blocks_next(&s->blocks, &own->block))
        return;
    if (mf__score_header(mf__score_lines_first(&own->block), &s->places, &err) < 0)
        mf__blocks_fail(&s->blocks, &own->block, 1, &err);
    else
        work_block(s, own);
}

static void work(stream *s, seat *own)
{
    while (mf__blocks_next(&s->blocks, &own->block))
        work_block(s, own);
}

static void say_left_out(const score_job *job, const mf_few *few, const char *what)
{
    if (few->n)
        mf__report_warn(job->params->report,
                        "lines of %s that are not in %s, left out: %llu (%s%s)", what,
                        job->name, (unsigned long long)few->n, few->text,
                        mf__few_more(few));
}

static void say_strangers(const score_job *job, const score_found *found)
{
    char whose[64] = "";
    size_t len;
    if (found->strangers == 0)
        return;
    const char *id = mf_ids_get(&job->model.ratings.users, found->first_stranger, &len);
    const char *instead = job->scored.items->bias ? "the score is by the items' biases"
                          : job->listeners
                              ? "the score is how many listeners the item has"
                              : "the score is 0";
    if (job->params->persona)
        mf__snprintf(whose, sizeof whose, "persona %u of ", job->params->persona);
    mf__report_warn(job->params->report,
                    "lines of users of whom the model knows nothing: %llu (the first "
                    "is %s'%.*s'); there, %s, and the persona 0",
                    (unsigned long long)found->strangers, whose,
                    mf__nearest_clip(id, len, 76), id, instead);
}

int mf__score_stream(const score_job *job, mf_in *pairs, mf_out *out, mf_err *err)
{
    mf_in *files[] = {pairs};
    stream s = {.job = job,
                .places = SCORE_PLACES,
                .out = out,
                .threads = mf__par_threads(job->params->threads),
                .lock = PTHREAD_MUTEX_INITIALIZER,
                .turned = PTHREAD_COND_INITIALIZER};
    int code = open_stream(&s, files, err);
    if (code == MF_OK) {
        if (job->params->header)
            begin_with_header(&s, &s.seat[0]);
#pragma omp parallel num_threads(s.threads)
        work(&s, &s.seat[omp_get_thread_num()]);
        code = mf__blocks_result(&s.blocks, err);
    }
    if (code == MF_OK) {
        say_left_out(job, &s.all.users, "users");
        say_left_out(job, &s.all.items, "items");
        say_strangers(job, &s.all);
    }
    close_stream(&s);
    return code;
}
