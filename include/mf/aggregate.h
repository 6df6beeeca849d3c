/* mf/aggregate.h - from Taste Profile triplets to a bundle of counts.
 *
 * Lines user TAB song TAB count are joined to items through the Million Song
 * Dataset's track list, and the counts of each (user, item) are summed. Items
 * are artists, their spellings merged by mf/artist_key.h, or songs. The result
 * is a bundle with u32 values; it does not depend on the order of the triplets
 * or on how they are spread over files, nor on threads and memory. Lines are
 * parsed in parallel, block by block. What does not fit in `memory` goes to
 * sorted temporary files, which are merged at the end; the ids of users, songs and
 * artists stay in memory. */
#ifndef MF_AGGREGATE_H
#define MF_AGGREGATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/artist_key.h"
#include "mf/io.h"

MF_BEGIN_DECLS

typedef enum mf_level { MF_LEVEL_ARTIST, MF_LEVEL_SONG } mf_level;

/* "artist", "song", NULL. */
extern const char *const mf_level_names[];

typedef struct mf_aggregate_params {
    mf_level level;
    mf_artist_rule artist_key;
    uint32_t min_artists; /* items that a user must have; at least 1 */
    /* users that an item must have; at least 1. Items are dropped before users */
    uint32_t min_listeners;
    bool core;              /* repeat both until they hold together */
    bool unknown_is_error;  /* a song that is not in the track list ends the run */
    uint32_t shard, shards; /* users of shard 1 .. shards only */
    int threads;            /* 0: all */
    size_t memory;          /* bytes to keep within, if ids leave room; 0: half of
                               the machine's memory */
    const char *tmpdir;     /* for temporary files, which have no name; NULL: TMPDIR
                               of the environment, or /tmp */
} mf_aggregate_params;

/* Artist level, fold, 2 artists, 1 listener, one pass, one shard. */
mf_aggregate_params mf_aggregate_defaults(void);

/* Are the parameters in range and do they go together? MF_OK or MF_EINVAL. */
int mf_aggregate_check(const mf_aggregate_params *params, mf_err *err) MF_MUST_USE;

/* What is read and written; all borrowed. */
typedef struct mf_aggregate_io {
    mf_in *tracks;        /* track <SEP> song <SEP> artist <SEP> title; NULL: every song
                             is known, at song level */
    mf_lines *mismatches; /* songs to leave out, or NULL */
    mf_lines *accepted;   /* songs of `mismatches` to keep after all, or NULL */
    mf_in **triplets;     /* [files] */
    size_t files;
    mf_out *out;   /* the bundle */
    mf_out *stats; /* or NULL: the account of the lines as JSON, flushed before
                      the first byte of the bundle */
} mf_aggregate_io;

/* The whole job. Nothing is written to `out` before all input is read. Returns
 * MF_OK, MF_EINVAL, MF_EFORMAT (with file and line; or nothing is left of the
 * input), MF_ERANGE (the counts of a user and item sum to more than 2^32 - 1),
 * MF_EIO or MF_ENOMEM. */
int mf_aggregate_run(const mf_aggregate_io *io, const mf_aggregate_params *params,
                     const mf_report *report, mf_err *err) MF_MUST_USE;

MF_END_DECLS

#endif
