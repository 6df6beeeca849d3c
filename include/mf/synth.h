/* mf/synth.h - a data set in the Million Song Dataset's own file formats, with
 * planted personas.
 *
 * Artists have a unit vector near one of `factors` axes and a popularity that
 * falls with their rank r like (r + c artists)^-s. Each user has `personas`
 * tastes, orthogonal unit vectors near different axes, and a log-normal number of
 * artists. Each artist of a user is chosen by one persona, in proportion to
 * popularity times exp(b <taste, artist>), without replacement. Songs of an
 * artist and plays of a song are skewed as in the original.
 *
 * s, c, b and the defaults are set so that the result, aggregated, is like the
 * first 42,739 lines of a well-known excerpt of the Taste Profile in size, artists
 * of a user, Gini index of the artists' popularity, and the ndcg@100 of
 * recommending what is popular.
 *
 * Each user has a random generator of their own: the first users of a larger set
 * are those of a smaller one, and threads change nothing. The artists are held in
 * memory, the users are not. */
#ifndef MF_SYNTH_H
#define MF_SYNTH_H

#include <stdint.h>

#include "mf/io.h"

MF_BEGIN_DECLS

typedef struct mf_synth_params {
    uint32_t users, artists;
    double songs_per_artist; /* mean; 1 .. 1000 */
    uint32_t personas;       /* of each user; at most factors */
    uint32_t factors;        /* at most 64 */
    double artists_per_user; /* mean of the log-normal; 1 .. 100000 */
    uint64_t seed;
    int threads; /* 0: all */
} mf_synth_params;

mf_synth_params mf_synth_defaults(void);

/* Are the parameters in range and do they go together? MF_OK or MF_EINVAL. */
int mf_synth_check(const mf_synth_params *params, mf_err *err) MF_MUST_USE;

/* Where the files go; all borrowed. */
typedef struct mf_synth_io {
    mf_out *tracks;   /* track <SEP> song <SEP> artist <SEP> title */
    mf_out *triplets; /* user TAB song TAB plays; the lines of a user are contiguous */
    mf_out *truth;    /* user TAB artist TAB persona (from 0), or NULL */
} mf_synth_io;

/* Write all files; the outputs are flushed. Returns MF_OK, MF_EINVAL, MF_ERANGE
 * (more than 2^28 songs), MF_EIO or MF_ENOMEM. */
int mf_synth_run(const mf_synth_io *io, const mf_synth_params *params,
                 const mf_report *report, mf_err *err) MF_MUST_USE;

MF_END_DECLS

#endif
