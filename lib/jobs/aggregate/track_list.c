/* All threads check blocks of lines and cut them into fields; the lines of a block go
 * into the tables in its turn, because of the lines of a song the first counts. */
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/limits.h"
#include "base/mem.h"
#include "data/ids.h"
#include "data/text.h"
#include "jobs/aggregate/tracks.h"

enum { BLOCK = MF_BUFFER };

/* The blocks' turns to go into the tables. */
typedef struct turns {
    pthread_mutex_t lock;
    pthread_cond_t passed;
    size_t next; /* number of the block */
} turns;

/* What a thread has to itself. */
typedef struct list_reader {
    text_block block;
    lookup *song;     /* [n], of each line; and */
    mf_field *artist; /* [n] */
    size_t n, song_cap, artist_cap;
    uint64_t digest;
} list_reader;

static int take_line(list_reader *r, const char *text, size_t len, bool by_song,
                     mf_err *err)
{
    mf_field field[4]; /* track, song, artist, title */
    const char *fault;
    int code = mf__blocks_check_line(text, len, err);
    if (code < 0)
        return code;
    if (mf__text_split((mf_field){text, len}, "<SEP>", field, 4) != 4)
        return mf_fail(err, MF_EFORMAT,
                       "line has not the four fields "
                       "track<SEP>song<SEP>artist<SEP>title");
    if ((fault = mf__id_fault(field[1].text, field[1].len)))
        return mf_fail(err, MF_EFORMAT, "song id %s", fault);
    if (!by_song && (fault = mf__id_fault(field[2].text, field[2].len)))
        return mf_fail(err, MF_EFORMAT, "artist name %s", fault);
    if (mf__reserve(&r->song, &r->song_cap, r->n + 1, sizeof *r->song, err) < 0 ||
        mf__reserve(&r->artist, &r->artist_cap, r->n + 1, sizeof *r->artist, err) < 0)
        return MF_ENOMEM;
    r->song[r->n] = (lookup){.text = field[1].text, .len = field[1].len};
    r->artist[r->n++] = field[2];
    r->digest += XXH3_64bits(text, len);
    return MF_OK;
}

static int take_block(list_reader *r, bool by_song, mf_err *err)
{
    int code = MF_OK;
    const char *at = r->block.text, *end = at + r->block.len;
    r->n = 0;
    r->digest = 0;
    while (at < end && code == MF_OK) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((feed ? feed : end) - at);
        const char *next = at + len + (feed != NULL);
        if (len > 0 && at[len - 1] == '\r')
            len--;
        code = take_line(r, at, len, by_song, err);
        at = next;
    }
    return code;
}

static int put_block(tracks *t, list_reader *r, mf_err *err)
{
    enum { TOGETHER = 64 };
    int code = MF_OK;
    for (size_t from = 0, n; from < r->n && code == MF_OK; from += n) {
        n = r->n - from < TOGETHER ? r->n - from : TOGETHER;
        mf__idtable_find_all(t->songs, r->song + from, n);
        for (size_t i = from; i < from + n && code == MF_OK; i++)
            code = mf__tracks_put(t, &r->song[i], r->artist[i], err);
    }
    return code;
}

static void wait_turn(turns *w, size_t number)
{
    pthread_mutex_lock(&w->lock);
    while (w->next != number)
        pthread_cond_wait(&w->passed, &w->lock);
    pthread_mutex_unlock(&w->lock);
}

static void pass_turn(turns *w)
{
    pthread_mutex_lock(&w->lock);
    w->next++;
    pthread_cond_broadcast(&w->passed);
    pthread_mutex_unlock(&w->lock);
}

/* Read blocks to the end, or to a failure; mf__blocks_result says which. */
static void read_blocks(tracks *t, turns *w)
{
    list_reader r = {0};
    while (mf__blocks_next(&t->list, &r.block) == 1) {
        mf_err err = {0};
        int code = take_block(&r, t->by_song, &err);
        uint64_t line = code == MF_EFORMAT ? r.n + 1 : 0;
        wait_turn(w, r.block.number);
        if (code == MF_OK)
            code = put_block(t, &r, &err);
        if (code == MF_OK)
            mf__blocks_done(&t->list, &r.block, (uint32_t)r.n, r.digest);
        else
            mf__blocks_fail(&t->list, &r.block, line, &err);
        pass_turn(w);
    }
    mf__text_block_free(&r.block);
    free(r.song);
    free(r.artist);
}

int mf__tracks_read_list(tracks *t, mf_in *in, int threads, mf_err *err)
{
    turns w = {.next = 0};
    t->file = in;
    int code = mf__blocks_open(&t->list, &t->file, 1, BLOCK, err);
    if (code < 0)
        return code;
    t->listed = true;
    pthread_mutex_init(&w.lock, NULL);
    pthread_cond_init(&w.passed, NULL);
#pragma omp parallel num_threads(threads)
    read_blocks(t, &w);
    pthread_cond_destroy(&w.passed);
    pthread_mutex_destroy(&w.lock);
    t->lines = mf__blocks_lines(&t->list);
    return mf__blocks_result(&t->list, err);
}
