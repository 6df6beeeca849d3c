#include "tracks.h"

#include <stdlib.h>
#include <string.h>

#include "mf/mem.h"

/* In tracks.item, where it is no item. */
static const uint32_t MISMATCH = UINT32_MAX, OUTSIDE = UINT32_MAX - 1;

int tracks_open(tracks *t, const mf_aggregate_params *params, mf_err *err)
{
    *t =
        (tracks){.by_song = params->level == MF_LEVEL_SONG, .rule = params->artist_key};
    mf_intern **const tables[] = {&t->songs, &t->accepted, &t->keys, &t->spellings};
    int code = MF_OK;
    for (size_t i = 0; i < sizeof tables / sizeof *tables && code == MF_OK; i++)
        code = mf_intern_open(tables[i], err);
    return code;
}

void tracks_close(tracks *t)
{
    mf_intern_close(t->songs);
    mf_intern_close(t->accepted);
    mf_intern_close(t->keys);
    mf_intern_close(t->spellings);
    free(t->item);
    free(t->spelling);
    mf_artist_key_free(&t->key);
    mf_ids_free(&t->shown);
    *t = (tracks){0};
}

/* The number of a song and whether it is new. A new one is OUTSIDE. */
static int song_number(tracks *t, mf_field song, uint32_t *number, bool *is_new,
                       mf_err *err)
{
    uint32_t before = mf_intern_ids(t->songs)->n;
    int code = mf_intern_put(t->songs, song.text, song.len, number, err);
    if (code < 0)
        return code;
    *is_new = *number == before;
    if (*is_new) {
        if (*number >= OUTSIDE)
            return mf_fail(err, MF_ERANGE, "more than 4294967294 songs");
        code = mf_reserve(&t->item, &t->item_cap, (size_t)before + 1, sizeof *t->item,
                          err);
        if (code == MF_OK)
            t->item[before] = OUTSIDE;
    }
    return code;
}

/* --- lists of errors in the matching of songs to tracks --- */

static bool skip_text(mf_field *line, const char *text)
{
    size_t len = strlen(text);
    if (line->len < len || memcmp(line->text, text, len) != 0)
        return false;
    line->text += len;
    line->len -= len;
    return true;
}

static bool all_of(mf_field line, const char *set)
{
    for (size_t i = 0; i < line.len; i++)
        if (!strchr(set, line.text[i]))
            return false;
    return true;
}

/* The song of the next line of such a list. The list of what was accepted is
 * the output of diff: entries behind "< ", between them where they were ("9d8").
 * Returns as mf_lines_next. */
static int next_error_line(mf_lines *lines, mf_field *song, mf_err *err)
{
    int code;
    mf_field line;
    while ((code = mf_lines_next(lines, &line, err)) == 1) {
        if (all_of(line, " \t") || all_of(line, "0123456789,acd") || all_of(line, "-"))
            continue;
        skip_text(&line, "< ");
        if (!skip_text(&line, "ERROR: <"))
            return mf_lines_fail(lines, err, "line is no 'ERROR: <SONG TRACK> ...'");
        const char *blank = memchr(line.text, ' ', line.len);
        const char *close = memchr(line.text, '>', line.len);
        if (!blank || !close || close < blank || blank == line.text)
            return mf_lines_fail(lines, err, "no '<SONG TRACK>' after 'ERROR:'");
        *song = (mf_field){line.text, (size_t)(blank - line.text)};
        return 1;
    }
    return code;
}

int tracks_read_accepted(tracks *t, mf_lines *lines, mf_err *err)
{
    int code;
    mf_field song;
    uint32_t number;
    while ((code = next_error_line(lines, &song, err)) == 1)
        if ((code = mf_intern_put(t->accepted, song.text, song.len, &number, err)) < 0)
            break;
    return code;
}

int tracks_read_mismatches(tracks *t, mf_lines *lines, mf_err *err)
{
    int code;
    mf_field song;
    uint32_t number;
    bool is_new;
    while ((code = next_error_line(lines, &song, err)) == 1) {
        if (mf_intern_find(t->accepted, song.text, song.len, &number))
            continue;
        if ((code = song_number(t, song, &number, &is_new, err)) < 0)
            break;
        t->item[number] = MISMATCH;
    }
    return code;
}

/* --- the track list --- */

/* Count an entry for this spelling of an artist. Sets the artist's number. */
static int note_spelling(tracks *t, mf_field text, uint32_t *artist, mf_err *err)
{
    uint32_t number, before = mf_intern_ids(t->spellings)->n;
    int code = mf_intern_put(t->spellings, text.text, text.len, &number, err);
    if (code < 0)
        return code;
    if (number == before) {
        if (mf_reserve(&t->spelling, &t->spelling_cap, (size_t)before + 1,
                       sizeof *t->spelling, err) < 0)
            return MF_ENOMEM;
        t->spelling[number] = (struct tracks_spelling){0, 0};
        if ((code = mf_artist_key_make(&t->key, t->rule, text.text, text.len, err)) <
                0 ||
            (code = mf_intern_put(t->keys, t->key.text, t->key.len,
                                  &t->spelling[number].artist, err)) < 0)
            return code;
    }
    if (t->spelling[number].entries < UINT32_MAX)
        t->spelling[number].entries++;
    *artist = t->spelling[number].artist;
    return MF_OK;
}

/* For each artist the spelling with most entries; of equals, the first by
 * bytes. */
