/* jobs/aggregate/tracks.h - which item a song belongs to.
 *
 * Read in this order: the songs that are accepted, the mismatches, the track list.
 * Artists are numbered as they appear in it. */
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

    idtable *songs; /* every song of a list; its value is the number of the artist, or
                       SONG_MISMATCH */
    mf_in *file;    /* the track list; borrowed */
    blocks list;    /* its blocks; once it is read, the digest of its lines */

    mf_intern *accepted;
    mf_intern *keys;      /* by artist: its key */
    mf_intern *spellings; /* of artists, as in the track list */
    struct tracks_spelling {
        uint32_t artist, entries;
    } * spelling; /* [spellings] */
    size_t spelling_cap;
    mf_artist_key key;

    mf_ids shown; /* at artist level: the spelling shown for each item */

    uint64_t lines, repeated; /* of the track list; those whose song had come before */
} tracks;

/* An empty table. Close it after use, and after a failure too. */
int mf__tracks_open(tracks *t, const mf_aggregate_params *params,
                    mf_err *err) MF_MUST_USE;
void mf__tracks_close(tracks *t);

int mf__tracks_read_accepted(tracks *t, mf_lines *lines, mf_err *err) MF_MUST_USE;
int mf__tracks_read_mismatches(tracks *t, mf_lines *lines, mf_err *err) MF_MUST_USE;
int mf__tracks_read_list(tracks *t, mf_in *in, int threads, mf_err *err) MF_MUST_USE;

/* Put the next line of the track list; its song has been looked up. */
int mf__tracks_put(tracks *t, lookup *song, mf_field artist, mf_err *err) MF_MUST_USE;

/* When all is read: the songs, the value of each being the rank of its item or
 * SONG_MISMATCH, and the ids of the items by rank, which is the order of their bytes.
 * Both are the caller's. Without a track list there are no items yet. */
int mf__tracks_finish(tracks *t, idtable **songs, mf_ids *items,
                      mf_err *err) MF_MUST_USE;

#endif
