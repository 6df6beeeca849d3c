#include "jobs/aggregate/tracks.h"

#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "data/ids.h"
#include "data/intern.h"

const char *const mf_level_names[] = {"artist", "song", NULL};

int mf__tracks_open(tracks *t, const mf_aggregate_params *params, mf_err *err)
{
    *t =
        (tracks){.by_song = params->level == MF_LEVEL_SONG, .rule = params->artist_key};
    mf_intern **const tables[] = {&t->accepted, &t->keys, &t->spellings};
    int code = mf__idtable_open(&t->songs, err);
    for (size_t i = 0; i < sizeof tables / sizeof *tables && code == MF_OK; i++)
        code = mf__intern_open(tables[i], err);
    return code;
}

void mf__tracks_close(tracks *t)
{
    mf__idtable_close(t->songs);
    mf__blocks_close(&t->list);
    mf__intern_close(t->accepted);
    mf__intern_close(t->keys);
    mf__intern_close(t->spellings);
    free(t->spelling);
    mf_artist_key_free(&t->key);
    mf_ids_free(&t->shown);
    *t = (tracks){0};
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

/* The song of the next line of such a list. The list of what is accepted is the output
 * of diff: its entries follow "< ", and lines between them say where they were ("9d8").
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
            return mf__lines_fail(lines, err, "line is no 'ERROR: <SONG TRACK> ...'");
        const char *blank = memchr(line.text, ' ', line.len);
        const char *close = memchr(line.text, '>', line.len);
        if (!blank || !close || close < blank || blank == line.text)
            return mf__lines_fail(lines, err, "no '<SONG TRACK>' after 'ERROR:'");
        *song = (mf_field){line.text, (size_t)(blank - line.text)};
        return 1;
    }
    return code;
}

int mf__tracks_read_accepted(tracks *t, mf_lines *lines, mf_err *err)
{
    int code;
    mf_field song;
    uint32_t number;
    while ((code = next_error_line(lines, &song, err)) == 1)
        if ((code = mf__intern_put(t->accepted, song.text, song.len, &number, err)) < 0)
            break;
    return code;
}

int mf__tracks_read_mismatches(tracks *t, mf_lines *lines, mf_err *err)
{
    int code;
    mf_field song;
    uint32_t number;
    const name *put;
    while ((code = next_error_line(lines, &song, err)) == 1) {
        if (mf__intern_find(t->accepted, song.text, song.len, &number))
            continue;
        uint64_t hash = mf__idtable_hash(t->songs, song.text, song.len);
        if ((code = mf__idtable_put(t->songs, song.text, song.len, hash, SONG_MISMATCH,
                                    &put, err)) < 0)
            break;
    }
    return code;
}

/* --- the track list --- */

/* Count a line with this spelling of an artist. Sets the number of the artist. */
static int note_spelling(tracks *t, mf_field text, uint32_t *artist, mf_err *err)
{
    uint32_t number, before = mf__intern_ids(t->spellings)->n;
    int code = mf__intern_put(t->spellings, text.text, text.len, &number, err);
    if (code < 0)
        return code;
    if (number == before) {
        if (mf__reserve(&t->spelling, &t->spelling_cap, (size_t)before + 1,
                        sizeof *t->spelling, err) < 0)
            return MF_ENOMEM;
        t->spelling[number] = (struct tracks_spelling){0, 0};
        if ((code = mf_artist_key_make(&t->key, t->rule, text.text, text.len, err)) <
                0 ||
            (code = mf__intern_put(t->keys, t->key.text, t->key.len,
                                   &t->spelling[number].artist, err)) < 0)
            return code;
    }
    if (t->spelling[number].entries < UINT32_MAX)
        t->spelling[number].entries++;
    *artist = t->spelling[number].artist;
    return MF_OK;
}

/* For each artist the spelling of most lines; of equal ones, the first by bytes. */
static int choose_shown(tracks *t, mf_err *err)
{
    const mf_ids *all = mf__intern_ids(t->spellings);
    uint32_t artists = mf__intern_ids(t->keys)->n;
    uint32_t *best = mf__new(artists, sizeof *best);
    if (!best)
        return mf__nomem(err);
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
                (has == had && mf__id_compare(new, new_len, old, old_len) > 0))
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

int mf__tracks_put(tracks *t, lookup *song, mf_field artist, mf_err *err)
{
    uint32_t number = 0;
    size_t before = mf__idtable_count(t->songs);
    int code = t->by_song ? MF_OK : note_spelling(t, artist, &number, err);
    if (code == MF_OK)
        code = mf__idtable_put(t->songs, song->text, song->len, song->hash, number,
                               &song->found, err);
    if (code == MF_OK && mf__idtable_count(t->songs) == before)
        t->repeated += song->found->value != SONG_MISMATCH;
    return code;
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

/* Artists rank by the bytes of the spelling that is shown. */
static int rank_artists(tracks *t, mf_ids *items, mf_err *err)
{
    uint32_t *order = NULL, *rank = NULL;
    int code = choose_shown(t, err);
    if (code == MF_OK && !(rank = mf__new(t->shown.n, sizeof *rank)))
        code = mf__nomem(err);
    if (code == MF_OK)
        code = mf__ids_sort(&t->shown, &order, err);
    for (uint32_t r = 0; code == MF_OK && r < t->shown.n; r++)
        rank[order[r]] = r;
    if (code == MF_OK)
        code = sorted_ids(items, &t->shown, order, err);
    if (code == MF_OK)
        mf__idtable_map(t->songs, rank, false);
    free(order);
    free(rank);
    return code;
}

static int rank_songs(tracks *t, mf_ids *items, mf_err *err)
{
    const name **order = NULL;
    uint32_t *rank = NULL;
    int code = mf__idtable_sort(t->songs, &order, &rank, err);
    for (size_t r = 0; code == MF_OK && r < mf__idtable_count(t->songs); r++)
        code = mf_ids_append(items, order[r]->text, order[r]->len, err);
    if (code == MF_OK)
        mf__idtable_map(t->songs, rank, true);
    free(order);
    free(rank);
    return code;
}

int mf__tracks_finish(tracks *t, idtable **songs, mf_ids *items, mf_err *err)
{
    int code = MF_OK;
    if (t->listed)
        code = t->by_song ? rank_songs(t, items, err) : rank_artists(t, items, err);
    *songs = t->songs;
    t->songs = NULL;
    return code;
}