static int choose_shown(tracks *t, mf_err *err)
{
    const mf_ids *all = mf_intern_ids(t->spellings);
    uint32_t artists = mf_intern_ids(t->keys)->n;
    uint32_t *best = mf_new(artists, sizeof *best);
    if (!best)
        return mf_nomem(err);
    for (uint32_t a = 0; a < artists; a++)
        best[a] = UINT32_MAX;
    for (uint32_t s = 0; s < all->n; s++) {
        uint32_t *b = &best[t->spelling[s].artist];
        if (*b != UINT32_MAX) {
            size_t old_len, new_len;
            const char *old = mf_ids_get(all, *b, &old_len);
            const char *new = mf_ids_get(all, s, &new_len);
            uint32_t had = t->spelling[*b].entries, has = t->spelling[s].entries;
            if (has < had ||
                (has == had && mf_id_compare(new, new_len, old, old_len) > 0))
                continue;
        }
        *b = s;
    }
    int code = MF_OK;
    for (uint32_t a = 0; a < artists && code == MF_OK; a++) {
        size_t len;
        const char *best_text = mf_ids_get(all, best[a], &len);
        code = mf_ids_append(&t->shown, best_text, len, err);
    }
    free(best);
    return code;
}

static int read_track(tracks *t, mf_lines *lines, mf_field line, mf_err *err)
{
    mf_field field[4]; /* track, song, artist, title */
    if (mf_text_split(line, "<SEP>", field, 4) != 4)
        return mf_lines_fail(lines, err,
                             "line has not the four fields "
                             "track<SEP>song<SEP>artist<SEP>title");
    const char *fault = mf_id_fault(field[1].text, field[1].len);
    if (fault)
        return mf_lines_fail(lines, err, "song id %s", fault);
    uint32_t song, artist = 0;
    bool is_new;
    int code = song_number(t, field[1], &song, &is_new, err);
    if (code < 0)
        return code;
    if (!t->by_song) {
        if ((fault = mf_id_fault(field[2].text, field[2].len)))
            return mf_lines_fail(lines, err, "artist name %s", fault);
        if ((code = note_spelling(t, field[2], &artist, err)) < 0)
            return code;
    }
    if (t->item[song] == OUTSIDE)
        t->item[song] = t->by_song ? song : artist;
    else if (t->item[song] != MISMATCH)
        t->repeated++;
    return MF_OK;
}

int tracks_read_list(tracks *t, mf_lines *lines, mf_err *err)
{
    int code;
    mf_field line;
    t->listed = true;
    while ((code = mf_lines_next(lines, &line, err)) == 1) {
        t->lines++;
        if ((code = read_track(t, lines, line, err)) < 0)
            return code;
    }
    return code < 0 || t->by_song ? code : choose_shown(t, err);
}

/* --- for the triplets --- */

/* The ids in this order. */
static int sorted_ids(mf_ids *out, const mf_ids *ids, const uint32_t order[],
                      mf_err *err)
{
    int code = MF_OK;
    for (uint32_t r = 0; r < ids->n && code == MF_OK; r++) {
        size_t len;
        const char *id = mf_ids_get(ids, order[r], &len);
        code = mf_ids_append(out, id, len, err);
    }
    return code;
}

/* Put each song with its value; rank[item], where items have ranks. */
static int put_songs(const tracks *t, idtable *songs, const uint32_t rank[],
                     int threads, mf_err *err)
{
    enum { BATCH = 64 };
    const mf_ids *ids = mf_intern_ids(t->songs);
    int code = MF_OK;
#pragma omp parallel for num_threads(threads) schedule(dynamic, 16) reduction(min      \
                                                                              : code)
    for (uint32_t first = 0; first < ids->n; first += BATCH) {
        lookup song[BATCH];
        uint32_t n = ids->n - first < BATCH ? ids->n - first : BATCH;
        for (uint32_t i = 0; i < n; i++)
            song[i].text = mf_ids_get(ids, first + i, &song[i].len);
        idtable_find_all(songs, song, n);
        for (uint32_t i = 0; i < n; i++) {
            uint32_t item = t->item[first + i];
            if (item == OUTSIDE)
                continue;
            int put = idtable_put(songs, song[i].text, song[i].len, song[i].hash,
                                  item == MISMATCH ? SONG_MISMATCH : rank[item],
                                  &song[i].found, NULL);
            code = put < code ? put : code;
        }
    }
    return code == MF_ENOMEM ? mf_nomem(err)
           : code < 0        ? mf_fail(err, code, "too many songs in the track list")
                             : MF_OK;
}

int tracks_finish(tracks *t, idtable **songs, mf_ids *items, int threads, mf_err *err)
{
    static const mf_ids none = {0};
    const mf_ids *ids = !t->listed   ? &none
                        : t->by_song ? mf_intern_ids(t->songs)
                                     : &t->shown;
    uint32_t *order = NULL, *rank = mf_new(ids->n, sizeof *rank);
    int code = rank ? mf_ids_sort(ids, &order, err) : mf_nomem(err);
    for (uint32_t r = 0; code == MF_OK && r < ids->n; r++)
        rank[order[r]] = r;
    if (code == MF_OK)
        code = sorted_ids(items, ids, order, err);
    if (code == MF_OK)
        code = idtable_open(songs, err);
    if (code == MF_OK)
        code = put_songs(t, *songs, rank, threads, err);
    free(order);
    free(rank);
    mf_intern_close(t->songs); /* of no more use, and large */
    t->songs = NULL;
    return code;
}
