/* jobs/aggregate/tracks.h - which item a song belongs to.
 *
 * Filled in this order: what is accepted, the mismatches, the track list. A
 * song is told by its id; items are numbered in order of appearance. */
#ifndef JOBS_AGGREGATE_TRACKS_H
#define JOBS_AGGREGATE_TRACKS_H

#include "data/blocks.h"
#include "data/idtable.h"
#include "data/intern.h"
#include "mf/aggregate.h"
#include "mf/ratings.h"

/* The value of a song that is no item. */
static const uint32_t SONG_MISMATCH = UINT32_MAX;

typedef struct tracks {
    bool by_song; /* items are songs */
    bool listed;  /* there is a track list: a song outside it is unknown */
    mf_artist_rule rule;

    idtable *songs; /* every song seen in a list; its value is the number of the
                       artist, or SONG_MISMATCH */
    blocks list;    /* the track list, after it was read: its lines' digest */
    mf_in *file;    /* it; borrowed */

    mf_intern *accepted;
    mf_intern *keys;      /* by artist: its key */
    mf_intern *spellings; /* as they stand in the track list */
    struct tracks_spelling {
        uint32_t artist, entries;
    } * spelling; /* [spellings] */
    size_t spelling_cap;
    mf_artist_key key;

    mf_ids shown; /* at artist level: the spelling shown for each item */

    uint64_t lines, repeated; /* of the track list; lines whose song was there before */
} tracks;

/* An empty table. On failure, and after use, mf__tracks_close. */
int mf__tracks_open(tracks *t, const mf_aggregate_params *params,
                    mf_err *err) MF_MUST_USE;
void mf__tracks_close(tracks *t);

int mf__tracks_read_accepted(tracks *t, mf_lines *lines, mf_err *err) MF_MUST_USE;
int mf__tracks_read_mismatches(tracks *t, mf_lines *lines, mf_err *err) MF_MUST_USE;
int mf__tracks_read_list(tracks *t, mf_in *in, int threads, mf_err *err) MF_MUST_USE;

/* The next line of the track list, whose song was looked for. */
int mf__tracks_put(tracks *t, lookup *song, mf_field artist, mf_err *err) MF_MUST_USE;

/* When all is read: the songs, each with the rank of its item as value, or
 * SONG_MISMATCH; and the ids of the items in the order of their bytes, which are the
 * ranks. Without a track list there are no items yet. Both are the caller's. */
int mf__tracks_finish(tracks *t, idtable **songs, mf_ids *items,
                      mf_err *err) MF_MUST_USE;

#endif
